"""Files that may be missing, broken, huge or no files at all: what is in them, or None, and nothing raised.

Others may have put them there: a device, a FIFO or a socket in the place of a configuration file would hold the reader up
for ever, and a sparse one fill the memory. So only plain files are read, up to a limit.
"""

from __future__ import annotations

import os
import stat
from typing import Any

from ipython_where.value import dataclass

JSON_LIMIT = 1_000_000
"""Bytes of a JSON file: no real one comes near, and a wrong file must not fill the memory."""


LIMIT = 16_000_000
"""Bytes of any other file that is read whole: the longest RECORD of a real package has a tenth of it."""

_PIECE = 65536  # bytes that are read at once where a file does not tell its size
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was read of a plain file, and what the system says of that file: its owner, its mode, its times."""

    data: bytes
    status: os.stat_result


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Why there is something at a path that is not read; ``endless`` where whoever reads it waits, or fills the memory."""

    reason: str
    endless: bool


def read_text(path: str, limit: int | None = None) -> str | None:
    """A file's text, its line ends as they are, or None where there is none to read."""
    content = read_bytes(path, limit)
    return None if content is None else content.decode("utf-8", "replace")


def read_utf8(path: str) -> str | None:
    """A file's text, None also where it is not UTF-8."""
    content = read_bytes(path)
    try:
        return None if content is None else content.decode()
    except ValueError:
        return None


def read_bytes(path: str, limit: int | None = None) -> bytes | None:
    """A plain file's content, at most ``limit`` bytes of it; without one all of it, or None where that is too much."""
    found = read_file(path) if limit is None else _read(path, limit)
    return found.data if isinstance(found, Content) else None


def read_file(path: str, limit: int = LIMIT) -> Content | Unreadable | None:
    """A plain file as it is; None where there is nothing, and why it is not read where there is something else."""
    found = _read(path, limit + 1)  # one in /proc says that it is empty, so that only reading tells its size
    if isinstance(found, Content) and len(found.data) > limit:
        return Unreadable(reason=f"it has more than {limit:,} bytes", endless=True)
    return found


def _read(path: str, most: int) -> Content | Unreadable | None:
    descriptor = -1
    try:
        if not stat.S_ISREG(mode := os.stat(path).st_mode):  # to open some devices is to act
            return _no_file(mode)
        descriptor = os.open(path, _READ)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):  # it was another when it was looked at
            return _no_file(status.st_mode)
        return Content(data=_read_open(descriptor, status.st_size, most), status=status)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        return Unreadable(reason=error.strerror or str(error), endless=False)
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _read_open(descriptor: int, size: int, most: int) -> bytes:
    data = os.read(descriptor, min(most, size + 1 if size else _PIECE))
    while len(data) < most and len(data) != (size or -1):
        more = os.read(descriptor, min(most - len(data), _PIECE))
        if not more:
            break
        data += more
    return data


def _no_file(mode: int) -> Unreadable:
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket"))
    kind = next((name for test, name in kinds if test(mode)), "device")
    return Unreadable(reason=f"it is a {kind}, not a file", endless=kind in ("FIFO", "device"))


def parse_json(text: str | None) -> Any:
    """What a JSON text says, or None where it is not JSON."""
    import json  # 2 ms, where nothing has imported it yet

    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def list_directory(path: str) -> list[str]:
    """The names in a directory; none where it cannot be listed."""
    try:
        return os.listdir(path)
    except (OSError, ValueError):
        return []


def same_file(one: str | None, other: str | None) -> bool | None:
    """Whether two paths lead to one file or directory; None where one is unknown, or cannot be looked at."""
    if one is None or other is None:
        return None
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return None
