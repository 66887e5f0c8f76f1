"""Checks that the files a distribution lists exist, because metadata is a claim and a file is a fact.

Counts packages and modules with their data. Skips bytecode, which Python rewrites; stubs, which it never reads; and
tests, which people delete to build small images. Files listed elsewhere were often moved on purpose: Debian's `distro`
lists a `scripts-3.10/distro` that never existed, and `pip install --target` lists scripts where they are not.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence

from ipython_where.facts.files import read_bytes
from ipython_where.value import dataclass

_UNCOUNTED = (b".pyc", b".pyo", b".pyi")
_MODULES = (b".py", b".so", b".pyd")
_MANY = 5
"""From this many files in a folder on, one listing is faster than a stat for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """How many files a distribution lists, and which of them are missing, relative to its directory."""

    listed: int
    files: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether nothing but its metadata is left."""
        return len(self.files) == self.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The result of checking a distribution's files.

    ``sized`` are the files whose size is compared, with the recorded size; ``code`` are the other modules with a
    recorded size above zero. While the times of ``folders`` stand, the result stands too, unless ``has_links``: a
    link's target can vanish without a trace in them.
    """

    gone: Gone | None
    sized: tuple[tuple[str, int], ...]
    code: tuple[str, ...]
    folders: tuple[str, ...]
    has_links: bool


def look_at(location: str, files: bytes, *, record: str) -> Look:
    """Check that the listed ``files`` exist below ``location`` (both from an `Inventory`); ``record`` is their list."""
    counted = by_folder(files, os.path.relpath(record, location))
    missing: list[bytes] = []
    has_links = False
    for folder, names in counted.items():
        for name in _not_listed(location, folder, names):
            path = os.path.join(os.fsencode(location), folder, name)
            has_links = has_links or os.path.islink(path)
            if _is_gone(path):
                missing.append(folder + name)
    listed = sum(map(len, counted.values()))
    sized, code = _sized(files, counted)
    return Look(
        gone=Gone(listed=listed, files=tuple(os.fsdecode(each) for each in missing)) if missing else None,
        sized=sized,
        code=code,
        folders=tuple(os.path.join(location, os.fsdecode(folder)) for folder in counted),
        has_links=has_links,
    )


def by_folder(files: bytes, own: str) -> Mapping[bytes, Sequence[bytes]]:
    """The file names that must exist, by folder; ``own`` is the relative path of the record itself."""
    found: dict[bytes, list[bytes]] = {}
    packages = {b""}
    inside, last, names = own.encode(), b"/", None
    for line in files.split(b"\n"):
        path = _unquoted(line) if line[:1] == b'"' else line.partition(b",")[0]
        if path.endswith(_UNCOUNTED):
            continue
        folder, _, name = path.rpartition(b"/")
        if folder != last:
            last, names = folder, None if _is_uncounted(folder, inside) else found.setdefault(folder, [])
        if names is not None and name:
            names.append(name)
            if name.endswith(_MODULES) or b".so." in name:  # auditwheel puts what they need into a folder of its own
                packages.add(folder.partition(b"/")[0])
    return {
        folder + b"/" if folder else b"": names
        for folder, names in found.items()
        if names and folder.partition(b"/")[0] in packages
    }


def _sized(
    files: bytes, counted: Mapping[bytes, Sequence[bytes]]
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """The modules whose size is compared, with it, and the others with a size above zero that must exist.

    A package can't work without the first ones: its `__init__.py` and compiled modules. Opening all others costs too much.
    """
    own: list[tuple[str, int]] = []
    code: list[bytes] = []
    for line in files.split(b"\n"):
        path, _, rest = line.partition(b",")
        path = path.strip(b'"')
        size = rest.partition(b",")[2].rstrip(b"\r") if path.endswith(_MODULES) else b""
        if not size.isdigit() or not int(size):
            continue
        folder = path[: path.rfind(b"/") + 1]
        if not path.endswith(b".py") or _is_first(folder, path):
            own.append((os.fsdecode(path), int(size)))
        elif folder in counted:
            code.append(path)
    return tuple(own), tuple(os.fsdecode(b"\n".join(code)).split("\n")) if code else ()


def _is_first(folder: bytes, path: bytes) -> bool:
    """Whether a source file is a module of its own, or makes a folder a package."""
    return not folder or (path.endswith(b"/__init__.py") and folder.count(b"/") == 1)


def _unquoted(line: bytes) -> bytes:
    return line[1:].rpartition(b'"')[0].replace(b'""', b'"')


def _is_uncounted(folder: bytes, inside: bytes) -> bool:
    path = folder + b"/"
    return path.startswith((b"../", inside + b"/")) or b"/tests/" in path or b"/test/" in path


def _not_listed(location: str, folder: bytes, names: Sequence[bytes]) -> Sequence[bytes]:
    """The names that still need a check of their own; for many files, one listing rules out nearly all of them."""
    if not folder or len(names) < _MANY:
        return names
    try:
        with os.scandir(os.path.join(os.fsencode(location), folder)) as entries:
            present = {each.name for each in entries if each.is_file(follow_symlinks=False)}
    except (OSError, ValueError):  # checking each file shows why
        return names
    return [name for name in names if name not in present]


def cut_off(location: str, sized: Sequence[tuple[str, int]]) -> Iterator[str]:
    """The files, relative to ``location``, that can't be complete, because of their size or because they hold zeros.

    A full disk or a lost connection leaves such files, and the import system trusts their names. Source of another size
    may be the user's own edit, and a compiled file that `strip` or `patchelf` changed is complete.
    """
    for path, recorded in sized:
        file = os.path.join(location, path)
        try:
            size = os.stat(file).st_size
        except (OSError, ValueError):
            continue
        if _is_zeros(file) if size == recorded else size == 0 or _is_part(file, size):
            yield path


def emptied(location: str, code: Sequence[str]) -> Iterator[str]:
    """The modules, relative to ``location``, that are empty on disk although the record gives them a size."""
    start = os.path.join(location, "")  # `join` for each would take half as long again
    for path in code:
        try:
            if os.stat(start + path).st_size == 0:
                yield path
        except (OSError, ValueError):
            continue


def _is_zeros(file: str) -> bool:
    """Whether source begins with a NUL: after a power failure a file may have its length but not its content."""
    return file.endswith(".py") and read_bytes(file, 1) == b"\0"


def _is_part(file: str, size: int) -> bool:
    if file.endswith(".py"):
        return False
    from ipython_where.facts.imports.extension_builds import HEADER, is_cut_off  # hardly any file has another size

    return is_cut_off(read_bytes(file, HEADER) or b"", size)


def has_its_sizes(location: str, files: bytes, *, record: str) -> bool:
    """Whether all listed files have their recorded sizes; those of another version hardly ever do."""
    own = os.fsencode(os.path.relpath(record, location))
    for line in files.splitlines():
        path, _, size = line.rpartition(b",")
        path = path.rpartition(b",")[0].strip(b'"')
        if path.endswith(_UNCOUNTED) or path.startswith((own + b"/", b"../")):
            continue
        try:
            found = os.stat(os.path.join(os.fsencode(location), path)).st_size
            if size.isdigit() and found != int(size):
                return False
        except (OSError, ValueError):
            return False
    return True


def _is_gone(path: bytes) -> bool:
    """Whether a path leads to no file, even through a link; a path that can't be checked does not count as gone."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
    except ValueError:  # a NUL, which no file name can hold
        return True
