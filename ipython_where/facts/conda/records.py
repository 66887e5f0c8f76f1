"""The records of a conda prefix, `conda-meta/NAME-VERSION-BUILD.json`: which package owns a file.

What is installed stands in the files' names. Who owns a file is searched for as text in the records' lists, which are read
without parsing the rest: 400 records of 17 MB take 5 ms of CPU time, parsing them 800. A record is read again only when its
time, size or inode changes: rattler rewrites records in place, which the folder's time doesn't show.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ipython_where.facts.files import parse_json, read_bytes
from ipython_where.project_names import normalized
from ipython_where.value import dataclass

_START = re.compile(rb'"files"\s*:\s*\[')
_END = re.compile(rb'"\s*\]')
_BETWEEN = b" \t\r\n,["
_EMPTY = re.compile(rb"\s*\]")
_FIRST = 1 << 15
_MORE = 1 << 17
_LIMIT = 64_000_000
"""Bytes of a record: the largest real ones, of tens of thousands of files, have ten million."""

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRecord:
    """An installed conda package, by the name of its record; ``file`` is the record."""

    name: str
    version: str
    build: str
    file: str

    @property
    def shown(self) -> str:
        """Its name and version."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaDetails:
    """What only the record's content says. ``channel`` and ``url`` may hold a token: show them in a `Value` alone.

    ``requested_specs`` is None if the record doesn't have them: only rattler, pixi and new versions of conda write them.
    ``files`` is None if there is no such list.
    ``paths`` maps each file to its entry of ``paths_data``, which is empty in the records of an old conda.
    """

    channel: str | None
    url: str | None
    subdir: str | None
    depends: tuple[str, ...]
    constrains: tuple[str, ...]
    requested_specs: tuple[str, ...] | None
    files: tuple[str, ...] | None
    paths: dict[str, dict[str, Any]]


class _Lists(NamedTuple):
    """The list of one record: its JSON text between the brackets, each path in quotes; None if it can't be told.

    ``odd`` are the paths that JSON spells otherwise, as they are. ``is_whole``: the record ends as JSON does.
    """

    stamp: Stamp
    listed: bytes | None
    odd: frozenset[bytes] = frozenset()
    is_whole: bool = True


