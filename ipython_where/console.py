"""Where text is shown: by a kernel's front end, or in a terminal, which colours and where nothing is a kernel.

Layouts and messages say "this kernel", and put commands in backticks. In a terminal it is a session, and colour stands in
for the backticks.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class Console(NamedTuple):
    """How text is spelled: with colours (SGR codes), whether what runs here is a kernel, and the columns of a terminal."""

    color: bool
    is_kernel: bool
    width: int | None = None


FRONT_END = Console(color=False, is_kernel=True)
"""A notebook's text."""

_SGR = {
    "name": "1",
    "label": "1",
    "good": "32",
    "warn": "33",
    "error": "1;31",
    "warning": "1;33",
    "note": "1",
    "+": "32",
    "-": "31",
    "~": "33",
    "code": "35",  # magenta is legible on light and on dark backgrounds
}

_SESSION = (
    (r"\b([Tt])his kernel\b", r"\1his session"),
    (r"\b(different environment than )the kernel's\b", r"\1this session's"),
    (r"\bthe kernel's environment\b", "this session's environment"),
    (r"\brestart the kernel\b", "restart this session"),
    (r"^kernel$", "session"),  # the label of evidence
)


def current_console() -> Console:
    """For what IPython shows: its terminal, or a front end."""
    shell = _terminal_shell()
    if shell is None:
        return FRONT_END
    has_theme = str(getattr(shell, "colors", "")).lower() != "nocolor"
    return Console(color=has_theme and can_color(sys.stdout), is_kernel=False, width=terminal_width(sys.stdout))


def plain_console() -> Console:
    """For the text of an answer that Python code asks for, in a kernel or in a process that is none."""
    core = sys.modules.get("IPython.core.getipython")
    shell = core.get_ipython() if core is not None else None
    return Console(color=False, is_kernel=getattr(shell, "kernel", None) is not None)


def command_line_console(stream: TextIO | None) -> Console:
    """For what `python -m ipython_where` prints to a stream."""
    return Console(color=can_color(stream), is_kernel=False, width=terminal_width(stream))


def can_color(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that colours, and ``NO_COLOR`` (no-color.org) does not forbid it."""
    try:
        is_terminal = stream is not None and bool(stream.isatty())
    except (AttributeError, OSError, ValueError):  # replaced by something that only writes, or closed
        is_terminal = False
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO | None) -> int | None:
    """The columns of the terminal that a stream writes to; None for anything else."""
    try:
        # a kernel's stdout has the file descriptor of the server's terminal, but its `isatty()` is false
        return (
            (os.get_terminal_size(stream.fileno()).columns or None) if stream is not None and stream.isatty() else None
        )
    except (AttributeError, OSError, ValueError):
        return None


def _terminal_shell() -> Any:
    """IPython's shell if it runs in a terminal. IPython is not imported to find out."""
    terminal = sys.modules.get("IPython.terminal.interactiveshell")
    core = sys.modules.get("IPython.core.getipython")
    shell = core.get_ipython() if core is not None and terminal is not None else None
    return shell if terminal is not None and isinstance(shell, terminal.TerminalInteractiveShell) else None


def said(text: str, console: Console) -> str:
    """The words that are right there; what is in backticks stays."""
    if console.is_kernel or "kernel" not in text:
        return text
    pieces = text.split("`")
    for number in range(0, len(pieces), 2):
        for pattern, words in _SESSION:
            pieces[number] = re.sub(pattern, words, pieces[number])
    return "`".join(pieces)


def folded(text: str, console: Console, hang: int = 0) -> list[str]:
    """A sentence in lines that fit the terminal, those after the first indented by ``hang``.

    Nothing in backticks is broken: a command that the terminal itself breaks is still copied as one.
    """
    width = console.width
    if width is None or len(text) <= width:
        return [text]
    lines, room = [""], width
    for word in _WORD.findall(text):
        length = len(word.replace("`", "") if console.color else word)
        if lines[-1].strip() and length > room:
            lines.append(" " * hang)
            room = width - hang
        lines[-1] += f"{word} "
        room -= length + 1
    return [line.rstrip() for line in lines]


_WORD = re.compile(r"(?:[^\s`]|`[^`]*`|`)+")


def painted(text: str, role: str, console: Console) -> str:
    """Text in its role's colour, and what is in backticks in its own instead of them."""
    if not console.color or role in ("path", "log"):
        return text
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return _painted(text, role)
    return "".join(_painted(piece, "code" if number % 2 else role) for number, piece in enumerate(pieces))


def _painted(text: str, role: str) -> str:
    code = _SGR.get(role)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text
