"""Folders used instead of an index (`--no-index --find-links FOLDER`), and the hashes of files on this machine.

An index provides hashes. For a folder, uv can compute them, but takes several times as long as hashing the files here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ipython_where.change.installers.child_environ import absolute
from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.request import Request
from ipython_where.facts.distributions.metadata import same_version
from ipython_where.facts.files import list_directory
from ipython_where.model import Setting
from ipython_where.project_names import normalized

_FILE = re.compile(r"(?:([^-]+)-([^-]+)(?:-[^-]+){3,4}\.whl|(.+)-([^-]+)\.(?:tar(?:\.\w+)?|tgz|tbz|zip))")
"""A wheel's name (PEP 427) or a source distribution's (PEP 625): project and version."""


def sole_sources(request: Request, settings: Iterable[Setting], *, cwd: str) -> tuple[str, ...]:
    """The folders that everything named in the request must come from; empty if anything may come from elsewhere."""
    folders = tuple(absolute(each, cwd) for each in request.find_links)
    others = any(each.name.lower().replace("_", "-").endswith("find-links") for each in settings)
    is_sole = request.no_index and not others and not request.requirement_files and all(map(os.path.isdir, folders))
    return folders if is_sole else ()


def with_hashes(pins: Iterable[Pin], folders: Sequence[str]) -> tuple[Pin, ...]:
    """The pins, with hashes from the folders' files of their version where none were known.

    If a version has several wheels (for several platforms, say), only the installer can choose, so it has to be asked.
    """
    found = [
        (*identity, os.path.join(folder, name))
        for folder in folders
        for name in sorted(list_directory(folder))
        if (identity := _identity(name)) is not None
    ]

    def completed(pin: Pin) -> Pin:
        name, wanted = normalized(pin.name), pin.version or ""
        mine = [path for project, version, path in found if project == name and same_version(version, wanted)]
        if sum(path.endswith(".whl") for path in mine) > 1:
            return pin
        try:
            return replace(pin, hashes=tuple(map(_hash, mine)))
        except OSError:
            return pin

    return tuple(pin if pin.hashes or pin.url is not None else completed(pin) for pin in pins)


def files_of(pin: Pin, folders: Sequence[str]) -> list[str]:
    """The files on this machine that a pin comes from: the one at its URL, or those in the folders with its version."""
    if pin.url is not None:
        from urllib.parse import unquote, urlsplit

        path = unquote(urlsplit(pin.url).path)
        return [path] if pin.url.startswith("file:") and os.path.isfile(path) else []
    project, version = normalized(pin.name), pin.version or ""
    found = (os.path.join(folder, name) for folder in folders for name in sorted(list_directory(folder)))
    mine = [
        path
        for path in found
        if (identity := _identity(os.path.basename(path))) is not None
        and identity[0] == project
        and same_version(identity[1], version)
    ]
    return [path for path in mine if not pin.hashes or _hash(path) in pin.hashes]


def with_own_hashes(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """The pins, each with the hash of its file if that is on this machine and no hash was known."""

    def completed(pin: Pin) -> Pin:
        from urllib.parse import unquote, urlsplit

        path = unquote(urlsplit(pin.url or "").path)
        try:
            return replace(pin, hashes=(_hash(path),)) if os.path.isfile(path) else pin
        except OSError:
            return pin

    return tuple(completed(pin) if (pin.url or "").startswith("file:") and not pin.hashes else pin for pin in pins)


def _hash(path: str) -> str:
    with open(path, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _identity(name: str) -> tuple[str, str] | None:
    """The normalised project and the version in a file's name."""
    found = _FILE.fullmatch(name)
    return (normalized(found[1] or found[3]), found[2] or found[4]) if found is not None else None
