"""Reads RECORD: finds one row without reading the rest, or rewrites all of it in one spelling.

RECORD is CSV (PEP 376), but its writers differ: every field in quotes, `./x.py`, backslashes, absolute paths, a byte
order mark. A RECORD in the usual spelling is searched as bytes and never parsed: numpy's is a hundred kilobytes.
"""

from __future__ import annotations

import errno
import os
import posixpath
import re
import stat
from collections.abc import Iterator

from ipython_where.facts.files import LIMIT

FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # opening a pipe would block

_CHUNK = 8_192
"""Bytes per read. An `__init__.py` comes early in its package, so a bigger block mostly reads too much."""

_MARK = b"\xef\xbb\xbf"
_UNUSUAL = (b'"', b"\\", b"\r")


class UnreadableRecord(ValueError):
    """A RECORD exists, but its content can't be trusted."""


def read_row(record: str, relative: bytes) -> bytes | None:
    """The hash and size that a RECORD has for the path ``relative``; None if it does not list it.

    Raises `OSError` if the file can't be read, `UnreadableRecord` if it is not a list.
    """
    content = bytearray(b"\n")
    starts = _starts(relative)
    descriptor = os.open(record, FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > LIMIT:  # another user may have put it there
            raise OSError(errno.EINVAL, "it is not a regular file")
        begin = 0
        while chunk := os.read(descriptor, _CHUNK):
            content += chunk
            row = _row(content, starts, begin, is_all=False)
            if row is not None:
                return row
            begin = content.rfind(b"\n")  # the last line may be incomplete
    finally:
        os.close(descriptor)
    return find_row(bytes(content[1:]), relative, os.path.dirname(os.path.dirname(record)))


def find_row(content: bytes, relative: bytes, location: str) -> bytes | None:
    """The same as `read_row`, from a RECORD's content; it lists files relative to ``location``."""
    if _top(relative) not in content and relative.isascii():  # true for most RECORDs when all are searched
        _refuse(content)
        return None
    starts = _starts(relative)
    row = _row(b"\n" + content, starts, 0, is_all=True)
    if row is not None:
        return row
    lines = b"\n" + plain(content, location)
    row = _row(lines, starts, 0, is_all=True)
    if row is None and not relative.isascii():
        row = _row(_composed(lines), _starts(_composed(relative)), 0, is_all=True)
    return row


def plain(content: bytes, location: str) -> bytes:
    """A RECORD with every path in the usual spelling: relative to ``location``, and quoted only if it has a comma.

    Raises `UnreadableRecord` if it is not CSV.
    """
    _refuse(content)
    lines = _with_line_feeds(content)
    if _is_plain(lines, location):
        return lines
    import csv
    import io

    text = io.StringIO(content.decode("utf-8-sig", "surrogateescape"), newline="")
    written = io.StringIO(newline="")
    try:
        rows = [_split(row) for row in csv.reader(text, strict=True) if row]
    except csv.Error as error:
        raise UnreadableRecord(str(error)) from None
    csv.writer(written, lineterminator="\n").writerows([_located(path, location), *rest] for path, *rest in rows)
    return written.getvalue().encode("utf-8", "surrogateescape")


def first_parts(content: bytes) -> dict[bytes, int]:
    """What stands before the first slash or comma of each line of a RECORD, and where the first such line begins.

    Installers sort it, so that a folder's lines stand together: one match skips them all, which takes a third of the
    time of taking every line apart.
    """
    parts: dict[bytes, int] = {}
    for found in re.finditer(_GROUP, b"\n" + content):
        parts.setdefault(found[1], found.start())
    return parts


_GROUP = rb"\n([^/,\n]*).*(?:\n\1/.*)*"


def first_part(line: bytes) -> bytes:
    """A line up to the first slash or comma."""
    return line.partition(b"/")[0].partition(b",")[0]


def _with_line_feeds(content: bytes) -> bytes:
    """A RECORD as pip writes it, with CRLF at the end of each row, with LF instead; any other RECORD unchanged."""
    if b"\r" not in content:
        return content
    rows = content.split(b"\r\n")
    return b"\n".join(rows) if len(rows) > 1 and content.count(b",") == 2 * (len(rows) - 1) else content


def _is_plain(content: bytes, location: str) -> bool:
    if content.startswith(_MARK) or any(each in content for each in _UNUSUAL):
        return False
    home = b"/%b/" % os.fsencode(posixpath.basename(location))
    return not any(
        line.startswith((b"./", b"/"))
        or b"//" in line
        or b"/./" in line
        or b"/../" in line.lstrip(b"./")
        or (line[:3] == b"../" and home in line)
        for line in _dotted(b"\n" + content)
    )


def _dotted(lines: bytes) -> Iterator[bytes]:
    """The lines in which a name is empty or begins with a dot: a RECORD has few or none, and may be long.

    Two patterns, because `re` finds the one byte that each begins with in a third of the time of a search for two. The
    second passes over the leading `../../` of what the first has found.
    """
    for mark in (rb"\n[./].*", rb"/[./](?<![\n/]\.\./[./]).*"):
        for found in re.finditer(mark, lines):
            begin = lines.rfind(b"\n", 0, found.start() + 1) + 1
            yield lines[begin : found.end()]


def _starts(relative: bytes) -> list[bytes]:
    starts = [b"\n%b," % relative]
    if b"," in relative:  # RECORD is CSV: a path with a comma is quoted
        starts.append(b'\n"%b",' % relative.replace(b'"', b'""'))
    return starts


def _row(lines: bytes | bytearray, starts: list[bytes], begin: int, *, is_all: bool) -> bytes | None:
    """The rest of the line after one of ``starts``, if that line is complete."""
    for start in starts:
        at = lines.find(start, begin)
        if at >= 0:
            at += len(start)
            end = lines.find(b"\n", at)
            if end >= 0 or is_all:
                return bytes(lines[at : end if end >= 0 else len(lines)]).partition(b"\r")[0]
    return None


def _top(relative: bytes) -> bytes:
    """A word that occurs in every spelling of the path."""
    return relative.removeprefix(b"../").partition(b"/")[0].partition(b'"')[0]  # CSV doubles a quote


def _refuse(content: bytes | bytearray) -> None:
    if b"\0" in content:
        raise UnreadableRecord("it is not UTF-8 text")
    if b"," not in content:
        raise UnreadableRecord("it lists no files")


def _split(row: list[str]) -> list[str]:
    """The path, the hash and the size. Some writers did not quote a path with a comma."""
    return [",".join(row[:-2]), *row[-2:]] if len(row) > 3 else row


def _located(path: str, location: str) -> str:
    path = path.replace("\\", "/")  # PEP 376: the separator may be either
    return posixpath.relpath(posixpath.join(location, path), location) if path else path


def _composed(path: bytes) -> bytes:
    """The path in NFC: a file system may store a letter and its accent separately, while Python looks for one."""
    import unicodedata

    return unicodedata.normalize("NFC", path.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
