"""The locks of an environment: one change at a time, from any kernel, and never while uv changes it.

A lock is a ``flock``, which belongs to the open file and not to the process. A child that inherits `Lock.fd` keeps holding
it, so an installer that outlives a killed kernel still keeps others out.
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
from io import FileIO

from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.value import dataclass

from .journal import without_urls
from .owners import refuse_another_users

POLL = 0.05
ATTEMPTS = 100


class LockError(WhereError):
    """Another process is changing the environment, or the file system does not support locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock, as far as its file says. ``alive`` is False if that process has ended: then a child of it holds on."""

    pid: int | None
    command: str | None
    since: float | None
    alive: bool | None

    def evidence(self) -> tuple[Evidence, ...]:
        """The known facts, one a line."""
        if self.pid is None:
            return (Evidence(label="held by", value="a program that left no name (perhaps uv)"),)
        ended = "" if self.alive else ", which has ended; a program that it started is still running"
        found = [Evidence(label="held by", value=f"process {self.pid}{ended}")]
        if self.command:
            found.append(Evidence(label="running", value=f"`{self.command}`"))
        if self.since is not None:
            since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
            found.append(Evidence(label="since", value=since))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock that is held. Pass ``fd`` to every child that changes the environment (``pass_fds``).

    ``made`` are the folders that were created for its file, innermost first.
    """

    path: str
    fd: int
    made: tuple[str, ...] = ()


class AtWork(LockError):
    """The process that holds the lock is alive, so what looks unfinished is still in progress."""


def no_message(holder: Holder) -> None:
    """Wait silently."""


def only_after(message: Callable[[Holder], None]) -> Callable[[Holder], None]:
    """Wait, with a message, only for an installer that outlived its kernel. Raises `AtWork` if the holder is alive."""

    def waiting(holder: Holder) -> None:
        if holder.alive:
            raise AtWork("another installation is changing this environment", evidence=holder.evidence())
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
    """Hold the lock on ``path``. If it has to wait, it calls ``waiting`` once for each that holds it meanwhile.

    Raises `LockError` after ``timeout`` seconds. ``signed``: write our process and command into the file; not into uv's.
    """
    end = clock() + timeout
    file, made = _open(path, mode)
    try:
        _wait(file, path, end, timeout, waiting, clock, sleep)
        while not _is_at(path, file):  # the last holder deleted the file: we hold a lock that nobody else can see
            file.close()
            file, made = _open(path, mode)
            _wait(file, path, end, timeout, waiting, clock, sleep)
        if signed:
            _sign(file.fileno(), command)
        yield Lock(path=path, fd=file.fileno(), made=made)
    finally:
        file.close()  # no LOCK_UN: it would release the lock for a child that is still working


