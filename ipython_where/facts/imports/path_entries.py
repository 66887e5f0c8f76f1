"""Explains why each entry is on ``sys.path``, by the start-up rules of the interpreter and of ``site``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.files import Content, read_file
from ipython_where.model import PathEntry, Reason
from ipython_where.value import dataclass

from .finding import absolute

PLACEHOLDER = ".__path_hook__"
"""The end of setuptools' placeholders on ``sys.path`` for editable namespaces; no such folder exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """What put entries on ``sys.path`` when the interpreter started.

    ``pth_lines`` maps each directory that a ``.pth`` file adds to that file. ``broken`` are the unreadable ``.pth``
    files, with the reason.
    """

    cwd: str
    pythonpath: tuple[str, ...]
    standard_library: tuple[str, ...]
    site_directories: tuple[str, ...]
    prefix: str
    user_site: str | None
    pth_lines: Mapping[str, str]
    broken: tuple[tuple[str, str], ...] = ()


def explain(entry: str, rules: PathRules) -> PathEntry:
    """Why ``entry`` is on the path, by the first rule that matches."""
    if entry.endswith(PLACEHOLDER):
        return PathEntry(path=entry, reason="code")
    path = absolute(entry, rules.cwd) or entry
    reason, source = _reason(path, rules)
    return PathEntry(path=path, reason=reason, source=source)


def _reason(path: str, rules: PathRules) -> tuple[Reason, str | None]:
    if path in rules.standard_library:
        return "standard library", None
    if path == rules.user_site:
        return "user site", None
    if path in rules.site_directories:
        inside = path.startswith(os.path.join(rules.prefix, ""))
        return ("site-packages" if inside else "system site-packages"), None
    if path in rules.pythonpath:
        return "PYTHONPATH", None
    if path in rules.pth_lines:
        return ".pth file", rules.pth_lines[path]
    if path == rules.cwd:
        return "working directory", None
    return "code", None


def read_rules(description: Mapping[str, Any], *, cwd: str, pythonpath: str, distributions: Distributions) -> PathRules:
    """The rules of the interpreter in the probe's ``description``; ``pythonpath`` is the value at its start."""
    sites = tuple(description["site_directories"])
    user_site = _user_site(description)
    with_pth = [*sites, *([user_site] if user_site else [])]
    pth_lines, broken = distributions.keep(
        ("pth", *with_pth), with_pth, lambda: read_pth_lines(with_pth, distributions)
    )
    return PathRules(
        cwd=cwd,
        pythonpath=_parse_pythonpath(pythonpath, cwd),
        standard_library=_standard_library(description),
        site_directories=sites,
        prefix=description["prefix"],
        user_site=user_site,
        pth_lines=pth_lines,
        broken=broken,
    )


def read_lasting(
    path: tuple[str, ...], description: Mapping[str, Any], *, cwd: str, pythonpath: str, distributions: Distributions
) -> tuple[str, ...]:
    """The entries of ``path`` that the interpreter will have again at its next start, whatever the folder.

    Leaves out the working directory, entries added by code, and those of a deleted ``.pth`` file. An entry without
    distributions is kept unchecked. For any other entry outside the site directories, it reads the ``.pth`` files
    afresh: installers rewrite `easy-install.pth` in place, which does not change the directory's time.
    """
    user_site = _user_site(description)
    sites = {*description["site_directories"], *([user_site] if user_site else [])}
    doubtful = {
        entry
        for entry in path
        if entry not in sites and (listing := distributions.directory(entry)) is not None and listing.has_metadata
    }
    if not doubtful:
        return path
    lines, _ = read_pth_lines(sites, distributions)
    known = (*sites, *_parse_pythonpath(pythonpath, cwd), *_standard_library(description), *lines)
    lasting = set(map(os.path.realpath, known))
    return tuple(entry for entry in path if entry not in doubtful or os.path.realpath(entry) in lasting)


def _user_site(description: Mapping[str, Any]) -> str | None:
    return description["user_site"] if description["user_site_enabled"] else None


def _parse_pythonpath(text: str, cwd: str) -> tuple[str, ...]:
    found = (absolute(part, cwd) for part in text.split(os.pathsep) if part)
    return tuple(each for each in found if each is not None)


def _standard_library(description: Mapping[str, Any]) -> tuple[str, ...]:
    library = description["library"]
    name = "python" + "".join(description["version"].split(".")[:2])
    base = os.path.join(description["base_prefix"], os.path.basename(os.path.dirname(library)))
    archives = (os.path.join(folder, f"{name}.zip") for folder in (os.path.dirname(library), base))
    native = os.path.join(base, os.path.basename(library))
    loads = (os.path.join(root, "lib-dynload") for root in (library, native))
    return (library, native, *archives, *loads, os.path.join(description["base_prefix"], "DLLs"))


def read_pth_lines(
    directories: Iterable[str], distributions: Distributions
) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """The directories that ``.pth`` files add, each with its file; and the unreadable files, with the reason."""
    lines: dict[str, str] = {}
    broken: list[tuple[str, str]] = []
    for directory in directories:
        listing = distributions.directory(directory)
        for name in listing.pth_files if listing else ():
            file = os.path.join(directory, name)
            found = read_file(file)
            if not isinstance(found, Content):
                broken.append((file, found.reason if found is not None else "it is gone"))
                continue
            try:
                text = found.data.decode().removeprefix("\ufeff")  # `utf-8-sig` would have to be imported
            except UnicodeDecodeError as error:
                broken.append((file, str(error)))
                continue
            for entry in parse_pth(text, directory):
                lines.setdefault(entry, file)
    return lines, tuple(broken)


def parse_pth(text: str, directory: str) -> Sequence[str]:
    """The directories that a ``.pth`` file adds, by ``site.addpackage``'s rules; skips lines of code."""
    entries = []
    for line in text.splitlines():
        stripped = line.rstrip()
        if not stripped.strip() or line.startswith(("#", "import ", "import\t")):
            continue
        entries.append(os.path.abspath(os.path.join(directory, stripped)))
    return entries
