"""Which libraries a compiled file needs, read from its ELF dynamic section; it is never loaded.

Tested in `tests/answer/test_unloaded.py`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import BinaryIO

from ipython_where.value import dataclass

_LOAD, _DYNAMIC = 1, 2
"""Kinds of ELF segments."""

_NEEDED, _STRINGS, _LENGTH, _RPATH, _RUNPATH = 1, 5, 10, 15, 29
"""Tags of the entries in the dynamic section."""

_MOST = 4_000_000
"""Bytes of names in one file that are read: real ones have a tenth."""

_FILES = 64
"""How many files are followed from one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedObject:
    """The names of the libraries that a file needs, and the folders that it has the loader search for them."""

    needed: tuple[str, ...]
    folders: tuple[str, ...]


def who_needs(library: str, file: str) -> str | None:
    """The file that needs a library: ``file`` itself, or one that it loads from the folders that it names."""
    waiting, seen = [file], {file}
    while waiting and len(seen) <= _FILES:
        each = waiting.pop(0)
        read = read_shared_object(each)
        if read is None:
            continue
        if library in read.needed:
            return each
        for path in (os.path.join(folder, name) for name in read.needed for folder in read.folders):
            if path not in seen and os.path.isfile(path):
                seen.add(path)
                waiting.append(path)
    return None


def read_shared_object(path: str) -> SharedObject | None:
    """What an ELF file of this machine's byte order needs; None of any other file."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return _read(file, os.path.dirname(path))
    except (OSError, ValueError, IndexError):
        return None


def _read(file: BinaryIO, folder: str) -> SharedObject | None:
    header = file.read(64)
    if header[:4] != b"\x7fELF" or len(header) < 52 or header[5] != 1:
        return None
    wide = header[4] == 2
    word = 8 if wide else 4
    table = _number(header, 32 if wide else 28, word)
    size, count = (_number(header, at, 2) for at in ((54, 56) if wide else (42, 44)))
    segments = [_segment(_at(file, table + index * size, size), word) for index in range(min(count, 1024))]
    entries: list[tuple[int, int]] = []
    for kind, offset, _, length in segments:
        if kind == _DYNAMIC:
            data = _at(file, offset, min(length, _MOST))
            entries += (
                (_number(data, at, word), _number(data, at + word, word)) for at in range(0, len(data), 2 * word)
            )
    values = dict(entries)
    start = values.get(_STRINGS, 0)
    place = next(
        (
            offset + start - address
            for kind, offset, address, length in segments
            if kind == _LOAD and address <= start < address + length
        ),
        None,
    )
    if place is None or not entries:
        return None
    names = _at(file, place, min(values.get(_LENGTH, 0), _MOST))
    paths = [each for tag, at in entries if tag in (_RPATH, _RUNPATH) for each in _text(names, at).split(":")]
    return SharedObject(
        needed=tuple(_text(names, at) for tag, at in entries if tag == _NEEDED),
        folders=tuple(_expanded(paths, folder)),
    )


def _segment(data: bytes, word: int) -> tuple[int, int, int, int]:
    """Its kind, offset in the file, address, and length in the file."""
    at = (8, 16, 32) if word == 8 else (4, 8, 16)
    offset, address, length = (_number(data, each, word) for each in at)
    return _number(data, 0, 4), offset, address, length


def _expanded(paths: list[str], folder: str) -> Iterator[str]:
    for each in paths:
        path = each.replace("${ORIGIN}", folder).replace("$ORIGIN", folder)
        if os.path.isabs(path):
            yield os.path.normpath(path)


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _number(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _text(names: bytes, at: int) -> str:
    return os.fsdecode(names[at : names.index(b"\0", at)])
