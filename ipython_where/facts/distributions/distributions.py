"""The distributions installed along a path. Reads metadata directories as bytes, and only those that a question needs.

`importlib.metadata.packages_distributions` reads every file of every distribution to name one owner. This module lists
a directory once (and again when its modification time changes), starts with the metadata directories named like the
module, and stops at the first RECORD that lists the module's file: that is the proof.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ipython_where.facts.files import LIMIT
from ipython_where.project_names import METADATA_SUFFIXES, normalized

from .directory import Directory, project_of
from .integrity import Gone, Look, cut_off, emptied, has_its_sizes, look_at
from .inventory import Claims, Inventory, RecordInventory
from .metadata import END, Metadata, parse_identity, parse_metadata, parse_requires_python, top_level_names
from .record import FLAGS
from .stat_cache import SETTLED_NS, changed_ns
from .wanted import Wanted, relative

if TYPE_CHECKING:
    from ipython_where.facts.conda.records import CondaMeta, CondaRecords

__all__ = ["Directory", "Distributions", "normalized", "project_of"]

T = TypeVar("T")

HEADER = 8_192
"""Bytes to read first: the headers of nearly every METADATA fit in them."""

PROJECTS_OF = {
    "cv2": ("opencv_python", "opencv_python_headless", "opencv_contrib_python", "opencv_contrib_python_headless"),
    "yaml": ("pyyaml",),
    "PIL": ("pillow",),
    "sklearn": ("scikit_learn",),
    "skimage": ("scikit_image",),
    "bs4": ("beautifulsoup4",),
    "dateutil": ("python_dateutil",),
    "zmq": ("pyzmq",),
    "git": ("gitpython",),
    "OpenSSL": ("pyopenssl",),
    "Crypto": ("pycryptodome",),
    "pkg_resources": ("setuptools",),
    "attr": ("attrs",),
    "jwt": ("pyjwt",),
    "dotenv": ("python_dotenv",),
    "serial": ("pyserial",),
}
"""Where to look first if module and project names differ: it sets the reading order, never the answer."""


class Distributions:
    """What is installed along a path. Listings and answers are cached until their directories change."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._inventory: Inventory = RecordInventory(self.content)
        self._directories: dict[str, Directory] = {}
        self._kept: dict[tuple[str, ...], tuple[tuple[int, ...], Any]] = {}
        self._looks: dict[str, tuple[Look, tuple[int, ...]]] = {}
        self._condas: dict[str, CondaMeta] = {}

    def directory(self, path: str) -> Directory | None:
        """The current listing of ``path``; None if it is not a readable directory."""
        try:
            mtime_ns = os.stat(path).st_mtime_ns
            known = self._directories.get(path)
            if known is not None and known.mtime_ns == mtime_ns and known.settled:
                return known
            names = os.listdir(path)
        except (OSError, ValueError):  # a NUL in the path
            self._directories.pop(path, None)
            return None
        settled = self._clock() - mtime_ns > SETTLED_NS
        found = self._directories[path] = Directory(path, mtime_ns, names, settled=settled)
        return found

    def conda(self, prefix: str) -> CondaRecords:
        """The records of a prefix by conda as they are now; none where conda made nothing."""
        from ipython_where.facts.conda.records import CondaMeta  # most environments have none

        if prefix not in self._condas:
            self._condas[prefix] = CondaMeta(prefix)
        return self._condas[prefix].records()

    def keep(self, question: tuple[str, ...], path: Iterable[str], answer: Callable[[], T]) -> T:
        """An answer, computed once and cached until a directory that it was read from changes.

        Only answers are cached: the files themselves would be tens of megabytes in a big environment.
        """
        directories = [self.directory(entry) for entry in path]
        stamp = tuple(each.mtime_ns if each else 0 for each in directories)
        kept = self._kept.get(question)
        if kept is not None and kept[0] == stamp:
            return cast(T, kept[1])
        found = answer()
        if all(each is None or each.settled for each in directories):
            self._kept[question] = (stamp, found)
        return found

    def owner(self, file: str, *, module: str, location: str) -> str | None:
        """The path of a metadata directory in ``location`` whose RECORD lists ``file``; None if none does.

        This is the cheapest proof: it tries the names most like the module's first and stops at the first that lists
        the file. `owners` reads them all, to see whether several claim it.
        """
        return self.keep(("owner", file, location), [location], lambda: self._first_owner(file, module, location))

    def _first_owner(self, file: str, module: str, location: str) -> str | None:
        directory = self.directory(location)
        candidates = self._candidates(directory, module) if directory else iter(())
        path = relative(file, location)
        return next((each for each in candidates if self._lists(each, path)), None)

    def _named_like(self, directory: Directory, module: str) -> Iterator[str]:
        top, _, rest = module.partition(".")
        for guess in (*((normalized(module),) if rest else ()), normalized(top), *PROJECTS_OF.get(top, ())):
            for name in directory.named_like(guess):
                yield os.path.join(directory.path, name)

    def _candidates(self, directory: Directory, module: str) -> Iterator[str]:
        tried = set()
        for path in self._named_like(directory, module):
            tried.add(os.path.basename(path))
            yield path
        wanted = normalized(module.partition(".")[0])
        others = [name for name in directory.metadata if name not in tried]
        others.sort(key=lambda name: wanted not in project_of(name))
        for name in others:
            yield os.path.join(directory.path, name)

    def owners(self, file: str, *, location: str) -> tuple[str, ...]:
        """Every metadata directory in ``location`` that lists ``file``, sorted by name."""
        return self._claims(file, location).listing

    def silent(self, file: str, *, location: str) -> tuple[str, ...]:
        """The metadata directories in ``location`` without a list of files: any of them may own ``file``."""
        return self._claims(file, location).silent

    def _claims(self, file: str, location: str) -> Claims:
        return self.keep(
            ("owners", file, location),
            [location],
            lambda: self._inventory.claims(self.all([location]), relative(file, location)),
        )

    def owners_of(self, files: Iterable[str], *, location: str) -> dict[str, tuple[str, ...]]:
        """The `owners` of many files at once, which reads each list once; files without one are left out."""
        known: dict[str, tuple[str, ...]] = self.keep(("owners of", location), [location], dict)
        files = tuple(files)
        new = [each for each in files if each not in known]
        if new:
            found = self._owners_of(new, location)
            known.update((each, tuple(found.get(each, ()))) for each in new)
        return {each: known[each] for each in files if known[each]}

    def _owners_of(self, files: Sequence[str], location: str) -> dict[str, list[str]]:
        wanted = Wanted(files, location)
        found: dict[str, list[str]] = {}
        for metadata in self.all([location]):
            listed = self.files(metadata)
            # without a list, `top_level.txt` may name them
            sure, doubtful = ((), wanted.paths()) if listed is None else wanted.among(listed)
            for file in (*sure, *(each for each, path in doubtful.items() if self._lists(metadata, path))):
                found.setdefault(file, []).append(metadata)
        return found

    def listing_any(self, files: Iterable[str], *, location: str) -> dict[str, tuple[str, ...]]:
        """The metadata directories in ``location`` that list any of ``files``, each with the ones it lists."""
        files = tuple(files)
        wanted = Wanted(files, location)
        found = {each: wanted.among(self._files(each))[0] for each in (self.all([location]) if files else ())}
        return {metadata: listed for metadata, listed in found.items() if listed}

    def owners_below(self, folder: str, *, location: str) -> tuple[str, ...]:
        """Every metadata directory in ``location`` with a file below ``folder``: a namespace's contributors."""
        return self.keep(
            ("below", folder, location),
            [location],
            lambda: tuple(each for each in self.all([location]) if self.lists_below(each, folder, location)),
        )

    def listing_module(self, module: str, *, location: str) -> tuple[str, ...]:
        """Every metadata directory in ``location`` that lists the file or the folder of ``module``."""
        path = re.escape(module.replace(".", "/").encode())
        pattern = re.compile(rb'\n"?' + path + rb"(?:/|\.(?:py|pyc|(?:[^/,\n]*\.)?(?:so|pyd)),)")
        found = (each for each in self.all([location]) if pattern.search(b"\n" + self._files(each)))
        return self.keep(("listing", module, location), [location], lambda: tuple(found))

    def lists_below(self, metadata: str, folder: str, location: str) -> bool:
        """Whether a metadata directory lists a file below ``folder``."""
        start, files = relative(folder, location) + b"/", self._files(metadata)
        return files.startswith(start) or b"\n" + start in files

    def lists(self, metadata: str, file: str, location: str) -> bool:
        """Whether a metadata directory lists ``file``, in RECORD or in what older installers wrote instead."""
        return self._lists(metadata, relative(file, location))

    def row(self, metadata: str, file: str, location: str) -> bytes | None:
        """The hash and size that a metadata directory lists for ``file``, with a comma between them."""
        try:
            return self._inventory.row(metadata, relative(file, location))
        except ValueError:  # on another drive
            return None

    def _lists(self, metadata: str, relative: bytes) -> bool:
        return self._inventory.lists(metadata, relative)

    def files(self, metadata: str) -> bytes | None:
        """The files that a distribution lists, as lines of a plain RECORD; None if it does not list them."""
        return self._inventory.files(metadata)

    def gone(self, metadata: str) -> Gone | None:
        """The listed files that are missing from disk; None if all exist, or if nothing is known about them.

        A distribution without a list may still name its modules in `top_level.txt`; they count only if all are missing.
        """
        look = self._look(metadata)
        return look.gone if look is not None else self._gone_by_name(metadata)

    def is_whole(self, metadata: str) -> bool:
        """Whether all listed files exist, and none is truncated or emptied; also if nothing is known about them."""
        look = self._look(metadata)
        if look is None:
            return self._gone_by_name(metadata) is None
        return look.gone is None and not _damaged(self._inventory.base(metadata), look.sized, look.code)

    def cut_off(self, metadata: str, file: str | None = None) -> tuple[str, ...]:
        """The truncated or emptied files of a distribution, which no import can use; checks ``file`` too."""
        look, location = self._look(metadata), self._inventory.base(metadata)
        if look is None:
            return ()
        sized = dict(look.sized)
        row = self.row(metadata, file, location) if file is not None else None
        size = (row or b"").rpartition(b",")[2]
        if file is not None and size.isdigit() and int(size):
            sized[os.fsdecode(relative(file, location))] = int(size)
        return _damaged(location, tuple(sized.items()), tuple(each for each in look.code if each not in sized))

    def listing_code(self, module: str, *, location: str) -> tuple[str, ...]:
        """Every metadata directory in ``location`` that lists code of exactly this ``module``, with any suffix."""
        path = re.escape(module.replace(".", "/").encode())
        pattern = re.compile(rb'\n"?' + path + rb"(?:/__init__)?\.(?:[^/,\n]*\.)?(?:py|so|pyd),")
        found = (each for each in self.all([location]) if pattern.search(b"\n" + self._files(each)))
        return self.keep(("code", module, location), [location], lambda: tuple(found))

    def _look(self, metadata: str) -> Look | None:
        """A check of its files on disk, cached while they stand; None if it does not list them."""
        record = self._inventory.record(metadata)
        kept = self._looks.get(metadata)
        if kept is not None and kept[1] == _times((record, *kept[0].folders)):
            return kept[0]
        self._looks.pop(metadata, None)
        files = self.files(metadata)
        if files is None:
            return None
        before = self._clock()
        look = look_at(self._inventory.base(metadata), files, record=metadata)
        times = _times((record, *look.folders))
        if not look.has_links and before - max(times) > SETTLED_NS:
            self._looks[metadata] = (look, times)
        return look

    def _gone_by_name(self, metadata: str) -> Gone | None:
        names = top_level_names(None, self.content(metadata, "top_level.txt"))
        listing = self.directory(os.path.dirname(metadata))
        if listing is None:
            return None
        there = {each.partition(".")[0] for each in listing.names if not each.endswith(METADATA_SUFFIXES)}
        return Gone(listed=len(names), files=names) if names and there.isdisjoint(names) else None

    def contradict(self, twins: Sequence[str]) -> bool:
        """Whether several metadata directories of one project contradict each other.

        An egg-info beside another kind of metadata directory of the same version does not: Debian's
        `python3-cryptography` has both.
        """
        is_same = len({self.metadata(each).version for each in twins}) == 1
        return len(twins) > 1 and not (is_same and len({each.rpartition(".")[2] for each in twins}) == len(twins))

    def has_list(self, metadata: str) -> bool:
        """Whether a distribution lists its files; right after a check of them this costs no read."""
        return metadata in self._looks or self.files(metadata) is not None

    def true_one(self, twins: Sequence[str]) -> str | None:
        """The one of a project's metadata directories whose files match its list; None unless exactly one does."""
        said = ((each, self._inventory.base(each), self.files(each)) for each in twins)
        found = [each for each, base, files in said if files is not None and has_its_sizes(base, files, record=each)]
        return found[0] if len(found) == 1 else None

    def _files(self, metadata: str) -> bytes:
        return self.files(metadata) or b""

    def content(self, metadata: str, name: str) -> bytes | None:
        """The bytes of one file in a metadata directory; None if there is no such file."""
        return _read(f"{metadata}/{name}")

    def metadata(self, metadata: str) -> Metadata:
        """What METADATA (or PKG-INFO, or an egg-info file) says, with gaps filled from the directory's name."""
        time = str(changed_ns(f"{metadata}/METADATA"))  # editing a file leaves its directory's time unchanged
        return self.keep(
            ("metadata", metadata, time), [os.path.dirname(metadata)], lambda: self._read_metadata(metadata)
        )

    def identity(self, metadata: str) -> Metadata:
        """The name and the version alone, which takes half the time."""
        return parse_identity(_read_headers(metadata), os.path.basename(metadata))

    def headers(self, metadata: str) -> bytes | None:
        """The headers of METADATA, or of what older installers wrote, mostly without the description after them."""
        return _read_headers(metadata)

    def _read_metadata(self, metadata: str) -> Metadata:
        return parse_metadata(_read_headers(metadata), os.path.basename(metadata))

    def requires_python(self, metadata: str) -> str | None:
        """The Requires-Python of a distribution; None if it gives none."""
        return parse_requires_python(_read_headers(metadata))

    def find(self, project: str, path: Sequence[str]) -> tuple[str, ...]:
        """The metadata directories of ``project`` along ``path``, the effective one first."""
        name = normalized(project)
        found = []
        for entry in path:
            directory = self.directory(entry)
            if directory is not None:
                found += [os.path.join(entry, each) for each in directory.named_like(name)]
        return tuple(found)

    def all(self, path: Iterable[str]) -> Iterator[str]:
        """Every metadata directory along ``path``, in path order, sorted by name within an entry."""
        for entry in dict.fromkeys(path):
            directory = self.directory(entry)
            if directory is not None:
                inside = os.path.join(entry, "")
                yield from [inside + name for name in sorted(directory.metadata)]

    def required_by(self, project: str, path: Sequence[str]) -> tuple[str, ...]:
        """The names of the distributions along ``path`` that require ``project``, not counting extras."""
        return self.keep(("required by", normalized(project)), path, lambda: self._required_by(project, path))

    def _required_by(self, project: str, path: Sequence[str]) -> tuple[str, ...]:
        found = {
            self.identity(metadata).name or project_of(os.path.basename(metadata))
            for metadata, rests in self.requirements_of([project], path)
            if not all(map(_only_for_an_extra, rests))
        }
        return tuple(sorted(found, key=str.lower))

    def requirements_of(self, projects: Iterable[str], path: Iterable[str]) -> Iterator[tuple[str, list[bytes]]]:
        """The metadata directories along ``path`` that require one of ``projects``, for an extra or not.

        Each comes with the text after the name in every such requirement, in lower case.
        """
        names = [normalized(each).encode() for each in projects]
        words = [each.partition(b"_")[0] for each in names]
        spelled = b"|".join(re.escape(each).replace(b"_", rb"[-_.]+") for each in names)
        pattern = re.compile(rb"\nrequires-dist[ \t]*:\s*(?:" + spelled + rb")(?![-_.\w])([^\r\n]*)")
        for entry in dict.fromkeys(path):
            for metadata, required in self._requirements(entry):
                # few contain the word at all, and a substring search is quick
                if any(word in required for word in words) and (rests := pattern.findall(required)):
                    yield metadata, rests

    def _requirements(self, entry: str) -> list[tuple[str, bytes]]:
        """The headers of each distribution in a path entry, in lower case, from the first requirement on.

        Cached, because the next question is often about another project.
        """

        def read() -> list[tuple[str, bytes]]:
            texts = ((metadata, b"\n" + (_read_headers(metadata) or b"").lower()) for metadata in self.all([entry]))
            headers = ((metadata, END.split(text, 1)[0]) for metadata, text in texts)
            return [(each, header[at:]) for each, header in headers if (at := header.find(b"\nrequires-dist")) >= 0]

        return self.keep(("requirements", entry), [entry], read)


