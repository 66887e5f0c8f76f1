"""What workers that join a cluster later are to bring into their environments first, where its engine can tell them.

An engine keeps one expression of a name, so what was installed before has to be in it, too: this process remembers that, for each
client. It is the whole of it, and an answer says so.

Tested in `tests/workers/test_late.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex
from typing import Any
from weakref import WeakKeyDictionary

from ipython_where.value import dataclass

from . import parcel
from .asking import Client
from .calls import expression
from .places import KnownPlan
from .sent_line import SentLine

RUNS_ON = ("distributed", "dask", "ipyparallel", "ray", "pyspark", "ipykernel", "IPython")
"""The modules of the engines that there are, by which it is known what a worker must not lose."""

NAME = "safepip"
"""What an engine knows it by."""

PATIENCE = 120.0
"""Seconds that a worker waits for its environment before it joins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateJob:
    """One rollout as a late worker repeats it: the line, and what was planned for it.

    ``brought`` are the distributions that it brings, with their versions, and ``taken`` those that it removes. ``undone_by`` is
    the rollout that undid it.
    """

    rollout: str
    sent: SentLine
    brought: tuple[str, ...]
    taken: tuple[str, ...]
    plans: tuple[KnownPlan, ...]
    undone_by: str | None = None


class LateJobs:
    """The rollouts of each client."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Any, tuple[LateJob, ...]] = WeakKeyDictionary()

    def add(self, client: Client, job: LateJob) -> str:
        """Have late workers do this as well; a sentence about what came of it."""
        missed = "do not lose it" if job.taken else "do not get it"
        if job.sent.is_secret:
            return f"workers that join later {missed}: the line has a credential, which no engine should keep"
        return self._tell(client, (*self._jobs(client), job), missed)

    def undo(self, client: Client, rollout: str, *, by: str) -> str | None:
        """Have late workers do this no more, or, where it is an undo itself, what it undid once more. None if nothing changes."""
        jobs = self._jobs(client)
        now = tuple(_undone(each, rollout, by) for each in jobs)
        return self._tell(client, now) if now != jobs else None

    def _jobs(self, client: Client) -> tuple[LateJob, ...]:
        try:
            return self._of.get(client.client, ())
        except TypeError:  # it takes no weak reference
            return ()

    def _tell(self, client: Client, jobs: tuple[LateJob, ...], missed: str = "do not get it") -> str:
        in_force = tuple(each for each in jobs if each.undone_by is None)
        text = late_expression(in_force) if in_force else None
        try:
            is_kept = client.engine.remember(client.client, NAME, text)
        except Exception as error:  # the change is made; an engine that fails here takes nothing of it back
            return f"workers that join later {missed}: {type(error).__name__}: {error}"
        if not is_kept:
            return f"workers that join later {missed}: {client.engine.name} cannot tell them"
        with suppress(TypeError):
            self._of[client.client] = jobs
        return f"workers that join later {_what_they_do(in_force)}"


def _undone(job: LateJob, rollout: str, by: str) -> LateJob:
    if job.rollout == rollout and job.undone_by is None:
        return replace(job, undone_by=by)
    return replace(job, undone_by=None) if job.undone_by == rollout else job


def _what_they_do(jobs: Sequence[LateJob]) -> str:
    """What comes of the lines, one after the other: what a later one replaces or removes is no more than in the others'."""
    got: dict[str, None] = {}
    lost: dict[str, None] = {}
    for job in jobs:
        names = {*map(_name_of, job.brought), *job.taken}
        lost = {each: None for each in lost if each not in names} | dict.fromkeys(job.taken)
        got = {each: None for each in got if _name_of(each) not in names} | dict.fromkeys(job.brought)
    does = [f"{verb} {', '.join(names)}" for verb, names in (("get", got), ("lose", lost)) if names]
    return f"{' and '.join(does)} first" if does else "get nothing"


def _name_of(brought: str) -> str:
    return brought.rpartition(" ")[0]


def late_expression(jobs: Sequence[LateJob]) -> str:
    """What a late worker evaluates before it joins."""
    given = {
        "parcel": parcel.parcel(),
        "digest": parcel.digest(),
        "patience": PATIENCE,
        "runs_on": RUNS_ON,
        "jobs": [_given(each) for each in jobs],
    }
    return expression("join", given)


def _given(job: LateJob) -> dict[str, Any]:
    plans = [{"kind": each.kind, "holds": each.holds, "pins": each.pins, "limits": each.limits} for each in job.plans]
    sent = {"words": job.sent.words, "files": job.sent.files.dump()}
    return {"token": token_hex(16), "rollout": job.rollout, **sent, "plans": plans}


LATE = LateJobs()
"""Of this process."""
