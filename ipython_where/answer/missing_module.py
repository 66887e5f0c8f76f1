"""Why was a module not found? Reads the possible reasons, the likeliest first, and stops when it has one."""

from __future__ import annotations

import os
from dataclasses import replace

from ipython_where.facts.distributions.requirement import Markers, accepts, parse_requirement
from ipython_where.facts.imports.finding import find, loaded_locations
from ipython_where.judge.diagnose.missing_module import (
    DamagedDistribution,
    ImportingDistribution,
    Lacking,
    MissingModule,
    Parent,
)
from ipython_where.judge.diagnose.records import Claim, again
from ipython_where.judge.failure import FailedImport
from ipython_where.judge.misspelling import misspelt
from ipython_where.judge.names import imported_as, left_in, project_for, projects_for, removed_in, requirement_for
from ipython_where.project_names import normalized
from ipython_where.runner import QUESTION, Deadline

from .elsewhere import indexed_project, read_elsewhere
from .foreign_build import read_foreign_build
from .known_names import submodules
from .moved import read_moved
from .next_start import read_unseen, top_level
from .records import claiming, lists_module, read_claim, read_claims
from .shadowing import is_standard, owner_of, read_folder, read_hidden, read_outdated
from .start_up import read_lost_link
from .world import World


def read_missing(
    name: str, failed: FailedImport, world: World, deadline: Deadline | None = None
) -> MissingModule | None:
    """What explains why ``name`` was not found; None if it can be found by now, or if that can't be decided.

    ``deadline`` applies to the whole question.
    """
    if name in world.system.modules:  # a None there blocks the import
        return None
    facts = MissingModule(module=name, prefix=world.interpreter["prefix"], python=world.interpreter["version"])
    top, dot, _ = name.partition(".")
    hidden = read_hidden(top, name, world) if dot else None
    outdated = read_outdated(top, world) if dot and hidden is None else None
    if hidden or outdated:
        return replace(facts, hidden=hidden, outdated=outdated)
    search = find(name, world.system)
    if search.found is not None:
        return None
    unseen = read_unseen(name, world)
    if unseen is not None:
        return replace(facts, unseen=unseen)
    moved = read_moved(failed, world)
    if search.undecided is not None:  # the import failed all the same, so a module that moved isn't there
        return replace(facts, moved=moved) if moved is not None and removed_in(top) is None else None
    foreign = read_foreign_build(name, world)
    if foreign is not None:
        return replace(facts, foreign_build=foreign)
    gone = read_gone(name, world) if dot else None
    if gone is not None:
        return replace(facts, damaged=gone)
    if moved is not None and removed_in(top) is None:
        return replace(facts, moved=moved)
    parent = _parent(name.rpartition(".")[0], world) if dot else None
    if parent is not None:
        return replace(facts, parent=parent, near=_near_submodule(name, world))
    wanted, requirement = _wanted(top, failed.packages, world)
    facts = replace(facts, wanted=wanted)
    if not dot and (top in world.standard_library or _is_removed(top, facts.python)):
        # setuptools brings its own copy of distutils, which Python 3.12 removed
        copy = read_lacking(top, ("setuptools",), world) if top == "distutils" else None
        is_standard_name = top in world.standard_library
        return replace(facts, standard_library=is_standard_name, removed_in=removed_in(top), lacking=copy, moved=moved)
    return _read_not_installed(facts, failed, requirement, world, deadline or Deadline.after(QUESTION))


def _is_removed(top: str, python: str) -> bool:
    release = removed_in(top)
    return release is not None and _release(python) >= _release(release)


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def _read_not_installed(
    facts: MissingModule, failed: FailedImport, requirement: str | None, world: World, deadline: Deadline
) -> MissingModule:
    name = facts.module
    alias = imported_as(name) if "." not in name else None
    if alias is not None:
        project = project_for(alias)
        can_install = find(alias, world.system).found is None and not _is_installed(project, world)
        return replace(facts, imported_as=alias, project=project, install=project if can_install else None)
    name = _innermost(failed, name)
    facts, projects = replace(facts, module=name), projects_for(name)
    damaged = (
        (_emptied(name, world) if "." in name else None) or _damaged(name, projects, world) or read_gone(name, world)
    )
    if damaged is not None:
        return replace(facts, damaged=damaged)
    lost = read_lost_link(facts.module.partition(".")[0], world)
    if lost:
        return replace(facts, lost_links=lost)
    searched = read_elsewhere(name, projects, world, deadline)
    elsewhere = searched.found
    indexed = next(filter(None, (indexed_project(name, each) for each in elsewhere)), None)
    lacking = read_lacking(name, projects or tuple(filter(None, [indexed])), world)
    install = _to_install(name, requirement, indexed) if lacking is None else None
    is_unknown = not projects and requirement is None and facts.wanted is None and not elsewhere
    return replace(
        facts,
        lacking=lacking,
        folder=read_folder(name.partition(".")[0], world) if "." in name else None,
        install=install,
        alternatives=projects[1:] if projects[:1] == (install,) else (),
        elsewhere=elsewhere,
        unsearched=searched.unsearched,
        near=_near_module(name, world) if is_unknown and "." not in name else None,
    )


