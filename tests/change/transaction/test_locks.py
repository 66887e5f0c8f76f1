"""Locks: one at a time, held by whoever works, and whoever waits is told for whom."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.transaction.locks import (
    AtWork,
    Holder,
    LockError,
    is_alive,
    locked,
    mamba_locked,
    only_after,
    parse_holder,
    read_holder,
    remove_if_alone,
)
from ipython_where.model import Evidence
from tests import environments
from tests.processes import until

HOLD = (
    "import sys; from ipython_where.change.transaction.locks import locked\n"
    "with locked(sys.argv[1], command='%safepip install https://u:p@h/x', timeout=0):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)
# Starts a child that inherits the lock, says so, and dies by itself like a killed kernel.
ORPHAN = (
    "import os, subprocess, sys; from ipython_where.change.transaction.locks import locked\n"
    "with locked(sys.argv[1], command='%safepip install x', timeout=0) as lock:\n"
    "    child = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], pass_fds=[lock.fd])\n"
    "    print('held', flush=True); os.kill(os.getpid(), 9)\n"
)


def start(code: str, path: Path) -> subprocess.Popen[str]:
    """Another process that takes the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=environments.ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let it go."""
    process.communicate()


def test_who_waits_is_told_once_and_in_the_end_whom_for(tmp_path: Path) -> None:
    """The error names the process, its command without the URL, and the lock; nothing else happens."""
    path = tmp_path / "store" / "lock"
    other = start(HOLD, path)
    told: list[Holder] = []
    slept: list[float] = []
    with (
        pytest.raises(LockError) as caught,
        locked(
            str(path),
            command="mine",
            timeout=10,
            waiting=told.append,
            clock=lambda: float(len(slept)),
            sleep=slept.append,
        ),
    ):
        pytest.fail("held twice")
    assert [(holder.pid, holder.command, holder.alive) for holder in told] == [
        (other.pid, "%safepip install <URL>", True)
    ]
    message, *evidence = caught.value.lines()
    assert (
        message
        == "nothing was changed: another installation is changing this environment and did not finish within 10 seconds"
    )
    assert evidence[:2] == [f"  held by  process {other.pid}", "  running  `%safepip install <URL>`"]
    assert evidence[2].startswith("  since    2")
    assert evidence[3:] == [
        f"  lock     {path}",
        "",
        "hint: wait for it or end that process, then run this again",
    ]
    assert len(slept) == 10
    end(other)


def test_whoever_waits_is_told_of_each_one_that_holds_the_lock_meanwhile(tmp_path: Path) -> None:
    """The next one may be somebody for whom it must not wait."""
    path = str(tmp_path / "lock")
    told: list[str | None] = []
    with contextlib.ExitStack() as holders:
        holders.enter_context(locked(path, command="first"))
        others = ["second"]

        def change_hands(seconds: float) -> None:
            holders.close()
            if others:
                holders.enter_context(locked(path, command=others.pop(), timeout=0))

        with locked(path, command="third", waiting=lambda each: told.append(each.command), sleep=change_hands):
            pass
    assert told == ["first", "second"]


def test_it_is_taken_as_soon_as_it_is_free(tmp_path: Path) -> None:
    """The wait ends when the other does, and the file then names the new holder."""
    path = tmp_path / "lock"
    other = start(HOLD, path)
    with locked(str(path), command="mine", timeout=60, waiting=lambda holder: end(other)):
        holder = read_holder(str(path))
        assert (holder.pid, holder.command, holder.alive) == (os.getpid(), "mine", True)
    with locked(str(path), command="again", timeout=0):
        pass


def test_an_orphaned_installer_still_holds_it(tmp_path: Path) -> None:
    """A kernel was killed, its installer goes on: the lock stays taken, and the message says how that can be."""
    path = tmp_path / "lock"
    other = start(ORPHAN, path)
    other.wait()
    with pytest.raises(LockError) as caught, locked(str(path), command="mine", timeout=0):
        pytest.fail("held twice")
    assert caught.value.evidence[0] == Evidence(
        label="held by", value=f"process {other.pid}, which has ended; a program that it started is still running"
    )
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.close()
    with locked(str(path), command="mine", timeout=300):
        pass
    other.stdout.close()


def test_letting_go_does_not_free_it_under_a_child(tmp_path: Path) -> None:
    """The parent closes its file; a child that inherited it holds on."""
    path = tmp_path / "lock"
    with locked(str(path), command="mine", timeout=0) as lock:
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=[lock.fd]
        )
    with pytest.raises(LockError), locked(str(path), command="mine", timeout=0):
        pytest.fail("held twice")
    child.communicate()
    with locked(str(path), command="mine", timeout=0):
        pass


def test_an_interrupt_ends_the_wait(tmp_path: Path) -> None:
    """Nothing is held afterwards."""
    path = tmp_path / "lock"
    other = start(HOLD, path)

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), locked(str(path), command="mine", timeout=60, sleep=interrupt):
        pytest.fail("held twice")
    end(other)
    with locked(str(path), command="mine", timeout=0):
        pass


def test_nothing_is_left_of_a_lock_under_which_nothing_was_done(tmp_path: Path) -> None:
    """Its folder goes too, with those that were made for it, unless something was put there."""
    path = tmp_path / "store" / "lock"
    with locked(str(path), command="mine", timeout=0) as lock:
        remove_if_alone(lock)
    with locked(str(tmp_path / "user" / "base" / "store" / "lock"), command="mine", timeout=0) as lock:
        (tmp_path / "user" / "theirs").touch()
        remove_if_alone(lock)
    assert [str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*")] == ["user", "user/theirs"]
    with locked(str(path), command="mine", timeout=0) as lock:
        (path.parent / "tx-1").mkdir()
        remove_if_alone(lock)
    assert path.exists()


def test_who_waits_for_a_lock_that_is_taken_away_still_keeps_others_out(tmp_path: Path) -> None:
    """A lock on a file that is gone holds nobody back: it is taken once more, on the new one, in folders that are its own."""
    path = tmp_path / "base" / "store" / "lock"
    with contextlib.ExitStack() as first:
        lock = first.enter_context(locked(str(path), command="first", timeout=0))

        def leave(holder: Holder) -> None:
            remove_if_alone(lock)
            first.close()

        with locked(str(path), command="second", timeout=60, waiting=leave) as later:
            assert read_holder(str(path)).command == "second"
            with pytest.raises(LockError), locked(str(path), command="third", timeout=0):
                pytest.fail("held twice")
            remove_if_alone(later)
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_another_tool_is_not_written_to(tmp_path: Path) -> None:
    """uv's own lock file stays as it is."""
    path = tmp_path / ".lock"
    path.write_text("uv's")
    with locked(str(path), command="mine", timeout=0, signed=False):
        assert path.read_text() == "uv's"
        with open(path) as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.usefixtures("installer")
