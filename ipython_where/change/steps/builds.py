"""Corrects errors that say "nothing was changed" when a build, which runs arbitrary code, wrote into the environment.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ipython_where.change.installers.foreign import FailedInstallerError
from ipython_where.change.installers.written import written_since
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import UNCHANGED, CommandError, WhereError
from ipython_where.model import Evidence, Finding

_SHOWN = 5


class InstallError(WhereError):
    """An install that did not happen: `%safepip` changed nothing in the environment.

    ``reasons`` are the findings that forbid its plan, if that is why.
    """

    reasons: tuple[Finding, ...] = ()


@contextmanager
def told_what_builds_wrote(target: TargetEnvironment) -> Iterator[None]:
    """If the block fails before the swap, look for files written meanwhile, and name them in the error."""
    since = _now(target)
    try:
        yield
    except (InstallError, CommandError, FailedInstallerError) as error:
        found = written_since(target.root, since) if since else ()
        if not found:
            raise
        raise _corrected(error, found, target.root) from error


def _now(target: TargetEnvironment) -> int | None:
    """The current time of the environment's file system, whose clock may differ from ours: the lock was written just now."""
    try:
        return os.stat(target.store.lock_path).st_ctime_ns
    except OSError:
        return None


def _corrected(error: WhereError, found: tuple[str, ...], root: str) -> InstallError:
    written = [Evidence(label="written", value=os.path.join(root, each)) for each in found[:_SHOWN]]
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return InstallError(
        error.message.removeprefix(UNCHANGED).replace(", before anything was changed", ""),
        evidence=(
            *error.evidence,
            "files were written into this environment meanwhile, possibly by a build:",
            *written,
            *more,
        ),
        hint="; ".join(filter(None, ["they are still there: delete those that you do not want", error.hint])),
    )
