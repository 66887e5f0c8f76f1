"""What jupyter_server calls when it starts: it links, then loads. Tested in `tests/page/test_server.py`."""

from __future__ import annotations

import atexit
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from ipython_where import __version__

from .handlers import routes
from .loading import Loading
from .mirror import Mirror
from .offered import is_name
from .policy import Present
from .running_server import RunningServer
from .settings import KernelExtensions

_LINKED: WeakKeyDictionary[Any, tuple[KernelExtensions, Mirror]] = WeakKeyDictionary()
"""What each server was given when it linked: its web application does not exist then."""


def link(app: Any) -> None:
    """Make the folder for what comes from kernels, and let those applications know it that are linked already."""
    settings = KernelExtensions(parent=app)
    mirror = _mirror(app, settings)
    atexit.register(mirror.close)
    _LINKED[app] = (settings, mirror)
    _serve_from(app, mirror)


def load(app: Any) -> None:
    """Add the routes, and let the page know of them: it never asks for what isn't there.

    Applications that come after this one are linked by now: their configuration is read.
    """
    settings, mirror = _LINKED[app]
    _serve_from(app, mirror)
    loading = Loading(
        mirror,
        settings,
        app.kernel_manager,
        served=lambda: served(_roots(app, mirror)),
        proof_directory=mirror.root,
        log=app.log,
    )
    loading.present()  # what a server before this one has kept gives way
    app.web_app.add_handlers(".*$", routes(app.base_url, loading, RunningServer(app)))
    app.web_app.settings.setdefault("page_config_data", {})["ipythonWhere"] = __version__


def _mirror(app: Any, settings: KernelExtensions) -> Mirror:
    if not settings.persist:
        return Mirror.make(app.runtime_dir)
    from jupyter_core.paths import jupyter_data_dir

    return Mirror.kept(jupyter_data_dir())


def _serve_from(app: Any, mirror: Mirror) -> None:
    """Let JupyterLab look into the folder: extensions are linked, and later loaded, in the order of their names."""
    for lab in _labs(app):
        if mirror.root not in lab.extra_labextensions_path:
            lab.extra_labextensions_path = [mirror.root, *lab.extra_labextensions_path]


def _labs(app: Any) -> Iterator[Any]:
    """The applications that serve JupyterLab's extensions, as far as they exist."""
    for apps in app.extension_manager.extension_apps.values():
        yield from (each for each in apps if each.has_trait("extra_labextensions_path"))


def _roots(app: Any, mirror: Mirror) -> list[str]:
    """Where JupyterLab looks for extensions, in its order, without the mirror."""
    found: dict[str, None] = {}
    for lab in _labs(app):
        found |= dict.fromkeys([*lab.extra_labextensions_path, *lab.labextensions_path])
    return [each for each in found if each != mirror.root]


def served(roots: Iterable[str]) -> dict[str, tuple[Present, str]]:
    """What the server's own folders have, each with its folder; the first of a name counts, as in JupyterLab."""
    found: dict[str, tuple[Present, str]] = {}
    for folder in _extension_folders(roots):
        with suppress(OSError, ValueError, KeyError, TypeError):
            with open(os.path.join(folder, "package.json"), encoding="utf-8") as file:
                package = json.load(file)
            name, version = package["name"], package["version"]
            if is_name(name) and isinstance(version, str) and name not in found:
                found[name] = (Present(name=name, version=version, source="server"), folder)
    return found


def _extension_folders(roots: Iterable[str]) -> Iterator[str]:
    for root in roots:
        for name in _names(root):
            folder = os.path.join(root, name)
            yield from (os.path.join(folder, each) for each in _names(folder)) if name.startswith("@") else (folder,)


def _names(folder: str) -> list[str]:
    try:
        return sorted(each for each in os.listdir(folder) if not each.startswith("."))
    except OSError:
        return []
