"""The two sides of a package: its parts in the kernel's environment, and what the kernel's Jupyter server serves."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ipython_where.facts.imports.loaded import read_process_start
from ipython_where.facts.imports.stale import changed_at
from ipython_where.facts.jupyter.front_end import KernelParts, ServerParts, read_carried, read_served, site_directories
from ipython_where.facts.jupyter.npm_ranges import satisfies
from ipython_where.judge.diagnose.front_end import (
    MANAGER,
    RequiredPart,
    anywidget_range,
    exactly,
    judge_lab_part,
    judge_server_part,
    manager_range,
)
from ipython_where.model import FrontEnd, FrontEndPart, LabExtension, PagePart, PageStep, Server
from ipython_where.project_names import normalized
from ipython_where.runner import Deadline

from .environment import ask_server
from .world import World

if TYPE_CHECKING:
    from ipython_where.facts.jupyter.pages import Page

_SERVERS_OWN = frozenset(
    (
        "jupyter_server",
        "jupyter_server_terminals",
        "jupyterlab",
        "jupyterlab_pygments",
        "nbclassic",
        "notebook",
        "notebook_shim",
    )
)
"""The Jupyter server itself: its own requirements are not missing on the server's side."""


class _Sides(NamedTuple):
    """The kernel's side: the parts that it needs from a server, and the ipywidgets that belongs to it."""

    own: KernelParts
    widgets: str | None
    lab: tuple[RequiredPart, ...]
    servers: tuple[tuple[str, KernelParts], ...]


def ask_front_end(
    metadata: str, world: World, deadline: Deadline | None = None
) -> tuple[FrontEnd | None, Server | None]:
    """A distribution's parts for a Jupyter server, and that server; both None if it has no parts.

    ``metadata`` is its metadata directory. The server is searched for only if there are parts.
    """
    sides = world.distributions.keep(("front end", metadata), world.path, lambda: _read_sides(metadata, world))
    if not sides.lab and not sides.servers:
        return None, None
    server = ask_server(world, deadline)
    return _judge(sides, server, world), server


# -- the kernel's side -------------------------------------------------------------------------------------------------


def _read_sides(metadata: str, world: World) -> _Sides:
    from ipython_where.facts.distributions.installed import InstalledDistributions, closure
    from ipython_where.facts.distributions.requirement import Markers

    read = world.distributions
    own = read_carried(metadata, read)
    project = normalized(own.name)
    roots = [own.name] if project not in _SERVERS_OWN else []
    needed = closure(roots, InstalledDistributions(read, world.path), Markers(world.interpreter["markers"]))
    found = {each.project: each.metadata for each in needed.values() if each.project not in _SERVERS_OWN}
    found[project] = metadata
    carried = {project: read_carried(each, read) for project, each in found.items()}
    announced = [name for each in carried.values() for name in each.announced if normalized(name) not in carried]
    for name in announced:
        for each in read.find(name, world.path)[:1]:
            carried[normalized(name)] = read_carried(each, read)
    widgets = carried.get("ipywidgets")
    return _Sides(
        own=own,
        widgets=exactly(widgets.name, widgets.version) if widgets is not None else None,
        lab=tuple(_lab(found, carried, own, world)),
        servers=tuple((name, each) for each in carried.values() for name in each.server_extensions),
    )


def _lab(
    found: Mapping[str, str], carried: Mapping[str, KernelParts], own: KernelParts, world: World
) -> Iterator[RequiredPart]:
    """The JupyterLab parts, the distribution's own first, and the widget manager even if no distribution here carries it."""
    ranges = _ranges(found, carried, own, world)
    ordered = sorted(carried.values(), key=lambda each: each.name != own.name)
    names = set()
    for each in ordered:
        for extension in each.lab_extensions:
            names.add(extension.name)
            yield RequiredPart(
                extension=extension,
                carrier=each.name,
                carrier_version=each.version,
                accepts=ranges.get(extension.name),
            )
    if MANAGER in ranges and MANAGER not in names:
        yield RequiredPart(
            extension=LabExtension(name=MANAGER, version=None),
            carrier="jupyterlab_widgets",
            carrier_version=None,
            accepts=ranges[MANAGER],
        )


def _ranges(
    found: Mapping[str, str], carried: Mapping[str, KernelParts], own: KernelParts, world: World
) -> dict[str, str]:
    """The npm ranges that the kernel's widgets ask for, by extension."""
    from ipython_where.facts.jupyter.widget_versions import read_widget_versions

    names = {extension.name for each in carried.values() for extension in each.lab_extensions}
    ranges: dict[str, str] = {}
    for project, each in carried.items():
        manager = manager_range(each.version) if project == "ipywidgets" else None
        any_range = anywidget_range(each.version) if project == "anywidget" else None
        if manager is not None:
            ranges[MANAGER] = manager[0]
        elif any_range is not None:
            ranges["anywidget"] = any_range
        elif project in found and names and (each.lab_extensions or each.name == own.name):
            for name, text in read_widget_versions(found[project], world.distributions, names).items():
                ranges.setdefault(name, text)
    return ranges


