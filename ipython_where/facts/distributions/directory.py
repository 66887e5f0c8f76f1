"""One listing of a directory: its metadata directories, `.pth` files and leftovers, recognized by name alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate

from ipython_where.project_names import METADATA_SUFFIXES, normalized

from .leftovers import is_leftover


def project_of(directory_name: str) -> str:
    """The normalised project name in ``numpy-2.1.0.dist-info`` or ``six-1.16-py3.11.egg-info``."""
    name, _, rest = directory_name.partition("-")
    return normalized(name if "." in rest else directory_name[: directory_name.rindex(".")])


class Directory:
    """The names in a path entry when its modification time was ``mtime_ns``.

    ``settled``: that time was long enough ago that any later change gets a different one.
    """

    def __init__(self, path: str, mtime_ns: int, names: list[str], *, settled: bool) -> None:
        self.path = path
        self.mtime_ns = mtime_ns
        self.names = names
        self.settled = settled
        self._projects: dict[str, list[str]] | None = None

    @cached_property
    def metadata(self) -> list[str]:
        """The names of its metadata directories and egg-info files."""
        return [name for name in self.names if name.endswith(METADATA_SUFFIXES) and not is_leftover(name)]

    @cached_property
    def lookup(self) -> frozenset[str]:
        """Its names, to look many up in."""
        return frozenset(self.names)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The import names that it may hold: modules, extension modules, and folders named like packages."""
        parts = (name.partition(".") for name in self.names)
        found = (
            stem
            for stem, dot, suffix in parts
            if stem.isidentifier() and (not dot or suffix == "py" or suffix.endswith(("so", "pyd")))
        )
        return tuple(dict.fromkeys(found))

    @cached_property
    def leftovers(self) -> list[str]:
        """The folders that an interrupted pip moved aside and that nothing reads any more."""
        return sorted(name for name in self.beginning("~") if is_leftover(name))

    @property
    def has_metadata(self) -> bool:
        """Whether it may hold a distribution; the standard library's directories, for example, hold none."""
        return any(suffix + "\0" in self._text for suffix in METADATA_SUFFIXES)

    @cached_property
    def pth_files(self) -> list[str]:
        """The names of its ``.pth`` files, in the order in which ``site`` reads them; ``site`` skips hidden ones."""
        return sorted(name for name in self.ending(".pth") if name.endswith(".pth") and not name.startswith("."))

    @property
    def projects(self) -> dict[str, list[str]]:
        """Its metadata directories by normalised project name."""
        if self._projects is None:
            self._projects = {}
            for name in self.metadata:
                self._projects.setdefault(project_of(name), []).append(name)
        return self._projects

    @cached_property
    def _text(self) -> str:
        """Its names in lower case, a NUL before and after each, so that C code searches for prefixes and suffixes."""
        return "\0".join(["", *self.names, ""]).lower()

    @cached_property
    def _starts(self) -> list[int]:
        """The position of each name's leading NUL in the text."""
        return list(accumulate((len(name) + 1 for name in self._text[1:].split("\0")), initial=0))

    def beginning(self, start: str) -> Iterator[str]:
        """The names that begin with ``start``, ignoring case."""
        return self._around("\0" + start)

    def ending(self, end: str) -> Iterator[str]:
        """The names that end with ``end``, ignoring case."""
        return self._around(end + "\0")

    def _around(self, words: str) -> Iterator[str]:
        words = words.lower()
        at = self._text.find(words)
        while at >= 0:
            yield self.names[bisect_right(self._starts, at) - 1]
            at = self._text.find(words, at + 1)

    def named_like(self, project: str) -> list[str]:
        """The metadata directories of one normalised project, found without grouping all the others."""
        if self._projects is not None:
            return self._projects.get(project, [])
        word = project.partition("_")[0]
        alike = self.beginning(word) if word else self.metadata
        return [name for name in alike if name.endswith(METADATA_SUFFIXES) and project_of(name) == project]
