"""Why an import failed, judged from what was read of it: one finding, or none where nothing is certain."""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Elsewhere, Evidence, Finding
from .environment import StaleModule, Twice

RESTART = "restart the kernel"
_SHOWN = 2
"""How many other environments are shown: `%where` shows them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A file of the user's that wins over an installed module, or over one of the standard library (no ``distribution``)."""

    module: str
    file: str
    distribution: str | None
    version: str | None


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
    """The package that should hold a missing submodule: ``version`` is the installed one, or Python's for its own modules."""

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
    """All that is read after a `ModuleNotFoundError`.

    ``project`` provides the module, where that is certain. ``imported_as``: the name is a project's, and this is how that is
    imported (``is_there``: it can be). ``python`` is the version that the kernel runs; ``removed_in`` the one whose standard
    library lost the module.
    """

    module: str
    prefix: str
    python: str
    hidden: Hidden | None = None
    stale: StaleModule | None = None
    unseen: Unseen | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A requirement of an installed distribution that an installed version does not satisfy."""

    distribution: str
    version: str
    requirement: str
    found: str
    found_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A distribution with compiled parts that were made for another version of ``other``."""

    distribution: str
    version: str | None
    other: str
    other_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenModule:
    """All that is read after an `ImportError` of a module that was found."""

    hidden: Hidden | None = None
    stale: tuple[StaleModule, ...] = ()
    unmet: Unmet | None = None
    twice: Twice | None = None
    built: Built | None = None


def diagnose_missing(facts: MissingModule) -> Finding | None:
    """What to say of a module that was not found."""
    if facts.hidden is not None:
        return _hidden(facts.hidden)
    if facts.stale is not None:
        return _stale((facts.stale,))
    if facts.unseen is not None:
        return _unseen(facts.module, facts.unseen)
    if facts.removed_in is not None or facts.standard_library:
        return _standard(facts)
    if facts.parent is not None:
        return _no_submodule(facts.module, facts.parent, facts.near)
    if facts.imported_as is not None:
        return _misnamed(facts, facts.imported_as)
    if facts.damaged is not None:
        return _damaged(facts.module, facts.damaged)
    return _missing(facts)


def diagnose_broken(facts: BrokenModule) -> Finding | None:
    """What to say of a module that was found, and whose import failed all the same."""
    if facts.hidden is not None:
        return _hidden(facts.hidden)
    if facts.stale:
        return _stale(facts.stale)
    if facts.unmet is not None:
        return _unmet(facts.unmet)
    if facts.twice is not None:
        return _twice(facts.twice)
    return _built(facts.built) if facts.built is not None else None


def _hidden(hidden: Hidden) -> Finding:
    what = (
        f"the installed `{hidden.distribution}`{_spaced(hidden.version)}"
        if hidden.distribution
        else f"the standard library's module `{hidden.module}`"
    )
    return Finding(
        id="hidden-by-own-file",
        severity="warning",
        message=f"your `{hidden.file}` hides {what}",
        hint=f"rename it, then {RESTART}",
    )


def _stale(stale: tuple[StaleModule, ...]) -> Finding:
    first, *others = (
        f"`{each.module}`{_spaced(each.loaded_version)} is loaded, "
        + (f"{each.version} is installed" if each.version else "and is no longer installed")
        for each in stale
    )
    return Finding(
        id="stale",
        severity="warning",
        message=first,
        evidence=tuple(Evidence(label="also", value=each) for each in others),
        hint=RESTART,
    )


def _unseen(module: str, unseen: Unseen) -> Finding:
    came = "was installed since this kernel started" if unseen.since_start else "is installed"
    if unseen.on_path:
        return Finding(
            id="unseen",
            severity="note",
            message=f"`{module}` came to `{unseen.location}` after this kernel had looked there",
            hint="`import importlib; importlib.invalidate_caches()`, then run the cell again",
        )
    return Finding(
        id="unseen",
        severity="note",
        message=f"`{module}` {came}, in `{unseen.location}`, where it does not look yet",
        hint=RESTART,
    )


