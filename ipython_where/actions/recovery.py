"""Taking back what a crash left unfinished: here, and in a server's environment that was being changed from here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from ..install.leftovers import SERVER_NOTE, STORE
from ..install.lock import AtWork, Holder, locked, no_message, only_after, remove_if_alone
from ..install.transaction import Recovered, Store
from .workplace import Workplace


def recover(place: Workplace) -> tuple[Recovered, ...]:
    """Take back what a crash left, if it left anything.

    It waits for an installer that outlived its kernel. What another kernel is at is that kernel's to end, or to take back.
    """
    found = [*recover_servers(place.root, place.waiting)]
    if place.store.is_unfinished():
        found += _recovered(place.store, place.waiting)
    return tuple(found)


def recover_servers(kernel_root: str, waiting: Callable[[Holder], None] = no_message) -> Iterator[Recovered]:
    """Take back what a crash of a kernel of this environment left in a server's, as the notes about that tell."""
    folder = os.path.join(kernel_root, STORE)
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if not name.startswith(SERVER_NOTE):
            continue
        note = os.path.join(folder, name)
        with open(note, "rb") as file:
            root = os.fsdecode(file.read())
        if os.path.isdir(root):  # else it may be on a disk that is not there now
            store = Store(root, site_directories=(), uv_lock=os.path.join(root, ".lock"), option="--server")
            yield from _recovered(store, waiting, note)


def _recovered(store: Store, waiting: Callable[[Holder], None], note: str | None = None) -> tuple[Recovered, ...]:
    with suppress(AtWork), locked(store.lock_path, command="recover", waiting=only_after(waiting)) as lock:
        found = store.recover()
        if note is not None:
            os.unlink(note)
        remove_if_alone(lock)
        return found
    return ()
