"""What an answer shows, before it is drawn: the one layout that text and HTML share.

A screen is rows of a label and its lines. A line is parts, separated by a middle dot; a face breaks lines between parts if it
can, not inside one. A part is spans, each with a role that a face may colour; no meaning depends on the colour.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Literal, NamedTuple

from ipython_where.console import FRONT_END, Console, said
from ipython_where.legible import legible
from ipython_where.model import Evidence, Finding

from .picture import Squares

Role = Literal["plain", "name", "path", "log", "good", "warn", "label", "command", "+", "-", "~"]


class Span(NamedTuple):
    """A run of text with one role; backticks in it surround commands, packages and paths."""

    text: str
    role: Role = "plain"


Part = tuple[Span, ...]
Line = tuple[Part, ...]
Item = tuple[Line, ...]
"""What a list counts as one."""


class Row(NamedTuple):
    """A label and one or more lines."""

    label: str
    lines: tuple[Line, ...]


class Screen(NamedTuple):
    """All that a face draws, in order; unless ``verbose``, text omits the ``details`` and HTML collapses them.

    HTML draws the ``picture``, below the title.
    """

    title: Line
    rows: tuple[Row, ...]
    details: tuple[Row, ...]
    problems: tuple[Finding, ...]
    verbose: bool
    picture: tuple[Squares, ...] = ()


# -- spelling ----------------------------------------------------------------------------------------------------------


def spelled(screen: Screen, home: str | None, console: Console = FRONT_END) -> Screen:
    """``screen`` as it is right where it is shown: with ``home`` as `~`, and with nothing that could move a cursor, be
    invisible, or fail to encode.
    """
    home = home.rstrip("/\\") if home else None

    def spell(text: str) -> str:
        return legible(text, home)

    def say(text: str) -> str:
        return legible(said(text, console), home)

    def line(parts: Line) -> Line:
        return tuple(
            tuple(Span((spell if role in ("path", "log") else say)(text), role) for text, role in part)
            for part in parts
        )

    def rows(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(Row(spell(label), tuple(line(parts) for parts in lines)) for label, lines in rows)

    def problem(f: Finding) -> Finding:
        evidence = tuple(
            Evidence(label=say(e.label), value=spell(e.value), note=say(e.note) if e.note else None) for e in f.evidence
        )
        hint = say(f.hint) if f.hint else None
        return Finding(id=f.id, severity=f.severity, message=say(f.message), evidence=evidence, hint=hint)

    problems = tuple(problem(f) for f in screen.problems)
    picture = tuple(block._replace(title=spell(block.title)) for block in screen.picture)
    return Screen(line(screen.title), rows(screen.rows), rows(screen.details), problems, screen.verbose, picture)


# -- building blocks of several screens ---------------------------------------------------------------------------------

UNKNOWN: Part = (Span("unknown"),)

# what evidence mentions without backticks: a URL, a path, a kernel's id, an environment variable
_LITERAL = (
    r"https?://[^\s`]*[^\s`.,:;)]"
    r"|(?<![\w.~/\\])(?:/|[A-Za-z]:\\)[^\s`]*[^\s`.,:;)]"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\bPATH\b|\b[A-Z]+(?:_[A-Z]+)+\b"
)
_SHORT = 6
"""How many items of a list the rows show; the details show the rest."""


def plain(text: str) -> Part:
    """A part without a role."""
    return (Span(text),)


def proof(text: str, *known: str | None) -> Part:
    """A sentence of evidence with its paths, URLs, ids and variables in backticks; ``known`` paths may contain spaces."""
    # longest first: one may begin with another; and none within a longer path
    whole = (
        rf"(?<![\w/\\]){re.escape(each)}(?![\w/\\-])" for each in sorted(filter(None, known), key=len, reverse=True)
    )
    literal = "|".join(("`[^`]*`", *whole, _LITERAL))
    return plain(re.sub(literal, lambda found: found[0] if found[0][0] == "`" else f"`{found[0]}`", text))


def path(path: str) -> Part:
    """A part that is only a path or a URL."""
    return (Span(path, "path"),)


def python(executable: str | None, version: str | None = None) -> Part:
    """An interpreter and, if known, its version."""
    shown = path(executable) if executable else plain("unknown interpreter")
    return (*shown, Span(f" {version}")) if version else shown


def row(label: str, *parts: Part) -> Row:
    """A row of one line."""
    return Row(label, (parts,))


def given(label: str, value: str | None, show: Callable[[str], Part] = plain) -> tuple[Row, ...]:
    """A row of one part; no row without a value."""
    return (row(label, show(value)),) if value else ()


def listed(label: str, lines: Iterable[Line]) -> tuple[Row, ...]:
    """A row with one line per item; no row without items."""
    lines = tuple(lines)
    return (Row(label, lines),) if lines else ()


def single(lines: Iterable[Line]) -> tuple[Item, ...]:
    """Items of one line each."""
    return tuple((line,) for line in lines)


def shortened(label: str, items: tuple[Item, ...], *, verbose: bool) -> tuple[Row, ...]:
    """`listed`, but only the first items of a long list unless ``verbose``."""
    if verbose or len(items) <= _SHORT:
        return listed(label, chain.from_iterable(items))
    more = plain(f"and {len(items) - _SHORT + 1} more")
    return (Row(label, (*chain.from_iterable(items[: _SHORT - 1]), (more,))),)


def remainder(label: str, items: tuple[Item, ...], *, verbose: bool) -> tuple[Row, ...]:
    """The items that `shortened` left out."""
    return () if verbose or len(items) <= _SHORT else listed(label, chain.from_iterable(items[_SHORT - 1 :]))


def names(names: tuple[str, ...]) -> str:
    """All of a few names; the first three of many, and how many more."""
    return ", ".join(names) if len(names) <= _SHORT else f"{', '.join(names[:3])} and {len(names) - 3:,} more"


def counted(number: int, noun: str) -> str:
    """A number and what it counts: `1 worker`, `2,000 workers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """Bytes as installers write them: `812 B`, `11 kB`, `1.2 MB`."""
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.1f} kB" if number < 10_000 else f"{number // 1000} kB"
    return f"{number / 1e6:.1f} MB" if number < 1_000_000_000 else f"{number / 1e9:.1f} GB"
