"""`%safepip … --on CLIENT`: a change of all environments of a cluster's workers, each all or nothing, and all together.

One leader for each environment carries out `%safepip`'s own transaction there (`leader`). A plan is made once for each kind of
Python, and carried out with the same pins elsewhere. Each leader stages and judges; only when all have, they swap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any

from ipython_where.change.installers.progress import Progress
from ipython_where.change.request.request import Request
from ipython_where.change.values import Change, PartOutcome, Plan, RolloutAnswer, RolloutPart, SilentWorker, Transaction
from ipython_where.errors import UNCHANGED, Interrupted, WhereError
from ipython_where.interrupts import held
from ipython_where.model import Evidence, Finding
from ipython_where.show.screen import counted
from ipython_where.value import dataclass

from . import parcel
from .asking import Client, remarks
from .engine import Unanswered
from .followed import PATIENCE, Everyone, Leaders, State, is_over, is_settled, loaded_by
from .late import LATE, RUNS_ON, LateJob
from .places import KERNEL, OLDEST, Driver, KnownPlan, WorkerPlace, driver_of, grouped, programs_of
from .sent import finding_of, plan_of, transaction_of
from .sent_line import SentLine, sent_line


class RolloutError(WhereError):
    """A change of several environments that failed. ``answer`` tells what was done, None where nothing was."""

    def __init__(
        self, message: str, *, evidence: Sequence[Evidence], hint: str | None, answer: RolloutAnswer | None = None
    ) -> None:
        super().__init__(message, evidence=evidence, hint=hint)
        self.answer = answer


class BusyError(WhereError):
    """An older rollout is at work in one of the environments: this one gives way, and begins again."""


_AGAIN = 1.0
"""Seconds after which a rollout that gave way begins again."""

_BUSY = 300.0
"""Seconds for which it does so: as long as `change.transaction.locks` waits for one environment."""


_NOT_STARTED: State = {"state": "not started"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """Who is there: the places in question, those that said nothing, and what each said of itself."""

    places: tuple[WorkerPlace, ...]
    silent: tuple[SilentWorker, ...]
    looks: Mapping[str, State]


def roll_out(
    request: Request,
    client: Client,
    progress: Progress,
    *,
    cwd: str = "/",
    patience: float = PATIENCE,
    clock: Callable[[], float] = time.time,
) -> RolloutAnswer:
    """Carry a line out in the environments of a cluster's workers. Raises `WhereError`, with nothing changed anywhere, where one
    of them refuses it; and `RolloutError`, which tells what was done, where one fails in the last step.

    ``patience`` in seconds: how long a leader works without being asked. ``cwd``: what paths in the line are relative to.
    """
    started = time.monotonic()
    everyone = Everyone(client)
    age = f"{int(1000 * clock()):x}"  # the same when it begins again: of two rollouts, the younger one gives way
    rollout: _Rollout | None = None
    try:
        sent = sent_line(request, cwd)
        while True:
            progress.step(f"asking the workers of `{client.name}`")
            scene = _look(everyone, client, and_here=request.and_here)
            leaders = Leaders(everyone, scene.places, progress, patience=patience)
            rollout = _Rollout(request, client, scene, leaders, f"{age}-{token_hex(2)}", sent)
            try:
                return rollout.carried_out(started)
            except BusyError:
                if time.monotonic() - started > _BUSY:
                    raise
            progress.step("waiting: another kernel changes these environments")
            time.sleep(_AGAIN)
    except KeyboardInterrupt:
        raise (rollout.interrupted() if rollout else Interrupted("interrupted: nothing was changed")) from None
    finally:
        progress.close()


def _look(everyone: Everyone, client: Client, *, and_here: bool) -> _Scene:
    runs_on = dict.fromkeys((*RUNS_ON, type(client.client).__module__.partition(".")[0]))
    replies = everyone.look({"runs_on": [*runs_on], "digest": parcel.digest()})
    looks = {name: each for name, each in replies.items() if not isinstance(each, Unanswered)}
    silent = tuple(
        SilentWorker(name=name, reason=each.reason) for name, each in replies.items() if isinstance(each, Unanswered)
    )
    places = grouped(looks, and_here=and_here)
    if not places:
        raise WhereError(
            f"no worker of `{client.name}` answered",
            evidence=tuple(Evidence(label=each.name, value=each.reason) for each in silent[:5]),
            hint=f"`%where --on {client.name}` shows who is there",
            unchanged=True,
        )
    return _Scene(places=places, silent=silent, looks=looks)


class _Rollout:
    """One rollout on its way."""

    def __init__(
        self, request: Request, client: Client, scene: _Scene, leaders: Leaders, rollout: str, sent: SentLine
    ) -> None:
        self.request, self.client, self.scene, self.leaders = request, client, scene, leaders
        self.rollout = rollout
        self.sent = sent
        self.plans: tuple[KnownPlan, ...] = ()
        """What was planned, for late workers: a leader that is done no longer says it."""
        self.told_to_go: frozenset[str] = frozenset()
        """Those that may have changed something."""
        self.let_go: frozenset[str] = frozenset()
        """Those that have no part in it. They may still say that they are ready."""

    def carried_out(self, started: float) -> RolloutAnswer:
        """Plan everywhere, then change everywhere."""
        try:
            self._settle()
            undoes = self._chosen_undo() if self.request.command == "undo" else None
            self._refuse()
            self.plans = self._known()
            restart = self._who_has_loaded()
            ready = [key for key, state in self._states() if state["state"] == "ready" and key not in self.let_go]
            self.told_to_go = frozenset(ready if not self.request.dry_run else ())
            self.leaders.until(is_over, say=dict.fromkeys(ready, "go"))
            self._forget_listings(ready)
        except KeyboardInterrupt:
            raise
        except BaseException:
            self.leaders.stop_at_once()
            self.leaders.release()
            raise
        self.leaders.release()
        return self._told(restart, undoes, time.monotonic() - started)

    # -- planning --

    def _settle(self) -> None:
        """Start the leaders in waves: who may use the pins of another one's plan waits for these."""
        drivers = {each.key: self._driver(each) for each in self.scene.places}
        waiting = list(self.scene.places)
        while waiting:
            is_planned = self.request.command == "install"
            wave = next_wave(waiting, [*self._started()]) if is_planned else waiting
            self.leaders.start({place.key: self._job(place, drivers[place.key]) for place in wave})
            waiting = [each for each in waiting if each not in wave]
            self.leaders.until(is_settled, unless=self._is_refused)
            if self._is_refused():
                return

    def _is_refused(self) -> bool:
        return any(_is_failed(state) for _, state in self._states())

    def _started(self) -> Iterator[WorkerPlace]:
        return (each for each in self.scene.places if each.key in self.leaders.states)

    def _known(self) -> tuple[KnownPlan, ...]:
        """The plans that others can use."""
        states = self.leaders.states
        return tuple(
            KnownPlan(kind=each.kind, holds=each.holds, pins=pins)
            for each in self.scene.places
            if (pins := states.get(each.key, {}).get("pins"))
        )

    def _driver(self, place: WorkerPlace) -> Driver:
        driver = driver_of(place, self.scene.looks.values())
        if driver is None:
            needed = ".".join(map(str, OLDEST))
            raise WhereError(
                f"a worker's Python {place.told['version']} is too old, and no other on its machine has {needed} or newer",
                evidence=(Evidence(label=place.leaders[0], value=place.prefix, note=str(place.told["host"])),),
                unchanged=True,
            )
        return driver

    def _job(self, place: WorkerPlace, driver: Driver) -> dict[str, Any]:
        known = [each for each in self._known() if each.kind == place.kind]
        planned = next((each.pins for each in known if each.holds == place.holds), None)
        limits = {limit for each in known for limit in each.limits}
        shares = sum(each.kind == place.kind for each in self.scene.places) > 1
        return {
            "driver": driver.executable,
            # what a leader runs from must not be what it takes away
            "paths": driver.paths if self.request.command == "install" else None,
            "words": self.sent.words,
            "files": self.sent.files.dump(),
            "interpreter": place.told["executable"],
            "rollout": self.rollout,
            "runs_on": place.runs_on,
            "programs": programs_of(place, self.scene.looks.values()),
            "patience": self.leaders.patience,
            "planned": planned,
            "limits": [] if planned is not None else sorted(limits),
            "shares_plan": shares and planned is None,
            "goes_on": False,
        }

    def _states(self) -> Iterator[tuple[str, State]]:
        return iter(self.leaders.states.items())

    # -- deciding --

    def _chosen_undo(self) -> str | None:
        """The newest rollout that any environment has; the others have no part in it, and are let go."""
        found = {key: str(state["about"]) for key, state in self._states() if state["state"] == "ready"}
        if not found:
            return None
        newest = max(found.values())
        self.let_go = frozenset(key for key, about in found.items() if about != newest)
        if self.let_go:
            self.leaders.until(is_settled, say=dict.fromkeys(self.let_go, "leave"))
        return newest

    def _refuse(self) -> None:
        """Raise where an environment refuses, or cannot; nothing was changed anywhere."""
        if any(state.get("outcome") == "busy" for _, state in self._states()):
            self.leaders.stop()
            raise BusyError(
                f"another kernel changes environments of `{self.client.name}`, and did not finish within {_BUSY:g} seconds",
                hint="wait for it, then run this again",
                unchanged=True,
            )
        failed = [(self.leaders.places[key], state) for key, state in self._states() if _is_failed(state)]
        if failed:
            self.leaders.stop()
            raise _refused(failed, self.client.name)
        if self.request.command == "undo" and not any(state["state"] == "ready" for _, state in self._states()):
            named = self.request.arguments[0] if self.request.arguments else None
            what = f"there is no rollout `{named}` to undo" if named else "there is nothing to undo"
            raise WhereError(
                f"{what} in the environments of `{self.client.name}`",
                hint=f"`%safepip undo --on {self.client.name}` undoes only what `%safepip` did with `--on`",
            )
        if self.request.command == "uninstall" and not any(state["state"] == "ready" for _, state in self._states()):
            raise self._not_installed()

    def _not_installed(self) -> WhereError:
        """The refusal where nobody has what is to go, in the words of one of them."""
        message = next(_problem(state).message for _, state in self._states())
        environments = (
            Evidence(label="environment", value=each.prefix, note=_whose(each)) for each in self.scene.places
        )
        silent = (Evidence(label="no answer", value=each.name, note=each.reason) for each in self.scene.silent)
        return WhereError(
            f"{message} in any environment of `{self.client.name}`",
            evidence=(*islice(environments, 5), *islice(silent, 5)),
            hint=f"`%where --on {self.client.name}` shows what is installed there",
        )

    def interrupted(self) -> Interrupted:
        """What an interrupt leaves, by the last word of each leader."""
        with held():
            left = self.leaders.stop_at_once()
            self.leaders.release()
        outcomes = {each.key: self._part(each, {}).outcome for each in self.scene.places}
        changed = [key for key, outcome in outcomes.items() if outcome == "changed"]
        unknown = [key for key, outcome in outcomes.items() if outcome == "unknown"]
        if not changed and not unknown:
            still = f"; these stop by themselves, with nothing changed: {self._named(left)}" if left else ""
            return Interrupted(f"interrupted: nothing was changed{still}")
        message = f"interrupted too late: {len(changed)} of {counted(len(outcomes), 'environment')} changed"
        if unknown:
            message += f"; unknown: {self._named(unknown)}"
        return Interrupted(
            f"{message}; workers that join later may not have been told",
            hint=f"`%safepip undo {self.rollout} --on {self.client.name}` undoes what was done",
        )

    def _named(self, keys: Iterable[str]) -> str:
        places = (self.leaders.places[key] for key in keys)
        return "; ".join(f"{each.prefix} on {each.told['host']}" for each in places)

    # -- what it means for the workers --

    def _who_has_loaded(self) -> dict[str, list[str] | None]:
        """By worker, the modules that are about to be replaced and that it has loaded: what comes later is of the new."""
        modules = {key: state["modules"] for key, state in self._states() if state.get("modules")}
        names = [name for key in modules for name in _occupants(self.leaders.places[key])]
        return loaded_by(self.leaders, modules, names) if not self.request.dry_run else {}

    def _forget_listings(self, keys: Sequence[str]) -> None:
        names = [name for key in keys for name in _occupants(self.leaders.places[key])]
        if not self.request.dry_run:
            loaded_by(self.leaders, {}, names)

    # -- telling --

    def _tell_later(self, parts: Sequence[RolloutPart], undoes: str | None) -> str | None:
        """Tell the engine what workers that join later have to do."""
        if undoes is not None:
            return LATE.undo(self.client, undoes, by=self.rollout)
        job = LateJob(
            rollout=self.rollout, sent=self.sent, brought=_brought(parts), taken=_taken(parts), plans=self.plans
        )
        return LATE.add(self.client, job)

    def _part(self, place: WorkerPlace, restart: Mapping[str, list[str] | None]) -> RolloutPart:
        state = self.leaders.states.get(place.key, _NOT_STARTED)
        answer = state.get("answer") if state["state"] == "done" else None
        plan = plan_of(answer["plan"]) if answer else None
        transaction = transaction_of(answer["transaction"]) if answer and answer["transaction"] else None
        outcome = _outcome(state, plan, transaction) or self._outcome_of_silent(place.key)
        is_changed = outcome == "changed"
        return RolloutPart(
            host=str(place.told["host"]),
            prefix=place.prefix,
            interpreter=str(place.told["executable"]),
            version=str(place.told["version"]),
            workers=place.workers,
            with_kernel=place.with_kernel,
            outcome=outcome,
            plan=plan,
            transaction=transaction,
            restart=tuple(name for name in _occupants(place) if restart.get(name)) if is_changed else (),
            problem=_problem(state) if outcome in ("failed", "unknown") else None,
        )

    def _outcome_of_silent(self, key: str) -> PartOutcome:
        """Of a leader that left no answer: only one that was told to go may have changed something."""
        return "unknown" if key in self.told_to_go else "unchanged" if key in self.let_go else "failed"

    def _told(self, restart: Mapping[str, list[str] | None], undoes: str | None, seconds: float) -> RolloutAnswer:
        parts = tuple(self._part(place, restart) for place in self.scene.places)
        is_changed = any(each.outcome in ("changed", "unknown") for each in parts)
        answer = RolloutAnswer(
            command=self.request.shown(),
            engine=self.client.engine.name,
            on=self.client.name,
            id=self.rollout if is_changed else None,
            undoes=undoes,
            dry_run=self.request.dry_run,
            parts=parts,
            silent=self.scene.silent,
            later=self._tell_later(parts, undoes) if is_changed and not self.request.dry_run else None,
            seconds=round(seconds, 3),
            findings=(
                *(different(parts, self.client.name) if self.request.command == "install" else ()),
                *_unsaid(parts, restart),
                *remarks(self.client),
            ),
            verbose=bool(self.request.verbose),
        )
        if any(each.outcome in ("failed", "unknown") for each in parts):
            raise _half_done(answer)
        return answer


