"""Why did the import of an installed module fail?

Tested in `tests/show/notebook/test_failed_imports.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.facts.imports.finding import find
from ipython_where.facts.imports.loaded import read_loaded
from ipython_where.judge.diagnose.broken_module import BrokenModule, Built, Unmet
from ipython_where.judge.diagnose.foreign_build import ForeignBuild
from ipython_where.judge.diagnose.records import Claim
from ipython_where.judge.failure import FailedImport
from ipython_where.project_names import normalized

from .foreign_build import read_foreign_build, read_foreign_bytecode, read_foreign_machine
from .records import read_claim
from .shadowing import owner_of, read_hidden, read_outdated
from .world import World


def read_broken(failed: FailedImport, world: World) -> BrokenModule:
    """What explains why the import of an existing module failed."""
    source = failed.source.partition(".")[0] if failed.source else None
    hidden = read_hidden(source, failed.source or source, world) if source else None
    if hidden is not None:
        return BrokenModule(hidden=hidden)
    if (cut_off := _cut_off(failed, world)) is not None:
        return BrokenModule(cut_off=cut_off)
    if (foreign := _foreign_build(failed, world)) is not None:
        return BrokenModule(foreign_build=foreign)
    if failed.refusal is not None and failed.file is not None:
        from .unloaded import read_unloaded

        return BrokenModule(unloaded=read_unloaded(failed.file, failed.refusal, world))
    tops = tuple(dict.fromkeys(filter(None, (source, failed.mismatch, *failed.packages))))
    outdated = tuple(filter(None, (read_outdated(top, world) for top in tops)))
    if outdated:
        return BrokenModule(outdated=outdated)
    owners = {top: owner for top in tops if (owner := _owner_of(top, world)) is not None}
    of_source = owners.get(source or failed.mismatch or "")
    return BrokenModule(
        unmet=next(_unmet(owners, of_source, world), None) if of_source else None,
        twice=_twice(of_source, world) if of_source else None,
        built=_built(failed, owners, world) if failed.mismatch else None,
    )


def _cut_off(failed: FailedImport, world: World) -> Claim | None:
    """The damaged distribution behind the file that failed to load, or behind the code that lacks a name.

    For a compiled module, the error has only the last part of the name.
    """
    file = failed.file
    if file is None and failed.source is not None:
        found = find(failed.source, world.system).found
        file = found.file if found is not None else None
    if file is None:
        return None
    for entry in (each for each in world.path if file.startswith(os.path.join(each, ""))):
        for owner in world.distributions.owners(file, location=entry):
            if os.path.relpath(file, entry) in world.distributions.cut_off(owner, file):
                return read_claim(owner, world, file)
    return None


def _foreign_build(failed: FailedImport, world: World) -> ForeignBuild | None:
    """The compiled file, wanted or loaded, that was built for a different Python or machine."""
    if failed.source is None:
        return None
    bytecode = read_foreign_bytecode(failed.source, find(failed.source, world.system).found, world)
    if bytecode is not None:
        return bytecode
    found = (read_foreign_build(f"{failed.source}.{name}", world) for name in failed.names)
    foreign = next(filter(None, found), None)
    if foreign is None and failed.file is not None:
        return read_foreign_machine(failed.file, failed.source, world)
    return foreign


def lacks_code(package: str, world: World) -> bool:
    """Whether a package is only a folder: a namespace that holds nothing but other modules."""
    found = find(package, world.system).found
    return found is not None and found.kind == "namespace"


def _owner_of(top: str, world: World) -> str | None:
    found = find(top, world.system).found
    return owner_of(found, world) if found is not None else None


def _unmet(owners: dict[str, str], wrong: str, world: World) -> Iterator[Unmet]:
    """The requirements of the distributions involved that the wrong one does not satisfy."""
    other = world.distributions.metadata(wrong)
    markers = Markers(world.interpreter["markers"])
    for owner in owners.values():
        facts = world.distributions.metadata(owner)
        for requirement in filter(None, map(parse_requirement, facts.requires)):
            if requirement.name != normalized(other.name or "") or not other.version or not facts.version:
                continue
            if markers.holds(requirement.marker) and accepts(requirement.specifier, other.version) is False:
                yield Unmet(
                    distribution=facts.name or "",
                    version=facts.version,
                    requirement=requirement.plain,
                    found=other.name or "",
                    found_version=other.version,
                )


def _twice(owner: str, world: World) -> Claim | None:
    """The distribution, if its directory holds records of it that contradict each other.

    Without its version: that may be the older one, and the import fails with it.
    """
    claim = read_claim(owner, world)
    return replace(claim, record=replace(claim.record, version=None)) if claim.twins else None


def _built(failed: FailedImport, owners: dict[str, str], world: World) -> Built | None:
    """The innermost package whose compiled parts were built for another version of the mismatched one."""
    builder = next((each for each in failed.packages if each != failed.mismatch), None)
    if builder not in owners or failed.mismatch not in owners:
        return None
    loaded = read_loaded(failed.mismatch, world.system.modules)
    facts, other = (world.distributions.metadata(owners[each]) for each in (builder, failed.mismatch))
    return Built(
        distribution=facts.name or builder,
        version=facts.version,
        other=other.name or failed.mismatch,
        other_version=other.version,
        loaded=loaded is not None and loaded.version == other.version,
    )
