"""Installing what a line names: proven to be there, else brought.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

from ipython_where.answer.misfit import misfits
from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Pin
from ipython_where.change.pipeline import bring
from ipython_where.change.plan.satisfied import satisfied
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.change.steps.answering import nothing_to_do
from ipython_where.change.steps.conda_refusals import refuse_managed, refuse_owned
from ipython_where.change.steps.judging import judged, plan_of
from ipython_where.change.steps.resolving import refuse_where_impossible, resolve
from ipython_where.change.steps.staging import start_ahead
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.facts.distributions.requirement import parse_requirement
from ipython_where.value import dataclass


def install(request: Request, target: TargetEnvironment, *, planned: tuple[Pin, ...] | None = None) -> InstallAnswer:
    """Install what a request names, all or nothing. ``planned``: the pins that an equal environment's plan came to.

    Raises `WhereError`, with nothing changed, when the plan is refused or an installer fails.
    """
    started = time.monotonic()
    request = with_files_taken_in(request, target.world.system.cwd, environ=target.world.environ)
    held = satisfied(request, target.installed, target.markers, settings=target.settings)
    if held is not None:
        proven = tuple(f"{each.requirement} by {each.name} {each.version or '(not needed here)'}" for each in held)
        return _with_misfits(nothing_to_do(request, target, proven, started), request, target)
    refuse_where_impossible(target)
    refuse_managed(request, target)
    refuse_owned(request, target)
    return _with_misfits(bring(_Install(request=request, planned=planned), target, started), request, target)


def _with_misfits(done: InstallAnswer, request: Request, target: TargetEnvironment) -> InstallAnswer:
    """The answer, where nothing was to be done, with what of the requested distributions doesn't fit this Python.

    For pip they are installed, but they may not run.
    """
    if done.changes:
        return done
    wanted = (each for each in map(parse_requirement, request.requirements) if each is not None)
    held = (target.installed.get(each.name) for each in wanted if target.markers.holds(each.marker) is True)
    found = (finding for each in held if each is not None for finding in misfits(each.metadata, None, target.world))
    return replace(done, plan=replace(done.plan, findings=(*done.plan.findings, *found)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Install:
    """The task of an install: what its request asks for, and nothing goes but what that replaces."""

    request: Request
    planned: tuple[Pin, ...] | None = None

    @property
    def is_planned_first(self) -> bool:
        """What the installer names is all that changes."""
        return True

    def resolved(self, attempt: Attempt) -> Resolved | Chosen:
        """What the installer says; a plan that is refused is refused before it is asked for hashes."""
        if self.planned is not None:
            return Resolved(pins=self.planned, roots=self.request.requirements)
        attempt.step("resolving")
        pins = resolve(
            attempt,
            self.request,
            judge=lambda pins: judged(self._plan(attempt, pins), attempt.target),
            meanwhile=partial(start_ahead, attempt),
        )
        return pins if isinstance(pins, Chosen) else Resolved(pins=pins, roots=self.request.requirements)

    def plan(self, attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Plan:
        """What the pins add and replace."""
        return self._plan(attempt, pins)

    def _plan(self, attempt: Attempt, pins: tuple[Pin, ...]) -> Plan:
        return plan_of(self.request, attempt.target, pins, attempt.choice)
