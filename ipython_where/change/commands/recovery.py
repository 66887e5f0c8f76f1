"""Rolls back what a crash left unfinished: here, and in a server's environment that was being changed from here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.transaction.locks import AtWork, Holder, locked, no_message, only_after, remove_if_alone
from ipython_where.change.transaction.transaction import Recovered, Store
from ipython_where.change.transaction.unfinished import STORE, is_anything_left, is_server_note


def recover(target: TargetEnvironment) -> Iterator[Recovered]:
    """Roll back what a crash left, if it left anything: here first, so that no trouble with a server's comes before it.

    It waits for an installer that outlived its kernel. Another kernel's change is that kernel's to finish or to roll back.
    Raises `WhereError` for what cannot be rolled back now.
    """
    if target.store.is_unfinished():
        yield from _recovered(target.store, target.waiting)
    yield from recover_servers(target.root, target.waiting)


def recover_first(target: TargetEnvironment) -> None:
    """Roll back what a crash left in this environment, and report it, before a command looks at what is installed.

    Another kernel may have been killed since this one was started; what stands in the middle of a swap proves nothing.
    """
    root = (
        target.root if target.user else target.world.interpreter["prefix"]
    )  # a store needs to know more of the kernel
    if is_anything_left(root) and target.store.is_unfinished():
        target.tell_recovered(_recovered(target.store, target.waiting))


def recover_servers(kernel_root: str, waiting: Callable[[Holder], None] = no_message) -> Iterator[Recovered]:
    """Roll back what a crash of a kernel of this environment left in a server's, as the notes about that tell."""
    for note in _server_notes(os.path.join(kernel_root, STORE)):
        root = _noted_root(note)
        if root and os.path.isdir(root):  # else it may be on a disk that is not there now
            store = Store(root, site_directories=(), uv_lock=os.path.join(root, ".lock"), option="--server")
            yield from _recovered(store, waiting, note)


def _server_notes(store: str) -> tuple[str, ...]:
    if not os.path.isdir(store):
        return ()
    with os.scandir(store) as entries:
        return tuple(sorted(each.path for each in entries if is_server_note(each)))


def _noted_root(note: str) -> str | None:
    """The environment that a note names; None for a note of another user's, whose change it is."""
    try:
        with open(note, "rb") as file:
            return os.fsdecode(file.read())
    except OSError:
        return None


def _recovered(store: Store, waiting: Callable[[Holder], None], note: str | None = None) -> tuple[Recovered, ...]:
    with suppress(AtWork), locked(store.lock_path, command="recover", waiting=only_after(waiting)) as lock:
        found = store.recover()
        if note is not None:
            with suppress(OSError):  # the next one looks again, and finds nothing
                os.unlink(note)
        remove_if_alone(lock)
        return found
    return ()
