"""Where else on this machine is a module installed, and which project does it belong to there?

Tested in `tests/answer/test_missing_module.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from ipython_where.facts.distributions.distributions import project_of
from ipython_where.facts.distributions.metadata import parse_installer
from ipython_where.facts.environments.candidates import Candidate, Environments
from ipython_where.facts.environments.contents import Searched, look_in, search
from ipython_where.facts.files import list_directory, read_bytes
from ipython_where.facts.imports.loaded import is_same_file
from ipython_where.facts.shell.shell import resolve_command
from ipython_where.model import Elsewhere
from ipython_where.project_names import normalized
from ipython_where.runner import Deadline, never

from .world import World


def read_elsewhere(name: str, projects: tuple[str, ...], world: World, deadline: Deadline | None = None) -> Searched:
    """The other environments that have the module, `!pip`'s first; environments that a tool keeps for itself don't count."""
    candidates = _candidates(world, deadline)
    environments = [each for each in candidates.found if not each.why.startswith(("pipx", "uv tool"))]
    if (reached := _reached("pip", world)) is not None:
        others = (each for each in environments if not is_same_file(each.prefix, reached.prefix))
        environments = [reached, *others]
    searched = search(replace(candidates, found=tuple(environments)), name, (name, *projects), deadline)
    return replace(searched, found=tuple(each for each in searched.found if each.file is not None))


def read_of_others(
    query: str, projects: tuple[str, ...], world: World, deadline: Deadline, *, but: Elsewhere | None
) -> Searched:
    """The other environments that have the module or one of the projects, except the one that is already reported."""
    searched = search(_candidates(world, deadline), query, (query, *projects), deadline)
    others = (each for each in searched.found if but is None or not is_same_file(each.prefix, but.prefix))
    return replace(searched, found=tuple(each for each in others if _is_meant(query, each, projects)))


def read_of_shell(query: str, module: str, world: World) -> Elsewhere | None:
    """What the shell's ``python`` would import, if it belongs to a different environment than the kernel."""
    there = _reached("python", world)
    found = look_in(there, module, (query,)) if there is not None else None
    return found if found is not None and _is_meant(query, found, ()) else None


def _reached(command: str, world: World) -> Candidate | None:
    """The environment of the shell's `pip` or `python`, if it is not the kernel's."""
    reached = resolve_command(command, environ=world.environ, cwd=world.system.cwd, run=never)
    if reached.prefix is None or is_same_file(reached.prefix, world.interpreter["prefix"]):
        return None
    executable = reached.interpreter.executable if reached.interpreter else None
    return Candidate(prefix=reached.prefix, interpreter=executable, why=f"!{command}")


def _is_meant(query: str, found: Elsewhere, projects: tuple[str, ...]) -> bool:
    """Whether that other environment has what was asked for: not a project that merely normalises to a dotted module's name."""
    names = {query.lower(), *map(normalized, projects)}
    of_project = {found.distribution.lower(), normalized(found.distribution)} if found.distribution else set()
    return found.file is not None or "." not in query or bool(names & of_project)


def _candidates(world: World, deadline: Deadline | None) -> Environments:
    """The folders of this kernel that it does not search, then the other environments."""
    from ipython_where.facts.environments.others import find_environments  # the shell's `python` needs no discovery

    found = find_environments(
        environ=world.environ,
        cwd=world.system.cwd,
        home=world.home,
        kernel_prefix=world.interpreter["prefix"],
        deadline=deadline,
    )
    return replace(found, found=(*_user_site(world), *_for_other_pythons(world), *found.found))


def _user_site(world: World) -> Iterator[Candidate]:
    user_site = world.interpreter["user_site"]
    if user_site and not world.interpreter["user_site_enabled"]:
        library, name = os.path.split(os.path.dirname(user_site))
        yield Candidate(
            prefix=os.path.dirname(library), interpreter=None, why="user site, disabled in this kernel", library=name
        )


_LIBRARY = r"python(\d\.\d+t?)"


def _for_other_pythons(world: World) -> Iterator[Candidate]:
    """Packages in the kernel's prefix for another Python: an in-place upgrade of Python leaves them all behind."""
    prefix = world.interpreter["prefix"]
    own = {os.path.realpath(each) for each in world.path if "\0" not in each}  # no file name may contain it
    version = ".".join(world.interpreter["version"].split(".")[:2])
    for name in sorted(list_directory(os.path.join(prefix, "lib")), reverse=True):
        site = os.path.join(prefix, "lib", name, "site-packages")
        found = re.fullmatch(_LIBRARY, name)
        # conda's `python3.1` is a link to the library that this kernel uses
        if found is not None and os.path.isdir(site) and os.path.realpath(site) not in own:
            why = f"for Python {found[1]}, not this kernel's {version}"
            yield Candidate(prefix=prefix, interpreter=None, why=why, library=name, site=site)


def indexed_project(name: str, place: Elsewhere) -> str | None:
    """The project of a module in another environment, if pip or uv installed it by name from an index.

    The installation record is the proof; without an index it could be anyone's folder of that name.
    """
    if place.file is None or place.distribution is None or place.version is None:
        return None
    root = place.file
    for _ in range(name.count(".") + (2 if os.path.basename(root).startswith("__init__.") else 1)):
        root = os.path.dirname(root)
    for each in list_directory(root):
        if each.endswith(".dist-info") and project_of(each) == normalized(place.distribution):
            metadata = os.path.join(root, each)
            installer = parse_installer(read_bytes(os.path.join(metadata, "INSTALLER")))
            by_name = not os.path.exists(os.path.join(metadata, "direct_url.json"))
            return place.distribution if installer in ("pip", "uv") and by_name else None
    return None
