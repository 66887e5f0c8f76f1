"""Processes that are struck with all that they started, whatever session that is in (Linux alone)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Be the parent of descendants whose own parent has ended, so that none escapes, and let them hear interrupts."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell lets what is in its background ignore it
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs, those that have ended left out."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                state, parent = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents.setdefault(int(parent), []).append(int(name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


class Struck:
    """A process that was started, and is struck at a moment of its life."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._known = set(descendants(os.getpid()))
        self.process = subprocess.Popen(
            argv,
            env=dict(environ),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def strike(self, after: float, number: signal.Signals) -> bool:
        """Send a signal after some seconds; whether it came before the end. SIGKILL is for the whole tree."""
        try:
            self.process.wait(after)
        except subprocess.TimeoutExpired:
            if number == signal.SIGKILL:
                self.kill_all()
            else:
                self.process.send_signal(number)
                self.process.wait(300)
            return True
        return False

    def kill_all(self) -> None:
        """Kill the process and everything that it started, and wait until none of them is left."""
        self._until_all_ended(lambda pid: os.kill(pid, signal.SIGKILL))

    def wait_for_all(self) -> None:
        """Wait for the end of the process and of everything that it started."""
        self._until_all_ended(lambda pid: time.sleep(0.01))

    def _until_all_ended(self, act: Callable[[int], None]) -> None:
        end = time.monotonic() + 300
        seen: set[int] = set()
        while left := [pid for pid in descendants(os.getpid()) if pid not in self._known]:
            assert time.monotonic() < end, f"processes that do not end: {left}"
            seen.update(left)
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    act(pid)
        self.process.wait()
        for pid in seen - {self.process.pid}:  # orphans have come to us, to be taken note of
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
