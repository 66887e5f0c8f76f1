"""Whether the files that a distribution lists are there: metadata is a claim, a file is a fact.

What is counted are packages and modules with the data in them, but neither bytecode, which Python writes again, nor stubs, which
it never reads, nor tests, which makers of small images take away. What is listed elsewhere was often moved on purpose: Debian's
`distro` lists a `scripts-3.10/distro` that was never there, and `pip install --target` scripts where they are not.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence

from ..value import dataclass

_UNCOUNTED = (b".pyc", b".pyo", b".pyi")
_MODULES = (b".py", b".so", b".pyd")
_ROW = re.compile(rb'^(?:((?:[^",/\n]+/)*)([^",/\n]+)|"((?:[^"]|"")+)"),', re.MULTILINE)
"""The folder and the name in a row, or both in quotes."""

_MANY = 5
"""Files in a folder from which on its listing is quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """How many files a distribution lists, and which of them are not there, relative to its directory."""

    listed: int
    files: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether nothing is left of it but its record."""
        return len(self.files) == self.listed


def read_gone(metadata: str, files: bytes) -> Gone | None:
    """What is gone of the ``files`` that a metadata directory lists, as `files_of` gives them; None where all are there."""
    location, own = os.path.split(metadata)
    counted = by_folder(files, own)
    missing = [each for folder, names in counted.items() for each in _missing_in(location, folder, names)]
    if not missing:
        return None
    return Gone(listed=sum(map(len, counted.values())), files=tuple(os.fsdecode(each) for each in missing))


def by_folder(files: bytes, own: str) -> Mapping[bytes, Sequence[bytes]]:
    """The names that must be there, by the folder that they are in; ``own`` is the metadata directory's name."""
    found: dict[bytes, list[bytes]] = {}
    packages = {b""}
    inside, last, names = own.encode() + b"/", b"/", None
    for folder, name, quoted in _ROW.findall(files):
        if quoted:
            folder, name = _parted(quoted.replace(b'""', b'"'))
        if folder != last:
            last, names = folder, None if _is_uncounted(folder, inside) else found.setdefault(folder, [])
        if names is not None and not name.endswith(_UNCOUNTED):
            names.append(name)
            if name.endswith(_MODULES):
                packages.add(folder.partition(b"/")[0])
    return {folder: names for folder, names in found.items() if folder.partition(b"/")[0] in packages}


def _parted(path: bytes) -> tuple[bytes, bytes]:
    folder, slash, name = path.rpartition(b"/")
    return folder + slash, name


def _is_uncounted(folder: bytes, inside: bytes) -> bool:
    return folder.startswith((b"../", inside)) or b"/tests/" in folder or b"/test/" in folder


def _missing_in(location: str, folder: bytes, names: Sequence[bytes]) -> list[bytes]:
    """Those of the names that are no file in a folder: of many, one listing tells nearly all quicker than a look at each."""
    path = os.path.join(os.fsencode(location), folder)
    present: set[bytes] = set()
    if folder and len(names) >= _MANY:
        try:
            with os.scandir(path) as entries:
                present = {each.name for each in entries if each.is_file(follow_symlinks=False)}
        except (OSError, ValueError):  # the look at each tells why
            pass
    return [folder + name for name in names if name not in present and _is_gone(os.path.join(path, name))]


def _is_gone(path: bytes) -> bool:
    """Whether there is no file, nor a link that leads to one; what cannot be looked at is not said to be gone."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
    except ValueError:  # a NUL: no file has one
        return True
