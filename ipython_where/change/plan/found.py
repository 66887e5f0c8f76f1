"""Whether an import in this process finds what a distribution installed, given what is already loaded."""

from __future__ import annotations

import os
from typing import Any

from ipython_where.change.values import ChangedModule, Invisible
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.metadata import editable_root, source_folder
from ipython_where.facts.distributions.provided_modules import Brought
from ipython_where.facts.imports.finding import (
    Found,
    ImportSystem,
    Search,
    find,
    find_afresh,
    loaded_locations,
    namespace_of,
)
from ipython_where.facts.imports.ownership import root_of
from ipython_where.facts.imports.path_entries import PathRules, explain
from ipython_where.value import dataclass

RESTART = "restart the kernel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A distribution by its name, the directory that holds its metadata, and an editable one's project folder.

    ``source`` is the folder that it was built from, editable or not.
    """

    distribution: str
    location: str
    root: str | None
    source: str | None = None

    @classmethod
    def of(cls, metadata: str, distributions: Distributions) -> Home:
        """The home of the distribution with this metadata directory."""
        direct_url = distributions.content(metadata, "direct_url.json")
        return cls(
            distribution=distributions.metadata(metadata).name or os.path.basename(metadata),
            location=os.path.dirname(metadata),
            root=editable_root(direct_url),
            source=source_folder(direct_url),
        )

    def is_in_project(self, file: str) -> bool:
        """Whether a file belongs to an editable project's folder."""
        return _is_below(file, self.root)

    def is_in_source(self, file: str) -> bool:
        """Whether a file is in the source folder that was installed: next to the notebook, that shadows the installed copy."""
        return _is_below(file, self.source) and not _is_below(file, self.location)

    def has(self, found: Found, module: Brought) -> bool:
        """Whether the found module is the one that the distribution installed."""
        if found.file is None:
            return False
        real = os.path.realpath(found.file)
        if any(real == os.path.realpath(each) for each in module.files) or self.is_in_project(found.file):
            return True
        if self.is_in_source(found.file):
            return True
        return not module.files and os.path.realpath(root_of(found)) == os.path.realpath(self.location)


def _is_below(file: str, folder: str | None) -> bool:
    return folder is not None and os.path.realpath(file).startswith(os.path.join(os.path.realpath(folder), ""))


def judge_module(
    module: Brought, home: Home, system: ImportSystem, rules: PathRules | None
) -> str | ChangedModule | Invisible | None:
    """The name of a module that can be imported now; else what a restart would change, or what hides it; None if unknown."""
    search = find(module.name, system)
    if search.halted is not None:
        return Invisible(
            name=module.name,
            reason=f"`sys.modules` has None for `{search.halted}`",
            hint=f"`import sys; del sys.modules[{search.halted!r}]`",
        )
    if search.found is not None and home.has(search.found, module):
        return _as_loaded(module, search.found, home, system)
    if search.undecided is not None:
        return None
    afresh = find_afresh(module.name, [each for each in system.path if isinstance(each, str)], system)
    parent = _loaded_parent(module.name, system.modules)
    if afresh is not None and home.has(afresh, module) and parent is not None:
        return _loaded(parent, home, system)  # the loaded parent searches elsewhere for its submodules
    if search.found is None:
        return Invisible(name=module.name, reason=_why_missing(module, home, system))
    return _hidden(module.name, search, system, rules)


def _as_loaded(module: Brought, found: Found, home: Home, system: ImportSystem) -> str | ChangedModule:
    """An import returns the module that is already loaded, whatever is on the path by now."""
    loaded = system.modules.get(module.name)
    if loaded is None:
        return module.name
    file = namespace_of(loaded).get("__file__")
    if isinstance(file, str) and found.file is not None and os.path.realpath(file) == os.path.realpath(found.file):
        return module.name
    return _loaded(module.name, home, system)


def _loaded_parent(name: str, modules: Any) -> str | None:
    parts = name.split(".")
    parents = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((each for each in parents if each in modules), None)


def _loaded(name: str, home: Home, system: ImportSystem) -> ChangedModule:
    file = namespace_of(system.modules[name]).get("__file__")
    folders = loaded_locations(name, system.modules)
    origin = file if isinstance(file, str) else folders[0] if folders else None
    is_native = isinstance(file, str) and file.endswith((".so", ".pyd", ".dylib"))
    return ChangedModule(name=name, distribution=home.distribution, extension=is_native, loaded_from=origin)


def _why_missing(module: Brought, home: Home, system: ImportSystem) -> str:
    if module.foreign and not module.files:
        return f"`{module.foreign[0]}` is built for another Python"
    if home.location not in system.path and home.root is None:
        return f"`{home.location}` is not on this kernel's `sys.path`"
    parts = module.name.split(".")
    for parent in (".".join(parts[:count]) for count in range(1, len(parts))):
        found = find(parent, system).found
        if found is not None and found.kind != "namespace" and found.file is not None:
            return f"`{parent}` is imported from `{found.file}`, which does not contain it"
    return "no finder finds it"


def _hidden(name: str, search: Search, system: ImportSystem, rules: PathRules | None) -> Invisible | None:
    """What an import finds instead, why, and how to get that out of the way."""
    found = search.found
    if found is None or (found.file is None and found.finder is not None):
        return None
    if found.kind in ("builtin", "frozen"):
        return Invisible(name=name, reason=f"the {found.kind.replace('builtin', 'built-in')} module is found before it")
    file = found.file or (found.locations or ("a namespace package",))[0]
    reason = f"`{file}` is found before it"
    if found.finder is not None:
        return Invisible(name=name, reason=f"{reason}, by the import hook `{found.finder}`")
    if rules is None or found.entry is None:
        return Invisible(name=name, reason=reason)
    entry = explain(found.entry if "." not in name else root_of(found), rules)
    if entry.reason == "working directory":
        return Invisible(name=name, reason=reason, hint=f"rename `{file}`, then import `{name}`")
    if entry.reason == "PYTHONPATH":
        hint = f"start the kernel without `{entry.path}` in `PYTHONPATH`"
        return Invisible(name=name, reason=f"{reason}: `PYTHONPATH` has `{entry.path}`", hint=hint)
    if entry.source is not None:
        hint = f"remove that line from the file, or remove `{entry.path}`; then {RESTART}"
        return Invisible(name=name, reason=f"{reason}: `{entry.source}` puts `{entry.path}` on the path", hint=hint)
    if entry.reason == "code":
        return Invisible(name=name, reason=f"{reason}: code put `{entry.path}` on `sys.path`", hint=RESTART)
    return Invisible(name=name, reason=reason)
