"""No error says that nothing was changed where a build, which runs code of its own, wrote into the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ipython_where.change.installers.written import written_since
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import CommandError, WhereError

_SHOWN = 5


class InstallError(WhereError):
    """An install that did not happen: of the environment, `%safepip` changed nothing."""


@contextmanager
def told_what_builds_wrote(place: TargetEnvironment) -> Iterator[None]:
    """Where the block fails before the swap, look for what was written meanwhile, and say so in its error."""
    since = _now(place)
    try:
        yield
    except (InstallError, CommandError) as error:
        found = written_since(place.root, since) if since else ()
        if not found:
            raise
        raise _corrected(error, found, place.root) from error


def _now(place: TargetEnvironment) -> int | None:
    """The time of the environment's file system: the lock was signed there a moment ago."""
    try:
        return os.stat(place.store.lock_path).st_ctime_ns
    except OSError:
        return None


def _corrected(error: WhereError, found: tuple[str, ...], root: str) -> InstallError:
    written = [f"written  {os.path.join(root, each)}" for each in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    hint = (error.hint or "").removeprefix("nothing was changed").removeprefix("; ")
    return InstallError(
        error.message.removeprefix("nothing was changed: ").replace(", before anything was changed", ""),
        evidence=(
            *error.evidence,
            "files were written into this environment meanwhile, as a build may do:",
            *written,
            *more,
        ),
        hint="; ".join(filter(None, ["they stay: delete what you do not want", hint])),
    )
