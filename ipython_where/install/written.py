"""What was written into an environment since a moment: a build runs code of its own, which nothing takes back."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .leftovers import STORE

_OURS = (STORE, ".lock")


def written_since(root: str, since: int) -> tuple[str, ...]:
    """The files below ``root`` that came or changed after ``since``, relative to it, and the folders that lost something.

    ``since`` is a change time in nanoseconds of a file in the same file system. The status-change time is looked at: unlike the
    modification time, nobody can set it. Compiled files are left out, for every import writes them.
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
    explained = is_root  # the store and the lock are made there
    for each in entries:
        is_new = _status_changed(each.path) > since
        if each.name == "__pycache__":
            explained |= is_new
        elif each.is_dir(follow_symlinks=False):
            below = list(_changed(each.path, since))
            found += below
            explained |= is_new
        elif is_new and not each.name.endswith(".pyc"):
            found.append(each.path)
    yield from found
    if not found and not explained and _status_changed(folder) > since:
        yield os.path.join(folder, "")


def _status_changed(path: str) -> int:
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0
