"""Which files a distribution lists as its own, in RECORD or in what older installers wrote instead.

None means "it does not say": its files can't be determined, and no answer may read that as "no files".
"""

from __future__ import annotations

import os
from collections.abc import Callable

from .record import UnreadableRecord, find_row, plain

Read = Callable[[str, str], bytes | None]
"""Reads one file of a metadata directory: its bytes, or None if there is no such file."""


def files_of(metadata: str, read: Read) -> bytes | None:
    """The paths that a distribution lists, one per line as in RECORD, relative to its metadata directory's parent."""
    location = os.path.dirname(metadata)
    record = read(metadata, "RECORD")
    if record is not None:
        try:
            return plain(record, location)
        except UnreadableRecord:
            return None
    listed = read(metadata, "installed-files.txt")
    if listed is None:
        return None
    folder = os.path.basename(metadata).encode()
    lines = (line.strip() for line in listed.splitlines())
    return b"\n".join(os.path.normpath(os.path.join(folder, line)) + b",," for line in lines if line)


def lists(metadata: str, relative: bytes, read: Read) -> bool | None:
    """Whether a distribution lists a file; None if it does not list its files at all."""
    location = os.path.dirname(metadata)
    record = read(metadata, "RECORD")
    if record is not None:
        try:
            return find_row(record, relative, location) is not None
        except UnreadableRecord:
            return None
    listed = files_of(metadata, read)
    if listed is not None:
        return find_row(listed, relative, location) is not None
    return _is_top_level(metadata, relative, read)


def _is_top_level(metadata: str, relative: bytes, read: Read) -> bool | None:
    """Whether `top_level.txt` names the module: all that a Debian package or a bare egg-info says about its files."""
    top_level = read(metadata, "top_level.txt")
    if top_level is None:
        return None
    top = relative.split(b"/")[0].split(b".")[0]
    shared = read(metadata, "namespace_packages.txt") or b""  # each that shares `zope` lists it there
    return top in top_level.split() and top not in shared.split()
