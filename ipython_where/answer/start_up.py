"""Which files that Python reads at its start lead nowhere: read here, judged by `diagnose.start_up`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ipython_where.facts.imports.finding import find
from ipython_where.facts.imports.start_up import StartFile, read_start_files
from ipython_where.project_names import normalized

from .records import read_claim
from .world import World

if TYPE_CHECKING:  # most environments have no file that leads nowhere
    from ipython_where.judge.diagnose.start_up import LostStart


def read_lost_starts(world: World) -> tuple[LostStart, ...]:
    """The `.pth` files and egg-links of this environment that lead to folders or modules that are gone."""
    rules = world.rules
    sites = (*rules.site_directories, *([rules.user_site] if rules.user_site else []))
    return tuple(
        lost for each in read_start_files(sites, world.distributions, world.environ) for lost in _lost(each, world)
    )


def read_failed_customs(world: World) -> Iterator[str]:
    """The files of `sitecustomize` and `usercustomize` that the start of this process imported, and that are not loaded.

    `site` imports them and prints such an error, which a kernel's user doesn't see. One that was added since, or that is not
    where the start looked, proves nothing.
    """
    interpreter, modules = world.interpreter, world.system.modules
    names = ("sitecustomize", *(["usercustomize"] if interpreter["user_site_enabled"] else []))
    for name in names if "site" in modules and world.started is not None else ():
        found = find(name, world.system).found if name not in modules else None
        if found is None or found.file is None or not os.path.isfile(found.file):
            continue
        from ipython_where.facts.imports.ownership import root_of
        from ipython_where.facts.imports.path_entries import explain

        entry = explain(root_of(found), world.rules).reason
        if entry in _AT_THE_START and os.stat(found.file).st_ctime < (world.started or 0):
            yield found.file


_AT_THE_START = ("site-packages", "user site", "standard library", "PYTHONPATH")


def read_lost_sites(world: World) -> Iterator[tuple[str, str]]:
    """The site directories that are links which lead nowhere, each with what it leads to."""
    rules = world.rules
    for each in (*rules.site_directories, *([rules.user_site] if rules.user_site else [])):
        if os.path.islink(each) and _is_gone(each):
            yield each, os.path.join(os.path.dirname(each), os.readlink(each))


def read_lost_link(project: str, world: World) -> tuple[LostStart, ...]:
    """Those that an editable installation of ``project`` left: they have its name."""
    return tuple(
        each for each in read_lost_starts(world) if _linked(os.path.basename(each.file)) == normalized(project)
    )


def _linked(name: str) -> str | None:
    """The project in the name of an egg-link (`six.egg-link`) or of setuptools' `__editable__.six-1.16.pth`."""
    if name.endswith(".egg-link"):
        return normalized(name.removesuffix(".egg-link"))
    return normalized(name.split(".", 1)[1].rpartition("-")[0]) if name.startswith("__editable__.") else None


def _lost(start: StartFile, world: World) -> Iterator[LostStart]:
    folders = tuple((line, folder) for line, folder in start.folders.items() if _is_gone(folder))
    modules = [(line, each) for line, each in start.modules if _is_missing(each, world)]
    namespaces = [(line, each) for line, each in start.namespaces if _is_gone(each)]
    if not folders and not modules and not namespaces:
        return
    from ipython_where.judge.diagnose.start_up import LostStart

    owners = world.distributions.owners(start.file, location=os.path.dirname(start.file))
    claim = read_claim(owners[0], world) if owners else None

    def lost(found: Iterable[tuple[str, str]], **what: Any) -> LostStart:
        lines = tuple(dict.fromkeys(line for line, _ in found))
        is_all = set(lines) == set(start.lines)
        return LostStart(file=start.file, lines=lines, is_all=is_all, claim=claim, **what)

    if folders:
        yield lost(folders, folders=tuple(folder for _, folder in folders))
    if modules:
        yield lost(modules, module=modules[0][1], fails=True)
    elif namespaces:
        name = os.path.relpath(namespaces[0][1], os.path.dirname(start.file)).replace(os.sep, ".")
        yield lost(namespaces, namespace=name, fails=start.needs_them)


def _is_gone(folder: str) -> bool:
    """Whether a path leads nowhere; one that can't be checked, or is a file such as an egg, does not count."""
    try:
        os.stat(folder)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


def _is_missing(module: str, world: World) -> bool:
    """Whether a top-level module is certainly nowhere on the path."""
    if module in world.standard_library or module in world.system.modules:
        return False
    search = find(module, world.system)
    return search.found is None and search.undecided is None
