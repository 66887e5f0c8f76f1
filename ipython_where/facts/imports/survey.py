"""Collects facts about a whole path: copies that shadow others, projects installed twice, stale modules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from ipython_where.facts.distributions.directory import Directory
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import top_level_names
from ipython_where.judge.diagnose.environment import LocalShadow, StaleModule, Twice
from ipython_where.project_names import METADATA_SUFFIXES, normalized

from .finding import Found, ImportSystem, find, installed_path
from .loaded import read_loaded
from .stale import changed_at, read_stale


def read_local_shadows(
    system: ImportSystem, distributions: Distributions, standard_library: frozenset[str]
) -> tuple[LocalShadow, ...]:
    """The files in the working directory that shadow the standard library or an installed module."""
    path = installed_path(system)
    here = distributions.directory(system.cwd) if system.cwd in path else None
    own = set(here.modules) if here is not None else set()
    if not own:
        return ()
    others = [distributions.directory(entry) for entry in path if entry != system.cwd]
    elsewhere = standard_library.union(*(listing.modules for listing in others if listing is not None))
    found = []
    for name in sorted(own & elsewhere):
        search = find(name, system)
        losers = [each for each in search.losers if each.kind != "namespace"]
        if search.found is not None and losers and _is_in(search.found, system.cwd):
            found.append(
                LocalShadow(
                    module=name,
                    file=search.found.file or "",
                    hidden=losers[0].file or f"built-in module `{name}`",
                    standard_library=name in standard_library,
                )
            )
    return tuple(found)


def _is_in(found: Found, folder: str) -> bool:
    return found.file is not None and found.file.startswith(os.path.join(folder, ""))


def read_duplicates(path: Sequence[str], distributions: Distributions) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The projects with contradicting metadata in one path entry; `importlib.metadata` uses the first of them."""
    for entry in path:
        listing = distributions.directory(entry)
        several = [each for each in listing.projects.items() if len(each[1]) > 1] if listing else ()
        for project, names in sorted(several):
            metadata = tuple(os.path.join(entry, name) for name in names)
            if distributions.contradict(metadata):
                yield distributions.metadata(metadata[0]).name or project, metadata


def read_vanished(path: Sequence[str], distributions: Distributions) -> tuple[str, ...]:
    """The metadata directories whose listed top-level names are all missing beside them.

    Skips a project that has a file or folder of its own name there.
    """
    listings = [listing for entry in path if (listing := distributions.directory(entry)) is not None]

    def of(listing: Directory) -> tuple[str, ...]:
        return distributions.keep(
            ("vanished", listing.path), [listing.path], lambda: tuple(_vanished(listing, distributions))
        )

    return tuple(metadata for listing in listings for metadata in of(listing))


def _vanished(listing: Directory, distributions: Distributions) -> Iterator[str]:
    there = set(listing.names)
    tops = {normalized(name.partition(".")[0]) for name in there if not name.endswith(METADATA_SUFFIXES)}
    for name in (name for project, names in listing.projects.items() if project not in tops for name in names):
        lines = (distributions.files(os.path.join(listing.path, name)) or b"").splitlines()
        listed = (os.fsdecode(line.partition(b",")[0].strip(b'"').partition(b"/")[0]) for line in lines)
        own = (top for top in listed if top != name)
        first = next(own, None)
        if first is not None and first not in there and there.isdisjoint(own):
            yield os.path.join(listing.path, name)


def read_user_site_shadows(user_site: str, path: Sequence[str], distributions: Distributions) -> tuple[Twice, ...]:
    """The projects in the user site that shadow the same project later on the path."""
    listing = distributions.directory(user_site)
    if listing is None or user_site not in path:
        return ()
    later = [each for entry in path[path.index(user_site) + 1 :] if (each := distributions.directory(entry))]
    found = []
    for project, names in sorted(listing.projects.items()):
        hidden = [os.path.join(each.path, name) for each in later for name in each.projects.get(project, ())]
        if hidden:
            found.append(Twice(project=project, metadata=(os.path.join(user_site, names[0]), *hidden)))
    return tuple(found)


def read_stale_modules(
    system: ImportSystem,
    distributions: Distributions,
    *,
    started: float | None,
    since: Callable[[str], float | None],
) -> tuple[StaleModule, ...]:
    """The loaded top-level modules whose distribution changed after this process started, and which differ from it.

    ``since`` gives the earliest time at which a module can have been loaded.
    """
    if started is None:
        return ()
    return tuple(
        stale
        for metadata in distributions.all(installed_path(system))
        if (changed := changed_at(metadata)) is not None and changed >= started
        for stale in _stale_modules(metadata, since, system.modules, distributions)
    )


def _stale_modules(
    metadata: str,
    since: Callable[[str], float | None],
    modules: Mapping[str, object],
    distributions: Distributions,
) -> Iterator[StaleModule]:
    listed, top_level = distributions.files(metadata), distributions.content(metadata, "top_level.txt")
    facts = distributions.metadata(metadata)
    for name in top_level_names(listed, top_level):
        loaded = read_loaded(name, modules)
        if loaded is None or loaded.file is None:
            continue
        stale = read_stale(
            loaded,
            file=loaded.file,
            metadata=metadata,
            version=facts.version,
            since=since(name),
            distributions=distributions,
        )
        if stale:
            yield StaleModule(
                module=name, loaded_version=loaded.version, distribution=facts.name or "", version=facts.version
            )
