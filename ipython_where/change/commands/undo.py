"""Taking changes back, and the list of those that there were."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterator
from dataclasses import replace

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.plan import make_plan
from ipython_where.change.plan.verdict import read_loaded_modules
from ipython_where.change.request.request import Request
from ipython_where.change.steps.answering import answer, verdict_on
from ipython_where.change.steps.conda_refusals import refuse_managed
from ipython_where.change.steps.judging import facts_of, without_danger
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.history import DamagedTransaction
from ipython_where.change.transaction.transaction import reversed_change
from ipython_where.change.values import Change, HistoryAnswer, InstallAnswer, Plan, Transaction
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.installed import Installed, InstalledDistributions
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized


def history(target: TargetEnvironment, *, verbose: bool) -> HistoryAnswer:
    """The transactions of the environment, the youngest first."""
    found = target.store.read()
    return HistoryAnswer(
        transactions=tuple(reversed(found.transactions())),
        prefix=target.root,
        size=found.size,
        limit=target.store.budget,
        findings=tuple(map(_damaged, found.damaged)),
        verbose=verbose,
        place=target.runs,
    )


def _damaged(found: DamagedTransaction) -> Finding:
    """A transaction that cannot be told nor undone; nothing else is the worse for it."""
    folder = os.path.dirname(found.journal)
    return Finding(
        id="damaged-transaction",
        severity="warning",
        message=f"`{found.id}` can no longer be read: its journal {found.problem}",
        evidence=(Evidence(label="journal", value=found.journal),),
        hint=f"the files it replaced are in `{os.path.join(folder, 'trash')}`; `rm -r {shlex.quote(folder)}` deletes both",
    )


def undo(request: Request, target: TargetEnvironment) -> InstallAnswer:
    """Undo the transaction that the request names, or the last one. Raises `WhereError` where that cannot be."""
    started = time.monotonic()
    refuse_managed(request, target)
    with target.locked(request.shown()):
        target = target.afresh()
        undone = _undone(request, target)
        target.store.check_undoable(undone.id)
        plan = without_danger(_judged_plan(request, undone, target), target)
        back, leaving = _distributions_of(undone, target)
        loaded = read_loaded_modules(leaving, target.world.distributions, target.world.system.modules)
        changes = tuple(_as_kept(reversed_change(each), undone, target) for each in undone.changes)
        if request.dry_run or target.rollout is not None:
            target.store.check_undo(undone.id)
        target.before_swap(replace(plan, changes=changes))
        if request.dry_run:
            return replace(answer(request, target, replace(plan, changes=changes), started), restored=undone.size)
        target.progress.step(f"undoing {undone.id}")
        done = target.store.undo(undone.id, command=request.shown(), changes=changes)
    left = _checkouts_left(undone, target)
    plan = replace(plan, changes=done.transaction.changes, findings=(*plan.findings, *left))
    verdict = verdict_on(done.transaction, loaded, target, brought=[each.name for each in back])
    told = answer(request, target, plan, started, transaction=done.transaction, verdict=verdict)
    return replace(told, restored=undone.size)


def _checkouts_left(undone: Transaction, target: TargetEnvironment) -> Iterator[Finding]:
    """What an older version let pip check out for `-e git+…`: no transaction holds it, so its undo leaves it."""
    for change in undone.changes:
        path = os.path.join(target.root, "src", normalized(change.name))
        if change.editable and change.old is None and os.path.lexists(os.path.join(path, ".git")):
            yield Finding(
                id="checkout-left",
                severity="note",
                message=f"the repository of `{change.name}` stays where it was checked out",
                evidence=(Evidence(label="left there", value=path),),
                hint=f"`!rm -r {shlex.quote(path)}` deletes it and your changes in it",
            )


def _judged_plan(request: Request, undone: Transaction, target: TargetEnvironment) -> Plan:
    """The plan of an undo; if judging it fails, it goes on: the broken package may be the one to undo."""
    try:
        return _plan(request, undone, target)
    except WhereError:
        raise
    except (Exception, SystemExit) as error:  # whatever somebody else's `packaging` does when it is imported
        unjudged = Finding(
            id="not-judged",
            severity="warning",
            message="dependencies were not checked: the check itself failed",
            evidence=(Evidence(label=type(error).__name__, value=str(error).partition("\n")[0]),),
        )
        reason = f"what `{undone.id}` replaced was kept"
        return Plan(
            changes=(), satisfied=(), installer="safepip", installer_reason=reason, neutralised=(), findings=(unjudged,)
        )


def _plan(request: Request, undone: Transaction, target: TargetEnvironment) -> Plan:
    """What an undo comes to, judged as an install of what it brings back: does all that stays still have what it needs?"""
    back, leaving = _distributions_of(undone, target)
    names = {normalized(each.name) for each in back}
    gone = [each for each in leaving if each not in names]
    plan = make_plan(
        request,
        back,
        facts_of(target, [*(each.name for each in back), *gone]),
        installer="safepip",
        reason=f"what `{undone.id}` replaced was kept",
        removed=gone,
    )
    return replace(
        plan, findings=tuple(each for each in plan.findings if each.id in (f"{target.runs.value}-package", "conflict"))
    )


def _distributions_of(undone: Transaction, target: TargetEnvironment) -> tuple[list[Pin], dict[str, str]]:
    """The distributions that an undo brings back, and those that it takes away or replaces: each one's metadata directory."""
    kept = target.staged(target.store.trash_of(undone.id)).all()
    if any(each.is_conda for each in undone.changes):  # conda's packages are called otherwise, or are none of Python's
        back = [_pin(each.name, each.version, each) for each in kept.values()]
        return back, _brought_by(undone, target)
    olds = [each for each in undone.changes if each.old is not None]
    found = (target.installed.get(each.name) for each in undone.changes)
    leaving = {each.project: each.metadata for each in found if each is not None and each.metadata}
    return [_pin(each.name, each.old, kept.get(normalized(each.name))) for each in olds], leaving