def different(parts: Sequence[RolloutPart], on: str) -> tuple[Finding, ...]:
    """What was asked for and is of several versions now: an installed one that will do stays, as with pip."""
    found: dict[str, dict[str, list[str]]] = {}
    for part in parts:
        for name, version in _versions(part):
            found.setdefault(name, {}).setdefault(version, []).append(part.prefix)
    return tuple(_differs(name, versions, on) for name, versions in found.items() if len(versions) > 1)


def _versions(part: RolloutPart) -> Iterator[tuple[str, str]]:
    plan = part.plan
    if plan is None or part.outcome in ("failed", "unknown"):
        return
    yield from ((each.name, each.new) for each in plan.changes if each.asked_for and each.new is not None)
    for each in plan.satisfied:  # `leaf>=1 by leaf 2.0`
        words = each.rpartition(" by ")[2].split()
        if len(words) == 2:
            yield words[0], words[1]


def _differs(name: str, versions: Mapping[str, Sequence[str]], on: str) -> Finding:
    commonest = max(versions, key=lambda each: len(versions[each]))
    return Finding(
        id="different-versions",
        severity="warning",
        message=f"`{name}` is of {len(versions)} versions in these environments: what is installed and will do stays",
        evidence=tuple(
            Evidence(
                label=version, value=", ".join(where[:3]) + (f" and {len(where) - 3} more" if len(where) > 3 else "")
            )
            for version, where in versions.items()
        ),
        hint=f"`%safepip install {name}=={commonest} --on {on}` makes them equal",
    )


