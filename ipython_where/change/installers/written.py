"""Finds files that were written into an environment since a given time: a build runs arbitrary code, which can't be undone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ipython_where.change.transaction.unfinished import STORE

_OURS = (STORE, ".lock")


def written_since(root: str, since: int) -> tuple[str, ...]:
    """The files below ``root`` that were created or changed after ``since``, relative to it, and the folders that lost a file.

    ``since`` is the ctime, in nanoseconds, of a file in the same file system. It compares ctimes, because programs can set an
    mtime but not a ctime. A ctime also changes when uv hard-links the file into another environment, so a file with several
    links counts only if its mtime or its folder changed too. Compiled files are skipped, because every import writes them.
    """
    start = len(os.path.join(root, ""))
    return tuple(sorted(path[start:] for path in _changed(root, since, is_root=True)))


def _changed(folder: str, since: int, *, is_root: bool = False) -> Iterator[str]:
    try:
        with os.scandir(folder) as listed:
            entries = [each for each in listed if not (is_root and each.name in _OURS)]
    except OSError:
        return
    found = []
    has_changed = _status_changed(folder) > since
    explained = is_root  # our store and lock are created there
    for each in entries:
        is_new = _is_new(each.path, since, has_changed=has_changed)
        if each.name == "__pycache__":
            explained |= is_new
        elif each.is_dir(follow_symlinks=False):
            below = list(_changed(each.path, since))
            found += below
            explained |= is_new
        elif is_new and not each.name.endswith(".pyc"):
            found.append(each.path)
    yield from found
    if not found and not explained and has_changed:
        yield os.path.join(folder, "")


def _is_new(path: str, since: int, *, has_changed: bool) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    is_linked = stat.S_ISREG(status.st_mode) and status.st_nlink > 1
    return status.st_ctime_ns > since and (not is_linked or has_changed or status.st_mtime_ns > since)


def _status_changed(path: str) -> int:
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0
