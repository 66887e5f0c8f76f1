"""The one way through a `%safeconda` change: solve → judge → link in a shadow → judge what came → swap → verdict.

The locks, the transaction and the verdict are those of `%safepip`; what differs is who solves, and that conda's records say
which files go.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from ipython_where.change.installers.interface import Site
from ipython_where.change.plan.refusals import judged
from ipython_where.change.plan.verdict import read_loaded_modules
from ipython_where.change.request.request import Request
from ipython_where.change.steps.answering import answer, carried_out, verdict_on
from ipython_where.change.steps.judging import without_danger
from ipython_where.change.steps.staging import begun
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.locks import mamba_locked
from ipython_where.change.transaction.preparation import Snapshot
from ipython_where.change.transaction.transaction import Staging
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.errors import WhereError
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .claims import read_claims
from .conda_history import entry
from .conda_plan import CondaDifference, changes_of, difference_of, plan_findings, told_of, wanted_by
from .conda_request import CondaRequest
from .pip_copies import copies_findings
from .python_side import kernel_packages, python_side
from .rattler_engine import Asked, Rattler, Solution, UnsolvableError, parse_solution, parsed
from .settled_records import settle_records
from .shadow import (
    HISTORY,
    META,
    Difference,
    LinkedShadow,
    PrefixShadow,
    difference,
    keep_only,
    made_again,
    make_shadow,
    read_linked,
    unforeseen,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaTask:
    """What a command is after. ``asked`` is what is solved; ``names`` are those that the user named, ``wishes`` the match
    specs that conda's history shall remember, and ``requested`` all that it remembers then. ``prunes``: what isn't wanted goes.
    """

    request: CondaRequest
    engine: Rattler
    asked: Asked
    names: tuple[str, ...]
    wishes: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    prunes: bool = False

    @property
    def line(self) -> Request:
        """The line as the steps that both magics share take it."""
        return self.request.as_safepip

    @property
    def removed(self) -> tuple[str, ...]:
        """The names that conda's history shall forget."""
        return self.names if self.request.command == "remove" else ()

    def asked_for(self, found: Solution, different: CondaDifference) -> tuple[str, ...]:
        """The names of what was asked for: those of the line or its file, and of what goes because the file doesn't have it."""
        gone = (name for name in different.out if name not in different.brought)
        return (*self.names, *found.listed, *(gone if self.prunes else ()))


def change(task: CondaTask, target: TargetEnvironment, started: float) -> InstallAnswer:
    """Carry a task out, all or nothing. The environment's lock is held, and `target` was read under it."""
    unchanged = target.store.snapshot()
    log: list[str] = []
    with target.site() as site:
        found = _solved(task, target, site, log)
        different = difference_of(found, task.asked.again)
        plan = without_danger(_plan(task, found, different, target), target)
        if task.request.dry_run or not plan.changes:
            return answer(task.line, target, plan, started, log=log)
        with begun(task.line, target) as staging:
            return _staged(task, target, site, staging, (found, different), plan, unchanged, started, log)


def _solved(task: CondaTask, target: TargetEnvironment, site: Site, log: list[str]) -> Solution:
    target.progress.step(task.asked.step)
    try:
        return parse_solution(target.run(task.engine.solve(task.asked, target.root, site), log.append))
    except UnsolvableError as error:
        raise _against_pins(error, task.asked.constraints) from None


def _against_pins(error: UnsolvableError, pins: Sequence[str]) -> UnsolvableError:
    """The error with what frees the pins, where rattler names one as a reason."""
    named = ", ".join(f"`{each}`" for each in pins if any(f"the constraint {each} " in e.value for e in error.evidence))
    if not named:
        return error
    hint = f"`--no-pin` leaves out what is pinned: {named}"
    return UnsolvableError(error.message, evidence=error.evidence, hint=hint)


def _plan(task: CondaTask, found: Solution, different: CondaDifference, target: TargetEnvironment) -> Plan:
    asked = task.asked_for(found, different)
    changes = changes_of(different, asked, wanted_by(found, different.names))
    kernel = kernel_packages(target, found.installed)
    findings = plan_findings(found, different, asked=asked, kernel=kernel)
    return Plan(
        changes=changes,
        satisfied=() if changes else tuple(_met(each, found) for each in (*task.names, *found.listed)),
        installer="rattler",
        installer_reason=f"py-rattler {task.engine.version} links what conda would",
        neutralised=(),
        findings=(
            *task.findings,
            *told_of(found),
            *(judged(each, task.line) for each in findings),
            *copies_findings(different, target),
        ),
    )


def _met(name: str, found: Solution) -> str:
    package = found.installed.get(name)
    return f"{name} by {name} {package.version}" if package else name


