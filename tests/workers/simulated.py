"""A cluster of any size: its workers' answers are this process's own, with other versions, processes and machines in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ipython_where.workers.engine import Answered, Reply, Unanswered


class Simulated(NamedTuple):
    """``number`` workers; ``change`` alters what the worker of a number answers, or returns why it does not answer."""

    number: int
    change: Callable[[int, dict[str, Any]], str | None]

    @property
    def names(self) -> list[str]:
        """The workers' names, as dask has them."""
        return [
            f"tcp://10.{number // 2500}.{number // 50 % 50}.{number % 50}:4{number % 10}123"
            for number in range(self.number)
        ]


class SimulatedEngine:
    """Answers at once."""

    name = "simulated"

    def matches(self, client: object) -> bool:
        return isinstance(client, Simulated)

    def workers(self, client: Simulated) -> Sequence[str]:
        return client.names

    def run_everywhere(
        self, client: Simulated, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        process, machine, text = eval(expression).split("\n")
        chosen = None if workers is None else {*workers}
        return {
            name: self._reply(client, number, (process, machine, text))
            for number, name in enumerate(client.names)
            if chosen is None or name in chosen
        }

    def _reply(self, client: Simulated, number: int, real: tuple[str, str, str]) -> Reply:
        process, machine, text = real
        what = json.loads(text)
        for module in what.get("modules", ()):
            module["passed"] = []  # pytest's own finder, which no worker has
        refused = client.change(number, what)
        if refused is not None:
            return Unanswered(reason=refused)
        process = re.sub(r'"pid": \d+', f'"pid": {1000 + number}', process)
        machine = re.sub(r'"name": "[^"]*"', f'"name": "node{number // 50}"', machine)
        return Answered(text=f"{process}\n{machine}\n{json.dumps(what, sort_keys=True)}")

    def remember(self, client: object, name: str, expression: str | None) -> bool:
        return False


def mixed(number: int, what: dict[str, Any]) -> str | None:
    """Of each forty, one has an older version; of each hundred, one has none; some have another Python, and some are silent."""
    if number % 500 == 499:
        return "no answer in 10 s"
    for module in what.get("modules", ()):
        if number % 40 == 39:
            module.update(version="1.0", file="/srv/old/lib/python3.12/site-packages/packaging/__init__.py")
        elif number % 100 == 98:
            module.update(found=False, file=None, kind=None, distribution=None, version=None, owners=[])
    if number % 200 == 197:
        what["python"].update(version="3.10.4", prefix="/srv/python3.10", executable="/srv/python3.10/bin/python")
    return None
