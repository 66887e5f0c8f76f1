"""Sorts out the entries of `PYTHONPATH`: folders of modules, missing folders, or another Python's packages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ipython_where.facts.files import list_directory, read_bytes
from ipython_where.facts.imports.extension_builds import built_for
from ipython_where.facts.interpreters.pyvenv_cfg import python_in
from ipython_where.judge.diagnose.import_path import PathFolder

_SITE = re.compile(r"(?P<prefix>.*)/lib(?:64)?/(?P<name>python|pypy)(?P<version>\d\.\d+)t?/(?:site|dist)-packages")
_TAG = re.compile(rb"^Tag: *\w+-(?P<abi>[\w.]+)-", re.MULTILINE)
_ABI = re.compile(rb"(?:cp|pypy|pp)(\d)(\d+)")


def read_pythonpath(text: str, description: Mapping[str, Any], path: Sequence[str], cwd: str) -> tuple[PathFolder, ...]:
    """The entries of ``text``, the variable at the interpreter's start, without its own site directories.

    A relative entry counts from the folder where the process started, and an empty entry is that folder. If the process
    has since moved, ``path`` (its `sys.path`) shows what a relative entry became.
    """
    if not text:
        return ()
    own = {os.path.realpath(each) for each in description["site_directories"]}
    entries = (_resolved(each, path, cwd) for each in text.split(os.pathsep))
    return tuple(_read(each, description) for each in dict.fromkeys(entries) if os.path.realpath(each.path) not in own)


def _resolved(entry: str, path: Sequence[str], cwd: str) -> PathFolder:
    if os.path.isabs(entry):
        return PathFolder(path=os.path.normpath(entry))
    here = os.path.normpath(os.path.join(cwd, entry))
    if here not in path and entry:  # the process has left the folder that it started in
        end = os.sep + os.path.normpath(entry)
        here = next((each for each in path if each.endswith(end)), here)
    return PathFolder(
        path=here, note="a relative entry" if entry else "an empty entry: the folder that Python started in"
    )


def _read(entry: PathFolder, description: Mapping[str, Any]) -> PathFolder:
    if os.path.isfile(entry.path):
        import zipfile

        is_archive = zipfile.is_zipfile(entry.path)
        return entry if is_archive else replace(entry, is_there=False, note="a file, but not an archive of modules")
    if not os.path.isdir(entry.path):
        return replace(entry, is_there=False, note="not there")
    return replace(
        entry, belongs_to=_other_environment(entry.path, description) or _other_builds(entry.path, description)
    )


def _other_environment(folder: str, description: Mapping[str, Any]) -> str | None:
    """The owner of a site directory that belongs to another Python, by its path and by the interpreter next to it."""
    site = _SITE.fullmatch(folder.replace(os.sep, "/"))
    if site is None:
        return None
    python = "PyPy" if site["name"] == "pypy" else "Python"
    if site["version"] != ".".join(description["version"].split(".")[:2]) or python != _implementation(description):
        return f"{python} {site['version']}"
    prefixes = {os.path.realpath(description[each]) for each in ("prefix", "base_prefix")}
    if os.path.realpath(site["prefix"]) in prefixes or python_in(site["prefix"]) is None:
        return None
    return f"the environment {site['prefix']}"


def _implementation(description: Mapping[str, Any]) -> str:
    return "PyPy" if description["implementation"] == "PyPy" else "Python"


def _other_builds(folder: str, description: Mapping[str, Any]) -> str | None:
    """The other Python that a folder's compiled modules were built for, by their file names and `WHEEL` tags."""
    names = list_directory(folder)
    for name in names:
        builds = built_for(name, name.partition(".")[0], suffixes=description["extension_suffixes"])
        if builds is not None:
            return builds.theirs
    wheels = (each for each in names if each.endswith(".dist-info"))
    return _of_wheels(
        (read_bytes(os.path.join(folder, each, "WHEEL"), 4096) or b"" for each in wheels),
        own=".".join(description["version"].split(".")[:2]),
    )


def _of_wheels(wheels: Iterable[bytes], *, own: str) -> str | None:
    """The Python of the first wheel built for a version other than ``own``; `abi3` and `none` fit any version."""
    for wheel in wheels:
        found = [_ABI.match(each) for each in _TAG.findall(wheel)]
        versions = [f"{each[1].decode()}.{each[2].decode()}" for each in found if each is not None]
        if versions and None not in found and own not in versions:
            return f"Python {versions[0]}"
    return None
