"""Shows the progress of an installation: one display in a notebook, one line in a terminal, removed at the end."""

from __future__ import annotations

import contextvars
import os
import sys
import time
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any, NamedTuple, TextIO

from ipython_where.change.installers.progress import Progress, Silent
from ipython_where.legible import legible
from ipython_where.redact import masked
from ipython_where.show.screen import size

_MOMENT = 0.3
"""Seconds before anything is shown: what ends sooner needs no display."""

_INTERVAL = 0.1
"""Seconds between two updates."""

_PATIENCE = 2.0
"""Seconds to wait at the end for the display to disappear."""

_HOME = os.path.expanduser("~")


class Note(NamedTuple):
    """What is displayed under ``id``; progress below it leaves nothing else behind."""

    id: str
    faces: dict[str, str]


def progress_for(shell: Any, *, is_first: bool = False, note: Note | None = None) -> Progress:
    """The progress display for where ``shell`` shows its output: a kernel's front end, a terminal, or neither.

    ``is_first``: the cell has shown nothing yet. ``note`` is what it has shown already, and may show the progress too.
    """
    if getattr(shell, "kernel", None) is not None:
        return Silent() if is_captured(shell) else NotebookProgress(shell.display_pub if is_first else None, note)
    stream = sys.stderr
    return TerminalProgress(stream) if _is_terminal(stream) else Silent()


def is_captured(shell: Any) -> bool:
    """Whether `%%capture` collects what is displayed."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    # `%%capture` would collect each update as an output of its own
    return isinstance(shell.display_pub, CapturingDisplayPublisher)


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
    except (AttributeError, ValueError):  # no standard error at all, or a closed one
        return False


class Moment(NamedTuple):
    """A snapshot to draw: the step, seconds since the first step began, percent done, the last line, the steps before, the
    bytes that were downloaded, and how many of them a second.
    """

    step: str
    seconds: int
    percent: int | None
    line: str
    before: tuple[str, ...] = ()
    received: int = 0
    rate: int = 0


class _Shown:
    """Collects what is reported, and draws it from a thread of its own.

    The thread keeps the seconds counting while an installer is silent, limits drawing to ten times a second however much
    an installer writes, and keeps drawing errors away from the installation.
    """

    def __init__(self) -> None:
        self._began = 0.0
        self._step = ""
        self._before: tuple[str, ...] = ()
        self._percent: int | None = None
        self._received, self._since, self._last = 0, 0.0, 0.0
        self._line = ""
        self._over = Event()
        self._drawing = Lock()
        self._thread: Thread | None = None

    def step(self, name: str) -> None:
        """A step begins."""
        if self._step:
            self._before = (*self._before, self._step)
        self._step, self._percent, self._line = masked(name), None, ""
        self._received, self._since = 0, 0.0
        self._begin()

    def amount(self, done: int, total: int, received: int | None = None) -> None:
        """How much of the step is done, and the bytes that came for it."""
        self._percent = max(0, min(100, done * 100 // total)) if total > 0 else None
        if received is not None:
            now = time.monotonic()
            self._since = self._since or now
            if (
                received > self._received
            ):  # the rate is of the time up to here: what is installed afterwards is no download
                self._received, self._last = received, now

    def line(self, text: str) -> None:
        """The installer wrote a line."""
        self._line = masked(text)

    def tell(self, text: str) -> None:
        """Print a line that stays."""
        print(masked(text))

    def close(self) -> None:
        """The installation is over: remove the display."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def _begin(self) -> None:
        if self._thread is not None or self._over.is_set():
            return
        self._began = time.monotonic()
        # ipykernel keeps the cell that a display belongs to in a context variable, which a new thread lacks
        context = contextvars.copy_context()
        thread = Thread(target=context.run, args=(self._watch,), name="ipython_where progress", daemon=True)
        with suppress(RuntimeError):  # out of threads: no progress is better than no installation
            thread.start()
            self._thread = thread

    def _watch(self) -> None:
        shown = None
        with suppress(Exception):
            wait = _MOMENT
            while not self._over.wait(wait):
                wait = _INTERVAL
                if (moment := self._moment()) != shown:
                    shown = moment
                    with self._drawing:
                        self._draw(moment)
        if shown is not None:
            with suppress(Exception):
                self._erase()

    def _moment(self) -> Moment:
        line = legible(" ".join(self._line.split()), _HOME)
        seconds = int(time.monotonic() - self._began)
        took = self._last - self._since
        return Moment(
            step=legible(self._step, _HOME),
            seconds=seconds,
            percent=self._percent,
            line=line,
            before=tuple(legible(step, _HOME) for step in self._before),
            received=self._received,
            rate=int(self._received / took) if self._received and took > _INTERVAL else 0,
        )

    def _draw(self, moment: Moment) -> None:
        raise NotImplementedError

    def _erase(self) -> None:
        raise NotImplementedError


