"""Reads a tree of directory entries below a root. Symbolic links are entries and are not followed.

Tested in `tests/change/transaction/test_swap_plan.py`.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class DirectoryEntry(NamedTuple):
    """One directory entry, from ``lstat``. ``listed`` is False for a directory whose content the tree leaves out.

    Such a directory holds files, but nobody asked about them. (A tuple because the code makes tens of thousands, and a
    frozen dataclass takes four times as long.)
    """

    directory: bool
    mode: int
    size: int
    mtime_ns: int
    links: int
    listed: bool = True

    @property
    def mark(self) -> tuple[int, int]:
        """The size and modification time, which change when the content does."""
        return self.size, self.mtime_ns


@dataclass(frozen=True, slots=True)
class Tree:
    """Entries by path relative to the root, with `/` between the parts."""

    entries: Mapping[str, DirectoryEntry]
    _children: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for path in self.entries:
            self._children.setdefault(path.rpartition("/")[0], []).append(path)

    def children(self, directory: str) -> list[str]:
        """The paths of the entries directly in ``directory``."""
        return self._children.get(directory, [])

    def get(self, path: str) -> DirectoryEntry | None:
        """The entry at ``path``, or None."""
        return self.entries.get(path)

    def files(self, below: str | None = None) -> Iterator[str]:
        """Every entry at or below ``below`` that is not a directory."""
        if below is None:
            yield from (path for path, entry in self.entries.items() if not entry.directory)
            return
        waiting = [below]
        while waiting:
            path = waiting.pop()
            entry = self.entries.get(path)
            if entry is not None and not entry.directory:
                yield path
            waiting += reversed(self.children(path))

    def directories(self, below: str) -> Iterator[str]:
        """The directory ``below`` and all directories in it, parents first."""
        entry = self.entries.get(below)
        if entry is not None and entry.directory:
            yield below
            for child in self.children(below):
                yield from self.directories(child)


def read_all(root: str, at: str = "") -> Tree:
    """Everything at or below ``root/at``, with paths relative to ``root``; an empty tree if nothing exists there."""
    entries: dict[str, DirectoryEntry] = {}
    if at:
        try:
            entries[at] = _entry(os.lstat(os.path.join(root, at)))
        except OSError:
            return Tree({})
        if not entries[at].directory:
            return Tree(entries)
    _walk_into(entries, root, at)
    return Tree(entries)


def _walk_into(entries: dict[str, DirectoryEntry], root: str, directory: str) -> None:
    with os.scandir(os.path.join(root, directory)) as found:
        start = f"{directory}/" if directory else ""
        listed = [(start + each.name, _entry(each.stat(follow_symlinks=False))) for each in found]
    for path, entry in listed:
        entries[path] = entry
        if entry.directory:
            _walk_into(entries, root, path)


def read_around(root: str, paths: Iterable[str], *, whole: Collection[str] = (), fixed: Collection[str] = ()) -> Tree:
    """What exists around ``paths``: their parent directories, and the complete content of the directories in ``whole``.

    All distributions share the directories in ``fixed`` (site-packages, `bin` and their parents), so the tree has only
    the paths in question from there. Only these directories are followed if they are symbolic links.
    """
    asked = {*paths, *whole}
    wanted: set[str] = set()
    for path in asked:
        parent = path.rpartition("/")[0]
        while parent not in wanted:
            wanted |= {parent, posixpath.join(parent, "__pycache__")}
            parent = parent.rpartition("/")[0]
    entries: dict[str, DirectoryEntry] = {}
    _read_into(entries, root, "", asked, wanted, set(whole), frozenset(fixed))
    return Tree(entries)


def _read_into(
    entries: dict[str, DirectoryEntry],
    root: str,
    directory: str,
    asked: set[str],
    wanted: set[str],
    whole: set[str],
    fixed: frozenset[str],
) -> None:
    shared = directory == "" or directory in fixed
    start = f"{directory}/" if directory else ""
    with os.scandir(os.path.join(root, directory)) as found:
        for each in found:
            path = start + each.name
            if shared and path not in asked and path not in wanted:
                continue
            status = each.stat(follow_symlinks=shared and path in fixed and each.is_dir())
            entry = entries[path] = _entry(status)
            if entry.directory and path in whole:
                _walk_into(entries, root, path)
            elif entry.directory and path in wanted:
                _read_into(entries, root, path, asked, wanted, whole, fixed)
            elif entry.directory and _holds_files(os.path.join(root, path)):
                entries[path] = _entry(status, listed=False)


def _holds_files(directory: str) -> bool:
    with os.scandir(directory) as found:
        return any(not each.is_dir(follow_symlinks=False) or _holds_files(each.path) for each in found)


def _entry(status: os.stat_result, *, listed: bool = True) -> DirectoryEntry:
    return DirectoryEntry(
        directory=stat.S_ISDIR(status.st_mode),
        mode=stat.S_IMODE(status.st_mode),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        links=status.st_nlink,
        listed=listed,
    )
