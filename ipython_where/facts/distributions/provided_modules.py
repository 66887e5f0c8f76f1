"""The modules that a distribution provides, each with its files: what an import must find after the install.

Tested in `tests/change/plan/test_found.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, all_suffixes

from ipython_where.value import dataclass

from .distributions import Distributions
from .metadata import top_level_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A module and the files that it may load from; ``foreign`` are compiled files for another Python.

    A module without files is somewhere in the metadata's directory, but nothing lists where.
    """

    name: str
    files: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def read_brought(metadata: str, distributions: Distributions) -> tuple[Brought, ...]:
    """A distribution's top-level modules and those in its namespaces; private ones only if there are no others."""
    location = os.path.dirname(metadata)
    listed = distributions.files(metadata)
    found = tuple(modules_among(paths_of(listed), location)) if listed is not None else ()
    if not found:
        names = top_level_names(listed, distributions.content(metadata, "top_level.txt"))
        found = tuple(Brought(name=each) for each in names)
    public = tuple(each for each in found if not each.name.startswith("_"))
    return public or found


def paths_of(record: bytes) -> Iterator[str]:
    """The paths in a RECORD, as far as it is readable. Other code stops a change if a broken RECORD must stop it."""
    lines = record.decode("utf-8", "replace").splitlines()
    if b'"' not in record and b"\0" not in record:
        yield from (line.partition(",")[0] for line in lines if line)
        return
    import contextlib
    import csv

    with contextlib.suppress(csv.Error):
        yield from (row[0] for row in csv.reader(lines) if row)


_SUFFIXES = tuple(sorted(all_suffixes(), key=len, reverse=True))
_NATIVE = re.compile(r"(\w+)\.(?:cpython-|cp|pypy)\d+t?[-.].*(?:so|pyd)")
_PLATFORM = next((each.partition("-")[2].partition("-")[2] for each in EXTENSION_SUFFIXES if each.count("-") > 1), "")
"""The end of a compiled file's name on this machine, for any Python version: `x86_64-linux-gnu.so`."""


def modules_among(paths: Iterable[str], location: str) -> Iterator[Brought]:
    """The modules among some files: each regular package itself, and for a namespace package the modules below it."""
    files: dict[str, list[str]] = {}
    foreign: dict[str, list[str]] = {}
    for path in paths:
        *folders, file = path.split("/")
        if not all(each.isidentifier() and each != "__pycache__" for each in folders):
            continue
        stem = _stem(file)
        into, stem = (files, stem) if stem is not None else (foreign, _foreign_stem(file))
        if stem is not None and not stem.startswith(("__editable__", "_editable_impl_")):
            name = ".".join([*folders, *([stem] if stem != "__init__" else [])])
            into.setdefault(name, []).append(os.path.join(location, *folders, file))
    packages = {
        name for name, each in files.items() if any(_stem(os.path.basename(file)) == "__init__" for file in each)
    }
    for name in {**files, **foreign}:
        is_below = any(parent in packages for parent in _parents(name))
        if name not in files or not is_below:
            yield Brought(name=name, files=tuple(files.get(name, ())), foreign=tuple(foreign.get(name, ())))


def _parents(name: str) -> Sequence[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _stem(file: str) -> str | None:
    suffix = next((each for each in _SUFFIXES if file.endswith(each)), "")
    stem = file[: -len(suffix)] if suffix else ""
    return stem if stem.isidentifier() else None


def _foreign_stem(file: str) -> str | None:
    """The module name of a file compiled for another Python version on this machine; else None."""
    found = _NATIVE.fullmatch(file)
    return found[1] if found is not None and _PLATFORM and file.endswith(f"-{_PLATFORM}") else None
