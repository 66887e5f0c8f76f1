"""The one door to subprocesses: an argv list in, what the program printed out, nothing raised for a bad exit code.

A question runs nothing that others could have put there: `run` asks `trust` first. What an install runs is the
installers' (`change/installers/process`).

Tested in `tests/facts/interpreters/test_executables.py`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .errors import CommandError, NotRunError
from .value import dataclass

if TYPE_CHECKING:
    from subprocess import Popen

_DRAINED = 1.0  # seconds in which what a program has printed before it ended is read

OUTPUT = 4_000_000
"""Bytes that are kept of a program's output: one that prints without end must not fill the memory."""

QUESTION = 6.0
"""Seconds that one question may take in all, whatever it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A program that ended: its exit code (negative: the signal) and what it printed, decoded leniently."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


class Runner(Protocol):
    """How a reader runs a program: passed in, so that a test or a caller can put another in its place."""

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a question must be answered, by a clock that never goes back."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """So many seconds from now."""
        return cls(at=clock() + seconds, clock=clock)

    def left(self) -> float:
        """The seconds that are left, none when it has passed."""
        return max(0.0, self.at - self.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Runs a program of which `trust` says that this user or root put it there.

    ``path`` is the PATH whose absolute entries are the user's word, by default the one that the program is given.
    """

    path: str | None = None

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
        """Run ``argv`` without a shell and without standard input, for at most ``timeout`` seconds.

        Words of ``argv`` that are absolute paths are run too, as far as this can tell. Raises `NotRunError` for what must
        not be run, `CommandError` when it cannot be started or does not end in time; it is then killed.
        """
        from .trust import why_not_run

        named = env.get("PATH", "") if self.path is None else self.path
        files = [word for word in argv[1:] if os.path.isabs(word) and os.path.isfile(word)]
        reason = why_not_run(argv[0], files, env=env, cwd=cwd, named=named)
        if reason is not None:
            raise NotRunError(f"`{argv[0]}` was not run: {reason}")
        return execute(argv, env=env, cwd=cwd, timeout=timeout)


run = Door()


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A runner that never takes longer than is left of a question's time."""

    run: Runner
    deadline: Deadline

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
        """Run ``argv``; raises `NotRunError` where no time is left."""
        left = self.deadline.left()
        if left <= 0:
            raise NotRunError(f"`{argv[0]}` was not run: the time for this question was over")
        return self.run(argv, env=env, cwd=cwd, timeout=min(timeout, left))


def never(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """The runner for answers that must come from reading alone: it refuses every program."""
    raise NotRunError(f"`{argv[0]}` was not run: only files are read for this answer")


# -- running -----------------------------------------------------------------------------------------------------------


def execute(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """Run ``argv``, whatever it is: for what the user asked to be run. Raises `CommandError`."""
    import subprocess  # 3 ms, and most answers need no program
    from threading import Thread

    deadline = Deadline.after(timeout)
    pipe = subprocess.PIPE
    try:  # in a session of its own, so that all that it started ends with it
        process = subprocess.Popen(
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise CommandError(f"`{argv[0]}` cannot be started", evidence=(str(error),)) from None
    kept = bytearray(), bytearray()
    readers = [
        Thread(target=_keep, args=each, daemon=True)
        for each in zip((process.stdout, process.stderr), kept, strict=True)
    ]
    for reader in readers:
        reader.start()
    try:
        process.wait(deadline.left())
    except subprocess.TimeoutExpired:
        raise CommandError(f"`{argv[0]}` did not answer within {timeout:.3g} seconds") from None
    finally:
        _end(process)
    for reader in readers:  # what it left running may keep its output open: that is nothing to wait for
        reader.join(_DRAINED)
    stdout, stderr = (bytes(each).decode("utf-8", "replace") for each in kept)
    return Completed(argv=tuple(argv), returncode=process.returncode, stdout=stdout, stderr=stderr)


def _keep(stream: Any, kept: bytearray) -> None:
    """Read to the end, so that the program does not stand still, and keep the beginning."""
    with stream:
        while chunk := stream.read1(65536):
            kept += chunk[: OUTPUT - len(kept)]


def _end(process: Popen[bytes]) -> None:
    """Kill a program that still runs, and what it started."""
    import signal

    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (OSError, AttributeError):  # it ended meanwhile, or has no group (Windows)
            process.kill()
        process.wait()
