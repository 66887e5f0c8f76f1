"""What Tab offers for a name: modules, distributions and the user's variables, from directory listings alone.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

from types import ModuleType

from ipython_where.facts.imports.finding import find, loaded_locations, namespace_of
from ipython_where.facts.imports.survey import top_names

from .slots import isinstance_of
from .world import World


def complete(prefix: str, world: World) -> tuple[str, ...]:
    """The names that begin with ``prefix``: submodules after a dot, otherwise everything that `where` takes."""
    parent, dot, start = prefix.rpartition(".")
    if dot:
        names = (f"{parent}.{name}" for name in submodules(parent, world) if name.startswith(start))
    else:
        names = (name for name in known_names(world) if name.startswith(prefix))
    shown = (
        name
        for name in names
        if prefix.rpartition(".")[2].startswith("_") or not name.rpartition(".")[2].startswith("_")
    )
    return tuple(sorted(set(shown), key=str.lower))


def known_names(world: World) -> dict[str, None]:
    """The variables bound to modules, the modules at the top of the path, and the distributions there."""
    known = dict.fromkeys(name for name, value in world.namespace.items() if isinstance_of(value, ModuleType))
    known.update(dict.fromkeys(installed_names(world)))
    return known


def installed_names(world: World) -> dict[str, None]:
    """The names of standard-library modules, of modules on the path, and of the distributions there."""
    known = dict.fromkeys(sorted(world.standard_library))
    for entry in world.path:
        listing = world.distributions.directory(entry)
        if listing is not None:
            known.update(dict.fromkeys(top_names(listing.names)))
            known.update(dict.fromkeys(project.replace("_", "-") for project in listing.projects))
    return known


def submodules(parent: str, world: World) -> tuple[str, ...]:
    """The submodules of a package, listed from its folders; a variable bound to a module counts as its package."""
    value = world.namespace.get(parent.partition(".")[0])
    if isinstance_of(value, ModuleType):
        parent = str(namespace_of(value).get("__name__")) + parent[len(parent.partition(".")[0]) :]
    locations = loaded_locations(parent, world.system.modules)
    if locations is None:
        found = find(parent, world.system).found
        locations = found.locations if found is not None else None
    listings = (world.distributions.directory(location) for location in locations or ())
    return tuple(name for listing in listings if listing for name in top_names(listing.names) if name != "__pycache__")
