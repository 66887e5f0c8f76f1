"""Finds a module in another environment as its own interpreter would, without starting that interpreter.

A user site (`~/.local/lib`) belongs to a user, not to an environment, so it is a candidate of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ipython_where.facts.distributions.distributions import Directory, Distributions
from ipython_where.facts.distributions.metadata import editable_root
from ipython_where.facts.distributions.stat_cache import StatCache
from ipython_where.facts.files import read_text
from ipython_where.facts.imports.path_entries import parse_pth
from ipython_where.facts.interpreters.pyvenv_cfg import read_pyvenv_cfg
from ipython_where.judge.pyvenv_cfg import sees_system
from ipython_where.model import Elsewhere
from ipython_where.project_names import normalized
from ipython_where.runner import Deadline
from ipython_where.value import dataclass

from .candidates import Candidate, Environments

# repeating a search costs one stat for each directory it visited
_installed = Distributions()
_kept = StatCache()


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The environments that have the module; ``unsearched`` counts the skipped ones, None if that is unknown.

    A skipped environment may have the module, so the answer must not say "nowhere" unless ``unsearched`` is 0.
    """

    found: tuple[Elsewhere, ...]
    unsearched: int | None = 0


def search(
    environments: Environments, module: str, projects: tuple[str, ...], deadline: Deadline | None = None
) -> Searched:
    """The environments that have the module or one of the projects, searched until the deadline."""
    found: list[Elsewhere] = []
    for index, candidate in enumerate(environments.found):
        if deadline is not None and not deadline.left():
            left = len(environments.found) - index
            return Searched(found=tuple(found), unsearched=left if environments.is_all else None)
        look = look_in(candidate, module, projects)
        if look is not None:
            found.append(look)
    return Searched(found=tuple(found), unsearched=0 if environments.is_all else None)


def look_in(candidate: Candidate, module: str, projects: tuple[str, ...]) -> Elsewhere | None:
    """The module's file and distribution in one environment, or None if it has neither.

    ``projects`` are the project names that may provide the module. A distribution is reported if its metadata lists the
    file, or if the module is missing but a project of that name is installed.
    """
    version = _python_version(candidate)
    if version is None:
        return None
    sites = list(_directories([candidate.site] if candidate.site else _sites(candidate.prefix, version)))
    entries = [*sites, *_path_files(sites)]
    place = _find_module(entries, module, version)
    if place is None and "." in module and _find_module(entries, module.partition(".")[0], version):
        return None  # the project is installed, but without this submodule
    wanted = {normalized(project) for project in projects} or {normalized(module)}
    likely = [f"{site.path}/{name}" for site in sites for project in wanted for name in site.named_like(project)]
    if place is None and not likely:
        return None
    name, found_version = _identify(each for each in likely if place is None or _claims(each, place))
    return Elsewhere(
        prefix=candidate.prefix,
        interpreter=candidate.interpreter,
        why=candidate.why,
        file=place.path if place else None,
        distribution=name,
        version=found_version,
    )


def projects_in(prefix: str, interpreter: str | None) -> Iterator[str]:
    """The names of what is installed in an environment, as its own metadata spells them."""
    version = _python_version(Candidate(prefix=prefix, interpreter=interpreter, why=""))
    sites = list(_sites(prefix, version)) if version is not None else []
    return (name for each in _installed.all(sites) if (name := _installed.metadata(each).name))


def _directories(paths: Iterable[str]) -> Iterator[Directory]:
    """The listings of the directories that exist."""
    return (found for path in paths if (found := _installed.directory(path)))


_LIBRARY = r"(?:python|pypy)\d\.\d+t?"


def _python_version(candidate: Candidate) -> str | None:
    """The name of the library folder, such as `python3.12` or `pypy3.10`; None if there is none or it is ambiguous.

    `Lib` stands for the Windows layout, which has no version in it.
    """
    if candidate.library is not None:
        return candidate.library
    library = _installed.directory(f"{candidate.prefix}/lib")
    names = [name for name in library.beginning("py") if re.fullmatch(_LIBRARY, name)] if library else []
    if len(names) > 1 and candidate.interpreter:
        real = os.path.basename(os.path.realpath(candidate.interpreter))
        names = [name for name in names if name == real]
    if len(names) == 1:
        return names[0]
    return "Lib" if os.path.isdir(os.path.join(candidate.prefix, "Lib", "site-packages")) else None


