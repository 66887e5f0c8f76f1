"""The one way through a change: understand → prove → plan → judge → stage → swap → verdict.

A command (`commands/`) understands its line and proves what holds already. What is left goes through here, from top to
bottom. A plan that is refused and an installer that fails raise `WhereError`: the stage is dropped, nothing was changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from ipython_where.model import Finding

from .attempt import Attempt, Chosen, Planned, Repairs, Resolved, Staged
from .installers.interface import Command, Pin
from .plan.plan import expected, make_plan
from .request.request import Request
from .steps.alone import command_alone, fill_alone
from .steps.answering import answer, carried_out, verdict_on
from .steps.builds import InstallError, told_what_builds_wrote
from .steps.companions import with_companions
from .steps.file_clashes import replaced_by, with_archived_files, with_removed_files, with_staged_files
from .steps.judging import facts_of, judged, loaded_modules, without_danger
from .steps.repairs import repairs
from .steps.resolving import chosen, resolve
from .steps.staging import begun, fill_stage
from .steps.unmanaged import refuse_removal
from .target_environment import TargetEnvironment
from .transaction.preparation import Snapshot
from .transaction.transaction import Staging
from .values import Change, InstallAnswer, Plan


class Task(Protocol):
    """What a command is after, for which an installer has to bring something."""

    @property
    def request(self) -> Request:
        """The line, with what its files ask for taken in."""
        ...

    @property
    def is_planned_first(self) -> bool:
        """Whether the pins alone tell what changes. Else only what is staged does, and even a dry run stages it."""
        ...

    def resolved(self, attempt: Attempt) -> Resolved | Chosen:
        """What is to be brought."""
        ...

    def plan(self, attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Plan:
        """What it comes to, if these pins are brought."""
        ...


def bring(task: Task, target: TargetEnvironment, started: float) -> InstallAnswer:
    """Bring what a task wants, all or nothing: with the installer of its request, or with pip where its answer would differ."""
    request = task.request
    with (
        target.locked(request.shown()) as lock,
        told_what_builds_wrote(target),
        target.site() as site,
        target.at_work(lock) as target,
    ):
        choice = chosen(request, target)
        while True:
            attempt = Attempt(request=request, target=target, site=site, choice=choice)
            try:
                done = _attempted(task, attempt, started)
            except InstallError as error:
                raise with_companions(error, attempt) from None
            if isinstance(done, InstallAnswer):
                return done
            choice = done


def take_out(
    names: Sequence[str], request: Request, target: TargetEnvironment, started: float, *, also: tuple[Finding, ...] = ()
) -> InstallAnswer:
    """Remove installed distributions by their names, all or none. No installer is needed, and nothing is staged."""
    with target.locked(request.shown()):
        target = target.afresh()
        unchanged = target.store.snapshot()
        refuse_removal(names, target)
        facts = facts_of(target, names)
        plan = make_plan(request, (), facts, installer="safepip", reason="nothing has to be fetched", removed=names)
        plan = without_danger(_with(plan, also), target)
        if request.dry_run:
            plan, _ = with_removed_files(plan, request, target)
            target.before_swap(without_danger(plan, target))
            return answer(request, target, plan, started)
        target.progress.step("removing")
        with begun(request, target) as staging:
            return _swapped(staging, Staged(pins=(), plan=plan), request, target, started, unchanged=unchanged)


def _attempted(task: Task, attempt: Attempt, started: float) -> InstallAnswer | Chosen:
    """From the plan to the verdict with one installer; or who has to do it in its place."""
    request, target = attempt.request, attempt.target
    unchanged = target.store.snapshot()
    command = command_alone(attempt)
    if command is not None:
        with begun(request, target) as staging:
            alone = _staged_alone(task, attempt, command, staging.stage)
            if isinstance(alone, Chosen):
                return alone
            if alone is not None:
                return _swapped(staging, alone, request, target, started, unchanged=unchanged, log=attempt.log)
    planned = _planned(task, attempt)
    if isinstance(planned, Chosen):
        return planned
    if planned.plan is not None and (request.dry_run or not planned.plan.changes):
        if planned.plan.changes:
            target.before_swap(planned.plan, planned.resolved.pins)
        return answer(request, target, planned.plan, started, log=attempt.log)
    with begun(request, target) as staging:
        staged = _staged(task, attempt, staging.stage, planned)
        if isinstance(staged, Chosen):
            return staged
        if request.dry_run or not staged.plan.changes:
            return answer(request, target, staged.plan, started, log=attempt.log)
        return _swapped(staging, staged, request, target, started, unchanged=unchanged, log=attempt.log)


def _staged_alone(task: Task, attempt: Attempt, command: Command, stage: str) -> Staged | Chosen | None:
    """Install what is named into the stage without a plan before it; None where it needs more than is installed."""
    attempt.step("installing")
    pins = fill_alone(attempt, command, stage)
    if pins is None or isinstance(pins, Chosen):
        return pins
    resolved = Resolved(pins=pins, roots=attempt.request.requirements)
    return Staged(pins=pins, plan=judged(task.plan(attempt, resolved, pins), attempt.target))


def _planned(task: Task, attempt: Attempt) -> Planned | Chosen:
    """Ask for what is wanted, and judge what it comes to as far as that is known before it is staged."""
    request, target = attempt.request, attempt.target
    resolved = task.resolved(attempt)
    if isinstance(resolved, Chosen):
        return resolved
    mended = _mended(attempt, resolved, resolved.pins)
    if isinstance(mended, Chosen):
        return mended
    resolved = replace(resolved, pins=(*resolved.pins, *mended.pins))
    if not task.is_planned_first:
        return Planned(resolved=resolved, plan=None)
    plan = judged(task.plan(attempt, resolved, resolved.pins), target)
    if request.dry_run:
        plan = without_danger(with_archived_files(plan, request, target, resolved.pins), target)
    return Planned(resolved=resolved, plan=_with(plan, mended.left))


def _mended(attempt: Attempt, resolved: Resolved, pins: tuple[Pin, ...]) -> Repairs | Chosen:
    """What is needed beside the pins and has lost its files. A lock names all that it wants."""
    if resolved.lock is not None:
        return Repairs()
    named = replace(attempt.request, requirements=resolved.roots)
    return repairs(named, pins, attempt.target, lambda again: resolve(attempt, again))


def _staged(task: Task, attempt: Attempt, stage: str, planned: Planned) -> Staged | Chosen:
    """Install into the stage, where everything that can fail happens; and plan once more, by what really came."""
    request, target, resolved = attempt.request, attempt.target, planned.resolved
    if resolved.pins:
        attempt.step(_doing(planned))
    pins = fill_stage(attempt, stage, resolved)
    if isinstance(pins, Chosen):
        return pins
    plan = judged(task.plan(attempt, resolved, pins), target)
    mended = _mended(attempt, resolved, pins)  # once more: what its pins require uv says only now
    if isinstance(mended, Chosen):
        return mended
    if mended.pins:
        attempt.step(f"installing {_named(plan.changes)}")
        pins = fill_stage(attempt, stage, replace(resolved, pins=mended.pins), there=pins)
        if isinstance(pins, Chosen):
            return pins
        plan = judged(task.plan(attempt, resolved, pins), target)
    plan = _with(plan, mended.left)
    if request.dry_run:
        plan = without_danger(with_staged_files(plan, request, target, stage)[0], target)
    return Staged(pins=pins, plan=plan)


def _swapped(
    staging: Staging,
    staged: Staged,
    request: Request,
    target: TargetEnvironment,
    started: float,
    *,
    unchanged: Snapshot,
    log: Sequence[str] = (),
) -> InstallAnswer:
    """Swap what was staged in for what the plan replaces, and tell what it means from inside the kernel."""
    plan, met = with_staged_files(staged.plan, request, target, staging.stage)
    without_danger(plan, target)
    target.before_swap(plan, staged.pins)
    loaded = loaded_modules(plan.changes, target)
    target.progress.step("swapping")
    committed = target.store.commit(
        staging,
        changes=plan.changes,
        replaced=replaced_by(plan.changes, target),
        expected={name: version or "" for name, version in expected(staged.pins).items()},
        unchanged=unchanged,
        kept=met.kept,
        linked=met.linked,
    )
    done, verdict = committed.transaction, verdict_on(committed.transaction, loaded, target)
    plan = carried_out(plan, committed, target)
    return answer(request, target, plan, started, log=log, transaction=done, verdict=verdict)


def _with(plan: Plan, findings: tuple[Finding, ...]) -> Plan:
    return replace(plan, findings=(*plan.findings, *findings))


def _named(changes: Sequence[Change]) -> str:
    brought = [each.name for each in changes if each.kind != "removed"]
    return ", ".join(brought[:3]) + (f" and {len(brought) - 3} more" if len(brought) > 3 else "")


def _doing(planned: Planned) -> str:
    if planned.plan is None:
        return f"fetching {len(planned.resolved.pins)} distributions"
    return f"installing {_named(planned.plan.changes)}"
