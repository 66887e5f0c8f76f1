"""Where does a name come from? A variable, a module or a distribution, found without importing it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ipython_where.facts.distributions.metadata import parse_direct_url, parse_installer, was_requested
from ipython_where.facts.imports.finding import Found, find
from ipython_where.facts.imports.loaded import read_loaded
from ipython_where.facts.imports.ownership import NOBODY, Ownership, read_first_owner, read_owner, root_of
from ipython_where.judge.diagnose.name import NameFacts, diagnose_name
from ipython_where.judge.diagnose.records import Claim
from ipython_where.model import (
    About,
    CondaPackage,
    Distribution,
    Elsewhere,
    Finding,
    FrontEnd,
    Loaded,
    ModuleAnswer,
    PathEntry,
    Server,
    Shadow,
)
from ipython_where.project_names import normalized
from ipython_where.runner import QUESTION, Deadline
from ipython_where.value import dataclass

from .loaded_module import entry_of, from_loaded, is_lost, stale_of
from .parts import may_have_parts
from .records import (
    claiming,
    conda_claim,
    is_there,
    read_changed,
    read_claims,
    read_covered,
    read_set_aside,
    unnamed_findings,
)
from .target import QueryTarget, read_target
from .without_module import only_caches, read_without_module
from .world import World

if TYPE_CHECKING:  # all of these are for a name that is not found
    from ipython_where.facts.environments.contents import Searched
    from ipython_where.judge.diagnose.missing_module import Lacking
    from ipython_where.judge.diagnose.without_module import WithoutModule


def where(
    name: str, world: World | None = None, *, verbose: bool = False, deadline: Deadline | None = None
) -> ModuleAnswer:
    """Where ``name`` comes from: a module, a distribution or a variable. Nothing is imported to find out.

    ``deadline`` applies to the whole question. Raises `UsageError` if ``name`` is not spelled like any of them.
    """
    world = world or World.here()
    deadline = deadline or Deadline.after(QUESTION)
    answer = _answer(read_target(name, world), world, deadline)
    return _at_length(answer, world) if verbose else answer


def _at_length(answer: ModuleAnswer, world: World) -> ModuleAnswer:
    """The answer with all that takes reading: what its metadata tells, and whether conda's files are what conda linked."""
    findings = answer.findings
    if answer.conda is not None and not answer.conda.hidden:
        from .conda import changed_files

        findings = (*findings, *world.fitting(tuple(changed_files(answer.conda, world))))
    return replace(answer, verbose=True, about=_about(answer.distribution, world), findings=findings)


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
    """What else may have the name: a distribution without a module, projects, another environment."""

    without_module: WithoutModule | None
    is_found: bool | None
    projects: tuple[str, ...]
    near: tuple[str, ...]
    lacking: Lacking | None
    shell_python: Elsewhere | None
    searched: Searched | None


def _answer(target: QueryTarget, world: World, deadline: Deadline) -> ModuleAnswer:
    source = _source(target, world)
    beyond = _beyond(target, source.found, world, deadline)
    found, entry = source.found, entry_of(source.found, world)
    front_end, server = _front_end(source.owner, source.distribution, world, deadline)
    owners = _names(source.owner.all, world)
    facts = _facts(target, source, beyond, owners, front_end, server, world)
    conda, of_conda = _conda(target, source, beyond, world)
    return ModuleAnswer(
        query=target.query,
        found=beyond.is_found,
        module=target.module,
        kind=found.kind if found else None,
        file=found.file if found and not is_lost(found, world) else None,
        path_entry=entry,
        standard_library=_is_standard(target.module, found, entry, world),
        zipped=found.zipped if found else False,
        portions=_portions(found),
        finder=found.finder if found else None,
        distribution=source.distribution,
        conda=conda,
        owners=owners,
        modules=target.modules or ((target.module,) if found and target.module else ()),
        variable=target.variable,
        loaded=source.loaded,
        stale=source.stale,
        shadows=source.shadows,
        shell_python=beyond.shell_python,
        front_end=front_end,
        project=next(iter(beyond.projects), None),
        near=beyond.near,
        elsewhere=beyond.searched.found if beyond.searched else (),
        findings=world.fitting((*diagnose_name(facts), *of_conda)),
        kernel=world.interpreter["executable"],
    )


def _by_conda(file: str, world: World) -> Ownership | None:
    """The distribution of a file that no Python metadata lists: the one of conda's package (an egg-info lists no files)."""
    if not world.conda.all:
        return None
    from .conda import metadata_of

    metadata = metadata_of(file, world)
    return Ownership(sole=metadata, all=(metadata,)) if metadata is not None else None


def _conda(
    target: QueryTarget, source: _Source, beyond: _Beyond, world: World
) -> tuple[CondaPackage | None, tuple[Finding, ...]]:
    """The conda package that a name leads to; or what is called like it and provides no module, or one of another name."""
    if not world.conda.all:
        return None, ()
    from .conda import altered, called_like, package_of

    file = source.found.file if source.found is not None else None
    found = package_of(file, source.owner.sole, [each.file for each in source.shadows], world)
    if found is None and beyond.is_found is False:
        return called_like(target.query, world)
    return found, altered(file, found, world) if found is not None and file is not None else ()


