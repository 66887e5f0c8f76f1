"""How `%safepip` shows a change, a size and a time.

Tested in `tests/show/test_install.py`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

from ipython_where.change.values import Change

from .screen import Item, Part, Span, names, path, plain, size

Sign = Literal["+", "-", "~"]
"""Added, removed, and replaced by the same version: as uv marks its changes."""

KINDS = {"added": "add", "upgraded": "upgrade", "downgraded": "downgrade", "rebuilt": "rebuild", "removed": "remove"}
"""The kinds of changes in display order, each with its verb for a plan."""


def change_lines(change: Change, *, with_reason: bool) -> Item:
    """A change as uv writes it, `- name==old` and `+ name==new`; its size and source, and why it is made, stand last."""
    *others, last = (_requirement(change, sign, with_reason=with_reason) for sign in _signs(change))
    return (*((each,) for each in others), (last, *_facts(change, with_reason=with_reason)))


def _signs(change: Change) -> tuple[Sign, ...]:
    match change.kind:
        case "added":
            return ("+",)
        case "removed":
            return ("-",)
        case _:
            is_same = change.old == change.new and change.old_build == change.new_build
            return ("~",) if is_same else ("-", "+")


def _requirement(change: Change, sign: Sign, *, with_reason: bool) -> Part:
    version = change.old if sign == "-" else change.new
    build = change.old_build if sign == "-" else change.new_build
    name = Span(change.name, "name" if change.asked_for and with_reason else "plain")
    # as conda and as pip would take it again
    exactly = f"={version}={build}" if change.is_conda else f"=={version}"
    return (Span(sign, sign), Span(" "), name, Span(exactly if version else " (version unknown)"))


def _facts(change: Change, *, with_reason: bool) -> Iterator[Part]:
    if change.size is not None:
        yield plain(size(change.size))
    if change.editable:
        yield plain("editable")
    if change.source:
        yield (Span("from "), *path(change.source))
    if with_reason and (reason := _reason(change)):
        yield plain(reason)


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


def local_time(when: float) -> str:
    """A time in this machine's time zone; a damaged journal may hold a number that is not a valid time."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
    except (OverflowError, OSError, ValueError):
        return "unknown time"
