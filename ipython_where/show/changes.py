"""How `%safepip` shows a change, a size and a time.

Tested in `tests/show/test_install.py`.
"""

from __future__ import annotations

import time

from ipython_where.change.values import Change

from .screen import Line, Span, names, path, plain

KINDS = {"added": "add", "upgraded": "upgrade", "downgraded": "downgrade", "rebuilt": "rebuild", "removed": "remove"}
"""The kinds of changes in display order, each with its verb for a plan."""


def change_line(change: Change, *, with_reason: bool) -> Line:
    """A change's name, versions, size and source, and why it is made."""
    name = Span(change.name, "name" if change.asked_for and with_reason else "plain")
    return (
        (name, Span(f" {versions(change)}")),
        *((plain(size(change.size)),) if change.size is not None else ()),
        *((plain("editable"),) if change.editable else ()),
        *(((Span("from "), *path(change.source)),) if change.source else ()),
        *((plain(reason),) if with_reason and (reason := _reason(change)) else ()),
    )


def versions(change: Change) -> str:
    """The version that is added or removed, or the old and the new one."""
    old, new = change.old or "(version unknown)", change.new or "(version unknown)"
    if change.kind in ("added", "removed"):
        return new if change.kind == "added" else old
    return new if old == new else f"{old} → {new}"


def _reason(change: Change) -> str | None:
    if change.asked_for:
        return "requested"
    return f"required by {names(change.wanted_by)}" if change.wanted_by else None


def size(number: int) -> str:
    """Bytes as installers write them: `812 B`, `11 kB`, `1.2 MB`."""
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.1f} kB" if number < 10_000 else f"{number // 1000} kB"
    return f"{number / 1e6:.1f} MB" if number < 1_000_000_000 else f"{number / 1e9:.1f} GB"


def local_time(when: float) -> str:
    """A time in this machine's time zone; a damaged journal may hold a number that is no valid time."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
    except (OverflowError, OSError, ValueError):
        return "unknown time"
