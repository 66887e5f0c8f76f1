"""Many things in a few groups as a picture: one square for each, coloured by its group. Inline SVG without a script.

It has the colours that `html` has for marks, on whatever ground the page has. A row of squares is one dashed line, so the picture
grows with its rows and groups: a cluster of ten thousand takes two kilobytes.

Tested in `tests/workers/test_faces.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

Escape = Callable[[str], str]
Kind = Literal["same", "other", "missing", "silent"]


class Squares(NamedTuple):
    """A group to draw: how many they are, what they are, and what is shown when the pointer rests on it."""

    number: int
    kind: Kind
    title: str


_WORDS: dict[Kind, str] = {
    "same": "as in this kernel",
    "other": "differ",
    "missing": "lack it",
    "silent": "unknown",
}
_COLOURS: dict[Kind, str] = {"same": "#16a34a", "other": "#d97706", "missing": "#dc2626", "silent": "#8888"}
_CELL, _SQUARE = 10, 8
_COLUMNS = 80
_MOST = 2000
"""Squares: where there are more workers, each stands for several."""


def picture(blocks: Sequence[Squares], escape: Escape) -> str:
    """The picture with a line below it that says what the colours mean; ``escape`` makes text fit for HTML."""
    each = -(-sum(block.number for block in blocks) // _MOST) or 1
    squares = [max(1, round(block.number / each)) for block in blocks]
    rows = -(-sum(squares) // _COLUMNS)
    groups = "".join(_groups(blocks, squares, escape))
    width, height = _COLUMNS * _CELL, rows * _CELL
    told = escape(", ".join(f"{block.number:,} {_WORDS[block.kind]}" for block in blocks))
    return (
        f'<svg role=img aria-label="{told}" viewBox="0 0 {width} {height}" style="width:100%;max-width:{width}px;display:block;'
        f'stroke-width:{_SQUARE}px;stroke-dasharray:{_SQUARE} {_CELL - _SQUARE}">{groups}</svg>'
        f"<p style=font-size:12px>{''.join(_legend(blocks, each))}</p>"
    )


def _groups(blocks: Sequence[Squares], squares: Sequence[int], escape: Escape) -> Iterator[str]:
    """The lines of each block; of two neighbours in one colour, the second is paler.

    Colours are inline styles: the sheet in front of an answer takes back what attributes say of colours and of `d`.
    """
    start, before, is_pale = 0, None, False
    for block, count in zip(blocks, squares, strict=True):
        is_pale = block.kind == before and not is_pale
        opacity = ";stroke-opacity:.55" if is_pale else ""
        lines = "".join(_lines(start, start + count))
        yield f"<g style=stroke:{_COLOURS[block.kind]}{opacity}><title>{escape(block.title)}</title>{lines}</g>"
        start, before = start + count, block.kind


def _lines(start: int, end: int) -> Iterator[str]:
    """The squares from ``start`` on as one line for each row: the dashes begin again with each."""
    while start < end:
        row, column = divmod(start, _COLUMNS)
        stop = min(end, (row + 1) * _COLUMNS)
        left, right, middle = column * _CELL, (column + stop - start) * _CELL, row * _CELL + _CELL // 2
        yield f'<line x1="{left}" y1="{middle}" x2="{right}" y2="{middle}"/>'
        start = stop


def _legend(blocks: Sequence[Squares], each: int) -> Iterator[str]:
    for kind, words in _WORDS.items():
        count = sum(block.number for block in blocks if block.kind == kind)
        if count:
            yield f'<b style="color:{_COLOURS[kind]}" aria-hidden=true>\u25a0</b>&nbsp;{count:,} {words} &ensp;'
    if each > 1:
        yield f"(a square is {each} workers)"