@contextmanager
def mamba_locked(
    meta: str,
    *,
    timeout: float = 300.0,
    waiting: Callable[[Holder], None] = no_message,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the lock that mamba and micromamba take on a prefix: byte 21 of `conda-meta.lock` in its folder ``meta``.

    It is one of fcntl's (libmamba/src/core/util.cpp, `LockFileOwner`). conda takes none. It is deleted
    afterwards, as mamba does, also where a killed process left it; but not while somebody waits for it: mamba would then hold a
    lock that nobody else can see.
    """
    path = os.path.join(meta, "conda-meta.lock")
    end = clock() + timeout
    file, _ = _open(path, 0o666)
    try:
        while not (_has_byte(file) and _is_at(path, file)):
            if not _is_at(path, file):  # mamba deleted it: nobody else would see our lock
                file.close()
                file, _ = _open(path, 0o666)
                continue
            if clock() >= end:
                raise LockError(
                    f"mamba is changing this environment and did not finish within {timeout:g} seconds",
                    evidence=(Evidence(label="lock", value=path),),
                    hint="wait for it, then run this again",
                    unchanged=True,
                )
            waiting(Holder(pid=None, command="mamba", since=None, alive=None))
            waiting = no_message
            sleep(POLL)
        try:
            yield
        finally:
            if not _is_awaited(file):
                with contextlib.suppress(OSError):
                    os.unlink(path)
    finally:
        file.close()


def _is_awaited(file: FileIO) -> bool:
    """Whether another process waits for a lock on a file, as far as the system tells."""
    try:
        with open("/proc/locks") as locks:
            waiting = [line.split() for line in locks if " -> " in line]
    except OSError:
        return False
    inode = str(os.fstat(file.fileno()).st_ino)
    return any(word.count(":") == 2 and word.endswith(f":{inode}") for words in waiting for word in words)


def _has_byte(file: FileIO) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _MAMBAS_BYTE)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


_MAMBAS_BYTE = 21


def _missing(folder: str) -> Iterator[str]:
    while not os.path.lexists(folder):
        yield folder
        folder = os.path.dirname(folder)


def _open(path: str, mode: int) -> tuple[FileIO, tuple[str, ...]]:
    """Open the file, and return it with the folders that were created for it.

    As an object, which closes itself: an interrupt may come before it is told to.
    """
    # no link is followed: where others may write, it could lead to any file of this user's
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    folder = os.path.dirname(path)
    try:
        for attempt in itertools.count(1):
            made = tuple(_missing(folder))
            try:
                for each in reversed(made):
                    os.mkdir(each, 0o700)
                return FileIO(path, "r+", opener=lambda name, _: os.open(name, flags, mode)), made
            except (FileNotFoundError, FileExistsError):  # another process created or deleted them just now
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError
    except OSError as error:
        refuse_another_users(folder)
        raise LockError(
            f"`{path}` cannot be opened, so the environment cannot be changed safely",
            evidence=(str(error),),
            unchanged=True,
        ) from None


def _wait(
    file: FileIO,
    path: str,
    end: float,
    timeout: float,
    waiting: Callable[[Holder], None],
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    told: Holder | None = None
    while not _taken(file, path):
        holder = read_holder(path)
        if holder != told:
            waiting(holder)
            told = holder
        if clock() >= end:
            raise LockError(
                f"another installation is changing this environment and did not finish within {timeout:g} seconds",
                evidence=(*holder.evidence(), Evidence(label="lock", value=path)),
                hint="wait for it or end that process, then run this again",
                unchanged=True,
            )
        sleep(POLL)


def _taken(file: FileIO, path: str) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # over NFS, Linux makes it one of fcntl's locks, which are refused with EACCES (flock(2), fcntl(2))
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise LockError(
            f"`{path}` cannot be locked: this file system has no locks",
            evidence=(str(error),),
            unchanged=True,
        ) from None
    return True


def _is_at(path: str, file: FileIO) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def remove_if_alone(lock: Lock) -> None:
    """Delete the file of a held lock and its folder if nothing else is in it: then nothing was changed.

    The folders that were created for it are deleted too. Whoever waits for the lock notices that the file is gone and
    creates another. No child may still hold it.
    """
    folder = os.path.dirname(lock.path)
    with contextlib.suppress(OSError):
        if os.listdir(folder) == [os.path.basename(lock.path)]:
            os.unlink(lock.path)
            for each in dict.fromkeys((folder, *lock.made)):
                os.rmdir(each)


def _sign(descriptor: int, command: str) -> None:
    """Write down who holds it. A full disk must not stop us here: the lock holds without a name."""
    content = json.dumps({"pid": os.getpid(), "command": without_urls(command), "since": time.time()}).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, content, 0)
    except OSError:
        pass


def read_holder(path: str) -> Holder:
    """The holder that the lock file at ``path`` names."""
    try:
        with open(path, "rb") as file:
            return parse_holder(file.read(4096), alive=is_alive)
    except OSError:
        return parse_holder(b"", alive=is_alive)


def parse_holder(content: bytes, *, alive: Callable[[int], bool]) -> Holder:
    """The holder that a lock file names; if it names none, every field is None."""
    try:
        data = json.loads(content)
        pid = int(data["pid"])
        return Holder(pid=pid, command=str(data["command"]), since=float(data["since"]), alive=alive(pid))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Holder(pid=None, command=None, since=None, alive=None)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine is running; a zombie is not."""
    if sys.platform == "linux":
        try:
            # a killed kernel is a zombie until its parent asks for its status, and `kill(pid, 0)` finds it all the same
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
