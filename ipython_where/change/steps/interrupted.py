"""The stop button: two lines about what an interrupt left, instead of a traceback into an installer's pipes.

Tested in `tests/test_late_interrupt.py`.
"""

from __future__ import annotations

from ipython_where.change.request.request import FETCHING, READING, Request
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.errors import Interrupted, WhereError


def interrupted(request: Request, target: TargetEnvironment, *, since: float) -> Interrupted:
    """The error for an interrupt of a command that began at ``since``: the journals on disk say whether it was too late."""
    if request.command in (*READING, *FETCHING, "history"):
        return Interrupted(f"`%safepip {request.command}` was interrupted")
    try:
        made = [each for each in target.store.history() if each.when >= since]
    except (OSError, WhereError):
        return Interrupted(
            f"`%safepip {request.command}` was interrupted", hint=f"`{target.typed('history')}` shows what was done"
        )
    if not made:
        return Interrupted(f"interrupted: nothing was changed in {target.root}")
    undo = f"`{target.typed('undo', made[-1].id)}` undoes it"
    return Interrupted("interrupted too late: the change was already made", hint=undo)
