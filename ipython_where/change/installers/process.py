"""An installer as a child process: no standard input, a session of its own, its lines handed over as they come.

The child must not get the kernel's signals (an interrupt of the kernel is answered here, with a clean end and a roll-back),
and must not be waited for longer than it takes to end it: `STOP_SECONDS`, then it is killed with all that it started.
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
"""What is done while an installer works."""


def nothing() -> None:
    """Where nothing is left to do meanwhile."""


class Child(Protocol):
    """How an installer is run: passed in, so that a caller can put another in its place."""

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
) -> Completed:
    """Run an installer to its end; ``show`` gets each line that it writes, and ``keep`` are descriptors that it inherits.

    ``data``: standard output is no talk but an answer to be parsed, and is not shown. ``meanwhile`` is called once it has been
    started, and its lines wait until that is done. On `KeyboardInterrupt`, and on any other exception, the child and all that
    it started are ended before the exception goes on. Raises `CommandError` when it cannot be started.
    """
    with start(command.argv, command, keep=keep) as process, ended_on_error(process):
        meanwhile()
        output, errors, _ = read_lines(process, show, data=data)
        returncode = process.wait()
    return Completed(argv=command.argv, returncode=returncode, stdout=output, stderr=errors)


def start(argv: Sequence[str], command: Command, *, keep: Sequence[int]) -> Popen[bytes]:
    """Start a program in the world of a command."""
    import subprocess

    try:
        return subprocess.Popen(
            list(argv),
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(keep) if os.name == "posix" else (),
        )
    except OSError as error:
        raise CommandError(f"`{argv[0]}` cannot be started", evidence=(str(error),)) from None


@contextlib.contextmanager
def ended_on_error(process: Popen[bytes]) -> Iterator[None]:
    """End the process with all that it started where the block does not end well."""
    try:
        yield
    except BaseException:
        stop(process)
        raise


def read_lines(process: Popen[bytes], show: Show, *, data: bool, answers: int | None = None) -> tuple[str, str, bytes]:
    """Standard output and standard error to their ends, or until a line has come from ``answers``, which is the third.

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
        # what was printed before the answer is in the pipes already
        while selector.get_map() and (ready := selector.select(0 if answer.endswith(b"\n") else None)):
            for key, _ in ready:
                part = os.read(key.fd, 65536)
                if not part:
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
    """The lines that ``part`` completes; at the end of the pipe (an empty part) what is left."""
    *whole, rest = (pending[name] + part).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    pending[name] = rest if part else b""
    if not part and rest:
        whole.append(rest)
    for line in whole:
        yield line.decode("utf-8", "replace")


def stop(process: Popen[bytes]) -> None:
    """End the child and its descendants: asked first, killed after `STOP_SECONDS`."""
    import subprocess

    for send in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(process.pid, send)
            else:
                process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            break
    if os.name == "posix":
        with contextlib.suppress(OSError):  # descendants that outlived their parent
            os.killpg(process.pid, signal.SIGKILL)
