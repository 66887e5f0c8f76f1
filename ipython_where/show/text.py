"""The text face: aligned labels, and lines that break between facts, never inside a path."""

from __future__ import annotations

from textwrap import wrap

from ipython_where.model import Finding

from .screen import Line, Part, Row, Screen, plain

_DIVIDER = " · "
_LEFT = 4
_SGR = {"name": "1", "label": "1", "good": "32", "warn": "33", "error": "1;31", "warning": "1;33", "note": "1"}


def draw(screen: Screen, *, color: bool, width: int) -> str:
    """``screen`` as lines of at most ``width`` columns, unless a single fact is longer."""
    pen = _Pen(color=color, width=width)
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

    def __init__(self, *, color: bool, width: int) -> None:
        self.color = color
        self.width = width

    def paint(self, text: str, role: str) -> str:
        code = _SGR.get(role) if self.color else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text

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
        return [plain(text) for text in wrap(part[0].text, room, break_long_words=False, break_on_hyphens=False)]

    def part(self, part: Part) -> str:
        return "".join(self.paint(span.text, span.role) for span in part)

    def problem(self, problem: Finding) -> list[str]:
        label = max((len(e.label) for e in problem.evidence), default=0)
        value = max((len(e.value) for e in problem.evidence if e.note), default=0)
        lines = [self.paint(problem.message, problem.severity)]
        for seen in problem.evidence:
            note = f"  ({seen.note})" if seen.note else ""
            lines.append(f"  {seen.label:{label}}  {seen.value:{value}}{note}".rstrip())
        return [*lines, "", f"{self.paint('hint:', 'label')} {problem.hint}"] if problem.hint else lines
