"""Whether the records of a name's distributions are correct: read here, judged by `diagnose.records`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from ipython_where.facts.distributions.editable import lost_folder
from ipython_where.facts.distributions.leftovers import could_be
from ipython_where.facts.distributions.metadata import (
    editable_root,
    parse_direct_url,
    parse_installer,
    same_version,
    top_level_names,
)
from ipython_where.facts.distributions.record import UnreadableRecord, plain
from ipython_where.judge.diagnose.records import (
    Claim,
    Record,
    again,
    claim_findings,
    disagreeing,
    set_aside,
    taken_away,
    twice,
    unnamed,
    vanished,
)
from ipython_where.model import Distribution, Finding, Origin
from ipython_where.project_names import normalized

from .world import World

if TYPE_CHECKING:
    from ipython_where.facts.conda.ownership import CondaClaim
    from ipython_where.facts.conda.records import CondaRecord
    from ipython_where.facts.imports.finding import Found
    from ipython_where.facts.imports.ownership import Ownership


def read_claims(metadata: Iterable[str], world: World, file: str | None = None) -> tuple[Claim, ...]:
    """The distributions in these metadata directories whose record is wrong or not the only one.

    Checks the size of ``file`` too, whichever of them owns it.
    """
    claims: dict[str, Claim] = {}
    for each in metadata:
        claim = read_claim(each, world, file)
        if claim.is_damaged:
            claims.setdefault(normalized(claim.name), claim)
    return tuple(claims.values())


def record_findings(world: World) -> Iterator[Finding]:
    """What is wrong with an environment's records, as far as file names alone show it."""
    from ipython_where.facts.imports.survey import read_duplicates, read_vanished  # a name's answer needs neither

    gone = [each for each in map(_whole_claim, read_vanished(world.path, world.distributions), repeat(world)) if each]
    if gone:
        yield vanished(gone)
    yield from _broken_pip(gone, world)
    for _, metadata in read_duplicates(world.path, world.distributions):
        claim = read_claim(metadata[0], world)
        yield twice(claim.name, tuple(_record(each, world) for each in metadata), again(claim))
    yield from _conda_findings(world)
    yield from unnamed_findings(world)
    aside = read_set_aside(None, world)
    if aside:
        yield set_aside(aside)


def unnamed_findings(world: World) -> Iterator[Finding]:
    """The projects that were installed under the name `UNKNOWN`, without a module."""
    read = world.distributions
    for metadata in read.find("UNKNOWN", world.path):
        record, origin = _record(metadata, world), parse_direct_url(read.content(metadata, "direct_url.json"))[0]
        listed = read.files(metadata)
        if record.version == "0.0.0" and listed is not None and not top_level_names(listed, None):
            yield unnamed(record, _local(origin))


def _local(origin: Origin | None) -> str | None:
    if origin is None or not origin.url.startswith("file:"):
        return None
    from urllib.parse import unquote, urlsplit  # 4 ms, and hardly any answer gets here

    path = unquote(urlsplit(origin.url).path)
    return path if os.path.exists(path) else None


def _broken_pip(told: Sequence[Claim], world: World) -> Iterator[Finding]:
    """What is wrong with the files of the environment's own pip: every install needs it, and none says why it fails."""
    for metadata in world.distributions.find("pip", world.interpreter["site_directories"])[:1]:
        if world.distributions.is_whole(metadata):
            continue  # as nearly always: the rest of its record takes half as long again
        claim = read_claim(metadata, world)
        if claim not in told:
            yield from claim_findings(claim)


def _whole_claim(metadata: str, world: World) -> Claim | None:
    claim = read_claim(metadata, world)
    return claim if claim.gone and len(claim.gone) == claim.listed else None


def _conda_findings(world: World) -> Iterator[Finding]:
    """What another installer replaced or removed of what conda installed, by the metadata that conda lists."""
    if not world.conda.all:
        return
    from ipython_where.facts.conda.ownership import lost_metadata

    removed = []
    for each in lost_metadata(world.distributions, world.conda):
        conda = _conda_record(each.record)
        if each.now is None:
            removed.append((each.project.replace("_", "-"), conda))
        elif not _agrees(conda, other := _record(each.now, world)):
            yield disagreeing(world.distributions.metadata(each.now).name or each.project, conda, other)
    if removed:
        yield taken_away(removed)


def claiming(module: str, world: World) -> tuple[str, ...]:
    """The metadata directories on the path that list a module whose files are gone."""
    read = world.distributions
    listing = (each for entry in world.path for each in read.listing_module(module, location=entry))
    found = dict.fromkeys(listing)
    gone = {each: look.files for each in found if (look := read.gone(each)) is not None}
    return tuple(each for each in gone if lists_module(gone[each], module))


def lists_module(files: Iterable[str], module: str) -> bool:
    """Whether any of these files belongs to a module or to something inside it."""
    path = module.replace(".", "/")
    return any(file.startswith((f"{path}/", f"{path}.")) for file in files)


def read_set_aside(name: str | None, world: World) -> tuple[str, ...]:
    """The folders that an interrupted pip set aside, or only those that may belong to ``name``."""
    return tuple(
        os.path.join(entry, each)
        for entry in world.path
        if (listing := world.distributions.directory(entry)) is not None
        for each in listing.leftovers
        if name is None or could_be(each, name)
    )


