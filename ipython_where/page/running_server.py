"""Loads a server extension into the server that runs, where that is the same as if it had been there from the start.

jupyter_server has no documented way to do it, and none to unload or replace one: so only what is enabled by a file of this
server's own environment, and was never imported, is loaded, and only if nothing that the server has imported was changed; all
else needs a restart. Tested in `tests/page/test_server_parts.py`.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from typing import Any, Literal

_CONFIGURATION = ("etc", "jupyter", "jupyter_server_config.d")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A server extension, whether it is loaded now, and if not, why."""

    name: str
    loaded: bool
    reason: str | None = None


class RunningServer:
    """The server ``app``, which has just started; ``loaded`` is what it loads later, and when, in seconds since the epoch."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.loaded: dict[str, float] = {}
        self._failed: dict[str, str] = {}
        self._imported = ImportedModules()
        self._lock = asyncio.Lock()

    async def load(self, name: str) -> Part:
        """Load a server extension."""
        async with self._lock:
            reason = self._why_not(name)
            manager = self._app.extension_manager
            if reason is None and not manager.linked_extensions.get(name):
                self._imported.look()
                reason = _add(manager, name) or await self._load(manager, name)
                self._imported.look()
            return Part(name=name, loaded=reason is None, reason=reason)

    def _why_not(self, name: str) -> str | None:
        """Why only a restart helps, if even that; None for what is loaded, or can be."""
        package = self._app.extension_manager.extensions.get(name)
        is_enabled = package is not None and package.enabled
        enabling = None if is_enabled else enabled_parts(sys.prefix).get(name)
        if not is_enabled and (not _MODULE.fullmatch(name) or enabling is None):
            return "no file of this server's environment enables it"
        if name in self._failed:
            return self._failed[name]
        if package is not None and not package.enabled:
            return "the server's settings had switched it off"
        if is_enabled and not self._app.extension_manager.linked_extensions.get(name):
            return "it could not be loaded before"
        if enabling == "with settings":
            return "its settings are read when the server starts"
        changed = self._imported.changed()
        if name.partition(".")[0] in changed or (package is None and self._imported.has(name.partition(".")[0])):
            return "an older version of it is imported"
        return f"`{min(changed)}` has changed since the server imported it" if changed else None

    async def _load(self, manager: Any, name: str) -> str | None:
        """Link, load and start it. Why that failed, which can't be taken back; None if it is loaded."""
        package = manager.extensions[name]
        try:
            package.link_all_points(self._app)
            manager.linked_extensions[name] = True
            package.load_all_points(self._app)
            if hasattr(package, "start_all_points"):
                await package.start_all_points(self._app)
        except Exception as error:  # somebody else's code
            self._app.log.warning("ipython_where: loading %s failed", name, exc_info=True)
            self._failed[name] = f"loading it failed: {type(error).__name__}"
            return self._failed[name]
        self.loaded[name] = time.time()
        self._app.log.info("ipython_where: the server extension %s is loaded into the running server", name)
        return None


def _add(manager: Any, name: str) -> str | None:
    """Import an extension and have the server know it; why that fails, after which there is no trace of it."""
    importlib.invalidate_caches()
    before = set(sys.modules)
    reason = None
    try:
        if not manager.add_extension(name, enabled=True):
            reason = "it can't be imported here"
        elif not manager.extensions[name].validate():
            reason = "it doesn't say how it is loaded"
    except Exception as error:  # with `reraise_server_extension_failures`
        reason = f"it can't be imported here: {type(error).__name__}"
    if reason is not None:
        manager.extensions.pop(name, None)
        own = name.partition(".")[0]
        for each in sys.modules.keys() - before:
            if each.partition(".")[0] == own:
                del sys.modules[each]
    return reason


class ImportedModules:
    """The modules that this process has imported, each with its file as it was when it was first seen."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, tuple[int, int, int] | None]] = {}
        self.look()

    def look(self) -> None:
        """See what is imported now."""
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if name not in self._seen and isinstance(file, str):
                self._seen[name] = (file, _state(file))

    def has(self, top: str) -> bool:
        """Whether something of a package, or a module of that name, is imported."""
        return any(name.partition(".")[0] == top for name in sys.modules)

    def changed(self) -> set[str]:
        """The packages with a file that is another one now, or gone."""
        return {name.partition(".")[0] for name, (file, state) in self._seen.items() if state and _state(file) != state}


def _state(file: str) -> tuple[int, int, int] | None:
    """What differs after a file was replaced; not its change time, which another link to it sets, too."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def enabled_parts(prefix: str) -> dict[str, Literal["alone", "with settings"]]:
    """The server extensions that the files of an environment enable, and whether such a file sets something else, too."""
    folder = os.path.join(prefix, *_CONFIGURATION)
    found: dict[str, Literal["alone", "with settings"]] = {}
    for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if not file.endswith(".json"):
            continue
        try:
            with open(os.path.join(folder, file), encoding="utf-8") as opened:
                said = json.load(opened)
            parts = said["ServerApp"]["jpserver_extensions"]
            is_alone = set(said) == {"ServerApp"} and set(said["ServerApp"]) == {"jpserver_extensions"}
            found |= {name: "alone" if is_alone else "with settings" for name, on in parts.items() if on is True}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found
