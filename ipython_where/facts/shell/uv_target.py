"""Which environment `uv pip install` would change, in the order in which uv 0.13 searches."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from ipython_where.facts.files import read_bytes
from ipython_where.facts.interpreters.executables import STEERING
from ipython_where.folders import upward
from ipython_where.model import Interpreter
from ipython_where.runner import never

from .shell_state import ShellState, look_up

_SECTION = rb"(?m)^\s*(?:\[(?:tool\.uv\.)?pip\]|(?:tool\.uv\.)?pip\s*[.=])"
_DIVERTS = rb"\b(?:python|system|target|prefix)\s*="


class ReadPython(Protocol):
    """Reads the Python at a path, which may be a wrapper or a pyenv shim; None if it does not answer.

    Raises `NotRunError` for a Python that was not run.
    """

    def __call__(self, file: str, state: ShellState) -> Interpreter | None: ...


def find_environment(state: ShellState, read_python: ReadPython) -> tuple[Interpreter | None, str]:
    """The Python of the environment that `uv pip install` would change, None if it is not proven; and why."""
    diverting = _diversion(state)
    if diverting:
        return None, f"{diverting} may select the Python that it installs for"
    # uv queries interpreters with `-I`, so what steers a Python on PATH does not affect these.
    isolated = {name: value for name, value in state.environ.items() if name not in STEERING}
    return _python(replace(state, environ=isolated), read_python)


def _python(state: ShellState, read_python: ReadPython) -> tuple[Interpreter | None, str]:
    environ = state.environ
    wanted = environ.get("UV_PYTHON")
    if wanted:
        python = _python_at(os.path.join(state.cwd, wanted), state, read_python) if "/" in wanted else None
        return python, "UV_PYTHON" if python else f"UV_PYTHON is {wanted}: uv looks for it"
    if environ.get("UV_SYSTEM_PYTHON", "").lower() in ("1", "true", "t", "yes", "y", "on"):
        return _python_on_path(state, read_python, "UV_SYSTEM_PYTHON: the first Python on PATH", virtual=False)
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(variable) and not (variable == "CONDA_PREFIX" and _is_conda_base(environ)):
            python = _python_at(os.path.join(state.cwd, environ[variable]), state, read_python)
            if python and (variable == "CONDA_PREFIX" or python.prefix != python.base_prefix):
                return python, variable
    prefix = _beside(state.cwd)
    # What the working directory leads to is read, and never run.
    python = _python_at(prefix, replace(state, run=never), read_python) if prefix else None
    if python:
        return python, f"the environment beside the working directory, {prefix}"
    return _python_on_path(state, read_python, "the first virtual environment on PATH", virtual=True)


def _python_at(path: str, state: ShellState, read_python: ReadPython) -> Interpreter | None:
    names = [path] if os.path.isfile(path) else [os.path.join(path, "bin", name) for name in ("python", "python3")]
    file = next((name for name in names if os.path.isfile(name) and os.access(name, os.X_OK)), None)
    return read_python(file, state) if file else None


def _is_conda_base(environ: Mapping[str, str]) -> bool:
    # uv decides by name: an environment is called like its folder, the base environment is not
    prefix, name = environ["CONDA_PREFIX"].rstrip("/"), environ.get("CONDA_DEFAULT_ENV")
    if environ.get("_CONDA_ROOT", "").rstrip("/") == prefix:
        return True
    return name is not None and name.rstrip("/") not in (prefix, os.path.basename(prefix))


def _beside(cwd: str) -> str | None:
    for directory in upward(cwd):
        if os.path.isfile(os.path.join(directory, "pyvenv.cfg")):
            return directory
        beside = os.path.join(directory, ".venv")
        if os.path.isdir(beside):  # a `.venv` that is not an environment ends the search
            return beside if os.path.isfile(os.path.join(beside, "pyvenv.cfg")) else None
    return None


def _python_on_path(
    state: ShellState, read_python: ReadPython, evidence: str, *, virtual: bool
) -> tuple[Interpreter | None, str]:
    """The first Python on PATH that is (or isn't) in a virtual environment; None as soon as one can't be read."""
    for entry in state.environ.get("PATH", "").split(":"):
        found = [file for name in ("python", "python3") for file in look_up(name, entry, state.cwd)]
        if not found and not virtual and _has_versioned_python(os.path.join(state.cwd, entry)):
            return None, "UV_SYSTEM_PYTHON: uv searches PATH for a Python"
        for file in found:
            python = read_python(file, state)
            if python is None:
                continue  # uv skips interpreters that do not answer
            if virtual is (python.prefix != python.base_prefix):
                return python, evidence
    return None, "uv finds no environment here"


def _has_versioned_python(directory: str) -> bool:
    try:
        return any(re.fullmatch(r"python\d[\d.]*t?", name) for name in os.listdir(directory))
    except OSError:
        return False


def _diversion(state: ShellState) -> str | None:
    """A configuration file whose `pip` section may choose the environment: uv has too many rules to follow here."""
    environ = state.environ
    if environ.get("UV_NO_CONFIG", "").lower() in ("1", "true"):
        return None
    if environ.get("UV_CONFIG_FILE"):
        files = [os.path.join(state.cwd, environ["UV_CONFIG_FILE"])]
    else:
        own = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", "/"), ".config")
        files = [os.path.join(own, "uv", "uv.toml"), "/etc/uv/uv.toml", "/etc/xdg/uv/uv.toml"]
        files += [os.path.join(up, name) for up in upward(state.cwd) for name in ("uv.toml", "pyproject.toml")]
    for file in files:
        if os.path.exists(file):
            text = read_bytes(file)
            if text is None:
                return file  # its content is unknown
            if re.search(_SECTION, text) and re.search(_DIVERTS, text):
                return file
    return None
