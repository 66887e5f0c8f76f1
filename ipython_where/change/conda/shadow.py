"""A tree that py-rattler takes for the prefix, so that it links and removes there instead: nothing of the prefix changes.

It holds copies of the records, and of the prefix's files only those that rattler could move: the contested ones (`claims`). It
unlinks what goes without looking at it, and doesn't touch the rest. So making a shadow takes as long as copying the records,
however many files the prefix has. What is contested also depends on packages that only rattler can read: where it met more
than was foreseen, the shadow is made once more, with that (`unforeseen`).

What it may write in place is a copy: the records, and files in `bin`, because an entry point is written over a file of the same
name, through its hard links into the package cache. Links that lead out of the shadow, or out of `bin`, are left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping

from ipython_where.change.transaction.swap_plan import source_of
from ipython_where.errors import WhereError
from ipython_where.value import dataclass

from .claims import CLOBBERED, Claims, contested, listed_in, placed_by, places, read_record

META = "conda-meta"
HISTORY = f"{META}/history"
_MARK = "CACHEDIR.TAG"
"""rattler's own mark, which conda's prefixes don't have."""

_KEPT = ".kept"
_MENUS = "installed_system_menus"


Mark = tuple[int, ...]
"""Inode, time, size and mode of a file; of one without another link the time of its inode as well.

Only that distinguishes it for certain: a copy that is replaced leaves its inode free for the new file, which can have the size
and, from the archive, the time of the old one. The inode of a hard link stays taken.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixShadow:
    """A shadow as it was made: the ``marks`` of its files, what the prefix's records list (``claims``), the ``contested`` places.

    ``links`` are those that the empty stage had, each with its target.
    """

    prefix: str
    stage: str
    marks: Mapping[str, Mark]
    claims: Claims
    contested: frozenset[str]
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a change brings in and takes out, relative to the prefix; ``records`` are the new records, by their file names.

    ``rest`` are the files in the shadow that did not change.
    """

    brought: frozenset[str]
    taken_out: frozenset[str]
    records: tuple[str, ...]
    rest: frozenset[str] = frozenset()


def make_shadow(prefix: str, stage: str, claims: Claims, *, leaving: Collection[str] = ()) -> PrefixShadow:
    """Fill ``stage``, an empty folder in the same file system. ``leaving`` are the records that will be replaced or removed.

    Raises `WhereError` where that can't be.
    """
    with os.scandir(stage) as entries:
        links = {each.name: os.readlink(each.path) for each in entries if each.is_symlink()}
    return _made(prefix, stage, claims, leaving, contested(claims.values()), links)


def made_again(shadow: PrefixShadow, more: frozenset[str], *, leaving: Collection[str] = ()) -> PrefixShadow:
    """The shadow as it was made, with further contested places."""
    with os.scandir(shadow.stage) as entries:
        for each in [*entries]:
            if each.is_dir(follow_symlinks=False):
                shutil.rmtree(each.path)
            else:
                os.unlink(each.path)
    for name, target in shadow.links.items():
        os.makedirs(os.path.join(shadow.stage, target), exist_ok=True)
        os.symlink(target, os.path.join(shadow.stage, name))
    return _made(shadow.prefix, shadow.stage, shadow.claims, leaving, shadow.contested | more, shadow.links)


def _made(
    prefix: str,
    stage: str,
    claims: Claims,
    leaving: Collection[str],
    contested: frozenset[str],
    links: Mapping[str, str],
) -> PrefixShadow:
    try:
        _copy_meta(prefix, stage, leaving)
        for (
            target
        ) in links.values():  # rattler removes a folder that its last file has left, and goes on through the link
            _write(os.path.join(stage, target, _KEPT), b"")
        for path in sorted({path for paths in claims.values() for path in _held(paths, contested)}):
            _link(prefix, stage, path)
    except OSError as error:
        raise WhereError(
            f"`{prefix}` cannot be staged",
            evidence=(str(error),),
            hint="use `%conda` here: it can change what spans several disks, or is no plain file",
            unchanged=True,
        ) from None
    return PrefixShadow(
        prefix=prefix, stage=stage, marks=_marks(stage), claims=claims, contested=contested, links=links
    )


def _held(paths: frozenset[str], contested: frozenset[str]) -> Iterator[str]:
    """Those of a package's paths that rattler could move."""
    yield from paths & contested
    yield from (path for path in paths if path.startswith(CLOBBERED))


def _copy_meta(prefix: str, stage: str, leaving: Collection[str]) -> None:
    os.makedirs(os.path.join(stage, META), exist_ok=True)
    with os.scandir(os.path.join(prefix, META)) as entries:
        for each in entries:
            if each.is_file() and not each.name.endswith(".lock"):
                copy = os.path.join(stage, META, each.name)
                shutil.copy2(each.path, copy)
                if each.name in leaving:
                    _forget_menus(copy)


def _forget_menus(record: str) -> None:
    """Take a package's menu entries out of its record: rattler would remove them at once, which nothing could take back."""
    with open(record, "rb") as file:
        if _MENUS.encode() not in file.read():
            return
    data = {key: value for key, value in read_record(record).items() if key != _MENUS}
    _write(record, json.dumps(data).encode())


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)


def _link(prefix: str, stage: str, path: str) -> None:
    source, target = f"{prefix}/{path}", f"{stage}/{path}"
    # what is gone from the prefix isn't missed, and a link may stand for its folder
    with contextlib.suppress(FileNotFoundError, FileExistsError, NotADirectoryError):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(source):
            if _leads_out(path, os.readlink(source)):
                return
        elif os.path.isdir(source):
            return
        elif path.startswith("bin/"):
            shutil.copy2(source, target)
            return
        try:
            os.link(source, target, follow_symlinks=False)
        except PermissionError:  # a file of another user's (proc(5), protected_hardlinks)
            shutil.copy2(source, target, follow_symlinks=False)


