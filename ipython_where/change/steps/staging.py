"""The stage: what is wanted is installed below it, where everything that can fail happens, and read from there.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Command, Installer, Pin
from ipython_where.change.installers.process import nothing
from ipython_where.change.plan.plan import completed_pins
from ipython_where.change.plan.recheck import not_the_newest, requirements_on, unlike_pip
from ipython_where.change.plan.wheelhouse import sole_sources
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import plain_constraints
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.stage import settle_direct_urls, settle_requested
from ipython_where.change.transaction.transaction import Staging
from ipython_where.errors import CommandError
from ipython_where.facts.distributions.installed import Altered, Installed, InstalledDistributions
from ipython_where.project_names import normalized

from .builds import InstallError
from .resolving import all_lines, pip_instead, to_see_more


@contextmanager
def begun(request: Request, target: TargetEnvironment) -> Iterator[Staging]:
    """A transaction with an empty stage: dropped at the end, unless it was committed."""
    staging = target.store.begin(request.shown())
    try:
        yield staging
    finally:
        with suppress(OSError):  # the next one takes away the rest, and says what of it stays
            target.store.abandon(staging)


def start_ahead(attempt: Attempt) -> None:
    """Start what will fill the stage before its pins are known, if it can wait for them."""
    target, request = attempt.target, attempt.request
    command = None if request.dry_run else attempt.installer.waiting(target.store.next_stage(), request, attempt.site)
    if command is not None:
        target.start_ahead(command)


def fill_stage(
    attempt: Attempt, stage: str, resolved: Resolved, *, there: tuple[Pin, ...] = ()
) -> tuple[Pin, ...] | Chosen:
    """Install what is wanted below the stage; all its pins by what really came. Raises `InstallError` when that fails.

    ``there``: what was staged before.
    """
    sizes: dict[str, int] = {}
    for command in _commands(attempt, stage, resolved):
        is_free = not command.start and resolved.lock is None  # a process that stays can do one thing at a time
        sized = partial(add_sizes, sizes, attempt, resolved.pins) if is_free else nothing
        done = attempt.run(command, meanwhile=sized)
        if done.returncode != 0:
            raise _installer_failed(attempt.installer, done.stderr or done.stdout, attempt.request)
    attempt.target.progress.step("verifying")
    brought = (replace(pin, size=pin.size or sizes.get(normalized(pin.name))) for pin in resolved.pins)
    return verified(attempt, stage, replace(resolved, pins=(*there, *brought)))


def verified(attempt: Attempt, stage: str, resolved: Resolved) -> tuple[Pin, ...] | Chosen:
    """The pins of a filled stage by what really came, which is written down; or pip, where it would have chosen otherwise."""
    staged = attempt.target.staged(stage)
    pins = completed_pins(resolved.pins, staged)
    # a lock leaves nothing to choose
    instead = _instead(attempt, pins, staged, resolved.roots) if resolved.lock is None else None
    if instead is not None:
        return instead
    _settle(pins, staged, attempt.target)
    return pins


def add_sizes(sizes: dict[str, int], attempt: Attempt, pins: tuple[Pin, ...]) -> None:
    """How large the downloads are, by project, as far as the installer can tell: asked while it stages, so it takes no time."""
    installer, request, site = attempt.installer, attempt.request, attempt.site
    is_local = sole_sources(request, attempt.target.settings, cwd=site.cwd)
    command = installer.detail(pins, request, site) if not is_local and not sizes else None
    if command is None:
        return
    with suppress(CommandError):  # it could not be started, or was killed: what is staged is good without
        known = installer.parse_detail(pins, attempt.run(command, data=True))
        sizes.update({normalized(pin.name): pin.size for pin in known if pin.size is not None})


def _commands(attempt: Attempt, stage: str, resolved: Resolved) -> tuple[Command, ...]:
    installer, request, site = attempt.installer, attempt.request, attempt.site
    if not resolved.pins:
        return ()
    if resolved.lock is not None:
        return installer.stage_lock(resolved.lock, stage, request, site)
    return installer.stage(resolved.pins, stage, request, site)


def _instead(
    attempt: Attempt, pins: Sequence[Pin], staged: InstalledDistributions, roots: Sequence[str]
) -> Chosen | None:
    """pip, where it would not have chosen what was staged."""
    if not attempt.installer.needs_recheck or pip_instead(attempt, "") is None:
        return None
    names = {normalized(pin.name) for pin in pins}
    python = str(attempt.target.world.description["version"])
    reason = unlike_pip(names, staged, attempt.request, attempt.target.markers, python, by=attempt.installer.name)
    reason = reason or _out_of_order(attempt, pins, staged, roots)
    return pip_instead(attempt, reason) if reason is not None else None


def _out_of_order(
    attempt: Attempt, pins: Sequence[Pin], staged: InstalledDistributions, roots: Sequence[str]
) -> str | None:
    """Why pip may have decided between the staged versions differently. One distribution alone leaves nothing to decide."""
    request, target, installer = attempt.request, attempt.target, attempt.installer
    brought = {
        name: each for pin in pins if pin.url is None for name in (normalized(pin.name),) if (each := staged.get(name))
    }
    if request.no_deps or (len(brought) < 2 and len(roots) < 2):
        return None
    if not request.force_reinstall:  # what is damaged comes back in its own version
        brought = {name: each for name, each in brought.items() if _is_other(each, target.installed.get(name))}
    limits = plain_constraints(request, target.world.system.cwd, environ=target.world.environ) or ()
    after = Altered(target.installed, brought=brought, removed=())
    lines = requirements_on(brought.keys(), (*roots, *limits), after, target.markers)
    command = installer.newest(lines, request, attempt.site) if lines else None
    if command is None:
        return None
    try:
        newest = installer.parse_newest(attempt.run(command, data=True))
    except CommandError as error:
        return error.message
    return not_the_newest(newest, brought.keys(), staged, by=installer.name)


def _is_other(staged: Installed, installed: Installed | None) -> bool:
    return installed is None or installed.version != staged.version


def _settle(pins: Sequence[Pin], staged: InstalledDistributions, target: TargetEnvironment) -> None:
    """Write down what an installer that was given pins could not know: which of them were asked for, and from where."""
    asked_for = {normalized(pin.name) for pin in pins if pin.requested}
    hashes = {pin.name: pin.hashes for pin in pins}
    for entry in staged.path:
        if os.path.isdir(entry):
            settle_requested(target.disk, entry, asked_for=asked_for)
            settle_direct_urls(target.disk, entry, hashes=hashes)


def _installer_failed(installer: Installer, output: str, request: Request) -> InstallError:
    lines = all_lines(output)
    first = next((line for line in lines if line.lower().startswith("error")), None)
    idle = ("note:", "hint:", "[end of output]", "using cpython", "using python")
    telling = tuple(line for line in lines if not line.strip().lower().startswith(idle))
    last = lines if request.verbose else telling[-6:]
    return InstallError(
        f"{installer.name} could not install this",
        evidence=(*((first,) if first is not None and first not in last else ()), *(last or ("it printed nothing",))),
        hint=to_see_more(request, output),
        unchanged=True,
    )
