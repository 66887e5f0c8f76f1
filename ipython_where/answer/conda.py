"""The conda package behind a name: whose file it is by conda's records, and whether anybody asked for it.

Tested in `tests/answer/test_conda.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ipython_where.facts.conda.inventory import linked_sha256, linked_size
from ipython_where.facts.conda.ownership import CondaClaim, claim_on
from ipython_where.facts.conda.prefix import CondaPrefix
from ipython_where.facts.conda.records import CondaRecord
from ipython_where.facts.files import sha256_of
from ipython_where.judge.conda_spec import name_in
from ipython_where.judge.diagnose.conda import altered_finding, changed_finding
from ipython_where.model import CondaPackage, Evidence, Finding

from .world import World


def package_of(file: str | None, metadata: str | None, hidden: Iterable[str], world: World) -> CondaPackage | None:
    """The conda package of a module's file and distribution; else that of a copy which the file hides."""
    claim = claim_on(metadata, world.distributions, world.conda) if metadata is not None else None
    if file is not None and (claim is None or not claim.is_whole):
        own = _of_file(file, world)  # one distribution may lie over several packages
        claim = replace(own, is_whole=metadata is None) if own is not None else claim
    if claim is not None:
        return _package(claim, world)
    found = (each for each in (_of_file(one, world) for one in hidden) if each is not None)
    behind = next(found, None)
    return _package(behind, world, is_hidden=True) if behind is not None else None


def _of_file(file: str, world: World) -> CondaClaim | None:
    path = world.conda.path_of(file)
    owners = world.conda.owners(path) if path is not None else ()
    return CondaClaim(record=owners[0], is_whole=True) if owners else None


def metadata_of(file: str, world: World) -> str | None:
    """The one metadata directory, or egg-info file, of the conda package that lists a file; None if it has none, or several."""
    path = world.conda.path_of(file) if world.conda.all else None
    owners = world.conda.owners(path) if path is not None else ()
    found = (
        [each for each, record in world.conda.python_metadata.items() if record in owners] if len(owners) == 1 else []
    )
    there = os.path.join(world.conda.prefix, os.fsdecode(found[0])) if len(found) == 1 else ""
    return there if there and os.path.exists(there) else None


def altered(file: str, package: CondaPackage, world: World) -> tuple[Finding, ...]:
    """That a file isn't as long as conda linked it, where linking changes no length; several packages may share one."""
    path = world.conda.path_of(file)
    owners = world.conda.owners(path) if path is not None and not package.replaced and not package.hidden else ()
    details = world.conda.details(owners[0]) if path is not None and len(owners) == 1 else None
    entry = details.paths.get(os.fsdecode(path), {}) if details is not None and path is not None else {}
    recorded = linked_size(entry)
    try:
        size = os.stat(file).st_size
    except OSError:
        return ()
    return (altered_finding(package.name, file, size, recorded),) if recorded not in (None, size) else ()


def changed_files(package: CondaPackage, world: World) -> Iterator[Finding]:
    """The files of a package that are not what conda linked, by their hashes: each of them is read."""
    record = world.conda.named(package.name)
    details = world.conda.details(record) if record is not None and not package.replaced else None
    changed = [path for path, entry in details.paths.items() if _is_changed(path, entry, world)] if details else []
    if changed:
        yield changed_finding(package.name, tuple(changed))


def _is_changed(path: str, entry: Mapping[str, Any], world: World) -> bool:
    recorded = linked_sha256(entry)
    file = os.path.join(world.conda.prefix, path)
    is_plain = entry.get("path_type") == "hardlink" and not path.endswith((".pyc", ".pyo"))
    if not is_plain or recorded is None or len(world.conda.owners(os.fsencode(path))) > 1:
        return False
    there = sha256_of(file)
    return there is not None and there != recorded


def requested_by(record: CondaRecord, world: World) -> bool | None:
    """Whether a package was asked for by name: by the history, or where none was written by the record; None if unknown."""
    return _asked(record, world)[0]


def _asked(record: CondaRecord, world: World) -> tuple[bool | None, str | None]:
    asked = CondaPrefix(world.conda.prefix).history.asked
    if asked is not None:
        spec = asked.get(record.name.lower())
        return spec is not None, spec
    details = world.conda.details(record)
    if details is None or details.requested_specs is None:
        return None, None
    return bool(details.requested_specs), next(iter(details.requested_specs), None)


def _package(claim: CondaClaim, world: World, *, is_hidden: bool = False) -> CondaPackage:
    record = claim.record
    details = world.conda.details(record)
    requested, spec = _asked(record, world)
    pinned = (each for each in CondaPrefix(world.conda.prefix).pinned if name_in(each) == record.name.lower())
    return CondaPackage(
        name=record.name,
        version=record.version,
        build=record.build,
        channel=channel_name(details.channel, details.subdir) if details is not None and details.channel else None,
        record=record.file,
        requested=requested,
        spec=spec,
        pinned=next(pinned, None),
        replaced=not claim.is_whole,
        hidden=is_hidden,
    )


def channel_name(channel: str, subdir: str | None) -> str:
    """A channel as people write it: `conda-forge` for its URL on Anaconda's servers, any other URL without the platform."""
    channel = channel.rstrip("/")
    for folder in filter(None, (subdir, "noarch")):
        channel = channel.removesuffix(f"/{folder}")
    host, _, path = channel.partition("://")[2].rpartition("@")[2].partition("/")
    is_known = host.endswith(".anaconda.org") or (host.endswith(".anaconda.com") and path.startswith("pkgs/"))
    return path if is_known and not path.startswith("t/") else channel


def called_like(query: str, world: World) -> tuple[CondaPackage | None, tuple[Finding, ...]]:
    """The conda package of a name that no import finds: a program or a library, or a project that is imported by another name."""
    record = world.conda.named(query)
    if record is None:
        return None, ()
    modules = sorted(_modules(record, world))
    package = _package(CondaClaim(record=record, is_whole=True), world)
    shown = ", ".join(f"`{each}`" for each in modules[:5])
    finding = Finding(
        id="conda-imported-as" if modules else "conda-no-module",
        severity="note",
        message=f"conda's package `{record.name}` "
        + (f"provides {shown}" if modules else "is installed, and has no Python module"),
        evidence=(Evidence(label="conda", value=record.file, note=record.version),),
        hint=f"`import {modules[0]}` imports it" if len(modules) == 1 else None,
    )
    return package, (finding,)


def _modules(record: CondaRecord, world: World) -> set[str]:
    """The top-level modules that a package has in the site directories."""
    found = set()
    for site in world.interpreter["site_directories"]:
        start = (world.conda.path_of(os.path.join(site, "x")) or b"\0x")[:-1]
        for path in world.conda.files(record) or ():
            if path.startswith(start) and path.endswith((b".py", b".so", b".pyd")):
                name = os.fsdecode(path[len(start) :]).partition("/")[0].partition(".")[0]
                found |= {name} if name.isidentifier() else set()
    return found