def _sites(prefix: str, version: str, seen: int = 0) -> Iterator[str]:
    if version == "Lib":  # Windows
        yield os.path.join(prefix, "Lib", "site-packages")
        return
    yield f"{prefix}/lib/{version}/site-packages"
    configuration = _configuration(prefix)
    if configuration is None:
        if not os.path.islink(
            os.path.join(prefix, "lib64")
        ):  # Fedora's; in a virtual environment `lib64` links to `lib`
            yield os.path.join(prefix, "lib64", version, "site-packages")
        if os.path.isdir(os.path.join(prefix, "lib/python3/dist-packages")):  # Debian
            local = os.path.join(prefix, "local/lib", version, "dist-packages")
            yield from (local, os.path.join(prefix, "lib/python3/dist-packages"))
    elif sees_system(configuration) and seen < 2:
        home = configuration.get("home", "")
        if os.path.isabs(home):
            yield from _sites(os.path.dirname(home), version, seen + 1)


def _configuration(prefix: str) -> Mapping[str, str] | None:
    return _kept.get(("pyvenv.cfg", prefix), lambda: [f"{prefix}/pyvenv.cfg"], lambda: read_pyvenv_cfg(prefix))


def _path_files(sites: Iterable[Directory]) -> Iterator[Directory]:
    """The directories that `.pth` files add, which is how old and path-style editable installs are found."""
    for site in sites:
        for name in site.pth_files:
            yield from _directories(_path_lines(f"{site.path}/{name}", site.path))


def _path_lines(file: str, site: str) -> Sequence[str]:
    return _kept.get(("pth", file), lambda: [file], lambda: parse_pth(read_text(file) or "", site))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a module is: a file, or a folder that is a portion of a namespace package."""

    path: str
    is_folder: bool


def _find_module(entries: Iterable[Directory], module: str, version: str) -> _Place | None:
    """The module's file, or the first folder of a namespace package: what that environment would import."""
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    for last, part in ((index == len(parts) - 1, part) for index, part in enumerate(parts)):
        namespace = []
        for entry in entries:
            found = _find_in(entry, part, version)
            if found is None:
                continue
            if not found.is_folder:
                if last:
                    return found
                folder, file = os.path.split(found.path)
                if not file.startswith("__init__."):
                    return None
                namespace = [folder]
                break
            namespace.append(found.path)
        if not namespace or last:
            return _Place(namespace[0], True) if namespace else None
        entries = list(_directories(namespace))
    return None


def _find_in(entry: Directory, name: str, version: str) -> _Place | None:
    """Looks in `FileFinder`'s order: a package, then a module file, then a folder (a namespace portion)."""
    inside = _installed.directory(f"{entry.path}/{name}") if name in entry.beginning(name) else None
    file = _best_file(inside, "__init__", version) if inside else None
    file = file or _best_file(entry, name, version)
    if file:
        return _Place(file, False)
    return _Place(inside.path, True) if inside else None


def _best_file(folder: Directory, stem: str, version: str) -> str | None:
    start = stem + "."
    files = [name for name in folder.beginning(start) if name.startswith(start)]
    ranked = sorted((rank, name) for name in files if (rank := _rank(name[len(start) :], version)) is not None)
    return next((path for _, name in ranked if os.path.isfile(path := f"{folder.path}/{name}")), None)


_TAGGED = r"(cpython|pypy|cp)-?(\d+t?)-.*\.(?:so|pyd)$"


def _rank(suffix: str, version: str) -> int | None:
    """The position of a suffix in that interpreter's list of loaders; None if it would not load such a file."""
    plain = {"py": 4, "pyc": 5, "so": 3, "abi3.so": 2, "pyd": 3}
    if suffix in plain:
        return plain[suffix]
    tag = re.match(_TAGGED, suffix)
    digits = version.replace("python", "").replace(".", "")
    if tag and tag[1] == "pypy":
        return 1 if version.startswith("pypy") and digits.endswith(tag[2]) else None
    return 1 if tag and (version == "Lib" or tag[2] == digits) else None


def _claims(metadata: str, place: _Place) -> bool:
    """Whether a distribution's metadata lists the file, or something in the namespace folder."""
    site = os.path.dirname(metadata)
    if place.path.startswith(f"{site}/"):
        lists = _installed.lists_below if place.is_folder else _installed.lists
        return _installed.keep(("claims", metadata, place.path), [site], lambda: lists(metadata, place.path, site))
    folder = editable_root(_installed.content(metadata, "direct_url.json"))
    return folder is not None and os.path.realpath(place.path).startswith(os.path.realpath(folder) + os.sep)


def _identify(owners: Iterable[str]) -> tuple[str | None, str | None]:
    """The name and version from the metadata; no version if two metadata directories of one name disagree."""
    stated = {(said.name, said.version) for said in map(_installed.metadata, owners)}
    if len(stated) == 1:
        return stated.pop()
    names = {name for name, _ in stated}
    return (names.pop() if len(names) == 1 else None), None
