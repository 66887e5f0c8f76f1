"""conda's records behind the `Inventory` Protocol: what integrity and ownership ask of RECORD can be asked of them.

Tested in `tests/facts/conda/test_records.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ipython_where.facts.distributions.inventory import Claims

from .records import CondaRecord, CondaRecords, parse_name


class CondaInventory:
    """The files of conda packages; an owner is the path of a record, and paths are relative to the prefix."""

    def __init__(self, records: CondaRecords) -> None:
        self._records = records

    def base(self, owner: str) -> str:
        """The prefix."""
        return self._records.prefix

    def record(self, owner: str) -> str:
        """The record itself."""
        return owner

    def files(self, owner: str) -> bytes | None:
        """Everything a record lists, with the size of what is linked as it was packed; no hash, since conda's is another kind."""
        details = self._records.details(parse_name(owner))
        if details is None or details.files is None:
            return None
        return b"".join(
            b"%b,,%b\n" % (_spelled(os.fsencode(each)), _size(details.paths.get(each, {}))) for each in details.files
        )

    def row(self, owner: str, path: bytes) -> bytes | None:
        """An empty hash, and the size."""
        start = _spelled(path) + b","
        lines = (self.files(owner) or b"").splitlines()
        return next((line[len(start) :] for line in lines if line.startswith(start)), None)

    def lists(self, owner: str, path: bytes) -> bool:
        """Whether a record lists a file."""
        return any(each.file == owner for each in self._records.owners(path))

    def claims(self, owners: Iterable[str], path: bytes) -> Claims:
        """Those of the records that list a file, and those that can't be read."""
        asked = set(owners)
        return Claims(
            listing=_of(self._records.owners(path), asked),
            silent=_of(self._records.unread, asked),
        )


def _of(records: Iterable[CondaRecord], owners: set[str]) -> tuple[str, ...]:
    return tuple(each.file for each in records if each.file in owners)


def linked_size(entry: dict[str, Any]) -> int | None:
    """The size of a linked file, where linking keeps it: a placeholder of the prefix gives way to a path of another length."""
    size = entry.get("size_in_bytes")
    is_same = entry.get("path_type") == "hardlink" and not entry.get("prefix_placeholder")
    return size if is_same and isinstance(size, int) else None


def linked_sha256(entry: Mapping[str, Any]) -> str | None:
    """The hash of a linked file; None if the record has none. Of a file that holds the prefix, `sha256_in_prefix` alone tells."""
    recorded = entry.get("sha256_in_prefix") or (None if entry.get("prefix_placeholder") else entry.get("sha256"))
    return recorded.lower() if isinstance(recorded, str) else None


def _size(entry: dict[str, Any]) -> bytes:
    size = linked_size(entry)
    return b"" if size is None else b"%d" % size


def _spelled(path: bytes) -> bytes:
    return b'"' + path.replace(b'"', b'""') + b'"' if b"," in path or b'"' in path else path
