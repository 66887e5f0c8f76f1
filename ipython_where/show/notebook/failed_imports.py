"""Explains a failed import below its traceback, which stays unchanged."""

from __future__ import annotations

from typing import Any

from ipython_where.judge.failure import FailedImport, read_failure


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
    if failed is None:
        return True
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or not _is_enabled(shell):
        return True
    if getattr(shell, "kernel", None) is not None:
        from .progress import is_captured

        if is_captured(shell):
            return False  # `%%capture` would swallow the hint, but not a kernel's traceback
    _show(failed)
    return True


def _is_enabled(shell: Any) -> bool:
    return all(each.enabled for each in shell.configurables if each.__class__.__name__ == "Hints")


def _show(failed: FailedImport) -> None:
    from ipython_where.answer.failed_import import explain_failure
    from ipython_where.session import current_world
    from ipython_where.show.faces import notice

    finding = explain_failure(failed, current_world())
    if finding is not None:
        from IPython.display import display

        display(notice(finding), raw=True)
