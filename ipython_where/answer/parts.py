"""Whether anything has a part for a Jupyter server: a few reads tell of nearly all that it has none."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ipython_where.facts.distributions.metadata import lab_extension_names, server_extension_names
from ipython_where.project_names import normalized

from .world import World

ROOTS = ("share/jupyter/labextensions", "etc/jupyter/jupyter_server_config.d")
"""Where, below a prefix, the parts are that a Jupyter server finds."""


def any_part_here(world: World) -> bool:
    """Whether anything that is installed here has a part: a few looks at the disk."""
    interpreter = world.interpreter
    prefixes = [interpreter["prefix"], interpreter["base_prefix"]]
    if interpreter["user_site_enabled"] and interpreter["user_site"]:
        prefixes.append(os.path.normpath(os.path.join(interpreter["user_site"], *[os.pardir] * 3)))
    return any(os.path.isdir(os.path.join(prefix, each)) for prefix in dict.fromkeys(prefixes) for each in ROOTS)


def may_have_parts(metadata: str, world: World) -> bool:
    """False where neither a distribution nor anything that it may need has a part: then `ask_front_end` finds none.

    ``metadata`` is its metadata directory. What it needs for certain, `ask_front_end` tells: that reads markers, for which
    much is imported. Here requirements are followed whatever their markers say.
    """
    read = world.distributions
    if not (any_part_here(world) or read.find("ipywidgets", world.path)):
        return False
    found = ("may have parts", metadata)
    return read.keep(found, world.path, lambda: any(_has_part(each, world) for each in _needed(metadata, world)))


def _has_part(metadata: str, world: World) -> bool:
    read = world.distributions
    # ipywidgets has its part in another distribution, which may be missing here and still be needed there
    if normalized(read.metadata(metadata).name or "") == "ipywidgets":
        return True
    listed = read.files(metadata) or b""
    return bool(lab_extension_names(listed) or server_extension_names(listed))


def _needed(metadata: str, world: World) -> Iterator[str]:
    """The metadata directories of a distribution and of all that it may need, each as it is found."""
    read = world.distributions
    seen: set[tuple[str, bool]] = set()
    pending = [(metadata, False)]
    while pending:
        each, with_extras = pending.pop()
        if (each, with_extras) in seen:
            continue
        seen.add((each, with_extras))
        yield each
        for text in read.metadata(each).requires:
            named, _, marker = text.partition(";")
            if with_extras or not _asks_for_an_extra(marker):
                pending += [(found, "[" in named) for found in read.find(_name(named), world.path)[:1]]


def _asks_for_an_extra(marker: str) -> bool:
    """Whether that is plain to see; a marker with an alternative may hold without it."""
    plain = marker.replace(" ", "").replace("(", "")
    return "or" not in plain and (plain.startswith("extra==") or "andextra==" in plain)


def _name(requirement: str) -> str:
    name = requirement.strip()
    for mark in " \t[(<>=!~@,":
        name = name.partition(mark)[0]
    return name
