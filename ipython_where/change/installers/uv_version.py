"""Which version the uv at a path is: by what its distribution recorded, which takes no start of it, else by its own word.

Tested in `tests/change/installers/test_uv_version.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from ipython_where.errors import CommandError
from ipython_where.facts.files import read_bytes, read_text
from ipython_where.runner import QUESTION, execute

from .child_environ import child_environ

Version = tuple[int, int]

_known: dict[tuple[str, int, int, int], str | None] = {}
"""The versions of this process's uvs, by file."""


def version_of(path: str, *, environ: Mapping[str, str], cwd: str) -> str | None:
    """The version of the uv that a command starts; None if that cannot be told.

    A script may choose between several by the folder or a variable, so each is asked as it is started otherwise. So is what
    goes under another name.
    """
    real = os.path.realpath(path)
    try:
        stat = os.stat(real)
    except OSError:
        return None
    key = (real, stat.st_ino, stat.st_size, stat.st_mtime_ns)
    if key in _known:
        return _known[key]
    version = _recorded(real, stat.st_size) or _asked(path, environ=environ, cwd=cwd)
    if os.path.basename(real) in ("uv", "uv.exe") and read_bytes(real, 2) != b"#!":
        _known[key] = version
    return version


def numbers(version: str | None) -> Version | None:
    """The first two numbers of a version, to be compared."""
    found = re.match(r"(\d+)\.(\d+)", version or "")
    return (int(found[1]), int(found[2])) if found is not None else None


def _recorded(program: str, size: int) -> str | None:
    """The version of the distribution whose RECORD lists the program with its size."""
    for site in _sites(os.path.dirname(os.path.dirname(program))):
        for name in _names_in(site):
            if (
                name.startswith("uv-")
                and name.endswith(".dist-info")
                and _lists(os.path.join(site, name), program, size)
            ):
                return name.removesuffix(".dist-info").partition("-")[2]
    return None


def _sites(prefix: str) -> Iterator[str]:
    """Where the metadata may be: on POSIX, on Windows, below a `--target`."""
    lib = os.path.join(prefix, "lib")
    yield from (os.path.join(lib, each, "site-packages") for each in _names_in(lib) if each.startswith("python"))
    yield from (os.path.join(prefix, "Lib", "site-packages"), prefix)


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # `glob` compiles a pattern for each part of the path, which takes longer
    except OSError:
        return []


def _lists(metadata: str, program: str, size: int) -> bool:
    site = os.path.dirname(metadata)
    rows = (line.rsplit(",", 2) for line in (read_text(os.path.join(metadata, "RECORD")) or "").splitlines())
    named = (row[0] for row in rows if len(row) == 3 and row[2] == str(size))
    return any(os.path.normpath(os.path.join(site, each)) == program for each in named)


def _asked(path: str, *, environ: Mapping[str, str], cwd: str) -> str | None:
    try:
        done = execute((path, "--version"), env=child_environ(environ), cwd=cwd, timeout=QUESTION)
    except CommandError:
        return None
    found = re.match(r"uv (\S+)", done.stdout)
    return found[1] if found is not None else None
