"""Why a module was not found, judged from what was read of it: one finding, or none where nothing is certain."""

from __future__ import annotations

from ..model import Elsewhere, Evidence, Finding
from ..value import dataclass
from .other_copy import RESTART, Hidden, Outdated, hidden_finding, outdated_finding, spaced

_SHOWN = 2
"""How many other environments are shown: `%where` shows them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Where a new process would find the module, and this one does not; ``on_path``: it looks there, and saw nothing before."""

    location: str
    since_start: bool
    on_path: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The installed distribution whose code imports the module; ``requirement`` is what its metadata says of it."""

    distribution: str
    version: str | None
    requirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The package that should hold a missing submodule; without a file and a distribution it is Python's own."""

    module: str
    file: str | None
    is_package: bool
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A distribution that is recorded as installed, and whose module is not there; ``folder`` is an editable one's."""

    distribution: str
    version: str | None
    folder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModule:
    """All that is read after a `ModuleNotFoundError`, as far as nothing before it explains the error.

    ``foreign_build`` is a compiled file of that name which is for another Python; ``removed_in`` the release whose standard
    library lost the module, ``python`` the one that the kernel runs. ``imported_as``: the name is a project's, which is
    imported so (``is_there``: it can be). ``project`` provides the module, where that is certain.
    """

    module: str
    prefix: str
    python: str
    hidden: Hidden | None = None
    outdated: Outdated | None = None
    unseen: Unseen | None = None
    foreign_build: str | None = None
    standard_library: bool = False
    removed_in: str | None = None
    parent: Parent | None = None
    imported_as: str | None = None
    is_there: bool = False
    damaged: Damaged | None = None
    wanted: Wanted | None = None
    project: str | None = None
    near: str | None = None
    elsewhere: tuple[Elsewhere, ...] = ()


def diagnose_missing(facts: MissingModule) -> Finding | None:
    """What to say of a module that was not found."""
    if facts.hidden is not None:
        return hidden_finding(facts.hidden)
    if facts.outdated is not None:
        return outdated_finding((facts.outdated,))
    if facts.unseen is not None:
        return _unseen(facts.module, facts.unseen)
    if facts.foreign_build is not None:
        return Finding(
            id="built-for-another-python",
            severity="warning",
            message=f"`{facts.foreign_build}` was built for another Python than this kernel's {facts.python}",
        )
    if facts.removed_in is not None or facts.standard_library:
        return _standard(facts)
    if facts.parent is not None:
        return _no_submodule(facts.module, facts.parent, facts.near)
    if facts.imported_as is not None:
        return _misnamed(facts, facts.imported_as)
    if facts.damaged is not None:
        return _damaged(facts.module, facts.damaged)
    return _missing(facts)


def _unseen(module: str, unseen: Unseen) -> Finding:
    if unseen.on_path:
        message = f"`{module}` came to `{unseen.location}` after this kernel had looked there"
        hint = "`import importlib; importlib.invalidate_caches()`, then run the cell again"
    elif unseen.since_start:
        message = (
            f"`{module}` was installed since this kernel started, in `{unseen.location}`, where it does not look yet"
        )
        hint = RESTART
    else:
        message = f"`{module}` is installed, in `{unseen.location}`, where this kernel does not look yet"
        hint = RESTART
    return Finding(id="unseen", severity="note", message=message, hint=hint)


def _standard(facts: MissingModule) -> Finding:
    name = f"`{facts.module}`{_wanted(facts.wanted)}{',' if facts.wanted else ''}"
    if facts.removed_in is None:
        message = f"{name} belongs to the standard library, and this kernel's Python {facts.python} came without it"
        return Finding(id="not-in-python", severity="note", message=message)
    return Finding(
        id="not-in-python",
        severity="note",
        message=f"{name} left the standard library in Python {facts.removed_in}, and this kernel runs {facts.python}",
        hint="`%safepip install setuptools` brings a copy" if facts.module == "distutils" else None,
    )


def _no_submodule(module: str, parent: Parent, near: str | None) -> Finding:
    of = f"`{parent.file}`"
    if parent.distribution is not None:
        of = f"`{parent.distribution}`{spaced(parent.version)}"
    elif parent.file is None:
        of = f"Python{spaced(parent.version)}"
    if not parent.is_package:
        return Finding(id="no-submodule", severity="note", message=f"`{parent.module}` of {of} is no package")
    there = f"; it has `{near}`" if near else ""
    return Finding(id="no-submodule", severity="note", message=f"{of} has no module `{module}`{there}")


def _misnamed(facts: MissingModule, imported_as: str) -> Finding:
    return Finding(
        id="imported-as",
        severity="note",
        message=f"`{facts.project or facts.module}` is imported as `{imported_as}`",
        hint=f"`%safepip install {facts.project}`" if facts.project and not facts.is_there else None,
    )


def _damaged(module: str, damaged: Damaged) -> Finding:
    name = f"`{damaged.distribution}`{spaced(damaged.version)}"
    if damaged.folder is not None:
        message = f"{name} is installed from `{damaged.folder}`, which is not there"
        return Finding(id="files-missing", severity="warning", message=message)
    return Finding(
        id="files-missing",
        severity="warning",
        message=f"{name} is recorded as installed, and its `{module}` is not there",
        hint=f"`%safepip install --force-reinstall --no-deps {damaged.distribution}`",
    )


def _missing(facts: MissingModule) -> Finding:
    near = f"; it has `{facts.near}`" if facts.near else ""
    return Finding(
        id="not-installed",
        severity="note",
        message=f"this kernel (`{facts.prefix}`) has no `{facts.module}`{_wanted(facts.wanted)}{near}",
        evidence=_places(facts.elsewhere),
        hint=f"`%safepip install {facts.project}`" if facts.project else None,
    )


def _wanted(wanted: Wanted | None) -> str:
    if wanted is None:
        return ""
    verb = "requires" if wanted.requirement else "imports"
    return f", which `{wanted.distribution}`{spaced(wanted.version)} {verb}"


def _places(elsewhere: tuple[Elsewhere, ...]) -> tuple[Evidence, ...]:
    shown = elsewhere if len(elsewhere) <= _SHOWN + 1 else elsewhere[:_SHOWN]
    rows = [
        Evidence(label=each.why.strip("`"), value=each.interpreter or each.prefix, note=_what(each)) for each in shown
    ]
    more = len(elsewhere) - len(shown)
    return (*rows, Evidence(label="and", value=f"{more} other environments")) if more else tuple(rows)


def _what(place: Elsewhere) -> str | None:
    return f"{place.distribution}{spaced(place.version)}" if place.distribution else None
