"""The stage: what is wanted is installed below it, where everything that can fail happens, and read from there.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Command, Installer, Pin
from ipython_where.change.plan.plan import completed_pins
from ipython_where.change.plan.recheck import unlike_pip
from ipython_where.change.request.request import Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.stage import settle_direct_urls, settle_requested
from ipython_where.change.transaction.transaction import Staging
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.project_names import normalized

from .builds import InstallError
from .resolving import all_lines, nothing_changed, pip_instead


@contextmanager
def begun(request: Request, place: TargetEnvironment) -> Iterator[Staging]:
    """A transaction with an empty stage: dropped at the end, unless it was committed."""
    staging = place.store.begin(request.shown())
    try:
        yield staging
    finally:
        with suppress(OSError):  # the next one takes away the rest, and says what of it stays
            place.store.abandon(staging)


def fill_stage(
    attempt: Attempt, stage: str, resolved: Resolved, *, there: tuple[Pin, ...] = ()
) -> tuple[Pin, ...] | Chosen:
    """Install what is wanted below the stage; all its pins by what really came. Raises `InstallError` when that fails.

    ``there``: what was staged before.
    """
    for command in _commands(attempt, stage, resolved):
        done = attempt.run(command)
        if done.returncode != 0:
            raise _installer_failed(attempt.installer, done.stderr or done.stdout, attempt.request)
    attempt.place.progress.step("verifying")
    staged = attempt.place.staged(stage)
    pins = completed_pins((*there, *resolved.pins), staged)
    instead = _instead(attempt, pins, staged) if resolved.lock is None else None  # a lock leaves nothing to choose
    if instead is not None:
        return instead
    _settle(pins, staged, attempt.place)
    return pins


def _commands(attempt: Attempt, stage: str, resolved: Resolved) -> tuple[Command, ...]:
    installer, request, site = attempt.installer, attempt.request, attempt.site
    if not resolved.pins:
        return ()
    if resolved.lock is not None:
        return installer.stage_lock(resolved.lock, stage, request, site)
    return installer.stage(resolved.pins, stage, request, site)


def _instead(attempt: Attempt, pins: Sequence[Pin], staged: InstalledDistributions) -> Chosen | None:
    """pip, where it would not have chosen what was staged."""
    if not attempt.installer.needs_recheck:
        return None
    names = {normalized(pin.name) for pin in pins}
    python = str(attempt.place.world.description["version"])
    reason = unlike_pip(names, staged, attempt.request, attempt.place.markers, python, by=attempt.installer.name)
    return pip_instead(attempt, reason) if reason is not None else None


def _settle(pins: Sequence[Pin], staged: InstalledDistributions, place: TargetEnvironment) -> None:
    """Write down what an installer that was given pins could not know: which of them were asked for, and from where."""
    asked_for = {normalized(pin.name) for pin in pins if pin.requested}
    hashes = {pin.name: pin.hashes for pin in pins}
    for entry in staged.path:
        if os.path.isdir(entry):
            settle_requested(place.disk, entry, asked_for=asked_for)
            settle_direct_urls(place.disk, entry, hashes=hashes)


def _installer_failed(installer: Installer, output: str, request: Request) -> InstallError:
    lines = all_lines(output)
    first = next((line for line in lines if line.lower().startswith("error")), None)
    idle = ("note:", "hint:", "[end of output]", "using cpython", "using python")
    telling = tuple(line for line in lines if not line.strip().lower().startswith(idle))
    last = lines if request.verbose else telling[-6:]
    return InstallError(
        f"{installer.name} could not install this",
        evidence=(*((first,) if first is not None and first not in last else ()), *(last or ("it printed nothing",))),
        hint=nothing_changed(request, output),
    )
