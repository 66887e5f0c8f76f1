"""Did what was imported move? The reviewed table says so, and what is installed decides whether it applies."""

from __future__ import annotations

import re

from ipython_where.facts.distributions.requirement import accepts
from ipython_where.facts.files import read_text
from ipython_where.facts.imports.finding import find
from ipython_where.judge.diagnose.moved import Moved
from ipython_where.judge.failure import FailedImport
from ipython_where.judge.moved import Move, moves_of, only_on
from ipython_where.judge.names import exists_only_on

from .world import World


def read_moved(failed: FailedImport, world: World) -> Moved | None:
    """The line of the table that explains a failed import; None if none does, or if what is installed is older."""
    asked = failed.source if failed.missing is None else failed.asked or failed.missing
    if not asked:
        return None
    platform = exists_only_on(asked, world.interpreter["markers"]["platform_system"]) if failed.missing else None
    if platform is not None:
        return Moved(move=only_on(asked, platform))
    for name in (*(f"{asked}.{each}" for each in failed.names), asked):
        for move in moves_of(name):
            if _explains(move, name, asked, failed):
                moved = _judged(move, failed, asked, world)
                if moved is not None:
                    return moved
    return None


def _explains(move: Move, name: str, asked: str, failed: FailedImport) -> bool:
    """Whether a line is about what was missing, not about a package that it is in."""
    if move.names:
        return failed.missing is None and move.module == asked and failed.names[0] in move.names
    if failed.missing is None:
        return move.module == name != asked
    return f"{move.module}.".startswith(f"{failed.missing}.")


def _judged(move: Move, failed: FailedImport, asked: str, world: World) -> Moved | None:
    """A line together with what is installed; None if that is older than the move."""
    if not move.since:
        return Moved(move=move)
    owner, version = _installed(move, world)
    if version is None or accepts(f">={move.since}", version) is not True:
        return None
    search = find(move.place, world.system) if move.place is not None else None
    is_lacking = search is not None and search.found is None
    if is_lacking and search is not None and search.undecided is not None:  # then what is installed says it
        is_lacking = move.project is not None and not world.distributions.find(move.project, world.path)
    if is_lacking and move.project is None and owner is not None:
        return None  # too old for the new place as well
    file = search.found.file if search is not None and search.found is not None else None
    names = tuple(each for each in failed.names if each in move.names)
    has_names = not move.names and asked == move.module and file is not None and _has(file, failed.names)
    return Moved(
        move=move,
        names=failed.names if has_names else names,
        has_names=has_names,
        distribution=owner,
        version=version,
        install=move.project if is_lacking else None,
    )


def _installed(move: Move, world: World) -> tuple[str | None, str | None]:
    """The owner's distribution, None if it is Python, and its version, None if it isn't installed."""
    if move.owner == "Python":
        return None, world.interpreter["version"]
    for metadata in world.distributions.find(move.owner, world.path)[:1]:
        facts = world.distributions.metadata(metadata)
        return facts.name or move.owner, facts.version
    return None, None


def _has(file: str, names: tuple[str, ...]) -> bool:
    """Whether the text of a module has all these names."""
    text = read_text(file) if names else None
    return text is not None and all(re.search(rf"\b{re.escape(each)}\b", text) for each in names)