def _leads_out(path: str, target: str) -> bool:
    """Whether a link leads out of the shadow, or out of `bin`: written through, it would change the prefix, or anything."""
    if os.path.isabs(target):
        return True
    inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
    return inside.startswith("../") or inside == ".." or (path.startswith("bin/") and not inside.startswith("bin/"))


def _marks(root: str) -> dict[str, Mark]:
    found: dict[str, Mark] = {}
    waiting = [""]
    while waiting:
        start = waiting.pop()
        with os.scandir(f"{root}/{start}") as entries:
            for each in entries:
                if each.is_dir(follow_symlinks=False):
                    waiting.append(f"{start}{each.name}/")
                    continue
                status = each.stat(follow_symlinks=False)
                changed = status.st_ctime_ns if status.st_nlink == 1 else 0
                mark = (status.st_ino, status.st_mtime_ns, status.st_size, status.st_mode, changed)
                found[start + each.name] = mark
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedShadow:
    """A shadow after rattler: the marks ``now``, what the records that came or ``changed`` list, and the records ``gone``."""

    shadow: PrefixShadow
    now: Mapping[str, Mark]
    changed: Claims
    gone: frozenset[str]

    @property
    def untouched(self) -> frozenset[str]:
        """All that is listed by records that did not change."""
        every = self.shadow.claims.items()
        return _all(paths for name, paths in every if name not in self.gone and name not in self.changed)


def read_linked(shadow: PrefixShadow) -> LinkedShadow:
    """What rattler made of a shadow. Raises `WhereError` for a record that can't be read."""
    now = _marks(shadow.stage)
    there = {path[len(META) + 1 :]: path for path in now if _is_record(path)}
    changed = {name: path for name, path in there.items() if shadow.marks.get(path) != now[path]}
    return LinkedShadow(
        shadow=shadow,
        now=now,
        changed={name: listed_in(os.path.join(shadow.stage, path)) for name, path in changed.items()},
        gone=frozenset(name for name in shadow.claims if name not in there),
    )


def unforeseen(linked: LinkedShadow) -> frozenset[str]:
    """The contested places that rattler met without finding the files of those that claim them."""
    shadow = linked.shadow
    staying = places(_all(paths for name, paths in shadow.claims.items() if name not in linked.gone))
    claims = [places(linked.untouched)]
    moved: set[str] = set()
    for name, paths in linked.changed.items():
        if name in shadow.claims:
            moved |= places(paths ^ shadow.claims[name])
        claims.append(places(paths) if name in shadow.claims else placed_by(os.path.join(shadow.stage, META, name)))
    return ((contested(claims) | moved) & staying) - shadow.contested


def difference(linked: LinkedShadow, stems: Iterable[str]) -> Difference:
    """What differs in the stage from what was put there, now that it was changed.

    ``stems`` name the packages that were linked: all that their records list came, whatever it looks like.
    """
    shadow, now, prefix = linked.shadow, linked.now, linked.shadow.prefix
    came = _all(linked.changed.get(f"{stem}.json", frozenset()) for stem in stems)
    brought = {path for path, mark in now.items() if shadow.marks.get(path) != mark or path in came} - {_MARK}
    listed = linked.untouched.union(*linked.changed.values())
    before = _listed_before(linked)
    # what rattler left there although nobody lists it any more goes, too
    kept = {path for path, mark in now.items() if path not in before or mark != shadow.marks.get(path)}
    gone = {path for path in (*shadow.marks, *before) if path not in kept and path not in listed}
    replaced = {path for path in (*gone, *brought) if _is_file(f"{prefix}/{path}")}
    # what conda does not list is in the way, and nobody's to delete
    out = replaced & _all((frozenset(shadow.marks), before, *shadow.claims.values()))
    return Difference(
        brought=frozenset(brought),
        taken_out=frozenset({*out, *bytecode(prefix, replaced, now)}),
        records=tuple(sorted(os.path.basename(path) for path in brought if _is_record(path))),
        rest=frozenset(now) - brought,
    )


def _listed_before(linked: LinkedShadow) -> frozenset[str]:
    """What the records that went or changed listed in the prefix."""
    shadow = linked.shadow
    names = [name for name in shadow.claims if name in linked.gone or name in linked.changed]
    return _all(listed_in(os.path.join(shadow.prefix, META, name)) for name in names)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


def _is_record(path: str) -> bool:
    return path.startswith(f"{META}/") and path.endswith(".json")


def _is_file(path: str) -> bool:
    return os.path.islink(path) or (os.path.exists(path) and not os.path.isdir(path))


def bytecode(prefix: str, out: Iterable[str], staged: Collection[str]) -> Iterator[str]:
    """The bytecode of sources that go or change. Their times come from the archives: a new source can have the time and the
    size of the old one, and Python would go on with the old code.
    """
    by_folder: dict[str, set[str]] = {}
    for path in out:
        if path.endswith(".py"):
            by_folder.setdefault(os.path.dirname(path), set()).add(path)
    for folder, sources in by_folder.items():
        cache = os.path.join(folder, "__pycache__")
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(f"{prefix}/{cache}") as entries:
            found = [os.path.join(cache, each.name) for each in entries]
            yield from (path for path in found if source_of(path) in sources and path not in staged)


def keep_only(shadow: PrefixShadow, brought: Difference) -> None:
    """Leave in the stage what is brought, and nothing else."""
    for path in brought.rest:
        os.unlink(os.path.join(shadow.stage, path))
    for folder, _, files in os.walk(shadow.stage, topdown=False):
        if folder != shadow.stage and not files and not os.listdir(folder):
            os.rmdir(folder)
