"""Why did an import fail? What is there to explain it is read, as far as it is needed, and judged."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace

from ..diagnose import StaleModule, Twice
from ..diagnose.failed_import import (
    BrokenModule,
    Built,
    Damaged,
    Hidden,
    MissingModule,
    Parent,
    Unmet,
    Unseen,
    Wanted,
    diagnose_broken,
    diagnose_missing,
)
from ..failure import FailedImport
from ..install.requirement import Markers, Requirement, accepts, marker_environment, parse_requirement
from ..model import Elsewhere, Finding
from ..modules.distributions import normalized
from ..modules.finding import Found, find, find_afresh, loaded_locations
from ..modules.loaded import changed_at, judge_stale, read_loaded, read_version_on_disk
from ..modules.metadata import editable_root, top_level_names
from ..modules.names import imported_as, near, project_for, removed_in
from ..modules.ownership import read_first_owner, root_of
from ..modules.path_entries import read_pth_lines
from ..modules.survey import top_names
from ..probe import identity
from .completion import submodules
from .world import World


def explain_failure(failed: FailedImport, world: World) -> Finding | None:
    """What to say of a failed import; None where nothing about it is certain."""
    if failed.missing is None:
        return diagnose_broken(read_broken(failed, world))
    facts = read_missing(failed.missing, failed.packages, world)
    return diagnose_missing(facts) if facts is not None else None


# -- a module that was not found ---------------------------------------------------------------------------------------


def read_missing(name: str, packages: tuple[str, ...], world: World) -> MissingModule | None:
    """What explains that ``name`` was not found; None where it is found by now, or where that cannot be decided."""
    search = find(name, world.system)
    if search.found is not None or name in world.system.modules:  # a None there blocks it
        return None
    facts = MissingModule(module=name, prefix=world.interpreter["prefix"], python=world.interpreter["version"])
    top, dot, _ = name.partition(".")
    hidden = _hidden(top, world) if dot else None
    stale = _stale(top, world) if dot and hidden is None else None
    if hidden or stale:
        return replace(facts, hidden=hidden, stale=stale)
    unseen = _unseen(name, world)
    if unseen is not None:
        return replace(facts, unseen=unseen)
    if search.undecided is not None:
        return None
    parent = _parent(name.rpartition(".")[0], world) if dot else None
    if parent is not None:
        return replace(facts, parent=parent, near=_near_submodule(name, world))
    wanted, requirement = _wanted(top, packages, world)
    facts = replace(facts, wanted=wanted)
    if not dot and (top in sys.stdlib_module_names or _is_removed(top)):
        return replace(facts, standard_library=top in sys.stdlib_module_names, removed_in=removed_in(top))
    return _read_not_installed(facts, requirement, world)


def _is_removed(top: str) -> bool:
    release = removed_in(top)
    return release is not None and sys.version_info >= tuple(int(part) for part in release.split("."))


def _read_not_installed(facts: MissingModule, requirement: str | None, world: World) -> MissingModule:
    name = facts.module
    alias = imported_as(name) if "." not in name else None
    if alias is not None:
        found = find(alias, world.system).found is not None
        return replace(facts, imported_as=alias, is_there=found, project=project_for(alias))
    project = _project(name)
    damaged = _damaged(name, project, world)
    if damaged is not None:
        return replace(facts, damaged=damaged)
    elsewhere = _elsewhere(name, project, world)
    is_unknown = project is None and requirement is None and facts.wanted is None and not elsewhere
    return replace(
        facts,
        project=requirement or project,
        elsewhere=elsewhere,
        near=_near_module(name, world) if is_unknown and "." not in name else None,
    )


def _project(name: str) -> str | None:
    """The project of a module; one that is told of the package that holds it, which is there, does not bring it."""
    project = project_for(name)
    holder = name.rpartition(".")[0]
    return project if not holder or project != project_for(holder) else None


def _hidden(top: str, world: World) -> Hidden | None:
    """A file that belongs to no distribution, is what an import of ``top`` finds, and has an owned copy behind it."""
    search = find(top, world.system)
    if search.found is None or search.found.file is None or not search.losers:
        return None
    if _is_standard(search.found, world) or _owner(search.found, world) is not None:
        return None
    for loser in search.losers:
        owner = _owner(loser, world)
        if owner is not None:
            facts = world.distributions.metadata(owner)
            return Hidden(module=top, file=search.found.file, distribution=facts.name, version=facts.version)
        if _is_standard(loser, world):
            return Hidden(module=top, file=search.found.file, distribution=None, version=None)
    return None


def _is_standard(found: Found, world: World) -> bool:
    if found.kind in ("builtin", "frozen"):
        return True
    return found.entry is not None and os.path.abspath(found.entry) in world.rules.standard_library


def _owner(found: Found, world: World) -> str | None:
    return read_first_owner(found, world.system, world.rules, world.distributions)


def _stale(top: str, world: World) -> StaleModule | None:
    """The loaded top package, where it is not what an import would bring now."""
    loaded = read_loaded(top, world.system.modules)
    if loaded is None or loaded.file is None:
        return None
    search = find(top, world.system)
    if search.found is None:
        is_gone = search.undecided is None and not os.path.exists(loaded.file)
        gone = StaleModule(module=top, loaded_version=loaded.version, distribution=top, version=None)
        return gone if is_gone else None
    file, owner = search.found.file, _owner(search.found, world)
    facts = world.distributions.metadata(owner) if owner else None
    stale = judge_stale(
        loaded,
        file=file,
        same_file=file is None or os.path.realpath(file) == os.path.realpath(loaded.file),
        file_changed=changed_at(file),
        metadata_changed=changed_at(owner),
        version_on_disk=read_version_on_disk(file, facts.version if facts else None),
        started=world.started,
    )
    if not stale or facts is None or not facts.version:
        return None
    return StaleModule(module=top, loaded_version=loaded.version, distribution=facts.name or top, version=facts.version)


def _unseen(name: str, world: World) -> Unseen | None:
    """Where the next start of this kernel would find it: in a folder that is new to the path, or was when it was looked at."""
    here = identity()  # not the world's, which is as old as the process
    sites = [*here["site_directories"]]
    if here["user_site_enabled"] and here["user_site"] and os.path.isdir(here["user_site"]):
        sites.append(here["user_site"])
    lines, _ = read_pth_lines(sites, world.distributions)
    entries = tuple(dict.fromkeys((*world.path, *sites, *lines)))
    found = find_afresh(name, entries, world.system)
    if found is None:
        return _unseen_editable(name, sites, world)
    location = root_of(found)
    since = _is_since_start(world, _owner(found, world), found.file, lines.get(location))
    return Unseen(location=location, since_start=since, on_path=location in world.path)


def _unseen_editable(name: str, sites: list[str], world: World) -> Unseen | None:
    """The folder of an editable installation since the start: its ``.pth`` file has code, which a start of Python runs."""
    content = world.distributions.content
    for metadata in world.distributions.all(sites):
        if not _is_since_start(world, metadata):
            continue
        folder = editable_root(content(metadata, "direct_url.json"))
        top = name.partition(".")[0]
        named = (normalized(world.distributions.metadata(metadata).name or ""), *_top_level(metadata, world))
        if folder is None or not {top, normalized(top)} & set(named):
            continue
        found = find_afresh(name, (folder, os.path.join(folder, "src")), world.system)
        if found is not None:
            return Unseen(location=root_of(found), since_start=True, on_path=False)
    return None


def _top_level(metadata: str, world: World) -> tuple[str, ...]:
    content = world.distributions.content
    return top_level_names(content(metadata, "RECORD"), content(metadata, "top_level.txt"))


def _is_since_start(world: World, *paths: str | None) -> bool:
    times = [changed for path in paths if (changed := changed_at(path)) is not None]
    return world.started is not None and any(changed >= world.started for changed in times)


def _parent(name: str, world: World) -> Parent | None:
    """The package or module that should hold a submodule; None for a namespace, which many distributions share."""
    found = find(name, world.system).found
    if found is None or found.kind == "namespace":
        return None
    is_package = found.locations is not None or loaded_locations(name, world.system.modules) is not None
    if _is_standard(found, world):
        version = world.interpreter["version"]
        return Parent(module=name, file=None, is_package=is_package, distribution="Python", version=version)
    owner = _owner(found, world)
    facts = world.distributions.metadata(owner) if owner else None
    return Parent(
        module=name,
        file=found.file,
        is_package=is_package,
        distribution=facts.name if facts else None,
        version=facts.version if facts else None,
    )


def _wanted(top: str, packages: tuple[str, ...], world: World) -> tuple[Wanted | None, str | None]:
    """The distribution whose code imports it, and how its metadata names the project that is not there."""
    found = find(packages[0], world.system).found if packages else None
    owner = _owner(found, world) if found is not None else None
    if owner is None:
        return None, None
    facts = world.distributions.metadata(owner)
    wanted = Wanted(distribution=facts.name or packages[0], version=facts.version)
    names = {normalized(top), normalized(project_for(top) or top)}
    markers = Markers(marker_environment())
    for requirement in filter(None, map(parse_requirement, facts.requires)):
        if requirement.name not in names or world.distributions.find(requirement.name, world.path):
            continue
        is_required = markers.holds(requirement.marker) is True
        return replace(wanted, requirement=_spelled(requirement) if is_required else None), _spelled(requirement)
    return wanted, None


def _spelled(requirement: Requirement) -> str:
    """The project and its versions, as `%safepip` takes them: without blanks, extras and markers."""
    name = requirement.text.partition(";")[0].partition("[")[0]
    plain = name.replace(requirement.specifier, "").strip(" ()") if requirement.specifier else name.strip()
    return f"{plain}{requirement.specifier.replace(' ', '')}"


def _damaged(name: str, project: str | None, world: World) -> Damaged | None:
    """A distribution that is recorded as installed and should have brought the module."""
    top = name.partition(".")[0]
    for each in dict.fromkeys(filter(None, (project, top))):
        for metadata in world.distributions.find(each, world.path)[:1]:
            if top not in _top_level(metadata, world):
                continue
            facts = world.distributions.metadata(metadata)
            folder = editable_root(world.distributions.content(metadata, "direct_url.json"))
            return Damaged(distribution=facts.name or each, version=facts.version, folder=folder)
    return None


def _near_module(name: str, world: World) -> str | None:
    names = set(sys.stdlib_module_names)
    for entry in world.path:
        listing = world.distributions.directory(entry)
        names.update(top_names(listing.names) if listing is not None else ())
    close = near(name, (each for each in names if not each.startswith("_")), limit=1)
    return close[0] if close and find(close[0], world.system).found is not None else None


def _near_submodule(name: str, world: World) -> str | None:
    parent, _, last = name.rpartition(".")
    close = near(last, (each.rpartition(".")[2] for each in submodules(parent, world)), limit=1)
    return f"{parent}.{close[0]}" if close else None


def _elsewhere(name: str, project: str | None, world: World) -> tuple[Elsewhere, ...]:
    """The other environments that have it, that of `!pip` first; a tool's own is nobody's to work in."""
    from ..places.contents import search
    from ..places.others import Candidate, find_environments
    from ..places.shell import resolve_command
    from ..runner import never

    reached = resolve_command("pip", environ=world.environ, cwd=world.system.cwd, run=never)
    candidates = find_environments(
        environ=world.environ, cwd=world.system.cwd, home=world.home, kernel_prefix=world.interpreter["prefix"]
    )
    places = [each for each in candidates if not each.why.startswith(("pipx", "uv tool"))]
    if reached.prefix is not None and not _same(reached.prefix, world.interpreter["prefix"]):
        executable = reached.interpreter.executable if reached.interpreter else None
        places = [each for each in places if not _same(each.prefix, reached.prefix or "")]
        places.insert(0, Candidate(prefix=reached.prefix, interpreter=executable, why="!pip"))
    return search(places, name, (name, project) if project else (name,))


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


# -- a module that was found, and fails --------------------------------------------------------------------------------


def read_broken(failed: FailedImport, world: World) -> BrokenModule:
    """What explains that the import of a module failed that is there."""
    source = failed.source.partition(".")[0] if failed.source else None
    hidden = _hidden(source, world) if source else None
    if hidden is not None:
        return BrokenModule(hidden=hidden)
    tops = tuple(dict.fromkeys(filter(None, (source, failed.mismatch, *failed.packages))))
    stale = tuple(filter(None, (_stale(top, world) for top in tops)))
    if stale:
        return BrokenModule(stale=stale)
    owners = {top: owner for top in tops if (owner := _owner_of(top, world)) is not None}
    of_source = owners.get(source or failed.mismatch or "")
    return BrokenModule(
        unmet=next(_unmet(owners, of_source, world), None) if of_source else None,
        twice=_twice(of_source, world) if of_source else None,
        built=_built(failed, owners, world) if failed.mismatch else None,
    )


def _owner_of(top: str, world: World) -> str | None:
    found = find(top, world.system).found
    return _owner(found, world) if found is not None else None


def _unmet(owners: dict[str, str], wrong: str, world: World) -> Iterator[Unmet]:
    """The requirements that those who took part have of the distribution that is wrong, and that it does not satisfy."""
    other = world.distributions.metadata(wrong)
    markers = Markers(marker_environment())
    for owner in owners.values():
        facts = world.distributions.metadata(owner)
        for requirement in filter(None, map(parse_requirement, facts.requires)):
            if requirement.name != normalized(other.name or "") or not other.version or not facts.version:
                continue
            if markers.holds(requirement.marker) and accepts(requirement.specifier, other.version) is False:
                yield Unmet(
                    distribution=facts.name or "",
                    version=facts.version,
                    requirement=_spelled(requirement),
                    found=other.name or "",
                    found_version=other.version,
                )


def _twice(owner: str, world: World) -> Twice | None:
    """Whether the directory that holds a distribution's metadata holds it more than once."""
    name = world.distributions.metadata(owner).name or ""
    recorded = world.distributions.find(name, [os.path.dirname(owner)])
    return Twice(project=name, metadata=recorded) if len(recorded) > 1 else None


def _built(failed: FailedImport, owners: dict[str, str], world: World) -> Built | None:
    """The innermost package with compiled parts for another version of what it met."""
    builder = next((each for each in failed.packages if each != failed.mismatch), None)
    if builder not in owners or failed.mismatch not in owners:
        return None
    facts, other = (world.distributions.metadata(owners[each]) for each in (builder, failed.mismatch))
    return Built(
        distribution=facts.name or builder,
        version=facts.version,
        other=other.name or failed.mismatch,
        other_version=other.version,
    )
