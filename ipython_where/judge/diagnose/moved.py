"""What to say about a module, or a name in one, that its project dropped.

Tested in `tests/answer/test_moved.py`.
"""

from __future__ import annotations

from ipython_where.judge.moved import Move
from ipython_where.model import Finding
from ipython_where.value import dataclass

from .shadowing import spaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The line of the table that explains a failed import, and what is installed.

    ``names`` are what was imported from the module; ``has_names``: the new place has them under the same names.
    ``distribution`` is the owner's, None for Python or a platform. ``install`` provides the new place and isn't installed.
    """

    move: Move
    names: tuple[str, ...] = ()
    has_names: bool = False
    distribution: str | None = None
    version: str | None = None
    install: str | None = None


def moved_finding(moved: Moved) -> Finding:
    """The release or the platform that lacks it, and what replaces it."""
    move = moved.move
    new, left = _new(moved), " any more"
    what = f"`{move.module}`" if not move.names else f"`{moved.names[0]}` of `{move.module}`"
    if not move.since:
        return Finding(id="platform-only", severity="note", message=f"{what} exists only on {move.owner}")
    if moved.distribution is None:
        message, left = f"{what} was removed in Python {move.since}, and this kernel runs {moved.version}", ""
    elif move.names:
        message = f"`{moved.distribution}`{spaced(moved.version)} has no `{moved.names[0]}` in `{move.module}`"
    else:
        message = f"`{moved.distribution}`{spaced(moved.version)} has no module `{move.module}`"
    return Finding(
        id="moved",
        severity="note",
        message=f"{message}: `{new}` replaces it" if new else f"{message}{left}",
        hint=moved_hint(moved),
    )


def moved_hint(moved: Moved) -> str | None:
    """The line to type instead, after the one that installs what it needs."""
    statement = _statement(moved)
    install = f"`%safepip install {moved.install}`" if moved.install else None
    return ", then ".join(filter(None, (install, statement and f"`{statement}`"))) or None


def _new(moved: Moved) -> str | None:
    """The full name of what replaces it; a built-in has none but its own."""
    move = moved.move
    name = move.renamed or (moved.names[0] if move.names else None)
    if move.place == "builtins" and name:
        return name
    return ".".join(filter(None, (move.place, name))) if move.place else None


def _statement(moved: Moved) -> str | None:
    move = moved.move
    if move.place is None:
        return None
    if move.renamed:
        return None if move.place == "builtins" else f"from {move.place} import {move.renamed}"
    if moved.names and (move.names or moved.has_names):
        return f"from {move.place} import {', '.join(moved.names)}"
    return f"import {move.place}"
