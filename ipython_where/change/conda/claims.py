"""What conda's records claim: the paths that each package lists, and the places where two claims meet.

rattler goes by records, not by what is on the disk. Where two packages list one path, or a file of one is a folder of the
other, it moves the files of either to `__clobbers__/PACKAGE/PATH`, or back. All other files of packages that stay it leaves
alone (rattler 0.28, `clobber_registry.rs` and `path_resolver`).
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipython_where.errors import WhereError
from ipython_where.facts.conda.records import CondaRecords
from ipython_where.model import Evidence

CLOBBERED = "__clobbers__/"
_ENTRY_POINT = "entry_point"
_ODD = (b'"/', b'""', b"//", b'"./', b"/./", b'/."', b'"."', b'"../', b"/../", b'/.."', b'".."', b'/"', b"\0")
"""What a path holds that leads outside, or that the disk spells otherwise, where each path stands in quotes."""

Claims = Mapping[str, frozenset[str]]
"""The paths that each record lists, by the name of its file; relative to the prefix, as the disk spells them."""


def read_claims(records: CondaRecords) -> dict[str, frozenset[str]]:
    """What the records of a prefix list. Raises `WhereError` where one can't be read, or leads outside."""
    for record in records.unread:
        listed_in(record.file)
        raise _unreadable(record.file, "it is cut off, or not named like one")
    return {os.path.basename(record.file): _claim(record.file, paths) for record, paths in records.listings()}


def _claim(record: str, paths: tuple[bytes, ...]) -> frozenset[str]:
    found = frozenset(map(os.fsdecode, paths))
    text = b'"%b"' % b'"'.join(paths)
    if paths and any(each in text for each in _ODD):
        return frozenset(_inside(path, record) for path in found)
    return found


def listed_in(record: str) -> frozenset[str]:
    """All that a record lists, as `files` or in `paths_data`. Raises `WhereError` where it can't be read, or leads outside."""
    data = read_record(record)
    return frozenset({*_files(data, record), *(path for path, _ in _entries(data, record))})


def placed_by(record: str) -> frozenset[str]:
    """The places that rattler compares with those of others: all that a record lists, but for entry points, which it writes over
    whatever is there.
    """
    data = read_record(record)
    scripts = {path for path, kind in _entries(data, record) if kind.endswith(_ENTRY_POINT)}
    return frozenset(map(place, {*_files(data, record)} - scripts))


def read_record(record: str) -> dict[str, Any]:
    """The content of a record. Raises `WhereError` where it isn't one."""
    try:
        with open(record, "rb") as file:
            data = json.load(file)
        if not isinstance(data, dict):
            raise TypeError("it is no object")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _unreadable(record, f"{type(error).__name__}: {error}") from None
    return data


def _files(data: Mapping[str, Any], record: str) -> Iterator[str]:
    paths = data.get("files")
    if not isinstance(paths, list) or not all(isinstance(each, str) for each in paths):
        raise _unreadable(record, "`files` is no list of paths")
    return (_inside(path, record) for path in paths)


def _entries(data: Mapping[str, Any], record: str) -> Iterator[tuple[str, str]]:
    """The paths of `paths_data`, which old records don't have, with their kinds; conda doesn't count folders as files."""
    listed = data.get("paths_data")
    for each in listed.get("paths") or () if isinstance(listed, dict) else ():
        path, kind = (each.get("_path"), str(each.get("path_type"))) if isinstance(each, dict) else (None, "")
        if not isinstance(path, str):
            raise _unreadable(record, "`paths_data` is no list of paths")
        if kind != "directory":
            yield _inside(path, record), kind


def _inside(path: str, record: str) -> str:
    if path.startswith("/") or ".." in path.split("/") or not path or "\0" in path:
        raise _unreadable(record, f"it lists `{path!r}`")
    return posixpath.normpath(path)


def _unreadable(record: str, why: str) -> WhereError:
    return WhereError(
        f"conda's record `{os.path.basename(record)}` can't be read, so that it isn't known which files are conda's",
        evidence=(Evidence(label="record", value=record), why),
        hint="reinstall that package with conda",
        unchanged=True,
    )


def place(path: str) -> str:
    """Where a path belongs: what was moved away is another package's there now."""
    return path.split("/", 2)[-1] if path.startswith(CLOBBERED) else path


def places(paths: Iterable[str]) -> frozenset[str]:
    """Where paths belong."""
    return frozenset(map(place, paths))


def contested(claims: Iterable[frozenset[str]]) -> frozenset[str]:
    """The places that two claim, and those where a file of one is a folder of another, with all that is claimed in it."""
    every: set[str] = set()
    twice: set[str] = set()
    for paths in map(places, claims):
        twice |= every & paths
        every |= paths
    blocking = every & _folders(every)
    if not blocking:
        return frozenset(twice)
    return frozenset(twice | blocking | {path for path in every if not blocking.isdisjoint(_above(path))})


def _folders(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
