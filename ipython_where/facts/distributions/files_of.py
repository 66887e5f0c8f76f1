"""Which files a distribution says are its own, whoever keeps the list: RECORD, or what older installers left instead.

None is "it does not say": then nobody can tell what belongs to it, and no answer may take that for "nothing".
"""

from __future__ import annotations

import os
from collections.abc import Callable

from .record import UnreadableRecord, find_row, plain

Read = Callable[[str, str], bytes | None]
"""The bytes of one file of a metadata directory, None where it has none."""


def files_of(metadata: str, read: Read) -> bytes | None:
    """The paths that a distribution lists, a line each, relative to where its metadata directory is, as RECORD spells them."""
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
    """Whether a distribution lists a file; None where it does not say which files it has."""
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
    """`top_level.txt` beside the module: all that a Debian package or an egg-info says of its files."""
    top_level = read(metadata, "top_level.txt")
    if top_level is None:
        return None
    top = relative.split(b"/")[0].split(b".")[0]
    shared = read(metadata, "namespace_packages.txt") or b""  # every sharer of `zope` names it at the top
    return top in top_level.split() and top not in shared.split()
