"""An engine whose workers are real interpreters on this machine, each a process that evaluates what it is sent."""

from __future__ import annotations

import base64
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ipython_where.workers.engine import Answered, Reply, Unanswered

_LOOP = """\
import base64, sys
for line in sys.stdin:
    text = eval(base64.b64decode(line).decode())
    sys.stdout.write(base64.b64encode(text.encode()).decode() + "\\n")
    sys.stdout.flush()
"""


class Interpreters:
    """The engine; a client of it is the mapping of its workers."""

    name = "interpreters"

    def __init__(self) -> None:
        self.later: dict[str, str] = {}
        self.sent: list[str] = []

    def matches(self, client: object) -> bool:
        return isinstance(client, Workers)

    def run_everywhere(
        self, client: object, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        assert isinstance(client, Workers)
        self.sent.append(expression)
        names = list(client if workers is None else workers)
        end = time.monotonic() + timeout
        for name in names:
            client[name].send(expression)
        return {name: client[name].reply(end) for name in names}

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        self.later.pop(name, None)
        self.later |= {name: expression} if expression is not None else {}
        return True


class Workers(dict[str, "Worker"]):
    """What a user has of them; as an object that is itself alone, like any client."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class Worker:
    """One interpreter."""

    def __init__(self, python: Path | str, environ: Mapping[str, str], cwd: Path, start: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*start, str(python), "-c", _LOOP],
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pipesize=1 << 20,  # a worker that hangs reads nothing, and whoever asks it must not hang, too
        )

    def send(self, expression: str) -> None:
        """Send it, if the worker lives."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(base64.b64encode(expression.encode()).decode() + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def reply(self, end: float) -> Reply:
        """Its answer before ``end``."""
        assert self.process.stdout is not None
        if self.process.stdout.closed:
            return Unanswered(reason="it died")
        ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
        line = self.process.stdout.readline() if ready else None
        if line is None:
            return Unanswered(reason="no answer in time")
        return Answered(text=base64.b64decode(line).decode()) if line else Unanswered(reason="it died")

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def workers_of(
    pythons: Mapping[str, Path | str], environ: Mapping[str, str], cwd: Path, *, start: Mapping[str, Sequence[str]] = {}
) -> Iterator[Workers]:
    """Workers by name, ended at the end."""
    found = Workers()
    try:
        for name, python in pythons.items():
            found[name] = Worker(python, environ, cwd, start.get(name, ()))
        yield found
    finally:
        for each in found.values():
            each.end()


def without_kernels_own(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a machine that knows nothing of this project."""
    return {name: value for name, value in environ.items() if name not in ("PYTHONPATH",) and value != os.devnull}
