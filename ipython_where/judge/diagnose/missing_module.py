"""Why a module was not found, judged from what was read: one finding, or none if nothing is certain."""

from __future__ import annotations

from ipython_where.model import Elsewhere, Evidence, Finding
from ipython_where.value import dataclass

from .findings import count
from .foreign_build import ForeignBuild, foreign_build_finding
from .moved import Moved, moved_finding, moved_hint
from .shadowing import RESTART, Hidden, Outdated, hidden_finding, outdated_finding, spaced
from .start_up import LostStart, start_findings

_SHOWN = 2
"""How many other environments are shown: `%where` shows them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Where a new process would find the module although this one does not; ``on_path``: it searched there before."""

    location: str
    since_start: bool
    on_path: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportingDistribution:
    """The installed distribution whose code imports the module; ``requirement`` is the one in its metadata."""

    distribution: str
    version: str | None
    requirement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The package that should contain the missing submodule; with neither file nor distribution it is Python's own."""

    module: str
    file: str | None
    is_package: bool
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedDistribution:
    """A distribution that is recorded as installed although its module is missing; ``folder`` is an editable one's.

    ``again`` is the line that reinstalls it. ``emptied`` is the package that only a folder is left of,
    ``loaded``: the package that lacks the module was imported. ``lost`` is the missing package, where it isn't the module
    that was asked for, and ``instead`` the folder that an import takes in its place.
    """

    distribution: str
    version: str | None
    folder: str | None = None
    again: str | None = None
    emptied: str | None = None
    loaded: bool = False
    lost: str | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """The installed distribution of the project known to provide the module, in a version that does not contain it.

    ``left_in`` is the release that dropped the module, if that is why; ``fits`` is a requirement that still has it.
    """

    distribution: str
    version: str | None
    left_in: str | None = None
    fits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingModule:
    """All that is read after a `ModuleNotFoundError`: reading stops at the first explanation.

    ``removed_in`` is the Python release that dropped the module, ``python`` the one that the kernel runs.
    ``imported_as``: the name is a project's, and this is its import name. ``folder`` is one without code that Python
    takes for the package. ``lost_links`` are what an editable installation left that led to it. ``install`` is the
    requirement that provides the module, if that is certain and not yet installed, ``alternatives`` are other projects that
    provide it as well. ``unsearched`` other environments were not searched in time, None: an unknown number.
    """

    module: str
    prefix: str
    python: str
    hidden: Hidden | None = None
    outdated: Outdated | None = None
    unseen: Unseen | None = None
    foreign_build: ForeignBuild | None = None
    standard_library: bool = False
    removed_in: str | None = None
    moved: Moved | None = None
    parent: Parent | None = None
    imported_as: str | None = None
    project: str | None = None
    damaged: DamagedDistribution | None = None
    lost_links: tuple[LostStart, ...] = ()
    lacking: Lacking | None = None
    folder: str | None = None
    wanted: ImportingDistribution | None = None
    install: str | None = None
    alternatives: tuple[str, ...] = ()
    near: str | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    unsearched: int | None = 0


def diagnose_missing(facts: MissingModule) -> Finding | None:
    """Explain why a module was not found."""
    if facts.hidden is not None:
        return hidden_finding(facts.hidden)
    if facts.outdated is not None:
        return outdated_finding((facts.outdated,))
    if facts.unseen is not None:
        return _unseen(facts.module, facts.unseen)
    if facts.foreign_build is not None:
        return foreign_build_finding(facts.foreign_build)
    if facts.moved is not None and facts.removed_in is None:
        return moved_finding(facts.moved)
    if facts.removed_in is not None or facts.standard_library:
        return _standard(facts)
    if facts.damaged is not None:
        return _damaged(facts.module, facts.damaged)
    if facts.parent is not None:
        return _no_submodule(facts.module, facts.parent, facts.near)
    if facts.imported_as is not None:
        return _misnamed(facts, facts.imported_as)
    if facts.lost_links:
        return next(start_findings(facts.lost_links), None)
    if facts.lacking is not None:
        return lacking_finding(facts.module, facts.lacking, wanted=facts.wanted, elsewhere=facts.elsewhere)
    if facts.folder is not None:
        return _only_a_folder(facts, facts.folder)
    return _missing(facts)


def _unseen(module: str, unseen: Unseen) -> Finding:
    if unseen.on_path:
        message = f"`{module}` was added to `{unseen.location}` after this kernel cached that directory"
        hint = "`import importlib; importlib.invalidate_caches()`, then run the cell again"
    elif unseen.since_start:
        message = (
            f"`{module}` was installed after this kernel started, in `{unseen.location}`, which it does not search yet"
        )
        hint = RESTART
    else:
        message = f"`{module}` is installed in `{unseen.location}`, which this kernel does not search yet"
        hint = RESTART
    return Finding(id="unseen", severity="note", message=message, hint=hint)


def _standard(facts: MissingModule) -> Finding:
    name = f"`{facts.module}`{_wanted(facts.wanted)}{',' if facts.wanted else ''}"
    if facts.removed_in is None:
        message = f"{name} belongs to the standard library, but this kernel's Python {facts.python} came without it"
        return Finding(id="not-in-python", severity="note", message=message)
    return Finding(
        id="not-in-python",
        severity="note",
        message=f"{name} was removed from the standard library in Python {facts.removed_in}, and this kernel runs {facts.python}",
        hint=_copy_of_distutils(facts.lacking)
        if facts.module == "distutils"
        else moved_hint(facts.moved)
        if facts.moved
        else None,
    )


