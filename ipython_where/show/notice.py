"""A single finding shown by itself, below a traceback: one line if that is enough."""

from __future__ import annotations

from ipython_where.model import Evidence, Finding

from .screen import Line, Row, Screen, Span, path, plain, row


def notice_screen(finding: Finding) -> Screen:
    """The message and the hint as the title, a row for each piece of evidence."""
    return Screen(_title(finding), tuple(map(_seen, finding.evidence)), (), (), False)


def _title(finding: Finding) -> Line:
    message = plain(finding.message)
    return (message, (Span("hint: ", "label"), Span(finding.hint, "command"))) if finding.hint else (message,)


def _seen(seen: Evidence) -> Row:
    return row(seen.label, path(seen.value), *((plain(seen.note),) if seen.note else ()))