# -- the server's side -------------------------------------------------------------------------------------------------


def _judge(sides: _Sides, server: Server, world: World) -> FrontEnd:
    names = [each.extension.name for each in sides.lab]
    served = read_of_server(names, [name for name, _ in sides.servers], server)
    there = _there(names, served, server, world)
    switched_on = [name for name, _ in served.server_extensions] if served is not None else None
    sites = site_directories(server.prefix) if server.prefix is not None and server.verdict == "local" else ()
    # an ipywidgets installed on the server's side accepts only the manager that fits it
    beside = sides.widgets if world.distributions.find("ipywidgets", sites) else None
    parts = (
        *(
            judge_lab_part(
                each,
                there,
                _fits(each, there),
                requirement=beside if each.extension.name == MANAGER else None,
                off=served.disabled.get(each.extension.name) if served is not None else None,
            )
            for each in sides.lab
        ),
        *(judge_server_part(name, each.name, each.version, switched_on) for name, each in sides.servers),
    )
    return FrontEnd(
        lab_extensions=tuple(each.extension for each in sides.lab if each.carrier_version is not None),
        server_extensions=sides.own.server_extensions,
        in_server=tuple(there.values()) if there is not None else None,
        parts=parts,
        step=_step(sides, served, server, world) if served is not None else None,
        page=_page_parts(parts, world.page) if world.page is not None else None,
    )


def _page_parts(parts: Iterable[FrontEndPart], page: Page) -> tuple[PagePart, ...]:
    from .page import page_part

    lab = (each for each in parts if each.kind == "JupyterLab")
    return tuple(page_part(page, each.name, each.in_kernel, accepts=each.accepts) for each in lab)


def _there(
    names: Sequence[str], served: ServerParts | None, server: Server, world: World
) -> dict[str, LabExtension] | None:
    """The server's extensions of these names: read from its files, or as it told of itself; None if they are unknown."""
    if served is not None:
        return {each.name: each for each, _ in served.lab_extensions}
    if server.verdict != "remote" or world.page is None:
        return None
    told = (each for each in world.page.extensions if each.source == "server" and each.name in names)
    return {each.name: LabExtension(name=each.name, version=each.version) for each in told}


def read_of_server(names: Sequence[str], servers: Sequence[str], server: Server) -> ServerParts | None:
    """Which of these extensions the server has; None if its environment is not proven to be on this machine."""
    if server.prefix is None or server.verdict != "local":
        return None
    from ipython_where.facts.interpreters.processes import read_environ
    from ipython_where.facts.jupyter.jupyter_paths import config_path, jupyter_path

    environ = read_environ(server.pid) if server.pid is not None else {}
    directories = jupyter_path(prefix=server.prefix, environ=environ)
    settings = config_path(prefix=server.prefix, environ=environ)
    return read_served(names, servers, directories=directories, prefix=server.prefix, settings=settings)


def _fits(wanted: RequiredPart, served: Mapping[str, LabExtension] | None) -> bool | None:
    there = served.get(wanted.extension.name) if served is not None else None
    if there is None or there.version is None or wanted.accepts is None:
        return None
    return satisfies(there.version, wanted.accepts)


def _step(sides: _Sides, served: ServerParts, server: Server, world: World) -> PageStep | None:
    """What the page needs to have the parts on disk: they may be newer than the server, or than a page as old as this kernel.

    A file's age proves nothing, since uv links files from other environments; a folder's age does.
    """
    names = {name for name, _ in served.server_extensions}
    sites = site_directories(server.prefix or "")
    metadata = {name: world.distributions.find(each.name, sites)[:1] for name, each in sides.servers if name in names}
    parts = {name: changed_at(found[0]) if found else None for name, found in metadata.items()}
    pages = [changed_at(os.path.dirname(file)) for _, file in served.lab_extensions]
    started = read_process_start(server.pid) if parts and server.pid is not None else None
    newer_parts = _any_newer([*parts.values()], started)
    if newer_parts and started is not None:
        newer_parts = not _were_loaded(parts, started, server, world)
    newer_pages = _any_newer(pages, world.started)
    if newer_parts:
        return "restart"
    if newer_pages and newer_parts is not None:
        return "reload"
    return "nothing" if not pages and newer_parts is not None else None  # a page may be older than this kernel


def _were_loaded(parts: Mapping[str, float | None], started: float, server: Server, world: World) -> bool:
    """Whether the running server has loaded each part that is newer than itself, and not before it came."""
    from ipython_where.facts.jupyter.running_parts import read_loaded

    deadline = Deadline.after(0.5)
    loaded = read_loaded(server, connection_file=world.connection_file, environ=world.environ, deadline=deadline)
    newer = {name: came for name, came in parts.items() if came is not None and came > started}
    return all(came <= loaded.get(name, 0.0) for name, came in newer.items())


def _any_newer(moments: Sequence[float | None], than: float | None) -> bool | None:
    if than is not None and any(each is not None and each > than for each in moments):
        return True
    return None if moments and (than is None or None in moments) else False
