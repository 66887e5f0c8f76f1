"""A change of the environments of several workers, by real interpreters in real environments."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ipython_where.change.transaction.unfinished import STORE
from ipython_where.errors import Interrupted
from ipython_where.workers.engine import Reply
from ipython_where.workers.rollout import RolloutError
from tests import environments
from tests.faults.wheels import write_wheel

from .processes import Worker
from .rollouts import (
    OLD,
    OTHER,
    files,
    installed,
    interrupt,
    kernel,
    kill_leaders,
    leaders_of,
    make,
    outcomes,
    python_in,
    striking,
    until,
    world,
)

pytestmark = pytest.mark.usefixtures("installer")


# -- the whole way -----------------------------------------------------------------------------------------------------


def test_one_line_changes_each_environment_once_and_an_undo_takes_it_back(tmp_path: Path, wheels: Path) -> None:
    """Five workers in four environments: two in one, another minor version, and one that is too old to run this package."""
    prefixes = make(tmp_path, a=None, equal=None, other=OTHER, old=OLD)
    before = {name: files(each) for name, each in prefixes.items()}
    pythons = {name: python_in(each) for name, each in prefixes.items()} | {"second": python_in(prefixes["a"])}
    with kernel(tmp_path, pythons, wheels) as run:
        planned = run("install tree --dry-run")
        assert set(outcomes(planned).values()) == {"planned"} and planned.id is None
        assert {name: files(each) for name, each in prefixes.items()} == before

        done = run("install tree")
        assert outcomes(done) == dict.fromkeys(prefixes, "changed")
        assert {installed(each) == {"leaf": "2.0", "tree": "1.0"} for each in prefixes.values()} == {True}
        (twice,) = (each for each in done.parts if os.path.basename(each.prefix) == "a")
        assert twice.workers == ("a", "second")

        again = run("install tree")
        assert outcomes(again) == dict.fromkeys(prefixes, "unchanged") and again.id is None

        undone = run("undo")
        assert undone.undoes == done.id and outcomes(undone) == dict.fromkeys(prefixes, "changed")
        assert {name: files(each) for name, each in prefixes.items()} == before
        assert run.refused("undo").message == "there is nothing to undo in the environments of `client`"


def test_equal_environments_share_one_plan(tmp_path: Path, wheels: Path) -> None:
    """The second one gets the pins of the first, with hashes; one that holds something else keeps to the versions."""
    prefixes = make(tmp_path, a=None, equal=None, fuller=None)
    leaf = wheels / "leaf-2.0-py3-none-any.whl"
    environments.call(environments.uv(), "pip", "install", "-q", "--python", python_in(prefixes["fuller"]), leaf)
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        assert set(outcomes(run("install leaf==1.0 tree")).values()) == {"changed"}
        jobs = [job for sent in run.engine.sent for job in jobs_in(sent)]
        environments.call(
            environments.uv(), "pip", "install", "-q", "--python", python_in(prefixes["fuller"]), leaf, "--no-deps"
        )
        (finding,) = run("install leaf").findings
        assert finding.message.startswith("`leaf` is of 2 versions in these environments")
        assert finding.hint == "`%safepip install leaf==1.0 --on client` makes them equal"
    made = [job for job in jobs if job["planned"] is None]
    (given,) = (job for job in jobs if job["planned"] is not None)
    assert len(jobs) == 3 and len(made) == 2
    assert sorted((pin["name"], pin["version"]) for pin in given["planned"]) == [("leaf", "1.0"), ("tree", "1.0")]
    assert all(pin["hashes"] for pin in given["planned"])
    assert sorted(job["limits"] for job in made) == [[], ["leaf==1.0", "tree==1.0"]]


def test_equal_environments_that_have_nothing_to_do_are_asked_at_once(tmp_path: Path, wheels: Path) -> None:
    """After the first one of them, which might have had a plan for the others."""
    prefixes = make(tmp_path, a=None, b=None, c=None, d=None)
    leaf = wheels / "leaf-2.0-py3-none-any.whl"
    for each in prefixes.values():
        environments.call(environments.uv(), "pip", "install", "-q", "--python", python_in(each), leaf)
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        assert outcomes(run("install leaf")) == dict.fromkeys(prefixes, "unchanged")
        assert [len(jobs) for sent in run.engine.sent if (jobs := jobs_in(sent))] == [1, 3]


def jobs_in(expression: str) -> list[dict[str, Any]]:
    """The jobs in an expression that starts leaders."""
    found: list[dict[str, Any]] = []

    def answer(function: str, given: str) -> str:
        if function == "start":
            found.extend(json.loads(given)["jobs"].values())
        return "{}"

    call = expression[expression.index("ns['answer']") :].rpartition(")[1])(")[0]
    eval(call, {"ns": {"answer": answer}})
    return found


def test_a_refusal_anywhere_changes_nothing_anywhere(tmp_path: Path, wheels: Path) -> None:
    """One environment has something that needs an older version; another one has a file in the way, which only a stage shows."""
    prefixes = make(tmp_path, a=None, needs=None)
    holder = write_wheel(tmp_path / "more", "holder", "1.0", requires=["leaf<2"])
    first = wheels / "leaf-1.0-py3-none-any.whl"
    for each in (first, holder):
        environments.call(environments.uv(), "pip", "install", "-q", "--python", python_in(prefixes["needs"]), each)
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        error = run.refused("install leaf==2.0")
        assert error.message == "nothing was changed anywhere: `holder` would no longer have what it needs"
        assert {name: files(each) for name, each in prefixes.items()} == before
        write_wheel(wheels, "thief", "1.0", {"holder/__init__.py": "mine = True\n"})
        error = run.refused("install thief")
        assert error.message.startswith("nothing was changed anywhere: "), error.message
        assert {name: files(each) for name, each in prefixes.items()} == before
        assert outcomes(run("install tree")) == dict.fromkeys(prefixes, "changed")


def test_an_undo_is_of_the_newest_rollout_and_leaves_who_had_no_part_in_it(tmp_path: Path, wheels: Path) -> None:
    """The next one goes one further back; an older one can be named."""
    prefixes = make(tmp_path, a=None, b=None)
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        both = run("install leaf==1.0")
        away = run.workers.pop("b")
        run("install leaf==2.0")
        run.workers["b"] = away
        assert outcomes(run("undo --dry-run")) == {"a": "planned", "b": "unchanged"}
        assert outcomes(run("undo")) == {"a": "changed", "b": "unchanged"}
        assert [installed(each) for each in prefixes.values()] == [{"leaf": "1.0"}, {"leaf": "1.0"}]
        assert outcomes(run(f"undo {both.id}")) == {"a": "changed", "b": "changed"}
        assert run.refused("undo 0-0").message == "there is no rollout `0-0` to undo in the environments of `client`"


def test_who_has_loaded_what_was_replaced_is_told_to_restart(tmp_path: Path, wheels: Path) -> None:
    """Each worker is asked, not only the one that leads."""
    prefixes = make(tmp_path, a=None)
    pythons = {name: python_in(prefixes["a"]) for name in ("one", "two")}
    with kernel(tmp_path, pythons, wheels) as run:
        run("install leaf==1.0")
        run.workers["two"].send("str(__import__('leaf').version)")
        run.workers["two"].reply(time.monotonic() + 60)
        (part,) = run("install leaf==2.0").parts
        assert part.restart == ("two",)
        assert "restart 1 worker" in str(run("undo"))


# -- what may happen on the way ----------------------------------------------------------------------------------------


def test_a_killed_leader_changes_nothing_and_the_next_line_works(tmp_path: Path, wheels: Path) -> None:
    """Its stage is taken away by the next one, and so is its private folder."""
    prefixes = make(tmp_path, a=None, b=None)
    before = {name: files(each) for name, each in prefixes.items()}
    killed: list[int] = []

    def kill() -> None:
        killed.extend(kill_leaders(prefixes["b"]))

    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, kills=True) as run:
        with striking(run, "b", prefixes["b"], kill):
            error = run.refused("install tree")
        assert killed
        assert error.message == "nothing was changed anywhere: its leader was killed"
        assert {name: files(each) for name, each in prefixes.items()} == before
        assert outcomes(run("install tree")) == dict.fromkeys(prefixes, "changed")


def test_a_killed_worker_costs_nothing_where_another_one_is_in_its_environment(tmp_path: Path, wheels: Path) -> None:
    """The leader is a process of its own, and any worker there can read what it wrote."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {name: python_in(prefixes["a"]) for name in ("one", "two")}, wheels) as run:
        with striking(run, "one", prefixes["a"], lambda: run.workers["one"].end()):
            assert outcomes(run("install tree")) == {"a": "changed"}
        assert run.workers["one"].process.poll() is not None


