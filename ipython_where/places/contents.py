"""What another environment has of a module: found as its own interpreter would find it, without starting that.

A user site (`~/.local/lib`) belongs to a user and not to an environment, and is not looked into.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..model import Elsewhere
from ..modules.distributions import normalized
from ..modules.metadata import editable_root, parse_metadata
from ..modules.path_entries import parse_pth
from .files import list_directory, read_bytes, read_text
from .others import Candidate
from .prefixes import read_pyvenv_cfg

_HEADER = 8192  # bytes of a METADATA file that hold its name and version


@dataclass(frozen=True, slots=True)
class _Entry:
    """A directory that the environment's interpreter has on its path, as one listing tells it.

    ``metadata`` has the names of the `*.dist-info` and `*.egg-info` in it, sorted; ``begins`` has them in
    one text, in lower case and each after a line break: most environments have nothing of a name, and say so by this.
    """

    path: str
    names: frozenset[str]
    path_files: tuple[str, ...]
    metadata: tuple[str, ...]
    begins: str


_scanned: dict[str, tuple[int, _Entry]] = {}
"""Each directory's last listing with the `mtime_ns` it had then: a search warm costs a stat for each."""


def _scan(path: str) -> _Entry:
    try:
        stamp = os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return _Entry(path, frozenset(), (), (), "")
    known = _scanned.get(path)
    if known is None or known[0] != stamp:
        known = _scanned[path] = (stamp, _parse_listing(path, list_directory(path)))
    return known[1]


def _parse_listing(path: str, names: list[str]) -> _Entry:
    metadata = tuple(sorted([name for name in names if name.endswith((".dist-info", ".egg-info"))]))
    path_files = tuple(sorted(name for name in names if name.endswith(".pth") and not name.startswith(".")))
    return _Entry(path, frozenset(names), path_files, metadata, "\n" + "\n".join(metadata).lower())


def search(candidates: Iterable[Candidate], module: str, projects: tuple[str, ...]) -> tuple[Elsewhere, ...]:
    """Those of the environments that have the module or one of the projects."""
    return tuple(found for one in candidates if (found := look_in(one, module, projects)))


def look_in(candidate: Candidate, module: str, projects: tuple[str, ...]) -> Elsewhere | None:
    """What the environment has of the module and the projects, or None when it has neither.

    ``projects`` are the project names that may provide it. The distribution is told when its records claim the file,
    or when there is no such module and a project of that name is installed.
    """
    version = _python_version(candidate)
    if version is None:
        return None
    sites = [_scan(path) for path in _sites(candidate.prefix, version)]
    entries = [*sites, *_path_files(sites)]
    place = _find_module(entries, module, version)
    if place is None and "." in module and _find_module(entries, module.partition(".")[0], version):
        return None  # the project is there, and this part of it is not
    wanted = {normalized(project) for project in projects} or {normalized(module)}
    records = [r for site in sites for r in _records(site, wanted)]
    if place is None and not records:
        return None
    owners = [r for r in records if _claims(r, place)] if place else records
    name, found_version = _identify(owners)
    return Elsewhere(
        prefix=candidate.prefix,
        interpreter=candidate.interpreter,
        why=candidate.why,
        file=place,
        distribution=name,
        version=found_version,
    )


_LIBRARY = re.compile(r"(?:python|pypy)\d\.\d+t?")


def _python_version(candidate: Candidate) -> str | None:
    """`3.12` or `pypy3.10` as in the name of the library folder; None when several interpreters could be meant."""
    names = [
        n for n in list_directory(os.path.join(candidate.prefix, "lib")) if n.startswith("py") and _LIBRARY.fullmatch(n)
    ]
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
    yield os.path.join(prefix, "lib", version, "site-packages")
    if not os.path.islink(os.path.join(prefix, "lib64")):  # Fedora's; in a virtual environment a link to `lib`
        yield os.path.join(prefix, "lib64", version, "site-packages")
    configuration = read_pyvenv_cfg(prefix)
    if configuration is None:
        if os.path.isdir(os.path.join(prefix, "lib/python3/dist-packages")):  # Debian
            local = os.path.join(prefix, "local/lib", version, "dist-packages")
            yield from (local, os.path.join(prefix, "lib/python3/dist-packages"))
    elif configuration.get("include-system-site-packages", "").lower() == "true" and seen < 2:
        home = configuration.get("home", "")
        if os.path.isabs(home):
            yield from _sites(os.path.dirname(home), version, seen + 1)


def _path_files(sites: Iterable[_Entry]) -> Iterator[_Entry]:
    """The directories that `.pth` files add: so old and path-style editable installs are found too."""
    for site in sites:
        for name in site.path_files:
            for path in _path_lines(os.path.join(site.path, name)):
                if os.path.isdir(path):
                    yield _scan(path)


_path_file_lines: dict[str, tuple[int, tuple[str, ...]]] = {}


