"""Finders for single path entries: which hooks on ``sys.path_hooks``, and which of their finders, are safe to call.

The standard library's are safe, and so is setuptools' hook for the placeholder of editable namespace packages. Any
other would have to be called, with possible side effects, like a finder on ``sys.meta_path`` (`finders`).

Tested in `tests/facts/imports/test_finders.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.machinery import ExtensionFileLoader, FileFinder, SourceFileLoader, SourcelessFileLoader
from types import FunctionType, MethodType
from typing import Any
from zipimport import zipimporter

from .finders import MESON, SETUPTOOLS_NAMESPACES, KnownFinder, NotAskedError, instance_of, label

_LOADERS = (ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader)
_FILE_HOOK = FileFinder.path_hook().__code__


def entry_finder(entry: str, hooks: Sequence[Any]) -> Any:
    """The finder for one entry, from the first hook that accepts it; None if none does. Raises `NotAskedError`."""
    for hook in hooks:
        found = _call(hook, entry)
        if found is not None:
            return found
    return None


def checked(finder: Any) -> Any:
    """The given finder, if it is safe to call. Raises `NotAskedError` if not."""
    if finder is None or type(finder) is zipimporter or SETUPTOOLS_NAMESPACES.is_of(finder):
        return finder
    if (
        type(finder) is FileFinder
        and "find_spec" not in instance_of(finder)
        and _only_loads_files(instance_of(finder)["_loaders"])
    ):
        return finder
    raise NotAskedError(
        f"the finder `{label(finder)}` of a path entry would have to be called, and may have side effects"
    )


def _call(hook: Any, entry: str) -> Any:
    if hook is not zipimporter and not _is_file_hook(hook):
        return _call_foreign(hook, entry)
    try:
        return hook(entry)
    except ImportError:  # this is how a hook rejects an entry
        return None


def _is_file_hook(hook: Any) -> bool:
    if type(hook) is not FunctionType or hook.__code__ is not _FILE_HOOK or hook.__closure__ is None:
        return False
    held = dict(zip(hook.__code__.co_freevars, (cell.cell_contents for cell in hook.__closure__), strict=True))
    loaders = [loader for loader, _ in held["loader_details"]]
    return held["cls"] is FileFinder and all(loader in _LOADERS for loader in loaders)


def _only_loads_files(loaders: Sequence[tuple[str, Any]]) -> bool:
    return all(loader in _LOADERS for _, loader in loaders)


def _call_foreign(hook: Any, entry: str) -> Any:
    """The finder for an editable installation's placeholder; None if the entry is not that hook's placeholder."""
    if _is_method(hook, SETUPTOOLS_NAMESPACES):
        return hook.__self__ if entry == hook.__func__.__globals__["PATH_PLACEHOLDER"] else None
    if _is_method(hook, MESON):
        if entry.rpartition(os.sep)[0] != hook.__func__.__globals__["__file__"]:
            return None
        raise NotAskedError(f"the editable hook `{label(hook.__self__)}` builds when it is called")
    named = hook.__qualname__ if type(hook) is FunctionType else type(hook).__name__
    raise NotAskedError(f"the path hook `{named}` would have to be called for `{entry}`, and may have side effects")


def _is_method(hook: Any, known: KnownFinder) -> bool:
    """Whether it is the path hook of a known finder."""
    if type(hook) is not MethodType or not known.is_of(hook.__self__):
        return False
    return hook.__func__ is known.function(hook.__self__, "_path_hook")
