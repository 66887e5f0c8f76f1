"""Workers into groups that are equal, and how each group differs from the kernel: values in, values out.

Tested in `tests/workers/test_asking.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, TypeVar

from ipython_where.facts.distributions.metadata import same_version
from ipython_where.model import Loaded

from .engine import SCHEDULER, Answered, Reply
from .reports import LIMIT, MalformedError, Reported, WorkerHost, read_machine, read_reply
from .values import Difference, EnvironmentGroup, Role, SilentWorkers, WorkerGroup, WorkerModule, WorkerPython

G = TypeVar("G", WorkerGroup, EnvironmentGroup)
L = TypeVar("L", WorkerPython, WorkerModule, Loaded)

CWD = "$CWD"

MOST_GROUPS = 1000
"""A cluster whose workers are all different is shown as far as this; the rest of them count as silent, and say so."""

MOST_REASONS = 20
"""Reasons for silence that are told apart."""

_LONGEST = 300
"""Characters of a reason."""


class EqualWorkers(NamedTuple):
    """Workers that reported the same ``what``. ``cwd`` is theirs, if all have the same; ``hosts`` are their machines."""

    role: Role
    workers: tuple[str, ...]
    hosts: frozenset[WorkerHost]
    cwd: str | None
    what: str


class SortedReplies(NamedTuple):
    """All replies: those that can be read, in groups of equal ones, and those that cannot, by their reasons."""

    groups: tuple[EqualWorkers, ...]
    silent: tuple[SilentWorkers, ...]


def sort_replies(replies: Mapping[str, Reply], *, absent: Iterable[str] = (), limit: int = LIMIT) -> SortedReplies:
    """The replies of workers in groups. ``absent`` are workers that the engine knows of and said nothing about."""
    silent = Reasons()
    found: dict[tuple[Role, str], list[tuple[str, Reported]]] = defaultdict(list)
    for name, reply in replies.items():
        if not isinstance(reply, Answered):
            silent.add(reply.reason, [name])
            continue
        try:
            reported = read_reply(reply.text, limit=limit)
        except MalformedError as error:
            silent.add(unknown(error), [name])
            continue
        found["scheduler" if name == SCHEDULER else "workers", reported.what].append((name, reported))
    silent.add("the engine gave no answer of it, and no reason", absent)
    hosts = cache(_host_of)
    groups: list[EqualWorkers] = []
    for (role, what), members in found.items():
        names = [name for name, _ in members]
        if len(groups) == MOST_GROUPS:
            silent.add(f"{MOST_GROUPS} others that differ are compared, and no more", names)
            continue
        cwds = {reported.cwd for _, reported in members}
        machines = {reported.machine for _, reported in members}
        at = frozenset(host for each in machines if (host := hosts(each)) is not None)
        groups.append(EqualWorkers(role, tuple(names), at, cwds.pop() if len(cwds) == 1 else None, what))
    return SortedReplies(tuple(groups), silent.workers())


class Reasons:
    """Why nothing is known of some workers: each reason once, and of very many only the first."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)

    def add(self, reason: object, names: Iterable[str]) -> None:
        """A reason of these workers."""
        text = " ".join(str(reason).split())
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        is_shown = text in self._names or len(self._names) < MOST_REASONS
        self._names[text if is_shown else "other reasons"] += names

    def workers(self) -> tuple[SilentWorkers, ...]:
        """The workers by their reasons."""
        return tuple(SilentWorkers(workers=tuple(names), reason=each) for each, names in self._names.items() if names)


def _host_of(machine: str) -> WorkerHost | None:
    try:
        return read_machine(machine).host
    except MalformedError:
        return None


def located(value: L, cwd: str | None) -> L:
    """The value with a known working directory in the place of `$CWD`."""
    changes: dict[str, Any] = {
        name: cwd + text[len(CWD) :]
        for name in ("executable", "prefix", "file")
        if cwd is not None and isinstance(text := getattr(value, name, None), str) and text.startswith(CWD)
    }
    loaded = getattr(value, "loaded", None)
    if loaded is not None and cwd is not None:
        changes["loaded"] = located(loaded, cwd)
    return replace(value, **changes) if changes else value


