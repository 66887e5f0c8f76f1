"""What a change means for the running kernel: read from its own process, not from an installer's output."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from ipython_where.change.values import ChangedModule, Invisible, Verdict
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.editable_names import possible_names
from ipython_where.facts.distributions.metadata import editable_root, same_version
from ipython_where.facts.distributions.provided_modules import Brought, paths_of, read_brought
from ipython_where.facts.imports.finding import ImportSystem, find, namespace_of
from ipython_where.facts.imports.loaded import read_loaded
from ipython_where.facts.imports.path_entries import PathRules
from ipython_where.facts.imports.source_version import read_version_on_disk

from .found import Home, judge_module


def read_loaded_modules(
    metadata: Iterable[str], distributions: Distributions, modules: Mapping[str, Any]
) -> tuple[ChangedModule, ...]:
    """The loaded modules that belong to installed distributions, matched by the files in RECORD.

    Read *before* a change: afterwards the files are gone. A module in an editable project's folder belongs to that project,
    whatever RECORD lists. A submodule without a file (created by code) belongs to its parent's distribution. A namespace
    package belongs to none, only its modules do.
    """
    owners: dict[str, str] = {}
    folders: dict[str, str] = {}
    for each in metadata:
        name = distributions.metadata(each).name or os.path.basename(each)
        location = os.path.realpath(os.path.dirname(each))
        for path in paths_of(distributions.files(each) or b""):
            owners[_located(path, location)] = name
        root = editable_root(distributions.content(each, "direct_url.json"))
        if root is not None:
            folders[os.path.join(os.path.realpath(root), "")] = name
    return tuple(_owned(modules, owners, folders))


def _located(path: str, location: str) -> str:
    if os.sep == "/" and path[:1] not in ("/", ".") and "/." not in path and "//" not in path:
        return f"{location}/{path}"  # almost every path; `normpath` takes ten times as long
    return os.path.normpath(os.path.join(location, path))


def _owned(
    modules: Mapping[str, Any], owners: Mapping[str, str], folders: Mapping[str, str]
) -> Iterator[ChangedModule]:
    real: dict[str, str] = {}
    hit: dict[str, str] = {}
    ends = {path.rpartition(os.sep)[2] for path in owners}  # hundreds of modules have no file of such a name
    loaded = dict(modules)  # a copy, because other threads may import meanwhile
    for name in sorted(each for each in loaded if isinstance(each, str)):  # code may put any key there
        names = namespace_of(loaded[name])
        file = names.get("__file__")
        if not isinstance(file, str):
            parent = hit.get(name.rpartition(".")[0]) if hit else None
            owner = parent if parent is not None and names.get("__path__") is None else None
        elif not folders and file.rpartition(os.sep)[2] not in ends:
            owner = None
        else:
            path = _real(file, real)
            owner = owners.get(path) or next((folders[each] for each in folders if path.startswith(each)), None)
        if owner is not None:
            hit[name] = owner
            is_native = isinstance(file, str) and file.endswith((".so", ".pyd", ".dylib"))
            yield ChangedModule(name=name, distribution=owner, extension=is_native)


def _real(file: str, known: dict[str, str]) -> str:
    """A file's real path. Each folder is resolved once, because hundreds of modules share a few."""
    folder, name = os.path.split(file)
    return os.path.join(_real_folder(folder, known), name)


def _real_folder(folder: str, known: dict[str, str]) -> str:
    """A folder's real path: below a real folder, what is no link is real itself. `realpath` looks at every part again."""
    if folder not in known:
        above, name = os.path.split(folder)
        if os.sep != "/" or not os.path.isabs(folder) or name in ("", ".", "..") or os.path.islink(folder):
            known[folder] = os.path.realpath(folder)
        else:
            known[folder] = os.path.join(_real_folder(above, known), name)
    return known[folder]


class StaleModules:
    """Which loaded modules differ from the files on disk, and which transactions of this process are the reason.

    An undo restores the same files, so a module that was loaded before the transaction matches the disk again, unless another
    one changed it too. A module that was loaded after the transaction no longer does.
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
        """Those of the ``loaded`` modules that are outdated after ``transaction``; ``undone`` is the one that it undid."""
        return tuple(each for each in loaded if self._is_outdated(modules.get(each.name), transaction, undone))

    def _is_outdated(self, module: object, transaction: str, undone: str | None) -> bool:
        try:
            since = self._since.setdefault(module, [])
        except TypeError:  # a package put an object into sys.modules that can't be weakly referenced
            return True
        if undone in since:
            since.remove(str(undone))
        else:
            since.append(transaction)
        return bool(since)


def has_loaded_version(name: str, modules: Mapping[str, Any]) -> bool:
    """Whether a loaded package already has the version that is on disk now: then there is no reason to restart."""
    loaded = read_loaded(name.partition(".")[0], modules)
    if loaded is None or loaded.version is None:
        return False
    version = read_version_on_disk(loaded.file, None)
    return version is not None and same_version(loaded.version, version)


def activate(site_directory: str, new_pth: Sequence[str]) -> tuple[str, ...]:
    """Update a running process to what a new one would see: new ``.pth`` files, or a site directory that did not exist.

    Only the new files are processed: code in the others ran at start-up, and would install its hooks twice. Returns the
    entries that were added to `sys.path`.
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
    rules: PathRules | None = None,
) -> Verdict:
    """Which modules of the ``installed`` metadata directories can be imported now, and which loaded modules are outdated.

    It searches for each module as an import would, and compares the found file with the installed ones. A module that
    cannot be judged without running code is in none of the three.
    """
    importable: list[str] = []
    restart: list[ChangedModule] = list(changed)
    invisible: list[Invisible] = []
    for metadata in installed:
        home = Home.of(metadata, distributions)
        for each in _looked_for(metadata, home, system, distributions):
            if any(other.name == each.name or other.name.startswith(f"{each.name}.") for other in changed):
                continue
            judged = judge_module(each, home, system, rules)
            if isinstance(judged, Invisible):
                invisible.append(judged)
            elif isinstance(judged, ChangedModule):
                restart.append(judged)
            elif judged is not None:
                importable.append(judged)
    return Verdict(importable=tuple(importable), restart=tuple(restart), invisible=tuple(invisible))


def _looked_for(metadata: str, home: Home, system: ImportSystem, distributions: Distributions) -> Iterator[Brought]:
    """The modules to look for: the listed ones, or those of an editable project that an import finds in its folder."""
    listed = read_brought(metadata, distributions)
    if home.root is None or listed:
        yield from listed
        return
    for name in possible_names(metadata, home.root, distributions):
        found = find(name, system).found
        if found is not None and found.file is not None and home.is_in_project(found.file):
            yield Brought(name=name)
