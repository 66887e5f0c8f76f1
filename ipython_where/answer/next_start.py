"""Would a kernel started now find a module that this one does not?

Tested in `tests/show/notebook/test_failed_imports.py`.
"""

from __future__ import annotations

import os

from ipython_where.facts.distributions.metadata import editable_root, top_level_names
from ipython_where.facts.imports.finding import find_afresh
from ipython_where.facts.imports.ownership import root_of
from ipython_where.facts.imports.path_entries import read_pth_lines
from ipython_where.facts.imports.stale import changed_at
from ipython_where.judge.diagnose.missing_module import Unseen
from ipython_where.probe import identity
from ipython_where.project_names import normalized

from .shadowing import owner_of
from .world import World


def read_unseen(name: str, world: World) -> Unseen | None:
    """Where a restarted kernel would find it: in a folder that is new on the path, or that did not exist when it was cached."""
    here = identity()  # not the world's, which dates from the start of the process
    sites = [*here["site_directories"]]
    if here["user_site_enabled"] and here["user_site"] and os.path.isdir(here["user_site"]):
        sites.append(here["user_site"])
    lines, _ = read_pth_lines(sites, world.distributions)
    entries = tuple(dict.fromkeys((*world.path, *sites, *lines)))
    found = find_afresh(name, entries, world.system)
    if found is None:
        return _unseen_editable(name, sites, world)
    location = root_of(found)
    since = _is_since_start(world, owner_of(found, world), found.file, lines.get(location))
    return Unseen(location=location, since_start=since, on_path=location in world.path)


def _unseen_editable(name: str, sites: list[str], world: World) -> Unseen | None:
    """The folder of an editable install made since the start: Python runs the code in its `.pth` file only at start-up."""
    top = name.partition(".")[0]
    for metadata in world.distributions.all(sites):
        if not _is_since_start(world, metadata):
            continue
        project = normalized(world.distributions.metadata(metadata).name or "")
        folder = editable_root(world.distributions.content(metadata, "direct_url.json"))
        is_hooked = b".pth," in (world.distributions.files(metadata) or b"")
        if folder is not None and is_hooked and (normalized(top) == project or top in top_level(metadata, world)):
            return Unseen(location=folder, since_start=True, on_path=False)
    return None


def top_level(metadata: str, world: World) -> tuple[str, ...]:
    read = world.distributions
    return top_level_names(read.files(metadata), read.content(metadata, "top_level.txt"))


def _is_since_start(world: World, *paths: str | None) -> bool:
    times = [changed for path in paths if (changed := changed_at(path)) is not None]
    return world.started is not None and any(changed >= world.started for changed in times)
