"""What this process has loaded, and whether that is stale. Reads modules without triggering lazy loading."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.machinery import ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader
from typing import Any

from ipython_where.facts.files import same_file
from ipython_where.model import Loaded

from .finding import loaded_locations, namespace_of


def read_loaded(name: str, modules: Mapping[str, Any]) -> Loaded | None:
    """The module ``name`` in ``sys.modules``, or None."""
    module = modules.get(name)
    if module is None:
        return None
    names = namespace_of(module)
    return Loaded(file=_path(names.get("__file__")), version=_version(names.get("__version__")))


_LONGEST = 200
"""Characters: no version is longer, and a whole file of text must not fill an answer."""


def _version(value: object) -> str | None:
    version = _text(value)
    return version if version is not None and len(version) <= _LONGEST else None


def _path(value: object) -> str | None:
    """A path that a file could have."""
    path = _text(value)
    try:
        return path if path and b"\0" not in os.fsencode(path) else None
    except UnicodeEncodeError:
        return None


def _text(value: object) -> str | None:
    """A plain copy of a text: a subclass, as PyTorch's version is one, may compare and format in its own way."""
    return str.__str__(value) if isinstance(value, str) else None


def is_loaded_namespace(name: str, modules: Mapping[str, Any]) -> bool:
    """Whether a loaded module is a namespace package: folders without code of their own."""
    loader = getattr(namespace_of(modules.get(name)).get("__spec__"), "loader", None)
    return loaded_locations(name, modules) is not None and type(loader).__name__ in ("NoneType", "NamespaceLoader")


_FILE_LOADERS = (SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader)


def is_gone(name: str, modules: Mapping[str, Any]) -> bool:
    """Whether a module was loaded from a file that does not exist any more: then no import would load it now.

    Python's own loaders alone are believed: another one's ``__file__`` may never have been a file, as in an archive.
    """
    names = namespace_of(modules.get(name))
    file, spec = _path(names.get("__file__")), names.get("__spec__")
    if file is None or not os.path.isabs(file) or getattr(spec, "origin", None) != file:
        return False
    if type(getattr(spec, "loader", None)) not in _FILE_LOADERS:
        return False
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        pass
    return False


def is_same_file(one: str | None, other: str | None) -> bool:
    """Whether two paths lead to the same file; True if either is unknown."""
    return one == other or one is None or other is None or same_file(one, other) is True


def read_process_start(pid: int | None = None) -> float | None:
    """When a process (default: this one) started, in seconds since the epoch; None without `/proc` or psutil."""
    import time

    try:
        with open(f"/proc/{pid or 'self'}/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - age
    except (OSError, AttributeError, ValueError, IndexError):
        pass
    try:
        import psutil  # type: ignore[import-untyped]

        return float(psutil.Process(pid).create_time())
    except Exception:  # psutil is optional and raises its own errors
        return None
