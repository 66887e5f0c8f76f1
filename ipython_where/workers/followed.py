"""The leaders of a rollout as the kernel follows them: started, asked again and again, and told when to go on.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ipython_where.change.installers.progress import Progress
from ipython_where.interrupts import held
from ipython_where.legible import legible

from . import parcel
from .asking import Client
from .calls import Heard, ask, ask_again, expression, understood
from .engine import Answered, Unanswered
from .places import KERNEL, WorkerPlace
from .sent import fits, is_look, is_state

ANSWER = 30.0
"""Seconds that workers have for the first call: one that computes may not come to it at once."""

PATIENCE = 90.0
"""Seconds without an answer after which a leader counts as lost; as long as it works without being asked itself."""

_SHARE = 8
"""The part of the patience that one call may take: a worker that hangs costs a round and a look at who is there, and meanwhile
nobody asks the others' leaders."""

_AT_ONCE, _BYE = 0.6, 0.3
"""Seconds for the last word after an interrupt, and for letting those go that are done: a second in all."""

_POLLS = (0.05, 0.5)
"""Seconds between two rounds of questions, at first and at most: a round may start a job on the cluster."""

_LOOK = 5.0
"""Seconds between two looks at who is there, while somebody is silent."""

_STOP = 15.0
"""Seconds in which those that were told to stop should have; who is silent stops by itself."""

State = Mapping[str, Any]


_SILENT = Unanswered(reason="it did not answer")
_ODD = Unanswered(reason="its answer is not one of ours")


