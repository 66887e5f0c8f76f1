"""Where does a name come from? A variable, a module or a distribution, found without importing it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ipython_where.facts.distributions.metadata import parse_direct_url, parse_installer, was_requested
from ipython_where.facts.imports.finding import Found, find, namespace_of
from ipython_where.facts.imports.loaded import is_loaded_namespace, is_same_file, read_loaded, read_stale
from ipython_where.facts.imports.ownership import NOBODY, Ownership, read_first_owner, read_owner, root_of
from ipython_where.facts.imports.path_entries import explain
from ipython_where.judge.diagnose.missing_module import Lacking
from ipython_where.judge.diagnose.name import NameFacts, diagnose_name
from ipython_where.judge.diagnose.without_module import WithoutModule
from ipython_where.model import Distribution, Elsewhere, FrontEnd, Loaded, ModuleAnswer, PathEntry, Server, Shadow
from ipython_where.project_names import normalized
from ipython_where.runner import QUESTION, Deadline
from ipython_where.value import dataclass

from .parts import may_have_parts
from .records import claiming, is_there, read_claims, read_set_aside
from .target import QueryTarget, read_target
from .without_module import only_caches, read_without_module
from .world import World

if TYPE_CHECKING:
    from ipython_where.facts.environments.contents import (
        Searched,  # for annotations: a name that is found is not searched for elsewhere
    )


def where(
    name: str, world: World | None = None, *, verbose: bool = False, deadline: Deadline | None = None
) -> ModuleAnswer:
    """Where ``name`` comes from: a module, a distribution or a variable. Nothing is imported to find out.

    ``deadline`` applies to the whole question. Raises `UsageError` if ``name`` is not spelled like any of them.
    """
    world = world or World.here()
    deadline = deadline or Deadline.after(QUESTION)
    return replace(_answer(read_target(name, world), world, deadline), verbose=verbose)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a name leads to. ``importing`` owns the module that an import finds, ``owner`` is whom the answer is about."""

    loaded: Loaded | None
    found: Found | None
    importing: Ownership
    owner: Ownership
    distribution: Distribution | None
    stale: bool | None
    shadows: tuple[Shadow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beyond:
    """What else may have the name: a distribution without a module, a project, another environment."""

    without_module: WithoutModule | None
    is_found: bool | None
    project: str | None
    near: tuple[str, ...]
    lacking: Lacking | None
    shell_python: Elsewhere | None
    searched: Searched | None


def _answer(target: QueryTarget, world: World, deadline: Deadline) -> ModuleAnswer:
    source = _source(target, world)
    beyond = _beyond(target, source.found, world, deadline)
    found, entry = source.found, _entry(source.found, world)
    front_end, server = _front_end(source.owner, source.distribution, world, deadline)
    owners = _names(source.owner.all, world)
    facts = _facts(target, source, beyond, owners, front_end, server, world)
    return ModuleAnswer(
        query=target.query,
        found=beyond.is_found,
        module=target.module,
        kind=found.kind if found else None,
        file=found.file if found else None,
        path_entry=entry,
        standard_library=_is_standard(target.module, found, entry, world),
        zipped=found.zipped if found else False,
        portions=_portions(found),
        finder=found.finder if found else None,
        distribution=source.distribution,
        owners=owners,
        modules=target.modules or ((target.module,) if found and target.module else ()),
        variable=target.variable,
        loaded=source.loaded,
        stale=source.stale,
        shadows=source.shadows,
        shell_python=beyond.shell_python,
        front_end=front_end,
        project=beyond.project,
        near=beyond.near,
        elsewhere=beyond.searched.found if beyond.searched else (),
        findings=diagnose_name(facts),
        kernel=world.interpreter["executable"],
    )


def _source(target: QueryTarget, world: World) -> _Source:
    loaded = read_loaded(target.module, world.system.modules) if target.module else None
    found = target.search.found or _from_loaded(target.module, loaded, world)
    importing = read_owner(found, world.system, world.rules, world.distributions) if found else NOBODY
    owner = Ownership(sole=target.metadata, all=(target.metadata,)) if target.metadata else importing
    if found is None and target.module is not None and target.metadata is None:
        owner = _claimed(target.module, world)
    distribution = _distribution(owner, world) or _archived(found, world)
    return _Source(
        loaded=loaded,
        found=found,
        importing=importing,
        owner=owner,
        distribution=distribution,
        stale=_stale(loaded, found, owner, distribution, world),
        shadows=tuple(shadow for each in target.search.losers for shadow in _shadows(each, world)),
    )


def _beyond(target: QueryTarget, found: Found | None, world: World, deadline: Deadline) -> _Beyond:
    without_module = read_without_module(target, world)
    is_found = _is_found(target, found, without_module, world)
    missing = is_found is False
    project, alike = _guessed(target.query, world) if missing else (None, ())
    lacking = _lacking(target.query, project, world) if project else None
    shell_python = _shell_python(target, world)
    return _Beyond(
        without_module=without_module,
        is_found=is_found,
        project=project,
        near=alike,
        lacking=lacking,
        shell_python=shell_python,
        searched=_elsewhere(target.query, project, shell_python, world, deadline) if missing else None,
    )


def _facts(
    target: QueryTarget,
    source: _Source,
    beyond: _Beyond,
    owners: tuple[str, ...] | None,
    front_end: FrontEnd | None,
    server: Server | None,
    world: World,
) -> NameFacts:
    """What the findings are judged from."""
    found, owner, lacking, project = source.found, source.owner, beyond.lacking, beyond.project
    file, portions = found.file if found else None, _portions(found)
    claims = read_claims(_suspects(owner, target.query, found, world), world, file)
    is_unexplained = not claims and beyond.without_module is None
    return NameFacts(
        name=target.module or target.query,
        file=file,
        undecided=target.search.undecided if found is None else None,
        halted=target.search.halted,
        doubt=target.doubt,
        loaded=source.loaded,
        stale=source.stale,
        distribution=source.distribution,
        owners=(owners or ()) if found is not None and found.kind != "namespace" else (),
        claims=claims,
        set_aside=read_set_aside(target.query, world) if beyond.is_found is False or claims else (),
        hidden=bool(target.metadata and file and target.metadata not in (source.importing.all or ())),
        front_end=front_end,
        server=server,
        missing_project=project if lacking is None and is_unexplained else None,
        lacking=lacking if is_unexplained else None,
        without_module=beyond.without_module if not claims else None,
        only_caches=portions if only_caches(portions) else (),
        unsearched=beyond.searched.unsearched if beyond.searched else 0,
        covers=_covered(found, owner, world),
        changed=_changed(found, owner, source.distribution, world),
        install=_install_line(target.query, world) if project and lacking is None else None,
    )


def _portions(found: Found | None) -> tuple[str, ...]:
    """The folders of a namespace package; setuptools' editable hook adds a marker of its own to them."""
    locations = found.locations or () if found is not None and found.kind == "namespace" else ()
    return tuple(location for location in locations if os.path.isabs(location))


def _is_found(
    target: QueryTarget, found: Found | None, without_module: WithoutModule | None, world: World
) -> bool | None:
    if found is not None:
        return True
    if without_module is not None and not without_module.is_expected:
        return False
    if target.metadata is not None:
        findable = [find(each, world.system).found is not None for each in target.modules]
        if is_there(target.metadata, findable, world):
            return True
    if target.doubt or target.search.undecided:
        return None
    return target.variable is not None and target.module is None


def _claimed(module: str, world: World) -> Ownership:
    """The distributions that list a module that no import finds: its files are gone."""
    claims = claiming(module, world)
    return Ownership(sole=claims[0] if len(claims) == 1 else None, all=claims)


def _suspects(owner: Ownership, query: str, found: Found | None, world: World) -> Sequence[str]:
    """Whose records to compare with the disk; if the owner can't be determined, those recorded under such a name."""
    if owner.all is not None:
        return owner.all
    return world.distributions.find(query.partition(".")[0], [root_of(found)] if found is not None else world.path)


def _covered(found: Found | None, owner: Ownership, world: World) -> tuple[str, str] | None:
    """The distribution, and its location, whose module is hidden by an unowned file of the same name beside it."""
    if found is None or found.file is None or owner.all != () or found.kind == "namespace":
        return None
    location = root_of(found)
    for metadata in world.distributions.listing_code(found.name, location=location):
        return world.distributions.metadata(metadata).name or os.path.basename(metadata), location
    return None


def _changed(
    found: Found | None, owner: Ownership, distribution: Distribution | None, world: World
) -> tuple[int, int] | None:
    """The size of a module's source and the size that pip or uv recorded, if they differ; for an empty file see `cut_off`.

    conda patches files after RECORD was written.
    """
    if found is None or found.file is None or not found.file.endswith(".py") or owner.sole is None:
        return None
    if distribution is None or distribution.installer not in ("pip", "uv"):
        return None
    row = world.distributions.row(owner.sole, found.file, os.path.dirname(owner.sole)) or b""
    recorded = row.rpartition(b",")[2]
    try:
        size = os.stat(found.file).st_size
    except OSError:
        return None
    return (size, int(recorded)) if recorded.isdigit() and 0 < size != int(recorded) else None


def _names(metadata: Sequence[str] | None, world: World) -> tuple[str, ...] | None:
    if metadata is None:
        return None
    return tuple(dict.fromkeys(world.distributions.metadata(each).name or os.path.basename(each) for each in metadata))


def _from_loaded(module: str | None, loaded: Loaded | None, world: World) -> Found | None:
    """A module that only ``sys.modules`` has (``os.path``): imports take it from there, so its own spec describes it."""
    if module is None or loaded is None:
        return None
    spec = namespace_of(world.system.modules.get(module)).get("__spec__")
    name = getattr(spec, "name", module)
    if isinstance(name, str) and name != module:
        elsewhere = find(name, world.system).found
        if elsewhere is not None and elsewhere.file == loaded.file:
            return elsewhere
    return Found(name=module, kind=None, file=loaded.file, entry=None, locations=None)


def _is_standard(module: str | None, found: Found | None, entry: PathEntry | None, world: World) -> bool:
    if found is None or module is None:
        return False
    if entry is not None:
        return entry.reason == "standard library"
    return found.name.partition(".")[0] in world.standard_library and found.kind in ("builtin", "frozen")


def _entry(found: Found | None, world: World) -> PathEntry | None:
    """The winning entry of ``sys.path``: for a submodule, the entry from which its dotted name leads to its file."""
    if found is None or (found.entry is None and found.file is None):
        return None
    if found.entry is not None and "." not in found.name:
        return explain(found.entry, world.rules)
    root = root_of(found)
    return explain(root, world.rules) if root in world.path else None


def _distribution(owner: Ownership, world: World) -> Distribution | None:
    if owner.sole is None:
        return None
    metadata, read = owner.sole, world.distributions
    facts = read.metadata(metadata)
    name = facts.name or os.path.basename(metadata)
    origin, _ = parse_direct_url(read.content(metadata, "direct_url.json"))
    installer = parse_installer(read.content(metadata, "INSTALLER"))
    return Distribution(
        name=name,
        version=facts.version,
        location=os.path.dirname(metadata),
        metadata=metadata,
        installer=installer,
        requested=was_requested(os.path.exists(os.path.join(metadata, "REQUESTED")), installer),
        editable=owner.editable or (origin is not None and origin.editable),
        origin=origin,
        requires=facts.requires,
        required_by=read.required_by(name, world.path),
    )


def _archived(found: Found | None, world: World) -> Distribution | None:
    """The distribution of a module in an archive: the ``sys.path`` entry that its file path goes through."""
    entry = _entry(found, world) if found is not None and found.zipped else None
    if entry is None or found is None or found.file is None:
        return None
    from ipython_where.facts.distributions.archived import read_archived

    return read_archived(found.file, entry.path)


def _stale(
    loaded: Loaded | None, found: Found | None, owner: Ownership, distribution: Distribution | None, world: World
) -> bool | None:
    if loaded is None:
        return None
    if found is None or found.kind in ("builtin", "frozen"):
        return False
    if found.file is not None and is_loaded_namespace(found.name, world.system.modules):
        return True  # a package was installed into the folder, or ahead of it
    return read_stale(
        loaded,
        file=found.file,
        metadata=owner.sole,
        version=distribution.version if distribution else None,
        since=world.since(found.name),
        distributions=world.distributions,
    )


def _shadows(loser: Found, world: World) -> Iterator[Shadow]:
    """A shadowed copy: its file, or each folder of a namespace package."""
    if loser.kind == "namespace":
        for portion in _portions(loser):
            yield _portion(replace(loser, locations=(portion,)), portion, world)
        return
    owner = read_first_owner(loser, world.system, world.rules, world.distributions)
    yield _shadow(loser.file or f"built-in module `{loser.name}`", loser, owner, world)


def _portion(loser: Found, portion: str, world: World) -> Shadow:
    owners = world.distributions.owners_below(portion, location=root_of(loser))
    return _shadow(portion, loser, owners[0] if len(owners) == 1 else None, world)


def _shadow(file: str, loser: Found, owner: str | None, world: World) -> Shadow:
    facts = world.distributions.metadata(owner) if owner else None
    return Shadow(
        file=file,
        path_entry=_entry(loser, world),
        distribution=facts.name if facts else None,
        version=facts.version if facts else None,
    )


def _shell_python(target: QueryTarget, world: World) -> Elsewhere | None:
    """What the shell's ``python`` would import, if it belongs to a different environment than the kernel."""
    if _is_kernels_python_first(world):
        return None
    from ipython_where.facts.shell.shell import resolve_command
    from ipython_where.runner import never

    command = resolve_command("python", environ=world.environ, cwd=world.system.cwd, run=never)
    if command.prefix is None or is_same_file(command.prefix, world.interpreter["prefix"]):
        return None
    from ipython_where.facts.environments.candidates import Candidate
    from ipython_where.facts.environments.contents import look_in

    executable = command.interpreter.executable if command.interpreter else None
    there = Candidate(prefix=command.prefix, interpreter=executable, why="!python")
    found = look_in(there, target.module or target.query, (target.query,))
    return found if found is not None and _is_meant(target.query, found, None) else None


def _is_kernels_python_first(world: World) -> bool:
    """Whether the first `python` on PATH is the kernel's own: the common case, and a few file checks settle it."""
    if "BASH_ENV" in world.environ or world.interpreter["executable"] is None:
        return False  # `resolve_command` decides what that file does to the name
    own = os.path.dirname(world.interpreter["executable"])
    for folder in world.environ.get("PATH", "").split(os.pathsep):
        if not os.path.isabs(folder):
            return False
        if os.access(os.path.join(folder, "python"), os.X_OK):
            return folder == own and bool(world.interpreter["prefix"] != world.interpreter["base_prefix"])
    return False


def _front_end(
    owner: Ownership, distribution: Distribution | None, world: World, deadline: Deadline
) -> tuple[FrontEnd | None, Server | None]:
    """The parts for a Jupyter server, and the server, which is searched for only if there are parts."""
    if owner.sole is None or distribution is None or not may_have_parts(owner.sole, world):
        return None, None
    from .front_end import ask_front_end  # few distributions have parts, and this imports a lot

    return ask_front_end(owner.sole, world, deadline)


def _guessed(query: str, world: World) -> tuple[str | None, tuple[str, ...]]:
    """The project that provides what is missing, if that is certain, and installed names that look like it."""
    from ipython_where.judge.misspelling import misspelt
    from ipython_where.judge.names import project_for

    from .completion import installed_names

    return project_for(query), misspelt(query, installed_names(world))


def _elsewhere(query: str, project: str | None, told: Elsewhere | None, world: World, deadline: Deadline) -> Searched:
    """The other environments that have it, except the one that is already reported."""
    from ipython_where.facts.environments.contents import search

    from .elsewhere import read_candidates

    candidates = read_candidates(world, deadline)
    searched = search(candidates, query, (query, project) if project else (query,), deadline)
    others = (each for each in searched.found if told is None or not is_same_file(each.prefix, told.prefix))
    return replace(searched, found=tuple(each for each in others if _is_meant(query, each, project)))


def _is_meant(query: str, found: Elsewhere, project: str | None) -> bool:
    """Whether that other environment has what was asked for: not a project that merely normalises to a dotted module's name."""
    names = {query.lower(), *([normalized(project)] if project else [])}
    of_project = {found.distribution.lower(), normalized(found.distribution)} if found.distribution else set()
    return found.file is not None or "." not in query or bool(names & of_project)


def _lacking(query: str, project: str, world: World) -> Lacking | None:
    from .missing_module import read_lacking

    return read_lacking(query, project, world)


def _install_line(query: str, world: World) -> str | None:
    from ipython_where.facts.environments.package_managers import find_installers
    from ipython_where.judge.diagnose.findings import install_command
    from ipython_where.judge.names import requirement_for

    requirement = requirement_for(query)
    installers = find_installers(world.description, environ=world.environ, home=world.home, cwd=world.system.cwd)
    return install_command(installers, requirement) if requirement is not None else None