def test_leaders_that_nobody_asks_end_by_themselves(tmp_path: Path, wheels: Path) -> None:
    """As after a kernel was killed: nothing was changed, and their folders are gone."""
    prefixes = make(tmp_path, a=None)
    before = files(prefixes["a"])

    class Killed(BaseException):
        """What a kernel's end is to it."""

    def dead(*given: object, **more: object) -> NoReturn:
        raise Killed

    def die() -> None:
        run.engine.run_everywhere = dead  # type: ignore[method-assign]
        dead()

    with kernel(tmp_path, {"one": python_in(prefixes["a"])}, wheels) as run:
        with striking(run, "one", prefixes["a"], die), pytest.raises(Killed):
            run("install tree", patience=10.0)
        until(lambda: not leaders_of(prefixes["a"]), "the leader ends")
        assert files(prefixes["a"]) == before
        assert outcomes(run("install tree")) == {"a": "changed"}


def test_an_interrupt_ends_the_waiting_and_the_leaders(tmp_path: Path, wheels: Path) -> None:
    """Within a second: the last word goes out, and whoever did not confirm it is named."""
    prefixes = make(tmp_path, a=None, b=None)
    before = {name: files(each) for name, each in prefixes.items()}

    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        with striking(run, "a", prefixes["a"], interrupt), pytest.raises(Interrupted) as raised:
            run("install tree")
        assert raised.value.message.startswith("interrupted: nothing was changed")
        until(lambda: not any(map(leaders_of, prefixes.values())), "the leaders end")
        assert {name: files(each) for name, each in prefixes.items()} == before
        assert outcomes(run("install tree")) == dict.fromkeys(prefixes, "changed")


