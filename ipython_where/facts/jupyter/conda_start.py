"""The interpreter behind a kernelspec that starts its kernel in a conda environment: by `conda run`, or by nb_conda_kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from ipython_where.facts.interpreters.pyvenv_cfg import is_python_name
from ipython_where.judge.commands.conda_line import parse_conda
from ipython_where.judge.commands.shell.expansion import Field

_CONDAS = ("conda", "mamba", "micromamba")
_RUNNER = ("-m", "nb_conda_kernels.runner")


def is_conda_start(argv: Sequence[str]) -> bool:
    """Whether a kernelspec's command starts another one in a conda environment."""
    return tuple(argv[1:3]) == _RUNNER or (_name(argv[0]) in _CONDAS and "run" in argv)


def conda_start(argv: Sequence[str], is_file: Callable[[str], bool]) -> str | None:
    """The Python that it starts; None if that isn't certain."""
    if tuple(argv[1:3]) == _RUNNER:  # then conda's prefix, the environment's, and the command as it is written there
        return _python(argv[5], argv[4], is_file) if len(argv) > 5 else None
    line, started = parse_conda(tuple(map(Field, argv[1:])))
    prefix = line.options.get("--prefix") or _named(argv[0], line.options.get("--name"))
    program = started[0].text if line.command == "run" and started and line.is_sure else None
    return _python(program, prefix, is_file) if program and prefix else None


def _named(program: str, name: str | None) -> str | None:
    """The environment of a name below the installation whose program it is; None if it isn't there."""
    if not name or not os.path.isabs(program):
        return None
    root = os.path.dirname(os.path.dirname(program))
    prefix = root if name in ("base", "root") else os.path.join(root, "envs", name)
    return prefix if os.path.isdir(prefix) else None


def _python(program: str, prefix: str, is_file: Callable[[str], bool]) -> str | None:
    """A Python by its path, or the one that the environment has first on its PATH."""
    if not is_python_name(os.path.basename(program)) or "{" in program:
        return None
    if os.path.isabs(program):
        return program
    found = os.path.join(prefix, "bin", program)
    return found if os.path.dirname(program) == "" and is_file(found) else None


def _name(program: str) -> str:
    return os.path.basename(program).removesuffix(".exe")
