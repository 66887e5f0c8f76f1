"""What `%where --on CLIENT` shows: the environments of a cluster's workers, and the projects that differ.

Tested in `tests/workers/test_environments.py`.
"""

from __future__ import annotations

from collections import defaultdict

from ipython_where.workers.values import DifferingProject, EnvironmentGroup, EnvironmentsAnswer

from .screen import Line, Part, Row, Screen, Span, counted, path, plain, row
from .workers import MOST, about_python, divided, label_of, picture_of, silent_rows, title_of, where_of

_PROJECTS = 300
"""How many projects the details list: they are saved with the notebook."""


def environments_screen(answer: EnvironmentsAnswer) -> Screen:
    """The layout of an answer about whole environments."""
    first = [each for each in answer.projects if each.imported or each.required]
    others = [each for each in answer.projects if not (each.imported or each.required)]
    more = (plain(f"and {counted(len(others) - _PROJECTS, 'other project')}"),) if len(others) > _PROJECTS else ()
    rows = tuple(map(_row, answer.environments))
    shown, rest = divided(rows, verbose=answer.verbose, what="other environment")
    return Screen(
        title_of(answer),
        (
            _row(answer.kernel),
            *shown,
            *silent_rows(answer.silent),
            *(_project(each, answer) for each in first),
            *((row("others", _in_short(others, first)),) if others else ()),
        ),
        (
            *rest[:MOST],
            *(_project(each, answer) for each in others[:_PROJECTS]),
            *((row("", *more),) if more else ()),
        ),
        answer.findings,
        answer.verbose,
        picture_of(answer.environments, answer.silent),
    )


def _row(environment: EnvironmentGroup) -> Row:
    return row(
        label_of(environment.role, environment.count),
        _compared(environment),
        about_python(environment.python, environment.differences),
        *where_of(environment.role, environment.workers, environment.hosts),
        path(environment.python.prefix),
    )


def _compared(environment: EnvironmentGroup) -> Part:
    return (Span(compared_of(environment), "plain" if environment.differing == 0 else "warn"),)


def compared_of(environment: EnvironmentGroup) -> str:
    """How the projects of some workers compare with the kernel's."""
    if environment.role == "kernel":
        return counted(environment.projects, "project")
    if environment.differing is None:
        return "another environment"
    if not environment.differing:
        return f"the same {counted(environment.projects, 'project')}"
    return f"{counted(environment.differing, 'project')} {_verb(environment.differing)}"


def _verb(count: int) -> str:
    return "differs" if count == 1 else "differ"


def _in_short(others: list[DifferingProject], first: list[DifferingProject]) -> Part:
    what = "more project" if first else "project"
    return plain(f"{counted(len(others), what)} {_verb(len(others))}")


def _project(project: DifferingProject, answer: EnvironmentsAnswer) -> Row:
    """The kernel's version, then each other one with how many workers have it."""
    counts: dict[str | None, int] = defaultdict(int)
    scheduler = None
    for version, each in zip(project.versions, answer.environments, strict=True):
        if each.role == "scheduler":
            scheduler = version
        else:
            counts[version] += each.count
    there = tuple(_there(version, count, project.kernel) for version, count in sorted(counts.items(), key=_largest))
    told: Line = (
        (plain(f"{scheduler or 'missing'} on the scheduler"),) if scheduler not in (None, project.kernel) else ()
    )
    return row(project.project, plain(f"{project.kernel or 'missing'} here"), *told, *there)


def _largest(item: tuple[str | None, int]) -> tuple[int, str]:
    return -item[1], item[0] or ""


def _there(version: str | None, count: int, kernel: str) -> Part:
    said = "unknown" if version is None else version or "missing"
    return (Span(f"{said} on {counted(count, 'worker')}", "plain" if version in (None, kernel) else "warn"),)
