"""What was written below a folder since a moment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ipython_where.change.installers.written import written_since
from tests.change.transaction.worlds import lay_out


def set_back(file: Path) -> None:
    file.write_text("y")
    os.utime(file, (1, 1))


ACTS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "nothing": (lambda root: None, ()),
    "a new file": (lambda root: (root / "a" / "new.py").write_text("x"), ("a/new.py",)),
    "a file changed, its time set back": (
        lambda root: set_back(root / "a" / "one.py"),
        ("a/one.py",),
    ),
    "another mode": (lambda root: (root / "a" / "one.py").chmod(0o755), ("a/one.py",)),
    "a file removed": (lambda root: (root / "a" / "two.py").unlink(), ("a/",)),
    "a folder removed": (lambda root: shutil.rmtree(root / "b" / "c"), ("b/",)),
    "an empty folder": (lambda root: (root / "b" / "empty").mkdir(), ("b/empty/",)),
    "a link": (lambda root: (root / "b" / "link").symlink_to("/nowhere"), ("b/link",)),
    "compiled by an import": (lambda root: lay_out(root, {"a/__pycache__/one.cpython-311.pyc": "c"}), ()),
    "ours, and the lock of uv": (lambda root: lay_out(root, {".safepip/tx-1/stage/x": "x", ".lock": ""}), ()),
    "linked into another environment": (
        lambda root: (root.parent / "other.py").hardlink_to(root / "a" / "linked.py"),
        (),
    ),
    "gone from another environment": (lambda root: (root.parent / "cache.py").unlink(), ()),
    "a linked file changed": (lambda root: (root / "a" / "linked.py").write_text("y"), ("a/linked.py",)),
    "a linked file put there": (
        lambda root: (root / "b" / "put.py").hardlink_to(root.parent / "cache.py"),
        ("b/put.py",),
    ),
    "a file in the root": (lambda root: (root / "pyvenv.cfg").write_text("x"), ("pyvenv.cfg",)),
}


@pytest.mark.parametrize(("act", "expected"), ACTS.values(), ids=ACTS)
def test_written_since(tmp_path: Path, act: Callable[[Path], object], expected: tuple[str, ...]) -> None:
    """Each change is seen, whatever times the files claim; what imports and transactions write is left out."""
    root = tmp_path / "env"
    lay_out(root, {"a/one.py": "x", "a/two.py": "x", "a/linked.py": "x", "b/c/d.py": "x"})
    for cached in ("cache.py", "elsewhere.py"):  # as uv links a wheel's files into environments from its cache
        (tmp_path / cached).hardlink_to(root / "a" / "linked.py")
    mark = tmp_path / "mark"
    mark.touch()
    now = mark.stat().st_ctime_ns
    while mark.stat().st_ctime_ns == now:  # a file system's clock has ticks of some milliseconds
        mark.touch()
    act(root)
    assert written_since(str(root), now) == expected
