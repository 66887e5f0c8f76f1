"""The locks of an environment: one change at a time, from whatever kernel, and never beside uv.

A lock is a ``flock`` on a file that stays with what is kept beside it. It belongs to the open file, not to the process: a
child that inherits `Lock.fd` holds it on, so an installer that outlives a killed kernel still keeps others out.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ipython_where.errors import WhereError
from ipython_where.value import dataclass

from .journal import without_urls
from .owners import refuse_another_users

POLL = 0.05
ATTEMPTS = 100


class LockError(WhereError):
    """Somebody else is changing the environment, or the file system knows no locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock, as far as it says. ``alive`` is False where that process has ended: a child of it goes on."""

    pid: int | None
    command: str | None
    since: float | None
    alive: bool | None

    def lines(self) -> tuple[str, ...]:
        """What is known, one line each."""
        if self.pid is None:
            return ("held by  a program that does not say who it is (uv, perhaps)",)
        ended = "" if self.alive else ", which has ended: a program that it started still runs"
        lines = [f"held by  process {self.pid}{ended}"]
        if self.command:
            lines.append(f"running  `{self.command}`")
        if self.since is not None:
            lines.append(f"since    {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(self.since))}")
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock that is held. Pass ``fd`` on to every child that changes things (``pass_fds``).

    ``made`` are the folders that were made for its file, the innermost first.
    """

    path: str
    fd: int
    made: tuple[str, ...] = ()


class AtWork(LockError):
    """The process that holds the lock is alive: what looks unfinished is what it is doing."""


def no_message(holder: Holder) -> None:
    """Wait without a word."""


def only_after(message: Callable[[Holder], None]) -> Callable[[Holder], None]:
    """Wait, with a message, for an installer that outlived its kernel alone. Raises `AtWork` where the holder is alive."""

    def waiting(holder: Holder) -> None:
        if holder.alive:
            raise AtWork("another installation is changing this environment", evidence=holder.lines())
        message(holder)

    return waiting


@contextmanager
def locked(
    path: str,
    *,
    command: str,
    timeout: float = 300.0,
    waiting: Callable[[Holder], None] = no_message,
    signed: bool = True,
    mode: int = 0o600,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Lock]:
    """Hold the lock on ``path``. Whoever has to wait is told so once, by ``waiting``.

    Raises `LockError` after ``timeout`` seconds. ``signed``: the holder writes its name into the file: ours, not uv's.
    """
    end = clock() + timeout
    descriptor, made = _open(path, mode)
    try:
        _wait(descriptor, path, end, timeout, waiting, clock, sleep)
        while not _is_at(path, descriptor):  # whoever held it took the file away
            gone, (descriptor, made) = descriptor, _open(path, mode)
            os.close(gone)
            _wait(descriptor, path, end, timeout, waiting, clock, sleep)
        if signed:
            _sign(descriptor, command)
        yield Lock(path=path, fd=descriptor, made=made)
    finally:
        os.close(descriptor)  # LOCK_UN would take the lock from a child that still works


def _missing(folder: str) -> Iterator[str]:
    while not os.path.lexists(folder):
        yield folder
        folder = os.path.dirname(folder)


def _open(path: str, mode: int) -> tuple[int, tuple[str, ...]]:
    """The file, and the folders that were made for it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    folder = os.path.dirname(path)
    try:
        for attempt in itertools.count(1):
            made = tuple(_missing(folder))
            try:
                for each in reversed(made):
                    os.mkdir(each, 0o700)
                return os.open(path, flags, mode), made
            except (FileNotFoundError, FileExistsError):  # another made them, or took them away, in this very moment
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError
    except OSError as error:
        refuse_another_users(folder)
        raise LockError(
            f"`{path}` cannot be opened, so the environment cannot be changed safely",
            evidence=(str(error),),
            hint="nothing was changed",
        ) from None


def _wait(
    descriptor: int,
    path: str,
    end: float,
    timeout: float,
    waiting: Callable[[Holder], None],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    if _taken(descriptor, path):
        return
    waiting(read_holder(path))
    while not _taken(descriptor, path):
        if clock() >= end:
            raise LockError(
                f"another installation is changing this environment, and did not end within {timeout:g} seconds",
                evidence=(*read_holder(path).lines(), f"lock     {path}"),
                hint="nothing was changed; wait for it, or end that process, and run this again",
            )
        sleep(POLL)


def _taken(descriptor: int, path: str) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise LockError(
            f"`{path}` cannot be locked",
            evidence=(str(error),),
            hint="nothing was changed; this file system has no locks",
        ) from None
    return True


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def remove_if_alone(lock: Lock) -> None:
    """Take the file of a lock that is held, and its folder, away where nothing else is in it: nothing was done then.

    Folders that were made for it go as well. Who waits for the lock sees that its file is gone, and makes another. No
    child may have it any more.
    """
    folder = os.path.dirname(lock.path)
    with contextlib.suppress(OSError):
        if os.listdir(folder) == [os.path.basename(lock.path)]:
            os.unlink(lock.path)
            for each in dict.fromkeys((folder, *lock.made)):
                os.rmdir(each)


def _sign(descriptor: int, command: str) -> None:
    """Write who holds it. A full disk must not stop us here: the lock holds without a name."""
    content = json.dumps({"pid": os.getpid(), "command": without_urls(command), "since": time.time()}).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, content, 0)
    except OSError:
        pass


def read_holder(path: str) -> Holder:
    """Who says to hold the lock on ``path``."""
    try:
        with open(path, "rb") as file:
            return parse_holder(file.read(4096), alive=is_alive)
    except OSError:
        return parse_holder(b"", alive=is_alive)


def parse_holder(content: bytes, *, alive: Callable[[int], bool]) -> Holder:
    """The holder that a lock file names; one of whom nothing is known where it names none."""
    try:
        data = json.loads(content)
        pid = int(data["pid"])
        return Holder(pid=pid, command=str(data["command"]), since=float(data["since"]), alive=alive(pid))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Holder(pid=None, command=None, since=None, alive=None)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine runs; a zombie does not."""
    if sys.platform == "linux":
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                return file.read().rpartition(b")")[2].split()[0] != b"Z"
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
