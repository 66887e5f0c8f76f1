"""Cases that take turns: each a process of its own, round after round, so that all of them meet the same noise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .inside import Times

INSIDE = str(Path(__file__).with_name("inside.py"))
Figures = dict[tuple[str, int], Times]
"""Milliseconds (medians) by case, number of distributions and what was timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A program to run: one of `inside`, which tells its own times, or another, whose whole CPU time is taken.

    ``rounds`` is for the slow ones: fewer than of the others.
    """

    name: str
    count: int
    argv: tuple[str, ...]
    tells: bool
    rounds: int | None = None


def inside(
    case: str, count: int, python: Path, /, *, rounds: int | None = None, label: str = "", **arguments: str
) -> Case:
    """A case of `inside`, run by an environment's interpreter."""
    argv = (str(python), INSIDE, case, json.dumps(arguments))
    return Case(name=label or case, count=count, argv=argv, tells=True, rounds=rounds)


def take_turns(cases: Sequence[Case], rounds: int, environ: dict[str, str]) -> Figures:
    """The medians of as many rounds, after one that only warms caches and compiles."""
    times: dict[tuple[str, int], list[Times]] = {}
    with tempfile.TemporaryDirectory() as cwd:
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", file=sys.stderr)
            for case in cases:
                if number <= (case.rounds or rounds):
                    measured = _run(case, environ, cwd)
                    if number:
                        times.setdefault((case.name, case.count), []).append(measured)
    return {key: {what: median(each[what] for each in taken) for what in taken[0]} for key, taken in times.items()}


def _run(case: Case, environ: dict[str, str], cwd: str) -> Times:
    variables = {**environ, "PATH": f"{Path(case.argv[0]).parent}:/usr/local/bin:/usr/bin:/bin"}
    process = subprocess.Popen(case.argv, env=variables, cwd=cwd, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as output:
        printed = output.read()
    _, status, used = os.wait4(process.pid, 0)  # not `wait`: this one tells the CPU time of the process
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(case.argv)} ended with {process.returncode}")
    return dict(json.loads(printed)) if case.tells else {"first": (used.ru_utime + used.ru_stime) * 1e3}
