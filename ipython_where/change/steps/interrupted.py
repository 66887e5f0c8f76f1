"""The stop button: what an interrupt left, said in two lines instead of a traceback into an installer's pipes."""

from __future__ import annotations

from ipython_where.change.request.request import FETCHING, READING, Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import Interrupted, WhereError


def interrupted(request: Request, place: TargetEnvironment, *, since: float) -> Interrupted:
    """What to raise for an interrupt of a command that began at ``since``: the disk says whether it was too late."""
    if request.command in (*READING, *FETCHING, "history"):
        return Interrupted(f"`%safepip {request.command}` was interrupted")
    try:
        made = [each for each in place.store.history() if each.when >= since]
    except (OSError, WhereError):
        return Interrupted(
            f"`%safepip {request.command}` was interrupted", hint=f"`{place.typed('history')}` shows what was done"
        )
    if not made:
        return Interrupted(f"interrupted: nothing was changed in {place.root}")
    undo = f"`{place.typed('undo', made[-1].id)}` takes it back"
    return Interrupted("interrupted when the change was already made", hint=undo)