def _standard(facts: MissingModule) -> Finding:
    wanted = _wanted(facts.wanted)
    if facts.removed_in is None:
        message = f"`{facts.module}`{wanted} belongs to the standard library, and this kernel's Python came without it"
        return Finding(id="not-in-python", severity="note", message=f"{message} ({facts.prefix})")
    return Finding(
        id="not-in-python",
        severity="note",
        message=f"`{facts.module}`{wanted} left the standard library in Python {facts.removed_in}; "
        f"this kernel runs {facts.python}",
        hint="`%safepip install setuptools` brings a copy" if facts.module.partition(".")[0] == "distutils" else None,
    )


def _no_submodule(module: str, parent: Parent, near: str | None) -> Finding:
    of = f"`{parent.distribution}`{_spaced(parent.version)}" if parent.distribution else f"`{parent.file}`"
    if not parent.is_package:
        return Finding(id="no-submodule", severity="note", message=f"`{parent.module}` of {of} is no package")
    there = f", but `{near}`" if near else ""
    return Finding(id="no-submodule", severity="note", message=f"{of} has no module `{module}`{there}")


def _misnamed(facts: MissingModule, imported_as: str) -> Finding:
    return Finding(
        id="imported-as",
        severity="note",
        message=f"`{facts.project or facts.module}` is imported as `{imported_as}`",
        hint=f"`%safepip install {facts.project}`" if facts.project and not facts.is_there else None,
    )


def _damaged(module: str, damaged: Damaged) -> Finding:
    name = f"`{damaged.distribution}`{_spaced(damaged.version)}"
    if damaged.folder is not None:
        message = f"{name} is installed from `{damaged.folder}`, which has no `{module}`"
        return Finding(id="files-missing", severity="warning", message=message)
    return Finding(
        id="files-missing",
        severity="warning",
        message=f"{name} is recorded as installed, and its `{module}` is not there",
        hint=f"`%safepip install --force-reinstall --no-deps {damaged.distribution}`",
    )


def _missing(facts: MissingModule) -> Finding:
    near = f", but `{facts.near}`" if facts.near else ""
    return Finding(
        id="not-installed",
        severity="note",
        message=f"this kernel ({facts.prefix}) has no `{facts.module}`{_wanted(facts.wanted)}{near}",
        evidence=_places(facts.elsewhere),
        hint=f"`%safepip install {facts.project}`" if facts.project else None,
    )


def _wanted(wanted: Wanted | None) -> str:
    if wanted is None:
        return ""
    verb = "requires" if wanted.requirement else "imports"
    return f", which `{wanted.distribution}`{_spaced(wanted.version)} {verb}"


def _places(elsewhere: tuple[Elsewhere, ...]) -> tuple[Evidence, ...]:
    shown = elsewhere if len(elsewhere) <= _SHOWN + 1 else elsewhere[:_SHOWN]
    rows = [
        Evidence(label=each.why.strip("`"), value=each.interpreter or each.prefix, note=_what(each)) for each in shown
    ]
    more = len(elsewhere) - len(shown)
    return (*rows, Evidence(label="and", value=f"{more} other environments")) if more else tuple(rows)


def _what(place: Elsewhere) -> str | None:
    return f"{place.distribution}{_spaced(place.version)}" if place.distribution else None


def _unmet(unmet: Unmet) -> Finding:
    return Finding(
        id="requirement-unmet",
        severity="warning",
        message=f"`{unmet.distribution}` {unmet.version} requires `{unmet.requirement}`, "
        f"and `{unmet.found}` {unmet.found_version} is installed",
        hint=f"`%safepip install {unmet.requirement}`, then {RESTART}",
    )


def _twice(twice: Twice) -> Finding:
    return Finding(
        id="two-versions",
        severity="warning",
        message=f"`{twice.project}` is recorded {len(twice.metadata)} times: an interrupted install leaves that",
        evidence=tuple(Evidence(label="recorded", value=each) for each in twice.metadata),
        hint=f"`%safepip install --force-reinstall --no-deps {twice.project}`, then {RESTART}",
    )


def _built(built: Built) -> Finding:
    return Finding(
        id="built-for-another",
        severity="warning",
        message=f"`{built.distribution}`{_spaced(built.version)} was built for another `{built.other}` "
        f"than{_spaced(built.other_version)}, which is loaded as it is installed",
        hint=f"`%safepip install --upgrade {built.distribution}` brings a build that fits, where there is one",
    )


def _spaced(version: str | None) -> str:
    return f" {version}" if version else ""