def _damaged(location: str, sized: Sequence[tuple[str, int]], code: Sequence[str]) -> tuple[str, ...]:
    return (*cut_off(location, sized), *emptied(location, code))


def _times(paths: Iterable[str]) -> tuple[int, ...]:
    """The modification time of each path (ns); 0 if it is missing."""
    return tuple(map(changed_ns, paths))


def _only_for_an_extra(rest: bytes) -> bool:
    return re.search(rb";.*\bextra\s*==", rest) is not None


def _read_headers(metadata: str) -> bytes | None:
    """The headers of METADATA, PKG-INFO or the egg-info file that distutils wrote instead of a directory.

    Reads the whole file, description included, only if the first bytes do not hold all headers. None if none of them
    exists.
    """
    for path in (f"{metadata}/METADATA", f"{metadata}/PKG-INFO", metadata):
        begun = _read(path, HEADER)
        if begun is not None:
            return begun if len(begun) < HEADER or b"\n\n" in begun else _read(path)
    return None


def _read(path: str, most: int | None = None) -> bytes | None:
    try:
        descriptor = os.open(path, FLAGS)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(descriptor)
        size = status.st_size
        if not stat.S_ISREG(status.st_mode) or size > LIMIT:
            return None
        if most is not None:
            return os.read(descriptor, most)
        content = os.read(descriptor, size + 1)
        while len(content) < size and (more := os.read(descriptor, size - len(content))):
            content += more
        return content
    except OSError:
        return None
    finally:
        os.close(descriptor)
