"""The one door to subprocesses: an argv list in, what the program printed out, nothing raised for a bad exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .errors import CommandError
from .value import dataclass


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


def run(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """Run ``argv`` without a shell and without standard input, for at most ``timeout`` seconds.

    Raises `CommandError` when it cannot be started or does not end in time; the child is then killed.
    """
    import subprocess  # 3 ms, and most answers need no program

    try:
        done = subprocess.run(
            list(argv), env=dict(env), cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True
        )
    except subprocess.TimeoutExpired:
        raise CommandError(f"`{argv[0]}` did not answer within {timeout:g} seconds") from None
    except (OSError, ValueError) as error:
        raise CommandError(f"`{argv[0]}` cannot be started", evidence=(str(error),)) from None
    return Completed(
        argv=tuple(argv),
        returncode=done.returncode,
        stdout=done.stdout.decode("utf-8", "replace"),
        stderr=done.stderr.decode("utf-8", "replace"),
    )


def never(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    """The runner for answers that must come from reading alone: it refuses every program."""
    raise CommandError(f"`{argv[0]}` was not run: only files are read for this answer")
