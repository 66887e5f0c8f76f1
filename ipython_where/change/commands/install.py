"""Installing what a line names: proven to be there, else brought.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import time

from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Pin
from ipython_where.change.pipeline import bring
from ipython_where.change.plan.satisfied import satisfied
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import with_files_taken_in
from ipython_where.change.steps.answering import nothing_to_do
from ipython_where.change.steps.judging import judged, plan_of
from ipython_where.change.steps.resolving import refuse_where_impossible, resolve
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.value import dataclass


def install(request: Request, place: TargetEnvironment) -> InstallAnswer:
    """Install what a request names, all or nothing.

    Raises `WhereError`, with nothing changed, when the plan is refused or an installer fails.
    """
    started = time.monotonic()
    request = with_files_taken_in(request, place.world.system.cwd, environ=place.world.environ)
    held = satisfied(request, place.installed, place.markers, settings=place.settings)
    if held is not None:
        proven = tuple(f"{each.requirement} by {each.name} {each.version or '(not needed here)'}" for each in held)
        return nothing_to_do(request, place, proven, started)
    refuse_where_impossible(place)
    return bring(_Install(request=request), place, started)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Install:
    """The task of an install: what its request asks for, and nothing goes but what that replaces."""

    request: Request

    @property
    def is_planned_first(self) -> bool:
        """What the installer names is all that changes."""
        return True

    def resolved(self, attempt: Attempt) -> Resolved | Chosen:
        """What the installer says; a plan that is refused is refused before it is asked for hashes."""
        attempt.step("resolving")
        pins = resolve(attempt, self.request, judge=lambda pins: judged(self._plan(attempt, pins), attempt.place))
        return pins if isinstance(pins, Chosen) else Resolved(pins=pins, roots=self.request.requirements)

    def plan(self, attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Plan:
        """What the pins add and replace."""
        return self._plan(attempt, pins)

    def _plan(self, attempt: Attempt, pins: tuple[Pin, ...]) -> Plan:
        return plan_of(self.request, attempt.place, pins, attempt.choice)
