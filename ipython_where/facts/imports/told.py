"""Rebuilds another interpreter's import system from its probe's description, to search it from this process.

Its standard finders only read files, or the probe lists what they have. For any other finder the probe reports only the
names in its code. That is enough to recognize finders that offer nothing of their own (`finders`). A finder that would
have to be called leaves the answer undecided, as in this process.

Tested in `tests/answer/test_world.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.machinery import ExtensionFileLoader, FileFinder, PathFinder, SourceFileLoader, SourcelessFileLoader
from typing import Any
from zipimport import zipimporter

from ipython_where.model import ModuleKind
from ipython_where.value import dataclass

from .finders import LISTED, PASSED_ON, KnownFinder, Unasked, Verdict

_IMPORTLIB = (
    "_frozen_importlib",
    "_frozen_importlib_external",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
)
_FILE_HOOK = "FileFinder.path_hook.<locals>.path_hook_for_FileFinder"
_LOADERS = {each.__name__: each for each in (ExtensionFileLoader, SourceFileLoader, SourcelessFileLoader)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A finder whose modules the probe listed, each with its file and, for a package, its folder of submodules."""

    kind: ModuleKind
    modules: Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A third-party finder or path hook. ``methods`` maps each to the names in its code, with a global's module.

    ``is_plain``: its class is found under its own name, and reading its attributes runs no code. ``without`` are those of its
    attributes that are known not to have the name in question.
    """

    module: str
    name: str
    is_plain: bool
    methods: Mapping[str, Mapping[str, str | None]]
    standard_library: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def verdict(self, name: str) -> Verdict:
        """Whether the finder offers nothing of its own for ``name``; from here it can't be called."""
        top = name.partition(".")[0]
        if any(each.qualname == self.name and top not in but and self._is(each) for each, but in PASSED_ON):
            return "nothing"
        lists = (each for attribute in self.without for each in LISTED.get(attribute, ()))
        if any(each.qualname == self.name and self._is(each) for each in lists):
            return "nothing"
        return Unasked(reason=f"the finder `{self.module}.{self.name}` of that interpreter would have to be called")

    def _is(self, known: KnownFinder) -> bool:
        return (
            self.is_plain
            and re.fullmatch(known.module, self.module) is not None
            and all(known.allows(method, self.methods.get(method), self.standard_library) for method in known.methods)
        )


def meta_path_of(described: Mapping[str, Any]) -> tuple[Any, ...]:
    """The finders in a probe's description."""
    return tuple(_finder(each, described) for each in described["meta_path"])


def _finder(each: Mapping[str, Any], described: Mapping[str, Any]) -> Any:
    if each["module"] in _IMPORTLIB:
        match each["name"]:
            case "PathFinder":
                return PathFinder
            case "BuiltinImporter":
                return Listed(kind="builtin", modules=dict.fromkeys(described["builtin_modules"], (None, None)))
            case "FrozenImporter":
                return Listed(
                    kind="frozen", modules={name: tuple(at) for name, at in described["frozen_modules"].items()}
                )
    return Told(**each, standard_library=frozenset(described["standard_library"]))


def path_hooks_of(described: Mapping[str, Any]) -> tuple[Any, ...]:
    """The path hooks in a probe's description; the standard library's work here as they do there."""
    return tuple(map(_hook, described["path_hooks"]))


def _hook(each: Mapping[str, Any]) -> Any:
    if (each["module"], each["name"]) == ("zipimport", "zipimporter"):
        return zipimporter
    loaders = each.get("loaders", ())
    is_file_hook = each["module"] in _IMPORTLIB and each["name"] == _FILE_HOOK and loaders
    if is_file_hook and all(module in _IMPORTLIB and name in _LOADERS for module, name, _ in loaders):
        return _file_hook(tuple((name, tuple(suffixes)) for _, name, suffixes in loaders))
    return _foreign_hook(each["module"], each["name"])


@cache  # searches are cached by the hooks' `id`, which a new hook could reuse once this one is gone
def _file_hook(loaders: Sequence[tuple[str, Sequence[str]]]) -> Any:
    return FileFinder.path_hook(*((_LOADERS[name], list(suffixes)) for name, suffixes in loaders))


@cache
def _foreign_hook(module: str, name: str) -> Any:
    return Told(module=module, name=name, is_plain=False, methods={})
