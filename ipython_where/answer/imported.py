"""What is imported in this kernel? Every loaded module outside the standard library, with its distribution and version."""

from __future__ import annotations

import os
import types
from collections.abc import Container, Iterator, Mapping
from functools import cache, partial

from ipython_where.facts.distributions.metadata import parse_direct_url
from ipython_where.facts.imports.finding import Found, Search, find_each, namespace_of
from ipython_where.facts.imports.loaded import is_gone, is_loaded_namespace, read_loaded
from ipython_where.facts.imports.ownership import Ownership, read_owners
from ipython_where.facts.imports.path_entries import explain
from ipython_where.facts.machine import read_machine
from ipython_where.judge.diagnose.environment import StaleModule, stale_modules
from ipython_where.model import ImportedAnswer, ImportedModule, Loaded

from .loaded_module import entry_path, from_loaded, stale_of
from .objects import MAIN, Scope, describe
from .slots import isinstance_of
from .world import World

_SHELL = frozenset(("In", "Out", "exit", "quit", "get_ipython", "open"))
"""The names that IPython itself puts into a notebook's namespace."""

_IMPORTED = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType)
"""What an import statement binds. Other objects only show what was computed with a library."""


def imported(world: World | None = None, *, verbose: bool = False) -> ImportedAnswer:
    """What is imported in this process. Nothing is imported or run to find out."""
    world = world or World.here()
    interpreter = world.description
    names = tuple(_loaded_names(world))
    loaded = tuple(read_loaded(name, world.system.modules) for name in names)
    found = tuple(map(partial(_found, world=world), names, loaded, find_each(names, world.system)))
    owners = read_owners(found, world.system, world.rules, world.distributions)
    used = set(_used(world, frozenset(names)))
    row = _Rows(world, used)
    rows = tuple(map(row, names, loaded, found, owners))
    return ImportedAnswer(
        executable=interpreter["executable"],
        implementation=interpreter["implementation"],
        version=interpreter["version"],
        prefix=interpreter["prefix"],
        machine=read_machine(),
        modules=rows,
        findings=tuple(stale_modules([_stale(each, world) for each in rows if each.stale])),
        verbose=verbose,
    )


class _Rows:
    """Makes the rows of an answer; reads each distribution and explains each path entry once for all of them."""

    def __init__(self, world: World, used: Container[str]) -> None:
        self._world, self._used = world, used
        self._identity = cache(world.distributions.identity)
        self._is_editable = cache(partial(_is_editable, world=world))
        self._explained = cache(partial(explain, rules=world.rules))

    def __call__(self, name: str, loaded: Loaded | None, found: Found, owner: Ownership) -> ImportedModule:
        sole = self._identity(owner.sole) if owner.sole else None
        entry = entry_path(found, self._world)
        return ImportedModule(
            module=name,
            in_notebook=name in self._used,
            distribution=(sole.name or os.path.basename(owner.sole)) if sole and owner.sole else None,
            owners=None if owner.all is None else tuple(self._identity(each).name or each for each in owner.all),
            version=sole.version if sole else None,
            loaded_version=loaded.version if loaded else None,
            editable=owner.editable or (owner.sole is not None and self._is_editable(owner.sole)),
            file=loaded.file if loaded else None,
            path_entry=None if entry is None else self._explained(entry),
            stale=stale_of(loaded, found, owner, sole.version if sole else None, self._world),
        )


def _is_editable(metadata: str, world: World) -> bool:
    origin, _ = parse_direct_url(world.distributions.content(metadata, "direct_url.json"))
    return origin is not None and origin.editable


def _stale(row: ImportedModule, world: World) -> StaleModule:
    return StaleModule(
        module=row.module,
        loaded_version=row.loaded_version,
        distribution=row.distribution or "",
        version=row.version,
        gone=is_gone(row.module, world.system.modules),
    )


def _found(name: str, loaded: Loaded | None, search: Search, world: World) -> Found:
    """What an import would find now; a module that no import finds any more is described by what is loaded."""
    return (
        search.found
        or from_loaded(name, loaded, world)
        or Found(name=name, kind=None, file=None, entry=None, locations=None)
    )


# -- which modules -----------------------------------------------------------------------------------------------------


def _loaded_names(world: World) -> Iterator[str]:
    """The loaded top-level modules outside the standard library; of a namespace package, the modules in it instead."""
    modules = world.system.modules
    children: dict[str, list[str]] = {"": []}
    for name in list(modules):
        if isinstance(name, str):
            parent = name.rpartition(".")[0]
            children.setdefault(parent if parent in modules else "", []).append(name)

    def with_code(name: str) -> Iterator[str]:
        if is_loaded_namespace(name, modules):
            for child in sorted(children.get(name, ())):
                yield from with_code(child)
        elif _was_imported(name, modules):
            yield name

    for name in sorted(children[""]):
        if not name.startswith("__") and not _is_standard(name, world):
            yield from with_code(name)


def _was_imported(name: str, modules: Mapping[str, object]) -> bool:
    """Whether an import made the module: Cython, for one, puts modules of its own into ``sys.modules``.

    Frozen ones are Python's own import machinery, whatever file they name.
    """
    names = namespace_of(modules.get(name))
    spec = names.get("__spec__")
    is_part_of_python = getattr(spec, "origin", None) == "frozen"
    return not is_part_of_python and (isinstance(names.get("__file__"), str) or spec is not None)


def _is_standard(name: str, world: World) -> bool:
    file = namespace_of(world.system.modules.get(name)).get("__file__")
    if not isinstance(file, str):
        return name in world.standard_library
    folder = os.path.dirname(file)
    return folder in world.rules.standard_library or (
        os.path.basename(file).startswith("__init__.") and os.path.dirname(folder) in world.rules.standard_library
    )


def _used(world: World, names: frozenset[str]) -> Iterator[str]:
    """The modules that the notebook's variables come from: a module, or the one that defines a class or a function."""
    scope = Scope(variables=world.namespace, cells=world.cells, modules=world.system.modules)
    for name, value in list(world.namespace.items()):
        if name in _SHELL or name.startswith("_") or not any(isinstance_of(value, kind) for kind in _IMPORTED):
            continue
        is_module = isinstance_of(value, types.ModuleType)
        module = namespace_of(value).get("__name__") if is_module else describe(value, scope).module
        if isinstance(module, str) and module != MAIN:
            yield from _having(module, names)


def _having(module: str, names: frozenset[str]) -> Iterator[str]:
    """The listed module that is ``module`` or a package around it; of a namespace package, all that is listed in it."""
    parts = module.split(".")
    around = {".".join(parts[:count]) for count in range(1, len(parts) + 1)} & names
    yield from around or (name for name in names if name.startswith(f"{module}."))
