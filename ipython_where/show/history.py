"""What `%safepip history` shows: what changed the environment, when, and whether it can be undone.

Tested in `tests/show/test_install.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ipython_where.change.values import Change, HistoryAnswer, Transaction

from .changes import KINDS, change_lines, local_time, versions
from .screen import Line, Part, Row, Screen, Span, path, plain, row, size

_RECENT = 10
"""How many transactions the rows show; the details show all."""


def history_screen(answer: HistoryAnswer) -> Screen:
    """The layout of the transactions of an environment."""
    found = answer.transactions
    if not found:
        title: Part = (Span("no transactions yet in "), *path(answer.prefix))
        return Screen((title,), (), (), answer.findings, answer.verbose)
    number = "1 transaction" if len(found) == 1 else f"{len(found)} transactions"
    undone = {each.undoes for each in found}
    rows = tuple(row(each.id, *_in_brief(each, was_undone=each.id in undone)) for each in found[:_RECENT])
    more = (row("", plain(f"and {len(found) - _RECENT} older")),) if len(found) > _RECENT else ()
    title = (Span(f"{number} in "), *path(answer.prefix))
    held = row(
        "kept",
        plain(f"{size(answer.size)} for undo"),
        plain(f"{size(answer.limit)} at most, then the oldest are deleted"),
    )
    return Screen((title,), (*rows, *more, held), tuple(map(_in_full, found)), answer.findings, answer.verbose)


def _in_brief(transaction: Transaction, *, was_undone: bool) -> Line:
    words = transaction.command if len(transaction.command) <= 60 else f"{transaction.command[:59]}…"
    return (
        plain(local_time(transaction.when)),
        plain(f"`{words}`"),
        plain(_brief(transaction.changes)),
        plain("was undone") if was_undone else _undoable(transaction),
        *((plain(f"{size(transaction.size)} kept"),) if transaction.size and transaction.undoable else ()),
    )


def _in_full(transaction: Transaction) -> Row:
    changes = (
        line
        for kind in KINDS
        for each in transaction.changes
        if each.kind == kind
        for line in change_lines(each, with_reason=True)
    )
    return Row(transaction.id, ((plain(f"`{transaction.command}`"),), *changes))


def _brief(changes: Sequence[Change]) -> str:
    """The first changes, requested ones first, and how many more."""
    first = sorted(changes, key=lambda change: not change.asked_for)
    said = [f"{each.name} {versions(each)}{_kind(each)}" for each in first[:2]]
    return ", ".join(said) + (f" and {len(changes) - 2} more" if len(changes) > 2 else "") if said else "no changes"


def _kind(change: Change) -> str:
    # an upgrade or a downgrade shows in its two versions
    return f" {change.kind}" if change.kind in ("added", "rebuilt", "removed") else ""


def _undoable(transaction: Transaction) -> Part:
    return (Span("can be undone", "good"),) if transaction.undoable else plain("cannot be undone")
