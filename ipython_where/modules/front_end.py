"""The parts of a distribution that a Jupyter server serves: read from RECORD, in the kernel's and the server's environment."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from ..model import FrontEnd, LabExtension
from .distributions import Distributions
from .metadata import lab_extension_names, server_extension_names


def read_front_end(metadata: Iterable[str], distributions: Distributions) -> FrontEnd | None:
    """The JupyterLab and server parts of the distributions whose metadata directories are given; None where there are none.

    The first is the one asked about, and has server parts; the others are what it requires: `ipywidgets` keeps its JupyterLab
    part in `jupyterlab_widgets`.
    """
    extensions: list[LabExtension] = []
    servers: tuple[str, ...] = ()
    for position, each in enumerate(metadata):
        record = distributions.content(each, "RECORD")
        if record is None:
            continue
        if position == 0:
            servers = server_extension_names(record)
        location = os.path.dirname(each)
        extensions += [_read_extension(os.path.join(location, name)) for name in lab_extension_names(record)]
    if not extensions and not servers:
        return None
    return FrontEnd(lab_extensions=tuple(extensions), server_extensions=servers, in_server=None)


def read_in_server(names: Iterable[str], prefix: str) -> tuple[LabExtension, ...]:
    """Which of these JupyterLab extensions the environment at ``prefix`` serves, with their versions."""
    root = os.path.join(prefix, "share", "jupyter", "labextensions")
    files = (os.path.join(root, *name.split("/"), "package.json") for name in names)
    return tuple(_read_extension(file) for file in files if os.path.isfile(file))


def _read_extension(file: str) -> LabExtension:
    """Name and version in a ``package.json``; the name is its folder's where the file cannot be read."""
    folder = os.path.dirname(os.path.normpath(file))
    scope, name = os.path.split(folder)
    by_folder = f"{os.path.basename(scope)}/{name}" if os.path.basename(scope).startswith("@") else name
    try:
        with open(file, "rb") as opened:
            version = json.load(opened).get("version")
    except (OSError, ValueError, AttributeError, RecursionError):
        version = None
    return LabExtension(name=by_folder, version=version if isinstance(version, str) else None)
