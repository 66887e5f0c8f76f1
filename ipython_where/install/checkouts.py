"""Repositories that pip checks out beside the packages (`-e git+…`), where it plans: so no stage can hold them.

A note in the transaction's folder names them before they are there, so that nothing of them stays in the environment when
the transaction does not: neither at once nor after a crash.
"""

from __future__ import annotations

import errno
import json
import os
import posixpath
from collections.abc import Iterable, Sequence
from typing import Any

from ..value import dataclass
from .disk import Disk, write_durably
from .journal import without_urls
from .swap import Places, move_aside, remove_if_empty

NOTE = "checkouts.json"


Installed = list[list[Any]]
"""What tells whether something was installed since: the files of metadata, with inode and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkouts:
    """What will come up in ``folder`` (absolute): ``names`` that are not there yet. ``is_new``: nor is the folder itself."""

    folder: str
    names: tuple[str, ...]
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a crash left of checkouts: moved ``aside`` to these paths, or ``left`` where it was. For which ``command``."""

    command: str | None = None
    aside: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def read_installed(sites: Iterable[str]) -> Installed:
    """What is installed in some directories. It is the same again after a swap that was taken back, file by file or not."""
    found = []
    for site in sites:
        names = os.listdir(site) if os.path.isdir(site) else ()
        for name in sorted(names):
            if name.endswith((".dist-info", ".egg-info", ".egg-link")):
                path = os.path.join(site, name)
                record = os.path.join(path, "RECORD")
                status = os.lstat(record if os.path.lexists(record) else path)
                found.append([path, status.st_ino, status.st_mtime_ns])
    return found


def note_checkouts(
    disk: Disk, places: Places, id: str, checkouts: Checkouts, *, command: str, sites: Sequence[str]
) -> None:
    """Put the note down to the medium: with what is installed in ``sites``, so that a recovery sees whether that is so still.

    Checkouts outside of the root (of a Python without an environment) get none.
    """
    if not _is_within(checkouts.folder, places.root):
        return
    content = {
        "command": without_urls(command),
        "folder": os.path.relpath(checkouts.folder, places.root),
        "names": checkouts.names,
        "is_new": checkouts.is_new,
        "sites": list(sites),
        "installed": read_installed(sites),
    }
    write_durably(disk, places.kept(f"{id}/{NOTE}"), json.dumps(content).encode())
    disk.sync_directory(places.store)


def remove_checkouts(disk: Disk, checkouts: Checkouts) -> None:
    """Delete what came up."""
    for name in checkouts.names:
        disk.remove_tree(os.path.join(checkouts.folder, name))
    if checkouts.is_new:
        remove_if_empty(disk, checkouts.folder)


def forget_checkouts(disk: Disk, folder: str) -> None:
    """Take the note away: they stay."""
    if os.path.lexists(os.path.join(folder, NOTE)):
        disk.unlink(os.path.join(folder, NOTE))


def set_checkouts_aside(disk: Disk, places: Places, id: str) -> Remains:
    """After a crash: move what came up aside, as it may be somebody's by now; may itself be killed, and run again.

    It is left where other distributions are installed than then, as one of them may be in it, and where it is on another disk
    or outside of the root.
    """
    try:
        with open(places.kept(f"{id}/{NOTE}"), "rb") as file:
            note: dict[str, Any] = json.load(file)
        folder, names = _inside(note["folder"]), tuple(map(_inside, note["names"]))
        is_same = note["installed"] == read_installed(note["sites"])
        command, is_new = str(note["command"]), note["is_new"] is True
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):  # none, or one that is not ours
        return Remains()
    may_move = is_same and _is_within(places.live(folder), places.root)
    aside, left = [], []
    for path in (f"{folder}/{name}" for name in names):
        target = f"aside/{id}/{path}"
        if os.path.lexists(places.live(path)):
            moved = _moved_aside(disk, places, path, target) if may_move else None
            aside += [moved] if moved is not None else []
            left += [places.live(path)] if moved is None else []
        elif os.path.lexists(places.kept(target)):  # by a recovery that did not come to its end
            aside.append(places.kept(target))
    if is_new:
        remove_if_empty(disk, places.live(folder))
    return Remains(command=command, aside=tuple(aside), left=tuple(left))


def _is_within(folder: str, root: str) -> bool:
    return os.path.realpath(folder).startswith(f"{os.path.realpath(root)}/")


def _moved_aside(disk: Disk, places: Places, path: str, aside: str) -> str | None:
    try:
        return move_aside(disk, places, places.live(path), aside)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return None


def _inside(path: str) -> str:
    if posixpath.isabs(path) or os.pardir in path.split("/") or not path:
        raise ValueError(path)
    return path