class Everyone:
    """The workers of a cluster, and this kernel among them under a name of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def look(self, given: State) -> Heard:
        """Where all of them run."""
        self._given = given
        return self._look(max(ANSWER, self.client.timeout))

    def look_again(self, timeout: float) -> Heard:
        """The same, now; nobody, where the engine fails."""
        try:
            return self._look(timeout)
        except Exception:
            return {}

    def _look(self, timeout: float) -> Heard:
        here: Heard = {KERNEL: _asked_here("look", self._given)}
        found = here | ask(self.client, "look", self._given, timeout=timeout)
        return {name: each if isinstance(each, Unanswered) or is_look(each) else _ODD for name, each in found.items()}

    def ask(self, function: str, given: State, workers: Sequence[str], *, timeout: float) -> Heard:
        """What a function of `launch` answers on those of these names."""
        here: Heard = {KERNEL: _asked_here(function, given)} if KERNEL in workers else {}
        others = [each for each in workers if each != KERNEL]
        return here | (ask_again(self.client, function, given, timeout=timeout, workers=others) if others else {})


def _asked_here(function: str, given: State) -> State | Unanswered:
    return understood(Answered(text=eval(expression(function, given))))


class Leaders:
    """The leaders of one rollout, by the key of their environment. Whoever uses it calls `release` in the end."""

    def __init__(
        self, everyone: Everyone, places: Sequence[WorkerPlace], progress: Progress, *, patience: float
    ) -> None:
        self.everyone = everyone
        self.patience, self.timeout = patience, patience / _SHARE
        self.places = {each.key: each for each in places}
        self._progress = progress
        self._token = secrets.token_hex(16)
        self._folders: dict[str, str] = {}
        self._at: dict[str, int] = {}
        self._heard: dict[str, float] = {}
        self._looked = time.monotonic()
        self.states: dict[str, State] = {}

    def start(self, jobs: Mapping[str, Mapping[str, Any]]) -> None:
        """Start the leaders of some environments."""
        sent = parcel.parcel() if any(each["paths"] is None for each in jobs.values()) else None
        given = {"token": self._token, "jobs": jobs, "parcel": sent}
        names = {self._leader(key): key for key in jobs}
        replies = self.everyone.ask("start", given, list(names), timeout=ANSWER)
        for name, key in names.items():
            reply = replies.get(name, _SILENT)
            if not isinstance(reply, Unanswered) and not isinstance(reply.get("folder"), str):
                reply = _ODD
            if isinstance(reply, Unanswered):
                self.states[key] = {"state": "lost", "said": [reply.reason]}
            else:
                self._folders[key] = reply["folder"]
                self._heard[key] = time.monotonic()
                self.states[key] = {"state": "starting"}

    def until(
        self,
        is_reached: Callable[[State], bool],
        *,
        say: Mapping[str, str] | None = None,
        unless: Callable[[], bool] = lambda: False,
        seconds: float = float("inf"),
    ) -> None:
        """Ask until each leader has reached a state, or can reach no other any more.

        ``say`` is told to some of them first; ``unless`` ends the waiting, as ``seconds`` do. All are asked in each round, also
        those that have reached it: whom nobody asks gives up.
        """
        pause, end = _POLLS[0], time.monotonic() + seconds
        words = dict(say or {})
        while words or not all(is_reached(self.states[key]) for key in self._open()):
            heard = self._round(self._open(), words, end)
            words = {key: word for key, word in words.items() if key not in heard and key in self._open()}
            if unless() or time.monotonic() > end:
                return
            if not words and all(is_reached(self.states[key]) for key in self._open()):
                return
            time.sleep(max(0.0, min(pause, end - time.monotonic())))
            pause = min(2 * pause, _POLLS[1])

    def _open(self) -> list[str]:
        return [key for key in self._folders if not is_over(self.states[key])]

    def _round(self, keys: Sequence[str], say: Mapping[str, str], end: float) -> set[str]:
        """Ask once, before ``end``; those whose answer came."""
        given = {"folders": self._folders, "say": say}
        names = {self._leader(key): key for key in keys}
        timeout = max(0.0, min(self.timeout, end - time.monotonic()))
        replies = self.everyone.ask("poll", given, list(names), timeout=timeout)
        answered = {name: _checked(replies.get(name)) for name in names}
        for name, key in names.items():
            self._take(key, answered[name])
        is_time_left = time.monotonic() + self.timeout < end
        if is_time_left and any(isinstance(each, Unanswered) for each in answered.values()):
            self._find_others()
        self._show()
        return {key for name, key in names.items() if not isinstance(answered[name], Unanswered)}

    def _show(self) -> None:
        """What one of those that work does, and how many are ready."""
        steps = [str(each["step"]) for each in self.states.values() if each["state"] == "working" and each.get("step")]
        ready = sum(each["state"] in ("ready", "done") for each in self.states.values())
        if steps:
            self._progress.step(f"{legible(steps[-1], None)} ({ready} of {len(self.places)} environments ready)")

    def _take(self, key: str, reply: State | Unanswered) -> None:
        """What a leader wrote; if its worker is silent, another one of its environment is asked the next time."""
        now = time.monotonic()
        if not isinstance(reply, Unanswered):
            self._heard[key], self.states[key] = now, reply
            for line in reply.get("lasting", ()):  # it is in the last state alone
                self._progress.tell(legible(f"{self.places[key].prefix}: {line}", None))
        elif now - self._heard[key] > self.patience:
            self.states[key] = {"state": "lost", "said": [reply.reason]}
        else:
            self._at[key] = self._at.get(key, 0) + 1

    def _find_others(self) -> None:
        """Workers that have come meanwhile: one that was killed may be back under another name."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        for name, told in self.everyone.look_again(self.timeout).items():
            place = self.places.get(told.get("key", "")) if not isinstance(told, Unanswered) else None
            if place is None or isinstance(told, Unanswered) or name in place.leaders:
                continue
            if told["user"] == place.told["user"]:
                self.places[place.key] = replace(place, leaders=(name, *place.leaders))

    def _leader(self, key: str) -> str:
        leaders = self.places[key].leaders
        return leaders[self._at.get(key, 0) % len(leaders)]

    def stop(self) -> None:
        """Tell all that wait or work to stop, and wait until they have."""
        self.until(is_over, say=dict.fromkeys(self._open(), "stop"), seconds=_STOP)

    def stop_at_once(self) -> list[str]:
        """The last word after an interrupt; the environments whose leaders may still be at work."""
        with suppress(Exception), held():
            self.until(is_over, say=dict.fromkeys(self._open(), "stop"), seconds=_AT_ONCE)
        return self._open()

    def release(self) -> None:
        """Let those that are done remove their folders; who does not hear it does so by itself."""
        done = [key for key in self._folders if self.states[key]["state"] == "done"]
        with suppress(Exception):
            if done:
                given = {"folders": self._folders, "say": dict.fromkeys(done, "bye")}
                self.everyone.ask("poll", given, [self._leader(key) for key in done], timeout=_BYE)


def _checked(reply: State | Unanswered | None) -> State | Unanswered:
    if reply is None:
        return _SILENT
    return reply if isinstance(reply, Unanswered) or is_state(reply) else _ODD


def is_over(state: State) -> bool:
    """Whether nothing more comes of a leader."""
    return state["state"] in ("done", "died", "gone", "lost")


def is_settled(state: State) -> bool:
    """Whether all that can fail without changing anything is behind it."""
    return state["state"] == "ready" or is_over(state)


def loaded_by(
    leaders: Leaders, modules: Mapping[str, Iterable[str]], names: Sequence[str]
) -> dict[str, list[str] | None]:
    """Which of the modules of their environment some workers have loaded; None for those that did not say."""
    given = {"modules": {key: list(each) for key, each in modules.items()}}
    replies = leaders.everyone.ask("loaded", given, names, timeout=leaders.timeout)
    return {name: _loaded(replies.get(name, _SILENT)) for name in names}


def _loaded(reply: State | Unanswered) -> list[str] | None:
    found = None if isinstance(reply, Unanswered) else reply.get("loaded")
    return found if fits(found, list[str]) else None