class _Key(NamedTuple):
    """What is the same in all workers of a group."""

    role: Role
    python: WorkerPython
    module: WorkerModule


Reading = Callable[[str], tuple[WorkerPython, tuple[WorkerModule, ...]]]
"""Takes what equal workers reported apart. Raises `MalformedError`."""


def group_modules(
    replies: SortedReplies, read: Reading, count: int
) -> tuple[tuple[tuple[WorkerGroup, ...], ...], tuple[SilentWorkers, ...]]:
    """For each of ``count`` names that were asked for, its groups; and the workers whose answer cannot be read.

    Workers that differ in another name alone are one group for this one.
    """
    groups: tuple[dict[_Key, list[tuple[EqualWorkers, bool]]], ...] = tuple({} for _ in range(count))
    refused = Reasons()
    for equal in replies.groups:
        try:
            python, modules = read(equal.what)
        except MalformedError as error:
            refused.add(unknown(error), equal.workers)
            continue
        for known, module in zip(groups, modules, strict=True):
            key = _Key(equal.role, located(python, equal.cwd), _plain(located(module, equal.cwd)))
            known.setdefault(key, []).append((equal, module.loaded is not None))
    return tuple(tuple(map(_group, known.items())) for known in groups), refused.workers()


def _plain(module: WorkerModule) -> WorkerModule:
    """The module without what is loaded, if that is what an import would load."""
    return replace(module, loaded=None) if module.loaded is not None and module.stale is False else module


def _group(item: tuple[_Key, Sequence[tuple[EqualWorkers, bool]]]) -> WorkerGroup:
    key, members = item
    return WorkerGroup(
        role=key.role,
        workers=tuple(name for each, _ in members for name in each.workers),
        hosts=len(frozenset[WorkerHost]().union(*(each.hosts for each, _ in members))),
        python=key.python,
        module=key.module,
        having_loaded=sum(len(each.workers) for each, is_loaded in members if is_loaded),
    )


def unknown(error: MalformedError) -> str:
    """Why nothing is known of a worker that did answer."""
    return f"its answer is unknown: {error}"


# -- against the kernel ------------------------------------------------------------------------------------------------


def compared(groups: Iterable[WorkerGroup], kernel: WorkerGroup) -> tuple[WorkerGroup, ...]:
    """The groups with how each differs from the kernel: the scheduler first, then those that differ, then the largest."""
    return in_order(replace(each, differences=tuple(_differences(each, kernel))) for each in groups)


def in_order(groups: Iterable[G]) -> tuple[G, ...]:
    """The scheduler first, then those that differ, then the largest."""
    return tuple(sorted(groups, key=lambda each: (each.role == "workers", not each.differences, -each.count)))


def _differences(group: WorkerGroup, kernel: WorkerGroup) -> Iterator[Difference]:
    """How a group differs. A file or a prefix of its own is no difference: another machine has other paths."""
    here, there = kernel.module, group.module
    if there.found is None or here.found is None:
        yield "unknown"
    elif here.found != there.found:
        yield "missing" if here.found else "extra"
    elif there.found and not (here.standard_library and there.standard_library):
        yield from _versions(here.running, there.running)
    if there.stale:
        yield "stale"
    if is_other_python(group.python, kernel.python):
        yield "python"


def _versions(here: str | None, there: str | None) -> Iterator[Difference]:
    if here is None or there is None:
        yield "unknown"
    elif not same_version(here, there):
        yield "version"


def is_other_python(there: WorkerPython, here: WorkerPython) -> bool:
    """Whether bytecode of one means something else to the other."""
    return (there.minor, there.implementation) != (here.minor, here.implementation)
