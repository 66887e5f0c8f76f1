"""Whether the records of a name's distributions are true: read from the disk, judged by `diagnose.records`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ..diagnose.records import Claim, Record
from ..modules.directory import could_be, normalized
from ..modules.metadata import editable_root, parse_direct_url, parse_installer, same_version
from ..modules.record import UnreadableRecord, plain
from .world import World


def read_claims(metadata: Iterable[str], world: World) -> tuple[Claim, ...]:
    """The distributions among some metadata directories whose record is not true, or not the only one."""
    claims: dict[str, Claim] = {}
    for each in metadata:
        claim = _claim(each, world)
        if claim.is_damaged:
            claims.setdefault(normalized(claim.name), claim)
    return tuple(claims.values())


def claiming(module: str, world: World) -> tuple[str, ...]:
    """The metadata directories along the path that list a module whose files are gone."""
    read, path = world.distributions, module.replace(".", "/")
    listing = (each for entry in world.path for each in read.listing_module(module, location=entry))
    found = dict.fromkeys(listing)
    gone = {each: look.files for each in found if (look := read.gone(each)) is not None}
    return tuple(each for each in gone if any(file.startswith((f"{path}/", f"{path}.")) for file in gone[each]))


def read_set_aside(name: str, world: World) -> tuple[str, ...]:
    """The folders that an interrupted pip put aside and that may be of a name."""
    return tuple(
        os.path.join(entry, each)
        for entry in world.path
        if (listing := world.distributions.directory(entry)) is not None
        for each in listing.leftovers
        if could_be(each, name)
    )


def _claim(metadata: str, world: World) -> Claim:
    read, prefix = world.distributions, world.interpreter["prefix"]
    name = read.metadata(metadata).name or os.path.basename(metadata)
    twins = read.find(name, [os.path.dirname(metadata)])
    if len(twins) > 1:  # the one whose files are there is the one that was installed last
        metadata = next((each for each in twins if read.gone(each) is None), metadata)
    record, gone = _record(metadata, world), read.gone(metadata)
    folder = editable_root(read.content(metadata, "direct_url.json"))
    return Claim(
        name=name,
        record=record,
        prefix=prefix,
        listed=gone.listed if gone else 0,
        gone=gone.files if gone else (),
        problems=_problems(metadata, record.installer, world),
        folder=folder,
        has_folder=folder is None or os.path.isdir(folder),
        twins=tuple(_record(each, world) for each in twins) if len(twins) > 1 else (),
        conda=next((each for each in conda_records(name, world) if not _agrees(each, record)), None),
    )


def _record(metadata: str, world: World) -> Record:
    installer = parse_installer(world.distributions.content(metadata, "INSTALLER"))
    return Record(metadata=metadata, version=world.distributions.metadata(metadata).version, installer=installer)


def conda_records(name: str, world: World) -> Iterator[Record]:
    """What conda records of a project in this prefix, told by the names in `conda-meta` (`numpy-2.1.0-py312h1.json`)."""
    listing = world.distributions.directory(os.path.join(world.interpreter["prefix"], "conda-meta"))
    for each in listing.beginning(normalized(name).partition("_")[0]) if listing is not None else ():
        parts = each.removesuffix(".json").rsplit("-", 2)
        if len(parts) == 3 and each.endswith(".json") and normalized(parts[0]) == normalized(name):
            yield Record(
                metadata=os.path.join(listing.path, each) if listing else each, version=parts[1], installer="conda"
            )


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
    """pip and uv write a RECORD; Debian takes it away."""
    if record is None:
        return "it has no RECORD, so its files can't be determined" if installer in ("pip", "uv") else None
    try:
        plain(record, location)
    except UnreadableRecord as error:
        return f"its RECORD is broken: {error}"
    return None


def is_there(metadata: str, findable: Sequence[bool], world: World) -> bool:
    """Whether a distribution that is recorded is there at all: one of its modules is found, or none of its files is gone."""
    if any(findable):
        return True
    read = world.distributions
    folder = editable_root(read.content(metadata, "direct_url.json"))
    if folder is not None and not os.path.isdir(folder):
        return False
    gone = read.gone(metadata)
    if gone is None:
        return (
            read.files(metadata) is not None
            or read.content(metadata, "METADATA") is not None
            or not metadata.endswith(".dist-info")
        )
    return not findable and not gone.is_all