def _unsaid(parts: Sequence[RolloutPart], restart: Mapping[str, list[str] | None]) -> Iterator[Finding]:
    """Those that did not answer when they were asked what they have loaded."""
    changed = (name for each in parts if each.outcome == "changed" for name in each.workers)
    names = [name for name in changed if restart.get(name, []) is None]
    if names:
        yield Finding(
            id="loaded-unknown",
            severity="warning",
            message=f"{counted(len(names), 'worker')} did not say what of the replaced or removed modules is loaded there",
            evidence=tuple(Evidence(label="worker", value=each) for each in names[:5]),
            hint="restart those that have imported them",
        )


def _brought(parts: Sequence[RolloutPart]) -> tuple[str, ...]:
    """What was asked for and came, with its version."""
    return tuple(dict.fromkeys(f"{each.name} {each.new}" for each in _asked_for(parts) if each.new))


def _taken(parts: Sequence[RolloutPart]) -> tuple[str, ...]:
    """What was asked for and went."""
    return tuple(dict.fromkeys(each.name for each in _asked_for(parts) if each.kind == "removed"))


def _asked_for(parts: Sequence[RolloutPart]) -> Iterator[Change]:
    changes = (change for part in parts if part.plan is not None for change in part.plan.changes)
    return (each for each in changes if each.asked_for)


