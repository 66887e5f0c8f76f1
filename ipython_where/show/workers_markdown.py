"""A cluster's workers as Markdown, for an issue: the groups in a table, without any path or address.

Tested in `tests/workers/test_faces.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ipython_where.workers.values import (
    EnvironmentGroup,
    EnvironmentsAnswer,
    SilentWorkers,
    WorkerGroup,
    WorkerPython,
    WorkersAnswer,
)

from .markdown import cell
from .screen import counted
from .worker_environments import compared_of
from .workers import label_of, version_of


def workers_markdown(answer: WorkersAnswer) -> str:
    """A row for each group, the kernel's first."""
    rows = (
        (label_of(each.role, each.count), version_of(each.module), _python(each.python), _loaded(each))
        for each in (answer.kernel, *answer.groups)
    )
    return "\n".join(
        (_headline(answer), "", *_table(("", answer.query, "Python", "loaded"), rows), *_silent(answer.silent))
    )


def environments_markdown(answer: EnvironmentsAnswer) -> str:
    """A row for each environment; then one for each project that differs, with a column for each environment."""
    environments = (answer.kernel, *answer.environments)
    rows = ((_label(each), compared_of(each), _python(each.python)) for each in environments)
    lines = [_headline(answer), "", *_table(("", "projects", "Python"), rows), *_silent(answer.silent)]
    if answer.projects:
        versions = (
            (
                each.project,
                *("unknown" if version is None else version or "missing" for version in (each.kernel, *each.versions)),
            )
            for each in answer.projects
        )
        lines += ["", *_table(("project", *map(_label, environments)), versions)]
    return "\n".join(lines)


def _headline(answer: WorkersAnswer | EnvironmentsAnswer) -> str:
    return f"{answer.engine}: {answer.answered:,} of {counted(answer.asked, 'worker')} answered"


def _label(environment: EnvironmentGroup) -> str:
    return label_of(environment.role, environment.count)


def _python(python: WorkerPython) -> str:
    return f"{python.implementation} {python.version}"


def _loaded(group: WorkerGroup) -> str:
    loaded = group.module.loaded
    return (loaded.version or "another version") if group.module.stale and loaded is not None else ""


def _silent(silent: Iterable[SilentWorkers]) -> Iterator[str]:
    for number, each in enumerate(silent):
        yield from ("",) if number == 0 else ()
        yield f"- {counted(len(each.workers), 'worker')}: {cell(each.reason)}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(map(cell, head))} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
