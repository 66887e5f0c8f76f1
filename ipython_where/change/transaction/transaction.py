"""Changes an environment all or nothing, and rolls changes back, now or after a crash.

The caller holds the lock on `Store.lock_path` from `begin` to `commit` or `abandon`, and for `recover` and `undo`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import Literal

from ipython_where.change.values import Change, ChangeKind, Transaction
from ipython_where.facts.distributions.listing import read_all
from ipython_where.interrupts import held
from ipython_where.model import Evidence, Value
from ipython_where.value import dataclass

from .disk import Disk, RealDisk
from .history import History, TransactionError, read_history, read_ids
from .journal import (
    Journal,
    JournalError,
    draft_journal,
    publish_journal,
    read_journal,
    read_manifest,
    write_manifest,
)
from .locks import Holder, locked, mamba_locked, no_message
from .old_checkouts import left_by_crash
from .preparation import (
    Ready,
    Snapshot,
    finer,
    plan_commit,
    plan_files,
    plan_undo,
    read_layout,
    read_snapshot,
    read_stage,
)
from .retention import save_space, tidy
from .stage import verify_stage
from .swap import Roots, carry_out, prepare_trash, rescue, take_back, verify_swapped
from .swap_plan import Manifest
from .unfinished import GIT_IGNORE, JOURNAL, STORE, is_transaction_name, is_unfinished

REVERSED: dict[ChangeKind, ChangeKind] = {
    "added": "removed",
    "removed": "added",
    "upgraded": "downgraded",
    "downgraded": "upgraded",
    "rebuilt": "rebuilt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """A transaction that has begun. The installer writes into ``stage`` as if it were a prefix."""

    id: str
    command: str
    folder: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed(Value):
    """A change that was made. ``edited`` and ``in_the_way`` are replaced files of the user's, kept in ``trash``.
    ``gone`` are removed files without a replacement. All are relative to the root.

    ``interrupted``: an interrupt arrived too late to stop it.
    """

    transaction: Transaction
    edited: tuple[str, ...]
    in_the_way: tuple[str, ...]
    gone: tuple[str, ...] = field(repr=False)
    trash: str
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered(Value):
    """What recovery did with an unfinished transaction. ``aside``: files that others created in its places meanwhile, kept.

    ``left``: repository checkouts made by an older version of this package; somebody may use them by now.
    """

    id: str
    outcome: Literal["dropped", "rolled back"]
    command: str | None
    when: float | None
    aside: tuple[str, ...]
    left: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """What to show; nothing if only a stage was deleted, since no file of the environment had moved."""
        if self.outcome == "rolled back":
            done = "it was rolled back, and the environment is as it was before"
        elif self.aside or self.left:
            done = "nothing was installed"
        else:
            return ()
        return (
            f"`{self.command}` did not finish: {done}",
            *(f"  kept aside  {path}" for path in self.aside),
            *(f"  left there  {path}  (delete it unless you use it)" for path in self.left),
        )


class Store:
    """The transactions of one environment, in `<root>/.safepip`.

    ``root`` is the prefix or the user base, with its ``site_directories``. The last ``keep`` transactions can be undone
    while the files that they replaced fit into ``budget`` bytes. ``uv_lock`` is the file that uv locks here. ``option`` is
    the `%safepip` option that selects this environment. ``rollout``: the change of several environments that its transactions
    are a part of.
    """

    def __init__(
        self,
        root: str,
        *,
        site_directories: Sequence[str],
        uv_lock: str | None = None,
        option: str = "",
        rollout: str | None = None,
        keep: int = 10,
        budget: int = 2_000_000_000,
        patience: float = 60.0,
        waiting: Callable[[Holder], None] = no_message,
        disk: Disk | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        root = os.path.abspath(root)
        self.places = Roots(root=root, store=os.path.join(root, STORE), option=option)
        self.lock_path = os.path.join(self.places.store, "lock")
        self._site_directories = tuple(site_directories)
        self._uv_lock = uv_lock
        self._keep = keep
        self.budget = budget
        self._rollout = rollout
        self._patience = patience
        self._waiting = waiting
        self._disk: Disk = disk or RealDisk()
        self._clock = clock
        self._earlier: History | None = None

    def snapshot(self) -> Snapshot:
        """The packages that are installed now: taken when planning, compared right before the swap."""
        return read_snapshot(self._site_directories, conda_meta=os.path.join(self.places.root, "conda-meta"))

    def begin(self, command: str) -> Staging:
        """Start a transaction with an empty stage. Raises `TransactionError` if nothing can be written."""
        with self._explained():
            for id in read_ids(self.places):
                folder = self.places.kept(id)
                journal = read_journal(folder) if is_unfinished(folder) else None
                if journal is not None and journal.state == "swapping":
                    raise TransactionError("an earlier change is still unfinished", evidence=(folder,))
            if not os.path.isdir(self.places.store):
                self._disk.make_directory(self.places.store, 0o700)
            return self._new(command)

    def commit(
        self,
        staging: Staging,
        *,
        changes: Sequence[Change],
        replaced: Sequence[str],
        expected: Mapping[str, str],
        unchanged: Snapshot | None = None,
        kept: Collection[str] = (),
        linked: Collection[str] = (),
    ) -> Committed:
        """Replace the distributions with the metadata directories ``replaced`` by the staged ones; or change nothing, and raise.

        ``expected``: exactly the names and versions that must be staged. ``unchanged``: the distributions that the plan was
        made for. ``kept`` are files that stay although a replaced distribution lists them; ``linked`` are links that
        stand in for its folders, and are removed.
        """
        empty = self._journal(staging, tuple(changes))
        with self._explained(), self._dropped_if_failed(staging):
            with self._beside_others(staging.command):
                staged = read_stage(staging.stage)
                layout = read_layout(self.places, self._site_directories)
                verify_stage(staging.stage, staged, sites=layout.sites, expected=expected, canonical=layout.canonical)
                ready = plan_commit(layout, empty, staged=staged, replaced=replaced, kept=kept, linked=linked)
                carried_out = self._carry_out(ready, unchanged)
            return self._finished(*carried_out, ready.manifest)

    def commit_files(
        self,
        staging: Staging,
        *,
        changes: Sequence[Change],
        taken_out: Collection[str],
        unchanged: Snapshot,
        swapped: Callable[[], None] = lambda: None,
    ) -> Committed:
        """Bring in all that is staged and take the files ``taken_out`` (relative to the root) away; or change nothing, and raise.

        For an installer that lists its files itself, and holds `mamba_locked` until ``swapped`` is called: before the stage is
        deleted, by which a recovery knows that a lock may be left. ``unchanged``: the packages that the plan was made for.
        """
        empty = self._journal(staging, tuple(changes))
        with self._explained(), self._dropped_if_failed(staging):
            with self._beside_uv(staging.command):
                layout = read_layout(self.places, self._site_directories)
                ready = plan_files(layout, empty, staged=read_all(staging.stage), taken_out=taken_out)
                carried_out = self._carry_out(ready, unchanged)
            swapped()
            return self._finished(*carried_out, ready.manifest)

    def check_undoable(self, id: str) -> None:
        """Raise `TransactionError` for a transaction that is unknown, undone, purged, or overwritten by a later one."""
        read_history(self.places).undoable(id, self._files_of)

    def check_undo(self, id: str) -> None:
        """Raise `WhereError` for what `undo` would refuse, and change nothing."""
        with self._explained():
            history = read_history(self.places)
            done = Ready(journal=history.undoable(id, self._files_of), manifest=read_manifest(self.places.kept(id)))
            planned = Staging(id="tx-0", command="", folder="", stage="")
            layout = read_layout(self.places, self._site_directories)
            plan_undo(layout, self._journal(planned, ()), done, leftovers=history.leftovers, modes=history.modes)

    def _files_of(self, id: str) -> frozenset[str] | None:
        """The files that a transaction took out and brought in; None if that is no longer on disk."""
        try:
            manifest = read_manifest(self.places.kept(id))
        except JournalError:
            return None
        return frozenset((*manifest.taken_out, *manifest.brought_in))

    def brought_by(self, id: str) -> frozenset[str]:
        """The files that a transaction brought in, relative to the root. Raises `JournalError` if that is not known."""
        return frozenset(read_manifest(self.places.kept(id)).brought_in)

    def trash_of(self, id: str) -> str:
        """The folder with the files that a transaction replaced, at the same paths as below the root."""
        return self.places.kept(f"{id}/trash")

    def undo(self, id: str, *, command: str, changes: Sequence[Change] | None = None) -> Committed:
        """Put back what a transaction replaced, byte for byte. The undo is a transaction itself, and can be undone.

        ``changes`` describes it where the reverse of the original changes would not be accurate.

        Raises `WhereError` if it cannot be undone: unknown, already undone, deleted to save space, its files have changed
        since, or a later transaction changed the same paths.
        """
        with self._explained():
            history = read_history(self.places)
            target = history.undoable(id, self._files_of)
            done = Ready(journal=target, manifest=read_manifest(self.places.kept(id)))
            staging = self._new(command)  # before mamba's lock: by this, a recovery knows that one may be left
            with self._dropped_if_failed(staging):
                with self._beside_others(command):
                    empty = replace(
                        self._journal(staging, tuple(changes or map(reversed_change, target.changes))), undoes=id
                    )
                    layout = read_layout(self.places, self._site_directories)
                    ready = plan_undo(layout, empty, done, leftovers=history.leftovers, modes=history.modes)
                    carried_out = self._carry_out(ready, None)
                return self._finished(*carried_out, ready.manifest)

    def abandon(self, staging: Staging) -> None:
        """Delete a transaction that was not committed. One that could not be rolled back yet stays for `recover`."""
        if not os.path.lexists(os.path.join(staging.folder, JOURNAL)):
            self._disk.remove_tree(staging.folder)

    def _keep_from_git(self) -> None:
        path = self.places.kept(GIT_IGNORE)
        if not os.path.lexists(path):
            self._disk.draft(path, b"# made by ipython_where\n*\n", 0o600)

    def next_stage(self) -> str:
        """The stage that `begin` will make, as long as the environment is locked."""
        return self._next("").stage

    def _next(self, command: str) -> Staging:
        try:
            names = os.listdir(self.places.store)
        except FileNotFoundError:
            names = []
        taken = filter(is_transaction_name, names)  # by anything at all: a number is never reused
        id = f"tx-{1 + max((int(each.removeprefix('tx-')) for each in taken), default=0)}"
        folder = self.places.kept(id)
        return Staging(id=id, command=command, folder=folder, stage=os.path.join(folder, "stage"))

    def _new(self, command: str) -> Staging:
        staging = self._next(command)
        # The store keeps other users out. If root installs in a user's store, that user must still see that this is finished.
        self._disk.make_directory(staging.folder, 0o755)
        self._disk.make_directory(staging.stage, 0o755)
        aliases = read_layout(self.places, ()).aliases
        for name in sorted(set(aliases.values())):  # an installer cannot write through a dangling link
            self._disk.make_directory(os.path.join(staging.stage, name), 0o755)
        for alias, name in aliases.items():
            self._disk.link(name, os.path.join(staging.stage, alias))
        return staging

    def _journal(self, staging: Staging, changes: tuple[Change, ...]) -> Journal:
        now = self._clock()
        return Journal(
            id=staging.id,
            state="swapping",
            when=now,
            command=staging.command,
            changes=changes,
            operations=(),
            rollout=self._rollout,
        )

    def _carry_out(self, ready: Ready, unchanged: Snapshot | None) -> tuple[Journal, bool]:
        try:
            return ready.journal, self._swap(ready, unchanged)
        except OSError as error:
            # overlayfs refuses to rename a directory of a lower layer, but not the files in it
            smaller = finer(ready, self.places) if error.errno == errno.EXDEV else ready
            if smaller.journal.operations == ready.journal.operations:
                raise
        return smaller.journal, self._swap(smaller, unchanged)

    def _swap(self, ready: Ready, unchanged: Snapshot | None) -> bool:
        """Write the journal, rename, verify, commit. Returns whether an interrupt arrived too late to stop it.

        Each sync covers all that was written before it, the content of the journal too: one for each file takes as long again.
        """
        journal, folder = ready.journal, self.places.kept(ready.journal.id)
        prepare_trash(self._disk, self.places, journal.operations)
        write_manifest(self._disk, folder, ready.manifest)
        draft_journal(self._disk, folder, journal)
        self._disk.sync(self.places.root)  # before the journal: no swap may start from files that a power cut can empty
        with held() as interrupt:
            try:
                self._check(unchanged)
                publish_journal(self._disk, folder)
                carry_out(self._disk, self.places, journal.operations)
                verify_swapped(self.places, ready.manifest)
                draft_journal(self._disk, folder, journal.in_state("committed"))
                self._disk.sync(self.places.root)
                interrupt.check()
                publish_journal(self._disk, folder)
            except BaseException as error:
                # The last write may have failed after its rename. Recovery would go by what is on disk, so go by that here too.
                if not _is_committed(folder):
                    self._take_back(ready)
                    raise
                interrupt.noted |= isinstance(error, KeyboardInterrupt)
            return interrupt.noted

    def _check(self, unchanged: Snapshot | None) -> None:
        now = self.snapshot()
        if unchanged is not None and now != unchanged:
            names = sorted({posixpath.basename(path) for path, _, _ in {*now} ^ {*unchanged}})
            raise TransactionError(
                "another installer changed this environment while this command ran",
                evidence=tuple(Evidence(label="changed", value=name) for name in names),
                hint="this command changed nothing; run it again",
            )

    def _take_back(self, ready: Ready) -> tuple[str, ...]:
        """Roll back a swap that was not committed. The journal is removed last, durably, before its stage may be deleted."""
        journal, folder = ready.journal, self.places.kept(ready.journal.id)
        aside = f"aside/{journal.id}"
        try:
            moved = take_back(self._disk, self.places, journal.operations, aside=aside)
            moved += rescue(self._disk, self.places, journal.operations, ready.manifest, aside=aside)
            self._disk.sync(self.places.root)
            if os.path.lexists(os.path.join(folder, JOURNAL)):
                self._disk.unlink(os.path.join(folder, JOURNAL))
                self._disk.sync_directory(folder)
        except OSError as error:
            raise TransactionError(
                "a change failed and could not be fully rolled back yet",
                evidence=(str(error), Evidence(label="journal", value=folder)),
                hint="fix the cause; then `%load_ext ipython_where` or the next `%safepip` rolls back the rest",
            ) from error
        return tuple(moved)

    def recover(self) -> tuple[Recovered, ...]:
        """Roll back or delete what a crash left unfinished, newest first. Safe to kill and run again."""
        found = []
        with self._explained(), held():
            for id in reversed(read_ids(self.places)):
                folder = self.places.kept(id)
                journal = read_journal(folder) if is_unfinished(folder) else None
                if journal is not None and journal.state != "swapping":
                    with self._beside_mamba():
                        tidy(self._disk, self.places, journal)
                elif is_unfinished(folder):
                    found.append(self._recover(id, journal))
        return tuple(found)

    def _recover(self, id: str, journal: Journal | None) -> Recovered:
        folder = self.places.kept(id)
        aside: tuple[str, ...] = ()
        if journal is None:
            with self._beside_mamba():  # whose lock file the crash has left, too
                pass
        else:
            with self._beside_others("recover"):
                aside = self._take_back(Ready(journal=journal, manifest=read_manifest(folder)))
        command, left = left_by_crash(folder, self.places.root)
        self._disk.remove_tree(folder)
        return Recovered(
            id=id,
            outcome="dropped" if journal is None else "rolled back",
            command=command if journal is None else journal.command,
            when=None if journal is None else journal.when,
            aside=aside,
            left=left,
        )

    def is_unfinished(self) -> bool:
        """Whether `recover` has work to do. Quick, and needs no lock."""
        return any(is_unfinished(self.places.kept(id)) for id in read_ids(self.places))

    def history(self) -> tuple[Transaction, ...]:
        """The transactions that were carried out, the oldest first."""
        return read_history(self.places).transactions()

    def read(self) -> History:
        """Everything that the journals record."""
        return read_history(self.places)

    def read_ahead(self) -> None:
        """Read the history now, while an installer works: it takes longer the longer it is, and nobody else may add to it."""
        self._earlier = self.read()

    def _history_with(self, id: str) -> History:
        """The history, of which ``id`` is the last transaction."""
        earlier, self._earlier = self._earlier, None
        last = read_journal(self.places.kept(id))
        if earlier is None or last is None:
            return self.read()
        return replace(earlier, journals=(*earlier.journals, last))

    def _finished(self, journal: Journal, interrupted: bool, manifest: Manifest) -> Committed:
        history = None
        try:
            self._keep_from_git()
            tidy(self._disk, self.places, journal)
            history = save_space(
                self._disk, self.places, self._history_with(journal.id), keep=self._keep, budget=self.budget
            )
        except (OSError, JournalError):
            pass  # the change is committed; `recover` or the next one cleans up
        except KeyboardInterrupt:
            interrupted = True
        history = history or History(journals=(journal.in_state("committed"),), option=self.places.option)
        (now,) = (each for each in history.transactions() if each.id == journal.id)
        return Committed(
            transaction=now,
            edited=journal.edited,
            in_the_way=journal.in_the_way,
            gone=tuple(path for path in manifest.taken_out if path not in manifest.brought_in),
            trash=self.places.kept(f"{journal.id}/trash"),
            interrupted=interrupted,
        )

    @contextmanager
    def _beside_others(self, command: str) -> Iterator[None]:
        """Hold uv's lock, and in a conda prefix mamba's."""
        with self._beside_uv(command), self._beside_mamba():
            yield

    @contextmanager
    def _beside_mamba(self) -> Iterator[None]:
        meta = os.path.join(self.places.root, "conda-meta")
        if not os.path.isdir(meta) or not os.access(meta, os.W_OK):
            yield
            return
        with mamba_locked(meta, timeout=self._patience, waiting=self._waiting):
            yield

    @contextmanager
    def _beside_uv(self, command: str) -> Iterator[None]:
        if self._uv_lock is None:
            yield
            return
        patience = self._patience
        with locked(self._uv_lock, command=command, timeout=patience, waiting=self._waiting, signed=False, mode=0o666):
            yield

    @contextmanager
    def _dropped_if_failed(self, staging: Staging) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError, JournalError):  # `recover` deletes it later
                self.abandon(staging)
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _explanation(error, self.places.root) from error


def _is_committed(folder: str) -> bool:
    try:
        journal = read_journal(folder)
    except (JournalError, OSError):
        return False
    return journal is not None and journal.state == "committed"


def reversed_change(change: Change) -> Change:
    """The reverse of a change."""
    return replace(
        change,
        kind=REVERSED[change.kind],
        old=change.new,
        new=change.old,
        old_build=change.new_build,
        new_build=change.old_build,
    )


def _explanation(error: OSError, root: str) -> TransactionError:
    message = {
        errno.ENOSPC: f"the disk of `{root}` is full",
        errno.EDQUOT: f"the disk quota of `{root}` is used up",
        errno.EROFS: f"`{root}` is on a read-only file system",
        errno.EACCES: f"this user may not write to `{root}`",
        errno.EPERM: f"this user may not write to `{root}`",
        errno.EXDEV: f"`{root}` spans several file systems, so it cannot be changed in one step",
    }.get(error.errno or 0, f"`{root}` could not be changed")
    return TransactionError(message, evidence=(str(error),), unchanged=True)
