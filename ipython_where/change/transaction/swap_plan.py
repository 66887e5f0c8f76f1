"""Decides which paths are renamed where: pure, from listings and RECORDs to an ordered list of operations.

The files of a replaced distribution go *out* to the trash, staged files come *in*. A directory moves in one rename if
every file below it is owned; otherwise its files move one by one. Nothing is written in place, so all of it is reversible.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from ipython_where.facts.distributions.listing import Tree
from ipython_where.value import dataclass

from .listed_paths import RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """``path``, relative to the root, is renamed to ``trash``, relative to the store."""

    path: str
    trash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """``source``, relative to the store, is renamed to ``path``, relative to the root."""

    path: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDirectory:
    """An empty directory is made at ``path``."""

    path: str
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDirectory:
    """The empty directory at ``path``, which had ``mode``, is removed."""

    path: str
    mode: int


Operation = Out | In | MakeDirectory | RemoveDirectory

Mark = tuple[int, int]
"""Size and modification time (ns) of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The files that a list of operations takes out and brings in, with their size and time before that."""

    taken_out: Mapping[str, Mark]
    brought_in: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The operations of a change. ``in_the_way`` are files of no distribution, or of another one, that it moves away."""

    operations: tuple[Operation, ...]
    in_the_way: tuple[str, ...]


def plan_swap(
    *,
    staged: Tree,
    live: Tree,
    owned: Collection[str],
    fixed: Collection[str],
    stage: str,
    trash: str,
) -> Swap:
    """The operations that take ``owned`` out of ``live`` and bring ``staged`` in.

    ``fixed`` directories are shared by all distributions and never move. ``stage`` and ``trash`` are relative to the store.
    """
    return _SwapPlanner(staged=staged, live=live, owned=set(owned), fixed=set(fixed), stage=stage, trash=trash).plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class _SwapPlanner:
    staged: Tree
    live: Tree
    owned: set[str]
    fixed: set[str]
    stage: str
    trash: str

    def plan(self) -> Swap:
        operations: list[Operation] = []
        in_the_way: list[str] = []
        self._merge("", operations, in_the_way)
        return Swap(operations=tuple(operations), in_the_way=tuple(sorted(in_the_way)))

    def _merge(self, directory: str, operations: list[Operation], in_the_way: list[str]) -> None:
        for path in sorted({*self.live.children(directory), *self.staged.children(directory)}):
            old, new = self.live.get(path), self.staged.get(path)
            if old is not None and old.directory and (new is None or new.directory) and not self._moves_whole(path):
                self._merge(path, operations, in_the_way)
                continue
            if old is not None and (new is not None or old.directory or path in self.owned):
                in_the_way += self._not_owned(path)
                operations.append(Out(path=path, trash=f"{self.trash}/{path}"))
            if new is not None:
                operations.append(In(path=path, source=f"{self.stage}/{path}"))

    def _moves_whole(self, directory: str) -> bool:
        """Whether a directory holds owned files and no others: empty directories move along."""
        return directory not in self.fixed and self._verdict(directory) == {True}

    def _verdict(self, path: str) -> set[bool]:
        """Whether the files at or below ``path`` are owned: {True}, {False}, or both if mixed."""
        entry = self.live.entries[path]
        if not entry.directory:
            return {path in self.owned}
        if not entry.listed or path in self.fixed:
            return {False}
        found: set[bool] = set()
        for child in self.live.children(path):
            found |= self._verdict(child)
            if False in found:
                break
        return found

    def _not_owned(self, path: str) -> list[str]:
        hidden = [d for d in self.live.directories(path) if not self.live.entries[d].listed]
        return [*(file for file in self.live.files(path) if file not in self.owned), *hidden]