class NotebookProgress(_Shown):
    """One display that updates in place. At the end it is taken away, so that a saved notebook contains only the result.

    No message of the protocol takes one output of several away. Where it is the cell's only one, the cell is cleared; ``clearer``
    does that. Below a ``note``, it is in the note's output. Else the output stays, empty.
    """

    def __init__(self, clearer: Any = None, note: Note | None = None) -> None:
        super().__init__()
        self._id = note.id if note else None
        self._above = note.faces if note else {}
        self._clearer = clearer

    def tell(self, text: str) -> None:
        """Print a line that stays: from now on the display is not alone."""
        self._clearer = None
        super().tell(text)

    def _draw(self, moment: Moment) -> None:
        self._display(self._below(notebook_html(moment), _words(moment)))

    def _erase(self) -> None:
        if self._clearer is not None:
            self._clearer.clear_output()
        else:
            # not `{}`: nbconvert warns about an output without any data
            self._display(self._below("", ""))

    def _below(self, html: str, text: str) -> dict[str, str]:
        above = self._above.get("text/plain", "")
        plain = "\n".join(filter(None, (above, text)))
        return {"text/html": self._above.get("text/html", "") + html, "text/plain": plain}

    def _display(self, data: dict[str, str]) -> None:
        from IPython.display import display

        is_update = self._id is not None
        self._id = self._id or f"ipython_where-{os.urandom(8).hex()}"
        display(data, raw=True, display_id=self._id, update=is_update)


def notebook_html(moment: Moment) -> str:
    """The moment as HTML in the colours of the page; browsers animate a bar without a value."""
    from html import escape

    value = f' max="100" value="{moment.percent}"' if moment.percent is not None else ""
    line = escape(moment.line) or "&nbsp;"
    before = " · ".join(f"✓ {step}" for step in moment.before)
    done = f'<div style="opacity:.7">{escape(before)}</div>' if before else ""
    return (
        '<div style="font:13px/1.6 var(--jp-content-font-family,var(--vscode-font-family,system-ui,sans-serif));'
        'color:var(--jp-content-font-color1,var(--vscode-editor-foreground,currentColor));max-width:66em">'
        f"{done}"
        # the bar comes first, so that text of changing width does not move it
        f'<div><progress{value} style="width:24ex;height:1em;margin-right:12px;vertical-align:-2px;'
        'accent-color:var(--jp-brand-color1,var(--vscode-progressBar-background,#2196f3))"></progress>'
        f"{escape(_words(moment._replace(line='')))}</div>"
        '<div style="font:12px/1.6 var(--jp-code-font-family,var(--vscode-editor-font-family,monospace));'
        "color:var(--jp-content-font-color2,var(--vscode-descriptionForeground,#767676));"
        f'white-space:nowrap;overflow:hidden;text-overflow:ellipsis">{line}</div></div>'
    )


class TerminalProgress(_Shown):
    """One line that is overwritten in place; it ends blank, with the cursor at its start."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._width = 0

    def tell(self, text: str) -> None:
        """Print a line that stays, above the progress line."""
        with self._drawing:
            with suppress(Exception):
                self._erase()
            super().tell(text)

    def _draw(self, moment: Moment) -> None:
        line, width = _cut(_words(moment), self._room())
        self._write(f"\r{line}{' ' * (self._width - width)}")
        self._width = width

    def _erase(self) -> None:
        self._write(f"\r{' ' * self._room()}\r")  # the whole line: Control-C leaves a `^C` after the text

    def _room(self) -> int:
        columns = os.get_terminal_size(self._stream.fileno()).columns
        return columns - 1  # writing in the last column would wrap the cursor to the next line

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "ascii"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()


def _words(moment: Moment) -> str:
    percent = f"{moment.percent} %" if moment.percent is not None else ""
    received = size(moment.received) if moment.received else ""
    rate = f"{size(moment.rate)}/s" if moment.rate else ""
    parts = (moment.step, f"{moment.seconds} s", percent, received, rate, moment.line)
    return " · ".join(part for part in parts if part)


def _cut(text: str, columns: int) -> tuple[str, int]:
    """As much of ``text`` as fits, and its width: some characters take two columns."""
    from unicodedata import combining, east_asian_width

    width = 0
    for at, character in enumerate(text):
        wide = 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        if width + wide > columns:
            return text[:at], width
        width += wide
    return text, width
