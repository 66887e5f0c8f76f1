"""A terminal with a person before it: what is typed goes in, what is to be seen comes out."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pexpect
import pyte

COLUMNS, LINES = 120, 400
"""So many lines that nothing scrolls away."""


class _Screen(pyte.Screen):
    """A screen that answers a program that asks where its cursor is."""

    def __init__(self, program: Any) -> None:
        super().__init__(COLUMNS, LINES)
        self._program = program

    def write_process_input(self, data: str) -> None:
        self._program.send(data)


class Terminal:
    """A program in a pseudo-terminal, and a screen that understands what it writes there."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> None:
        environ = {**environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
        self._program = pexpect.spawn(
            argv[0], list(argv[1:]), env=environ, cwd=str(cwd), dimensions=(LINES, COLUMNS), encoding="utf-8"
        )
        self._screen = _Screen(self._program)
        self._stream = pyte.Stream(self._screen)

    def type(self, text: str) -> None:
        """Type a line and Enter."""
        self._program.send(f"{text}\r")

    def press(self, key: str) -> None:
        """Press a key together with Control."""
        self._program.sendcontrol(key)

    def text(self) -> str:
        """What is to be seen, without the blanks at the end of lines and of the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def wait_for(self, pattern: str, seconds: float = 300) -> str:
        """What is to be seen as soon as a line of it is as ``pattern`` says."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text(), re.MULTILINE):
            assert time.monotonic() < end, f"no {pattern!r} in:\n{self.text()}"
            self._read()
        return self.text()

    def wait_for_end(self, seconds: float = 300) -> int:
        """The exit status of the program."""
        end = time.monotonic() + seconds
        while self._program.isalive():
            assert time.monotonic() < end, f"it did not end:\n{self.text()}"
            self._read()
        self._program.close()
        assert self._program.exitstatus is not None, f"signal {self._program.signalstatus} ended it"
        return self._program.exitstatus

    def close(self) -> None:
        """End the program if it still runs."""
        self._program.close(force=True)

    def _read(self) -> None:
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            self._stream.feed(self._program.read_nonblocking(65536, timeout=0.2))