def test_uv_waits_for_the_lock_that_is_held(tmp_path: Path) -> None:
    """uv honours a lock on `<prefix>/.lock`, for as long as it is told to wait (then it goes on without)."""
    prefix = environments.make_in(tmp_path / "env")
    python = str(prefix / "bin" / "python")
    argv = [
        environments.uv(),
        "pip",
        "uninstall",
        "--verbose",
        "--no-config",
        "--python",
        python,
        "x",
    ]
    with locked(str(prefix / ".lock"), command="mine", timeout=0, signed=False, mode=0o666):
        done = subprocess.run(argv, env=environments.clean_environ(UV_LOCK_TIMEOUT="1"), capture_output=True, text=True)
    assert "imeout" in done.stderr, done.stderr


def test_a_lock_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """A file stands where the store should be."""
    (tmp_path / "store").write_text("")
    with pytest.raises(LockError) as caught, locked(str(tmp_path / "store" / "lock"), command="mine", timeout=0):
        pytest.fail("held")
    assert caught.value.message == (
        f"nothing was changed: `{tmp_path}/store/lock` cannot be opened, so the environment cannot be changed safely"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"pid": "x"}', b"\xff"])
def test_an_unsigned_lock_has_a_holder_that_is_not_known(content: bytes) -> None:
    """Nothing is made up."""
    holder = parse_holder(content, alive=lambda pid: True)
    assert holder == Holder(pid=None, command=None, since=None, alive=None)
    assert holder.evidence() == (Evidence(label="held by", value="a program that left no name (perhaps uv)"),)


