"""Whether anything has a part for a Jupyter server: a few reads rule out nearly everything."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ipython_where.facts.distributions.metadata import lab_extension_names, server_extension_names
from ipython_where.project_names import normalized

from .world import World

ROOTS = ("share/jupyter/labextensions", "etc/jupyter/jupyter_server_config.d")
"""Where a Jupyter server finds the parts below a prefix."""


_OURS = {"ipython-where", "ipython_where.json"}
"""This package's own parts, which are wherever it is."""


def any_part_here(world: World) -> bool:
    """Whether anything else installed here has a part; this takes only a few listings."""
    interpreter = world.interpreter
    prefixes = [interpreter["prefix"], interpreter["base_prefix"]]
    if interpreter["user_site_enabled"] and interpreter["user_site"]:
        prefixes.append(os.path.normpath(os.path.join(interpreter["user_site"], *[os.pardir] * 3)))
    return any(_has_others(os.path.join(prefix, each)) for prefix in dict.fromkeys(prefixes) for each in ROOTS)


def _has_others(folder: str) -> bool:
    try:
        return not _OURS.issuperset(os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError:  # something is there
        return True


def may_have_parts(metadata: str, world: World) -> bool:
    """False if neither a distribution nor anything it may need has a part; `ask_front_end` would then find none.

    ``metadata`` is its metadata directory. `ask_front_end` decides what it really needs: that evaluates markers, which imports
    a lot. This follows every requirement whatever its marker says.
    """
    read = world.distributions
    if not (any_part_here(world) or read.find("ipywidgets", world.path)):
        return False
    found = ("may have parts", metadata)
    return read.keep(found, world.path, lambda: any(_has_part(each, world) for each in _needed(metadata, world)))


def _has_part(metadata: str, world: World) -> bool:
    read = world.distributions
    # another distribution carries ipywidgets' part, and it may be missing here and still be needed there
    if normalized(read.metadata(metadata).name or "") == "ipywidgets":
        return True
    listed = read.files(metadata) or b""
    return bool(lab_extension_names(listed) or server_extension_names(listed))


def _needed(metadata: str, world: World) -> Iterator[str]:
    """The metadata directories of a distribution and of everything it may need, as they are found."""
    from ipython_where.lab_probe import asks_for_an_extra, project_of  # rarely needed

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
            if with_extras or not asks_for_an_extra(marker):
                pending += [(found, "[" in named) for found in read.find(project_of(named), world.path)[:1]]