def _innermost(failed: FailedImport, name: str) -> str:
    """The module of the failed import that decides the project: `mpl_toolkits.basemap` isn't in that of `mpl_toolkits`."""
    asked = failed.asked or name
    steps = [at for at, letter in enumerate(f"{asked}.") if letter == "." and at >= len(name)]
    modules = [*(asked[:at] for at in steps), *(f"{asked}.{each}" for each in failed.names)]
    projects = {each: project for each in modules if (project := project_for(each)) is not None}
    innermost = [*projects.values()][-1:]
    return next((each for each in projects if [projects[each]] == innermost), name)


def _to_install(name: str, requirement: str | None, indexed: str | None) -> str | None:
    """What to install for a module: a version that still has it, else what the importing distribution's metadata asks for."""
    return requirement_for(name) if left_in(name) else requirement or project_for(name) or indexed


def _is_installed(project: str | None, world: World) -> bool:
    return project is not None and bool(world.distributions.find(project, world.path))


def read_lacking(module: str, projects: tuple[str, ...], world: World) -> Lacking | None:
    """The installed distribution of a project that should provide the module but does not list it."""
    for project, metadata in (
        (each, found) for each in projects for found in world.distributions.find(each, world.path)
    ):
        facts = world.distributions.metadata(metadata)
        release = left_in(module)
        has_left = release is not None and facts.version is not None and accepts(f"<{release}", facts.version) is False
        return Lacking(
            distribution=facts.name or project,
            version=facts.version,
            left_in=release if has_left else None,
            fits=requirement_for(module) if has_left else None,
        )
    return None


def _parent(name: str, world: World) -> Parent | None:
    """The package or module that should contain a submodule; None for a namespace, which many distributions share."""
    found = find(name, world.system).found
    if found is None or found.kind == "namespace":
        return None
    is_package = found.locations is not None or loaded_locations(name, world.system.modules) is not None
    if is_standard(found, world):
        version = world.interpreter["version"]
        return Parent(module=name, file=None, is_package=is_package, distribution=None, version=version)
    owner = owner_of(found, world)
    facts = world.distributions.metadata(owner) if owner else None
    return Parent(
        module=name,
        file=found.file,
        is_package=is_package,
        distribution=facts.name if facts else None,
        version=facts.version if facts else None,
    )


def _wanted(top: str, packages: tuple[str, ...], world: World) -> tuple[ImportingDistribution | None, str | None]:
    """The distribution whose code imports it, and how its metadata spells the missing project."""
    found = find(packages[0], world.system).found if packages else None
    owner = owner_of(found, world) if found is not None else None
    if owner is None:
        return None, None
    facts = world.distributions.metadata(owner)
    wanted = ImportingDistribution(distribution=facts.name or packages[0], version=facts.version)
    names = {normalized(each) for each in (top, *projects_for(top))}
    markers = Markers(world.interpreter["markers"])
    for requirement in filter(None, map(parse_requirement, facts.requires)):
        if requirement.name not in names or world.distributions.find(requirement.name, world.path):
            continue
        is_required = markers.holds(requirement.marker) is True
        return replace(wanted, requirement=requirement.plain if is_required else None), requirement.plain
    return wanted, None


def read_gone(name: str, world: World) -> DamagedDistribution | None:
    """The distribution whose record lists a missing submodule. If a project has several records, the correct one counts."""
    for claim in read_claims(claiming(name, world), world):
        if lists_module(claim.gone, name):
            return replace(_as_damaged(claim), loaded=name.partition(".")[0] in world.system.modules)
    return None


def _as_damaged(claim: Claim) -> DamagedDistribution:
    return DamagedDistribution(distribution=claim.name, version=claim.record.version, again=again(claim))


def _emptied(name: str, world: World) -> DamagedDistribution | None:
    """The distribution that should have provided the code of a package that is now only a folder."""
    top = name.partition(".")[0]
    found = find(top, world.system).found
    for portion in (found.locations or ()) if found is not None and found.kind == "namespace" else ():
        code = os.path.join(portion, "__init__.py")
        for owner in world.distributions.owners(code, location=os.path.dirname(portion))[:1]:
            return replace(_as_damaged(read_claim(owner, world)), emptied=top)
    folder = read_folder(top, world)
    for owner in claiming(f"{top}.__init__", world)[:1] if folder is not None else ():
        return replace(_as_damaged(read_claim(owner, world)), lost=top, instead=folder)
    return None


def _damaged(name: str, projects: tuple[str, ...], world: World) -> DamagedDistribution | None:
    """A distribution that is recorded as installed and should have provided the module."""
    top = name.partition(".")[0]
    for each in dict.fromkeys((*projects, top)):
        for metadata in world.distributions.find(each, world.path)[:1]:
            if top not in top_level(metadata, world):
                continue
            claim = read_claim(metadata, world)
            if claim.folder is None or not claim.has_folder:
                return replace(_as_damaged(claim), folder=claim.folder)
    return None


def _near_module(name: str, world: World) -> str | None:
    names = set(world.standard_library)
    for entry in world.path:
        listing = world.distributions.directory(entry)
        names.update(listing.modules if listing is not None else ())
    close = misspelt(name, (each for each in names if not each.startswith("_")), limit=1)
    return close[0] if close and find(close[0], world.system).found is not None else None


def _near_submodule(name: str, world: World) -> str | None:
    parent, _, last = name.rpartition(".")
    close = misspelt(last, (each.rpartition(".")[2] for each in submodules(parent, world)), limit=1)
    return f"{parent}.{close[0]}" if close else None
