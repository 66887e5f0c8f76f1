"""What a `uv` would change: an environment that it discovers, or that of the project around the working directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from ipython_where.folders import upward
from ipython_where.model import Interpreter

from .invocations import Invocation, Target
from .kernel import Kernel
from .located import Judged, Located
from .manager_line import ManagerLine
from .reader import Reader
from .shell.expansion import Field
from .shell.state import State
from .uv_line import parse_uv

_OF_PROJECT = ("add", "remove", "sync", "lock", "tree", "export")
"""Commands that fail outside a project."""


def judge_uv(fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader) -> Invocation:
    """The invocation of a uv with the arguments ``fields``."""
    line, _ = parse_uv(fields)
    if line.refusal and located.reached:
        return located.refused("uv", line, f"{line.refusal}, so `uv` changes nothing")
    target = _target(line, located, kernel, reader)
    found = located.invocation("uv", line.action, line.requirements, target)
    if located.runs is not False and target[2].startswith(_FAILING):
        return replace(found, runs=None if located.launch.state.is_touched else False)
    return found


_FAILING = ("there is no `pyproject.toml`", "there is no Python at ")
"""Reasons for which uv exits before it changes anything."""


def _target(line: ManagerLine, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    if located.reached is None:
        return None, None, located.reason
    if not line.is_sure:
        return None, None, "an unknown argument may be an option"
    cwd = located.path(line.options.get("--directory", "."))
    if cwd is None:
        return None, None, "the working directory is not known here"
    if line.command.startswith("pip "):
        return _pip_target(line, cwd, located, kernel, reader)
    if line.command in (*_OF_PROJECT, "run"):
        return _project_target(line, cwd, located, kernel, reader)
    if line.command.startswith("tool "):
        return None, False, "`uv tool` gives each tool an environment of its own"
    return None, None, "it does not change an environment by itself"


# -- uv pip ------------------------------------------------------------------------------------------------------------


def _pip_target(line: ManagerLine, cwd: str, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    options, environ = line.options, dict(located.environ)
    for option, variable in (("--python", "UV_PYTHON"), ("--config-file", "UV_CONFIG_FILE")):
        if option in options:
            value = options[option]
            if value is None:
                return None, None, f"`{option}` has a value that is not known"
            environ[variable] = value
    if "--system" in options:
        environ = {**environ, "UV_SYSTEM_PYTHON": "1"}
        environ.pop("UV_PYTHON", None)
    if "--no-config" in options:
        environ["UV_NO_CONFIG"] = "1"
    python, evidence = _python(environ, options.get("--python"), cwd, located, reader)
    named = _named_by(line, environ)
    if python is None:
        return _configured(environ, cwd, located, kernel, reader) or (
            None,
            None,
            _unfound(named, evidence, environ, cwd, reader),
        )
    target = Target(interpreter=python.executable, prefix=python.prefix)
    for option in ("--target", "--prefix"):
        if option in options:
            directory = located.path(options[option]) if options[option] else None
            if directory is None:
                return None, None, f"`{option}` names a directory that is not known"
            target = Target(interpreter=python.executable, prefix=python.prefix, directory=directory)
            is_here = kernel.has_prefix if option == "--prefix" else kernel.imports_from
            return target, is_here(directory, reader), f"`{option}`"
    diverting = [each for each in reader.settings("uv", environ, cwd, python.prefix) if each.diverts]
    if diverting:
        return None, None, f"`{diverting[0].name}` may redirect the install"
    is_told = named and named != "`UV_PYTHON`"
    return target, kernel.has_prefix(python.prefix, reader), named if named and is_told else evidence


def _named_by(line: ManagerLine, environ: Mapping[str, str]) -> str | None:
    """The option or variable that names the Python, if any."""
    if "--system" in line.options:
        return "`--system`"
    return "`--python`" if "--python" in line.options else "`UV_PYTHON`" if environ.get("UV_PYTHON") else None


def _unfound(named: str | None, evidence: str, environ: Mapping[str, str], cwd: str, reader: Reader) -> str:
    """Why no Python was found. uv fails for a path that does not exist, but searches for a name."""
    wanted = environ.get("UV_PYTHON") or ""
    if named not in ("`--python`", "`UV_PYTHON`"):
        return evidence
    path = os.path.join(cwd, wanted)
    if "/" in wanted and not reader.is_file(path) and not reader.is_directory(path):
        return f"there is no Python at `{wanted}`, which {named} names"
    return f"{named} is {wanted}: uv looks for it"


def _configured(
    environ: Mapping[str, str], cwd: str, located: Located, kernel: Kernel, reader: Reader
) -> Judged | None:
    """The directory that a configuration file redirects every `uv pip install` to, if any."""
    for setting in reader.settings("uv", environ, cwd, kernel.prefix):
        key = setting.name.rpartition(".")[2]
        directory = located.path(setting.value)
        if setting.diverts and key in ("target", "prefix") and directory is not None:
            is_here = kernel.has_prefix if key == "prefix" else kernel.imports_from
            return Target(directory=directory), is_here(directory, reader), f"`{setting.name}` in {setting.source}"
    return None


def _python(
    environ: Mapping[str, str], given: str | None, cwd: str, located: Located, reader: Reader
) -> tuple[Interpreter | None, str]:
    """The Python that uv would choose, by uv's own rules; `--python` may name an environment's folder."""
    if given and "/" not in given and reader.is_directory(os.path.join(cwd, given)):
        environ = {**environ, "UV_PYTHON": f"./{given}"}
    path = located.reached.path if located.reached else None
    reached = reader.reach(path or "uv", environ, cwd)
    return reached.interpreter, reached.evidence


# -- projects ----------------------------------------------------------------------------------------------------------


def _project_target(line: ManagerLine, cwd: str, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    """`uv add` and similar commands change the project around the working directory, and its `.venv`."""
    if {"--active", "--script", "--no-project", "--isolated"} & set(line.options):
        return None, None, "its options choose the environment"
    given = line.options.get("--project", located.environ.get("UV_PROJECT", ""))
    if given is None:
        return None, None, "`--project` has a value that is not known"
    start = os.path.normpath(os.path.join(cwd, given))
    roots = [folder for folder in upward(start) if reader.is_file(os.path.join(folder, "pyproject.toml"))]
    if not roots:
        is_needed = line.command in _OF_PROJECT
        return (
            None,
            None,
            f"there is no `pyproject.toml` in {start} or above it" if is_needed else "there is no project here",
        )
    if len(roots) > 1 or "[tool.uv.workspace]" in (reader.text(os.path.join(roots[0], "pyproject.toml")) or ""):
        return None, None, "the project may be part of a workspace"
    where = located.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    prefix = os.path.join(roots[0], where)
    python = f"{prefix}/bin/python"
    target = Target(interpreter=python if reader.is_file(python) else None, prefix=prefix)
    return target, kernel.has_prefix(prefix, reader), f"the environment of the project in {roots[0]}"


_MOVING = frozenset(
    "--with --with-editable --with-requirements --isolated --script --python --active --package --all-packages --env-file "
    "--no-project --gui-script".split()
)
"""Options with which `uv run` starts a program in a different environment than the project's."""


def started_by_run(
    fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader
) -> tuple[tuple[Field, ...], State | None] | None:
    """The command that `uv run` starts, and its state, None if that is unknown.

    None for any other uv command.
    """
    line, started = parse_uv(fields)
    if line.command != "run" or not started:
        return None
    if "--module" in line.options:
        started = (Field("python"), Field("-m"), *started)
    state = located.launch.state
    if "--directory" in line.options:
        state = state.at(located.path(line.options["--directory"]))
    target = _target(line, located, kernel, reader)[0]
    prefix = target.prefix if target else None
    if prefix is None or _MOVING & set(line.options) or not line.is_sure or not line.is_complete:
        return started, None
    name = started[0].text or ""
    if "/" not in name and not reader.is_file(f"{prefix}/bin/{name}"):
        return started, None  # uv syncs the project first, and that may install it
    state = state.with_variable("VIRTUAL_ENV", prefix, exported=True)
    path = state.value("PATH")
    return started, state.with_variable("PATH", f"{prefix}/bin:{path}" if path else None, exported=True)
