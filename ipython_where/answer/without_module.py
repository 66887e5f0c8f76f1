"""Distributions without a module, and folders without code: installed, but not importable."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ipython_where.facts.distributions.metadata import editable_root, top_level_names

if TYPE_CHECKING:
    from ipython_where.judge.diagnose.without_module import WithoutModule

from .target import QueryTarget
from .world import World

_MOST = 1_000
"""How many folders are searched before concluding that none of them has code."""


def read_without_module(target: QueryTarget, world: World) -> WithoutModule | None:
    """What the distribution has instead of a module; None if it provides any, or may provide some."""
    metadata, read = target.metadata, world.distributions
    listed = read.files(metadata) if metadata is not None else None
    if metadata is None or listed is None or target.search.found is not None or target.search.undecided:
        return None
    # below here, for a distribution that was asked for and has no module of that name: hardly any
    from ipython_where.facts.distributions.provided_modules import modules_among, paths_of
    from ipython_where.judge.diagnose.without_module import WithoutModule
    from ipython_where.judge.names import project_meant

    paths = tuple(paths_of(listed))
    is_linked = editable_root(read.content(metadata, "direct_url.json")) is not None
    if is_linked or any(path.endswith(".pth") for path in paths) or any(modules_among(paths, "")):
        return None
    facts, meant = read.metadata(metadata), project_meant(target.query)
    return WithoutModule(
        query=target.query,
        distribution=facts.name or target.query,
        version=facts.version,
        named=top_level_names(None, read.content(metadata, "top_level.txt")),
        missing=not_installed(facts.requires, world),
        instead=meant[0] if meant is not None and meant[1] else None,
    )


def not_installed(requires: tuple[str, ...], world: World) -> tuple[str, ...]:
    """Those of a distribution's requirements that hold here, and whose project is not installed."""
    from ipython_where.facts.distributions.requirement import Markers, parse_requirement

    markers = Markers(world.interpreter["markers"])
    wanted = (each for each in map(parse_requirement, requires) if each is not None)
    return tuple(
        each.plain
        for each in wanted
        if markers.holds(each.marker) is True and not world.distributions.find(each.name, world.path)
    )


def only_caches(folders: tuple[str, ...]) -> bool:
    """Whether these folders hold nothing but bytecode of deleted modules."""
    return bool(folders) and all(map(_has_only_caches, folders))


def _has_only_caches(folder: str) -> bool:
    is_cached = False
    for number, (root, folders, files) in enumerate(os.walk(folder)):
        if number > _MOST or files:
            return False
        if "__pycache__" in folders:
            is_cached = is_cached or bool(os.listdir(os.path.join(root, "__pycache__")))
            folders.remove("__pycache__")
    return is_cached
