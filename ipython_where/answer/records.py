"""Whether the records of a name's distributions are correct: read here, judged by `diagnose.records`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from ipython_where.facts.distributions.editable import lost_folder
from ipython_where.facts.distributions.leftovers import could_be
from ipython_where.facts.distributions.metadata import editable_root, parse_direct_url, parse_installer, same_version
from ipython_where.facts.distributions.record import UnreadableRecord, plain
from ipython_where.facts.imports.survey import read_vanished
from ipython_where.judge.diagnose.records import Claim, Record, disagreeing, set_aside, vanished
from ipython_where.model import Finding
from ipython_where.project_names import normalized

from .world import World


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
    gone = [each for each in map(_whole_claim, read_vanished(world.path, world.distributions), repeat(world)) if each]
    if gone:
        yield vanished(gone)
    for name, conda, other in _disagreements(world):
        yield disagreeing(name, conda, other, world.interpreter["prefix"])
    aside = read_set_aside(None, world)
    if aside:
        yield set_aside(aside)


def _whole_claim(metadata: str, world: World) -> Claim | None:
    claim = read_claim(metadata, world)
    return claim if claim.gone and len(claim.gone) == claim.listed else None


def _disagreements(world: World) -> Iterator[tuple[str, Record, Record]]:
    """What conda records in a different version than the installed one."""
    for name, conda in _conda_records(world, ""):
        for metadata in world.distributions.find(name, world.path)[:1]:
            record = _record(metadata, world)
            if not _agrees(conda, record):
                yield name, conda, record


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
        conda=_conda_record(name, record, world),
    )


def _record(metadata: str, world: World) -> Record:
    installer = parse_installer(world.distributions.content(metadata, "INSTALLER"))
    return Record(metadata=metadata, version=world.distributions.metadata(metadata).version, installer=installer)


def _conda_records(world: World, start: str) -> Iterator[tuple[str, Record]]:
    """What conda records in this prefix, by the `conda-meta` file names (`numpy-2.1.0-py312h1.json`) that start this way."""
    folder = os.path.join(world.interpreter["prefix"], "conda-meta")
    listing = world.distributions.directory(folder)
    for each in (
        listing.beginning(start) if listing is not None and start else listing.names if listing is not None else ()
    ):
        name, *rest = each.removesuffix(".json").rsplit("-", 2)
        if len(rest) == 2 and each.endswith(".json"):
            yield name, Record(metadata=os.path.join(folder, each), version=rest[0], installer="conda")


def _conda_record(name: str, other: Record, world: World) -> Record | None:
    """What conda records for a project, if that is not what is installed."""
    wanted = normalized(name)
    alike = (each for named, each in _conda_records(world, wanted.partition("_")[0]) if normalized(named) == wanted)
    return next((each for each in alike if not _agrees(each, other)), None)


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
