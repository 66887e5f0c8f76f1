"""Decides how to undo a change when other distributions have put files into its folders since: only files can conflict.

The files that came go first, then folders that are empty; after that, the old files come back. A folder that still holds
other files stays, and is recorded as ``left``, so that the undo which empties it can remove it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from ipython_where.facts.distributions.listing import Tree
from ipython_where.value import dataclass

from .swap_plan import In, MakeDirectory, Operation, Out, RemoveDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """The operations that undo a change. ``in_the_way``: paths taken by something that no distribution lists.

    ``left`` are the folders, with their modes, that should have gone but still hold other files.
    """

    operations: tuple[Operation, ...]
    in_the_way: tuple[str, ...]
    left: Mapping[str, int]


def plan_reversal(
    done: Sequence[Operation],
    *,
    live: Tree,
    kept: Callable[[str], Tree],
    others: Collection[str],
    compiled: Sequence[str],
    leftovers: Mapping[str, int],
    modes: Mapping[str, int],
    trash: str,
) -> Reversal:
    """How to undo ``done``.

    ``kept`` lists a path below the store. ``others`` are files in ``live`` that belong to an installed distribution,
    ``compiled`` the ``.pyc`` files of files that came. ``leftovers`` are folders that earlier undos left, ``modes`` the
    modes of folders that are gone.
    """
    planner = _ReversalPlanner(done, live, kept, frozenset(others), trash)
    planner.take(compiled)
    planner.remove_empty(compiled, leftovers)
    planner.bring(modes)
    return Reversal(
        operations=(*planner.outs, *planner.removed.values(), *planner.made.values(), *planner.ins),
        in_the_way=tuple(planner.in_the_way),
        left=planner.left,
    )


class _ReversalPlanner:
    """Tracks what the environment will look like as each kind of operation is planned."""

    def __init__(
        self, done: Sequence[Operation], live: Tree, kept: Callable[[str], Tree], others: frozenset[str], trash: str
    ) -> None:
        self._done = tuple(reversed(done))
        self._live = live
        self._kept = kept
        self._others = others
        self._trash = trash
        self.outs: list[Out] = []
        self.removed: dict[str, RemoveDirectory] = {}
        self.made: dict[str, MakeDirectory] = {}
        self.ins: list[In] = []
        self.in_the_way: list[str] = []
        self.left: dict[str, int] = {}
        self._gone: set[str] = set()
        self._come: set[str] = set()

    def take(self, compiled: Sequence[str]) -> None:
        for path in compiled:
            self._out(path)
        for operation in self._done:
            if isinstance(operation, In):
                self._take(operation.path)

    def _take(self, path: str) -> None:
        entry = self._live.get(path)
        if entry is None or path in self._others:
            return
        files = list(self._live.files(path)) if entry.directory else []
        if self._others.isdisjoint(files):
            self._out(path)
        elif not self._others.issuperset(files):
            for child in self._live.children(path):
                self._take(child)
        if entry.directory and path not in self._gone and self._is_ours(path):
            self.left[path] = entry.mode

    def _is_ours(self, directory: str) -> bool:
        """Whether a directory belongs to the change: it came whole, or some of its files did."""
        taken = any(each.path == directory for each in self._done if isinstance(each, In))
        return taken or any(path.startswith(f"{directory}/") for path in self._gone)

    def _out(self, path: str) -> None:
        if path not in self._gone:
            self._gone.add(path)
            self.outs.append(Out(path=path, trash=f"{self._trash}/{path}"))

    def remove_empty(self, compiled: Sequence[str], leftovers: Mapping[str, int]) -> None:
        made = {each.path for each in self._done if isinstance(each, MakeDirectory)}
        touched = {each.path for each in self._done}
        cached = {posixpath.dirname(path) for path in compiled} - touched
        emptied = {parent for path in self._gone for parent in parents(path)} & leftovers.keys()
        for directory in sorted({*made, *cached, *emptied}, key=lambda path: path.count("/"), reverse=True):
            entry = self._live.get(directory)
            if entry is None or not entry.directory or self._is_gone(directory):
                continue
            if all(child in self._gone or child in self.removed for child in self._live.children(directory)):
                self.removed[directory] = RemoveDirectory(path=directory, mode=entry.mode)
                self._gone.add(directory)
            elif directory in made:
                self.left[directory] = entry.mode

    def _is_gone(self, path: str) -> bool:
        return path in self._gone or any(parent in self._gone for parent in parents(path))

    def bring(self, modes: Mapping[str, int]) -> None:
        for operation in self._done:
            if isinstance(operation, RemoveDirectory) and not self._is_there(operation.path):
                self._make_parents(operation.path, modes)
                self.made[operation.path] = MakeDirectory(path=operation.path, mode=operation.mode)
                self._come.add(operation.path)
        for operation in self._done:
            if isinstance(operation, Out):
                self._bring(operation.path, operation.trash, None, modes)

    def _bring(self, path: str, source: str, kept: Tree | None, modes: Mapping[str, int]) -> None:
        if not self._is_there(path):
            self._make_parents(path, modes)
            self._come.add(path)
            self.ins.append(In(path=path, source=source))
            return
        kept = kept or self._kept(source)
        entry = kept.get(source)
        if entry is None or not entry.directory or not self._is_shared(path):
            self.in_the_way.append(path)
            return
        for child in kept.children(source):
            self._bring(path + child[len(source) :], child, kept, modes)

    def _is_shared(self, path: str) -> bool:
        """Whether a directory exists and holds only files that installed distributions list."""
        entry = self._live.get(path)
        if path in self.made or entry is None or not entry.directory:
            return path in self.made
        return all(file in self._others or self._is_gone(file) for file in self._live.files(path))

    def _is_there(self, path: str) -> bool:
        if path in self._come:
            return True
        return not self._is_gone(path) and self._live.get(path) is not None

    def _make_parents(self, path: str, modes: Mapping[str, int]) -> None:
        for parent in reversed(list(parents(path))):
            if not self._is_there(parent):
                self.made[parent] = MakeDirectory(path=parent, mode=modes.get(parent, 0o755))
                self._come.add(parent)


def parents(path: str) -> Iterator[str]:
    """The parent directories of a path, nearest first."""
    while path := posixpath.dirname(path):
        yield path
