"""Tools that manage a project's environment, or one for each program: poetry, pdm, pipenv, hatch, pixi, pipx, …"""

from __future__ import annotations

from typing import NamedTuple

from .invocations import Action, Invocation, Target
from .kernel import Kernel
from .located import Judged, Located
from .manager_line import known
from .project_places import find_place
from .reader import Reader
from .shell.expansion import Field
from .shell.state import State

_SYNCING: dict[str, Action] = {
    "add": "install", "install": "install", "update": "install", "sync": "install", "remove": "uninstall",
}  # fmt: skip
_ACTIONS: dict[str, dict[str, Action]] = {
    "poetry": _SYNCING,
    "pdm": _SYNCING,
    "rye": {"sync": "install", "add": "install", "remove": "uninstall"},
    "pixi": {"add": "install", "install": "install", "update": "install", "upgrade": "install", "reinstall": "install",
             "remove": "uninstall"},
    "pipenv": {"install": "install", "sync": "install", "update": "install", "upgrade": "install",
               "uninstall": "uninstall", "clean": "uninstall"},
    "hatch": {},
    "tox": {},
    "nox": {},
    "pipx": {"install": "install", "inject": "install", "upgrade": "install", "reinstall": "install",
             "upgrade-all": "install", "install-all": "install", "uninstall": "uninstall", "uninject": "uninstall",
             "uninstall-all": "uninstall"},
}  # fmt: skip
_READS = "list show search check info environment version about graph verify config tree help status export".split()
_VALUES = (
    "-G --group -E --extras --source -C --directory -P --project -p --python -e --environment --manifest-path --index -i "
    "--feature -f --platform --with --without --only --categories --extra-index-url --pypi-mirror --index-url --pip-args "
    "--suffix -r"
).split()
TOOLS = tuple(_ACTIONS)


class _Words(NamedTuple):
    """The command, its words, its options, and what `run` starts; ``is_known``: every argument is known."""

    command: str
    words: tuple[str, ...]
    options: frozenset[str]
    started: tuple[Field, ...]
    is_known: bool


def judge_project(tool: str, fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader) -> Invocation:
    """The invocation of one of these tools."""
    read = _read(fields)
    action = _ACTIONS[tool].get(read.command, "read" if not read.command or read.command in _READS else "other")
    if action in ("install", "uninstall") and {"--dry-run", "--help", "-h"} & read.options:
        action = "read"
    if not read.command and not read.is_known:
        action = "unknown"
    takes = read.command in _ACTIONS[tool]
    requirements = read.words if takes and read.is_known else () if not takes else None
    return located.invocation(tool, action, requirements, _target(tool, read, located, kernel, reader))


def _read(fields: tuple[Field, ...]) -> _Words:
    words: list[str] = []
    options: set[str] = set()
    rest = list(fields)
    while rest:
        field = rest.pop(0)
        word = field.text
        if words[:1] == ["run"] and (word is None or not word.startswith("-") or word == "--"):
            started = tuple(rest) if word == "--" else (field, *rest)
            return _Words("run", (), frozenset(options), started, True)
        if word is None:
            return _Words(words[0] if words else "", tuple(words[1:]), frozenset(options), (), False)
        if not word.startswith("-"):
            words.append(word)
            continue
        name, equals, _ = word.partition("=")
        options.add(name)
        if name in _VALUES and not equals and rest:
            rest.pop(0)
    return _Words(words[0] if words else "", tuple(words[1:]), frozenset(options), (), known(words) is not None)


_MOVING = frozenset(
    "-C --directory -P --project -p --python -e --environment --manifest-path -g --global --path".split()
)


def _target(tool: str, read: _Words, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    if located.reached is None:
        return None, None, located.reason
    if tool == "pipx":
        return None, False, "`pipx` gives each program an environment of its own"
    if tool in ("tox", "nox", "hatch"):
        return None, None, f"`{tool}` creates its own environments, and it is unknown where"
    if located.cwd is None:
        return None, None, "the working directory is not known here"
    if _MOVING & read.options:
        return None, None, "its options choose the environment"
    prefix, reason, family = find_place(tool, located.environ, located.cwd, reader)
    if prefix is None:
        return None, False if family and not kernel.prefix.startswith(family) else None, reason
    python = f"{prefix}/bin/python"
    target = Target(interpreter=python if reader.is_file(python) else None, prefix=prefix)
    return target, kernel.has_prefix(prefix, reader), reason


def started_by_tool(
    tool: str, fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader
) -> tuple[tuple[Field, ...], State | None, str] | None:
    """The command that `TOOL run` starts, its state, None if unknown, and the reason."""
    read = _read(fields)
    if read.command != "run" or not read.started or tool in ("pipx", "tox", "nox"):
        return None
    target, _, reason = _target(tool, read, located, kernel, reader)
    prefix = target.prefix if target else None
    if prefix is None or not reader.is_directory(prefix):
        return read.started, None, reason
    state = located.launch.state.with_variable("VIRTUAL_ENV", prefix, exported=True)
    path = state.value("PATH")
    state = state.with_variable("PATH", f"{prefix}/bin:{path}" if path else None, exported=True)
    started = read.started
    if tool == "poetry" and started[0].text == "pip" and reader.is_file(f"{prefix}/bin/python"):
        # if the environment has no pip, poetry runs its own with that Python
        is_there = reader.is_file(f"{prefix}/bin/pip")
        started = started if is_there else (Field(f"{prefix}/bin/python"), Field("-m"), *started)
    return started, state, reason
