"""An environment made to match a file: what is missing comes, what is different changes, what is not named goes.

Tested in `tests/change/test_lock_sync.py`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ipython_where.change.attempt import Attempt, Chosen, Resolved
from ipython_where.change.installers.interface import Pin
from ipython_where.change.pipeline import bring
from ipython_where.change.plan.plan import surplus
from ipython_where.change.request.direct_requirements import Folder, names_of, roots_of
from ipython_where.change.request.request import Request
from ipython_where.change.request.requirement_files import editables_of, wanted_lines, with_files_taken_in
from ipython_where.change.steps.conda_refusals import refuse_managed
from ipython_where.change.steps.condas_own import is_condas
from ipython_where.change.steps.judging import plan_of
from ipython_where.change.steps.resolving import refuse_where_impossible, resolve
from ipython_where.change.steps.staging import start_ahead
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.installed import Installed, closure
from ipython_where.facts.distributions.pylock import DEFAULT, Locked, holds, is_lock_name, parse_lock, part_of
from ipython_where.facts.distributions.requirement_lines import read_requirements
from ipython_where.facts.files import read_utf8
from ipython_where.project_names import normalized
from ipython_where.redact import masked
from ipython_where.value import dataclass


def sync(request: Request, target: TargetEnvironment) -> InstallAnswer:
    """Install, change and remove until the environment is what a file says: a lock file, or requirements.

    What this kernel runs on and the installers stay. Raises `WhereError`, with nothing changed, where it cannot be.
    """
    started = time.monotonic()
    refuse_where_impossible(target)
    refuse_managed(request, target)
    path, request = _file(request, target)
    return bring(_of_lock(path, request) if is_lock_name(path) else _of_file(path, request, target), target, started)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToLock:
    """The task of a lock file: exactly what it lists."""

    request: Request
    folder: str
    locked: tuple[Locked, ...]

    @property
    def is_planned_first(self) -> bool:
        """What the new ones require is proven by their staged metadata alone."""
        return False

    def resolved(self, attempt: Attempt) -> Resolved | Chosen:
        """The entries that are not what is installed, whole."""
        changed = [each for each in self.locked if not _is_held(each, self.folder, attempt.target)]
        return Resolved(
            pins=tuple(map(_pin, changed)),
            roots=tuple(each.name for each in self.locked),
            lock=part_of(changed, folder=self.folder),
        )

    def plan(self, attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Plan:
        """A lock is complete: what it does not list is not wanted, even if something requires it."""
        return _plan(attempt, resolved, pins, needed=resolved.roots, after=_after(pins, attempt.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToRequirements:
    """The task of a requirements file: what its lines name, ``roots`` and ``folders``, with all that these need."""

    request: Request
    path: str
    roots: tuple[str, ...]
    folders: tuple[Folder, ...]

    @property
    def is_planned_first(self) -> bool:
        """What goes depends on what the new ones require, which their staged metadata alone proves."""
        return False

    def resolved(self, attempt: Attempt) -> Resolved | Chosen:
        """What the installer says, and the names that the file wants by itself."""
        attempt.step("resolving")
        pins = resolve(attempt, self.request, meanwhile=partial(start_ahead, attempt))
        return (
            pins
            if isinstance(pins, Chosen)
            else Resolved(pins=pins, roots=(*self.roots, *self._of_folders(pins, attempt)))
        )

    def plan(self, attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Plan:
        """What is needed in turn is wanted, too."""
        after = _after(pins, attempt.target)
        return _plan(
            attempt, resolved, pins, needed=closure(resolved.roots, after, attempt.target.markers), after=after
        )

    def _of_folders(self, pins: tuple[Pin, ...], attempt: Attempt) -> Iterator[str]:
        for folder in self.folders:
            names = names_of(folder, pins, attempt.target.installed)
            if not names:
                raise UsageError(
                    "it is not certain which project is in a folder that "
                    f"`{masked(self.path)}` names, so nothing can be removed",
                    evidence=(f"-e {folder.path}",),
                    hint="set `name` below `[project]` in its `pyproject.toml`",
                    unchanged=True,
                )
            yield from (f"{name}[{folder.extras}]" if folder.extras else name for name in names)


def _of_lock(path: str, request: Request) -> _ToLock:
    locked = parse_lock(read_utf8(path) or "", path)
    return _ToLock(request=replace(request, requirement_files=()), folder=os.path.dirname(path), locked=locked)


def _of_file(path: str, request: Request, target: TargetEnvironment) -> _ToRequirements:
    cwd, environ = target.world.system.cwd, target.world.environ
    taken_in = with_files_taken_in(request, cwd, environ=environ)
    lines = tuple(wanted_lines(path, environ=environ))
    editables = editables_of(request, cwd, environ=environ)
    roots, folders = roots_of(path, lines, editables, cwd or "/", target.markers)
    return _ToRequirements(request=taken_in, path=path, roots=roots, folders=folders)


def _file(request: Request, target: TargetEnvironment) -> tuple[str, Request]:
    """The file, and the request with it where `install` has it."""
    (named,) = (*request.arguments, *request.requirement_files) or (DEFAULT,)
    if "://" in named:
        raise UsageError("`%safepip sync` takes a local file, not a URL")
    path = os.path.normpath(os.path.join(target.world.system.cwd or "/", os.path.expanduser(named)))
    if read_requirements(path) is None:
        if not (request.arguments or request.requirement_files) and not os.path.lexists(path):
            raise UsageError(
                f"there is no `{DEFAULT}` in the working directory, and no other file was named",
                evidence=(path,),
                hint="`%safepip lock` makes it from what is installed here; `%safepip sync FILE` takes another file",
            )
        raise UsageError(f"there is no readable file `{masked(named)}`", evidence=(path,))
    return path, replace(request, arguments=(), requirement_files=(path,))


def _is_held(locked: Locked, folder: str, target: TargetEnvironment) -> bool:
    installed = target.installed.get(locked.name)
    if installed is None or target.installed.damage(installed) is not None:
        return False
    return holds(locked, installed.version, target.installed.provenance(installed).direct_url, folder=folder)


def _pin(locked: Locked) -> Pin:
    hashes = sorted(f"{name}:{value}" for name, value in locked.hashes)
    return Pin(name=locked.name, version=locked.version, hashes=tuple(hashes), requested=True)


def _after(pins: tuple[Pin, ...], target: TargetEnvironment) -> dict[str, Installed]:
    """What would be installed, before anything is taken away."""
    after = target.installed.all()
    for pin in pins:
        project = normalized(pin.name)
        after[project] = Installed(
            name=pin.name, project=project, version=pin.version or "", requires=pin.requires or ()
        )
    return after


def _plan(
    attempt: Attempt,
    resolved: Resolved,
    pins: tuple[Pin, ...],
    *,
    needed: Iterable[str],
    after: Mapping[str, Installed],
) -> Plan:
    """The changes, and with them the removal of all that neither the file nor the kernel needs; what conda installed stays."""
    target = attempt.target
    kernel = closure(target.kernel_projects, after, target.markers)
    mine = {
        project: each
        for project, each in after.items()
        if each.metadata
        and os.path.dirname(each.metadata) in target.site_directories
        and not is_condas(each.metadata, target)
    }
    removed = surplus(needed, mine, (*target.kernel_projects, *kernel))
    named = replace(attempt.request, requirements=tuple(resolved.roots), requirement_files=())
    plan = plan_of(named, target, pins, attempt.choice, removed=removed)
    return replace(plan, satisfied=tuple(masked(each) for each in plan.satisfied))