def _copy_of_distutils(setuptools: Lacking | None) -> str:
    """What makes `distutils` importable: setuptools' copy, which a running process gets with `import setuptools`."""
    if setuptools is not None:
        return "`import setuptools` first: it provides a copy"
    return "`%safepip install setuptools` provides a copy; `import setuptools` before importing it"


def _no_submodule(module: str, parent: Parent, near: str | None) -> Finding | None:
    if near is None and parent.file is None and parent.distribution is None:
        return None  # the traceback already says that Python's own package has no such module
    of = f"`{parent.file}`"
    if parent.distribution is not None:
        of = f"`{parent.distribution}`{spaced(parent.version)}"
    elif parent.file is None:
        of = f"Python{spaced(parent.version)}"
    if not parent.is_package:
        return Finding(id="no-submodule", severity="note", message=f"`{parent.module}` of {of} is not a package")
    there = f"; it has `{near}`" if near else ""
    return Finding(id="no-submodule", severity="note", message=f"{of} has no module `{module}`{there}")


def _misnamed(facts: MissingModule, imported_as: str) -> Finding:
    return Finding(
        id="imported-as",
        severity="note",
        message=f"`{facts.module if facts.project in (None, imported_as) else facts.project}` is imported as `{imported_as}`",
        hint=f"`%safepip install {facts.install}`" if facts.install else None,
    )


def _damaged(module: str, damaged: DamagedDistribution) -> Finding:
    name = f"`{damaged.distribution}`{spaced(damaged.version)}"
    if damaged.folder is not None:
        message = f"{name} is installed from `{damaged.folder}`, which does not exist"
        return Finding(id="files-missing", severity="warning", message=message)
    lost = damaged.lost or module
    left = f"only a folder is left of its `{damaged.emptied}`" if damaged.emptied else f"its `{lost}` is missing"
    if damaged.instead is not None:
        left += f", and `import {lost}` finds the folder `{damaged.instead}`"
    return Finding(
        id="files-missing",
        severity="warning",
        message=f"{name} is recorded as installed, but {left}",
        hint=f"`{damaged.again}`"
        + (f", then {RESTART}" if damaged.emptied or damaged.loaded or damaged.instead else "")
        if damaged.again
        else None,
    )


def lacking_finding(
    module: str, lacking: Lacking, *, wanted: ImportingDistribution | None = None, elsewhere: tuple[Elsewhere, ...] = ()
) -> Finding:
    """Explain why an installed distribution does not have a module that its project is known for."""
    name = f"`{module}`{_wanted(wanted)}{',' if wanted else ''}"
    if lacking.left_in is not None:
        why = f"was removed from `{lacking.distribution}` in version {lacking.left_in}, and {lacking.version} is installed"
    else:
        why = f"is not in `{lacking.distribution}`{spaced(lacking.version)}, which is installed"
    return Finding(
        id="not-in-version",
        severity="note",
        message=f"{name} {why}",
        evidence=_places(elsewhere),
        hint=f"`%safepip install {lacking.fits}`" if lacking.fits else None,
    )


def _only_a_folder(facts: MissingModule, folder: str) -> Finding:
    top = facts.module.partition(".")[0]
    return Finding(
        id="only-a-folder",
        severity="warning" if facts.install else "note",
        message=f"`import {top}` finds the folder `{folder}`, which has no `__init__.py`"
        + (f", and `{facts.install}` is not installed" if facts.install else ""),
        evidence=_places(facts.elsewhere, facts.unsearched),
        hint=f"`%safepip install {facts.install}`, then {RESTART}" if facts.install else None,
    )


def _missing(facts: MissingModule) -> Finding | None:
    if not (facts.wanted or facts.near or facts.elsewhere or facts.install):
        return None  # the traceback already says that it is missing
    near = f"; it has `{facts.near}`" if facts.near else ""
    return Finding(
        id="not-installed",
        severity="note",
        message=f"`{facts.module}`{_wanted(facts.wanted)}{',' if facts.wanted else ''} is not installed "
        f"in this kernel's environment (`{facts.prefix}`){near}",
        evidence=_places(facts.elsewhere, facts.unsearched),
        hint=" or ".join(f"`%safepip install {each}`" for each in (facts.install, *facts.alternatives))
        if facts.install
        else None,
    )


def _wanted(wanted: ImportingDistribution | None) -> str:
    if wanted is None:
        return ""
    verb = "requires" if wanted.requirement else "imports"
    return f", which `{wanted.distribution}`{spaced(wanted.version)} {verb}"


def not_searched(number: int | None) -> str:
    """The sentence about the environments that were not searched in time."""
    some = "some environments were" if number is None else f"{count(number, 'environment')} {_was(number)}"
    return f"{some} not searched: time ran out"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _places(elsewhere: tuple[Elsewhere, ...], unsearched: int | None = 0) -> tuple[Evidence, ...]:
    shown = elsewhere if len(elsewhere) <= _SHOWN + 1 else elsewhere[:_SHOWN]
    rows = [
        Evidence(label=each.why.strip("`"), value=each.interpreter or each.prefix, note=_what(each)) for each in shown
    ]
    more = len(elsewhere) - len(shown)
    if more:
        rows.append(Evidence(label="and", value=f"{more} other environments"))
    if unsearched != 0:
        rows.append(Evidence(label="unknown", value=not_searched(unsearched)))
    return tuple(rows)


def _what(place: Elsewhere) -> str | None:
    return f"{place.distribution}{spaced(place.version)}" if place.distribution else None
