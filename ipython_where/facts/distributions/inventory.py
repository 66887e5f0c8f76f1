"""Which files belong to which owner: one Protocol for every kind of file list.

An *owner* is identified by the path of its record: a metadata directory with its RECORD today, or a
`conda-meta/NAME.json`. Ownership, integrity and the check for colliding files ask these questions without knowing the
kind of list.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol

from ipython_where.value import dataclass

from .files_of import Read, files_of, lists
from .record import read_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The owners that list a file, and the ``silent`` ones that list nothing at all; each of those may own it too."""

    listing: tuple[str, ...]
    silent: tuple[str, ...]


class Inventory(Protocol):
    """One kind of file list. Every path is relative to `base`, with slashes, as RECORD spells it.

    None means "it does not say", never "nothing".
    """

    def base(self, owner: str) -> str:
        """The folder that an owner's paths are relative to: site-packages for RECORD, the prefix for conda."""
        ...

    def record(self, owner: str) -> str:
        """The file that holds an owner's list; the list changes only when this file does."""
        ...

    def files(self, owner: str) -> bytes | None:
        """Everything an owner lists, one `path,sha256=…,size` per line; hash and size may be empty."""
        ...

    def row(self, owner: str, path: bytes) -> bytes | None:
        """The hash and size of one file, with a comma between them; None if the owner does not list it."""
        ...

    def lists(self, owner: str, path: bytes) -> bool:
        """Whether an owner lists one file. This is the cheapest proof, so it should read no more than it needs."""
        ...

    def claims(self, owners: Iterable[str], path: bytes) -> Claims:
        """Which owners with a common base list a file. RECORD takes a read per owner, conda's lists one text search."""
        ...


class RecordInventory:
    """RECORD, or what older installers wrote instead: installed-files.txt, or only a top_level.txt."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def base(self, owner: str) -> str:
        return os.path.dirname(owner)

    def record(self, owner: str) -> str:
        return f"{owner}/RECORD"

    def files(self, owner: str) -> bytes | None:
        return files_of(owner, self._read)

    def row(self, owner: str, path: bytes) -> bytes | None:
        """The row, mostly found without reading the rest of the file. Older lists have neither hash nor size."""
        try:
            return read_row(self.record(owner), path)
        except (OSError, ValueError):  # no RECORD, an unreadable one, or a NUL in the path
            return None

    def lists(self, owner: str, path: bytes) -> bool:
        try:
            return read_row(self.record(owner), path) is not None
        except (OSError, ValueError):  # as above
            return lists(owner, path, self._read) is True

    def claims(self, owners: Iterable[str], path: bytes) -> Claims:
        said = {each: lists(each, path, self._read) for each in owners}
        return Claims(
            listing=tuple(each for each, is_listed in said.items() if is_listed),
            silent=tuple(each for each, is_listed in said.items() if is_listed is None),
        )
