"""What a change means for the kernel that is running: read from its own process, not from an installer's output."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from ..modules.distributions import Distributions
from ..modules.finding import Found, ImportSystem, find, namespace_of
from ..modules.metadata import editable_root, top_level_names
from .editable import possible_names
from .values import ChangedModule, Invisible, Verdict


def read_loaded_modules(
    metadata: Iterable[str], distributions: Distributions, modules: Mapping[str, Any]
) -> tuple[ChangedModule, ...]:
    """The loaded modules that belong to installed distributions, by the files that these list.

    To be read *before* a change: afterwards the files are gone. A module in an editable project's folder belongs to that
    project, whatever RECORD lists; a child without a file of its own (made by code) to its parent's; a namespace package to
    nobody, only its modules do.
    """
    owners: dict[str, str] = {}
    folders: dict[str, str] = {}
    for each in metadata:
        name = distributions.metadata(each).name or os.path.basename(each)
        location = os.path.realpath(os.path.dirname(each))
        for path in _listed(distributions.content(each, "RECORD") or b""):
            owners[_located(path, location)] = name
        root = editable_root(distributions.content(each, "direct_url.json"))
        if root is not None:
            folders[os.path.join(os.path.realpath(root), "")] = name
    return tuple(_owned(modules, owners, folders))


def _listed(record: bytes) -> Iterator[str]:
    """The paths in a RECORD, as far as it can be read: a change that a broken one must stop is stopped elsewhere."""
    lines = record.decode("utf-8", "replace").splitlines()
    if b'"' not in record and b"\0" not in record:
        yield from (line.partition(",")[0] for line in lines if line)
        return
    import csv

    with contextlib.suppress(csv.Error):
        yield from (row[0] for row in csv.reader(lines) if row)


def _located(path: str, location: str) -> str:
    if os.sep == "/" and path[:1] not in ("/", ".") and "/." not in path and "//" not in path:
        return f"{location}/{path}"  # nearly all, and `normpath` takes ten times as long
    return os.path.normpath(os.path.join(location, path))


def _owned(
    modules: Mapping[str, Any], owners: Mapping[str, str], folders: Mapping[str, str]
) -> Iterator[ChangedModule]:
    real: dict[str, str] = {}
    hit: dict[str, str] = {}
    for name, module in sorted(dict(modules).items()):  # a copy: other threads import meanwhile
        names = namespace_of(module)
        file = names.get("__file__")
        if not isinstance(file, str):
            parent = hit.get(name.rpartition(".")[0])
            owner = parent if names.get("__path__") is None else None
        else:
            path = _real(file, real)
            owner = owners.get(path) or next((folders[each] for each in folders if path.startswith(each)), None)
        if owner is not None:
            hit[name] = owner
            is_native = isinstance(file, str) and file.endswith((".so", ".pyd", ".dylib"))
            yield ChangedModule(name=name, distribution=owner, extension=is_native)


def _real(file: str, known: dict[str, str]) -> str:
    """A file's real path; that of its folder is worked out once, since hundreds of modules share a few."""
    folder, name = os.path.split(file)
    if folder not in known:
        known[folder] = os.path.realpath(folder)
    return os.path.join(known[folder], name)


class Outdated:
    """Which loaded modules differ from what is on disk, by the transactions of this process that made them differ.

    A transaction's undo brings back the very files: what was loaded before it agrees with the disk again, unless something
    else had changed it as well; what was loaded since does not.
    """

    def __init__(self) -> None:
        self._since: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()

    def after(
        self,
        transaction: str,
        loaded: Sequence[ChangedModule],
        modules: Mapping[str, Any],
        *,
        undone: str | None = None,
    ) -> tuple[ChangedModule, ...]:
        """Those of the ``loaded`` modules that ``transaction`` left outdated; ``undone`` is the one that it took back."""
        return tuple(each for each in loaded if self._is_outdated(modules.get(each.name), transaction, undone))

    def _is_outdated(self, module: object, transaction: str, undone: str | None) -> bool:
        try:
            since = self._since.setdefault(module, [])
        except TypeError:  # what a package put into sys.modules cannot be told apart from another
            return True
        if undone in since:
            since.remove(str(undone))
        else:
            since.append(transaction)
        return bool(since)


def activate(site_directory: str, new_pth: Sequence[str]) -> tuple[str, ...]:
    """Bring a running process to what a new one would see: new ``.pth`` files, a site directory that is just born.

    Only the new files are processed: lines of code in the others ran at start-up, and once more would install their hooks
    twice. Returns the entries that the path gained.
    """
    import importlib
    import site
    import sys

    before = list(sys.path)
    if site_directory not in before and os.path.isdir(site_directory):
        site.addsitedir(site_directory)
    else:
        for name in new_pth:
            site.addpackage(site_directory, name, None)
    importlib.invalidate_caches()
    return tuple(entry for entry in sys.path if entry not in before)


def judge_verdict(
    installed: Sequence[str],
    changed: Sequence[ChangedModule],
    *,
    system: ImportSystem,
    distributions: Distributions,
) -> Verdict:
    """What of the ``installed`` metadata directories can be imported now, and which loaded modules are older than it."""
    importable: list[str] = []
    invisible: list[Invisible] = []
    restart = {each.name.partition(".")[0] for each in changed}
    for metadata in installed:
        names = _public_modules(metadata, distributions)
        root = editable_root(distributions.content(metadata, "direct_url.json"))
        if root is not None and not names:
            below = _found_below(root, possible_names(metadata, root, distributions), system)
            importable += [name for name in below if name not in restart]
        for name in names:
            search = find(name, system)
            reason = _why_not(metadata, search.found, system, root)
            if reason is not None:
                invisible.append(Invisible(name=name, reason=reason))
            elif name not in restart:
                importable.append(name)
    return Verdict(importable=tuple(importable), restart=tuple(changed), invisible=tuple(invisible))


def _public_modules(metadata: str, distributions: Distributions) -> tuple[str, ...]:
    content = distributions.content
    names = top_level_names(content(metadata, "RECORD"), content(metadata, "top_level.txt"))
    public = tuple(name for name in names if not name.startswith("_"))
    return public or names


def _found_below(root: str, names: Sequence[str], system: ImportSystem) -> Iterator[str]:
    """Those of the names that an import finds in an editable project's folder: nothing lists the modules of some."""
    folder = os.path.join(os.path.realpath(root), "")
    for name in names:
        found = find(name, system).found
        if found is not None and found.file is not None and os.path.realpath(found.file).startswith(folder):
            yield name


def _why_not(metadata: str, found: Found | None, system: ImportSystem, root: str | None) -> str | None:
    """Why an import would not find the module of the distribution; None when it does."""
    location = os.path.dirname(metadata)
    if found is None:
        on_path = location in system.path
        return "no finder has it" if on_path else f"`{location}` is not on this kernel's `sys.path`"
    if found.file is None or found.finder is not None:
        return None
    homes = [os.path.realpath(each) for each in (location, root) if each]
    real = os.path.realpath(found.file)
    if any(real.startswith(os.path.join(home, "")) for home in homes):
        return None
    return f"`{found.file}` is found before it"
