"""Whose the files of a store are, where a second user meets them."""

from __future__ import annotations

import os

from ipython_where.errors import WhereError


class AnotherUsersError(WhereError):
    """The transactions of an environment are another user's: nothing was changed."""


def other_owner(path: str) -> str | None:
    """The user that a file belongs to, where that is not this one; None too where nothing tells."""
    try:
        owner = os.stat(path, follow_symlinks=False).st_uid
        return None if owner == os.geteuid() else _named(owner)
    except (OSError, AttributeError):  # no such file; no user ids (Windows)
        return None


def _named(user_id: int) -> str:
    import pwd  # POSIX alone has it

    try:
        return f"the user `{pwd.getpwuid(user_id).pw_name}`"
    except KeyError:  # a container knows few of the users whose folders are mounted into it
        return f"the user with the id {user_id}"


def refuse_another_users(store: str) -> None:
    """Raise `AnotherUsersError` for the folder of transactions of a user who lets nobody else in."""
    owner = other_owner(store)
    if owner is not None and not os.access(store, os.R_OK | os.W_OK | os.X_OK):
        raise AnotherUsersError(
            f"the transactions of `{os.path.dirname(store)}` belong to {owner}",
            evidence=(f"store  {store}  (open to that user alone)",),
            hint="let that user make the change, or make an environment of your own: `python -m venv PATH`",
        )
