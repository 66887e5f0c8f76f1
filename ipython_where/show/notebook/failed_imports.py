"""Explains a failed import below its traceback, which stays unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipython_where.judge.failure import FailedImport, read_failure
from ipython_where.judge.remote_failure import RemoteFailure, read_remote_failure

if TYPE_CHECKING:  # for annotations alone: most errors need neither
    from ipython_where.answer.world import World
    from ipython_where.model import Finding


def give_hint(error: BaseException) -> bool:
    """Explain a failed import if the reason is certain; ignore any other error. False: a later cell should show it.

    Errors in here stay silent: a hint is an extra, and the user already has an error to read.
    """
    try:
        return _give_hint(error)
    except Exception:
        return True


def _give_hint(error: BaseException) -> bool:
    failed = read_failure(error)
    remote = read_remote_failure(error)
    if failed is None and remote is None:
        return True
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or not _is_enabled(shell):
        return True
    is_kernel = getattr(shell, "kernel", None) is not None
    if is_kernel:
        from .progress_display import is_captured

        if is_captured(shell):
            return False  # `%%capture` would swallow the hint, but not a kernel's traceback
    _show(remote or failed, is_kernel=is_kernel)
    return True


def _is_enabled(shell: Any) -> bool:
    return all(each.enabled for each in shell.configurables if each.__class__.__name__ == "Hints")


def _show(failed: RemoteFailure | FailedImport | None, *, is_kernel: bool) -> None:
    from ipython_where.session import current_world
    from ipython_where.show.faces import notice

    finding = _finding(failed, current_world())
    if finding is not None:
        from IPython.display import display

        if not is_kernel:
            print()  # a front end has a space there, or a box
        display(notice(finding), raw=True)


def _finding(failed: RemoteFailure | FailedImport | None, world: World) -> Finding | None:
    """What is certain; what failed in a worker has nothing to do with this kernel."""
    if isinstance(failed, RemoteFailure):
        from ipython_where.workers.failed_import import explain_remote_failure

        return explain_remote_failure(failed, world)
    from ipython_where.answer.failed_import import explain_failure

    return explain_failure(failed, world) if failed is not None else None
