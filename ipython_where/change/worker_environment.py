"""The environment of a cluster's worker as one to change, by a process beside the worker: nothing of it is imported here.

Tested in `tests/workers/test_rollout.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

from ipython_where.answer.world import World
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.distributions import project_of
from ipython_where.facts.distributions.installed import closure
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.model import Evidence
from ipython_where.runner import execute
from ipython_where.value import dataclass

from .installers.interface import Pin
from .installers.progress import Progress
from .target_environment import TargetEnvironment
from .transaction.locks import Holder, Lock, locked, remove_if_alone
from .values import Occupant, Plan


class WorkerError(WhereError):
    """The environment of a worker is not this user's to change, or cannot be changed from there."""


class SameEnvironment(WhereError):
    """Another leader of the same rollout holds this environment's lock: what looked like two environments is one."""


class OlderRollout(WhereError):
    """An older rollout changes this environment. Who waited for it while holding others might wait for ever."""


_SIGNED = re.compile(r" \(([0-9a-f]+-[0-9a-f]+)\)$")
"""The rollout in what a leader writes into a lock's file."""

Gate = Callable[[Plan, Sequence[Pin]], None]
"""Returns when the change may be made; raises `KeyboardInterrupt` when it may not."""


@dataclass(frozen=True, slots=False, kw_only=True)
class WorkerEnvironment(TargetEnvironment):
    """The environment of one or more workers.

    ``runs_on``: files of the modules that make the workers workers, by module. ``change`` names the rollout that this is a part
    of. ``is_plan_shared``: others carry the pins out, too. ``is_alone``: nobody waits for this one, so it may wait for anybody.
    """

    on: str
    change: str
    runs_on: Mapping[str, str]
    asked_from: World
    gate: Gate
    is_plan_shared: bool = False
    is_alone: bool = False

    @property
    def runs(self) -> Occupant:
        return Occupant.WORKERS

    @property
    def option(self) -> str:
        return f"--on {self.on}"

    @property
    def own_world(self) -> World:
        return self.asked_from

    @property
    def rollout(self) -> str | None:
        return self.change

    @property
    def shares_plan(self) -> bool:
        return self.is_plan_shared

    @property
    def way_out(self) -> str:
        return f"`%where --on {self.on}` shows which workers run there; whoever built the environment can rebuild it"

    @cached_property
    def kernel_projects(self) -> frozenset[str]:
        """The projects that the workers need to run: the engine's, and what these require."""
        found: dict[str, None] = {}
        for module, file in self.runs_on.items():
            owner = self._owner(module, file)
            if owner is not None:
                found[project_of(os.path.basename(owner))] = None
        return frozenset(closure(tuple(found), self.installed, self.markers))

    def _owner(self, module: str, file: str) -> str | None:
        """The metadata directory that lists a module's file, or the archive that it is in: Spark's tasks run from
        `pyspark/python/lib/pyspark.zip`.
        """
        archive, inside, _ = file.partition(f".zip{os.sep}")
        file = f"{archive}.zip" if inside else file
        owners = (self.installed.distributions.owner(file, module=module, location=each) for each in _above(file))
        return next(filter(None, owners), None)

    def before_swap(self, plan: Plan, pins: Sequence[Pin] = ()) -> None:
        """Wait until all environments have come this far."""
        self.gate(plan, pins)

    @contextmanager
    def locked(self, command: str) -> Iterator[Lock]:
        """Hold the environment's lock. A leader of the same rollout that holds it proves that both mean one environment.

        Of two rollouts that meet, the older one waits for the younger one, which gives up: no two wait for each other.
        """
        signed = f"{command} ({self.change})"

        def waiting(holder: Holder) -> None:
            found = _SIGNED.search(holder.command or "") if not self.is_alone else None
            if found is not None and found[1] == self.change:
                raise SameEnvironment("another leader changes this environment")
            if found is not None and found[1] < self.change:
                raise OlderRollout("an older rollout changes this environment", evidence=holder.evidence())
            self.waiting(holder)

        with locked(self.store.lock_path, command=signed, waiting=waiting) as lock:
            try:
                self.tell_recovered(self.store.recover())
                yield lock
            finally:
                remove_if_alone(lock)


def worker_environment(
    interpreter: str,
    *,
    here: World,
    programs: Sequence[str],
    on: str,
    rollout: str,
    runs_on: Mapping[str, str],
    cwd: str,
    progress: Progress,
    gate: Gate,
) -> WorkerEnvironment:
    """The environment of ``interpreter``, on this machine. Raises `WorkerError` where it is not this user's to change.

    ``programs``: more folders, after those of PATH, in which uv may be.
    """
    environ = {**here.environ, "PATH": os.pathsep.join(filter(None, (here.environ.get("PATH", ""), *programs)))}
    described = ask_interpreter(interpreter, environ=environ, run=execute, timeout=60)  # what the user asks to change
    _check_owner(described["prefix"], interpreter)
    there = World.of(described, environ=environ, home=here.home, cwd=cwd, run=here.run)
    return WorkerEnvironment(
        world=there, progress=progress, on=on, change=rollout, runs_on=runs_on, asked_from=here, gate=gate
    )


def sharing(place: WorkerEnvironment) -> WorkerEnvironment:
    """The same environment, whose plan is for others, too."""
    return replace(place, is_plan_shared=True)


def _above(file: str) -> Iterator[str]:
    """The folders that a file is in, from inside out, as far as a module's or its archive's site directory may be."""
    for _ in range(4):
        file = os.path.dirname(file)
        yield file


def _check_owner(prefix: str, interpreter: str) -> None:
    """Somebody else's environment is left alone, though it can be written to: root may write everywhere."""
    owner = os.stat(prefix).st_uid
    if owner != os.geteuid():
        raise WorkerError(
            "the environment belongs to another user",
            evidence=(
                Evidence(label="worker", value=interpreter),
                Evidence(label="prefix", value=prefix, note=f"user {owner}, and the worker is user {os.geteuid()}"),
            ),
            hint=f"ask whoever built it to run `{interpreter} -m pip install NAME`",
        )
