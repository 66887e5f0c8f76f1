"""Starts an installer once for all commands of one request.

Most of an installer's time for a small package is its start-up, and an install needs it twice: to plan and to stage. pip, the
program in `Command.start`, keeps running and carries out one command after the other (see `pip_server`). uv is started for
both at once: the second waits for its `Command.input`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from ipython_where.errors import CommandError
from ipython_where.runner import Completed

from .interface import Command
from .process import STOP_SECONDS, Meanwhile, Show, ended_on_error, nothing, read_lines, run_child, start, stop

if TYPE_CHECKING:
    from subprocess import Popen


_RESIDENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_server.py")


class Children:
    """A `Child` whose programs end with the block. All of them inherit the descriptors ``keep`` (the lock)."""

    def __init__(self, *, keep: Sequence[int] = ()) -> None:
        self._keep = tuple(keep)
        self._resident: _Resident | None = None
        self._waiting: tuple[Command, Popen[bytes]] | None = None

    def __enter__(self) -> Children:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._dismiss()
        finally:
            self._stop_waiting()

    def start_ahead(self, command: Command) -> None:
        """Start a program that reads its `input` later, when it is known. What can't be started says so when it is run."""
        if self._waiting is None:
            with contextlib.suppress(CommandError):
                self._waiting = command, start(command.argv, command, keep=self._keep)

    def _started(self, command: Command) -> Popen[bytes] | None:
        """The program that waits for the input of this very command."""
        if self._waiting is None or not _is_same(self._waiting[0], command):
            return None
        (_, process), self._waiting = self._waiting, None
        return process

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            (_, process), self._waiting = self._waiting, None
            with process:
                stop(process)

    def __call__(
        self,
        command: Command,
        *,
        show: Show,
        keep: Sequence[int] = (),
        data: bool = False,
        meanwhile: Meanwhile = nothing,
    ) -> Completed:
        """Run a command to its end, in the program that is already running if possible."""
        kept = (*self._keep, *keep)
        if not command.start or os.name != "posix":  # only POSIX passes descriptors on to a child
            started = self._started(command) if command.input is not None else None
            return run_child(command, show=show, keep=kept, data=data, meanwhile=meanwhile, started=started)
        if self._resident is None or not self._resident.can(command):
            self._dismiss()
            self._resident = _Resident(command, kept)
        done = self._resident.carry_out(command, show, data=data, meanwhile=meanwhile)
        if command.ends:
            self._dismiss()
        return done

    def _dismiss(self) -> None:
        if self._resident is not None:
            self._resident.close()
            self._resident = None


class _Resident:
    """A running `pip_server`: its process, and a pipe in each direction."""

    def __init__(self, command: Command, keep: Sequence[int]) -> None:
        self._first = command
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        try:
            self._process: Popen[bytes] = start(
                _argv(command, requests, answers), command, keep=(requests, answers, *keep)
            )
        except BaseException:
            os.close(self._requests)
            os.close(self._answers)
            raise
        finally:
            os.close(requests)
            os.close(answers)

    def can(self, command: Command) -> bool:
        """Whether the command needs the same program, working directory and environment."""
        first = self._first
        return first.start == command.start and _is_alike(first, command) and self._process.poll() is None

    def carry_out(self, command: Command, show: Show, *, data: bool, meanwhile: Meanwhile) -> Completed:
        """Let it carry out a command. If the process dies on the way, the exit status is the process's own."""
        words = json.dumps(command.argv[len(command.start) :])
        with ended_on_error(self._process):
            with contextlib.suppress(BrokenPipeError):  # the process is gone: reading ends at once
                os.write(self._requests, words.encode() + b"\n")
            meanwhile()
            output, errors, answer = read_lines(self._process, show, data=data, answers=self._answers)
            returncode = int(answer) if answer.endswith(b"\n") else self._process.wait()
        return Completed(argv=command.argv, returncode=returncode, stdout=output, stderr=errors)

    def close(self) -> None:
        """Ask it to end, and kill it if it does not."""
        import subprocess

        with contextlib.suppress(BrokenPipeError):
            os.write(self._requests, b"null\n")
        os.close(self._requests)
        with self._process, ended_on_error(self._process):
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                stop(self._process)
        os.close(self._answers)


def _is_same(waiting: Command, command: Command) -> bool:
    return waiting.argv == command.argv and _is_alike(waiting, command)


def _is_alike(one: Command, other: Command) -> bool:
    return (one.cwd, one.env) == (other.cwd, other.env)


def _argv(command: Command, requests: int, answers: int) -> tuple[str, ...]:
    """The command line of `pip_server` for a program ``python [-P] -m MODULE`` or ``python PATH``."""
    program = command.start
    options = 2 if program[1] == "-P" else 1
    return (*program[:options], _RESIDENT, str(requests), str(answers), command.kept or "", *program[options:])
