"""What is planned, held against what is installed: a plan that would break something is refused.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ipython_where.change.attempt import Chosen
from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.plan import Facts, make_plan, stopping
from ipython_where.change.plan.verdict import read_loaded_modules
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import Change, ChangedModule, Plan
from ipython_where.facts.distributions.installed import Installed
from ipython_where.model import Evidence, Finding

from .builds import InstallError
from .unmanaged import refuse_replacement


def plan_of(
    request: Request,
    place: TargetEnvironment,
    pins: tuple[Pin, ...],
    choice: Chosen,
    *,
    removed: Sequence[str] = (),
) -> Plan:
    """The plan that brings ``pins`` and takes ``removed`` (names) away."""
    names = [*(pin.name for pin in pins), *removed]
    plan = make_plan(
        request,
        pins,
        facts_of(place, names),
        installer=choice.installer.name,
        reason=choice.reason,
        removed=removed,
        neutralised=place.neutralised,
    )
    return replace(plan, findings=(*plan.findings, *place.unusable))


def facts_of(place: TargetEnvironment, names: Sequence[str]) -> Facts:
    """What a plan that touches ``names`` is judged against."""
    touched = [found for name in names if (found := place.installed.get(name))]
    return Facts(
        installed=place.installed,
        provenance={each.project: place.installed.provenance(each) for each in touched},
        kernel=place.kernel_projects,
        markers=place.markers,
        prefix=place.kernel.prefix,
        damage={each.project: why for each in touched if (why := place.installed.damage(each)) is not None},
        loaded=_loaded_of(touched, place),
        externally_managed=place.kernel.externally_managed and not place.user,
        runs=place.runs,
    )


def loaded_modules(changes: Sequence[Change], place: TargetEnvironment) -> tuple[ChangedModule, ...]:
    """The loaded modules that the changes will replace: read before, since their files are gone afterwards."""
    return _loaded_of([each for change in changes if (each := place.installed.get(change.name))], place)


def _loaded_of(installed: Sequence[Installed], place: TargetEnvironment) -> tuple[ChangedModule, ...]:
    metadata = [each.metadata for each in installed if each.metadata]
    if not metadata:
        return ()
    return read_loaded_modules(metadata, place.world.distributions, place.world.system.modules)


def judged(plan: Plan, place: TargetEnvironment) -> Plan:
    """The plan itself. Raises `WhereError` where what it replaces is out of reach, or a finding forbids it."""
    refuse_replacement(plan.changes, place)
    return without_danger(plan, place)


def without_danger(plan: Plan, place: TargetEnvironment) -> Plan:
    """The plan itself. Raises `InstallError` where one of its findings forbids it."""
    reasons = stopping(plan)
    if reasons:
        raise _refused(reasons[0], reasons[1:], place)
    return plan


def _refused(first: Finding, others: Sequence[Finding], place: TargetEnvironment) -> InstallError:
    kernel = Evidence(label=place.runs.value, value=place.executable, note=place.kernel.version)
    shown = (kernel, *first.evidence)
    width = max(len(each.label) for each in shown)
    lines = [f"{each.label:{width}}  {each.value}" + (f"  ({each.note})" if each.note else "") for each in shown]
    also = (f"also: {each.message}" for each in others)
    return InstallError(f"nothing was changed: {first.message}", evidence=(*lines, *also), hint=first.hint)
