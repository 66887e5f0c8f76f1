"""Finding a module as ``import`` would, without importing it or its parents.

``importlib.util.find_spec("a.b")`` imports ``a``, so this module walks ``sys.meta_path`` itself, part by part. The
search locations of a parent come from its ``__path__`` if it is loaded, otherwise from its spec. Standard library
finders only read; of the others, it calls only those known to have no side effects (`finders`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    ExtensionFileLoader,
    FileFinder,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from itertools import islice
from types import ModuleType
from typing import Any

from ipython_where.facts.distributions.stat_cache import StatCache
from ipython_where.model import ModuleKind
from ipython_where.value import dataclass

from .finders import Alias, Judge, NotAskedError, Offer, Unasked, Verdict, instance_of, judge_of, label, module_of
from .package_code import Source, may_bring
from .path_hooks import checked, entry_finder


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSystem:
    """The parts of ``sys`` that decide what ``import`` finds; ``is_described`` if another interpreter's probe told them."""

    path: Sequence[str]
    meta_path: Sequence[Any]
    path_hooks: Sequence[Any]
    importer_cache: Mapping[str, Any]
    modules: Mapping[str, Any]
    cwd: str
    is_described: bool = False

    @classmethod
    def current(cls) -> ImportSystem:
        """The current import system of this process."""
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
        """Another interpreter's import system, as its probe described it; ``cwd`` is this process's directory."""
        from .told import meta_path_of, path_hooks_of

        there = described["cwd"]
        path = (absolute(entry, there) for entry in described["sys_path"])
        return cls(
            path=tuple(entry for entry in path if entry is not None),
            meta_path=meta_path_of(described),
            path_hooks=path_hooks_of(described),
            importer_cache={},
            modules={},
            cwd=cwd,
            is_described=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A module that a finder offers. ``entry`` is the path entry as spelled; ``finder`` names a third-party finder."""

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
    """The result of a search: the winner and the losers in order, or why it is undecided.

    ``halted`` is the module where an import fails because ``sys.modules`` holds None for it.
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
    """The working directory; empty if it was deleted, in which case the import system skips it too."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def absolute(path: str, cwd: str) -> str | None:
    """A path made absolute from ``cwd``; None for a relative one if the working directory was deleted."""
    whole = os.path.join(cwd, path)
    return os.path.normpath(whole) if os.path.isabs(whole) else None


class Glance:
    """The finders and path entries of an import system, each examined once, however many modules are looked for.

    If it is ``for_many`` modules, it also lists each folder, and asks no `FileFinder` for a module that can't be in it.
    """

    def __init__(self, system: ImportSystem, *, for_many: bool = False) -> None:
        self._system = system
        self._for_many = for_many
        self._judges: dict[int, tuple[Any, Judge]] = {}
        self._importers: dict[str, tuple[Any, frozenset[str] | None]] = {}

    def verdict(self, finder: Any, name: str) -> Verdict:
        """Whether it is safe to ask a finder for a module, or what it offers as far as we know without asking."""
        known = self._judges.get(id(finder))
        if known is None:  # with the finder itself, so that no other one gets its id
            known = self._judges[id(finder)] = finder, judge_of(finder)
        return known[1](finder, name)

    def spec(self, entry: str, name: str) -> ModuleSpec | None:
        """What a path entry's finder offers. Raises `NotAskedError`, and whatever the finder raises."""
        known = self._importers.get(entry)
        if known is None:
            importer = checked(_importer(entry or self._system.cwd, self._system))
            known = self._importers[entry] = importer, _stems(importer) if self._for_many else None
        importer, stems = known
        if importer is None or (stems is not None and name.isascii() and _stem(name.rpartition(".")[2]) not in stems):
            return None
        found: ModuleSpec | None = importer.find_spec(name)
        return found


def _stems(importer: Any) -> frozenset[str] | None:
    """What the names in a `FileFinder`'s folder begin with, up to the first dot; None if that doesn't decide.

    It offers only what exists, whatever it cached. A suffix that begins in another way (``_d.pyd``) would not be cut off.
    """
    if type(importer) is not FileFinder or not all(
        suffix[:1] == "." for suffix, _ in instance_of(importer)["_loaders"]
    ):
        return None
    try:
        return frozenset(map(_stem, os.listdir(importer.path)))
    except OSError:
        return None


def _stem(name: str) -> str:
    return name.partition(".")[0].casefold()  # some file systems ignore case


def find_each(names: Iterable[str], system: ImportSystem) -> tuple[Search, ...]:
    """The same as `find` of each, without the losers, in a fraction of the time."""
    glance = Glance(system, for_many=True)
    return tuple(find(name, system, losers=False, glance=glance) for name in names)


def find(name: str, system: ImportSystem, *, losers: bool = True, glance: Glance | None = None) -> Search:
    """What ``import name`` would find now, and the copies that it shadows, unless ``losers`` don't matter.

    Walks a dotted name from its first part. A parent that is not loaded yet runs its code before import looks for
    submodules; if that code may provide a different module than the finders do, the answer is undecided.
    """
    glance = glance or Glance(system)
    locations: Sequence[str] | None = None
    running: list[Source] = []
    parts = [".".join(name.split(".")[: count + 1]) for count in range(name.count(".") + 1)]
    for part in parts:
        if system.modules.get(part, part) is None:
            return Search(name=name, found=None, halted=part)
        if part != name and part in system.modules:
            locations, reason = _loaded_parent(part, system.modules)
            if locations is None:
                return Search(name=name, found=None, undecided=reason)
            continue
        search = _as_code_leaves_it(_search(part, locations, system, glance, losers=losers), running)
        if part == name:
            return search
        if search.found is None:
            return Search(name=name, found=None, undecided=search.undecided)
        locations = search.found.locations or ()
        running += _code_of(search.found)
    return search


def _code_of(parent: Found) -> Iterator[Source]:
    """What runs before its submodules are looked for."""
    if parent.kind not in ("namespace", "builtin"):
        is_package = parent.locations is not None
        yield Source(name=parent.name, file=parent.file, is_package=is_package, zipped=parent.zipped)


def _as_code_leaves_it(search: Search, running: Sequence[Source]) -> Search:
    """Makes a search undecided if the code of a parent may change its answer."""
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
    """Where import looks for a loaded module's submodules; None without a reason if it is not a package."""
    locations = loaded_locations(name, modules)
    if locations is not None:
        return locations, None
    module = modules[name]
    computes = "__getattr__" in namespace_of(module) or type(module) is not ModuleType
    return None, f"the loaded `{name}` computes its attributes" if computes else None


def find_afresh(name: str, entries: Sequence[str], system: ImportSystem) -> Found | None:
    """What a new process with these path entries would find, ignoring loaded modules and the finders' caches.

    None if it would find nothing, or if only a third-party finder could tell.
    """
    locations: Sequence[str] | None = tuple(entries)
    found = None
    for count in range(1, name.count(".") + 2):
        if locations is None:
            return None
        try:
            importers = {entry: entry_finder(entry, system.path_hooks) for entry in locations}
            fresh = replace(system, importer_cache=importers)
            found = next(_offers(".".join(name.split(".")[:count]), tuple(locations), Glance(fresh)), None)
        except NotAskedError:
            return None
        locations = found.locations if found is not None else None
    return found


def loaded_locations(name: str, modules: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The ``__path__`` of a loaded package, or None. Does not trigger lazy loading."""
    module = modules.get(name)
    path = namespace_of(module).get("__path__") if module is not None else None
    if path is None:
        return None
    try:
        return tuple(entry for entry in path if isinstance(entry, str))
    except Exception:  # a package can set `__path__` to anything
        return None


def namespace_of(module: object) -> Mapping[str, Any]:
    """A module's own names, read without triggering ``__getattr__`` or ``importlib.util.LazyLoader``."""
    try:
        found = object.__getattribute__(module, "__dict__")
    except Exception:
        return {}
    # of hundreds of modules at once: the look at the class is ten times as quick as at the abstract one
    return found if type(found) is dict or isinstance(found, Mapping) else {}


def _search(
    name: str, locations: Sequence[str] | None, system: ImportSystem, glance: Glance, *, losers: bool
) -> Search:
    """Ask the finders in order. The first offer of the first finder that has one wins, as in ``import``."""
    offers: list[Found] = []
    for finder in system.meta_path:
        if offers and not losers:
            break
        try:
            offers += _ask(finder, name, locations, system, glance, losers=losers)
        except NotAskedError as error:  # after another finder's offer its answer would not matter
            if not offers:
                return Search(name=name, found=None, undecided=str(error))
        except Exception as error:  # import would fail here as well
            if not offers:
                reason = f"the finder `{label(finder)}` failed: {type(error).__name__}: {error}"
                return Search(name=name, found=None, undecided=reason)
    if not offers:
        return Search(name=name, found=None)
    winner, *others = _without_repeats(offers)
    return Search(name=name, found=winner, losers=tuple(others))


def _without_repeats(offers: Sequence[Found]) -> list[Found]:
    """One offer per file: the path finder offers a frozen or assertion-rewritten module a second time."""
    seen: dict[tuple[str | None, str | None], Found] = {}
    for offer in offers:
        key = (offer.kind if offer.file is None else None, offer.file)
        known = seen.setdefault(key, offer)
        if known.entry is None and offer.entry is not None:
            seen[key] = replace(known, entry=offer.entry)
    return list(seen.values())


def _ask(
    finder: Any, name: str, locations: Sequence[str] | None, system: ImportSystem, glance: Glance, *, losers: bool
) -> Sequence[Found]:
    if finder is PathFinder:
        entries = system.path if locations is None else locations
        return (
            _walk(name, entries, system, glance) if losers else tuple(islice(_offers(name, _texts(entries), glance), 1))
        )
    if finder is BuiltinImporter or finder is FrozenImporter:
        spec = finder.find_spec(name, locations)
        return [] if spec is None else [_standard(name, spec)]
    match _judge_described(finder, name, glance) if system.is_described else glance.verdict(finder, name):
        case Found() as offer:
            return [offer]
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


def _judge_described(finder: Any, name: str, glance: Glance) -> Verdict | Found:
    """The same for a finder in another interpreter's description."""
    from .told import Listed, Told

    if type(finder) is not Listed:  # `isinstance` would ask the finder for its `__class__`
        return finder.verdict(name) if type(finder) is Told else glance.verdict(finder, name)
    if name not in finder.modules:
        return "nothing"
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


def _walk(name: str, entries: Sequence[str], system: ImportSystem, glance: Glance) -> tuple[Found, ...]:
    """Every offer along a path, in order; the portions of a namespace package come last, as one offer.

    An entry's offer depends on the entry and on the folder of that name in it, so it is cached until one of them
    changes.
    """
    path = _texts(entries)

    def read() -> list[str]:  # a new folder changes its entry's time, so a missing one needs no stamp
        real = [entry or system.cwd for entry in path]
        folders = (f"{entry}{os.sep}{name.rpartition('.')[2]}" for entry in real)
        return [*real, *(folder for folder in folders if os.path.isdir(folder))]

    question = (name, system.cwd, *path, *map(id, system.path_hooks))
    return _kept.get(question, read, lambda: tuple(_offers(name, path, glance)))


def _texts(entries: Sequence[object]) -> list[str]:
    return [entry for entry in entries if isinstance(entry, str)]


def _offers(name: str, entries: Sequence[str], glance: Glance) -> Iterator[Found]:
    portions: list[str] = []
    first: str | None = None
    won = False
    for entry in entries:
        try:
            spec = glance.spec(entry, name)
        except Exception:  # a NUL in the entry, a failing hook: after an offer, import never gets here
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
    """The finder for one path entry: the import system's own if it has one, so that its stale caches show too."""
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
    """A built-in or frozen module; a frozen one names its file since Python 3.11."""
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
    """The kind of a module, by its file's suffix."""
    if file.endswith(tuple(EXTENSION_SUFFIXES)):
        return "extension"
    if file.endswith(tuple(BYTECODE_SUFFIXES)):
        return "bytecode"
    return ("package" if is_package else "source") if file.endswith(".py") else None