def owned_files(rows: Iterable[RecordRow], metadata: Collection[str], live: Tree) -> set[str]:
    """The files in ``live`` that are owned: what ``rows`` list, ``metadata``, and the ``.pyc`` of their sources."""
    listed = {row.path for row in rows}
    owned = {path for path in listed if (entry := live.get(path)) is not None and not entry.directory}
    for directory in metadata:
        owned.update(live.files(directory))
    owned.update(path for path in live.files() if (source := source_of(path)) is not None and source in listed)
    return owned


def source_of(path: str) -> str | None:
    """The source that a ``.pyc`` in `__pycache__` was compiled from (PEP 3147, PEP 488); None for any other file."""
    if not path.endswith(".pyc"):  # first, for speed: this runs for every file
        return None
    directory, name = posixpath.split(path)
    if posixpath.basename(directory) != "__pycache__":
        return None
    stem = name[: -len(".pyc")]
    if stem.rpartition(".")[2].startswith("opt-"):
        stem = stem.rpartition(".")[0]
    return posixpath.join(posixpath.dirname(directory), stem.rpartition(".")[0] + ".py")


def edited_files(rows: Iterable[RecordRow], live: Tree, *, since: int, digest: Callable[[str], str]) -> tuple[str, ...]:
    """The listed files that were edited after the installation at ``since`` (ns).

    Only a file that is newer than its RECORD is hashed, by ``digest``: hashing all of them takes longer than the swap.
    """
    found = []
    for row in rows:
        entry = live.get(row.path)
        if entry is None or entry.directory or row.size is None or source_of(row.path) is not None:
            continue  # installers and imports rewrite a `.pyc`, whatever RECORD says
        if entry.size != row.size or (entry.mtime_ns > since and row.digest and digest(row.path) != row.digest):
            found.append(row.path)
    return tuple(found)


def manifest_of(operations: Iterable[Operation], *, live: Tree, staged: Tree) -> Manifest:
    """The files that ``operations`` move, one by one."""
    taken_out: dict[str, Mark] = {}
    brought_in: dict[str, Mark] = {}
    for operation in operations:
        if isinstance(operation, Out):
            taken_out.update((path, live.entries[path].mark) for path in live.files(operation.path))
        elif isinstance(operation, In):
            brought_in.update((path, staged.entries[path].mark) for path in staged.files(operation.path))
    return Manifest(taken_out=taken_out, brought_in=brought_in)


def file_by_file(
    operations: Iterable[Operation], *, live: Callable[[str], Tree], kept: Callable[[str], Tree]
) -> tuple[Operation, ...]:
    """The same change without renaming directories: overlayfs (containers) refuses that for directories of a lower layer.

    ``live`` lists a path below the root, ``kept`` a path below the store, both before anything moves.
    """
    found: list[Operation] = []
    for operation in operations:
        match operation:
            case Out(path=path, trash=trash):
                tree = live(path)
                found += (Out(path=file, trash=_moved(file, path, trash)) for file in tree.files(path))
                found += (
                    RemoveDirectory(path=directory, mode=tree.entries[directory].mode)
                    for directory in reversed(list(tree.directories(path)))
                )
            case In(path=path, source=source):
                tree = kept(source)
                found += (
                    MakeDirectory(path=_moved(directory, source, path), mode=tree.entries[directory].mode)
                    for directory in tree.directories(source)
                )
                found += (In(path=_moved(file, source, path), source=file) for file in tree.files(source))
            case _:
                found.append(operation)
    return tuple(found)


def _moved(path: str, old: str, new: str) -> str:
    return new + path[len(old) :]


def touched(operations: Iterable[Operation]) -> set[str]:
    """The paths that operations change, relative to the root."""
    return {operation.path for operation in operations}


def overlap(first: Collection[str], second: Collection[str]) -> Iterator[str]:
    """The paths of ``first`` that are, lie in, or hold one of ``second``."""
    others = set(second)
    above = {parent for path in others for parent in _parents(path)}
    for path in sorted(first):
        if path in others or path in above or any(parent in others for parent in _parents(path)):
            yield path


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path
