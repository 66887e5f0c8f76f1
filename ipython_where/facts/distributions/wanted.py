"""Many files looked for in the RECORDs of one location at once: in each, only among the lines that begin as theirs do.

Tested in `tests/facts/distributions/test_distributions.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from .record import first_part, first_parts


class Wanted:
    """The files to look for. Those outside of the location are spelled only if a RECORD lists any such file."""

    def __init__(self, files: Iterable[str], location: str) -> None:
        self._location = location
        self._paths: dict[str, bytes] = {}
        self._by_top: dict[bytes, dict[bytes, str]] = {}
        self._odd: dict[str, bytes] = {}
        self._outside: list[str] = []
        start = os.path.join(location, "")
        for each in files:
            if each.startswith(start):
                self._add(each)
            else:
                self._outside.append(each)

    def paths(self) -> Mapping[str, bytes]:
        """Each file with its path as a RECORD spells it."""
        self._add_outside()
        return self._paths

    def among(self, listed: bytes) -> tuple[tuple[str, ...], Mapping[str, bytes]]:
        """The files that a plain RECORD lists; and those, with their paths, that it may list in another spelling.

        A file system may spell letters beyond ASCII differently than the RECORD.
        """
        lines = b"\n" + listed
        tops = first_parts(listed)
        if b".." in tops or b'"..' in tops:
            self._add_outside()
        sure = tuple(
            file
            for top, at in tops.items()
            if top in self._by_top
            for row, file in self._by_top[top].items()
            if lines.find(row, at) >= 0
        )
        return sure, {file: path for file, path in self._odd.items() if file not in sure}

    def _add(self, file: str) -> None:
        path = self._paths[file] = relative(file, self._location)
        row = _spelled(path) + b","
        self._by_top.setdefault(first_part(row), {})[b"\n" + row] = file
        if not path.isascii():
            self._odd[file] = path

    def _add_outside(self) -> None:
        while self._outside:
            self._add(self._outside.pop())


def _spelled(path: bytes) -> bytes:
    """A path as a line of RECORD has it: quoted if it contains a comma or a quote."""
    return b'"' + path.replace(b'"', b'""') + b'"' if b"," in path or b'"' in path else path


def relative(file: str, location: str) -> bytes:
    """A file's path as a RECORD in ``location`` spells it."""
    inside = os.path.join(location, "")
    path = file[len(inside) :] if file.startswith(inside) else _relative_outside(file, inside)
    return os.fsencode(path.replace(os.sep, "/"))


def _relative_outside(file: str, inside: str) -> str:
    """The same for a file that is not in the folder ``inside``, which ends with a separator."""
    folder = inside[:-1]
    if os.sep != "/" or not file[:1] == folder[:1] == "/" or folder.startswith(file):
        return os.path.relpath(file, inside)
    if re.search(_UNUSUAL, f"{folder}\n{file}"):
        return os.path.relpath(file, inside)
    # `relpath` and `commonpath` split both first
    shared = os.path.commonprefix((inside, file)).rpartition("/")[0] + "/"  # noqa: RUF071, cut off after a separator
    return "../" * inside.count("/", len(shared)) + file[len(shared) :]


_UNUSUAL = r"(?m://|/\.{1,2}(?:/|$)|/$)"
"""In a path: what `relpath` would put in order."""
