"""Which conda package a Python distribution belongs to: by conda's records, whatever its own metadata says.

Tested in `tests/facts/conda/test_ownership.py`.
"""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ipython_where.facts.distributions.directory import project_of
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import parse_installer
from ipython_where.facts.files import sha256_of
from ipython_where.value import dataclass

from .inventory import linked_sha256
from .records import CondaRecord, CondaRecords

_CODE = (b".py", b".so", b".pyd", b".pyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaClaim:
    """That conda has a hand in a distribution. ``is_whole``: conda lists its metadata, and linked it: it is the package itself.

    Else another installer put it over the package, and conda still lists some of its files. ``is_sure``: False if the record
    can't be read, and only its name is the distribution's.
    """

    record: CondaRecord
    is_whole: bool
    is_sure: bool = True


def claim_on(metadata: str, distributions: Distributions, records: CondaRecords) -> CondaClaim | None:
    """conda's claim on the distribution with this metadata directory, or egg-info file; None if it has none."""
    path = records.path_of(metadata) if records.all else None
    if path is None:
        return None
    owners = records.owners_below(path) or records.owners(path)
    if owners:
        return CondaClaim(record=owners[0], is_whole=not is_copy(metadata, distributions, records))
    beneath = packages_beneath([metadata], distributions, records)
    if beneath:
        return CondaClaim(record=beneath[metadata], is_whole=False)
    alike = records.named_like(project_of(os.path.basename(metadata)))
    return CondaClaim(record=alike, is_whole=True, is_sure=False) if alike in records.unread and alike else None


def first_claim(metadata: Iterable[str], distributions: Distributions, records: CondaRecords) -> CondaClaim | None:
    """The strongest claim on any of a project's metadata directories: a copy in the user site may hide conda's."""
    found = [each for one in metadata if (each := claim_on(one, distributions, records)) is not None]
    return max(found, key=lambda each: each.is_whole, default=None)


def packages_beneath(
    metadata: Iterable[str], distributions: Distributions, records: CondaRecords
) -> dict[str, CondaRecord]:
    """For each of these distributions that has files which conda lists: the package that lists most of them."""
    having = {each: files_of_distribution(each, distributions, records) for each in metadata}
    owners = records.owners_of({path for paths in having.values() for path in paths})
    counted = {each: Counter(one for path in paths for one in owners.get(path, ())) for each, paths in having.items()}
    return {each: max(count, key=lambda one: (count[one], one.name)) for each, count in counted.items() if count}


def files_of_distribution(metadata: str, distributions: Distributions, records: CondaRecords) -> set[bytes]:
    """The files of a distribution as conda's records spell them, without bytecode."""
    path = records.path_of(metadata)
    if path is None:
        return set()
    site = posixpath.dirname(path)
    lines = (distributions.files(metadata) or b"").split(b"\n")
    listed = (line.rpartition(b",")[0].rpartition(b",")[0].strip(b'"') for line in lines)
    return {posixpath.normpath(posixpath.join(site, each)) for each in listed if each and not each.endswith(b".pyc")}


@dataclass(frozen=True, slots=True, kw_only=True)
class LostMetadata:
    """A distribution that conda installed and another installer took away; ``now`` is what that put in its place, if anything."""

    record: CondaRecord
    project: str
    now: str | None


def lost_metadata(distributions: Distributions, records: CondaRecords) -> Iterator[LostMetadata]:
    """The metadata that conda lists and that is gone: of packages that were replaced, or removed, behind conda's back."""
    for path, record in records.python_metadata.items():
        site, name = os.path.split(os.path.join(records.prefix, os.fsdecode(path)))
        listing = distributions.directory(site)
        if listing is not None and name not in listing.lookup:
            found = distributions.find(project_of(name), [site])
            yield LostMetadata(record=record, project=project_of(name), now=found[0] if found else None)


def is_copy(metadata: str, distributions: Distributions, records: CondaRecords) -> bool:
    """Whether another installer proves to have put the same version in the package's place; each of them names itself."""
    installer = parse_installer(distributions.content(metadata, "INSTALLER"))
    return installer != "conda" and is_rewritten(metadata, records) is True


def is_rewritten(metadata: str, records: CondaRecords) -> bool | None:
    """Whether the RECORD in a metadata directory that conda lists is not what conda linked: pip's copy of the same version
    has all of conda's names, but its own list of files. None if conda's records have no hash that tells.
    """
    path = records.path_of(os.path.join(metadata, "RECORD"))
    there = sha256_of(os.path.join(metadata, "RECORD"))
    if path is None or there is None:
        return False
    found = [records.details(each) for each in records.owners(path)]
    # packages that share a path: the file is one of theirs
    hashes = [linked_sha256(each.paths.get(os.fsdecode(path), {})) if each is not None else None for each in found]
    if there in hashes:
        return False
    return None if None in hashes or records.unread else True


def modules_at(
    names: Iterable[str], sites: Sequence[str], records: CondaRecords
) -> dict[str, tuple[bytes, CondaRecord]]:
    """The top-level modules of these names that conda has in some site directories: a file of each, and its package."""
    found: dict[str, tuple[bytes, CondaRecord]] = {}
    for site in sites:
        folder = records.path_of(os.path.join(site, "x"))
        for name in names if folder is not None else ():
            start = (folder or b"")[:-1] + os.fsencode(name)
            listed = {**records.beginning(start + b"."), **records.beginning(start + b"/")}
            code = sorted((path for path in listed if path.endswith(_CODE)), key=lambda path: (path.count(b"/"), path))
            if code:
                found.setdefault(name, (code[0], listed[code[0]]))
    return found
