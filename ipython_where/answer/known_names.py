"""What Tab offers for a name: modules, distributions and the user's variables, from directory listings alone.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

from types import ModuleType

from ipython_where.facts.imports.finding import find, loaded_locations, namespace_of

from .slots import isinstance_of
from .world import World


def complete(prefix: str, world: World) -> tuple[tuple[str, str], ...]:
    """The names that begin with ``prefix``, with their kinds: submodules after a dot, otherwise all that `where` takes.

    A kind is `module`, `distribution` or, for a variable, IPython's word for it: `instance`.
    """
    parent, dot, start = prefix.rpartition(".")
    if dot:
        names = {f"{parent}.{name}": "module" for name in submodules(parent, world) if name.startswith(start)}
    else:
        names = {name: kind for name, kind in known_names(world).items() if name.startswith(prefix)}
    shown = (name for name in names if start.startswith("_") or not name.rpartition(".")[2].startswith("_"))
    return tuple((name, names[name]) for name in sorted(shown, key=str.lower))


def known_names(world: World) -> dict[str, str]:
    """The user's variables, the modules at the top of the path, and the distributions there, with their kinds."""
    variables = {
        name: "module" if isinstance_of(value, ModuleType) else "instance"
        for name, value in list(world.namespace.items())  # threads may change it meanwhile
        if name not in _IPYTHONS
    }
    return {**installed_names(world), **variables}


_IPYTHONS = frozenset(("In", "Out", "exit", "quit", "get_ipython", "open"))
"""What IPython itself puts among the user's variables."""


def installed_names(world: World) -> dict[str, str]:
    """The names of standard-library modules, of modules on the path, and of the distributions there, with their kinds."""
    known = dict.fromkeys(sorted(world.standard_library), "module")
    for entry in world.path:
        listing = world.distributions.directory(entry)
        if listing is not None:
            known.update(dict.fromkeys(listing.modules, "module"))
            for project in listing.projects:
                known.setdefault(project.replace("_", "-"), "distribution")
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
    return tuple(name for listing in listings if listing for name in listing.modules if name != "__pycache__")
