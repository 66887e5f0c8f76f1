"""Answers that were read from directories, kept for as long as these stand unchanged."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar, cast

T = TypeVar("T")

SETTLED_NS = 50_000_000
"""File systems stamp in steps (ext4: a timer tick, up to 10 ms): what was read sooner after a change may miss another one."""


class StatCache:
    """Answers by question, each with the modification times of the paths that it was read from."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._answers: dict[Hashable, tuple[Sequence[str], tuple[int, ...], Any]] = {}

    def get(self, question: Hashable, paths: Callable[[], Sequence[str]], answer: Callable[[], T]) -> T:
        """The answer, worked out anew when one of ``paths`` has another time than before, came or went.

        ``paths`` is asked for them when the answer is worked out, not again while it stands.
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
    """When a path was changed last (ns), 0 where nothing is there."""
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):  # missing; a NUL in the path
        return 0
