"""What workers sent back, as values: every text of theirs is checked before anything is believed of it.

A worker runs code of others, and a cluster may be shared, so an answer may be broken, huge, or made up. It is bounded before it
is parsed, each field has its type and its length, and whatever is wrong is an error with a reason, for that worker alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ipython_where.facts.imports.finders import Unasked
from ipython_where.facts.imports.told import Told
from ipython_where.model import Loaded

from .question import Name
from .values import WorkerModule, WorkerPython
from .worker_probe import PROTOCOL, digest

T = TypeVar("T")

LIMIT = 1 << 16
"""Characters of an answer about modules, or about an environment as a whole: a real one has 1,500 for each module."""

LISTING_LIMIT = 1 << 21
"""Characters of a list of projects: 5,000 of them take 200,000."""

_LONGEST = 4096
"""Characters of one text; no path is longer on Linux."""

_STANDARD = frozenset(sys.stdlib_module_names)

_MOST = 200
"""Entries of a list: of finders, owners or folders."""


class MalformedError(Exception):
    """An answer that is none, for a reason in a few words."""


class WorkerHost(NamedTuple):
    """What tells one machine from another: a boot's id and a mount namespace are proof, a name is none."""

    name: str
    boot: str | None
    machine: str | None
    namespace: str | None
    container: str | None


class PrefixPlace(NamedTuple):
    """Which directory a prefix is: by the numbers of its file system, and by the ``mount`` that holds it (type, source, path)."""

    device: int
    inode: int
    mount: tuple[str, str, str] | None


class WorkerMachine(NamedTuple):
    """Where a worker runs. ``place`` is None if its prefix could not be read."""

    host: WorkerHost
    place: PrefixPlace | None


class Reported(NamedTuple):
    """A worker's answer. ``machine`` and ``what`` are texts, equal in workers that are equal, and not checked yet."""

    pid: int
    cwd: str
    machine: str
    what: str


def read_reply(text: object, *, limit: int = LIMIT) -> Reported:
    """A worker's answer, taken apart. Raises `MalformedError`."""
    if not isinstance(text, str):
        raise MalformedError(f"it is no text, but {type(text).__name__}")
    if len(text) > limit:
        raise MalformedError(f"it has {len(text):,} characters")
    lines = text.split("\n", 3)
    if len(lines) != 3:
        raise MalformedError("it does not have three lines")
    process = _parsed(lines[0])
    return Reported(_of(process, "pid", int), _text(process, "cwd"), lines[1], lines[2])


def read_machine(machine: str) -> WorkerMachine:
    """Where a worker runs. Raises `MalformedError`."""
    fields = _parsed(machine)
    prefix = fields.get("prefix")
    is_unread = isinstance(prefix, dict) and set(prefix) == {"error"}
    return WorkerMachine(_host(_of(fields, "host", dict)), None if is_unread else _place(_of(fields, "prefix", dict)))


def read_modules(what: str, names: Iterable[Name]) -> tuple[WorkerPython, tuple[WorkerModule, ...]]:
    """The interpreter and the modules, one for each name that was asked for. Raises `MalformedError`."""
    fields = _checked(what)
    modules = _of(fields, "modules", list)
    names = tuple(names)
    if len(modules) != len(names):
        raise MalformedError("it answers another question")
    return _python(fields), tuple(_module(each, name) for each, (name, _) in zip(modules, names, strict=True))


class EnvironmentDigest(NamedTuple):
    """A whole environment in short: the digest of its projects, and how many ``projects`` they are."""

    python: WorkerPython
    digest: str
    projects: int


def read_environment(what: str) -> EnvironmentDigest:
    """The digest of an environment. Raises `MalformedError`."""
    fields = _checked(what)
    return EnvironmentDigest(_python(fields), _text(fields, "digest", 64), _of(fields, "projects", int))


def read_listing(what: str, expected: str) -> Mapping[str, str]:
    """The projects of an environment with their versions, whose digest is the expected one. Raises `MalformedError`."""
    projects = _of(_checked(what), "projects", dict)
    for each in (*projects, *projects.values()):
        _bounded(each, "projects")
    if digest(projects) != expected:
        raise MalformedError("its list has another digest than it said before")
    return projects


# -- fields ------------------------------------------------------------------------------------------------------------


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("it is not JSON") from None
    if not isinstance(found, dict):
        raise MalformedError("it is not a JSON object")
    return found


def _checked(what: str) -> Mapping[str, Any]:
    fields = _parsed(what)
    if fields.get("protocol") != PROTOCOL:
        raise MalformedError("it answers another question")
    return fields