def test_waiting_only_for_what_outlived_its_kernel() -> None:
    """A holder that is alive is left to its work; for one that has ended, or that is not known, there is a message."""
    told: list[Holder] = []
    waiting = only_after(told.append)
    holder = Holder(pid=1, command="%safepip install x", since=0.0, alive=True)
    with pytest.raises(AtWork, match="another installation is changing this environment"):
        waiting(holder)
    others = [replace(holder, alive=False), replace(holder, pid=None, alive=None)]
    for each in others:
        waiting(each)
    assert told == others


def test_who_is_alive() -> None:
    """This process is; one that has ended is not, reaped or not."""
    assert is_alive(os.getpid())
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child.pid)
    child.wait()
    assert not is_alive(child.pid)


MAMBA = (
    "import fcntl, os, sys\n"
    "file = open(sys.argv[1], 'w'); fcntl.lockf(file, fcntl.LOCK_EX, 1, 21)\n"
    "print('held', flush=True); sys.stdin.readline(); os.unlink(sys.argv[1]); file.close()\n"
    "print('gone', flush=True); sys.stdin.read()\n"
)
"""Does what mamba does with its lock: it deletes the file while it holds it."""


def test_mambas_lock_stays_where_mamba_holds_it(tmp_path: Path) -> None:
    """Whoever waited in vain, or was interrupted, must not delete it: the next one would not see that mamba is at work."""
    path = tmp_path / "conda-meta.lock"
    with start(MAMBA, path) as mamba:
        with (
            pytest.raises(LockError, match="mamba is changing this environment"),
            mamba_locked(str(tmp_path), timeout=0),
        ):
            raise AssertionError("it was not held")
        assert path.exists()

        def interrupt(seconds: float) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt), mamba_locked(str(tmp_path), sleep=interrupt):
            raise AssertionError("it was not held")
        assert path.exists()
        mamba.communicate("\n")


WAITING = "import fcntl, sys\nfile = open(sys.argv[1], 'w'); print('opened', flush=True)\n"
WAITING += "fcntl.lockf(file, fcntl.LOCK_EX, 1, 21); print('held', flush=True); sys.stdin.read()\n"
"""Waits for mamba's lock as mamba does, which never looks whether the file is still there."""


def test_mambas_lock_file_goes_only_if_nobody_waits(tmp_path: Path) -> None:
    """A waiting mamba would hold a lock on a file that is gone, and the next one would see none.

    One that was there already is what a killed process left.
    """
    path = tmp_path / "conda-meta.lock"
    for there in (False, True):
        if there:
            path.touch()
        with mamba_locked(str(tmp_path)):
            assert path.exists()
        assert not path.exists()
    with mamba_locked(str(tmp_path)):
        waiting = subprocess.Popen(
            [sys.executable, "-c", WAITING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        inode = f":{path.stat().st_ino} "
        assert waiting.stdout is not None and waiting.stdout.readline() == "opened\n"
        until(lambda: any(" -> " in line and inode in line for line in Path("/proc/locks").read_text().splitlines()))
    assert waiting.stdout.readline() == "held\n"
    with pytest.raises(LockError, match="mamba is changing this environment"), mamba_locked(str(tmp_path), timeout=0):
        raise AssertionError("it was not held")
    waiting.communicate()


def test_a_lock_that_mamba_deleted_is_taken_anew(tmp_path: Path) -> None:
    """A lock on a file that is gone is one that nobody else can see."""
    path = tmp_path / "conda-meta.lock"
    with start(MAMBA, path) as mamba:
        assert mamba.stdin is not None and mamba.stdout is not None
        told: list[Holder] = []

        def let_go(seconds: float) -> None:
            assert mamba.stdin is not None and mamba.stdout is not None
            if not mamba.stdin.closed:
                mamba.stdin.write("\n")
                mamba.stdin.close()
                assert mamba.stdout.readline() == "gone\n"

        with mamba_locked(str(tmp_path), waiting=told.append, sleep=let_go):
            assert path.exists()
    assert len(told) == 1 and not path.exists()
