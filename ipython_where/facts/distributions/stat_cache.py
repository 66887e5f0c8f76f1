"""A cache for answers read from files and directories, valid until one of these changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar, cast

T = TypeVar("T")

SETTLED_NS = 50_000_000
"""File systems stamp in steps (ext4: a timer tick, up to 10 ms), so a read right after a change may miss the next."""


class StatCache:
    """Answers by question, each stored with the modification times of the paths that it was read from."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._answers: dict[Hashable, tuple[Sequence[str], tuple[int, ...], Any]] = {}

    def get(self, question: Hashable, paths: Callable[[], Sequence[str]], answer: Callable[[], T]) -> T:
        """The answer, recomputed when one of ``paths`` changes, appears or disappears.

        Calls ``paths`` only when it computes the answer, not while the cached answer is valid.
        """
        kept = self._answers.get(question)
        if kept is not None and tuple(map(changed_ns, kept[0])) == kept[1]:
            return cast(T, kept[2])
        read = paths()
        stamp = tuple(map(changed_ns, read))
        found = answer()
        if self._clock() - max(stamp, default=0) > SETTLED_NS:
            self._answers[question] = (read, stamp, found)
        else:
            self._answers.pop(question, None)
        return found


def changed_ns(path: str) -> int:
    """The modification time of a path (ns), 0 if it is missing."""
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):  # missing; a NUL in the path
        return 0