def next_wave(waiting: Sequence[WorkerPlace], started: Sequence[WorkerPlace]) -> list[WorkerPlace]:
    """Those whose equals have a plan, or nothing to do, and of each kind one that makes its own, which the next ones keep to."""
    settled = {(each.kind, each.holds) for each in started}
    ready = [each for each in waiting if (each.kind, each.holds) in settled]
    making = {each.kind: each for each in reversed(waiting) if each not in ready}
    return [*ready, *making.values()]


def _occupants(place: WorkerPlace) -> Iterator[str]:
    yield from place.workers
    if place.with_kernel:
        yield KERNEL


def _is_failed(state: State) -> bool:
    """Whether an environment cannot be changed; one that has nothing to do, or is another one's, is no failure."""
    return is_over(state) and not (state["state"] == "done" and state["outcome"] in ("answered", "same", "not part"))


def _problem(state: State) -> Finding:
    if state["state"] == "done" and "error" in state:
        return finding_of(state["error"])
    said = tuple(Evidence(label="", value=str(each)) for each in state.get("said", ()))
    message = {
        "lost": "its workers did not answer any more",
        "died": "its leader was killed",
        "gone": "its leader's folder is gone",
    }.get(state["state"], "its leader stopped, since nobody asked it any more")
    return Finding(id="error", severity="error", message=message, evidence=said)


