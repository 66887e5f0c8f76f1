"""What a failure or an interrupt after the word to go leaves of a rollout, and what is told of it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from pathlib import Path

import pytest

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.change.worker_environment import WorkerEnvironment, worker_environment
from ipython_where.errors import Interrupted, WhereError
from ipython_where.workers import launch
from ipython_where.workers.leader import Board, came_of
from ipython_where.workers.rollout import RolloutError

from .rollouts import (
    Kernel,
    at_the_word_to_go,
    installed,
    interrupt,
    kernel,
    leaders_of,
    make,
    outcomes,
    python_in,
    states_in,
    until,
    world,
)

pytestmark = pytest.mark.usefixtures("installer")


def signalled(prefix: Path, number: int) -> list[int]:
    """Send a signal to the leaders of an environment."""
    leaders = leaders_of(prefix)
    for pid in leaders:
        os.kill(pid, number)
    return leaders


def place_of(prefix: Path, rollout: str, cwd: Path) -> WorkerEnvironment:
    """An environment as its leader has it."""
    return worker_environment(
        str(python_in(prefix)),
        here=World.here(),
        programs=(),
        on="client",
        rollout=rollout,
        runs_on={},
        cwd=str(cwd),
        progress=Silent(),
        gate=lambda plan, pins: None,
    )


def half_done(run: Kernel, line: str) -> RolloutError:
    error = run.refused(line)
    assert isinstance(error, RolloutError) and error.answer is not None
    return error


def test_a_leader_that_stopped_at_the_word_to_go_has_failed(tmp_path: Path, wheels: Path) -> None:
    """The others are changed, and it is not: the line did not do what it says."""
    prefixes = make(tmp_path, a=None, b=None)
    stopped: list[int] = []

    def stop() -> None:
        for pid in stopped:
            os.kill(pid, signal.SIGINT)
            os.kill(pid, signal.SIGCONT)

    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        with at_the_word_to_go(
            run, before=lambda: stopped.extend(signalled(prefixes["b"], signal.SIGSTOP)), after=stop
        ):
            error = half_done(run, "install tree")
        assert stopped and error.answer is not None
        assert error.message == "1 of 2 environments failed"
        assert outcomes(error.answer) == {"a": "changed", "b": "failed"}
        assert installed(prefixes["b"]) == {}


def test_a_leader_that_is_stopped_past_the_word_to_go_has_failed_if_nothing_was_changed(
    tmp_path: Path, wheels: Path
) -> None:
    """While it waits for a uv that changes its environment: its journals prove that it made no change."""
    prefixes = make(tmp_path, a=None, b=None)
    with (
        kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run,
        open(prefixes["b"] / ".lock", "ab") as lock,
    ):
        stopped: list[int] = []

        def stop(step: str) -> None:
            if step.startswith("waiting: ") and not stopped:
                stopped.extend(signalled(prefixes["b"], signal.SIGINT))

        with (
            at_the_word_to_go(run, before=lambda: fcntl.flock(lock, fcntl.LOCK_EX)),
            pytest.raises(RolloutError) as raised,
        ):
            run("install tree", at=stop)
        assert stopped and raised.value.answer is not None
        assert outcomes(raised.value.answer) == {"a": "changed", "b": "failed"}


def test_an_error_after_a_change_may_have_been_made_is_no_proof(tmp_path: Path, wheels: Path) -> None:
    """Only an environment without a change of this rollout is known to be as it was."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        done = run("install tree")
    assert done.id is not None
    board = Board(str(tmp_path))
    assert came_of(KeyboardInterrupt(), board) == {"outcome": "stopped"}
    board.changing = place_of(prefixes["a"], "0-0", tmp_path)
    assert came_of(KeyboardInterrupt(), board) == {"outcome": "stopped"}
    assert came_of(WhereError("no"), board)["outcome"] == "refused"
    board.changing = place_of(prefixes["a"], done.id, tmp_path)
    for error in (KeyboardInterrupt(), WhereError("no"), OSError("no")):
        assert came_of(error, board)["outcome"] == "unknown"


def test_an_interrupt_after_the_change_tells_it(tmp_path: Path, wheels: Path) -> None:
    """While the engine is told what late workers need: whatever comes then, the environments are changed."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run.engine.remember = lambda *given: interrupt()  # type: ignore[method-assign,assignment]
        with pytest.raises(Interrupted) as raised:
            run("install tree")
        assert raised.value.message == (
            "interrupted too late: 1 of 1 environment changed; workers that join later may not have been told"
        )
        assert installed(prefixes["a"]) == {"leaf": "2.0", "tree": "1.0"}
        assert raised.value.hint is not None
        id = raised.value.hint.split()[2]
        assert outcomes(run(f"undo {id}")) == {"a": "changed"}


def test_an_interrupt_after_the_word_to_go_names_the_environments_of_which_nothing_is_known(
    tmp_path: Path, wheels: Path
) -> None:
    """One whose leader was killed is not done."""
    prefixes = make(tmp_path, a=None, b=None)
    folder = world(tmp_path)["TMPDIR"]

    def kill() -> None:
        signalled(prefixes["b"], signal.SIGKILL)
        until(lambda: any(each["state"] == "done" for each in states_in(folder)), "the other one is done")
        interrupt()

    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, kills=True) as run:
        with (
            at_the_word_to_go(run, before=lambda: signalled(prefixes["b"], signal.SIGSTOP), after=kill),
            pytest.raises(Interrupted) as raised,
        ):
            run("install tree")
        message, _, _ = raised.value.message.partition(" on ")
        assert message == f"interrupted too late: 1 of 2 environments changed; unknown: {prefixes['b']}"
        assert installed(prefixes["a"]) == {"leaf": "2.0", "tree": "1.0"}


def test_a_question_leaves_nothing_in_a_folder_that_is_being_removed(tmp_path: Path) -> None:
    """Else the folder could not be removed."""
    given = json.dumps({"folders": {own_key(): str(tmp_path)}, "say": {}})
    assert json.loads(launch.answer("poll", given)) == {"state": "gone"}
    assert list(tmp_path.iterdir()) == []


def own_key() -> str:
    """The key of the environment of this test run."""
    return str(json.loads(launch.answer("look", json.dumps({"runs_on": [], "digest": ""})))["key"])