def _source(target: QueryTarget, world: World) -> _Source:
    loaded = read_loaded(target.module, world.system.modules) if target.module else None
    found = target.search.found or from_loaded(target.module, loaded, world)
    importing = read_owner(found, world.system, world.rules, world.distributions) if found else NOBODY
    owner = Ownership(sole=target.metadata, all=(target.metadata,)) if target.metadata else importing
    if found is None and target.module is not None and target.metadata is None:
        owner = _claimed(target.module, world)
    if found is not None and found.file is not None and not owner.all:
        owner = importing = _by_conda(found.file, world) or importing
    distribution = _distribution(owner, world) or _archived(found, world)
    return _Source(
        loaded=loaded,
        found=found,
        importing=importing,
        owner=owner,
        distribution=distribution,
        stale=stale_of(loaded, found, owner, distribution.version if distribution else None, world),
        shadows=tuple(shadow for each in target.search.losers for shadow in _shadows(each, world)),
    )


def _beyond(target: QueryTarget, found: Found | None, world: World, deadline: Deadline) -> _Beyond:
    without_module = read_without_module(target, world)
    is_found = _is_found(target, found, without_module, world)
    missing = is_found is False
    projects, alike = _guessed(target.query, world) if missing else ((), ())
    lacking = _lacking(target.query, projects, world) if projects else None
    shell_python = _shell_python(target, world)
    return _Beyond(
        without_module=without_module,
        is_found=is_found,
        projects=projects,
        near=alike,
        lacking=lacking,
        shell_python=shell_python,
        searched=_elsewhere(target.query, projects, shell_python, world, deadline) if missing else None,
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
    found, owner, lacking, projects = source.found, source.owner, beyond.lacking, beyond.projects
    file, portions = found.file if found else None, _portions(found)
    claims = read_claims(_suspects(owner, target.query, found, world), world, file)
    is_unexplained = not claims and beyond.without_module is None
    moved = _moved(target.query, world) if beyond.is_found is False else ()
    can_install = bool(projects) and lacking is None and not any(each.id == "platform-only" for each in moved)
    return NameFacts(
        name=target.module or target.query,
        file=file if not is_lost(found, world) else None,
        portions=portions,
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
        missing_project=projects[0] if can_install and is_unexplained else None,
        lacking=lacking if is_unexplained and not moved else None,
        without_module=beyond.without_module if not claims else None,
        only_caches=portions if only_caches(portions) else (),
        unsearched=beyond.searched.unsearched if beyond.searched else 0,
        covers=read_covered(found, owner, world),
        changed=read_changed(found, owner, source.distribution, world),
        more=_more(target, source, beyond, claims, moved, world),
        install=_install_lines(target.query, projects, world) if can_install else (),
    )


def _moved(name: str, world: World) -> tuple[Finding, ...]:
    """Where a module, or a name in one, is now, if it moved."""
    from ipython_where.judge.diagnose.moved import moved_finding
    from ipython_where.judge.failure import FailedImport

    from .moved import read_moved

    parent, _, last = name.rpartition(".")
    moved = read_moved(FailedImport(missing=name, asked=name), world)
    if moved is None and parent:
        moved = read_moved(FailedImport(source=parent, names=(last,)), world)
    return (moved_finding(moved),) if moved is not None else ()


def _more(
    target: QueryTarget,
    source: _Source,
    beyond: _Beyond,
    claims: Sequence[Claim],
    moved: tuple[Finding, ...],
    world: World,
) -> tuple[Finding, ...]:
    """What led to a name that is not found, or why what is found does not fit this Python."""
    barred = _barred(target, source, beyond, world)
    if barred is not None:
        return (barred,)
    if beyond.is_found is False:
        return (*moved, *_unfound(target.query, world)) if not claims else ()
    metadata = source.owner.sole
    if metadata is None:
        return ()
    if target.query.upper() == "UNKNOWN":
        return tuple(unnamed_findings(world))
    from .misfit import misfits

    file = source.found.file if source.found is not None and source.loaded is None and not claims else None
    return misfits(metadata, file, world)


def _barred(target: QueryTarget, source: _Source, beyond: _Beyond, world: World) -> Finding | None:
    """That this user may not read what is found, or that it is bytecode of another Python: then no import succeeds."""
    found, module = source.found, target.module
    if source.loaded is not None or module is None or (found is None and beyond.is_found is not False):
        return None
    if found is None or found.file is None or not os.access(found.file, os.R_OK):
        from ipython_where.judge.diagnose.unreadable import unreached_finding

        from .unreadable import read_unreached

        unreached = read_unreached(module, world)
        return unreached_finding(unreached) if unreached is not None else None
    if not found.file.endswith(".pyc"):
        return None
    from ipython_where.judge.diagnose.foreign_build import foreign_build_finding

    from .foreign_build import read_foreign_bytecode

    foreign = read_foreign_bytecode(module, found, world)
    return foreign_build_finding(foreign) if foreign is not None else None


def _unfound(name: str, world: World) -> tuple[Finding, ...]:
    """What may have led to a name that is not found now."""
    from ipython_where.judge.diagnose.start_up import start_findings

    from .start_up import read_lost_link

    return tuple(start_findings(read_lost_link(name, world)))


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
    """Whose records to compare with the disk; if the owner can't be determined, those recorded under such a name.

    A folder without an `__init__.py` may stand in the place of a package that is gone.
    """
    is_bare = owner.all == () and found is not None and found.kind == "namespace"
    if owner.all is not None:
        return claiming(f"{query}.__init__", world) if is_bare else owner.all
    return world.distributions.find(query.partition(".")[0], [root_of(found)] if found is not None else world.path)


def _names(metadata: Sequence[str] | None, world: World) -> tuple[str, ...] | None:
    """The names of distributions, each once: two records of a project may spell it differently."""
    if metadata is None:
        return None
    names: dict[str, str] = {}
    for each in metadata:
        name = world.distributions.metadata(each).name or os.path.basename(each)
        names.setdefault(normalized(name), name)
    return tuple(names.values())


def _is_standard(module: str | None, found: Found | None, entry: PathEntry | None, world: World) -> bool:
    if found is None or module is None:
        return False
    if entry is not None:
        return entry.reason == "standard library"
    return found.name.partition(".")[0] in world.standard_library and found.kind in ("builtin", "frozen")


def _distribution(owner: Ownership, world: World) -> Distribution | None:
    if owner.sole is None:
        return None
    metadata, read = owner.sole, world.distributions
    facts = read.metadata(metadata)
    name = facts.name or os.path.basename(metadata)
    origin, _ = parse_direct_url(read.content(metadata, "direct_url.json"))
    installer = parse_installer(read.content(metadata, "INSTALLER"))
    requested = was_requested(os.path.exists(os.path.join(metadata, "REQUESTED")), installer)
    claim = conda_claim(metadata, world)
    if claim is not None and claim.is_whole:  # its own metadata is that of the machine where conda's package was built
        from .conda import requested_by

        installer, requested, origin = "conda", requested_by(claim.record, world), None
    return Distribution(
        name=name,
        version=facts.version,
        location=os.path.dirname(metadata),
        metadata=metadata,
        installer=installer,
        requested=requested,
        editable=owner.editable or (origin is not None and origin.editable),
        origin=origin,
        requires=facts.requires,
        required_by=read.required_by(name, world.path),
    )


def _about(distribution: Distribution | None, world: World) -> About | None:
    if distribution is None or not os.path.isdir(distribution.metadata):
        return None
    from ipython_where.facts.distributions.about import read_about

    return read_about(distribution.metadata, world.distributions)


def _archived(found: Found | None, world: World) -> Distribution | None:
    """The distribution of a module in an archive: the ``sys.path`` entry that its file path goes through."""
    entry = entry_of(found, world) if found is not None and found.zipped else None
    if entry is None or found is None or found.file is None:
        return None
    from ipython_where.facts.distributions.archived import read_archived

    return read_archived(found.file, entry.path)


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
        path_entry=entry_of(loser, world),
        distribution=facts.name if facts else None,
        version=facts.version if facts else None,
    )


