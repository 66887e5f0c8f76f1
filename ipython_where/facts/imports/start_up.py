"""What the files that Python reads at its start lead to: the folders, modules and namespaces in `.pth` files and egg-links.

Read as text and never run. Tested in `tests/answer/test_start_up.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.files import read_text
from ipython_where.value import dataclass

_PIECES = r"""(?:[^;'"]|'[^']*'|"[^"]*")+"""
"""The statements of a line: a semicolon inside quotes separates none."""

_IMPORT = r"\s*import\s+([\w.]+(?:\s*,\s*[\w.]+)*)\s*"
_CALLED = r"""\s*(?:(enabled) and )?__import__\(['"](\w+)['"]\)\s*"""
_SWITCH = "SETUPTOOLS_USE_DISTUTILS"
"""What setuptools' `distutils-precedence.pth` calls ``enabled``: whether this variable is `local`, or not set."""

_NAMESPACE = r"""\*\(((?:['"]\w+['"],?\s*)+)\)"""
"""The namespace in setuptools' `-nspkg.pth`, a line of code that builds the path of its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFile:
    """A file that Python reads at its start, or an egg-link, which pip reads.

    ``lines`` are those that do anything. ``folders`` are the ones that add folders, each with the absolute path that it means,
    and ``modules`` what a line of code imports whatever happens. ``namespaces`` are the folders that one turns into packages;
    ``needs_them``: it fails without them.
    """

    file: str
    lines: tuple[str, ...]
    folders: Mapping[str, str]
    modules: tuple[tuple[str, str], ...] = ()
    namespaces: tuple[tuple[str, str], ...] = ()
    needs_them: bool = False


def read_start_files(
    directories: Sequence[str], distributions: Distributions, environ: Mapping[str, str]
) -> Iterator[StartFile]:
    """The `.pth` files and egg-links of site directories, as far as they can be read."""
    for directory in directories:
        listing = distributions.directory(directory)
        if listing is None:
            continue
        for name in (*listing.pth_files, *sorted(listing.ending(".egg-link"))):
            file = os.path.join(directory, name)
            text = read_text(file)
            if text is not None:
                yield parse_link(file, text) if name.endswith(".egg-link") else parse_start_file(file, text, environ)


def parse_link(file: str, text: str) -> StartFile:
    """An egg-link, as `setup.py develop` writes it: the folder is its first line."""
    line = text.partition("\n")[0].strip()
    folders = {line: os.path.join(os.path.dirname(file), line)} if line else {}
    return StartFile(file=file, lines=tuple(folders), folders=folders)


def parse_start_file(file: str, text: str, environ: Mapping[str, str]) -> StartFile:
    """A `.pth` file, by ``site.addpackage``'s rules: a line is a folder, unless it begins with `import`."""
    directory, is_enabled = os.path.dirname(file), environ.get(_SWITCH, "local") == "local"
    stripped = map(str.rstrip, text.removeprefix("\ufeff").splitlines())
    lines = tuple(line for line in stripped if line.strip() and not line.startswith("#"))
    folders: dict[str, str] = {}
    modules: list[tuple[str, str]] = []
    namespaces: list[tuple[str, str]] = []
    needs_them = False
    for line in lines:
        if not line.startswith(("import ", "import\t")):
            folders[line] = os.path.abspath(os.path.join(directory, line))
            continue
        modules += ((line, module) for module in _imported(line, is_enabled))
        found = _namespaces(line, directory)
        namespaces += ((line, folder) for folder in found)
        needs_them = needs_them or bool(found and "module_from_spec" in line)
    return StartFile(
        file=file,
        lines=lines,
        folders=folders,
        modules=tuple(modules),
        namespaces=tuple(namespaces),
        needs_them=needs_them,
    )


def _imported(line: str, is_enabled: bool) -> Iterator[str]:
    """The top-level modules that a line of code imports in any case."""
    for piece in re.findall(_PIECES, line):
        found, called = re.fullmatch(_IMPORT, piece), re.fullmatch(_CALLED, piece)
        if found is not None:
            yield from (each.strip().partition(".")[0] for each in found[1].split(","))
        elif called is not None and (not called[1] or (_SWITCH in line and is_enabled)):
            yield called[2]


def _namespaces(line: str, directory: str) -> list[str]:
    if "sitedir" not in line:
        return []
    found = re.search(_NAMESPACE, line)
    return [os.path.join(directory, *re.findall(r"\w+", found[1]))] if found is not None else []
