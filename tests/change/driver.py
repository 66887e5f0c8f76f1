"""A process that carries out `%safepip` lines, one for each line of its standard input, and answers each with JSON.

It records what it is told to show, and the argument list of every process that it starts.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ipython_where.answer.world import World
from ipython_where.change.commands.dispatch import carry_out_in
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.target_environment import TargetEnvironment
from ipython_where.change.values import HistoryAnswer, InstallAnswer
from ipython_where.errors import WhereError
from tests.change.transaction.worlds import QuickDisk


class Recorded:
    """A progress that keeps everything that it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def step(self, name: str) -> None:
        self.told.append(name)

    def amount(self, done: int, total: int, received: int | None = None) -> None: ...

    def line(self, text: str) -> None:
        self.told.append(text)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def close(self) -> None: ...


def carry_out(line: str) -> dict[str, Any]:
    """What came of a line: its answer, text or error, with all that was shown on the way."""
    progress = Recorded()
    found: dict[str, Any] = {"answer": None, "shown": None, "error": None}
    try:
        request = parse_request(split_line(line))
        place = TargetEnvironment(world=World.here(), progress=progress, user=request.user, disk=QuickDisk())
        outcome = carry_out_in(place, request)
        if isinstance(outcome, InstallAnswer | HistoryAnswer):
            bundle = outcome._repr_mimebundle_()
            found |= {"answer": outcome.to_dict(), "shown": "\n".join(bundle.values()) + repr(outcome)}
        else:
            found["shown"] = outcome
    except WhereError as error:
        found["error"] = "\n".join(error.lines())
    return {**found, "told": progress.told}


def main() -> None:
    """Answer until standard input ends."""
    started: list[list[str]] = []

    def record(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen":
            started.append([str(each) for each in arguments[1]])

    sys.addaudithook(record)
    for line in sys.stdin:
        answer = carry_out(line.rstrip("\n"))
        print(json.dumps({**answer, "started": started.copy()}), flush=True)
        started.clear()


if __name__ == "__main__":
    main()
