"""Detects what a crash left in an environment by file names only, because every `%load_ext` checks.

Tested in `tests/change/transaction/test_store.py`.
"""

from __future__ import annotations

import os

STORE = ".safepip"
"""The folder of transactions, directly below the root: no distribution may own anything in it."""

JOURNAL = "journal.json"
"""In a transaction's folder, from just before the first file moves."""

GIT_IGNORE = ".gitignore"
"""In a store: keeps its transactions out of a Git repository that contains the environment."""

SERVER_NOTE = "server-"
"""The prefix of the notes in a store that record a change in progress in a server's environment."""


def is_anything_left(root: str) -> bool:
    """Whether a transaction below ``root``, or one that its kernel began in a server's environment, is unfinished.

    A store that this user may not read is another user's, so nothing in it is ours to roll back.
    """
    store = os.path.join(root, STORE)
    try:
        with os.scandir(store) as entries:
            return any(is_unfinished(each.path) if is_transaction(each) else is_server_note(each) for each in entries)
    except OSError:
        return False


def is_transaction(entry: os.DirEntry[str]) -> bool:
    """Whether a store's entry is a transaction's folder. A file or a link of that name is not ours."""
    return is_transaction_name(entry.name) and entry.is_dir(follow_symlinks=False)


def is_transaction_name(name: str) -> bool:
    """Whether a name is one of `tx-1`, `tx-2`…"""
    number = name[3:]
    return name.startswith("tx-") and number.isdecimal() and number.isascii() and number[0] != "0"


def is_server_note(entry: os.DirEntry[str]) -> bool:
    """Whether a store's entry is a note about a server's environment."""
    return entry.name.startswith(SERVER_NOTE) and entry.is_file(follow_symlinks=False)


def is_unfinished(folder: str) -> bool:
    """Whether the transaction in ``folder`` began and was neither deleted nor cleaned up. It takes two stats and no read."""
    return os.path.lexists(os.path.join(folder, "stage")) or not os.path.lexists(os.path.join(folder, JOURNAL))
