"""What a `conda`, `mamba` or `micromamba` would change: the environment that it names, else the active one."""

from __future__ import annotations

import os

from .conda_line import parse_conda
from .conda_places import find_named, read_environment_file
from .invocations import Invocation, Target
from .kernel import Kernel
from .located import Judged, Located
from .manager_line import ManagerLine
from .reader import Reader
from .shell.expansion import Field

_KEEPING = (
    "config clean init info search repoquery package notices help commands doctor build self-update auth activate deactivate "
    "reactivate"
).split()
"""Commands that do not change an environment by themselves."""

Place = tuple[str | None, bool | None, str]
"""A prefix, whether it exists, and why it is this one."""


def judge_conda(
    tool: str, fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader
) -> tuple[Invocation, tuple[Field, ...] | None, Place]:
    """The invocation of a conda; for `conda run` also the command that it starts, and in which environment."""
    line, started = parse_conda(fields)
    place = _place(tool, line, located, reader)
    inner = started if line.command == "run" else None
    judged = _judged(line, place, located, kernel, reader)
    return located.invocation(tool, line.action, line.requirements, judged), inner, place


def _judged(line: ManagerLine, place: Place, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    if located.reached and (line.command in _KEEPING or line.command.startswith("shell")):
        return None, None, "it changes no environment"
    prefix, is_there, reason = place
    if prefix is None or (is_there is False and "--prefix" not in line.options and not _may_make(line)):
        return None, None, reason
    python = f"{prefix}/bin/python"
    target = Target(interpreter=python if reader.is_file(python) else None, prefix=prefix)
    return target, kernel.has_prefix(prefix, reader), reason


def _makes(line: ManagerLine) -> bool:
    return line.command in ("create", "env create")


def _may_make(line: ManagerLine) -> bool:
    return _makes(line) or line.command == "env update"


# -- the environment ---------------------------------------------------------------------------------------------------


def _place(tool: str, line: ManagerLine, located: Located, reader: Reader) -> Place:
    reached = located.reached
    if reached is None:
        return None, None, located.reason
    if not line.is_sure:
        return None, None, "an unknown argument may be an option"
    options = line.options
    if "--prefix" in options:
        prefix = located.path(options["--prefix"])
        return prefix, _is_environment(prefix, reader), "`-p`" if prefix else "`-p` names a directory that is not known"
    if "--name" in options:
        return _named(options["--name"], "`-n`", line, located, reader)
    if _takes_file(tool, line):
        return _of_file(line, located, reader)
    if line.command == "create":
        return None, False, "`create` needs `-n` or `-p`"
    return reached.prefix, True if reached.prefix else None, reached.evidence


def _is_environment(prefix: str | None, reader: Reader) -> bool | None:
    return None if prefix is None else reader.is_directory(prefix)


def _named(name: str | None, reason: str, line: ManagerLine, located: Located, reader: Reader) -> Place:
    reached = located.reached
    python = reached.interpreter if reached else None
    root = python.prefix if python else located.environ.get("MAMBA_ROOT_PREFIX")
    if not name:
        return None, None, "its name is not known"
    if "/" in name:
        return None, None, f"`{name}` is not a name of an environment"
    prefix, is_there = find_named(name, root, located.environ, reader) if root else (None, None)
    if prefix is None:
        return None, None, f"it is unknown where the environment `{name}` is"
    if is_there:
        return prefix, True, reason
    return (
        prefix,
        False,
        f"{'a new' if _may_make(line) else 'there is no'} environment `{name}` in {os.path.dirname(prefix)}",
    )


def _takes_file(tool: str, line: ManagerLine) -> bool:
    """Whether the name in a file counts: micromamba and mamba 2 use it in every command, conda only to create one."""
    is_binary = tool == "micromamba"
    return line.command in ("env create", "env update") or (
        "--file" in line.options and (line.command == "create" or (is_binary and line.action == "install"))
    )


def _of_file(line: ManagerLine, located: Located, reader: Reader) -> Place:
    """The environment that a file names; without a file, `conda env` reads `environment.yml`."""
    file = line.options.get("--file", "environment.yml")
    if not file:
        return None, None, "`-f` names a file that is not known"
    path = located.path(file) if "://" not in file and not file.startswith("~") else None
    if path and not reader.is_file(path) and not located.launch.state.is_touched:
        return None, None, f"there is no file `{file}`"
    text = reader.text(path) if path else None
    said = read_environment_file(text) if text and file.endswith((".yml", ".yaml")) else None
    if said is None:
        return None, None, f"it is unknown which environment `{file}` names"
    if said.get("name"):
        return _named(said["name"], f"`name` in {file}", line, located, reader)
    if said.get("prefix") and _makes(line):
        prefix = located.path(said["prefix"])
        return prefix, _is_environment(prefix, reader), f"`prefix` in {file}"
    if _makes(line) or "prefix" in said:
        return (
            None,
            None,
            f"`{file}` names no environment" if _makes(line) else f"it is unknown what `prefix` in {file} means",
        )
    if located.launch.state.value("CONDA_DEFAULT_ENV") == "":
        return None, None, f"`{file}` names no environment, and none is active"
    return (
        located.reached.prefix if located.reached else None,
        True,
        f"`{file}` names no environment, so the active one is used",
    )