def _path_lines(file: str) -> tuple[str, ...]:
    try:
        stamp = os.stat(file).st_mtime_ns
    except (OSError, ValueError):
        return ()
    known = _path_file_lines.get(file)
    if known is None or known[0] != stamp:
        known = _path_file_lines[file] = (stamp, tuple(parse_pth(read_text(file) or "", os.path.dirname(file))))
    return known[1]


def _find_module(entries: Iterable[_Entry], module: str, version: str) -> str | None:
    """Its file, or the first folder of a namespace package, as the environment's own import system would choose."""
    parts = module.split(".")
    if not all(part.isidentifier() for part in parts):
        return None
    for last, part in ((index == len(parts) - 1, part) for index, part in enumerate(parts)):
        namespace = []
        for entry in entries:
            file = _find_in(entry, part, version)
            if file is None:
                continue
            if not os.path.isdir(file):
                if last:
                    return file
                folder = os.path.dirname(file)
                if not os.path.basename(file).startswith("__init__."):
                    return None
                namespace = [folder]
                break
            namespace.append(file)
        if not namespace or last:
            return namespace[0] if namespace else None
        entries = [_scan(path) for path in namespace]
    return None


def _find_in(entry: _Entry, name: str, version: str) -> str | None:
    """In the order of `importlib`'s `FileFinder`: a package, a module's file, a folder (a namespace's portion)."""
    folder = os.path.join(entry.path, name)
    is_folder = name in entry.names and os.path.isdir(folder)
    if is_folder:
        file = _best_file(folder, "__init__", list_directory(folder), version)
        if file:
            return file
    file = _best_file(entry.path, name, entry.names, version)
    return file or (folder if is_folder else None)


def _best_file(folder: str, stem: str, names: Iterable[str], version: str) -> str | None:
    start = stem + "."
    files = [name for name in names if name.startswith(start)]
    ranked = sorted((rank, name) for name in files if (rank := _rank(name[len(start) :], version)) is not None)
    return next((path for _, name in ranked if os.path.isfile(path := os.path.join(folder, name))), None)


def _rank(suffix: str, version: str) -> int | None:
    """Where the suffix stands in that interpreter's list of loaders; None when it would not load such a file."""
    plain = {"py": 4, "pyc": 5, "so": 3, "abi3.so": 2, "pyd": 3}
    if suffix in plain:
        return plain[suffix]
    tag = re.match(r"(cpython|pypy|cp)-?(\d+t?)-.*\.(?:so|pyd)$", suffix)
    digits = version.replace("python", "").replace(".", "")
    if tag and tag[1] == "pypy":
        return 1 if version.startswith("pypy") and digits.endswith(tag[2]) else None
    return 1 if tag and (version == "Lib" or tag[2] == digits) else None


# -- whose is it -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    """A metadata directory or file of one distribution."""

    site: str
    path: str


def _records(site: _Entry, wanted: set[str]) -> Iterator[_Record]:
    for project in sorted(wanted):
        word = project.partition("_")[0]
        if f"\n{word}" not in site.begins:
            continue
        length, initials = len(word), (word[:1], word[:1].upper())
        alike = (name for name in site.metadata if name.startswith(initials))
        for name in [name for name in alike if name[:length].lower() == word]:
            stem = name.rpartition(".")[0]
            if project in (normalized(stem.partition("-")[0]), normalized(stem)):
                yield _Record(site.path, os.path.join(site.path, name))


def _claims(record: _Record, place: str) -> bool:
    """Whether the distribution's own records say that the file (or something in the namespace's folder) is its own."""
    relative = os.path.relpath(place, record.site).replace(os.sep, "/")
    if not relative.startswith("../"):
        if record.path.endswith(".egg-info"):
            top = relative.partition("/")[0].partition(".")[0]
            return top in (read_text(os.path.join(record.path, "top_level.txt")) or "").split()
        listed, path = b"\n" + (read_bytes(os.path.join(record.path, "RECORD")) or b""), os.fsencode(relative)
        if os.path.isdir(place):
            return b"\n%b/" % path in listed
        return b"\n%b," % path in listed or b'\n"%b",' % path in listed
    folder = editable_root(read_bytes(os.path.join(record.path, "direct_url.json")))
    return folder is not None and os.path.realpath(place).startswith(os.path.realpath(folder) + os.sep)


def _identify(records: list[_Record]) -> tuple[str | None, str | None]:
    """The name and the version that the metadata states; two distributions of one name have no certain version."""
    stated = {_read_identity(record.path) for record in records}
    if len(stated) == 1:
        return stated.pop()
    names = {name for name, _ in stated}
    return (names.pop() if len(names) == 1 else None), None


def _read_identity(path: str) -> tuple[str | None, str | None]:
    is_file = not os.path.isdir(path)
    file = path if is_file else os.path.join(path, "METADATA" if path.endswith(".dist-info") else "PKG-INFO")
    said = parse_metadata(read_bytes(file, _HEADER), os.path.basename(path))
    return said.name, said.version
