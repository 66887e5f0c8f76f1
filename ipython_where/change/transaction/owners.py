"""Who owns the files of a store, for an environment that several users share.

Tested in `tests/change/transaction/test_store.py`.
"""

from __future__ import annotations

import os

from ipython_where.errors import WhereError
from ipython_where.model import Evidence


class AnotherUsersError(WhereError):
    """The transactions of an environment belong to another user: nothing was changed."""


def other_owner(path: str) -> str | None:
    """The user that a file belongs to; None if it is this user, or unknown."""
    try:
        owner = os.stat(path, follow_symlinks=False).st_uid
        return None if owner == os.geteuid() else _named(owner)
    except (OSError, AttributeError):  # no such file; no user ids (Windows)
        return None


def _named(user_id: int) -> str:
    import pwd  # only on POSIX

    try:
        return f"the user `{pwd.getpwuid(user_id).pw_name}`"
    except KeyError:  # in a container, most owners of mounted folders have no name
        return f"the user with the id {user_id}"


def refuse_another_users(store: str) -> None:
    """Raise `AnotherUsersError` if the store belongs to another user and this one has no access."""
    owner = other_owner(store)
    if owner is not None and not os.access(store, os.R_OK | os.W_OK | os.X_OK):
        raise AnotherUsersError(
            f"the transactions of `{os.path.dirname(store)}` belong to {owner}",
            evidence=(Evidence(label="store", value=store, note="only that user can open it"),),
            hint="ask that user to make the change, or create your own environment: `python -m venv PATH`",
        )
