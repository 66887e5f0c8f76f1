"""Finds the other environments on this machine where tools and users put them, starting no interpreter."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ipython_where.facts.files import JSON_LIMIT, list_directory, read_text
from ipython_where.facts.jupyter.jupyter_paths import kernel_directories
from ipython_where.facts.jupyter.kernelspec import parse_spec
from ipython_where.folders import upward
from ipython_where.runner import Deadline

from .candidates import Candidate, Environments, candidate, prefix_of
from .conda_environments import conda_environments
from .project_environments import project_environments

_USUAL_VENVS = (".venv", "venv", ".env", "env")
_MANY = 500
"""A folder with more entries than this probably holds data, and checking each one costs more than it finds."""


def find_environments(
    *, environ: Mapping[str, str], cwd: str, home: str | None, kernel_prefix: str, deadline: Deadline | None = None
) -> Environments:
    """The environments this user is likely to know, nearest first, each once, without the kernel's own."""
    seen = {_identity(kernel_prefix)}
    found = []
    for each in _candidates(environ, cwd, home, kernel_prefix):
        identity = _identity(each.prefix)
        if identity is not None and identity not in seen:
            seen.add(identity)
            found.append(each)
        if deadline is not None and not deadline.left():
            return Environments(found=tuple(found), is_all=False)
    return Environments(found=tuple(found))


def _identity(prefix: str) -> tuple[int, int] | None:
    try:
        status = os.stat(prefix)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _candidates(environ: Mapping[str, str], cwd: str, home: str | None, kernel_prefix: str) -> Iterator[Candidate]:
    yield from _from_path(environ)
    active = environ.get("VIRTUAL_ENV")
    if active:
        yield candidate(active, "`VIRTUAL_ENV`")
    yield from _beside(cwd)
    yield from project_environments(environ, home, cwd)
    yield from _kernelspecs(environ, home, kernel_prefix)
    yield from conda_environments(environ, home, kernel_prefix)
    for directory, maker in _collections(environ, home):
        for name in sorted(list_directory(directory)):
            prefix = os.path.join(directory, name)
            if maker == "pyenv" or os.path.exists(os.path.join(prefix, "pyvenv.cfg")):
                yield candidate(prefix, f"{maker} {name}")


def _from_path(environ: Mapping[str, str]) -> Iterator[Candidate]:
    """The environment of the first `python` on PATH. Skips a shim, whose path does not reveal an environment."""
    for directory in environ.get("PATH", "").split(os.pathsep):
        interpreter = os.path.join(directory, "python")
        if os.path.isabs(directory) and os.access(interpreter, os.X_OK) and os.path.isfile(interpreter):
            prefix = prefix_of(interpreter)
            if prefix:
                yield Candidate(prefix=prefix, interpreter=interpreter, why="`!python`")
            return


def _beside(cwd: str) -> Iterator[Candidate]:
    """Every environment beside the notebook; above it only the usual names: those folders may be someone else's."""
    names = list_directory(cwd)
    yield from _among(sorted(names) if len(names) <= _MANY else _USUAL_VENVS, cwd, "beside the notebook")
    for directory in islice(upward(cwd), 1, None):
        yield from _among(_USUAL_VENVS, directory, "above the notebook")


def _among(names: Iterable[str], directory: str, why: str) -> Iterator[Candidate]:
    for name in names:
        prefix = os.path.join(directory, name)
        if os.path.exists(prefix + "/pyvenv.cfg"):
            yield candidate(prefix, why)


def _kernelspecs(environ: Mapping[str, str], home: str | None, kernel_prefix: str) -> Iterator[Candidate]:
    """The interpreters of the kernelspecs on the path of this kernel's Jupyter."""
    at_home = {**environ, "HOME": home, "USERPROFILE": home} if home else environ
    for directory in kernel_directories(prefix=kernel_prefix, environ=at_home):
        for name in sorted(list_directory(directory)) if os.path.isabs(directory) else ():
            interpreter = _read_kernelspec(os.path.join(directory, name, "kernel.json"))
            prefix = prefix_of(interpreter) if interpreter else None
            if prefix:
                yield Candidate(prefix=prefix, interpreter=interpreter, why=f"kernelspec {name}")


def _read_kernelspec(file: str) -> str | None:
    """The Python that a `kernel.json` starts; None for another language, a wrapper script or a broken file."""
    _, argv, _ = parse_spec(read_text(file, JSON_LIMIT))
    interpreter = argv[0] if argv else ""
    if not os.path.isabs(interpreter) or "\0" in interpreter:
        return None
    return interpreter if os.path.basename(interpreter).startswith(("python", "pypy")) else None


def _collections(environ: Mapping[str, str], home: str | None) -> Iterator[tuple[str, str]]:
    """The folders with one environment in each subfolder, each with the name of the tool that manages it."""
    pyenv = environ.get("PYENV_ROOT") or (home and os.path.join(home, ".pyenv"))
    if pyenv:
        yield os.path.join(pyenv, "versions"), "pyenv"
    if environ.get("WORKON_HOME"):
        yield environ["WORKON_HOME"], "virtualenv"
    pipx, tools = environ.get("PIPX_HOME"), environ.get("UV_TOOL_DIR")
    if pipx:
        yield os.path.join(pipx, "venvs"), "pipx"
    if tools:
        yield tools, "uv tool"
    if not home:
        return
    data = _data_home(environ, home)
    yield os.path.join(home, ".virtualenvs"), "virtualenv"
    yield os.path.join(data, "virtualenvs"), "pipenv"
    if not pipx:
        yield os.path.join(data, "pipx/venvs"), "pipx"
        yield os.path.join(home, ".local/pipx/venvs"), "pipx"
    if not tools:
        yield os.path.join(data, "uv/tools"), "uv tool"


def _data_home(environ: Mapping[str, str], home: str) -> str:
    return environ.get("XDG_DATA_HOME") or os.path.join(home, ".local/share")
