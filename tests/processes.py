"""Processes that a test waits for: a signal that is sent has not been delivered yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

BUSY = 60
"""Seconds for what takes one or two on an idle machine; what is broken takes ten minutes."""


def is_running(pid: int) -> bool:
    """Whether Linux has the process, and not just its remains."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until_gone(pid: int) -> None:
    """Wait until the process has ended, whether or not its parent knows that."""
    until(lambda: not is_running(pid), f"process {pid} goes on")


def until(condition: Callable[[], bool], otherwise: str = "it did not come to that", seconds: float = 300) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.005)
