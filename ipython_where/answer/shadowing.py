"""Does another copy shadow the installed module? The user's own file ahead of it, or a copy loaded earlier.

Tested in `tests/show/notebook/test_failed_imports.py`.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace

from ipython_where.facts.files import read_text
from ipython_where.facts.imports.finding import Found, absolute, find, find_afresh, loaded_locations
from ipython_where.facts.imports.loaded import read_loaded
from ipython_where.facts.imports.ownership import read_first_owner, read_owner, root_of
from ipython_where.facts.imports.path_entries import explain
from ipython_where.facts.imports.stale import read_stale
from ipython_where.judge.diagnose.shadowing import Hidden, Outdated

from .world import World


def read_hidden(top: str, wanted: str, world: World) -> Hidden | None:
    """The user's own copy of ``top`` that an import finds before an installed copy, which has ``wanted``."""
    search = find(top, world.system)
    shown = _own_place(search.found, world) if search.found is not None else None
    if search.found is None or shown is None:
        return None
    if search.found.kind == "namespace":
        wanted = top  # a package with code always provides more than a bare folder
    for loser in search.losers:
        there = find_afresh(wanted, (root_of(loser),), world.system)
        owners = (owner_of(loser, world), read_owner(loser, world.system, world.rules, world.distributions).sole)
        owner = next(filter(None, owners), None) or (owner_of(there, world) if there is not None else None)
        if there is None or (owner is None and not is_standard(loser, world)):
            continue
        facts = world.distributions.metadata(owner) if owner else None
        return Hidden(
            module=top,
            file=shown,
            distribution=facts.name if facts else None,
            version=facts.version if facts else None,
        )
    return None


def read_hidden_with(top: str, attribute: str, world: World) -> Hidden | None:
    """The same, if the installed copy's code has the ``attribute`` that the copy ahead of it lacks."""
    hidden = read_hidden(top, top, world)
    files = (
        (each.file for each in find(top, world.system).losers if each.file is not None) if hidden is not None else ()
    )
    word = re.compile(rf"\b{re.escape(attribute)}\b")
    return hidden if any(word.search(read_text(file) or "") for file in files) else None


def read_folder(top: str, world: World) -> str | None:
    """The folder without an `__init__.py` that is imported as a top-level package and that no installer created."""
    found = find(top, world.system).found
    return _unowned_folder(found, world) if found is not None and found.kind == "namespace" else None


def _unowned_folder(found: Found, world: World) -> str | None:
    owner = read_owner(found, world.system, world.rules, world.distributions)
    return next(iter(found.locations or ()), None) if not owner.all else None


def _own_place(found: Found, world: World) -> str | None:
    """The file or folder of the user's own module; None if an installer put it there."""
    if not _is_own(found, world):
        return None
    if found.kind == "namespace":
        return _unowned_folder(found, world)
    file = found.file
    return os.path.dirname(file) if file and os.path.basename(file).startswith("__init__.") else file


def _is_own(found: Found, world: World) -> bool:
    """Whether the user put it there: beside the notebook, or in a folder that code or a variable names."""
    if found.entry is None or owner_of(found, world) is not None:
        return False
    return explain(found.entry, world.rules).reason in ("working directory", "PYTHONPATH", "code")


def read_outdated(top: str, world: World) -> Outdated | None:
    """The loaded top-level package, if it is proven that an import would now give something else."""
    loaded = read_loaded(top, world.system.modules)
    if loaded is None:
        return None
    search = find(top, world.system)
    if loaded.file is None:
        return _outdated_folder(top, search.found, world)
    outdated = Outdated(module=top, loaded_file=loaded.file, loaded_version=loaded.version, version=None)
    if search.found is None:
        return outdated if search.undecided is None and not os.path.exists(loaded.file) else None
    file, owner = search.found.file, owner_of(search.found, world)
    version = world.distributions.metadata(owner).version if owner else None
    since = world.since(top)
    stale = read_stale(
        loaded, file=file, metadata=owner, version=version, since=since, distributions=world.distributions
    )
    return replace(outdated, version=version) if stale and version else None


def _outdated_folder(top: str, found: Found | None, world: World) -> Outdated | None:
    """A loaded namespace package where an import would now find a package with code: it was installed later."""
    owner = owner_of(found, world) if found is not None else None
    folders = loaded_locations(top, world.system.modules)
    if not folders or owner is None:
        return None
    version = world.distributions.metadata(owner).version
    return Outdated(module=top, loaded_file=folders[0], loaded_version=None, version=version) if version else None


def is_standard(found: Found, world: World) -> bool:
    """Whether it belongs to the standard library."""
    if found.kind in ("builtin", "frozen"):
        return True
    return found.entry is not None and absolute(found.entry, world.system.cwd) in world.rules.standard_library


def owner_of(found: Found, world: World) -> str | None:
    """The metadata directory of the distribution that lists its file."""
    return read_first_owner(found, world.system, world.rules, world.distributions)