class CondaRecords:
    """The records of a prefix at one moment. Paths are bytes, relative to the prefix, with slashes.

    An owner is a `CondaRecord`. A record in ``unread`` may own any file.
    """

    def __init__(self, prefix: str, read: Sequence[tuple[CondaRecord, _Lists]]) -> None:
        self.prefix = prefix
        self.all = tuple(record for record, _ in read)
        self.unread = tuple(record for record, each in read if each.listed is None or not each.is_whole)
        self._read = tuple(each for _, each in read)

    def named(self, name: str) -> CondaRecord | None:
        """The record of a conda package; conda's names are compared as they are, but for case."""
        return self._names.get(name.lower())

    def named_like(self, project: str) -> CondaRecord | None:
        """The record whose package is called like a Python project: mostly, and not surely, the same."""
        return self._projects.get(normalized(project))

    @cached_property
    def _names(self) -> dict[str, CondaRecord]:
        return {each.name.lower(): each for each in self.all}

    @cached_property
    def _projects(self) -> dict[str, CondaRecord]:
        return {normalized(each.name): each for each in self.all}

    @cached_property
    def python_metadata(self) -> dict[bytes, CondaRecord]:
        """The metadata directories and egg-info files that conda lists, each with its package."""
        found: dict[bytes, CondaRecord] = {}
        for end, rest in ((b".dist-info", b"/METADATA"), (b".egg-info", b"/PKG-INFO"), (b".egg-info", b"")):
            words = end + rest + b'"'
            at = self._text.find(words)
            while at >= 0:
                begin = self._text.rfind(b'"', 0, at) + 1
                found[self._text[begin : at + len(end)]] = self.all[bisect_right(self._starts, at) - 1]
                at = self._text.find(words, at + 1)
        return found

    def path_of(self, file: str) -> bytes | None:
        """An absolute path as records spell it; None outside the prefix. Links in its folders are followed if need be."""
        inside = os.path.join(self.prefix, "")
        if not file.startswith(inside):
            inside = os.path.join(os.path.realpath(self.prefix), "")
            file = os.path.join(os.path.realpath(os.path.dirname(file)), os.path.basename(file))
        return os.fsencode(file[len(inside) :].replace(os.sep, "/")) if file.startswith(inside) else None

    def owners(self, path: bytes) -> tuple[CondaRecord, ...]:
        """Every record that lists a file: more than one where packages share it."""
        found = [*self._holding(b'"%b"' % path)] if _is_plain(path) else []
        found += [record for record, each in zip(self.all, self._read, strict=True) if path in each.odd]
        return tuple(dict.fromkeys(found))

    def owners_below(self, folder: bytes) -> tuple[CondaRecord, ...]:
        """Every record that lists a file in a folder, or in one of its folders."""
        start = folder.rstrip(b"/") + b"/"
        found = [*self._holding(b'"' + start)] if _is_plain(start) else []
        odd = zip(self.all, self._read, strict=True)
        found += [record for record, each in odd if any(path.startswith(start) for path in each.odd)]
        return tuple(dict.fromkeys(found))

    def beginning(self, start: bytes) -> dict[bytes, CondaRecord]:
        """The files whose paths begin like this, each with a record that lists it."""
        found: dict[bytes, CondaRecord] = {}
        for which, at in self._places(b'"' + start) if _is_plain(start) else ():
            found[self._text[at + 1 : self._text.index(b'"', at + 1)]] = self.all[which]
        for record, each in zip(self.all, self._read, strict=True):
            found |= {path: record for path in each.odd if path.startswith(start)}
        return found

    def owners_of(self, paths: Iterable[bytes]) -> dict[bytes, tuple[CondaRecord, ...]]:
        """The owners of many files at once; those without one are left out."""
        wanted = set(paths)
        if len(wanted) <= _FEW:
            found = ((path, self.owners(path)) for path in wanted)
            return {path: owners for path, owners in found if owners}
        listing: dict[bytes, list[CondaRecord]] = {}
        for record, paths in self.listings():
            for path in wanted.intersection(paths):
                listing.setdefault(path, []).append(record)
        return {path: tuple(each) for path, each in listing.items()}

    def files(self, record: CondaRecord) -> tuple[bytes, ...] | None:
        """All that a record lists; None if it can't be read."""
        return _paths(self._read[self.all.index(record)])

    def listings(self) -> Iterator[tuple[CondaRecord, tuple[bytes, ...]]]:
        """Each record that can be read, with all that it lists."""
        for record, each in zip(self.all, self._read, strict=True):
            paths = _paths(each)
            if paths is not None:
                yield record, paths

    def details(self, record: CondaRecord) -> CondaDetails | None:
        """What the content of a record says; None if it isn't a record."""
        return parse_record((read_bytes(record.file, _LIMIT) or b"").decode("utf-8", "replace"))

    def _holding(self, words: bytes) -> Iterator[CondaRecord]:
        """The records with these words where a path begins."""
        return (self.all[which] for which, _ in self._places(words, once=True))

    def _places(self, words: bytes, *, once: bool = False) -> Iterator[tuple[int, int]]:
        """Where these words begin a path: the number of the record, and the place in the text; ``once`` in each record."""
        is_doubtful = words[1:2] in _DOUBTFUL
        at = self._text.find(words)
        while at >= 0:
            which = bisect_right(self._starts, at) - 1
            # else they may begin with the closing quote of a path
            is_begin = not is_doubtful or self._text.count(b'"', self._starts[which], at) % 2 == 0
            if is_begin:
                yield which, at
            at = self._text.find(words, self._starts[which + 1] - 1 if once and is_begin else at + 1)

    @cached_property
    def _text(self) -> bytes:
        return b"\n".join(each.listed or b"" for each in self._read)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each record's text begins, and after them where the next one would."""
        starts = [0]
        for each in self._read:
            starts.append(starts[-1] + len(each.listed or b"") + 1)
        return starts


_DOUBTFUL = (b"", b'"', b",", b" ", b"\t", b"\r", b"\n", b"]")
"""What follows a closing quote, and hardly ever an opening one."""

_FEW = 8
"""Up to this many files, a search for each is quicker than taking every list apart."""


