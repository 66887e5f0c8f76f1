"""A private folder for what an installer is given: requirements can hold credentials, so none is left behind for good."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PREFIX = "safepip-"
_HELD = ".held"
"""A file in the folder that is locked while somebody uses it: the system lets go of it when a process ends, however it ends."""


@contextmanager
def private_folder() -> Iterator[str]:
    """A folder that nobody else may read, removed afterwards; first, those of processes that were killed are removed."""
    import fcntl  # not on Windows, where nothing is installed

    _sweep(tempfile.gettempdir())
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX) as folder,
        open(os.path.join(folder, ".new"), "wb") as held,
    ):
        with suppress(OSError):  # where the file system has no locks, no folder is ever taken for a left one
            fcntl.flock(held, fcntl.LOCK_EX)
            os.rename(held.name, os.path.join(folder, _HELD))  # under this name it is locked from the start
        yield folder


def _sweep(root: str) -> None:
    """Remove the folders that nobody uses any more. One without the file has only just been made, or is somebody else's."""
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and _is_own_folder(entry) and _is_left(os.path.join(entry.path, _HELD)):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a real folder of this user: in a temporary folder, anybody can put a link of any name."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _is_left(held: str) -> bool:
    import fcntl

    try:
        descriptor = os.open(held, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
