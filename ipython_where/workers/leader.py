"""The process beside a worker that changes its environment, with the transaction that `%safepip` has for the kernel's own.

It is started by `launch`, and reads and writes files in its private folder: `state` is what it has come to, `told` what it was
told (`go`, `stop`, `leave` where it has no part in it, `bye`), and `asked` gets a new time each time that somebody asks. It ends
by itself when nobody does.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Event, Thread
from typing import Any

from ipython_where.answer.world import World
from ipython_where.change.commands.install import install
from ipython_where.change.commands.recovery import recover_first
from ipython_where.change.commands.undo import undo
from ipython_where.change.commands.uninstall import NotInstalled, uninstall
from ipython_where.change.installers.child_environ import is_secret
from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import with_variables
from ipython_where.change.values import InstallAnswer, Plan
from ipython_where.change.worker_environment import (
    OlderRollout,
    SameEnvironment,
    WorkerEnvironment,
    sharing,
    worker_environment,
)
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.provided_modules import read_brought
from ipython_where.model import Finding
from ipython_where.value import dataclass

from .sent import pin_of
from .sent_line import SentFiles, refuse_absent

_POLL = 0.05
_LEAVING = 5.0
"""Seconds that somebody has for reading what came of it, after it was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a leader is to do, as the kernel sends it. ``words`` and ``files`` may hold credentials: they come through a pipe.

    ``planned`` are the pins that were planned elsewhere, ``limits`` the versions that were, where this one's plan is its own.
    ``shares_plan``: others need the pins. ``programs`` are folders in which uv may be. ``patience`` in seconds is how long
    nobody need ask. ``goes_on``: it is done for a late worker, and waits for no other environment.
    """

    words: tuple[str, ...]
    files: SentFiles
    interpreter: str
    rollout: str
    runs_on: Mapping[str, str]
    programs: tuple[str, ...]
    cwd: str
    patience: float
    planned: tuple[Pin, ...] | None = None
    limits: tuple[str, ...] = ()
    shares_plan: bool = False
    goes_on: bool = False


def main(given: Mapping[str, Any], held: int) -> None:
    """Do a job, leave its answer in its folder until somebody has read it, and remove the folder. ``held`` keeps it ours."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a worker may ignore it, and its children would, too
    folder = given["folder"]
    board = Board(folder)
    try:
        job = parse_job(given)
        board.watch(job.patience)
        board.post("done", **outcome(job, board), lasting=board.lasting)
        board.wait_for("bye")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the watch may notice only now that nobody asks any more
        over = f"{folder}-{os.getpid()}"
        with suppress(OSError):
            os.chdir("/")
            os.rename(folder, over)  # first: whoever asks meanwhile must not write into what is being removed
        shutil.rmtree(over, ignore_errors=True)
        os.close(held)


class Board:
    """The folder as both sides use it, and a progress that writes into it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._step = ""
        self.about: str | None = None
        """The rollout that is to be undone."""
        self._seen: tuple[float, float] = (0.0, time.monotonic())
        self.lasting: list[str] = []
        """What was told to stay."""
        self.is_past_gate = Event()
        self.changing: WorkerEnvironment | None = None
        """The environment, once the change may be made."""

    def watch(self, patience: float) -> None:
        """From now on an interrupt comes when it is told to stop, or when nobody asks for so many seconds."""
        self._patience = patience
        Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self.is_past_gate.wait(_POLL):
            if self.told() in ("stop", "leave") or self.is_forgotten():
                self._patience = min(self._patience, _LEAVING)
                os.kill(os.getpid(), signal.SIGINT)
                return

    def is_forgotten(self) -> bool:
        """Whether nobody has asked for too long."""
        asked = 0.0
        with suppress(OSError):
            asked = os.stat(os.path.join(self.folder, "asked")).st_mtime
        if asked != self._seen[0]:
            self._seen = asked, time.monotonic()
        return time.monotonic() - self._seen[1] > self._patience

    def told(self) -> str:
        """The last word."""
        try:
            with open(os.path.join(self.folder, "told"), encoding="utf-8") as file:
                return file.read()
        except OSError:
            return ""

    def wait_for(self, word: str) -> bool:
        """Wait until it is told this; False where nobody asks any more."""
        while self.told() != word:
            if self.is_forgotten():
                return False
            time.sleep(_POLL)
        return True

    def post(self, state: str, **more: Any) -> None:
        """Say how far it is."""
        path = os.path.join(self.folder, "state")
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump({"state": state, "step": self._step, "about": self.about, **more}, file)
        os.rename(f"{path}.new", path)

    def step(self, name: str) -> None:
        """A step begins."""
        self._step = name
        self.post("working")

    def amount(self, done: int, total: int, received: int | None = None) -> None: ...

    def line(self, text: str) -> None: ...

    def tell(self, text: str) -> None:
        """What was rolled back of an earlier change belongs to the answer."""
        self.lasting.append(text)

    def close(self) -> None: ...


def parse_job(given: Mapping[str, Any]) -> Job:
    """A job as it was sent."""
    planned = given["planned"]
    return Job(
        words=tuple(given["words"]),
        files=SentFiles(**given["files"]),
        interpreter=given["interpreter"],
        rollout=given["rollout"],
        runs_on=given["runs_on"],
        programs=tuple(given["programs"]),
        cwd=given["cwd"],
        patience=given["patience"],
        planned=None if planned is None else tuple(map(pin_of, planned)),
        limits=tuple(given["limits"]),
        shares_plan=given["shares_plan"],
        goes_on=given["goes_on"],
    )


def dump_pin(pin: Pin) -> dict[str, Any]:
    """A pin as JSON has it. It is never shown: its URL may hold a credential."""
    return {name: getattr(pin, name) for name in Pin.__dataclass_fields__}


def outcome(job: Job, board: Board) -> dict[str, Any]:
    """What came of a job: an answer, or an error as its finding."""
    try:
        return {"outcome": "answered", "answer": carried_out(job, board).to_dict()}
    except SameEnvironment:
        return {"outcome": "same"}
    except OlderRollout:
        return {"outcome": "busy"}
    except NotPart:
        return {"outcome": "not part"}
    except NotInstalled as error:
        return {"outcome": "not part", "error": error.finding().to_dict()}
    except (KeyboardInterrupt, Exception) as error:
        return came_of(error, board)


def came_of(error: BaseException, board: Board) -> dict[str, Any]:
    """What an error leaves: nothing, where the change was not begun or the environment's journals prove it."""
    if board.changing is not None and _may_be_changed(board.changing):
        return {"outcome": "unknown", "error": _finding_of(error).to_dict()}
    if isinstance(error, KeyboardInterrupt):
        return {"outcome": "not part" if board.told() == "leave" else "stopped"}
    return {"outcome": "refused", "error": _finding_of(error).to_dict()}