@pytest.mark.parametrize("moment", ["before the swap", "in the swap"])
def test_a_leader_that_is_killed_in_the_last_step_leaves_what_the_next_line_repairs(
    tmp_path: Path, wheels: Path, moment: str
) -> None:
    """What was done is told, environment by environment, with the line that takes it back."""
    prefixes = make(tmp_path, a=None, b=None)
    before = {name: files(each) for name, each in prefixes.items()}
    journals = prefixes["b"] / STORE
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, kills=True) as run:
        ask = run.engine.run_everywhere

        def killing(client: object, expression: str, **more: Any) -> Mapping[str, Reply]:
            leaders = leaders_of(prefixes["b"]) if ': "go"' in expression else []
            for pid in leaders:
                os.kill(pid, signal.SIGSTOP)
            replies = ask(client, expression, **more)
            for pid in leaders:
                if moment == "in the swap":
                    os.kill(pid, signal.SIGCONT)
                    until(lambda: any(journals.glob("tx-*/manifest.json")), "the swap begins")
                os.kill(pid, signal.SIGKILL)
            return replies

        run.engine.run_everywhere = killing  # type: ignore[method-assign]
        try:
            found = outcomes(run("install tree"))
            assert moment == "in the swap", "it came to its end before it was killed"
        except RolloutError as error:
            assert error.answer is not None
            assert error.message == "1 of 2 environments failed"
            assert error.hint == f"`%safepip undo {error.answer.id} --on client` takes back what was done"
            found = outcomes(error.answer)
        assert found in ({"a": "changed", "b": "unknown"}, {"a": "changed", "b": "changed"})
        run.engine.run_everywhere = ask  # type: ignore[method-assign]
        run("install tree")
        assert {tuple(installed(each)) for each in prefixes.values()} == {("leaf", "tree")}
        while any(map(installed, prefixes.values())):
            assert run("undo").undoes
        assert {name: files(each) for name, each in prefixes.items()} == before


