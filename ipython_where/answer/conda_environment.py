"""The conda environment of this kernel: what is recorded of it, and what is wrong with it.

Tested in `tests/answer/test_conda_environment.py`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from ipython_where.facts.conda.inventory import linked_size
from ipython_where.facts.conda.ownership import lost_metadata
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaDetails, CondaRecord
from ipython_where.facts.environments.conda_environments import conda_channels, conda_name, unlisted
from ipython_where.facts.files import same_file
from ipython_where.judge.conda_spec import name_in
from ipython_where.judge.conda_versions import meets
from ipython_where.judge.diagnose.conda import CondaFacts, conda_findings
from ipython_where.model import CondaEnvironment, Finding

from .world import World


def read_conda_environment(world: World, *, verbose: bool) -> tuple[CondaEnvironment, tuple[Finding, ...]]:
    """What conda has recorded of the prefix, and its findings; whether each file is there is looked up if ``verbose``."""
    prefix, environ = world.conda.prefix, world.environ
    said = CondaPrefix(prefix)
    name, base = conda_name(prefix, environ, world.home)
    if said.pixi is not None and name is None:
        name = said.pixi.environment
    active = environ.get("CONDA_PREFIX")
    found = CondaEnvironment(
        name=name,
        base=base,
        packages=len(world.conda.all),
        channels=conda_channels(environ, world.home, prefix),
        pinned=said.pinned,
        frozen=said.is_frozen,
        pixi=said.pixi is not None,
        manifest=said.pixi.manifest if said.pixi is not None else None,
        activated=same_file(active, prefix) is True,
    )
    details = _details(world) if verbose else {}
    facts = CondaFacts(
        prefix=prefix,
        name=name if base is not None else None,
        is_pixi=found.pixi,
        frozen=os.path.join(prefix, "conda-meta", "frozen") if found.frozen else None,
        message=said.frozen_message if found.frozen else None,
        is_activated=found.activated,
        unset=tuple(said.unset_by(environ).items()),
        foreign=() if found.activated else tuple(_foreign(said, active, world)),
        gone=tuple(_gone(world)) if verbose else (),
        unread=tuple((each.name, each.file) for each in world.conda.unread),
        leftovers=said.leftovers(),
        unmet=tuple(_unmet(details, world)),
        altered=tuple(_altered(world, details)),
        malformed=tuple(each for each in said.pinned if name_in(each) is None),
        unpinned=tuple(_unpinned(said, world)) if verbose else (),
        bundle=_bundle(environ),
        unlisted=unlisted(prefix, world.home) if verbose and base is None else None,
    )
    return found, tuple(conda_findings(facts))


def _foreign(said: CondaPrefix, active: str | None, world: World) -> Iterator[tuple[str, str]]:
    """The variables that this environment would set, and that lead into the active one."""
    inside = os.path.join(active, "") if active else None
    if inside is None or world.conda.prefix.startswith(inside):  # `base` is above what is in its `envs`
        return
    for name in said.unset_by({}):
        value = world.environ.get(name, "")
        if value.startswith(inside):
            yield name, value


def _gone(world: World) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The files that conda lists and that are not there, as `conda doctor` finds them: bytecode doesn't count.

    Packages that another installer replaced or removed are told by themselves.
    """
    prefix = os.fsencode(world.conda.prefix)
    listed: dict[bytes, set[bytes]] = {}
    lost = {each.record for each in lost_metadata(world.distributions, world.conda)}
    for record in (each for each in world.conda.all if each not in lost):
        gone = []
        for path in world.conda.files(record) or ():
            if path.endswith((b".pyc", b".pyo")):
                continue
            folder, _, name = path.rpartition(b"/")
            if folder not in listed:
                listed[folder] = _names(os.path.join(prefix, folder))
            if name not in listed[folder] or not os.path.exists(os.path.join(prefix, path)):
                gone.append(os.fsdecode(path))
        if gone:
            yield record.name, tuple(gone)


def _details(world: World) -> dict[CondaRecord, CondaDetails]:
    """The content of each record: tens of megabytes in a large environment."""
    found = ((each, world.conda.details(each)) for each in world.conda.all)
    return {each: details for each, details in found if details is not None}


def _unmet(details: Mapping[CondaRecord, CondaDetails], world: World) -> Iterator[tuple[str, str, str | None]]:
    """What certainly isn't met of what packages depend on: virtual packages, builds and odd versions are left out."""
    there = {each.name.lower(): each.version for each in world.conda.all}
    for record, said in details.items():
        for needs in said.depends:
            name, _, wanted = needs.partition(" ")
            known = name_in(name)
            if known is None or name.startswith("__") or name_in(needs) != known:
                continue
            if known not in there:
                yield record.name, needs, None
            elif wanted and meets(wanted.split()[0], there[known]) is False:
                yield record.name, needs, there[known]


def _altered(world: World, details: Mapping[CondaRecord, CondaDetails]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The files of another size than conda linked; which of two packages a shared one is from isn't known."""
    lost = {each.record for each in lost_metadata(world.distributions, world.conda)} if details else set()
    shared = _shared(details)
    for record, said in details.items():
        found = []
        for path, entry in said.paths.items() if record not in lost else ():
            size = linked_size(entry)
            if size is not None and path not in shared and not path.endswith((".pyc", ".pyo")):
                there = _size(os.path.join(world.conda.prefix, path))
                found += [path] if there not in (None, size) else []
        if found:
            yield record.name, tuple(found)


def _shared(details: Mapping[CondaRecord, CondaDetails]) -> frozenset[str]:
    seen: set[str] = set()
    shared = set()
    for said in details.values():
        shared |= seen & said.paths.keys()
        seen |= said.paths.keys()
    return frozenset(shared)


def _size(path: str) -> int | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _unpinned(said: CondaPrefix, world: World) -> Iterator[str]:
    for each in said.pinned:
        name = name_in(each)
        if name is not None and world.conda.named(name) is None:
            yield name


def _bundle(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that downloads go by, where what it names is gone: `conda doctor` looks at it, too."""
    path = environ.get("REQUESTS_CA_BUNDLE") or ""
    return ("REQUESTS_CA_BUNDLE", path) if path and not os.path.exists(path) else None


def _names(folder: bytes) -> set[bytes]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()