def _may_be_changed(place: WorkerEnvironment) -> bool:
    try:
        return place.store.is_unfinished() or any(each.rollout == place.rollout for each in place.store.history())
    except Exception:
        return True


def _finding_of(error: BaseException) -> Finding:
    if isinstance(error, WhereError):
        return error.finding()
    what = f"failed: {type(error).__name__}: {error}" if isinstance(error, Exception) else "was interrupted"
    return Finding(id="error", severity="error", message=f"the leader {what}", evidence=())


class NotPart(WhereError):
    """No transaction of this environment belongs to the rollout that is to be undone."""


def carried_out(job: Job, board: Board) -> InstallAnswer:
    """Do it in the worker's environment, up to the gate and beyond."""
    here = World.here()
    board.step("asking the worker's Python")
    place = worker_environment(
        job.interpreter,
        here=here,
        programs=job.programs,
        on=_value_of("--on", job.words),
        rollout=job.rollout,
        runs_on=job.runs_on,
        cwd=job.cwd,
        progress=board,
        gate=lambda plan, pins: None,
    )
    place = replace(place, gate=_gate(board, place), is_alone=job.goes_on)
    if job.shares_plan:
        place = sharing(place)
    request = parse_request(with_variables(job.words, here.environ))
    refuse_absent(request)
    request = job.files.written_into(board.folder, replace(request, words=job.words))
    recover_first(place)
    if request.command == "undo":
        return undo(_of_rollout(request, place, board), place)
    if request.command == "uninstall":
        return uninstall(request, place)
    # what is installed stays as it is, as long as it will do
    limits = [each for each in job.limits if place.installed.get(each.partition("==")[0]) is None]
    if limits:
        path = os.path.join(board.folder, "limits.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(f"{each}\n" for each in limits))
        request = replace(request, constraint_files=(*request.constraint_files, path))
    return install(request, place, planned=job.planned)


def _value_of(option: str, words: Sequence[str]) -> str:
    for word, following in zip(words, (*words[1:], ""), strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""


def _gate(board: Board, place: WorkerEnvironment) -> Callable[[Plan, Sequence[Pin]], None]:
    def wait(plan: Plan, pins: Sequence[Pin]) -> None:
        """Say what is ready, and wait for the word to make it so."""
        board.post("ready", plan=plan.to_dict(), pins=_for_others(pins), modules=_modules_of(plan, place))
        if not board.wait_for("go"):
            raise KeyboardInterrupt
        board.is_past_gate.set()
        board.changing = place

    return wait


def _for_others(pins: Sequence[Pin]) -> list[dict[str, Any]] | None:
    """The pins as others get them; None where a URL holds a credential, which may be one of this worker's own."""
    if any(each.url is not None and is_secret(each.url) for each in pins):
        return None
    return [dump_pin(each) for each in pins]


def _modules_of(plan: Plan, place: WorkerEnvironment) -> list[str]:
    """The modules that are replaced or removed: who has loaded one of them has to be restarted."""
    found: dict[str, None] = {}
    for change in plan.changes:
        installed = place.installed.get(change.name) if change.old is not None else None
        if installed is not None:
            found.update(
                dict.fromkeys(each.name for each in read_brought(installed.metadata, place.world.distributions))
            )
    return list(found)


def _of_rollout(request: Request, place: WorkerEnvironment, board: Board) -> Request:
    """The undo of this environment's part in a rollout: the one that is named, else the last one."""
    named = request.arguments[0] if request.arguments else None
    for each in reversed(place.store.history()):
        is_meant = each.rollout == named if named else each.undoes is None  # a second `undo` goes one further back
        if each.rollout is not None and each.undoable and is_meant:
            board.about = each.rollout
            return replace(request, arguments=(each.id,))
    raise NotPart("nothing to undo here")


if __name__ == "__main__":
    sys.exit("this is started by `launch`")
