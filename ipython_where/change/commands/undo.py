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
from ipython_where.change.request.request import Request
from ipython_where.change.steps.answering import answer, verdict_on
from ipython_where.change.steps.judging import facts_of, loaded_modules, without_danger
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.history import DamagedTransaction
from ipython_where.change.transaction.transaction import reversed_change
from ipython_where.change.values import Change, HistoryAnswer, InstallAnswer, Plan, Transaction
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.installed import Installed
from ipython_where.model import Evidence, Finding
from ipython_where.project_names import normalized


def history(place: TargetEnvironment, *, verbose: bool) -> HistoryAnswer:
    """The transactions of the environment, the youngest first."""
    found = place.store.read()
    return HistoryAnswer(
        transactions=tuple(reversed(found.transactions())),
        prefix=place.root,
        size=found.size,
        limit=place.store.budget,
        findings=tuple(map(_damaged, found.damaged)),
        verbose=verbose,
        place=place.runs,
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


def undo(request: Request, place: TargetEnvironment) -> InstallAnswer:
    """Take back the transaction that the request names, or the last one. Raises `WhereError` where that cannot be."""
    started = time.monotonic()
    with place.locked(request.shown()):
        place = place.afresh()
        target = _target(request, place)
        place.store.check_undoable(target.id)
        plan = without_danger(_judged_plan(request, target, place), place)
        loaded = loaded_modules(target.changes, place)
        place.progress.step(f"taking back {target.id}")
        changes = [_as_kept(reversed_change(each), target, place) for each in target.changes]
        done = place.store.undo(target.id, command=request.shown(), changes=changes)
    left = _checkouts_left(target, place)
    plan = replace(plan, changes=done.transaction.changes, findings=(*plan.findings, *left))
    verdict = verdict_on(done.transaction, loaded, place)
    return answer(request, place, plan, started, transaction=done.transaction, verdict=verdict)


def _checkouts_left(target: Transaction, place: TargetEnvironment) -> Iterator[Finding]:
    """What an older version let pip check out for `-e git+…`: no transaction holds it, so its undo leaves it."""
    for change in target.changes:
        path = os.path.join(place.root, "src", normalized(change.name))
        if change.editable and change.old is None and os.path.lexists(os.path.join(path, ".git")):
            yield Finding(
                id="checkout-left",
                severity="note",
                message=f"the repository of `{change.name}` stays where it was checked out",
                evidence=(Evidence(label="left there", value=path),),
                hint=f"`!rm -r {shlex.quote(path)}` deletes it and your changes in it",
            )


def _judged_plan(request: Request, target: Transaction, place: TargetEnvironment) -> Plan:
    """The plan of an undo; if judging it fails, it goes on: the broken package may be the one to undo."""
    try:
        return _plan(request, target, place)
    except WhereError:
        raise
    except (Exception, SystemExit) as error:  # whatever somebody else's `packaging` does when it is imported
        unjudged = Finding(
            id="not-judged",
            severity="warning",
            message="dependencies were not checked: the check itself failed",
            evidence=(Evidence(label=type(error).__name__, value=str(error).partition("\n")[0]),),
        )
        reason = f"what `{target.id}` replaced was kept"
        return Plan(
            changes=(), satisfied=(), installer="safepip", installer_reason=reason, neutralised=(), findings=(unjudged,)
        )


def _plan(request: Request, target: Transaction, place: TargetEnvironment) -> Plan:
    """What an undo comes to, judged as an install of what it brings back: does all that stays still have what it needs?"""
    kept = place.staged(place.store.trash_of(target.id)).all()
    back = [each for each in target.changes if each.old is not None]
    pins = [_pin(each, kept.get(normalized(each.name))) for each in back]
    gone = [each.name for each in target.changes if each.old is None]
    plan = make_plan(
        request,
        pins,
        facts_of(place, [each.name for each in target.changes]),
        installer="safepip",
        reason=f"what `{target.id}` replaced was kept",
        removed=gone,
    )
    return replace(
        plan, findings=tuple(each for each in plan.findings if each.id in (f"{place.runs.value}-package", "conflict"))
    )


def _as_kept(change: Change, target: Transaction, place: TargetEnvironment) -> Change:
    """A change that brings back what was kept: where that came from, and whether it was editable, is what counts."""
    kept = place.staged(place.store.trash_of(target.id))
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


def _pin(change: Change, kept: Installed | None) -> Pin:
    """What comes back; ``requested``: it is what was asked for, so that it may be older."""
    requires = kept.requires if kept is not None else None
    return Pin(name=change.name, version=change.old, requested=True, requires=requires)


def _target(request: Request, place: TargetEnvironment) -> Transaction:
    """The one that is named; else the last that is no undo, so that a second `undo` goes one further back."""
    named = request.arguments[0] if request.arguments else None
    for each in reversed(place.store.history()):
        if each.id == named or (named is None and each.undoable and each.undoes is None):
            return each
    if named is None:
        raise WhereError("there is nothing to undo", hint=f"`{place.typed('history')}` shows what was done")
    raise WhereError(f"there is no transaction `{named}`", hint=f"`{place.typed('history')}` lists the transactions")
