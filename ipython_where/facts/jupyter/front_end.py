"""A distribution's parts that a Jupyter server serves: RECORD maps a distribution to its parts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import lab_extension_names, server_extension_names
from ipython_where.facts.files import parse_json, read_text
from ipython_where.judge.diagnose.front_end import Off
from ipython_where.lab_probe import announced
from ipython_where.model import LabExtension

from .page_config import disabled_of, read_switches

SERVER_EXTENSIONS = os.path.join("etc", "jupyter", "jupyter_server_config.d")


class KernelParts(NamedTuple):
    """What one distribution carries for a server.

    ``announced`` are the projects that its JupyterLab extensions name as their server part (`jupyterlab.discovery`).
    """

    name: str
    version: str | None
    lab_extensions: tuple[LabExtension, ...]
    server_extensions: tuple[str, ...]
    announced: tuple[str, ...] = ()


def read_carried(metadata: str, distributions: Distributions) -> KernelParts:
    """The parts that a distribution carries, by its metadata directory."""
    listed = distributions.files(metadata) or b""
    location = os.path.dirname(metadata)
    read = [_read_package(os.path.join(location, file)) for file in lab_extension_names(listed)]
    facts = distributions.metadata(metadata)
    return KernelParts(
        name=facts.name or os.path.basename(metadata),
        version=facts.version,
        lab_extensions=tuple(dict.fromkeys(extension for extension, _ in read)),
        server_extensions=server_extension_names(listed),
        announced=tuple(dict.fromkeys(name for _, package in read if (name := announced(package)))),
    )


class ServerParts(NamedTuple):
    """Which of the requested parts a server has, each with the file that shows it."""

    lab_extensions: tuple[tuple[LabExtension, str], ...]
    server_extensions: tuple[tuple[str, str], ...]
    disabled: Mapping[str, Off] = MappingProxyType({})


def read_served(
    names: Iterable[str],
    servers: Iterable[str],
    *,
    directories: Sequence[str],
    prefix: str,
    settings: Iterable[str] = (),
) -> ServerParts:
    """Which of these JupyterLab and server extensions a server has.

    ``directories`` is its Jupyter path, where the first match wins, and ``settings`` its configuration directories;
    ``prefix`` is its environment.
    """
    roots = [os.path.join(each, "labextensions") for each in directories]
    found = []
    for name in names:
        files = (os.path.join(root, *name.split("/"), "package.json") for root in roots)
        file = next((each for each in files if os.path.isfile(each)), None)
        if file is not None:
            found.append((_read_package(file)[0], file))
    files_of = ((name, os.path.join(prefix, SERVER_EXTENSIONS, f"{name}.json")) for name in servers)
    switches = read_switches(settings, directories, prefix) if found else None
    disabled = ((each.name, disabled_of(each.name, switches)) for each, _ in found) if switches is not None else ()
    return ServerParts(
        disabled={name: what for name, what in disabled if what is not None},
        lab_extensions=tuple(found),
        server_extensions=tuple((name, file) for name, file in files_of if os.path.isfile(file)),
    )


def site_directories(prefix: str) -> tuple[str, ...]:
    """The site-packages directories of another environment."""
    library = os.path.join(prefix, "lib")
    try:
        names = [name for name in os.listdir(library) if re.fullmatch(r"(?:python|pypy)\d\.\d+t?", name)]
    except OSError:
        names = []
    inside = (os.path.join(library, name, "site-packages") for name in sorted(names))
    return (*inside, os.path.join(prefix, "Lib", "site-packages"))


def _read_package(file: str) -> tuple[LabExtension, dict[str, Any]]:
    """Name and version from a ``package.json``, and all of it; the name is its folder's, because the page uses that."""
    folder = os.path.dirname(os.path.normpath(file))
    scope, name = os.path.split(folder)
    by_folder = f"{os.path.basename(scope)}/{name}" if os.path.basename(scope).startswith("@") else name
    package = parse_json(read_text(file))
    package = package if isinstance(package, dict) else {}
    version = package.get("version")
    return LabExtension(name=by_folder, version=version if isinstance(version, str) else None), package
