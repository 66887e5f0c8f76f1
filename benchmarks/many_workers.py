"""Ten thousand answers of workers: grouped, compared with the kernel and drawn. The cluster is simulated, its answers are real.

A real cluster's time is its engine's: what a worker spends on a question, and what is sent for it, are measured here as well.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time
from typing import Any

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.show import faces
from ipython_where.workers.asking import Client, ask_modules
from ipython_where.workers.engine import Reply
from ipython_where.workers.question import environment_question, listing_question, module_question
from tests.workers.simulated import Simulated, SimulatedEngine, mixed

COUNT = 10_000
GOAL = 0.3
"""Seconds for all of them."""


class Ready(SimulatedEngine):
    """Gives answers that were made before."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self._replies = replies

    def workers(self, client: Simulated) -> list[str]:
        return [*self._replies]

    def run_everywhere(self, client: Any, expression: str, **options: Any) -> Mapping[str, Reply]:
        return self._replies


def measure_many_workers(rounds: int) -> str:
    """A table of seconds of CPU, with the goal."""
    question = module_question([("packaging", "packaging")])
    cluster = Simulated(COUNT, mixed)
    engine = Ready(SimulatedEngine().run_everywhere(cluster, question, timeout=60))
    client, world = Client(name="client", client=cluster, engine=engine), World.here()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def answer() -> Any:
        return ask_modules(["packaging"], client, world, progress=Silent(), timeout=60)[0]

    found = answer()
    drawn = faces.html(found)
    rows = {
        f"{COUNT:,} answers grouped and compared": seconds(answer, rounds),
        "text and HTML drawn": seconds(lambda: (faces.text(found), faces.html(found)), rounds),
        "one worker's answer about a module": seconds(lambda: eval(question), rounds * 10),
        "one worker's digest of its environment": seconds(lambda: eval(environment_question()), rounds * 10),
    }
    lines = [f"| {name} | {took * 1e3:.1f} ms |" for name, took in rows.items()]
    both = sum([*rows.values()][:2])
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    listing = len(eval(listing_question()))
    return "\n".join(
        (
            "| workers | CPU |\n|---|---|",
            *lines,
            f"\ngrouped and drawn: {both:.2f} s, goal {GOAL} s; {more / 1024:.0f} MB more; HTML {len(drawn) / 1000:.1f} kB",
            f"sent to each: {len(question) / 1000:.0f} kB; back: {len(eval(question)) / 1000:.1f} kB about a module,"
            f" {len(eval(environment_question())) / 1000:.1f} kB as a digest, {listing / 1000:.1f} kB for each that differs",
            f"the JSON of the answer: {len(json.dumps(found.to_dict())) / 1000:.0f} kB",
        )
    )


def seconds(call: Callable[[], object], rounds: int) -> float:
    """The median of the CPU's seconds, after a first call."""
    call()
    times = []
    for _ in range(rounds):
        begin = process_time()
        call()
        times.append(process_time() - begin)
    return median(times)
