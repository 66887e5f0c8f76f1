"""What `%where NAME --on CLIENT` shows: the kernel, then the workers in groups that are equal.

Tested in `tests/workers/test_asking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ipython_where.workers.values import (
    Difference,
    EnvironmentGroup,
    EnvironmentsAnswer,
    Role,
    SilentWorkers,
    WorkerGroup,
    WorkerModule,
    WorkerPython,
    WorkersAnswer,
)

from .picture import Kind, Squares
from .screen import Line, Part, Row, Screen, Span, counted, names, path, plain, python, row

_GROUPS = 12
"""How many groups the rows show; the details show the rest."""

_FEW = 50
"""Workers for which a table is enough."""

MOST = 100
"""How many the details show: they are saved with the notebook."""

_REASONS = 5
"""How many reasons for silence are shown."""


def workers_screen(answer: WorkersAnswer) -> Screen:
    """The layout of an answer about one name on a cluster's workers."""
    rows = tuple(map(_row, answer.groups))
    shown, others = divided(rows, verbose=answer.verbose, what="other group")
    details = tuple(_details(each) for each in (answer.kernel, *answer.groups[: len(rows) - len(others)]))
    return Screen(
        title_of(answer),
        (_row(answer.kernel), *shown, *silent_rows(answer.silent)),
        (*others[:MOST], *details),
        answer.findings,
        answer.verbose,
        picture_of(answer.groups, answer.silent),
    )


def divided(rows: tuple[Row, ...], *, verbose: bool, what: str) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The first rows, which say how many others there are, and these others, for the details."""
    shown = rows if len(rows) <= _GROUPS + 1 else rows[:_GROUPS]
    others = rows[len(shown) :]
    more = (row("", plain(f"and {counted(len(others), what)}")),) if others and not verbose else ()
    return (*shown, *more), others


def picture_of(
    groups: tuple[WorkerGroup | EnvironmentGroup, ...], silent: tuple[SilentWorkers, ...]
) -> tuple[Squares, ...]:
    """The workers as a picture, where there are too many for a table to show how they are divided."""
    workers = [each for each in groups if each.role == "workers"]
    count = sum(each.count for each in workers) + sum(len(each.workers) for each in silent)
    if count <= _FEW:
        return ()
    return (
        *(Squares(each.count, _kind(each), _titled(each)) for each in workers),
        *(Squares(len(each.workers), "silent", each.reason) for each in silent),
    )


def _kind(group: WorkerGroup | EnvironmentGroup) -> Kind:
    if "missing" in group.differences:
        return "missing"
    if group.differences == ("unknown",):
        return "silent"
    return "other" if group.differences else "same"


def _titled(group: WorkerGroup | EnvironmentGroup) -> str:
    what = version_of(group.module) if isinstance(group, WorkerGroup) else counted(group.projects, "project")
    return f"{counted(group.count, 'worker')}: {what}, Python {group.python.version} ({names(group.workers)})"


def title_of(answer: WorkersAnswer | EnvironmentsAnswer) -> Line:
    """The question, and who answered."""
    query: Part = (Span(answer.query, "name"), Span(" on ")) if isinstance(answer, WorkersAnswer) else ()
    return (
        (*query, Span(answer.client, "name"), Span(f" ({answer.engine})")),
        _answered(answer.answered, answer.asked, answer.seconds),
        *((plain(_agreement(answer)),) if answer.agrees and answer.answered else ()),
    )


def _agreement(answer: WorkersAnswer | EnvironmentsAnswer) -> str:
    if isinstance(answer, EnvironmentsAnswer):
        return "all have the same as this kernel"
    return "missing everywhere" if answer.kernel.module.found is False else "all as in this kernel"


def _answered(answered: int, asked: int, seconds: float) -> Part:
    took = f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"
    if answered == asked:
        return plain(f"{counted(asked, 'worker')} answered in {took}")
    return (Span(f"{answered:,} of {counted(asked, 'worker')} answered in {took}", "warn"),)


def _row(group: WorkerGroup) -> Row:
    is_other = bool({"missing", "extra", "version", "unknown"} & {*group.differences})
    return row(
        label_of(group.role, group.count),
        (Span(version_of(group.module), "warn" if is_other else "plain"),),
        *_loaded(group),
        about_python(group.python, group.differences),
        *where_of(group.role, group.workers, group.hosts),
        *((path(group.module.file),) if group.module.file else ()),
        *((path(group.python.prefix),) if group.module.found is False else ()),
    )


def label_of(role: Role, count: int) -> str:
    """What a row is about: the kernel, the scheduler, or how many workers."""
    return counted(count, "worker") if role == "workers" else role


def about_python(python: WorkerPython, differences: tuple[Difference, ...]) -> Part:
    """The Python of some workers, marked if it is another than the kernel's."""
    name = "Python" if python.implementation == "CPython" else python.implementation
    return (Span(f"{name} {python.version}", "warn" if "python" in differences else "plain"),)


def where_of(role: Role, workers: tuple[str, ...], hosts: int) -> Line:
    """Which workers they are, and on how many machines."""
    if role != "workers":
        return ()
    return (plain(names(workers)), *((plain(f"on {counted(hosts, 'host')}"),) if hosts > 1 else ()))


def version_of(module: WorkerModule) -> str:
    """The distribution and its version, or what is known instead."""
    if module.found is None:
        return f"unknown: {module.reason}" if module.reason else "unknown"
    if not module.found:
        return "missing"
    if module.standard_library:
        return "standard library"
    owner = f"{module.distribution} " if module.distribution else ""
    if module.version:
        return f"{owner}{module.version}"
    if module.owners:
        return f"{owner or ' or '.join(module.owners)}, version unknown".replace(" ,", ",")
    return "no distribution" if module.owners is not None else "unknown distribution"


def _loaded(group: WorkerGroup) -> Line:
    loaded = group.module.loaded
    if group.module.stale:
        said = loaded.version if loaded is not None and loaded.version != group.module.version else None
        return ((Span(f"{said} is loaded" if said else "what is loaded differs", "warn"),),)
    return ()


def _details(group: WorkerGroup) -> Row:
    return Row(
        label_of(group.role, group.count),
        (
            (python(group.python.executable, group.python.version), plain(group.python.platform)),
            ((Span("prefix "), *path(group.python.prefix)),),
        ),
    )


def silent_rows(silent: tuple[SilentWorkers, ...]) -> Iterator[Row]:
    """Workers of which nothing is known, the most first."""
    reasons = sorted(silent, key=lambda each: -len(each.workers))
    for each in reasons[:_REASONS]:
        yield row(counted(len(each.workers), "worker"), (Span(each.reason, "warn"),), plain(names(each.workers)))
    rest = sum(len(each.workers) for each in reasons[_REASONS:])
    if rest:
        yield row(counted(rest, "worker"), (Span("other reasons", "warn"),))
