"""An installer as a child process: standard input of its own, its own session, and its output passed on line by line.

Its own session keeps the kernel's signals away: an interrupt is handled here, with a clean end and a rollback. A child that
does not end within `STOP_SECONDS` is killed, together with everything that it started.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ipython_where.errors import CommandError
from ipython_where.runner import Completed

from .interface import Command

if TYPE_CHECKING:
    from subprocess import Popen

STOP_SECONDS = 1.0
"""How long an interrupted installer may take to end by itself."""

Show = Callable[[str], None]
Meanwhile = Callable[[], object]
"""Work to do while an installer runs."""


def nothing() -> None:
    """No work to do meanwhile."""


class Child(Protocol):
    """How an installer is run: a parameter, so that callers can replace it."""

    def __call__(
        self,
        command: Command,
        *,
        show: Show,
        keep: Sequence[int] = (),
        data: bool = False,
        meanwhile: Meanwhile = nothing,
    ) -> Completed: ...


def run_child(
    command: Command,
    *,
    show: Show,
    keep: Sequence[int] = (),
    data: bool = False,
    meanwhile: Meanwhile = nothing,
    started: Popen[bytes] | None = None,
) -> Completed:
    """Run an installer to its end. ``show`` gets each line that it writes; it inherits the descriptors ``keep``.

    ``data``: standard output is data to parse, and is not shown. ``meanwhile`` is called after the start; output waits until
    it returns. On any exception, `KeyboardInterrupt` included, the child and everything that it started are ended before the
    exception propagates. Raises `CommandError` if the child cannot be started. ``started``: it already was, and waits for its
    input.
    """
    with started or start(command.argv, command, keep=keep) as process, ended_on_error(process):
        _give(command.input, process)
        meanwhile()
        output, errors, _ = read_lines(process, show, data=data)
        returncode = process.wait()
    return Completed(argv=command.argv, returncode=returncode, stdout=output, stderr=errors)


def start(argv: Sequence[str], command: Command, *, keep: Sequence[int]) -> Popen[bytes]:
    """Start a program with the environment and working directory of a command."""
    import subprocess

    try:
        return subprocess.Popen(
            list(argv),
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL if command.input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(keep) if os.name == "posix" else (),
        )
    except OSError as error:
        raise CommandError(f"`{argv[0]}` cannot be started", evidence=(str(error),)) from None


def _give(text: str | None, process: Popen[bytes]) -> None:
    if text is not None and process.stdin is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as input:  # it may have ended: its lines say why
            input.write(text.encode())


@contextlib.contextmanager
def ended_on_error(process: Popen[bytes]) -> Iterator[None]:
    """End the process and everything that it started if the block raises."""
    try:
        yield
    except BaseException:
        stop(process)
        raise


def read_lines(process: Popen[bytes], show: Show, *, data: bool, answers: int | None = None) -> tuple[str, str, bytes]:
    """Read standard output and standard error to the end, or until ``answers`` yields a line, which is the third result.

    In one thread, so that an interrupt reaches the reader at once.
    """
    import selectors

    assert process.stdout is not None and process.stderr is not None
    shows: dict[str, Show] = {"out": _ignore if data else show, "err": show}
    texts: dict[str, list[str]] = {"out": [], "err": []}
    pending = {"out": b"", "err": b""}
    answer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, "out")
        selector.register(process.stderr, selectors.EVENT_READ, "err")
        if answers is not None:
            selector.register(answers, selectors.EVENT_READ, "answer")
        # after the answer, drain the pipes: everything that was printed before it is already in them
        while selector.get_map() and (ready := selector.select(0 if answer.endswith(b"\n") else None)):
            for key, _ in ready:
                if not (part := os.read(key.fd, 65536)):
                    selector.unregister(key.fileobj)
                if key.data == "answer":
                    answer += part
                else:
                    _take_in(key.data, part, pending, texts, shows)
    for name in texts:
        _take_in(name, b"", pending, texts, shows)
    return "\n".join(texts["out"]), "\n".join(texts["err"]), answer


def _ignore(line: str) -> None: ...


def _take_in(
    name: str, part: bytes, pending: dict[str, bytes], texts: Mapping[str, list[str]], shows: Mapping[str, Show]
) -> None:
    for line in _lines(pending, name, part):
        texts[name].append(line)
        shows[name](line)


def _lines(pending: dict[str, bytes], name: str, part: bytes) -> Iterator[str]:
    """The lines that ``part`` completes; at the end of the pipe (an empty part), the remaining text."""
    # a progress bar rewrites its line after a bare CR
    *whole, rest = (pending[name] + part).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    pending[name] = rest if part else b""
    if not part and rest:
        whole.append(rest)
    for line in whole:
        yield line.decode("utf-8", "replace")


def stop(process: Popen[bytes]) -> None:
    """End the child and its descendants: SIGTERM first, SIGKILL after `STOP_SECONDS`."""
    import subprocess

    for send in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(OSError):
            if os.name == "posix":
                # it leads its session, so its group has its number
                os.killpg(process.pid, send)
            else:
                process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            break
    if os.name == "posix":
        with contextlib.suppress(OSError):  # descendants that outlived their parent
            os.killpg(process.pid, signal.SIGKILL)
