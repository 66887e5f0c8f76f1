"""The HTML face: tables that read well without any style, and a small sheet that follows the page around it.

Every answer is saved with its notebook, so that a sheet has only the rules of what it stands in front of. Text takes the
page's colour, secondary text is a lighter mix of it, lines and grounds are half-transparent grey, and the marks' colours
are readable on light and dark pages alike: no front end's variables are needed. `prefers-color-scheme` would be no help:
it describes the system's theme, not the page's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ipython_where.model import Evidence, Finding

from .screen import Line, Part, Row, Screen, Span

# three times `.ipw` gives a higher specificity than JupyterLab's and VS Code's rules, which `revert` takes off
_SHEET = (
    ("<", "font-size:13px;max-width:66em;margin-bottom:8px;overflow-wrap:anywhere;*{all:revert}b{font-weight:600}"),
    ("</div>\n<div", "+&{margin-top:24px}"),
    ("<p>", "p{margin:0 0 4px;font-size:14px}"),
    (
        "<table",
        "table{width:100%;border-collapse:collapse}th,td{padding:2px 0;vertical-align:top;text-align:left}"
        "th{width:7em;padding-right:20px;font-weight:400;white-space:nowrap}"
        ">table tr>*{padding-block:4px}>table tr+tr>*{border-top:1px solid #8883}",
    ),
    # a part is moved left by its dot, which the cell cuts off where the part begins a line
    (
        "<span",
        "td,p{clip-path:inset(0)}span{display:inline-block;margin:0 1ch 0 -1ch;padding-left:1ch;text-indent:-1ch}"
        "span:first-child{text-indent:0}",
    ),
    ("", "th,i,summary{color:color-mix(in srgb,currentColor 70%,#0000);font-style:normal}"),
    ("<code", "code{font:12px var(--jp-code-font-family,monospace);display:inline-block;text-indent:0}"),
    ("<code class", ".c{background:#8882;padding:1px 5px;border-radius:3px;-webkit-user-select:all;user-select:all}"),
    ("<a ", "a{color:inherit}a code{text-decoration:underline}"),
)
"""Pairs of what an answer has in it, and the rules for that."""

# inline, because JupyterLab strips `<style>` from untrusted notebooks, and its own rule would align right
_LEFT = " style=text-align:left"

_COLOURS = {"good": "#16a34a", "warn": "#d97706", "warning": "#d97706", "error": "#dc2626"}

# text instead of `::before`, for the same reason; hidden from screen readers where the words beside it say the same
_MARKS = {
    "good": "<b style=color:#16a34a aria-hidden=true>●</b>",
    "warn": "<b style=color:#d97706 aria-hidden=true>▲</b>",
    "warning": "<b style=color:#d97706 role=img aria-label=warning>▲</b>",
    "error": "<b style=color:#dc2626 role=img aria-label=error>■</b>",
}
_SHORT = 24
"""Paths up to this many characters have no places to break: they fit on a line of any window."""


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def escape(text: str) -> str:
    """The same as `html.escape`, whose import reads two thousand entities and takes longer than drawing."""
    return text.translate(_ESCAPED)


def draw(screens: Sequence[Screen], folder: str | None = None) -> str:
    """The screens as one HTML fragment, with a style sheet for what they have in front.

    ``folder`` is the notebook's, spelled as paths are: files in it and below are links that JupyterLab opens beside it.
    """
    answers = "\n".join(f"<div class=ipw>{_answer(screen)}</div>" for screen in screens)
    if folder is not None:
        answers = _with_links(answers, f"{escape(folder)}/")
    sheet = "".join(rules for seen, rules in _SHEET if seen in answers)
    return f"<style>.ipw.ipw.ipw{{{sheet}}}</style>\n{answers}"


def in_place_of_traceback(drawn: str) -> str:
    """What was drawn, hiding the traceback just above it in JupyterLab and Notebook.

    The traceback has the same words, for whatever shows no HTML. Where the sheet is stripped, both are to be seen.
    """
    return f"<style>{_NO_TRACEBACK}</style><div class=ipw-error>{drawn}</div>"


_NO_TRACEBACK = (
    ".jp-OutputArea-child:has(>[data-mime-type$=err],>[data-mime-type$=error]):has(+* .ipw-error){display:none}"
)


def _answer(screen: Screen) -> str:
    title = f"<p>{_line(screen.title)}</p>" if screen.title else ""
    problems = "".join(map(_problem, screen.problems))
    return title + _picture(screen) + _table(screen.rows) + _details(screen) + problems


def _picture(screen: Screen) -> str:
    if not screen.picture:
        return ""
    from .picture import picture  # few answers have one

    return picture(screen.picture, escape)


def _details(screen: Screen) -> str:
    if not screen.details:
        return ""
    opened = " open" if screen.verbose else ""
    return f"<details{opened}><summary>details</summary>{_table(screen.details)}</details>"


def _table(rows: Iterable[Row]) -> str:
    body = "".join(_row(row.label, [_line(line) for line in row.lines]) for row in rows)
    return f"<table>{body}</table>" if body else ""


def _row(label: str, lines: Sequence[str]) -> str:
    value = lines[0] if len(lines) == 1 else "".join(f"<div>{line}</div>" for line in lines)
    name = f"<code>{escape(label)}</code>" if label.startswith(("!", "%")) else escape(label)
    return f"<tr><th>{name}</th><td{_LEFT}>{value}</td></tr>"


def _line(line: Line) -> str:
    """The parts, each with a dot before it; if a part begins a line, its dot is clipped on the left."""
    if len(line) == 1:
        return _part(line[0])
    first, *others = (_part(part) for part in line)
    return f"<span>{first}</span>" + "".join(f" <span>·&nbsp;{part}</span>" for part in others)


def _part(part: Part) -> str:
    return "".join(map(_span, part))


def _span(span: Span) -> str:
    match span.role:
        case "path":
            return _code(span.text)
        case "log" | "+" | "-" | "~":
            return f"<code>{escape(span.text)}</code>"
        case "name":
            return f"<b>{escape(span.text)}</b>"
        case "good" | "warn":
            return f"{_MARKS[span.role]}&nbsp;{_ticked(span.text)}"
        case "label":
            return f"<i>{escape(span.text)}</i>"
        case "command":
            return _ticked(span.text, " class=c")
        case _:
            return _ticked(span.text)


def _ticked(text: str, name: str = "") -> str:
    """``text`` with what is in backticks as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(_code(piece, name) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def _code(text: str, name: str = "") -> str:
    code = f"<code{name}>{_breakable(text)}</code>"
    return f'<a href="{escape(text)}" target=_blank rel=noopener>{code}</a>' if _ADDRESS.fullmatch(text) else code


_ADDRESS = re.compile(r"https://[!-)+-~]+")
"""What a click opens: an address without a masked part; `http://` is mostly this machine, where the page may not be."""


def _with_links(answers: str, folder: str) -> str:
    def linked(found: re.Match[str]) -> str:
        path = found[1].replace("<wbr>", "")
        file = path.removeprefix(folder)
        return f'<a href="{file}">{found[0]}</a>' if file != path and _OPENED.fullmatch(file) else found[0]

    return re.sub("<code>((?:[^<]|<wbr>)+)</code>", linked, answers)


_OPENED = re.compile(r"(?:\w[\w+.-]*/)*\w[\w+.-]*\.(?:cfg|ini|ipynb|json|md|pth|pyi?|toml|txt|ya?ml)")
"""A text that a server shows: nothing hidden, and nothing that an address would have to quote."""


def _breakable(path: str) -> str:
    """A path may break after a separator; browsers would otherwise break it at hyphens first."""
    shown = escape(path)
    return shown if len(path) <= _SHORT else re.sub(r"(?<=\w)[/\\](?=\w)", r"\g<0><wbr>", shown)


def _problem(problem: Finding) -> str:
    table = "".join(_evidence(problem.evidence))
    hint = f"<div><i>hint: </i>{_ticked(problem.hint, ' class=c')}</div>" if problem.hint else ""
    mark = f"{_MARKS[problem.severity]}&nbsp;" if problem.severity in _MARKS else ""
    message = f"<div>{mark}<b>{_ticked(problem.message)}</b></div>"
    edge = f"margin-top:12px;border-left:3px solid {_COLOURS.get(problem.severity, '#888')};padding-left:12px"
    return f'<div style="{edge}">{message}{table}{hint}</div>'


def _evidence(evidence: Sequence[Evidence]) -> Iterator[str]:
    """A table of what has a label; lines in another program's words as that program wrote them."""
    for has_label, group in groupby(evidence, lambda seen: bool(seen.label)):
        if has_label:
            yield f"<table>{''.join(_row(seen.label, [_seen(seen)]) for seen in group)}</table>"
        else:
            yield "".join(f"<div>{_seen(seen)}</div>" for seen in group)


def _seen(seen: Evidence) -> str:
    note = f" <i>({_ticked(seen.note)})</i>" if seen.note else ""
    return f"{_code(seen.value)}{note}"
