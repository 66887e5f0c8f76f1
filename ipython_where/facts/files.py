"""Reads files that may be missing, broken, huge or not regular files: their content or None, never an exception.

Someone else may have put them there: a device, FIFO or socket in place of a configuration file would block the reader
forever, and a sparse file would fill the memory. So only regular files are read, up to a limit.
"""

from __future__ import annotations

import os
import stat
from typing import Any

from ipython_where.value import dataclass

JSON_LIMIT = 1_000_000
"""Bytes of a JSON file: no real one comes close, and a broken one must not fill the memory."""


LIMIT = 16_000_000
"""Bytes of any other file that is read whole: ten times the longest RECORD of a real package."""

_PIECE = 65536  # bytes per read if a file doesn't report its size
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was read from a regular file, and what `stat` reports: its owner, mode and times."""

    data: bytes
    status: os.stat_result


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Why something at a path is not read; ``endless`` if reading it would block or fill the memory."""

    reason: str
    endless: bool


def read_text(path: str, limit: int | None = None) -> str | None:
    """A file's text with its line endings unchanged, or None if it can't be read."""
    content = read_bytes(path, limit)
    return None if content is None else content.decode("utf-8", "replace")


def read_utf8(path: str) -> str | None:
    """A file's text; None also if it is not UTF-8."""
    content = read_bytes(path)
    try:
        return None if content is None else content.decode()
    except ValueError:
        return None


def read_bytes(path: str, limit: int | None = None) -> bytes | None:
    """A regular file's content, at most ``limit`` bytes; without a limit, all of it, or None if that is too much."""
    found = read_file(path) if limit is None else _read(path, limit)
    return found.data if isinstance(found, Content) else None


def read_file(path: str, limit: int = LIMIT) -> Content | Unreadable | None:
    """A regular file as it is; None if nothing is there, and the reason if something else is."""
    found = _read(path, limit + 1)  # a file in /proc reports size 0, so only reading shows its size
    if isinstance(found, Content) and len(found.data) > limit:
        return Unreadable(reason=f"it has more than {limit:,} bytes", endless=True)
    return found


def _read(path: str, most: int) -> Content | Unreadable | None:
    descriptor = -1
    try:
        if not stat.S_ISREG(mode := os.stat(path).st_mode):  # merely opening some devices has an effect
            return _no_file(mode)
        descriptor = os.open(path, _READ)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):  # it was replaced after the first check
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


def sha256_of(path: str) -> str | None:
    """The hash of a plain file's content, however large; None if it can't be read."""
    import hashlib

    found = hashlib.sha256()
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            while data := file.read(1 << 20):
                found.update(data)
    except OSError:
        return None
    return found.hexdigest()


def parse_json(text: str | None) -> Any:
    """The value of a JSON text, or None if it is not JSON."""
    import json  # costs 2 ms if nothing has imported it yet

    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def is_out_of_reach(path: str, *, is_folder: bool) -> bool:
    """Whether something is at a path, and this user may not read it."""
    return os.path.exists(path) and not os.access(path, os.R_OK | (os.X_OK if is_folder else 0))


def list_directory(path: str) -> list[str]:
    """The names in a directory; none if it can't be listed."""
    try:
        return os.listdir(path)
    except (OSError, ValueError):
        return []


def same_file(one: str | None, other: str | None) -> bool | None:
    """Whether two paths lead to the same file or directory; None if one is unknown or can't be checked."""
    if one is None or other is None:
        return None
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return None
