"""Carries operations out and rolls them back. Safe to restart anywhere: the disk shows whether each one was done.

Tested in `tests/change/transaction/test_transaction_crash.py`.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence

from ipython_where.errors import WhereError
from ipython_where.facts.distributions.listing import read_all
from ipython_where.value import dataclass

from .disk import Disk
from .swap_plan import In, MakeDirectory, Manifest, Operation, Out, RemoveDirectory, source_of


class SwapError(WhereError):
    """The environment has changed since the change was planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """The two folders that operations are relative to: the environment, and the store in it.

    ``option`` is the `%safepip` option that selects this environment.
    """

    root: str
    store: str
    option: str = ""

    def live(self, path: str) -> str:
        """The absolute path of something in the environment."""
        return f"{self.root}/{path}"  # always relative: `join` would take five times as long, for thousands of files

    def kept(self, path: str) -> str:
        """The absolute path of something in the store."""
        return f"{self.store}/{path}"


def carry_out(disk: Disk, places: Roots, operations: Iterable[Operation]) -> None:
    """Do the operations in order. Raises ``OSError``, or `SwapError` if a path is not as planned."""
    for operation in operations:
        live = places.live(operation.path)
        # `rename` replaces an existing file without a word, so nothing else would notice one that appeared (rename(2))
        if isinstance(operation, Out | RemoveDirectory) != os.path.lexists(live):
            state = "appeared" if isinstance(operation, In | MakeDirectory) else "disappeared"
            raise SwapError(
                "another program changed this environment during the swap",
                evidence=(f"{live} {state}",),
                hint="run it again when nothing else is installing here",
                unchanged=True,
            )
        match operation:
            case Out(trash=trash):
                disk.rename(live, places.kept(trash))
            case In(source=source):
                disk.rename(places.kept(source), live)
            case MakeDirectory(mode=mode):
                disk.make_directory(live, mode)
            case RemoveDirectory():
                disk.remove_directory(live)


def prepare_trash(disk: Disk, places: Roots, operations: Iterable[Operation]) -> None:
    """Create the directories in the trash beforehand, so that the swap itself only renames."""
    wanted = {posixpath.dirname(operation.trash) for operation in operations if isinstance(operation, Out)}
    for directory in sorted(wanted):
        make_directories(disk, places.kept(directory))


def make_directories(disk: Disk, path: str) -> None:
    """Make a directory and its parents, for this user only."""
    if not os.path.isdir(path):
        make_directories(disk, os.path.dirname(path))
        disk.make_directory(path, 0o700)


def verify_swapped(places: Roots, manifest: Manifest) -> None:
    """Check that every file that was brought in is there, with its size and time. Raises `SwapError`."""
    for path, mark in manifest.brought_in.items():
        try:
            # not `stat`: of a link, the link itself was staged
            status = os.lstat(places.live(path))
        except OSError as error:
            raise SwapError("a file is missing after the change", evidence=(str(error),)) from None
        if (status.st_size, status.st_mtime_ns) != mark:
            raise SwapError("after the change, a file is not the one that was staged", evidence=(places.live(path),))


def take_back(disk: Disk, places: Roots, operations: Sequence[Operation], *, aside: str) -> list[str]:
    """Roll back those ``operations`` that were done, last first. Safe to call again after an interruption anywhere.

    An *out* was done if and only if its trash exists, an *in* if and only if its source is gone. ("The target exists"
    would be wrong: before the operation, that may be the old file.) If another program has created something where an old
    file belongs, that is moved to ``aside``, relative to the store, and returned.
    """
    moved: list[str] = []
    for operation in reversed(operations):
        live = places.live(operation.path)
        match operation:
            case Out(path=path, trash=trash) if os.path.lexists(places.kept(trash)):
                if os.path.lexists(live):
                    moved.append(move_aside(disk, places, live, f"{aside}/{path}"))
                _make_live_parents(disk, os.path.dirname(live))
                disk.rename(places.kept(trash), live)
            case In(source=source) if not os.path.lexists(places.kept(source)):
                _take_out_again(disk, live, places.kept(source))
            case MakeDirectory():
                remove_if_empty(disk, live)
            case RemoveDirectory(mode=mode):
                _make_again(disk, live, mode)
    return moved


def _take_out_again(disk: Disk, live: str, source: str) -> None:
    make_directories(disk, os.path.dirname(source))
    if os.path.lexists(live):
        disk.rename(live, source)
    else:  # deleted by another program: recreate the source, or a second run would take the restored old file for the new one
        disk.make_directory(source, 0o700)


def remove_if_empty(disk: Disk, live: str) -> None:
    """Remove an empty directory; a link to one stays."""
    if os.path.isdir(live) and not os.path.islink(live) and not os.listdir(live):
        disk.remove_directory(live)


def _make_again(disk: Disk, live: str, mode: int) -> None:
    if not os.path.lexists(live):
        _make_live_parents(disk, os.path.dirname(live))
        disk.make_directory(live, mode)
    elif os.path.isdir(live) and os.stat(live).st_mode & 0o7777 != mode:
        disk.change_mode(live, mode)


def _make_live_parents(disk: Disk, directory: str) -> None:
    if not os.path.isdir(directory):
        _make_live_parents(disk, os.path.dirname(directory))
        # its own mode went with it; this is what installers give a package's folder
        disk.make_directory(directory, 0o755)


def rescue(disk: Disk, places: Roots, operations: Iterable[Operation], manifest: Manifest, *, aside: str) -> list[str]:
    """After `take_back`: move new files that another program edited while they were in place to ``aside``.

    They are back in the stage, which will be deleted. A ``.pyc`` is not worth keeping.
    """
    moved: list[str] = []
    for operation in operations:
        if isinstance(operation, In):
            tree = read_all(places.store, operation.source)
            for file in list(tree.files(operation.source)):
                path = operation.path + file[len(operation.source) :]
                if manifest.brought_in.get(path) != tree.entries[file].mark and source_of(path) is None:
                    moved.append(move_aside(disk, places, places.kept(file), f"{aside}/{path}"))
    return moved


def set_aside(disk: Disk, places: Roots, operations: Iterable[Operation], paths: Iterable[str], *, aside: str) -> None:
    """Move the user's own files from the trash to ``aside``, before the trash is deleted."""
    for path, kept in in_trash(operations, paths).items():
        if os.path.lexists(places.kept(kept)):
            move_aside(disk, places, places.kept(kept), f"{aside}/{path}")


def in_trash(operations: Iterable[Operation], paths: Iterable[str]) -> dict[str, str]:
    """Where in the store each of ``paths`` went; those that the operations did not take out are omitted."""
    outs = {operation.path: operation.trash for operation in operations if isinstance(operation, Out)}
    found = {}
    for path in paths:
        moved = path
        while moved and moved not in outs:
            moved = moved.rpartition("/")[0]
        if moved:
            found[path] = outs[moved] + path[len(moved) :]
    return found


def move_aside(disk: Disk, places: Roots, path: str, aside: str) -> str:
    """Move a path to ``aside``, relative to the store, with a number if that name is taken. Returns the new path."""
    target = places.kept(aside)
    number = 1
    while os.path.lexists(target):
        number += 1
        target = places.kept(f"{aside}.{number}")
    make_directories(disk, os.path.dirname(target))
    disk.rename(path, target)
    return target
