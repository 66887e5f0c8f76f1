"""uv's settings, read as uv reads them. Which settings divert an install was measured with uv 0.13."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ipython_where.facts.files import Content, Unreadable, read_file
from ipython_where.folders import upward
from ipython_where.model import Finding, Setting

from .configuration import TRUE, Answer, SettingEntry, SettingsContext, broken, setting

_FAILS = "every `uv` command fails until you fix it"
_GOES_ON = "uv ignores its settings until you fix it"

_PROJECT_ONLY = frozenset(("sources", "workspace", "dev-dependencies", "dependency-groups", "build-backend", "package"))
"""Keys that describe a project and do not affect what `uv pip` does to an environment."""


def read_uv_settings(world: SettingsContext) -> Answer:
    """uv's effective settings from its files and variables, and a finding for each file that uv cannot read."""
    findings: list[Finding] = []
    entries = list(_read(world, findings))
    return tuple(_judge(world, entries)), tuple(findings)


def uv_has_interpreter(world: SettingsContext) -> bool:
    """Whether another variable names uv's interpreter, so that uv ignores the activated environment."""
    python = world.environ.get("UV_PYTHON", "")
    return _is_path(python) or world.environ.get("UV_SYSTEM_PYTHON", "").lower() in TRUE


def _read(world: SettingsContext, findings: list[Finding]) -> Iterator[SettingEntry]:
    """uv's keys, weakest first: of the machine's, the user's and the project's file, or only of `UV_CONFIG_FILE`."""
    environ = world.environ
    if "UV_CONFIG_FILE" in environ:
        path = os.path.join(world.cwd, environ["UV_CONFIG_FILE"])
        if not os.path.exists(path):
            findings.append(broken("uv", path, "`UV_CONFIG_FILE` names it, but it does not exist", _FAILS))
        yield from _entries(path, _read_toml(path, findings), "")
        return
    if environ.get("UV_NO_CONFIG", "").lower() in TRUE:
        return
    for path in _files(world):
        yield from _entries(path, _read_toml(path, findings), "")
    start = os.path.join(world.cwd, environ.get("UV_WORKING_DIR", ""), environ.get("UV_PROJECT", ""))
    yield from _read_project(os.path.normpath(start), findings)


