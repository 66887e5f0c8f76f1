"""Which projects differ between the kernel's environment and the workers': values in, values out.

Tested in `tests/workers/test_environments.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ipython_where.facts.distributions.metadata import same_version

from .grouping import in_order, is_other_python
from .values import Difference, DifferingProject, EnvironmentGroup


class Contents(NamedTuple):
    """The projects with their versions: the kernel's, and those of each digest whose list arrived."""

    kernel: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]


def judged(
    environments: Iterable[EnvironmentGroup], kernel: EnvironmentGroup, contents: Contents
) -> tuple[EnvironmentGroup, ...]:
    """The environments with how each differs from the kernel's: the scheduler first, then those that differ."""
    counts = {digest: len(_differing(contents.kernel, listed)) for digest, listed in contents.lists.items()}
    with_counts = (replace(each, differing=counts.get(each.digest)) for each in environments)
    return in_order(replace(each, differences=tuple(_differences(each, kernel))) for each in with_counts)


def _differences(there: EnvironmentGroup, kernel: EnvironmentGroup) -> Iterator[Difference]:
    if there.differing is None:
        yield "unknown"
    elif there.differing:
        yield "version"
    if is_other_python(there.python, kernel.python):
        yield "python"


def differing(
    environments: Sequence[EnvironmentGroup],
    contents: Contents,
    *,
    imported: Collection[str],
    required: Collection[str],
) -> tuple[DifferingProject, ...]:
    """The projects that are not the same everywhere: imported ones first, then those that the engine requires."""
    names = {name for listed in contents.lists.values() for name in _differing(contents.kernel, listed)}
    found = (
        DifferingProject(
            project=name,
            imported=name in imported,
            required=name in required,
            kernel=contents.kernel.get(name, ""),
            versions=tuple(_version(name, each, contents) for each in environments),
        )
        for name in names
    )
    return tuple(sorted(found, key=lambda each: (not each.imported, not each.required, not each.kernel, each.project)))


def _version(name: str, environment: EnvironmentGroup, contents: Contents) -> str | None:
    listed = contents.lists.get(environment.digest)
    return None if listed is None else listed.get(name, "")


def _differing(here: Mapping[str, str], there: Mapping[str, str]) -> frozenset[str]:
    """Names of projects that are missing on one side, or have another version there."""
    if here is there:
        return frozenset()
    changed = (name for name in here.keys() & there.keys() if not same_version(here[name], there[name]))
    return frozenset((*(here.keys() ^ there.keys()), *changed))
