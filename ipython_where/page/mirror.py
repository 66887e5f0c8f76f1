"""The folder that JupyterLab serves a kernel's extensions from: this server's alone, and nothing half-written is ever seen.

JupyterLab looks into `[!@]*/package.json` and `@*/*/package.json` for each page, so an extension is filled beside it, under a
name with a dot, and comes in by one rename.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from .archive import ReadyExtension
from .offered import is_name
from .policy import UNKNOWN, Present, TakenFrom

_PREFIX = "ipython-where-"
_HELD = ".held"
"""A file that is locked while the server lives: the system lets go of it when the process ends, however it ends."""
_STAGE = ".stage-"
_ORIGINS = ".origins"
"""A folder with a file for each extension that says where it came from: beside its own files, which are a kernel's words."""


class Mirror:
    """Extensions that came from kernels, as files under ``root``."""

    def __init__(self, root: str, *, keep: bool, held: IO[bytes] | None = None) -> None:
        self.root = root
        self._keep = keep
        self._held = held

    @classmethod
    def make(cls, runtime_directory: str) -> Mirror:
        """A new folder of this process; those of servers that were killed are removed."""
        os.makedirs(runtime_directory, mode=0o700, exist_ok=True)
        _sweep(runtime_directory)
        root = tempfile.mkdtemp(prefix=_PREFIX, dir=runtime_directory)
        held = open(os.path.join(root, ".new"), "wb")  # noqa: SIM115 - open as long as the server lives
        if _lock(held.fileno()):  # where there are no locks, no folder is ever taken for a left one
            os.rename(held.name, os.path.join(root, _HELD))  # under this name it is locked from the start
        return cls(root, keep=False, held=held)

    @classmethod
    def kept(cls, data_directory: str) -> Mirror:
        """The folder that stays, for `persist`."""
        root = os.path.join(data_directory, "ipython_where", "kernel-extensions")
        os.makedirs(root, mode=0o700, exist_ok=True)
        status = os.lstat(root)
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
            raise PermissionError(f"`{root}` is not a folder of this user")
        os.chmod(root, 0o700)
        return cls(root, keep=True)

    def close(self) -> None:
        """Remove the folder, unless it stays."""
        if not self._keep:
            shutil.rmtree(self.root, ignore_errors=True)
        if self._held is not None:
            self._held.close()
            self._held = None

    def present(self) -> dict[str, Present]:
        """What is in it now."""
        return {name: Present(name=name, version=version, source="kernel") for name, version in self._versions()}

    def _versions(self) -> Iterator[tuple[str, str]]:
        for name in self._names():
            with suppress(OSError, ValueError, KeyError, TypeError):
                with open(os.path.join(self.path(name), "package.json"), encoding="utf-8") as opened:
                    version = json.load(opened)["version"]
                yield name, version

    def _names(self) -> Iterator[str]:
        for entry in _folders(self.root):
            if entry.startswith("@"):
                yield from (f"{entry}/{each}" for each in _folders(os.path.join(self.root, entry)))
            else:
                yield entry

    def path(self, name: str) -> str:
        """The folder of an extension."""
        if not is_name(name):
            raise ValueError(f"{name!r} is no name of an extension")
        return os.path.join(self.root, *name.split("/"))

    @contextmanager
    def stage(self) -> Iterator[str]:
        """An empty folder to be filled; whatever is not taken from it is removed."""
        folder = tempfile.mkdtemp(prefix=_STAGE, dir=self.root)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def origin(self, name: str) -> TakenFrom:
        """Where an extension in it came from, as far as that is known."""
        try:
            with open(self._origin(name), encoding="utf-8") as opened:
                said = json.load(opened)
            return TakenFrom(is_local=said["is_local"] is True, digest=str(said["digest"]))
        except (OSError, ValueError, KeyError, TypeError):
            return UNKNOWN

    def _origin(self, name: str) -> str:
        return os.path.join(self.root, _ORIGINS, name.replace("/", "%"))

    def _write_origin(self, name: str, origin: TakenFrom) -> None:
        os.makedirs(os.path.join(self.root, _ORIGINS), mode=0o700, exist_ok=True)
        with open(self._origin(name), "w", encoding="utf-8") as file:
            json.dump({"is_local": origin.is_local, "digest": origin.digest}, file)

    def place(self, filled: str, ready: ReadyExtension, origin: TakenFrom) -> None:
        """Let JupyterLab see a filled folder, from one moment to the next."""
        target = self.path(ready.name)
        if os.path.lexists(target):
            raise FileExistsError(f"`{ready.name}` is there already")
        self._write_origin(ready.name, origin)
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        os.rename(filled, target)

    def remove(self, name: str) -> bool:
        """Take an extension away, from one moment to the next; whether it was there."""
        target = self.path(name)
        with self.stage() as folder:
            try:
                os.rename(target, os.path.join(folder, "gone"))
            except FileNotFoundError:
                return False
        with suppress(FileNotFoundError):
            os.unlink(self._origin(name))
        with suppress(OSError):  # others of its scope are there
            if "/" in name:
                os.rmdir(os.path.dirname(target))
        return True


def _folders(root: str) -> list[str]:
    with suppress(OSError), os.scandir(root) as entries:
        return sorted(
            each.name for each in entries if not each.name.startswith(".") and each.is_dir(follow_symlinks=False)
        )
    return []


def _sweep(runtime_directory: str) -> None:
    """Remove the folders of servers that are gone."""
    with suppress(OSError), os.scandir(runtime_directory) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False) and _is_left(entry.path):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_left(root: str) -> bool:
    try:
        descriptor = os.open(os.path.join(root, _HELD), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether the file is locked for this process now; Windows has no such locks."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
