"""What this process has loaded under a name, against what an import would find now: from where, and whether it is stale.

Tested in `tests/facts/imports/test_right_answers.py`.
"""

from __future__ import annotations

from ipython_where.facts.imports.finding import Found, find, namespace_of
from ipython_where.facts.imports.loaded import is_gone, is_loaded_namespace
from ipython_where.facts.imports.ownership import Ownership, root_of
from ipython_where.facts.imports.path_entries import explain
from ipython_where.facts.imports.stale import read_stale
from ipython_where.model import Loaded, PathEntry

from .world import World


def from_loaded(module: str | None, loaded: Loaded | None, world: World) -> Found | None:
    """A module that only ``sys.modules`` has (``os.path``): imports take it from there, so its own spec describes it."""
    if module is None or loaded is None:
        return None
    spec = namespace_of(world.system.modules.get(module)).get("__spec__")
    name = getattr(spec, "name", module)
    if isinstance(name, str) and name != module:
        elsewhere = find(name, world.system).found
        if elsewhere is not None and elsewhere.file == loaded.file:
            return elsewhere
    return Found(name=module, kind=None, file=loaded.file, entry=None, locations=None)


def is_lost(found: Found | None, world: World) -> bool:
    """Whether a module is nothing but loaded: no import finds it, and its file is gone."""
    return found is not None and found.kind is None and is_gone(found.name, world.system.modules)


def entry_of(found: Found | None, world: World) -> PathEntry | None:
    """The winning entry of ``sys.path``, and why it is there."""
    path = None if found is None else entry_path(found, world)
    return None if path is None else explain(path, world.rules)


def entry_path(found: Found, world: World) -> str | None:
    """The winning entry of ``sys.path``: for a submodule, the entry from which its dotted name leads to its file."""
    if found.entry is not None and "." not in found.name:
        return found.entry
    if (found.entry is None and found.file is None) or is_lost(found, world):
        return None
    root = root_of(found)
    return root if root in world.path else None


def stale_of(
    loaded: Loaded | None, found: Found | None, owner: Ownership, version: str | None, world: World
) -> bool | None:
    """Whether the loaded module differs from the installed one, whose distribution has ``version``; None if unproven."""
    if loaded is None:
        return None
    if found is None or found.kind in ("builtin", "frozen"):
        return False
    if found.file is not None and is_loaded_namespace(found.name, world.system.modules):
        return True  # a package was installed into the folder, or ahead of it
    if is_gone(found.name, world.system.modules):
        return True
    return read_stale(
        loaded,
        file=found.file,
        metadata=owner.sole,
        version=version,
        since=world.since(found.name),
        distributions=world.distributions,
    )
