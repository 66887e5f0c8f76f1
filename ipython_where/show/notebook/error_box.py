"""Shows an error of ours in a notebook the way that answers are shown.

Tested in `tests/test_safepip_kernel.py` and `tests/frontends/test_pages.py`.
"""

from __future__ import annotations

from ipython_where.errors import Interrupted, WhereError
from ipython_where.session import current_shell
from ipython_where.show.faces import error_box

from .progress_display import is_captured


def show_box(error: object) -> None:
    """Display an error below its traceback, as HTML alone: whatever shows no HTML has shown the traceback's text.

    A third party's error that only looks like ours is left alone; so is a cell whose displays are captured, since its
    traceback is not.
    """
    shell = current_shell()
    if (
        isinstance(error, WhereError | Interrupted)
        and getattr(shell, "kernel", None) is not None
        and not is_captured(shell)
    ):
        shell.display_pub.publish({"text/html": error_box(error.finding())})
