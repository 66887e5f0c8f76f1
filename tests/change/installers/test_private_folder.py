"""The private folder of an install, in real processes: private, removed, and swept after a kill, but never somebody else's."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ipython_where.change.installers.private_folder import private_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is installed there")

HOLD = """
import os, sys
from ipython_where.change.installers.private_folder import private_folder
with private_folder() as folder:
    with open(os.path.join(folder, "wanted.txt"), "w") as file:
        file.write("a secret")
    print(folder, flush=True)
    sys.stdin.read()
"""


AT_ITS_LOCK = """
import errno, fcntl, os, subprocess, sys
from ipython_where.change.installers.private_folder import private_folder

def at_lock(event, arguments):
    if event == "fcntl.flock" and arguments[1] == fcntl.LOCK_EX:
        if sys.argv[1] == "refuse":
            raise OSError(errno.ENOLCK, "no locks here")
        subprocess.run([sys.executable, "-c", sys.argv[2]], check=True)

sys.addaudithook(at_lock)
with private_folder() as folder:
    subprocess.run([sys.executable, "-c", sys.argv[2]], check=True)
    print(os.path.isdir(folder))
"""
ANOTHER = """
from ipython_where.change.installers.private_folder import private_folder
with private_folder():
    pass
"""


def hold(root: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process in the middle of an install, and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "TMPDIR": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_nobody_else_may_read_it_and_nothing_is_left(root: Path) -> None:
    with private_folder() as folder:
        assert Path(folder).parent == root
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert list(root.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_another_one_uses_is_not(root: Path) -> None:
    killed, left = hold(root)
    running, used = hold(root)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert (left / "wanted.txt").read_text() == "a secret"
    with private_folder():
        assert not left.exists()
        assert (used / "wanted.txt").read_text() == "a secret"
    running.communicate("")
    assert list(root.iterdir()) == []


def test_a_link_of_such_a_name_is_not_followed(root: Path) -> None:
    """In a temporary folder, anybody can make one; and a folder without the file may have only just been made."""
    precious = root / "precious"
    precious.mkdir()
    (precious / ".held").touch()
    (root / "safepip-link").symlink_to(precious)
    (root / "safepip-new").mkdir()
    linked = root / "safepip-odd"
    linked.mkdir()
    (linked / ".held").symlink_to(precious / ".held")
    with private_folder():
        pass
    assert sorted(each.name for each in root.iterdir()) == ["precious", "safepip-link", "safepip-new", "safepip-odd"]
    assert (precious / ".held").exists()


@pytest.mark.parametrize("how", ["sweep", "refuse"])
def test_a_folder_is_not_swept_before_it_is_locked_nor_where_it_cannot_be(root: Path, how: str) -> None:
    """Another install sweeps at the moment of the lock; or the file system has no locks."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ITS_LOCK, how, ANOTHER],
        env={**os.environ, "TMPDIR": str(root)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert list(root.iterdir()) == []
