"""What becomes of pip's distributions when conda changes its packages: judged name by name, before conda does it.

`pip_effects` is pure; a planned change can tell it the files and versions that come, a command line only names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ipython_where.facts.distributions.directory import project_of
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.judge.conda_effects import PipEffect
from ipython_where.value import dataclass

from .ownership import files_of_distribution, is_copy, packages_beneath
from .records import CondaRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaStep:
    """One package that conda would install, replace or remove (``new`` and ``is_removed`` tell which; None: version unknown).

    ``projects`` are the Python projects that it is, by normalised name; ``files`` those that come or go, None if unknown.
    """

    package: str
    new: str | None
    is_removed: bool
    projects: frozenset[str]
    files: frozenset[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipPut:
    """A distribution that conda doesn't know of; ``over`` is the conda package that it was put over, if it was."""

    name: str
    project: str
    version: str
    requires: tuple[str, ...]
    files: frozenset[bytes]
    over: str | None


def read_pip_put(distributions: Distributions, sites: Sequence[str], records: CondaRecords) -> tuple[PipPut, ...]:
    """All distributions in the site directories whose metadata conda doesn't list, or didn't link."""
    known = {os.path.join(records.prefix, os.fsdecode(path)) for path in records.python_metadata}
    every = distributions.all(sites)
    found = [each for each in every if each not in known or is_copy(each, distributions, records)]
    beneath = packages_beneath(found, distributions, records)
    return tuple(_put(each, beneath[each].name if each in beneath else None, distributions, records) for each in found)


def _put(metadata: str, over: str | None, distributions: Distributions, records: CondaRecords) -> PipPut:
    said = distributions.metadata(metadata)
    project = project_of(os.path.basename(metadata))
    return PipPut(
        name=said.name or project.replace("_", "-"),
        project=project,
        version=said.version or "",
        requires=said.requires,
        files=frozenset(files_of_distribution(metadata, distributions, records)),
        over=over,
    )


def pip_effects(steps: Sequence[CondaStep], put: Iterable[PipPut], markers: Markers) -> tuple[PipEffect, ...]:
    """What each distribution would suffer: at most one effect, the gravest first."""
    found = (next(_effects(each, steps, markers), None) for each in put)
    return tuple(each for each in found if each is not None)


def _effects(put: PipPut, steps: Sequence[CondaStep], markers: Markers) -> Iterator[PipEffect]:
    for step in steps:
        if _meets(put, step):
            yield PipEffect(
                name=put.name,
                version=put.version,
                does="orphaned" if step.is_removed else "overwritten",
                by=step.package,
            )
    for text in put.requires:
        requirement = parse_requirement(text)
        if requirement is None or markers.holds(requirement.marker) is not True:
            continue
        for step in steps:
            if requirement.name not in step.projects:
                continue
            if step.is_removed or (step.new is not None and accepts(requirement.specifier, step.new) is False):
                yield PipEffect(
                    name=put.name, version=put.version, does="broken", by=step.package, why=requirement.plain
                )


def _meets(put: PipPut, step: CondaStep) -> bool:
    """Whether a step touches its files: by the files, where they are known, else by what it was put over and by its project."""
    if step.files is not None:
        return not step.files.isdisjoint(put.files)
    return put.over == step.package or (not step.is_removed and put.project in step.projects)
