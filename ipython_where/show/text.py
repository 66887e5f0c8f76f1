"""The text face: aligned labels, and lines that break between facts, never inside a path."""

from __future__ import annotations

from ipython_where.console import Console, folded, painted
from ipython_where.errors import evidence_lines
from ipython_where.model import Finding

from .screen import Line, Part, Row, Screen, plain

_DIVIDER = " · "
_LEFT = 4
_HINT = len("hint: ")


def draw(screen: Screen, *, console: Console, width: int) -> str:
    """``screen`` as lines of at most ``width`` columns, unless a single fact is longer."""
    pen = _Pen(console=console, width=width)
    shown = (*screen.rows, *screen.details) if screen.verbose else screen.rows
    indent = "  " if screen.title else ""
    column = max((len(row.label) for row in shown), default=0) + 2 + len(indent)
    lines = pen.wrapped(screen.title, 0, _LEFT) if screen.title else []
    lines += pen.rows(screen.rows, indent, column)
    if screen.verbose and screen.details:
        lines += ["", *pen.rows(screen.details, indent, column)]
    for problem in screen.problems:
        lines += ["", *pen.problem(problem)] if lines else pen.problem(problem)
    return "\n".join(lines)


class _Pen:
    """Breaks and colours lines for one width."""

    def __init__(self, *, console: Console, width: int) -> None:
        self.console = console
        self.width = width

    def paint(self, text: str, role: str) -> str:
        return painted(text, role, self.console)

    def rows(self, rows: tuple[Row, ...], indent: str, column: int) -> list[str]:
        lines = []
        for row in rows:
            label = indent + self.paint(row.label, "label") + " " * (column - len(indent) - len(row.label))
            hang = column + 2 if len(row.lines) > 1 else column
            for line in row.lines:
                first, *others = self.wrapped(line, column, hang)
                lines += [(label + first).rstrip(), *others]
                label = " " * column
        return lines

    def wrapped(self, line: Line, column: int, hang: int) -> list[str]:
        """The line's parts on as many lines as they need; the first begins at ``column``, the others at ``hang``.

        A sentence that is too long breaks between words; a path moves further to the left instead, so that it can be copied.
        """
        lines: list[str] = []
        room = 0
        pieces = (each for part in line for each in enumerate(self.pieces(part, max(self.width - hang, 24))))
        for number, piece in pieces:
            length = sum(len(span.text) for span in piece)
            if lines and number == 0 and len(_DIVIDER) + length <= room:
                lines[-1] += _DIVIDER + self.part(piece)
                room -= len(_DIVIDER) + length
                continue
            start = hang if lines else column
            if start + length > self.width and start > _LEFT:
                lines, start = lines or [""], _LEFT
            lines.append((" " * start if lines else "") + self.part(piece))
            room = self.width - start - length
        return lines or [""]

    def pieces(self, part: Part, room: int) -> list[Part]:
        if len(part) > 1 or part[0].role not in ("plain", "log") or len(part[0].text) <= room:
            return [part]
        from textwrap import wrap  # few sentences are too long for a line

        return [plain(text) for text in wrap(part[0].text, room, break_long_words=False, break_on_hyphens=False)]

    def part(self, part: Part) -> str:
        return "".join(self.paint(span.text, span.role) for span in part)

    def problem(self, problem: Finding) -> list[str]:
        lines = [self.paint(line, problem.severity) for line in folded(problem.message, self.console)]
        lines += (f"  {line}" for line in evidence_lines(problem.evidence, self.console))
        if problem.hint:
            first, *others = folded(f"hint: {problem.hint}", self.console, _HINT)
            lines += ["", self.paint("hint:", "label") + self.paint(first.removeprefix("hint:"), "plain")]
            lines += (self.paint(line, "plain") for line in others)
        return lines
