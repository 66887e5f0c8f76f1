"""Who says which files belong to whom: one Protocol, whatever the list is called.

An *owner* is named by the path of what records it: a metadata directory with its RECORD today, a `conda-meta/NAME.json` as
well. Ownership, integrity and what a change's files meet ask these questions and know no list by name.
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
    """The owners that list a file, and the ``silent`` ones, which don't say what they have: each of them may own it."""

    listing: tuple[str, ...]
    silent: tuple[str, ...]


class Inventory(Protocol):
    """The lists of one kind. Every path is relative to `base`, with slashes, as RECORD would spell it.

    None is "it does not say", never "nothing".
    """

    def base(self, owner: str) -> str:
        """The folder that an owner's paths are relative to: site-packages for RECORD, the prefix for conda."""
        ...

    def record(self, owner: str) -> str:
        """The file that holds an owner's list: as long as it stands unchanged, so does the list."""
        ...

    def files(self, owner: str) -> bytes | None:
        """All that an owner lists, a line each: `path,sha256=…,size`, of which hash and size may be empty."""
        ...

    def row(self, owner: str, path: bytes) -> bytes | None:
        """The hash and the size of one file, with a comma between them; None where the owner does not list it."""
        ...

    def lists(self, owner: str, path: bytes) -> bool:
        """Whether an owner lists one file: the cheapest proof, so that nothing beyond it is read."""
        ...

    def claims(self, owners: Iterable[str], path: bytes) -> Claims:
        """Which of some owners with one base list a file. RECORD is asked owner by owner; conda's can be searched as one text."""
        ...


class RecordInventory:
    """RECORD, and what older installers left instead: installed-files.txt, or no more than a top_level.txt."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def base(self, owner: str) -> str:
        return os.path.dirname(owner)

    def record(self, owner: str) -> str:
        return f"{owner}/RECORD"

    def files(self, owner: str) -> bytes | None:
        return files_of(owner, self._read)

    def row(self, owner: str, path: bytes) -> bytes | None:
        """Found without reading the rest of the file, mostly. The older lists have neither hash nor size."""
        try:
            return read_row(self.record(owner), path)
        except (OSError, ValueError):  # it has none; it cannot be read; a NUL in the path
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
