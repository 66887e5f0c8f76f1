"""An environment made to match a file: what is missing comes, what is different changes, what is not named goes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import field, replace

from ipython_where.change.installers.interface import Command, Installer, Pin, Site
from ipython_where.change.pipeline import (
    answer,
    begun,
    by_pip_at_last,
    plan_of,
    refuse_where_impossible,
    resolve,
    run_staging,
    stop_if_dangerous,
    swap_in,
)
from ipython_where.change.plan.plan import surplus
from ipython_where.change.request.direct_requirements import Folder, names_of, roots_of
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import editables_of, read_text, wanted_lines, with_files_taken_in
from ipython_where.change.steps.builds import told_what_builds_wrote
from ipython_where.change.steps.file_clashes import with_staged_files
from ipython_where.change.steps.repairs import repairs
from ipython_where.change.steps.unmanaged import refuse_replacement
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.distributions import normalized
from ipython_where.facts.distributions.installed import Installed, closure
from ipython_where.facts.distributions.pylock import Locked, holds, is_lock_name, parse_lock, part_of
from ipython_where.facts.distributions.requirement_lines import read_requirements
from ipython_where.model import Finding
from ipython_where.redact import masked
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a file asks for: the pins that are not there yet, and all names that it wants by itself.

    ``lock``: the text of the lock that the pins are staged from.
    """

    pins: tuple[Pin, ...]
    roots: tuple[str, ...]
    lock: str | None = field(default=None, repr=False)


def sync(request: Request, place: TargetEnvironment) -> InstallAnswer:
    """Install, change and remove until the environment is what a file says: a lock file, or requirements.

    What this kernel runs on and the installers stay. Raises `WhereError`, with nothing changed, where it cannot be.
    """
    started = time.monotonic()
    refuse_where_impossible(request, place)
    path, request = _file(request, place)
    locked = _read_lock(path) if is_lock_name(path) else None
    cwd, environ = place.world.system.cwd, place.world.environ
    resolving = with_files_taken_in(request, cwd, environ=environ) if locked is None else _without_file(request)
    lines = tuple(wanted_lines(path, environ=environ)) if locked is None else ()
    roots, folders = roots_of(path, lines, editables_of(request, cwd, environ=environ), cwd or "/", place.markers)
    with (
        place.locked(request.shown()) as lock,
        told_what_builds_wrote(place),
        place.site() as site,
        place.at_work(lock) as place,
    ):

        def act(installer: Installer, reason: str) -> InstallAnswer:
            log: list[str] = []
            left: tuple[Finding, ...] = ()
            unchanged = place.store.snapshot()
            with begun(request, place) as begin:
                if locked is None:
                    place.progress.step(f"resolving with {installer.name}")
                    pins = resolve(installer, resolving, site, place, log)
                    wanted = _of_requirements(path, roots, folders, pins, place)
                    named = replace(resolving, requirements=wanted.roots)
                    more, left = repairs(named, pins, place, lambda again: resolve(installer, again, site, place, log))
                    wanted = replace(wanted, pins=(*wanted.pins, *more))
                else:
                    wanted = _of_lock(locked, os.path.dirname(path), place)
                staging = begin()
                # What the new ones require is proven by their staged metadata alone: so even a dry run stages.
                commands = _commands(installer, wanted, staging.stage, resolving, site)
                if commands:
                    place.progress.step(f"fetching {len(wanted.pins)} distributions with {installer.name}")
                is_lock = locked is not None
                pins = run_staging(commands, installer, request, place, staging, wanted.pins, log, is_lock=is_lock)
                plan = _plan(request, place, installer, reason, pins, wanted)
                plan = replace(plan, findings=(*plan.findings, *left))
                refuse_replacement(plan.changes, place)
                if request.dry_run:
                    plan, _ = with_staged_files(plan, request, place, staging.stage)
                stop_if_dangerous(plan, place)
                if request.dry_run or not plan.changes:
                    return answer(request, place, plan, started, log=log, dry_run=request.dry_run)
                return swap_in(staging, request, place, plan, started, pins=pins, unchanged=unchanged, log=log)

        return by_pip_at_last(resolving, place, act)


