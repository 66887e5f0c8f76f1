"""Decides which old transactions are deleted to save space; files that the user wrote are never deleted.

Tested in `tests/change/transaction/test_store.py`.
"""

from __future__ import annotations

import os
from dataclasses import replace

from .disk import Disk
from .history import History
from .journal import MANIFEST, Journal, write_journal
from .swap import Roots, in_trash, set_aside

REMEMBERED = 100
"""How many transactions stay in the history after they can no longer be undone."""


def tidy(disk: Disk, places: Roots, journal: Journal) -> None:
    """Copy edited files that share a hard link (with uv's cache), so that they can't change any more, and delete the stage."""
    for path in in_trash(journal.operations, journal.edited).values():
        kept = places.kept(path)
        if os.path.isfile(kept) and os.lstat(kept).st_nlink > 1:
            copy = places.kept(f"{journal.id}/copy")
            disk.copy(kept, copy)
            disk.rename(copy, kept)
    disk.remove_tree(places.kept(f"{journal.id}/stage"))


def save_space(disk: Disk, places: Roots, history: History, *, keep: int, budget: int) -> History:
    """Delete the trash of transactions that can no longer be undone, and of the oldest ones beyond the budget.

    Returns the history as it is then.
    """
    beyond = {each.id for each in history.beyond(keep=keep, budget=budget)}
    purged = {each.id: each.in_state("purged") for each in history.journals if each.id in beyond}
    for journal in purged.values():
        write_journal(disk, places.kept(journal.id), journal)
    history = replace(history, journals=tuple(purged.get(each.id, each) for each in history.journals))
    spent = history.spent()
    for journal in spent:
        folder = places.kept(journal.id)
        if os.path.lexists(os.path.join(folder, MANIFEST)):
            yours = (*journal.edited, *journal.in_the_way)
            set_aside(disk, places, journal.operations, yours, aside=f"aside/{journal.id}")
            disk.remove_tree(os.path.join(folder, "trash"))
            disk.unlink(os.path.join(folder, MANIFEST))
    for journal in spent[:-REMEMBERED]:
        disk.remove_tree(places.kept(journal.id))
    return history
