"""Ends what a test has started, and all that this started in turn, when its standard input does: also if the test is killed.

`python guardian.py WORD`: whoever has WORD as the value of the variable `TEST_CLUSTER` is killed, until nobody has it.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

VARIABLE = "TEST_CLUSTER"


def processes(word: str, sessions: set[int]) -> list[int]:
    """The processes that inherited the variable, and the others of their sessions, which are added.

    A program that changes its title, as Ray's do, writes over its variables.
    """
    found = {int(entry.name): entry for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    marked = {
        pid for pid, entry in found.items() if f"{VARIABLE}={word}".encode() in read(entry / "environ").split(b"\0")
    }
    sessions |= {session for pid in marked if (session := session_of(found[pid]))} - {os.getsid(0)}
    return [pid for pid, entry in found.items() if pid in marked or session_of(entry) in sessions]


def session_of(entry: Path) -> int:
    """The session of a process that is no zombie, else 0."""
    state, *numbers = read(entry / "stat").rpartition(b")")[2].split()[:4] or [b"Z"]
    return int(numbers[2]) if state != b"Z" else 0


def read(path: Path) -> bytes:
    """A file of a process, which may have ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.read()
    sessions: set[int] = set()
    while left := processes(sys.argv[1], sessions):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)
