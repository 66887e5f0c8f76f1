"""The only way to run a subprocess: takes an argv list, returns what the program printed, and ignores a bad exit code.

A question runs nothing that others could have put there: `run` asks `trust` first. What an install runs goes through
the installers (`change/installers/process`).

Tested in `tests/test_trust.py`.
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

_DRAINED = 1.0  # seconds for reading what a program printed before it ended

OUTPUT = 4_000_000
"""How many bytes of a program's output are kept: endless output must not fill the memory."""

QUESTION = 6.0
"""The time limit for one whole question, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A program that ended: its exit code (negative: the signal) and its output, decoded leniently."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


class Runner(Protocol):
    """How a reader runs a program: passed in, so that a test or a caller can substitute another."""

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a question must be answered, on a monotonic clock."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> Deadline:
        """The deadline ``seconds`` from now."""
        return cls(at=clock() + seconds, clock=clock)

    def left(self) -> float:
        """The seconds left, 0 after it has passed."""
        return max(0.0, self.at - self.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Runs a program if `trust` confirms that this user or root put it there.

    ``path`` is the PATH whose absolute entries express the user's trust, by default the one passed to the program.
    """

    path: str | None = None

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
        """Run ``argv`` without a shell and without standard input, for at most ``timeout`` seconds.

        Absolute paths in ``argv`` are treated as files that will run, too. Raises `NotRunError` for what must
        not be run, and `CommandError` if it can't be started or is killed because it does not end in time.
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
    """A runner that never takes longer than the question has left."""

    run: Runner
    deadline: Deadline

    def __call__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
        """Run ``argv``; raises `NotRunError` if no time is left."""
        left = self.deadline.left()
        if left <= 0:
            raise NotRunError(f"`{argv[0]}` was not run: the time for this question was over")
        return self.run(argv, env=env, cwd=cwd, timeout=min(timeout, left))


def never(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """The runner for answers that must come from reading alone: it refuses every program."""
    raise NotRunError(f"`{argv[0]}` was not run: only files are read for this answer")


# -- running -----------------------------------------------------------------------------------------------------------


def execute(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """Run ``argv``, whatever it is: for commands that the user asked for. Raises `CommandError`."""
    import subprocess  # 3 ms, and most answers need no program
    from threading import Thread

    deadline = Deadline.after(timeout)
    pipe = subprocess.PIPE
    try:  # in its own session, so that everything it started ends with it
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
    for reader in readers:  # don't wait for its children: one that still runs may keep the output open
        reader.join(_DRAINED)
    stdout, stderr = (bytes(each).decode("utf-8", "replace") for each in kept)
    return Completed(argv=tuple(argv), returncode=process.returncode, stdout=stdout, stderr=stderr)


def _keep(stream: Any, kept: bytearray) -> None:
    """Keep the beginning but read to the end, so that the program does not block on a full pipe."""
    with stream:
        while chunk := stream.read1(65536):
            kept += chunk[: OUTPUT - len(kept)]


def _end(process: Popen[bytes]) -> None:
    """Kill a program that still runs, and everything it started."""
    import signal

    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (OSError, AttributeError):  # it has already ended, or has no process group (Windows)
            process.kill()
        process.wait()
