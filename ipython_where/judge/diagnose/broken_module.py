"""Why importing a module that exists failed, judged from what was read: one finding, or none."""

from __future__ import annotations

from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .foreign_build import ForeignBuild, foreign_build_finding
from .records import Claim, again, cut_off_finding
from .shadowing import RESTART, Hidden, Outdated, hidden_finding, outdated_finding, spaced
from .unloaded import Unloaded, unloaded_finding


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
    """A distribution compiled for a different version of ``other`` than is installed; ``loaded``: ``other`` is also loaded."""

    distribution: str
    version: str | None
    other: str
    other_version: str | None
    loaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenModule:
    """All that is read after an `ImportError` from a module that was found.

    ``cut_off`` owns a truncated file, ``twice`` is recorded more than once.
    """

    hidden: Hidden | None = None
    cut_off: Claim | None = None
    foreign_build: ForeignBuild | None = None
    unloaded: Unloaded | None = None
    outdated: tuple[Outdated, ...] = ()
    unmet: Unmet | None = None
    twice: Claim | None = None
    built: Built | None = None


def diagnose_broken(facts: BrokenModule) -> Finding | None:
    """Explain why importing a module failed although it was found."""
    # the order is that of the causes: a file that hides the module makes everything below it irrelevant
    if facts.hidden is not None:
        return hidden_finding(facts.hidden)
    if facts.cut_off is not None:
        return cut_off_finding(facts.cut_off)
    if facts.foreign_build is not None:
        return foreign_build_finding(facts.foreign_build)
    if facts.unloaded is not None:
        return unloaded_finding(facts.unloaded)
    if facts.outdated:
        return outdated_finding(facts.outdated)
    if facts.unmet is not None:
        return _unmet(facts.unmet)
    if facts.twice is not None:
        return _twice(facts.twice)
    return _built(facts.built) if facts.built is not None else None


def _unmet(unmet: Unmet) -> Finding:
    return Finding(
        id="requirement-unmet",
        severity="warning",
        message=f"`{unmet.distribution}` {unmet.version} requires `{unmet.requirement}`, "
        f"but `{unmet.found}` {unmet.found_version} is installed",
        hint=f"`%safepip install {unmet.requirement}`, then {RESTART}",
    )


def _twice(claim: Claim) -> Finding:
    line = again(claim)
    how = f"`{line}`" if line else f"reinstall it with `{claim.record.installer}`"
    return Finding(
        id="two-versions",
        severity="warning",
        message=f"`{claim.name}` is recorded {len(claim.twins)} times: an interrupted install can cause this",
        evidence=tuple(Evidence(label="recorded", value=each.metadata) for each in claim.twins),
        hint=f"{how}, then {RESTART}",
    )


def _built(built: Built) -> Finding:
    installed = "installed and loaded" if built.loaded else "installed"
    return Finding(
        id="built-for-another",
        severity="warning",
        message=f"`{built.distribution}`{spaced(built.version)} was built for a different version of `{built.other}` "
        f"than the {installed} {built.other_version or 'one'}",
        hint=f"`%safepip install --upgrade {built.distribution}` installs a build that fits, if there is one",
    )
