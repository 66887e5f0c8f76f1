"""The one door to the disk: every effect of a transaction is a call of `Disk`, so that tests can make each one fail.

Tested in `tests/change/transaction/test_transaction.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from typing import Protocol


class Disk(Protocol):
    """What a transaction does to a file system. Every method may raise ``OSError``."""

    def rename(self, source: str, target: str) -> None:
        """Rename a file, a link or a directory within one file system."""

    def make_directory(self, path: str, mode: int) -> None:
        """Make a directory with exactly this mode."""

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""

    def change_mode(self, path: str, mode: int) -> None:
        """Set the mode bits."""

    def link(self, target: str, path: str) -> None:
        """Make a symbolic link."""

    def write(self, path: str, content: bytes, mode: int) -> None:
        """Write a new file and fsync it."""

    def draft(self, path: str, content: bytes, mode: int) -> None:
        """Write a new file without fsync: a later `sync` covers it."""

    def copy(self, source: str, target: str) -> None:
        """Copy a file with its mode and times, and fsync it."""

    def unlink(self, path: str) -> None:
        """Remove a file or a link."""

    def remove_tree(self, path: str) -> None:
        """Remove a directory and everything in it, if it exists."""

    def sync_directory(self, path: str) -> None:
        """Fsync a directory, so that renames in it survive a power cut."""

    def sync(self, path: str) -> None:
        """Flush the whole file system that ``path`` is on."""


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)


class RealDisk:
    """The real disk."""

    def rename(self, source: str, target: str) -> None:
        os.rename(source, target)

    def make_directory(self, path: str, mode: int) -> None:
        os.mkdir(path, mode)
        if os.stat(path).st_mode & 0o7777 != mode:  # the umask removed bits, or a setgid parent added one
            os.chmod(path, mode)

    def remove_directory(self, path: str) -> None:
        os.rmdir(path)

    def change_mode(self, path: str, mode: int) -> None:
        os.chmod(path, mode)

    def link(self, target: str, path: str) -> None:
        os.symlink(target, path)

    def write(self, path: str, content: bytes, mode: int) -> None:
        with open(os.open(path, _NEW, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def draft(self, path: str, content: bytes, mode: int) -> None:
        if sys.platform != "linux":  # there `sync` may return before it is done
            return self.write(path, content, mode)
        with open(os.open(path, _NEW, mode), "wb") as file:
            file.write(content)

    def copy(self, source: str, target: str) -> None:
        shutil.copy2(source, target, follow_symlinks=False)
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def unlink(self, path: str) -> None:
        os.unlink(path)

    def remove_tree(self, path: str) -> None:
        if not os.path.lexists(path):
            return
        for directory, _, _ in os.walk(path):
            if not os.access(directory, os.W_OK | os.X_OK):
                os.chmod(directory, 0o700)  # a package may ship read-only directories
        shutil.rmtree(path)

    def sync_directory(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync(self, path: str) -> None:
        import ctypes

        # Python has only `os.sync`, which waits for every file system of the machine, network disks too
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:  # only Linux has it
            os.sync()
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if syncfs(descriptor):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), path)
        finally:
            os.close(descriptor)


def write_durably(disk: Disk, path: str, content: bytes, mode: int = 0o600) -> None:
    """Write ``content`` to ``path`` so that a power cut leaves either all of it or the old file."""
    new = f"{path}.new"
    # the content first, then its name, then the folder: without the last, a power cut may bring the old name back (fsync(2))
    disk.write(new, content, mode)
    disk.rename(new, path)
    disk.sync_directory(os.path.dirname(path))


def write_users(disk: Disk, path: str, content: bytes) -> None:
    """Write ``content`` to a file of the user's, so that a power cut leaves either all of it or the old file.

    A link stays one, and what it leads to keeps its mode, and its owner where that can be set. No other file is touched.
    """
    real = os.path.realpath(path)
    folder = os.path.dirname(real)
    new = os.path.join(folder, f".{os.urandom(8).hex()}")
    try:
        before = os.stat(real)
    except FileNotFoundError:
        before = None
    try:
        disk.write(new, content, 0o644 if before is None else 0o600)
        if before is not None:
            with contextlib.suppress(OSError):
                os.chown(new, before.st_uid, before.st_gid)
            disk.change_mode(new, stat.S_IMODE(before.st_mode))
        disk.rename(new, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise
    disk.sync_directory(folder)