def _file(request: Request, place: TargetEnvironment) -> tuple[str, Request]:
    """The file, and the request with it where `install` has it."""
    (named,) = (*request.arguments, *request.requirement_files)
    if "://" in named:
        raise UsageError("`%safepip sync` takes a file of this machine, not a URL")
    path = os.path.normpath(os.path.join(place.world.system.cwd or "/", os.path.expanduser(named)))
    if read_requirements(path) is None:
        raise UsageError(f"there is no file `{masked(named)}` that can be read", evidence=(path,))
    return path, replace(request, arguments=(), requirement_files=(path,))


def _without_file(request: Request) -> Request:
    return replace(request, requirement_files=())


def _read_lock(path: str) -> tuple[Locked, ...]:
    return parse_lock(read_text(path) or "", path)


def _commands(installer: Installer, wanted: _Wanted, stage: str, request: Request, site: Site) -> tuple[Command, ...]:
    if not wanted.pins:
        return ()
    if wanted.lock is not None:
        return installer.stage_lock(wanted.lock, stage, request, site)
    return installer.stage(wanted.pins, stage, request, site)


def _of_lock(locked: Sequence[Locked], folder: str, place: TargetEnvironment) -> _Wanted:
    """The entries that are not what is installed, whole."""
    changed = []
    for each in locked:
        installed = place.installed.get(each.name)
        direct_url = place.installed.provenance(installed).direct_url if installed is not None else None
        is_held = installed is not None and holds(each, installed.version, direct_url, folder=folder)
        if installed is None or not is_held or place.installed.damage(installed) is not None:
            changed.append(each)
    return _Wanted(
        pins=tuple(map(_pin, changed)),
        roots=tuple(each.name for each in locked),
        lock=part_of(changed, folder=folder),
    )


def _pin(locked: Locked) -> Pin:
    hashes = sorted(f"{name}:{value}" for name, value in locked.hashes)
    return Pin(name=locked.name, version=locked.version, hashes=tuple(hashes), requested=True)


def _of_requirements(
    path: str, roots: Sequence[str], folders: Sequence[Folder], pins: tuple[Pin, ...], place: TargetEnvironment
) -> _Wanted:
    """What the lines of a requirements file name, in files that it includes too."""
    found = list(roots)
    for folder in folders:
        names = names_of(folder, pins, place.installed)
        if not names:
            raise UsageError(
                f"it is not certain which project is in a folder that `{masked(path)}` names, so nothing can be removed",
                evidence=(f"-e {folder.path}",),
                hint="nothing was changed; `name` below `[project]` in its `pyproject.toml` says it",
            )
        found += (f"{name}[{folder.extras}]" if folder.extras else name for name in names)
    return _Wanted(pins=pins, roots=tuple(found))


def _plan(
    request: Request,
    place: TargetEnvironment,
    installer: Installer,
    reason: str,
    pins: tuple[Pin, ...],
    wanted: _Wanted,
) -> Plan:
    """The changes, and with them the removal of all that neither the file nor the kernel needs."""
    after = place.installed.all()
    for pin in pins:
        project = normalized(pin.name)
        after[project] = Installed(
            name=pin.name, project=project, version=pin.version or "", requires=pin.requires or ()
        )
    # A lock is complete: what it does not list is not wanted, even if something requires it.
    needed = wanted.roots if wanted.lock is not None else closure(wanted.roots, after, place.markers)
    kernel = closure(place.kernel_projects, after, place.markers)
    mine = {
        project: each
        for project, each in after.items()
        if each.metadata and os.path.dirname(each.metadata) in place.site_directories
    }
    removed = surplus(needed, mine, (*place.kernel_projects, *kernel))
    named = replace(request, requirements=tuple(wanted.roots), requirement_files=())
    plan = plan_of(named, place, pins, installer, reason, removed=removed)
    return replace(plan, satisfied=tuple(masked(each) for each in plan.satisfied))
