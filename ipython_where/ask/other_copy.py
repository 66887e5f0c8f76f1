"""Is there another copy of a module than the installed one? A file of the user's before it, or one loaded earlier."""

from __future__ import annotations

import os
from dataclasses import replace

from ..diagnose.other_copy import Hidden, Outdated
from ..modules.finding import Found, find, find_afresh
from ..modules.loaded import changed_at, judge_stale, read_loaded, read_version_on_disk
from ..modules.ownership import read_first_owner, root_of
from ..modules.path_entries import explain
from .world import World


def read_hidden(top: str, wanted: str, world: World) -> Hidden | None:
    """What an import of ``top`` finds before an installed copy, which has ``wanted``; put on the path by no installation."""
    search = find(top, world.system)
    if search.found is None or search.found.file is None or not _is_own(search.found, world):
        return None
    file = search.found.file
    shown = os.path.dirname(file) if os.path.basename(file).startswith("__init__.") else file
    for loser in search.losers:
        owner = owner_of(loser, world)
        if owner is None and not is_standard(loser, world):
            continue
        if find_afresh(wanted, (root_of(loser),) if loser.file else (), world.system) is None:
            continue
        facts = world.distributions.metadata(owner) if owner else None
        return Hidden(
            module=top,
            file=shown,
            distribution=facts.name if facts else None,
            version=facts.version if facts else None,
        )
    return None


def _is_own(found: Found, world: World) -> bool:
    """Whether it stands where the user put it: beside the notebook, or in a folder that code or a variable names."""
    if found.entry is None or owner_of(found, world) is not None:
        return False
    return explain(found.entry, world.rules).reason in ("working directory", "PYTHONPATH", "code")


def read_outdated(top: str, world: World) -> Outdated | None:
    """The loaded top package, where it is proven that an import would not bring it now."""
    loaded = read_loaded(top, world.system.modules)
    if loaded is None or loaded.file is None:
        return None
    search = find(top, world.system)
    outdated = Outdated(module=top, loaded_file=loaded.file, loaded_version=loaded.version, version=None)
    if search.found is None:
        return outdated if search.undecided is None and not os.path.exists(loaded.file) else None
    file, owner = search.found.file, owner_of(search.found, world)
    version = world.distributions.metadata(owner).version if owner else None
    stale = judge_stale(
        loaded,
        file=file,
        same_file=file is None or is_same_file(file, loaded.file),
        file_changed=changed_at(file),
        metadata_changed=changed_at(owner),
        version_on_disk=read_version_on_disk(file, version),
        started=world.started,
    )
    return replace(outdated, version=version) if stale and version else None


def is_standard(found: Found, world: World) -> bool:
    """Whether it belongs to the standard library."""
    if found.kind in ("builtin", "frozen"):
        return True
    return found.entry is not None and os.path.abspath(found.entry) in world.rules.standard_library


def owner_of(found: Found, world: World) -> str | None:
    """The metadata directory of the distribution that lists its file."""
    return read_first_owner(found, world.system, world.rules, world.distributions)


def is_same_file(one: str, other: str) -> bool:
    """Whether two paths lead to one place."""
    return os.path.realpath(one) == os.path.realpath(other)