def _refused(failed: Sequence[tuple[WorkerPlace, State]], on: str) -> RolloutError:
    problems = [(place, _problem(state)) for place, state in failed]
    (place, first), *others = problems
    rows = [
        Evidence(label="environment", value=place.prefix, note=_whose(place)),
        *first.evidence,
        *(Evidence(label="also", value=f"{each.prefix}: {_reason(problem)}") for each, problem in others),
    ]
    return RolloutError(f"nothing was changed anywhere: {_reason(first)}", evidence=rows, hint=first.hint)


def _reason(problem: Finding) -> str:
    return problem.message.removeprefix(UNCHANGED)


def _whose(place: WorkerPlace) -> str:
    number = len(place.workers)
    named = ", ".join(place.workers[:3]) + (f" and {number - 3} more" if number > 3 else "")
    kernel = "this kernel" if place.with_kernel else ""
    return f"{place.told['host']}: {', '.join(filter(None, (kernel, named)))}"


def _outcome(state: State, plan: Plan | None, transaction: Transaction | None) -> PartOutcome | None:
    """What a leader's last state says; None where it left no answer."""
    if state["state"] != "done":
        return None
    if state["outcome"] == "answered" and plan is not None:
        return "changed" if transaction is not None else "planned" if plan.changes else "unchanged"
    if state["outcome"] in ("same", "not part"):
        return "unchanged"
    return "unknown" if state["outcome"] == "unknown" else "failed"


def _half_done(answer: RolloutAnswer) -> RolloutError:
    rows = [
        Evidence(
            label={"changed": "changed", "unchanged": "unchanged", "failed": "failed"}.get(each.outcome, "unknown"),
            value=each.prefix,
            note=each.problem.message if each.problem is not None else None,
        )
        for each in answer.parts
    ]
    return RolloutError(
        f"{sum(each.outcome in ('failed', 'unknown') for each in answer.parts)} of {len(answer.parts)} environments failed",
        evidence=rows,
        hint=f"`%safepip undo {answer.id} --on {answer.on}` takes back what was done" if answer.id else None,
        answer=answer,
    )
