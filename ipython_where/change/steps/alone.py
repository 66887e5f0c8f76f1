"""One start of an installer where one is enough: the project that a line names is staged at once, not planned first.

What it requires then proves that nothing else has to come: pip, too, takes the newest that fits of what is named, and leaves
what is installed and fits. Where that is not proven, the stage is dropped, and the request is planned as ever; what was
downloaded is in the installer's cache.

Tested in `tests/change/steps/test_alone.py`.
"""

from __future__ import annotations

from dataclasses import replace

from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Command, Pin
from ipython_where.change.installers.uv_fit import steers_plan
from ipython_where.change.plan.satisfied import With, is_provable, satisfied
from ipython_where.errors import CommandError
from ipython_where.facts.distributions.requirement import Requirement, parse_requirement
from ipython_where.project_names import normalized
from ipython_where.runner import Completed

from .resolving import is_unreachable, unresolved
from .staging import add_sizes, verified


def wanted_alone(attempt: Attempt) -> Requirement | None:
    """The requirement of an install that names one project, which is not there: nothing depends on its version."""
    request, target = attempt.request, attempt.target
    if (
        target.kernel.externally_managed
        or request.dry_run
        or target.shares_plan
        or len(request.requirements) != 1
        or not is_provable(request, target.settings)
    ):
        return None
    wanted = parse_requirement(request.requirements[0])
    if wanted is None or wanted.url is not None or target.markers.holds(wanted.marker) is not True:
        return None
    is_there = any(each.get(wanted.name) is not None for each in (target.installed, target.visible))
    return None if is_there or steers_plan(target.settings) else wanted


def command_alone(attempt: Attempt) -> Command | None:
    """What stages the project that is wanted alone; None where a plan comes first."""
    if wanted_alone(attempt) is None:
        return None
    return attempt.installer.alone(attempt.target.store.next_stage(), attempt.request, attempt.site)


def fill_alone(attempt: Attempt, command: Command, stage: str) -> tuple[Pin, ...] | Chosen | None:
    """What came into the stage; None where a plan has to say what else is needed. Raises `InstallError` without a network."""
    request, target = attempt.request, attempt.target
    lines = len(attempt.log)
    checks = False

    def ahead() -> None:
        nonlocal checks
        checks = attempt.installer.checks_hashes(attempt.site)
        target.read_ahead(request.requirements)

    done = attempt.run(command, meanwhile=ahead)
    pins = _pins(done, attempt)
    if not checks or not _are_all(pins, stage, attempt):
        del attempt.log[lines:]
        return None
    target.progress.step("verifying")
    return verified(attempt, stage, Resolved(pins=_with_sizes(pins, done, attempt), roots=request.requirements))


def _pins(done: Completed, attempt: Attempt) -> tuple[Pin, ...]:
    try:
        return attempt.installer.parse_plan(done, attempt.request, attempt.site)
    except CommandError as error:
        if is_unreachable(done):
            raise unresolved(error, done, attempt.request) from None
        return ()  # the plan says what it is, and whether pip finds another way


def _are_all(pins: tuple[Pin, ...], stage: str, attempt: Attempt) -> bool:
    """Whether what was staged is one distribution whose requirements hold, theirs too, with what is installed."""
    target = attempt.target
    staged = target.staged(stage).get(pins[0].name) if len(pins) == 1 else None
    if staged is None or not staged.sound:
        return False
    after = With(target.installed, staged)
    return satisfied(attempt.request, after, target.markers, settings=target.settings) is not None


def _with_sizes(pins: tuple[Pin, ...], done: Completed, attempt: Attempt) -> tuple[Pin, ...]:
    """With the size of a large download, which uv names: to ask for that of a small one would take as long as installing it."""
    sizes: dict[str, int] = {}
    if any(line.startswith("Downloading ") for line in done.stderr.splitlines()):
        add_sizes(sizes, attempt, pins)
    return tuple(replace(pin, size=sizes.get(normalized(pin.name))) for pin in pins)
