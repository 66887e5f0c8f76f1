"""Repositories that pip checks out beside the packages (`-e git+…`), where it plans: so no stage can hold them.

A note in the transaction's folder names them before they are there, so that nothing of them stays in the environment when
the transaction does not: neither at once nor after a crash.
"""

from __future__ import annotations

import errno
import json
import os
import posixpath
from collections.abc import Sequence
from typing import Any

from ..value import dataclass
from .disk import Disk, write_durably
from .journal import without_urls
from .planning import read_snapshot
from .swap import Places, move_aside, remove_if_empty

NOTE = "checkouts.json"


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


def note_checkouts(
    disk: Disk, places: Places, id: str, checkouts: Checkouts, *, command: str, sites: Sequence[str]
) -> None:
    """Put the note down to the medium: with what is installed in ``sites``, so that a recovery sees whether that is so still.

    Checkouts outside of the root (of a Python without an environment) get none.
    """
    folder = os.path.relpath(checkouts.folder, places.root)
    if folder.split(os.sep)[0] == os.pardir:
        return
    content = {
        "command": without_urls(command),
        "folder": folder,
        "names": checkouts.names,
        "is_new": checkouts.is_new,
        "sites": list(sites),
        "installed": read_snapshot(sites),
    }
    write_durably(disk, places.kept(f"{id}/{NOTE}"), json.dumps(content).encode())
    disk.sync_directory(places.store)


def remove_checkouts(disk: Disk, checkouts: Checkouts) -> None:
    """Delete what came up."""
    for name in checkouts.names:
        disk.remove_tree(os.path.join(checkouts.folder, name))
    if checkouts.is_new:
        remove_if_empty(disk, checkouts.folder)


def set_checkouts_aside(disk: Disk, places: Places, id: str) -> Remains:
    """After a crash: move what came up aside, as it may be somebody's by now; may itself be killed, and run again.

    It is left where other distributions are installed than then, as one of them may be in it, and where it is on another disk.
    """
    try:
        with open(places.kept(f"{id}/{NOTE}"), "rb") as file:
            note: dict[str, Any] = json.load(file)
        folder, names = _inside(note["folder"]), tuple(map(_inside, note["names"]))
        is_same = note["installed"] == [list(each) for each in read_snapshot(note["sites"])]
        command, is_new = str(note["command"]), note["is_new"] is True
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):  # none, or one that is not ours
        return Remains()
    aside, left = [], []
    for path in (f"{folder}/{name}" for name in names):
        if os.path.lexists(places.live(path)):
            moved = _moved_aside(disk, places, path, f"aside/{id}/{path}") if is_same else None
            aside += [moved] if moved is not None else []
            left += [places.live(path)] if moved is None else []
    if is_new:
        remove_if_empty(disk, places.live(folder))
    return Remains(command=command, aside=tuple(aside), left=tuple(left))


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