def _brought_by(undone: Transaction, target: TargetEnvironment) -> dict[str, str]:
    """The installed distributions whose metadata a transaction brought in."""
    brought = target.store.brought_by(undone.id)
    here = InstalledDistributions(target.world.distributions, target.site_directories).all()
    inside = {project: os.path.relpath(each.metadata, target.root) for project, each in here.items()}
    return {
        project: here[project].metadata
        for project, path in inside.items()
        if not brought.isdisjoint((f"{path}/METADATA", f"{path}/PKG-INFO"))
    }


def _as_kept(change: Change, undone: Transaction, target: TargetEnvironment) -> Change:
    """A change that brings back what was kept: where that came from, and whether it was editable, is what counts."""
    if change.is_conda:  # nothing is downloaded
        return replace(change, source=None, size=None)
    kept = target.staged(target.store.trash_of(undone.id))
    back = kept.get(change.name) if change.new is not None else None
    if back is None:
        return change
    by = kept.provenance(back)
    return replace(change, editable=by.editable, source=_source(by.direct_url))


def _source(direct_url: bytes | None) -> str | None:
    try:
        url = json.loads(direct_url or b"{}").get("url")
    except (ValueError, AttributeError, RecursionError):
        return None
    return Pin(name="", version=None, url=url).source if isinstance(url, str) else None


def _pin(name: str, version: str | None, kept: Installed | None) -> Pin:
    """What comes back; ``requested``: it is what was asked for, so that it may be older."""
    requires = kept.requires if kept is not None else None
    return Pin(name=name, version=version, requested=True, requires=requires)


def _undone(request: Request, target: TargetEnvironment) -> Transaction:
    """The one that is named; else the last one that is not an undo itself, so that a second `undo` goes one further back."""
    named = request.arguments[0] if request.arguments else None
    for each in reversed(target.store.history()):
        if each.id == named or (named is None and each.undoable and each.undoes is None):
            return each
    if named is None:
        raise WhereError("there is nothing to undo", hint=f"`{target.typed('history')}` shows what was done")
    if any(each.id == named for each in target.store.read().damaged):
        target.store.check_undoable(named)
    raise WhereError(f"there is no transaction `{named}`", hint=f"`{target.typed('history')}` lists the transactions")