def _staged(
    task: CondaTask,
    target: TargetEnvironment,
    site: Site,
    staging: Staging,
    solved: tuple[Solution, CondaDifference],
    plan: Plan,
    unchanged: Snapshot,
    started: float,
    log: list[str],
) -> InstallAnswer:
    """Link in the shadow, where everything that can fail happens; judge by what really came; swap."""
    found, different = solved
    with ExitStack() as lock:
        lock.enter_context(mamba_locked(os.path.join(target.root, META), waiting=target.waiting))
        brought = _linked(task, target, site, staging, (found, different), log)
        side = python_side(brought, target, staging.stage, task.line, different)
        scripts = _link_scripts(brought, different)
        plan = without_danger(replace(plan, findings=(*plan.findings, *side.findings, *scripts)), target)
        loaded = read_loaded_modules(side.leaving, target.world.distributions, target.world.system.modules)
        target.progress.step("swapping")
        committed = target.store.commit_files(
            staging,
            changes=plan.changes,
            taken_out=brought.taken_out | side.taken_out,
            unchanged=unchanged,
            swapped=lock.close,
        )
    verdict = verdict_on(committed.transaction, loaded, target, brought=side.brought)
    plan = carried_out(plan, committed, target)
    return answer(task.line, target, plan, started, log=log, transaction=committed.transaction, verdict=verdict)


def _linked(
    task: CondaTask,
    target: TargetEnvironment,
    site: Site,
    staging: Staging,
    solved: tuple[Solution, CondaDifference],
    log: list[str],
) -> Difference:
    _, different = solved
    target.progress.step("preparing")
    claims = read_claims(target.world.distributions.conda(target.root))
    leaving = [f"{each.stem}.json" for each in different.out.values()]
    shadow = make_shadow(target.root, staging.stage, claims, leaving=leaving)
    target.progress.step(f"linking {len(different.names)} packages with rattler")
    linked = _link(task, target, site, shadow, solved, log)
    while more := unforeseen(linked):
        shadow = made_again(shadow, more, leaving=leaving)
        linked = _link(task, target, site, shadow, solved, log)
    target.progress.step("verifying")
    _verify(staging.stage, different)
    brought = difference(linked, [each.stem for each in different.brought.values()])
    keep_only(shadow, brought)
    settle_records(target.disk, staging.stage, brought.records)
    return brought


def _link(
    task: CondaTask,
    target: TargetEnvironment,
    site: Site,
    shadow: PrefixShadow,
    solved: tuple[Solution, CondaDifference],
    log: list[str],
) -> LinkedShadow:
    found, different = solved
    _write_history(task, shadow.stage, solved)
    requested, brought = (*task.requested, *found.listed), [*different.brought]
    command = task.engine.link(task.asked, target.root, shadow.stage, requested, brought, site)
    parsed(target.run(command, log.append))
    return read_linked(shadow)


def _link_scripts(brought: Difference, different: CondaDifference) -> Iterator[Finding]:
    """The packages with scripts that conda would run: they write where they like, so that no stage holds them."""
    files = {*brought.brought, *brought.taken_out}
    having = [
        name
        for name in different.names
        if not files.isdisjoint(f"bin/.{name}-{step}.sh" for step in ("pre-link", "post-link", "pre-unlink"))
    ]
    if having:
        named = ", ".join(f"`{each}`" for each in having)
        yield Finding(
            id="link-scripts",
            severity="warning",
            message=f"scripts of {named} were not run, which conda runs when it links a package",
            evidence=tuple(Evidence(label="script", value=each) for each in sorted(files) if each.startswith("bin/.")),
        )


def _write_history(task: CondaTask, stage: str, solved: tuple[Solution, CondaDifference]) -> None:
    found, different = solved
    path = os.path.join(stage, HISTORY)
    # of a list, the names alone: its versions would bind each later change
    wishes = task.wishes or [name for name in found.listed if name in different.brought]
    pruned = [name for name in different.out if name not in different.brought] if task.prunes else ()
    removed = (*task.removed, *pruned)
    lines = entry(task.request.shown(), different, wishes=wishes, removed=removed, when=time.time())
    with open(path, "a", encoding="utf-8") as file:
        file.write(lines)


def _verify(stage: str, different: CondaDifference) -> None:
    """Raise `WhereError` where the stage has no record of a package that was planned, or one of a package that goes."""
    there = frozenset(os.listdir(os.path.join(stage, META)))
    missing = [each.stem for each in different.brought.values() if f"{each.stem}.json" not in there]
    new = {each.stem for each in different.brought.values()}
    left = [each.stem for each in different.out.values() if f"{each.stem}.json" in there and each.stem not in new]
    if missing or left:
        raise WhereError(
            "rattler did not link what was planned",
            evidence=(*(f"{each} has no record" for each in missing), *(f"{each} is still there" for each in left))[
                :10
            ],
            unchanged=True,
        )