def _shell_python(target: QueryTarget, world: World) -> Elsewhere | None:
    """What the shell's ``python`` would import, if it belongs to a different environment than the kernel."""
    if _is_kernels_python_first(world):
        return None
    from .elsewhere import read_of_shell

    return read_of_shell(target.query, target.module or target.query, world)


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


def _guessed(query: str, world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The projects that provide what is missing, if that is certain, and installed names that look like it."""
    from ipython_where.judge.misspelling import misspelt
    from ipython_where.judge.names import projects_for

    from .known_names import installed_names

    return projects_for(query), misspelt(query, installed_names(world))


def _elsewhere(
    query: str, projects: tuple[str, ...], told: Elsewhere | None, world: World, deadline: Deadline
) -> Searched:
    from .elsewhere import read_of_others

    return read_of_others(query, projects, world, deadline, but=told)


def _lacking(query: str, projects: tuple[str, ...], world: World) -> Lacking | None:
    from .missing_module import read_lacking

    return read_lacking(query, projects, world)


def _install_lines(query: str, projects: tuple[str, ...], world: World) -> tuple[str, ...]:
    from ipython_where.facts.environments.package_managers import find_installers
    from ipython_where.judge.diagnose.findings import install_command
    from ipython_where.judge.names import requirement_for

    requirements = (requirement_for(query) or projects[0], *projects[1:])
    installers = find_installers(world.description, environ=world.environ, home=world.home, cwd=world.system.cwd)
    return tuple(filter(None, (install_command(installers, each) for each in requirements)))