def read_claim(metadata: str, world: World, file: str | None = None) -> Claim:
    """What a metadata directory claims, and whether the disk agrees."""
    read, prefix = world.distributions, world.interpreter["prefix"]
    name = read.metadata(metadata).name or os.path.basename(metadata)
    twins = read.find(name, [os.path.dirname(metadata)])
    if len(twins) > 1:
        metadata = read.true_one(twins) or metadata
        name = read.metadata(metadata).name or name
    record, gone = _record(metadata, world), read.gone(metadata)
    folder = editable_root(read.content(metadata, "direct_url.json"))
    if (
        os.path.basename(metadata) == f"{name}.egg-info"
    ):  # in the project's own folder, because `setup.py develop` puts it there
        folder = os.path.dirname(metadata)
    return Claim(
        name=name,
        record=record,
        prefix=prefix,
        listed=gone.listed if gone else 0,
        gone=gone.files if gone else (),
        cut_off=read.cut_off(metadata, file),
        problems=_problems(metadata, record.installer, world),
        folder=folder,
        has_folder=folder is None or os.path.isdir(folder),
        lost=lost_folder(metadata, read),
        twins=tuple(_record(each, world) for each in twins) if read.contradict(twins) else (),
        conda=_replaced(metadata, record, world),
    )


def _record(metadata: str, world: World) -> Record:
    claim = conda_claim(metadata, world)
    installer = parse_installer(world.distributions.content(metadata, "INSTALLER"))
    is_condas = claim is not None and claim.is_whole
    return Record(
        metadata=metadata,
        version=world.distributions.metadata(metadata).version,
        installer="conda" if is_condas else installer,
        package=claim.record.name if claim is not None and is_condas else None,
    )


def conda_claim(metadata: str, world: World) -> CondaClaim | None:
    """conda's claim on a distribution, by its records."""
    if not world.conda.all:
        return None
    from ipython_where.facts.conda.ownership import claim_on

    return claim_on(metadata, world.distributions, world.conda)


def _conda_record(record: CondaRecord) -> Record:
    return Record(metadata=record.file, version=record.version, installer="conda", package=record.name)


def _replaced(metadata: str, other: Record, world: World) -> Record | None:
    """What conda has below a distribution that another installer put there, if that is another version."""
    claim = conda_claim(metadata, world)
    conda = _conda_record(claim.record) if claim is not None and not claim.is_whole else None
    return conda if conda is not None and not _agrees(conda, other) else None


def _agrees(conda: Record, other: Record) -> bool:
    return other.version is None or conda.version is None or same_version(conda.version, other.version)


def _problems(metadata: str, installer: str | None, world: World) -> tuple[str, ...]:
    """What is damaged in a metadata directory."""
    read = world.distributions
    content = {name: read.content(metadata, name) for name in ("METADATA", "RECORD", "direct_url.json")}
    unreadable = [name for name in content if content[name] is None and os.path.lexists(os.path.join(metadata, name))]
    judged = {
        "METADATA": read.metadata(metadata).problem,
        "RECORD": _record_problem(content["RECORD"], installer, os.path.dirname(metadata)),
        "direct_url.json": parse_direct_url(content["direct_url.json"])[1],
    }
    found = (f"its {name} cannot be read" if name in unreadable else judged[name] for name in content)
    return tuple(each for each in found if each is not None)


def _record_problem(record: bytes | None, installer: str | None, location: str) -> str | None:
    """pip and uv write a RECORD; Debian removes it."""
    if record is None:
        return "it has no RECORD, so its files can't be determined" if installer in ("pip", "uv") else None
    try:
        plain(record, location)
    except UnreadableRecord as error:
        return f"its RECORD is broken: {error}"
    return None


def is_there(metadata: str, findable: Sequence[bool], world: World) -> bool:
    """Whether a recorded distribution really is installed: one of its modules can be found, or none of its files is gone."""
    if any(findable):
        return True
    read, is_dist_info = world.distributions, metadata.endswith(".dist-info")
    if lost_folder(metadata, read) is not None:
        return False
    gone = read.gone(metadata)
    if gone is not None:
        return not findable and not gone.is_all
    return read.files(metadata) is not None or read.content(metadata, "METADATA") is not None or not is_dist_info


def read_covered(found: Found | None, owner: Ownership, world: World) -> tuple[str, str] | None:
    """The distribution, and its location, whose module is hidden by an unowned file of the same name beside it."""
    if found is None or found.file is None or owner.all != () or found.kind == "namespace":
        return None
    from ipython_where.facts.imports.ownership import root_of  # an answer about the environment needs no owners

    location = root_of(found)
    for metadata in world.distributions.listing_code(found.name, location=location):
        return world.distributions.metadata(metadata).name or os.path.basename(metadata), location
    return None


def read_changed(
    found: Found | None, owner: Ownership, distribution: Distribution | None, world: World
) -> tuple[int, int] | None:
    """The size of a module's source and the size that pip or uv recorded, if they differ; for an empty file see `cut_off`.

    conda patches files after RECORD was written.
    """
    if found is None or found.file is None or not found.file.endswith(".py") or owner.sole is None:
        return None
    if distribution is None or distribution.installer not in ("pip", "uv"):
        return None
    row = world.distributions.row(owner.sole, found.file, os.path.dirname(owner.sole)) or b""
    recorded = row.rpartition(b",")[2]
    try:
        size = os.stat(found.file).st_size
    except OSError:
        return None
    return (size, int(recorded)) if recorded.isdigit() and 0 < size != int(recorded) else None
