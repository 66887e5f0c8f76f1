"""The faces of an answer: text for a terminal, HTML for a notebook, both drawn from one layout.

Tested in `tests/show/test_render.py`.
"""

from __future__ import annotations

import os
import sys

from ipython_where.console import FRONT_END, Console, current_console, terminal_width
from ipython_where.layouts import layout_of
from ipython_where.legible import legible
from ipython_where.model import Answer, Answers, Finding

from .html import draw as _draw_html
from .html import in_place_of_traceback as _in_place_of_traceback
from .notice import notice_screen
from .screen import Screen, spelled
from .text import draw as _draw_text

__all__ = ["error_box", "findings", "html", "mimebundle", "notice", "text"]

_HOME = os.path.expanduser("~")


def text(
    answer: Answer | Answers[Answer],
    *,
    console: Console = FRONT_END,
    home: str | None = _HOME,
    width: int | None = None,
) -> str:
    """The answer as text; ``width`` defaults to the terminal's if standard output is one, else to 100 columns."""
    return _text(_screens(answer, home, console), console, width=_columns() if width is None else width)


def html(answer: Answer | Answers[Answer], *, home: str | None = _HOME) -> str:
    """The answer as HTML for a notebook: no script, everything escaped, in the colours of the page around it."""
    return _draw_html(_screens(answer, home, FRONT_END), _notebook_folder(home))


def mimebundle(answer: Answer | Answers[Answer], *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces, as IPython's display asks for them."""
    return _faces(_screens(answer, home, current_console()), home)


def notice(finding: Finding, *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces of one finding, shown by itself: a line of text where that is enough, the box of all findings in HTML."""
    line = _text(
        [spelled(notice_screen(finding), _known(home), current_console())], current_console(), width=_columns()
    )
    return {**findings((finding,), home=home), "text/plain": line}


def findings(findings: tuple[Finding, ...], *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces of findings without an answer: the guard's."""
    return _faces([spelled(Screen((), (), (), findings, False), _known(home), current_console())], home)


def error_box(finding: Finding, *, home: str | None = _HOME) -> str:
    """An error as HTML, to stand below its traceback and instead of it."""
    return _in_place_of_traceback(findings((finding,), home=home)["text/html"])


def _faces(screens: list[Screen], home: str | None) -> dict[str, str]:
    drawn = _draw_html(screens, _notebook_folder(home))
    return {"text/plain": _text(screens, current_console(), width=_columns()), "text/html": drawn}


def _notebook_folder(home: str | None) -> str | None:
    """Where Jupyter says that this kernel's notebook is, spelled as paths are; None without a notebook."""
    folder = os.path.dirname(os.environ.get("JPY_SESSION_NAME", ""))
    is_certain = os.path.isabs(folder) and os.path.isdir(folder)
    return legible(folder, _known(home)) if is_certain else None


def _text(screens: list[Screen], console: Console, *, width: int) -> str:
    return "\n\n".join(_draw_text(screen, console=console, width=width) for screen in screens)


def _screens(answer: Answer | Answers[Answer], home: str | None, console: Console) -> list[Screen]:
    answers = answer if isinstance(answer, Answers) else (answer,)
    return [spelled(layout_of(each)(each), _known(home), console) for each in answers]


def _known(home: str | None) -> str | None:
    # an unexpanded `~` or the root cannot be replaced by `~` in paths
    return home if home not in (None, "", "~", "/") else None


def _columns() -> int:
    return terminal_width(sys.stdout) or 100
