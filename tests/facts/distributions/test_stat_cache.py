"""A kept answer is never older than what it was read from."""

from __future__ import annotations

import os
from pathlib import Path

from ipython_where.facts.distributions.stat_cache import SETTLED_NS, StatCache

FAR = 1 << 62


def test_an_answer_is_worked_out_once_while_its_paths_stand(tmp_path: Path) -> None:
    kept, asked = StatCache(clock=lambda: FAR), []

    def answer() -> int:
        asked.append(1)
        return len(asked)

    paths = [str(tmp_path), str(tmp_path / "missing")]
    assert [kept.get("q", lambda: paths, answer), kept.get("q", lambda: paths, answer)] == [1, 1]
    os.utime(tmp_path, ns=(1, 1))
    assert kept.get("q", lambda: paths, answer) == 2
    (tmp_path / "missing").mkdir()
    os.utime(tmp_path, ns=(1, 1))
    assert kept.get("q", lambda: paths, answer) == 3
    assert kept.get("other", lambda: paths, answer) == 4


def test_an_answer_read_right_after_a_change_is_not_kept(tmp_path: Path) -> None:
    now = tmp_path.stat().st_mtime_ns + SETTLED_NS // 2
    kept, answers = StatCache(clock=lambda: now), iter("ab")
    assert [kept.get("q", lambda: [str(tmp_path)], lambda: next(answers)) for _ in range(2)] == ["a", "b"]
