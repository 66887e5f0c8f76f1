"""The past transactions of an environment, read from their journals, and which of them can still be undone.

Tested in `tests/change/transaction/test_transaction.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from ipython_where.change.request.safepip_line import typed
from ipython_where.change.values import Transaction
from ipython_where.errors import WhereError
from ipython_where.model import Evidence, Value
from ipython_where.value import dataclass

from .journal import Journal, JournalError, read_journal
from .owners import refuse_another_users
from .swap import Roots
from .swap_plan import overlap, touched
from .unfinished import JOURNAL, STORE, is_transaction, is_transaction_name


class TransactionError(WhereError):
    """The change was not made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedTransaction(Value):
    """A transaction whose journal cannot be read. ``problem`` completes a sentence that starts with "its journal"."""

    id: str
    journal: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The committed transactions, oldest first; ``damaged`` are those whose journals cannot be read."""

    journals: tuple[Journal, ...]
    damaged: tuple[DamagedTransaction, ...] = ()
    option: str = ""

    @property
    def undone(self) -> dict[str, str]:
        """Maps the id of each undone transaction to the id of its undo."""
        return {journal.undoes: journal.id for journal in self.journals if journal.undoes}

    def transactions(self) -> tuple[Transaction, ...]:
        """The history as values."""
        undone = self.undone
        return tuple(
            Transaction(
                id=journal.id,
                when=journal.when,
                command=journal.command,
                changes=journal.changes,
                undoable=journal.state == "committed" and journal.id not in undone,
                undoes=journal.undoes,
                size=journal.size if journal.state == "committed" and journal.id not in undone else None,
                rollout=journal.rollout,
            )
            for journal in self.journals
        )

    @property
    def leftovers(self) -> dict[str, int]:
        """The folders, with modes, that undos left because they held other files: removed with the last of those."""
        undone = self.undone
        standing = (each for each in self.journals if each.undoes and each.id not in undone)
        return {path: mode for each in standing for path, mode in each.left}

    @property
    def modes(self) -> dict[str, int]:
        """The recorded modes of folders that may be gone."""
        return {path: mode for each in self.journals for path, mode in each.left}

    def undoable(self, id: str, files_of: FilesOf) -> Journal:
        """The journal of a transaction that can be undone. Raises `TransactionError` for any other.

        ``files_of`` tells which files a transaction changed.
        """
        by_id = {journal.id: journal for journal in self.journals}
        for each in self.damaged:
            if each.id == id:
                raise self._refused(
                    f"`{id}` cannot be undone: its journal {each.problem}",
                    Evidence(label="journal", value=each.journal),
                )
        target = by_id.get(id)
        if target is None:
            known = ", ".join(f"`{each}`" for each in by_id) or "none"
            raise self._refused(f"there is no transaction `{id}`", Evidence(label="known", value=known))
        if id in self.undone:
            raise self._already_undone(id)
        if target.state == "purged":
            raise self._refused(f"`{id}` can no longer be undone: the files it replaced were deleted to save space")
        later = self.journals[self.journals.index(target) + 1 :]
        other, shared = _later_change(target, later, lambda each: files_of(self._now(each)))  # its redo has the files
        if shared:
            raise TransactionError(
                f"`{id}` cannot be undone before `{self._now(other)}`, which changed the same files later",
                evidence=shared[:5],
                hint=f"run `{typed('undo', self.option, self._now(other))}` first",
                unchanged=True,
            )
        return target

    def _already_undone(self, id: str) -> TransactionError:
        by, now = self.undone[id], self._now(id)
        steps = [id]
        while steps[-1] in self.undone:
            steps.append(self.undone[steps[-1]])
        if len(steps) % 2 == 0:
            return self._refused(f"`{id}` is already undone", Evidence(label="by", value=f"`{by}`"))
        return TransactionError(
            f"`{id}` was undone, and done again by `{now}`",
            hint=f"`{typed('undo', self.option, now)}` undoes it",
            unchanged=True,
        )

    def _refused(self, message: str, *evidence: Evidence) -> TransactionError:
        hint = f"`{typed('history', self.option)}` shows what can be undone"
        return TransactionError(message, evidence=evidence, hint=hint)

    def _now(self, id: str) -> str:
        """The transaction that is in effect: this one, or the one that redid it."""
        undone = self.undone
        while id in undone:
            id = undone[id]
        return id

    def beyond(self, *, keep: int, budget: int) -> tuple[Journal, ...]:
        """The undoable transactions that are too old: beyond ``keep`` of them, or beyond ``budget`` bytes of trash."""
        undone = self.undone
        found = []
        count = size = 0
        for journal in reversed(self.journals):
            if journal.state == "committed" and journal.id not in undone:
                count, size = count + 1, size + journal.size
                if count > keep or size > budget:
                    found.append(journal)
        return tuple(found)

    @property
    def size(self) -> int:
        """The bytes that undoing everything would bring back."""
        undone = self.undone
        return sum(each.size for each in self.journals if each.state == "committed" and each.id not in undone)

    def spent(self) -> tuple[Journal, ...]:
        """The transactions that no longer need their trash: undone or purged."""
        undone = self.undone
        return tuple(journal for journal in self.journals if journal.state == "purged" or journal.id in undone)


FilesOf = Callable[[str], frozenset[str] | None]
"""The files that a transaction changed, by its id; None if that is no longer known."""


def _later_change(target: Journal, later: Sequence[Journal], files_of: FilesOf) -> tuple[str, tuple[str, ...]]:
    """The last transaction that changed files of ``target``, and these. A change and its undo cancel out: also where the change
    was so long ago that its journal is deleted, and only its number tells that it was later.
    """
    cancelled: set[str | None] = set()
    for journal in reversed(later):
        if journal.id in cancelled:
            continue
        if journal.undoes is not None and _number(journal.undoes) > _number(target.id):
            cancelled.add(journal.undoes)
            continue
        shared = _shared(target, journal, files_of)
        if shared:
            return journal.id, shared
    return "", ()


def _number(id: str) -> int:
    return int(id.removeprefix("tx-")) if is_transaction_name(id) else 0


def _shared(target: Journal, later: Journal, files_of: FilesOf) -> tuple[str, ...]:
    """The paths that both changed: a folder if all that ``target`` moved there is shared, single files otherwise."""
    folders = tuple(overlap(touched(target.operations), touched(later.operations)))
    mine, others = (files_of(each.id) for each in (target, later)) if folders else (None, None)
    if mine is None or others is None:
        return folders
    both = set(overlap(mine, others))
    found: dict[str, None] = {}
    for file in sorted(both):
        folder = next((each for each in folders if file.startswith(f"{each}/")), file)
        is_all = folder != file and both.issuperset(each for each in mine if each.startswith(f"{folder}/"))
        found[folder if is_all else file] = None
    return tuple(sorted(found))


def read_ids(places: Roots) -> tuple[str, ...]:
    """The transactions that have a folder in the store, committed or not, the oldest first."""
    try:
        with os.scandir(places.store) as entries:
            names = [each.name for each in entries if is_transaction(each)]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except PermissionError:
        refuse_another_users(places.store)
        raise
    return tuple(sorted(names, key=lambda name: int(name[3:])))


def read_history(places: Roots) -> History:
    """The committed transactions. One with an unreadable journal does not hide the others.

    What it changed is unknown then; the files themselves show whether an earlier one can still be undone.
    """
    journals, damaged = [], []
    for id in read_ids(places):
        folder = places.kept(id)
        try:
            journal = read_journal(folder)
        except JournalError as error:
            damaged.append(DamagedTransaction(id=id, journal=os.path.join(folder, JOURNAL), problem=error.problem))
            continue
        if journal is not None and journal.state != "swapping":
            journals.append(journal)
    return History(journals=tuple(journals), damaged=tuple(damaged), option=places.option)


def kept_in(root: str) -> tuple[Transaction, ...]:
    """The transactions of the environment at ``root``, the oldest first."""
    return read_history(Roots(root=root, store=os.path.join(root, STORE))).transactions()