def test_those_that_are_ready_wait_as_long_as_the_slowest_takes(tmp_path: Path, wheels: Path) -> None:
    """They are asked meanwhile, so that they do not take the kernel for dead."""
    prefixes = make(tmp_path, a=None, b=None)
    patience = 10.0
    (prefixes["b"] / STORE).mkdir(mode=0o700)
    ready: list[float] = []
    with (
        kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run,
        open(prefixes["b"] / STORE / "lock", "wb") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)

        def release(step: str) -> None:
            if "(1 of 2 environments ready)" in step:
                ready.append(time.monotonic())
                if ready[-1] - ready[0] > 2 * patience:
                    fcntl.flock(lock, fcntl.LOCK_UN)

        assert outcomes(run("install leaf", at=release, patience=patience)) == dict.fromkeys(prefixes, "changed")
    assert ready[-1] - ready[0] > 2 * patience


def test_a_worker_that_was_killed_and_is_back_under_another_name_is_found(tmp_path: Path, wheels: Path) -> None:
    """As a nanny restarts it: the leader did not notice."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"one": python_in(prefixes["a"])}, wheels) as run:

        def restart() -> None:
            run.workers["one"].end()
            run.workers["two"] = Worker(python_in(prefixes["a"]), world(tmp_path), tmp_path)

        with striking(run, "one", prefixes["a"], restart):
            assert outcomes(run("install tree")) == {"a": "changed"}


def test_a_worker_that_hangs_does_not_cost_the_other_environments_their_leaders(tmp_path: Path, wheels: Path) -> None:
    """Another worker there is asked, soon enough; what the one that hangs has loaded is unknown."""
    prefixes = make(tmp_path, a=None, b=None)
    leaf = wheels / "leaf-1.0-py3-none-any.whl"
    for each in prefixes.values():
        environments.call(environments.uv(), "pip", "install", "-q", "--python", python_in(each), leaf)
    pythons = {"a": python_in(prefixes["a"]), "hung": python_in(prefixes["b"]), "well": python_in(prefixes["b"])}
    with kernel(tmp_path, pythons, wheels) as run:

        def hang() -> None:
            os.kill(run.workers["hung"].process.pid, signal.SIGSTOP)

        with striking(run, "hung", prefixes["b"], hang):
            done = run("install leaf==2.0", patience=20.0)
        assert outcomes(done) == {"a": "changed", "b": "changed"}
        (finding,) = done.findings
        assert finding.message == "1 worker did not say what of the replaced or removed modules is loaded there"
        assert [each.value for each in finding.evidence] == ["hung"]


def test_what_is_rolled_back_of_an_earlier_change_is_told(
    tmp_path: Path, wheels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a change of the kernel's own environment tells it, with the environment's name."""
    prefixes = make(tmp_path, a=None)
    before = files(prefixes["a"])
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run("install leaf")
        (journal,) = (prefixes["a"] / STORE).glob("tx-*/journal.json")
        journal.write_text(journal.read_text().replace('"committed"', '"swapping"'))
        (journal.parent / "stage").mkdir()
        run.refused("undo")
        assert files(prefixes["a"]) == before
    prefix = os.path.realpath(prefixes["a"])
    assert f"{prefix}: `%safepip install " in (said := capsys.readouterr().out)
    assert said.endswith(" did not finish: it was rolled back, and the environment is as it was before\n")
