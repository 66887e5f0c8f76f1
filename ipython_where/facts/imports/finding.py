"""Finding a module as ``import`` would, without importing it or its parents.

``importlib.util.find_spec("a.b")`` imports ``a``, so the walk over ``sys.meta_path`` is done here, part by part: the search
locations of a parent that is not loaded come from its spec, those of a loaded one from its ``__path__``. Finders of the
standard library only read; of the others, those are asked of which it is known that they only look (`finders`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    ExtensionFileLoader,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import ModuleType
from typing import Any

from ipython_where.facts.distributions.stat_cache import StatCache
from ipython_where.model import ModuleKind
from ipython_where.value import dataclass

from .finders import Alias, NotAskedError, Offer, Unasked, judge_finder, label, module_of
from .package_code import Source, may_bring
from .path_hooks import checked, entry_finder
from .told import Listed, Told, meta_path_of, path_hooks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSystem:
    """The parts of ``sys`` that decide what ``import`` finds."""

    path: Sequence[str]
    meta_path: Sequence[Any]
    path_hooks: Sequence[Any]
    importer_cache: Mapping[str, Any]
    modules: Mapping[str, Any]
    cwd: str

    @classmethod
    def current(cls) -> ImportSystem:
        """That of this process, as it is now."""
        return cls(
            path=sys.path,
            meta_path=sys.meta_path,
            path_hooks=sys.path_hooks,
            importer_cache=sys.path_importer_cache,
            modules=sys.modules,
            cwd=_working_directory(),
        )

    @classmethod
    def of(cls, described: Mapping[str, Any], *, cwd: str) -> ImportSystem:
        """That of another interpreter, from the probe's description; ``cwd`` is what relative paths mean to who asks."""
        there = described["cwd"]
        path = (absolute(entry, there) for entry in described["sys_path"])
        return cls(
            path=tuple(entry for entry in path if entry is not None),
            meta_path=meta_path_of(described),
            path_hooks=path_hooks_of(described),
            importer_cache={},
            modules={},
            cwd=cwd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A module that a finder offers. ``entry`` is the path entry as it stands on the path; ``finder`` a foreign finder's name."""

    name: str
    kind: ModuleKind | None
    file: str | None
    entry: str | None
    locations: tuple[str, ...] | None
    zipped: bool = False
    finder: str | None = None
    finder_module: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search came to: the winner and the losers in order, or why it could not be decided.

    ``halted`` is the module that an import stops at, because ``sys.modules`` has None for it.
    """

    name: str
    found: Found | None
    losers: tuple[Found, ...] = ()
    undecided: str | None = None
    halted: str | None = None


def installed_path(system: ImportSystem) -> tuple[str, ...]:
    """The entries of the path as absolute directories, in order."""
    entries = (absolute(entry, system.cwd) for entry in system.path if isinstance(entry, str))
    return tuple(dict.fromkeys(entry for entry in entries if entry is not None))


def _working_directory() -> str:
    """Where this process is; empty where that was removed: the import system then skips it too."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def absolute(path: str, cwd: str) -> str | None:
    """A path from the working directory; None for a relative one where that was removed: it leads nowhere."""
    whole = os.path.join(cwd, path)
    return os.path.normpath(whole) if os.path.isabs(whole) else None


def find(name: str, system: ImportSystem) -> Search:
    """What ``import name`` would find now, and what else it passes over.

    A dotted name is walked from its first part. The code of parents that are not loaded runs before their submodules are
    looked for: where it may bring another module than the finders have, the answer is undecided.
    """
    locations: Sequence[str] | None = None
    running: list[Source] = []
    parts = [".".join(name.split(".")[: count + 1]) for count in range(name.count(".") + 1)]
    for part in parts:
        if system.modules.get(part, part) is None:
            return Search(name=name, found=None, halted=part)
        search = _as_code_leaves_it(_search(part, locations, system), running)
        if part == name:
            return search
        if part in system.modules:
            locations, reason = _loaded_parent(part, system.modules)
            if locations is None:
                return Search(name=name, found=None, undecided=reason)
        elif search.found is None:
            return Search(name=name, found=None, undecided=search.undecided)
        else:
            found = search.found
            locations = found.locations or ()
            if found.kind not in ("namespace", "builtin"):
                is_package = found.locations is not None
                running.append(Source(name=part, file=found.file, is_package=is_package, zipped=found.zipped))
    return search


def _as_code_leaves_it(search: Search, running: Sequence[Source]) -> Search:
    """A search whose answer the code of parents may change is undecided."""
    if search.undecided is not None or not running:
        return search
    by = may_bring(running, search.name, replacing=search.found is not None)
    if by is None:
        return search
    reason = f"`{by}` may change where its submodules come from when it is imported"
    if search.found is not None and search.found.file is not None:
        reason += f"; the file beside it is `{search.found.file}`"
    return Search(name=search.name, found=None, undecided=reason)


def _loaded_parent(name: str, modules: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, str | None]:
    """Where the submodules of a loaded module are looked for; None with no reason where it is no package."""
    locations = loaded_locations(name, modules)
    if locations is not None:
        return locations, None
    module = modules[name]
    computes = "__getattr__" in namespace_of(module) or type(module) is not ModuleType
    return None, f"the loaded `{name}` computes its attributes" if computes else None


def find_afresh(name: str, entries: Sequence[str], system: ImportSystem) -> Found | None:
    """What a new process with these entries on its path would find: loaded modules and the finders' memory do not count.

    None where it would find nothing, and where only a foreign finder could tell.
    """
    locations: Sequence[str] | None = tuple(entries)
    found = None
    for count in range(1, name.count(".") + 2):
        if locations is None:
            return None
        try:
            importers = {entry: entry_finder(entry, system.path_hooks) for entry in locations}
            fresh = replace(system, importer_cache=importers)
            found = next(_offers(".".join(name.split(".")[:count]), tuple(locations), fresh), None)
        except NotAskedError:
            return None
        locations = found.locations if found is not None else None
    return found


def loaded_locations(name: str, modules: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The ``__path__`` of a loaded package, or None. Nothing lazy in the module is woken."""
    module = modules.get(name)
    path = namespace_of(module).get("__path__") if module is not None else None
    if path is None:
        return None
    try:
        return tuple(entry for entry in path if isinstance(entry, str))
    except Exception:  # whatever a package put there
        return None


def namespace_of(module: object) -> Mapping[str, Any]:
    """A module's own names, read past any ``__getattr__`` and past ``importlib.util.LazyLoader``."""
    try:
        found = object.__getattribute__(module, "__dict__")
    except Exception:
        return {}
    return found if isinstance(found, Mapping) else {}


def _search(name: str, locations: Sequence[str] | None, system: ImportSystem) -> Search:
    """Ask the finders in order. The first offer of the first finder that has one wins, as in ``import``."""
    offers: list[Found] = []
    for finder in system.meta_path:
        try:
            offers += _ask(finder, name, locations, system)
        except NotAskedError as error:  # what it has would be passed over where another finder has offered something
            if not offers:
                return Search(name=name, found=None, undecided=str(error))
        except Exception as error:  # import would stop here as well
            if not offers:
                reason = f"the finder `{label(finder)}` failed: {type(error).__name__}: {error}"
                return Search(name=name, found=None, undecided=reason)
    if not offers:
        return Search(name=name, found=None)
    winner, *others = _without_repeats(offers)
    return Search(name=name, found=winner, losers=tuple(others))


def _without_repeats(offers: Sequence[Found]) -> list[Found]:
    """One offer a file: a frozen module, or an assertion rewriter's, is offered by the path finder once more."""
    seen: dict[tuple[str | None, str | None], Found] = {}
    for offer in offers:
        key = (offer.kind if offer.file is None else None, offer.file)
        known = seen.setdefault(key, offer)
        if known.entry is None and offer.entry is not None:
            seen[key] = replace(known, entry=offer.entry)
    return list(seen.values())


def _ask(finder: Any, name: str, locations: Sequence[str] | None, system: ImportSystem) -> Sequence[Found]:
    if finder is PathFinder:
        return _walk(name, system.path if locations is None else locations, system)
    if finder is BuiltinImporter or finder is FrozenImporter:
        spec = finder.find_spec(name, locations)
        return [] if spec is None else [_standard(name, spec)]
    if type(finder) is Listed:
        return [_listed(name, finder)] if name in finder.modules else []
    match finder.verdict(name) if type(finder) is Told else judge_finder(finder, name):
        case "nothing":
            return []
        case "ask":
            spec = finder.find_spec(name, None if locations is None else list(locations), None)
            return [] if spec is None else [_foreign(name, spec, finder)]
        case Alias(module=module):
            found = find(module, system).found
            return [] if found is None else [replace(found, name=name, zipped=False)]
        case Offer(file=file, locations=places):
            return [_offered(name, file, places, finder)]
        case Unasked(reason=reason):
            raise NotAskedError(reason)


def _listed(name: str, finder: Listed) -> Found:
    file, folder = finder.modules[name]
    return Found(name=name, kind=finder.kind, file=file, entry=None, locations=None if folder is None else (folder,))


def _offered(name: str, file: str | None, locations: tuple[str, ...] | None, finder: Any) -> Found:
    return Found(
        name=name,
        kind=None if file is None else _kind_of(file, is_package=locations is not None),
        file=file,
        entry=None,
        locations=locations,
        finder=label(finder),
        finder_module=module_of(finder),
    )


_kept = StatCache()


def _walk(name: str, entries: Sequence[str], system: ImportSystem) -> tuple[Found, ...]:
    """Every offer along a path, in order; the portions of a namespace package as one, after all others.

    What a path entry offers depends on itself and on the folder of that name in it: while both stand, so does the answer.
    """
    path = [entry for entry in entries if isinstance(entry, str)]

    def read() -> list[str]:  # a folder that is not there cannot come without a new time of its entry
        real = [entry or system.cwd for entry in path]
        folders = (f"{entry}{os.sep}{name.rpartition('.')[2]}" for entry in real)
        return [*real, *(folder for folder in folders if os.path.isdir(folder))]

    question = (name, system.cwd, *path, *map(id, system.path_hooks))
    return _kept.get(question, read, lambda: tuple(_offers(name, path, system)))


def _offers(name: str, entries: Sequence[str], system: ImportSystem) -> Iterator[Found]:
    portions: list[str] = []
    first: str | None = None
    won = False
    for entry in entries:
        try:
            importer = checked(_importer(entry or system.cwd, system))
            spec = importer.find_spec(name) if importer is not None else None
        except Exception:  # a NUL in the entry, a hook that fails: import gets this far only where nothing came before
            if not won:
                raise
            continue
        if spec is None:
            continue
        if spec.loader is not None:
            won = True
            yield _located(name, spec, entry)
        elif spec.submodule_search_locations:
            portions += spec.submodule_search_locations
            first = entry if first is None else first
    if portions:
        yield Found(name=name, kind="namespace", file=None, entry=first, locations=tuple(dict.fromkeys(portions)))


_own_importers: dict[tuple[object, ...], Any] = {}


def _importer(entry: str, system: ImportSystem) -> Any:
    """The path entry finder of one entry: the import system's own where it has one, so that its caches count too."""
    if not entry:
        return None
    try:
        return system.importer_cache[entry]
    except KeyError:
        pass
    question = (entry, *map(id, system.path_hooks))
    if question not in _own_importers:
        _own_importers[question] = entry_finder(entry, system.path_hooks)
    return _own_importers[question]


def _standard(name: str, spec: ModuleSpec) -> Found:
    """A built-in or frozen module; a frozen one tells its file since Python 3.11."""
    if spec.origin == "built-in":
        return Found(name=name, kind="builtin", file=None, entry=None, locations=None)
    file = getattr(spec.loader_state, "filename", None)
    locations = spec.submodule_search_locations
    return Found(
        name=name, kind="frozen", file=file, entry=None, locations=None if locations is None else tuple(locations)
    )


def _located(name: str, spec: ModuleSpec, entry: str | None) -> Found:
    locations = spec.submodule_search_locations
    return Found(
        name=name,
        kind=_kind(spec),
        file=spec.origin if spec.has_location else None,
        entry=entry,
        locations=None if locations is None else tuple(locations),
        zipped=type(spec.loader).__name__ == "zipimporter",
    )


def _foreign(name: str, spec: ModuleSpec, finder: Any) -> Found:
    locations = spec.submodule_search_locations
    if spec.loader is None:
        kind: ModuleKind | None = "namespace"
    elif type(spec.loader).__name__ == "NamespaceLoader":
        kind = "namespace"
    else:
        kind = _kind(spec)
    return Found(
        name=name,
        kind=kind,
        file=spec.origin if spec.has_location and kind != "namespace" else None,
        entry=None,
        locations=None if locations is None else tuple(locations),
        finder=label(finder),
        finder_module=module_of(finder),
    )


def _kind(spec: ModuleSpec) -> ModuleKind | None:
    loader = spec.loader
    if isinstance(loader, ExtensionFileLoader):
        return "extension"
    if isinstance(loader, SourcelessFileLoader):
        return "bytecode"
    if isinstance(loader, SourceFileLoader) or str(spec.origin).endswith(".py"):
        return "source" if spec.submodule_search_locations is None else "package"
    return None


def _kind_of(file: str, *, is_package: bool) -> ModuleKind | None:
    """The kind of a module by its file's name."""
    if file.endswith(tuple(EXTENSION_SUFFIXES)):
        return "extension"
    if file.endswith(tuple(BYTECODE_SUFFIXES)):
        return "bytecode"
    return ("package" if is_package else "source") if file.endswith(".py") else None