class CondaMeta:
    """Reads a prefix's records, and again only those that changed."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._now = CondaRecords(prefix, ())
        self._kept: dict[str, tuple[CondaRecord, _Lists]] = {}

    def records(self) -> CondaRecords:
        """The records as they are now: where none changed, the same as before."""
        folder = os.path.join(self.prefix, "conda-meta")
        stamps = dict(_stamps(folder))
        kept = self._kept
        if len(stamps) == len(kept) and all(
            name in kept and kept[name][1].stamp == each for name, each in stamps.items()
        ):
            return self._now
        self._kept = {name: self._of(folder, name, stamp) for name, stamp in sorted(stamps.items())}
        self._now = CondaRecords(self.prefix, tuple(self._kept.values()))
        return self._now

    def _of(self, folder: str, name: str, stamp: Stamp) -> tuple[CondaRecord, _Lists]:
        kept = self._kept.get(name)
        if kept is not None and kept[1].stamp == stamp:
            return kept
        record = parse_name(os.path.join(folder, name))
        return record, _read(record.file, stamp)


def parse_name(file: str) -> CondaRecord:
    """The package that a record is named after. conda splits the name like this, too, and accepts no other."""
    stem = os.path.basename(file).removesuffix(".json")
    name, version, build = (*stem.rsplit("-", 2), "", "")[:3]
    return CondaRecord(name=name, version=version, build=build, file=file)


def parse_record(text: str) -> CondaDetails | None:
    """The content of a record; what isn't of the expected kind is left out."""
    said = parse_json(text)
    if not isinstance(said, dict):
        return None
    listed = said.get("paths_data")
    entries = listed.get("paths") if isinstance(listed, dict) else None
    paths = {
        each["_path"]: each
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, dict) and isinstance(each.get("_path"), str)
    }
    return CondaDetails(
        channel=_text_in(said, "channel"),
        url=_text_in(said, "url"),
        subdir=_text_in(said, "subdir"),
        depends=_texts_in(said, "depends") or (),
        constrains=_texts_in(said, "constrains") or (),
        requested_specs=_texts_in(said, "requested_specs"),
        files=_texts_in(said, "files"),
        paths=paths,
    )


def _text_in(said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) and value else None


def _texts_in(said: dict[str, Any], key: str) -> tuple[str, ...] | None:
    value = said.get(key)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None


def _paths(read: _Lists) -> tuple[bytes, ...] | None:
    return (*read.listed.split(b'"')[1::2], *read.odd) if read.listed is not None else None


def _stamps(folder: str) -> Iterator[tuple[str, Stamp]]:
    """Every record with what shows that it changed; a broken link, or what is no file, with nothing."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    yield entry.name, _stamp(entry)
    except OSError:
        return


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    try:
        status = entry.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino) if stat.S_ISREG(status.st_mode) else (0, 0, 0)


def _read(file: str, stamp: Stamp) -> _Lists:
    """The list of a record. A backslash means that JSON spells a path otherwise than it is: that record is parsed."""
    unread = _Lists(stamp=stamp, listed=None)
    if not 0 < stamp[1] <= _LIMIT or os.path.basename(file).count("-") < 2:
        return unread
    try:
        descriptor = os.open(file, _FLAGS)
        try:
            listed = _listed(descriptor) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
            is_whole = _ends(descriptor, stamp[1])
        finally:
            os.close(descriptor)
    except OSError:
        return unread
    if listed is None or b"\\" in listed:
        return _parsed(file, stamp)
    return _Lists(stamp=stamp, listed=listed, is_whole=is_whole)


def _listed(descriptor: int) -> bytes | None:
    """The text of `files`, from its first quote to its last, read no further than that."""
    data = os.read(descriptor, _FIRST)
    start = _START.search(data)
    while start is None:
        more = os.read(descriptor, _MORE)
        if not more:
            return None
        data += more
        start = _START.search(data)
    begin = start.end()
    if _EMPTY.match(data, begin):
        return b""
    searched = begin
    while True:
        for end in _END.finditer(data, searched):
            # a path may contain `"]` only with a backslash, but may begin with `]`: then the quote opens it
            if data[end.start() - 1] not in _BETWEEN or data.count(b'"', begin, end.start() + 1) % 2 == 0:
                return data[begin : end.start() + 1]
        searched = max(begin, len(data) - 64)
        more = os.read(descriptor, _MORE)
        if not more:
            return None
        data += more


def _ends(descriptor: int, size: int) -> bool:
    """Whether the file ends with a brace: one that was cut off doesn't."""
    if not hasattr(os, "pread"):
        return True
    return os.pread(descriptor, 64, max(0, size - 64)).rstrip().endswith(b"}")


def _parsed(file: str, stamp: Stamp) -> _Lists:
    details = parse_record((read_bytes(file, _LIMIT) or b"").decode("utf-8", "replace"))
    if details is None or details.files is None:
        return _Lists(stamp=stamp, listed=None)
    paths = [_as_bytes(each.replace(os.sep, "/")) for each in details.files]
    plain = b"".join(b'"%b"' % each for each in paths if _is_plain(each))
    return _Lists(stamp=stamp, listed=plain, odd=frozenset(each for each in paths if not _is_plain(each)))


def _is_plain(path: bytes) -> bool:
    """Whether JSON spells a path as it is, and it can't be confused with what stands between two paths."""
    return b'"' not in path and b"\\" not in path


def _as_bytes(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")  # a name that isn't UTF-8, as Python writes it into JSON
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")
