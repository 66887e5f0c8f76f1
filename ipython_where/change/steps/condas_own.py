"""Reads what conda owns of a change: its claims on distributions, and on single files.

Tested in `tests/change/steps/test_conda_refusals.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from ipython_where.change.plan.conda_owned import CondaClash
from ipython_where.change.plan.meetings import Meeting
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.facts.conda.ownership import CondaClaim, first_claim, modules_at
from ipython_where.facts.conda.records import CondaRecord
from ipython_where.project_names import normalized


def claims_on(names: Sequence[str], target: TargetEnvironment) -> dict[str, CondaClaim]:
    """conda's claims on these projects, by normalised name: on any copy in the environment, also one that another hides."""
    records = target.conda
    if not records.all:
        return {}
    found = {}
    for name in names:
        metadata = target.world.distributions.find(name, sites_of(target))
        claim = first_claim(metadata, target.world.distributions, records)
        if claim is not None:
            found[normalized(name)] = claim
    return found


def is_condas(metadata: str, target: TargetEnvironment) -> bool:
    """Whether conda lists this metadata: then the distribution is its package."""
    path = target.conda.path_of(metadata) if target.conda.all else None
    return path in target.conda.python_metadata


def clashes_with_conda(meeting: Meeting, target: TargetEnvironment) -> Iterator[CondaClash]:
    """The files of conda's that a change touches beyond those of the packages that its own distributions are."""
    records = target.conda
    if not records.all:
        return
    reported = {claim.record for claim in claims_on(meeting.projects, target).values()}
    touched = {records.path_of(os.path.join(target.root, path)): each for path, each in meeting.touched().items()}
    owners = records.owners_of(path for path in touched if path is not None)
    for path, found in sorted(owners.items(), key=lambda each: each[0]):
        by, does = touched[path]
        yield from (_clash(each, by, path, does) for each in found if each not in reported)
    for brought, names in meeting.new_names():
        for path, record in modules_at(names, sites_of(target), records).values():
            if record not in reported and path not in owners:
                yield _clash(record, brought, path, "hide")


def _clash(record: CondaRecord, by: str, path: bytes, does: str) -> CondaClash:
    return CondaClash(record=record, by=by, path=os.fsdecode(path), does=does)


def sites_of(target: TargetEnvironment) -> tuple[str, ...]:
    """The directories with what conda installs for Python, also where the user's site is what changes."""
    described = target.world.description
    return tuple(dict.fromkeys((described["purelib"], described["platlib"])))
