"""What pip put in the place of conda packages that go: another version, or its own copy of the same one.

Tested in `tests/change/conda/test_conda_change.py`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.preparation import read_layout
from ipython_where.change.transaction.stage import read_rows
from ipython_where.change.transaction.swap_plan import source_of
from ipython_where.facts.conda.ownership import is_copy, is_rewritten, lost_metadata
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions
from ipython_where.model import Evidence, Finding

from .conda_plan import CondaDifference


def copies_over(packages: Collection[str], target: TargetEnvironment) -> list[Installed]:
    """What pip put in the place of these conda packages' own distributions, as far as it is proven."""
    records = target.world.distributions.conda(target.root)
    lost = lost_metadata(target.world.distributions, records) if packages else ()
    found = {each.now for each in lost if each.record.name in packages}
    return [*(each for each in _here(target) if each.metadata in found), *same_versions(packages, target)]


def same_versions(packages: Collection[str], target: TargetEnvironment) -> list[Installed]:
    """Those of the very version that conda has: their metadata is where conda's was."""
    records = target.world.distributions.conda(target.root)
    return [each for each in _listed(packages, target) if is_copy(each.metadata, target.world.distributions, records)]


def copies_findings(different: CondaDifference, target: TargetEnvironment) -> Iterator[Finding]:
    """That what pip put in the place of a removed package goes with it, and what of a package stays because nothing proves it."""
    copies = copies_over(different.removed, target)
    if copies:
        count = "a distribution" if len(copies) == 1 else f"{len(copies)} distributions"
        yield Finding(
            id="pip-removed",
            severity="warning",
            message=f"what is removed takes {count} along that pip put in its place",
            evidence=tuple(Evidence(label=each.name, value=each.version) for each in copies),
        )
    proven = {each.metadata for each in same_versions(different.out, target)}
    records = target.world.distributions.conda(target.root)
    for each in _listed(different.out, target):
        is_open = each.metadata not in proven and is_rewritten(each.metadata, records) is not False
        left = sorted(_left(each, target)) if is_open else []
        if left:
            yield _unknown(each, left)


def _here(target: TargetEnvironment) -> Iterable[Installed]:
    """The environment's own distributions: not the user's, which may hide some of these."""
    return InstalledDistributions(target.world.distributions, target.site_directories).all().values()


def _listed(packages: Collection[str], target: TargetEnvironment) -> list[Installed]:
    """The distributions whose metadata these packages list."""
    records = target.world.distributions.conda(target.root)
    listed = {path for path, record in records.python_metadata.items() if record.name in packages}
    return [each for each in _here(target) if listed and records.path_of(each.metadata) in listed]


def _left(installed: Installed, target: TargetEnvironment) -> set[str]:
    """The files that a distribution lists and no conda package, which are there; without those that go anyway: bytecode, and its
    metadata.
    """
    layout = read_layout(target.store.places, target.site_directories)
    metadata = layout.relative(installed.metadata)
    listed = {layout.canonical(row.path) for row in read_rows(target.root, metadata) if source_of(row.path) is None}
    listed = {each for each in listed if not each.startswith(f"{layout.canonical(metadata)}/")}
    owners = target.world.distributions.conda(target.root).owners_of(map(os.fsencode, listed))
    mine = listed - set(map(os.fsdecode, owners))
    return {each for each in mine if os.path.lexists(os.path.join(target.root, each))}


def _unknown(installed: Installed, left: list[str]) -> Finding:
    more = [Evidence(label="and", value=f"{len(left) - 10} more")] if len(left) > 10 else []
    return Finding(
        id="pip-unknown",
        severity="warning",
        message=f"files of `{installed.name}` stay, as nothing proves that pip put them there",
        evidence=(*(Evidence(label="file", value=each) for each in left[:10]), *more),
        hint=f"delete them if you had installed `{installed.name}` with pip, too",
    )