def _files(world: SettingsContext) -> Iterator[str]:
    if world.platform == "win32":
        yield os.path.join(world.environ.get("SYSTEMDRIVE", "C:") + os.path.sep, "ProgramData", "uv", "uv.toml")
        yield os.path.join(
            world.environ.get("APPDATA") or os.path.join(world.home, "AppData", "Roaming"), "uv", "uv.toml"
        )
        return
    if world.environ.get("UV_NO_SYSTEM_CONFIG", "").lower() not in TRUE:
        shared = (world.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
        files = (*(os.path.join(path, "uv/uv.toml") for path in shared if path), "/etc/uv/uv.toml")
        yield from [path for path in files if os.path.isfile(path)][:1]
    user = world.environ.get("XDG_CONFIG_HOME", "")
    yield os.path.join(user if os.path.isabs(user) else os.path.join(world.home, ".config"), "uv/uv.toml")


def _read_project(start: str, findings: list[Finding]) -> Iterator[SettingEntry]:
    """The entries of the nearest settings file, searched upward from the root of the project around ``start``.

    Without a project, the search begins at ``start`` itself.
    """
    projects = {path: _read_toml(os.path.join(path, "pyproject.toml"), findings) for path in upward(start)}
    for directory in upward(_root(start, projects)):
        path = os.path.join(directory, "uv.toml")
        own = _read_toml(path, findings)
        if own is not None or os.path.exists(path):  # uv stops at a broken one
            yield from _entries(path, own, "")
            return
        tool = _table(_table(projects[directory], "tool"), "uv", absent=None)
        if tool is not None:
            yield from _entries(os.path.join(directory, "pyproject.toml"), tool, "tool.uv.")
            return


def _root(start: str, projects: Mapping[str, dict[str, Any] | None]) -> str:
    """The folder where uv starts to look; it skips a `uv.toml` below the root of the project or its workspace."""
    nearest = next((p for p in upward(start) if os.path.exists(os.path.join(p, "pyproject.toml"))), start)
    here = projects[nearest] or {}
    if "workspace" in _table(_table(here, "tool"), "uv"):
        return nearest
    if "project" not in here:
        return start
    for above in upward(os.path.dirname(nearest)):
        workspace = _table(_table(_table(projects.get(above), "tool"), "uv"), "workspace", absent=None)
        if workspace is not None and above != nearest:
            return above if _is_member(nearest, above, workspace) else nearest
    return nearest


def _is_member(project: str, root: str, workspace: Mapping[str, Any]) -> bool:
    from pathlib import PurePath

    inside = PurePath(os.path.relpath(project, root))

    def matches(key: str) -> bool:
        patterns = workspace.get(key)
        texts = [p for p in patterns if isinstance(p, str)] if isinstance(patterns, list) else []
        return any(len(PurePath(p).parts) == len(inside.parts) and inside.match(p) for p in texts if p)

    return matches("members") and not matches("exclude")


def _read_toml(path: str, findings: list[Finding]) -> dict[str, Any] | None:
    found = read_file(path)
    if isinstance(found, Unreadable) and found.endless:
        findings.append(broken("uv", path, found.reason, "every `uv` command hangs on it: replace it with a file"))
    if not isinstance(found, Content):
        return None
    try:
        return _parsed(found.data)
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    hint = _GOES_ON if os.path.basename(path) == "pyproject.toml" else _FAILS
    findings.append(broken("uv", path, reason, hint))
    return None


@lru_cache(maxsize=16)
def _parsed(data: bytes) -> dict[str, Any]:
    """The content of a TOML file. Cached: parsing the project's file takes as long as a whole proof of ownership."""
    import tomllib  # 2 ms, and most folders have no such file

    return tomllib.loads(data.decode())


def _table(value: Any, key: str, absent: Any = ()) -> Any:
    """The table at a key, or ``absent`` if the key is missing or holds something else."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else absent


def _entries(path: str, table: Mapping[str, Any] | None, section: str) -> Iterator[SettingEntry]:
    for key, value in (table or {}).items():
        if key == "pip" and isinstance(value, dict):
            yield from (SettingEntry(section=f"{section}pip.", key=k, value=v, source=path) for k, v in value.items())
        elif key not in _PROJECT_ONLY:
            yield SettingEntry(section=section, key=key, value=value, source=path)


def _judge(world: SettingsContext, entries: Iterable[SettingEntry]) -> Iterator[Setting]:
    for name, value in world.environ.items():
        if name.startswith("UV_"):
            yield setting(name, value, "environment", _variable_diverts(world, name, value))
    winner = {(entry.section.endswith("pip."), entry.key): entry for entry in entries}
    for (in_pip, key), entry in winner.items():
        diverts = in_pip and _key_diverts(world, key, entry.value)
        yield setting(entry.section + key, entry.value, entry.source, diverts)


def _variable_diverts(world: SettingsContext, name: str, value: str) -> bool:
    if name == "UV_SYSTEM_PYTHON":
        return value.lower() in TRUE and not world.environ.get("UV_PYTHON") and world.is_virtual()
    return name == "UV_PYTHON" and _python_diverts(world, value)


def _key_diverts(world: SettingsContext, key: str, value: Any) -> bool:
    told = bool(world.environ.get("UV_PYTHON"))
    if key == "system":
        return value is True and not told and world.is_virtual()
    if not isinstance(value, str):
        return False
    if key == "python":
        return not told and _python_diverts(world, value)
    if key == "prefix":
        return not world.is_prefix(value)
    return key == "target"


def _is_path(request: str) -> bool:
    return os.path.sep in request or (os.path.altsep or os.path.sep) in request


def _python_diverts(world: SettingsContext, request: str) -> bool:
    """Whether a requested interpreter is certainly a different one: another path or another version."""
    if _is_path(request):
        return not world.is_interpreter(request)
    version = re.fullmatch(r"(?:c?python@?|cp)?(3\.\d+)(?:\.\d+)?", request)
    if version is None or world.platform == "win32":
        return False
    return not os.path.isdir(os.path.join(world.prefix, "lib", f"python{version[1]}"))
