"""A cluster that is nothing but interpreters of this machine: each evaluates what it is asked, in a process of its own.

It is the engine of a third party: `tests/workers/test_magic.py` installs this file as a wheel with an entry point.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from threading import Thread

from ipython_where.workers.engine import SCHEDULER, Answered, ClientError, Reply, Unanswered

EVALUATE = "import sys; source = sys.stdin.read(); sys.stdout.write(eval(source))"
"""What a worker does with an expression."""


class Interpreters:
    """A client: worker names, each with the command that starts its Python, and what it runs before it evaluates."""

    def __init__(
        self, pythons: Mapping[str, str], *, first: Mapping[str, str] | None = None, cwd: str | None = None
    ) -> None:
        self.pythons = dict(pythons)
        self.first = dict(first or {})
        self.cwd = cwd
        self.closed = False
        self.asked: list[str] = []
        self.running: list[subprocess.Popen[str]] = []


class InterpretersEngine:
    """Starts them all at once, and kills those that are late."""

    name = "interpreters"

    def matches(self, client: object) -> bool:
        return type(client).__name__ == "Interpreters"

    def workers(self, client: Interpreters) -> Sequence[str]:
        return [name for name in client.pythons if name != SCHEDULER]

    def run_everywhere(
        self, client: Interpreters, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        if client.closed:
            raise ClientError("`client` is closed", hint="`client = Interpreters(…)` connects again")
        names = [*client.pythons] if workers is None else workers
        client.asked += names
        started = {name: self._start(client, name) for name in names}
        replies: dict[str, Reply] = {}

        def ask(name: str) -> None:
            replies[name] = self._reply(started[name], expression, timeout)

        asking = [Thread(target=ask, args=(name,), daemon=True) for name in names]
        try:
            for each in asking:
                each.start()
            client.running = [*started.values()]
            while any(each.is_alive() for each in asking):
                time.sleep(0.01)
            return {name: replies[name] for name in names}
        finally:
            for process in started.values():
                process.kill()
            for each in asking:
                each.join()
            client.running = []

    def _start(self, client: Interpreters, name: str) -> subprocess.Popen[str]:
        code = f"{client.first.get(name, '')}\n{EVALUATE}"
        pipe = subprocess.PIPE
        argv = [client.pythons[name], "-c", code]
        return subprocess.Popen(argv, text=True, cwd=client.cwd, stdin=pipe, stdout=pipe, stderr=pipe)

    def _reply(self, process: subprocess.Popen[str], expression: str, timeout: float) -> Reply:
        try:
            out, err = process.communicate(expression, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Unanswered(reason="no answer in time")
        if process.returncode != 0:
            last = (err.splitlines() or [f"it ended with {process.returncode}"])[-1]
            return Unanswered(reason=last)
        return Answered(text=out)

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        return False


def make() -> InterpretersEngine:
    """What the entry point names."""
    return InterpretersEngine()
