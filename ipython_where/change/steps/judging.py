"""What is planned, held against what is installed: a plan that would break something is refused.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ipython_where.change.attempt import Chosen
from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.plan import make_plan
from ipython_where.change.plan.refusals import Facts, stopping
from ipython_where.change.plan.verdict import read_loaded_modules
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import Change, ChangedModule, Plan
from ipython_where.facts.distributions.installed import Installed
from ipython_where.model import Finding

from .builds import InstallError
from .condas_own import claims_on
from .unmanaged import refuse_replacement


def plan_of(
    request: Request,
    target: TargetEnvironment,
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
        facts_of(target, names),
        installer=choice.installer.name,
        reason=choice.reason,
        removed=removed,
        neutralised=target.neutralised,
    )
    return replace(plan, findings=(*plan.findings, *target.unusable))


def facts_of(target: TargetEnvironment, names: Sequence[str]) -> Facts:
    """What a plan that touches ``names`` is judged against."""
    touched = [found for name in names if (found := target.installed.get(name))]
    return Facts(
        installed=target.installed,
        provenance={each.project: target.installed.provenance(each) for each in touched},
        conda=claims_on(names, target),
        has_conda=bool(target.conda.all),
        kernel=target.kernel_projects,
        markers=target.markers,
        prefix=target.kernel.prefix,
        damage={each.project: why for each in touched if (why := target.installed.damage(each)) is not None},
        loaded=_loaded_of(touched, target),
        externally_managed=target.kernel.externally_managed and not target.user,
        runs=target.runs,
    )


def loaded_modules(changes: Sequence[Change], target: TargetEnvironment) -> tuple[ChangedModule, ...]:
    """The loaded modules that the changes will replace: read before, since their files are gone afterwards."""
    return _loaded_of([each for change in changes if (each := target.installed.get(change.name))], target)


def _loaded_of(installed: Sequence[Installed], target: TargetEnvironment) -> tuple[ChangedModule, ...]:
    metadata = [each.metadata for each in installed if each.metadata]
    if not metadata:
        return ()
    return read_loaded_modules(metadata, target.world.distributions, target.world.system.modules)


def judged(plan: Plan, target: TargetEnvironment) -> Plan:
    """The plan itself. Raises `WhereError` where what it replaces is out of reach, or a finding forbids it."""
    refuse_replacement(plan.changes, target)
    return without_danger(plan, target)


def without_danger(plan: Plan, target: TargetEnvironment) -> Plan:
    """The plan itself. Raises `InstallError` where one of its findings forbids it."""
    reasons = stopping(plan)
    if reasons:
        raise refused(reasons, target)
    return plan


def refused(reasons: tuple[Finding, ...], target: TargetEnvironment) -> InstallError:
    """The error that says why nothing was changed: the first reason in full, and what else forbids it."""
    first, *others = reasons
    also = (f"also: {each.message}" for each in others)
    error = InstallError(
        first.message, evidence=(target.named, *first.evidence, *also), hint=first.hint, unchanged=True
    )
    error.reasons = reasons
    return error
