"""What is wrong about a name on the workers, worded as findings: values in, values out.

Tested in `tests/workers/test_asking.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from ipython_where.model import Finding
from ipython_where.show.screen import counted, names

from .values import (
    Difference,
    EnvironmentGroup,
    EnvironmentsAnswer,
    WorkerGroup,
    WorkersAnswer,
)

Group = WorkerGroup | EnvironmentGroup


def module_findings(answer: WorkersAnswer) -> tuple[Finding, ...]:
    """What stands below the rows, the worst first."""
    return (
        *_missing(answer),
        *_versions(answer),
        *_stale(answer),
        *python_findings(answer.groups),
        *_only_there(answer),
        *silent_findings(answer),
    )


def _having(answer: WorkersAnswer, difference: Difference) -> tuple[WorkerGroup, ...]:
    return tuple(each for each in answer.groups if difference in each.differences)


def _missing(answer: WorkersAnswer) -> Iterator[Finding]:
    groups = _having(answer, "missing")
    if groups:
        yield Finding(
            id="missing-on-workers",
            severity="error",
            message=f"{those(groups)} cannot import `{answer.query}`, which this kernel has",
            hint=_install(answer),
        )


def _versions(answer: WorkersAnswer) -> Iterator[Finding]:
    groups = _having(answer, "version")
    if groups:
        yield Finding(
            id="other-versions-on-workers",
            severity="warning",
            message=f"{those(groups)} {_verb(groups, 'runs', 'run')} another `{answer.query}` than this kernel",
            hint=_install(answer) if not _having(answer, "missing") else None,
        )


def _install(answer: WorkersAnswer) -> str | None:
    """The command that gives the workers what the kernel has, if that is a release that an index may have."""
    module = answer.kernel.module
    if module.distribution is None or module.version is None or "+" in module.version or module.stale:
        return None
    return (
        f"`%safepip install {module.distribution}=={module.version} --on {answer.client}` installs what this kernel has"
    )


def _stale(answer: WorkersAnswer) -> Iterator[Finding]:
    groups = _having(answer, "stale")
    if groups:
        yield Finding(
            id="stale-on-workers",
            severity="warning",
            message=f"{those(groups)} loaded `{answer.query}` before it was changed there",
            hint="restart these workers: a loaded module stays as it is",
        )


def _only_there(answer: WorkersAnswer) -> Iterator[Finding]:
    groups = tuple(each for each in answer.groups if each.role == "workers" and each.module.found)
    if answer.kernel.module.found is False and groups:
        yield Finding(
            id="missing-here",
            severity="warning",
            message=f"this kernel cannot import `{answer.query}`, which {those(groups)} {_verb(groups, 'has', 'have')}",
        )


def environment_findings(answer: EnvironmentsAnswer) -> tuple[Finding, ...]:
    """What stands below the rows of whole environments."""
    return (
        *_projects(answer, "imported", "other-versions-of-imported", "this notebook has imported"),
        *_projects(
            answer, "required", "other-versions-of-required", f"{answer.engine} needs to be the same everywhere"
        ),
        *python_findings(answer.environments),
        *_unlisted(answer),
        *silent_findings(answer),
    )


def _projects(
    answer: EnvironmentsAnswer, why: Literal["imported", "required"], identifier: str, words: str
) -> Iterator[Finding]:
    projects = tuple(each for each in answer.projects if getattr(each, why) and (why == "imported" or each.kernel))
    if projects:
        at = [
            any(each.versions[i] not in (None, each.kernel) for each in projects)
            for i in range(len(answer.environments))
        ]
        groups = tuple(each for each, differs in zip(answer.environments, at, strict=True) if differs)
        yield Finding(
            id=identifier,
            severity="warning",
            message=f"{those(groups)} {_verb(groups, 'does', 'do')} not have the same as this kernel of what {words}:"
            f" {names(tuple(f'`{each.project}`' for each in projects))}",
        )


def _unlisted(answer: EnvironmentsAnswer) -> Iterator[Finding]:
    groups = tuple(each for each in answer.environments if each.differing is None)
    if groups:
        yield Finding(
            id="environments-not-compared",
            severity="note",
            message=f"{those(groups)} {_verb(groups, 'has', 'have')} another environment than this kernel, and what differs"
            " is unknown: no list of it arrived",
        )


def python_findings(groups: Iterable[Group]) -> Iterator[Finding]:
    """Workers on another minor version: the bytecode of a function that is sent there means something else."""
    other = tuple(each for each in groups if "python" in each.differences)
    if other:
        yield Finding(
            id="other-python-on-workers",
            severity="warning",
            message=f"{those(other)} {_verb(other, 'runs', 'run')} another Python than this kernel: functions that are sent"
            " there may fail, or crash it",
        )


def silent_findings(answer: WorkersAnswer | EnvironmentsAnswer) -> Iterator[Finding]:
    """Workers of which nothing is known; where time was what they lacked, the command that gives them more."""
    if answer.silent:
        count = sum(len(each.workers) for each in answer.silent)
        names = f"{answer.query} " if isinstance(answer, WorkersAnswer) else ""
        line = f"`%where {names}--on {answer.client} --timeout {answer.timeout * 3:g}` waits longer"
        yield Finding(
            id="silent-workers",
            severity="warning",
            message=f"nothing is known of {counted(count, 'worker')}",
            hint=line if answer.seconds >= answer.timeout else None,
        )


def those(groups: Iterable[Group]) -> str:
    """How many workers some groups are, and the scheduler."""
    groups = tuple(groups)
    count = sum(each.count for each in groups if each.role == "workers")
    scheduler = ["the scheduler"] if any(each.role == "scheduler" for each in groups) else []
    return " and ".join([*scheduler, *([counted(count, "worker")] if count else [])])


def _verb(groups: Iterable[Group], one: str, many: str) -> str:
    return one if sum(each.count for each in groups) == 1 else many
