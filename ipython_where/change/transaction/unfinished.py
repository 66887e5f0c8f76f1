"""What a crash may have left in an environment, told by names alone: every `%load_ext` looks."""

from __future__ import annotations

import os

STORE = ".safepip"
"""The folder of transactions, directly below the root: no distribution may own anything in it."""

JOURNAL = "journal.json"
"""In a transaction's folder, from the moment on when its files move."""

GIT_IGNORE = ".gitignore"
"""In a store: its transactions are nothing for a repository that the environment stands in."""

SERVER_NOTE = "server-"
"""How the names of the notes in a store begin that tell of a change under way in a server's environment."""


def is_anything_left(root: str) -> bool:
    """Whether a transaction below ``root`` is unfinished, or one that its kernel began in a server's environment.

    A store that may not be read is another user's: nothing in it is ours to take back.
    """
    store = os.path.join(root, STORE)
    try:
        with os.scandir(store) as entries:
            return any(is_unfinished(each.path) if is_transaction(each) else is_server_note(each) for each in entries)
    except OSError:
        return False


def is_transaction(entry: os.DirEntry[str]) -> bool:
    """Whether something in a store is a transaction's folder. A file or a link of that name is somebody's."""
    return is_transaction_name(entry.name) and entry.is_dir(follow_symlinks=False)


def is_transaction_name(name: str) -> bool:
    """Whether a name is one of `tx-1`, `tx-2`…"""
    number = name[3:]
    return name.startswith("tx-") and number.isdecimal() and number.isascii() and number[0] != "0"


def is_server_note(entry: os.DirEntry[str]) -> bool:
    """Whether something in a store is a note about a server's environment."""
    return entry.name.startswith(SERVER_NOTE) and entry.is_file(follow_symlinks=False)


def is_unfinished(folder: str) -> bool:
    """Whether the transaction in ``folder`` was begun and neither dropped nor tidied up: two look-ups, nothing is read."""
    return os.path.lexists(os.path.join(folder, "stage")) or not os.path.lexists(os.path.join(folder, JOURNAL))
