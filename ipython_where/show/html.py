"""The HTML face: tables that read well without any style, and a style that follows the page around it.

JupyterLab, nbconvert and VS Code keep their colours in variables. Without those, text inherits the page's colour and
secondary text is a lighter mix of it, which works on light and dark pages. `prefers-color-scheme` would not: it describes
the system's theme, not the page's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipython_where.model import Evidence, Finding

from .screen import Line, Part, Row, Screen, Span

# repeating `.ipw` three times gives a higher specificity than JupyterLab's and VS Code's rules for tables in outputs
_STYLE = """<style>
.ipw{--t:var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor));\
--s:var(--jp-content-font-color2,var(--vscode-descriptionForeground,#767676));\
--l:var(--jp-border-color2,var(--vscode-panel-border,#8884));\
--f:var(--jp-layout-color2,var(--vscode-textCodeBlock-background,#8882));\
--good:var(--jp-success-color1,var(--vscode-testing-iconPassed,#16a34a));\
--warn:var(--jp-warn-color0,var(--vscode-editorWarning-foreground,#c26100));\
--bad:var(--jp-error-color1,var(--vscode-editorError-foreground,#dc2626));\
--m:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,Menlo,Consolas,monospace));\
color:var(--t);font:13px/1.5 var(--jp-content-font-family,var(--vscode-font-family,system-ui,sans-serif));\
max-width:66em;margin:2px 0 8px;padding-left:var(--jp-code-padding,0);text-align:left}
@supports(color:color-mix(in srgb,red,red)){.ipw{\
--s:var(--jp-content-font-color2,var(--vscode-descriptionForeground,color-mix(in srgb,currentColor 68%,transparent)));\
--warn:color-mix(in srgb,var(--jp-warn-color1,var(--vscode-editorWarning-foreground,#d97706)) 80%,currentColor)}}
.ipw.ipw.ipw .ipw-a+.ipw-a{margin-top:24px}
.ipw.ipw.ipw p{margin:0;padding:0;font-size:inherit;line-height:inherit}
.ipw.ipw.ipw .ipw-h{margin:0 0 4px;font-size:14px}
.ipw.ipw.ipw .ipw-h strong{font-size:16px;font-weight:600}
.ipw.ipw.ipw table{border-collapse:collapse;border:0;margin:0;width:100%;table-layout:auto;font:inherit;color:inherit}
.ipw.ipw.ipw tr:nth-child(n){background:none;border:0;line-height:inherit}
.ipw.ipw.ipw th,.ipw.ipw.ipw td{border:0;padding:4px 0;vertical-align:top;text-align:left;line-height:inherit;\
white-space:normal;overflow-wrap:anywhere;background:none;color:inherit}
.ipw.ipw.ipw th{width:1%;min-width:7em;white-space:nowrap;font-weight:400;color:var(--s);padding-right:20px}
.ipw.ipw.ipw .ipw-r tr+tr>*{border-top:1px solid var(--l)}
.ipw.ipw.ipw .ipw-d th,.ipw.ipw.ipw .ipw-d td{padding-top:2px;padding-bottom:2px}
.ipw.ipw.ipw td>div{padding-left:.7em;text-indent:-.7em}
.ipw.ipw.ipw .ipw-l{display:block;margin-left:-.7em;text-indent:0;clip-path:inset(0 0 0 .7em)}
.ipw.ipw.ipw td>div>.ipw-l{clip-path:none}
.ipw.ipw.ipw .ipw-n{display:inline-block;max-width:100%;box-sizing:border-box;padding-left:.7em}
.ipw.ipw.ipw td>div>.ipw-l>.ipw-n:first-child{padding-left:0}
.ipw.ipw.ipw .ipw-i{display:inline-block;width:.7em;margin-left:-.7em;color:var(--s);white-space:nowrap}
.ipw.ipw.ipw .ipw-p th,.ipw.ipw.ipw .ipw-p td{padding:1px 0}
.ipw.ipw.ipw .ipw-p th{min-width:calc(7em - 1px);padding-right:6px}
.ipw.ipw.ipw code{font:12px var(--m);line-height:inherit;background:none;border:0;padding:0;color:inherit;\
white-space:normal;overflow-wrap:anywhere;text-indent:0}
@media(min-width:700px){.ipw.ipw.ipw td code{display:inline-block;max-width:100%}}
.ipw.ipw.ipw th code,.ipw.ipw.ipw .ipw-k{white-space:nowrap}
.ipw.ipw.ipw .ipw-c{background:var(--f);padding:1px 5px;border-radius:3px;-webkit-user-select:all;user-select:all}
.ipw.ipw.ipw .ipw-s{color:var(--s)}
.ipw.ipw.ipw strong,.ipw.ipw.ipw strong code{font-weight:600}
.ipw.ipw.ipw details{margin:4px 0 0}
.ipw.ipw.ipw summary{color:var(--s);cursor:pointer;display:list-item;padding:2px 0}
.ipw.ipw.ipw .ipw-p{margin:12px 0 0;padding:1px 0 1px 12px;border-left:3px solid var(--l)}
.ipw.ipw.ipw .ipw-warning{border-color:var(--warn)}
.ipw.ipw.ipw .ipw-error{border-color:var(--bad)}
.ipw-m{font-size:11px;line-height:1;margin-right:1px}
.ipw-good .ipw-m{color:var(--good)}
.ipw-warn .ipw-m,.ipw-warning .ipw-m{color:var(--warn)}
.ipw-error .ipw-m{color:var(--bad)}
</style>"""
# inline, because JupyterLab strips `<style>` from untrusted notebooks; its own rules would align right and middle
_LEFT = ' style="text-align:left;vertical-align:top"'
_APART = ' style="margin-top:12px"'

# text instead of `::before`, for the same reason; hidden from screen readers where the words beside it say the same
_MARKS = {
    "good": '<span class="ipw-m" aria-hidden="true">●</span>',
    "warn": '<span class="ipw-m" aria-hidden="true">▲</span>',
    "warning": '<span class="ipw-m" role="img" aria-label="warning" title="warning">▲</span>',
    "error": '<span class="ipw-m" role="img" aria-label="error" title="error">■</span>',
}
_SHORT = 20
"""Commands up to this many characters never wrap."""


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def escape(text: str) -> str:
    """The same as `html.escape`, whose import reads two thousand entities and takes longer than drawing."""
    return text.translate(_ESCAPED)


def draw(screens: Sequence[Screen]) -> str:
    """The screens as one HTML fragment, with the style once in front."""
    answers = "".join(f'<div class="ipw-a">{_answer(screen)}</div>' for screen in screens)
    return f'{_STYLE}\n<div class="ipw">{answers}</div>'


def _answer(screen: Screen) -> str:
    title = f'<p class="ipw-h">{_line(screen.title)}</p>' if screen.title else ""
    problems = "".join(map(_problem, screen.problems))
    return title + _table(screen.rows, "ipw-r") + _details(screen) + problems


def _details(screen: Screen) -> str:
    if not screen.details:
        return ""
    opened = " open" if screen.verbose else ""
    return f"<details{opened}><summary>details</summary>{_table(screen.details, 'ipw-d')}</details>"


def _table(rows: Iterable[Row], name: str) -> str:
    body = "".join(_row(row.label, [_line(line) for line in row.lines]) for row in rows)
    return f'<table class="{name}"><tbody>{body}</tbody></table>' if body else ""


def _row(label: str, lines: Sequence[str]) -> str:
    value = lines[0] if len(lines) == 1 else "".join(f"<div>{line}</div>" for line in lines)
    name = f"<code>{escape(label)}</code>" if label.startswith("!") else escape(label)
    return f'<tr><th scope="row"{_LEFT}>{name}</th><td{_LEFT}>{value}</td></tr>'


def _line(line: Line) -> str:
    """The parts, each with a dot before it; if a part begins a line, its dot is clipped on the left."""
    if len(line) == 1:
        return _part(line[0])
    first, *others = (_part(part) for part in line)
    dotted = "".join(f' <span class="ipw-n"><span class="ipw-i">·&nbsp;</span>{part}</span>' for part in others)
    return f'<span class="ipw-l"><span class="ipw-n">{first}</span>{dotted}</span>'


def _part(part: Part) -> str:
    return "".join(map(_span, part))


def _span(span: Span) -> str:
    match span.role:
        case "path":
            return f"<code>{_breakable(span.text)}</code>"
        case "log":
            return f"<code>{escape(span.text)}</code>"
        case "name":
            return f"<strong>{escape(span.text)}</strong>"
        case "good" | "warn":
            return f'<span class="ipw-{span.role}">{_MARKS[span.role]}&nbsp;{_ticked(span.text)}</span>'
        case "label":
            return f'<span class="ipw-s">{escape(span.text)}</span>'
        case "command":
            return _ticked(span.text, "ipw-c")
        case _:
            return _ticked(span.text)


def _breakable(path: str) -> str:
    """A path may break after a separator; browsers would otherwise break it at hyphens first."""
    return escape(path).replace("/", "/<wbr>").replace("\\", "\\<wbr>")


def _ticked(text: str, name: str = "") -> str:
    """``text`` with what is in backticks as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(_code(piece, name) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def _code(text: str, name: str) -> str:
    is_short = len(text) <= _SHORT and not {"/", "\\"} & set(text)
    names = " ".join(filter(None, (name, "ipw-k" if is_short else "")))
    return f'<code class="{names}">{_breakable(text)}</code>' if names else f"<code>{_breakable(text)}</code>"


def _problem(problem: Finding) -> str:
    evidence = "".join(_row(seen.label, [_seen(seen)]) for seen in problem.evidence)
    table = f"<table><tbody>{evidence}</tbody></table>" if evidence else ""
    hint = f'<p><span class="ipw-s">hint: </span>{_ticked(problem.hint, "ipw-c")}</p>' if problem.hint else ""
    mark = f"{_MARKS[problem.severity]}&nbsp;" if problem.severity in _MARKS else ""
    message = f"<p>{mark}<strong>{_ticked(problem.message)}</strong></p>"
    return f'<div class="ipw-p ipw-{escape(problem.severity)}"{_APART}>{message}{table}{hint}</div>'


def _seen(seen: Evidence) -> str:
    note = f' <span class="ipw-s">({_ticked(seen.note)})</span>' if seen.note else ""
    return f"<code>{_breakable(seen.value)}</code>{note}"