def _of(fields: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = fields.get(name)
    if isinstance(value, dict) and set(value) == {"error"}:
        raise MalformedError(_bounded(value["error"], name)[:200])
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise MalformedError(f"`{name}` is missing in it, or of another kind")
    return value


def _bounded(value: object, name: str, most: int = _LONGEST) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise MalformedError(f"`{name}` is missing in it, or of another kind")
    return value


def _text(fields: Mapping[str, Any], name: str, most: int = _LONGEST) -> str:
    return _bounded(fields.get(name), name, most)


def _maybe(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _flag(fields: Mapping[str, Any], name: str) -> bool | None:
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise MalformedError(f"`{name}` is neither true nor false in it")


def _list(fields: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> tuple[T, ...] | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > _MOST:
        raise MalformedError(f"`{name}` is no list in it, or too long")
    return tuple(map(read, value))


def _host(fields: Mapping[str, Any]) -> WorkerHost:
    return WorkerHost(
        name=_text(fields, "name"),
        boot=_maybe(fields, "boot"),
        machine=_maybe(fields, "machine"),
        namespace=_maybe(fields, "namespace"),
        container=_maybe(fields, "container"),
    )


def _place(fields: Mapping[str, Any]) -> PrefixPlace:
    mount = _list(fields, "mount", lambda each: _bounded(each, "mount"))
    if mount is not None and len(mount) != 3:
        raise MalformedError("`mount` is of another kind in it")
    return PrefixPlace(_of(fields, "device", int), _of(fields, "inode", int), mount and (mount[0], mount[1], mount[2]))


def _python(what: Mapping[str, Any]) -> WorkerPython:
    fields = _of(what, "python", dict)
    return WorkerPython(
        version=_text(fields, "version"),
        implementation=_text(fields, "implementation"),
        platform=_text(fields, "platform"),
        executable=_maybe(fields, "executable"),
        prefix=_text(fields, "prefix"),
    )


# -- a module ----------------------------------------------------------------------------------------------------------


def _module(value: object, name: str | None) -> WorkerModule:
    if not isinstance(value, dict):
        raise MalformedError("a module is no object in it")
    if set(value) == {"error"}:
        return _unknown(_bounded(value["error"], "error")[:200])
    found, reason = _flag(value, "found"), _maybe(value, "reason")
    unasked = _unasked(value, name) if name is not None else None
    if unasked is not None:
        found, reason = None, unasked
    loaded = _of(value, "loaded", dict) if value.get("loaded") is not None else None
    return WorkerModule(
        found=found,
        file=_maybe(value, "file"),
        kind=_maybe(value, "kind"),
        standard_library=_flag(value, "standard") is True,
        distribution=_maybe(value, "distribution"),
        version=_maybe(value, "version"),
        owners=_list(value, "owners", lambda each: _bounded(each, "owners")),
        loaded=Loaded(file=_maybe(loaded, "file"), version=_maybe(loaded, "version")) if loaded is not None else None,
        stale=_flag(value, "stale"),
        reason=reason,
    )


def _unknown(reason: str) -> WorkerModule:
    return WorkerModule(
        found=None,
        file=None,
        kind=None,
        standard_library=False,
        distribution=None,
        version=None,
        owners=None,
        loaded=None,
        stale=None,
        reason=reason,
    )


def _unasked(value: Mapping[str, Any], name: str) -> str | None:
    """Why the answer is not proven: a finder that comes before the one that has it, and whose code nobody has read."""
    for told in _list(value, "passed", _finder) or ():
        verdict = told.verdict(name)
        if isinstance(verdict, Unasked):
            return f"its finder `{told.module}.{told.name}` would have to be called"
    return None


def _finder(value: object) -> Told:
    fields: Any = value
    if not isinstance(value, dict) or not isinstance(value.get("methods"), dict):
        raise MalformedError("a finder is no object in it")
    methods: dict[str, dict[str, str | None]] = {}
    for method, names in fields["methods"].items():
        if not isinstance(names, dict) or not all(each is None or isinstance(each, str) for each in names.values()):
            raise MalformedError("a finder has no names in it")
        methods[method] = names
    return Told(
        module=_text(fields, "module"),
        name=_text(fields, "name"),
        is_plain=_flag(fields, "is_plain") is True,
        methods=methods,
        standard_library=_STANDARD,
        without=frozenset(_list(fields, "without", lambda each: _bounded(each, "without")) or ()),
    )
