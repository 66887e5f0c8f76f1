"""The faces of an answer: text for a terminal, HTML for a notebook, both drawn from one layout.

Tested in `tests/show/test_render.py`.
"""

from __future__ import annotations

import os
import sys

from ipython_where.layouts import layout_of
from ipython_where.model import Answer, Answers, Finding

from .html import draw as _draw_html
from .notice import notice_screen
from .screen import Screen, spelled
from .text import draw as _draw_text

__all__ = ["findings", "html", "mimebundle", "notice", "text"]

_HOME = os.path.expanduser("~")


def text(answer: Answer | Answers, *, color: bool = False, home: str | None = _HOME, width: int | None = None) -> str:
    """The answer as text; ``width`` defaults to the terminal's if standard output is one, else to 100 columns."""
    return _text(_screens(answer, home), color=color, width=_columns() if width is None else width)


def html(answer: Answer | Answers, *, home: str | None = _HOME) -> str:
    """The answer as HTML for a notebook: no script, everything escaped, in the colours of the page around it."""
    return _draw_html(_screens(answer, home))


def mimebundle(answer: Answer | Answers, *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces, as IPython's display asks for them."""
    return _faces(_screens(answer, home))


def notice(finding: Finding, *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces of one finding, shown by itself."""
    return _faces([spelled(notice_screen(finding), _known(home))])


def findings(findings: tuple[Finding, ...], *, home: str | None = _HOME) -> dict[str, str]:
    """Both faces of findings without an answer: the guard's."""
    return _faces([spelled(Screen((), (), (), findings, False), _known(home))])


def _faces(screens: list[Screen]) -> dict[str, str]:
    return {"text/plain": _text(screens, color=False, width=_columns()), "text/html": _draw_html(screens)}


def _text(screens: list[Screen], *, color: bool, width: int) -> str:
    return "\n\n".join(_draw_text(screen, color=color, width=width) for screen in screens)


def _screens(answer: Answer | Answers, home: str | None) -> list[Screen]:
    answers = answer if isinstance(answer, Answers) else (answer,)
    return [spelled(layout_of(each)(each), _known(home)) for each in answers]


def _known(home: str | None) -> str | None:
    # an unexpanded `~` or the root cannot be replaced by `~` in paths
    return home if home not in (None, "", "~", "/") else None


def _columns() -> int:
    # a kernel's stdout has the file descriptor of the server's terminal, but its `isatty()` is false
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns if sys.stdout.isatty() else 100
    except (AttributeError, OSError, ValueError):
        return 100
