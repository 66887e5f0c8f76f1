"""Removing from the environments of several workers: the same promises as an install's, and the same undo."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from ipython_where.workers.engine import Reply
from ipython_where.workers.rollout import RolloutError
from tests import environments
from tests.faults.wheels import write_wheel

from .rollouts import (
    files,
    installed,
    joined,
    kernel,
    kill_leaders,
    late,
    leaders_of,
    make,
    outcomes,
    python_in,
    striking,
)

pytestmark = pytest.mark.usefixtures("installer")


def bring(prefix: Path, *wheels: Path) -> None:
    """Install what was there before."""
    environments.call(environments.uv(), "pip", "install", "-q", "--no-deps", "--python", python_in(prefix), *wheels)


def wheel(wheels: Path, name: str, version: str = "1.0") -> Path:
    return wheels / f"{name}-{version}-py3-none-any.whl"


# -- the whole way -----------------------------------------------------------------------------------------------------


def test_it_goes_from_each_environment_that_has_it_and_an_undo_brings_it_back(tmp_path: Path, wheels: Path) -> None:
    """One that has not got it is left alone, and says nothing of it."""
    prefixes = make(tmp_path, a=None, has=None)
    bring(prefixes["has"], wheel(wheels, "leaf"), wheel(wheels, "tree"))
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        planned = run("uninstall tree --dry-run")
        assert outcomes(planned) == {"a": "unchanged", "has": "planned"} and planned.id is None
        assert str(planned).splitlines()[0] == "would remove tree 1.0 from 1 environment, for 1 worker"
        assert {name: files(each) for name, each in prefixes.items()} == before

        done = run("uninstall tree")
        assert outcomes(done) == {"a": "unchanged", "has": "changed"} and done.findings == ()
        assert str(done).splitlines()[:2] == [
            "tree 1.0 is removed from 1 environment, for 1 worker",
            "  removed    - tree==1.0",
        ]
        assert installed(prefixes["has"]) == {"leaf": "1.0"}
        assert files(prefixes["a"]) == before["a"]

        assert outcomes(run("undo")) == {"a": "unchanged", "has": "changed"}
        assert {name: files(each) for name, each in prefixes.items()} == before


def test_what_a_program_reads_of_it(tmp_path: Path, wheels: Path) -> None:
    """Each environment has its own plan; one that has not got it has none."""
    prefixes = make(tmp_path, a=None, has=None)
    bring(prefixes["has"], wheel(wheels, "leaf"))
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        told = json.loads(json.dumps(run("uninstall leaf").to_dict()))
    parts = {os.path.basename(each["prefix"]): each for each in told["parts"]}
    assert parts["a"]["plan"] is None and parts["a"]["transaction"] is None and parts["a"]["problem"] is None
    (change,) = parts["has"]["plan"]["changes"]
    assert (change["name"], change["kind"], change["old"]) == ("leaf", "removed", "1.0")
    assert parts["has"]["transaction"]["rollout"] == told["id"]
    assert told["command"] == "%safepip uninstall leaf --on client"


def test_what_no_environment_has_is_refused_or_told(tmp_path: Path, wheels: Path) -> None:
    """Refused where nothing of the line is anywhere; beside something that is, it is told."""
    prefixes = make(tmp_path, a=None, b=None)
    bring(prefixes["a"], wheel(wheels, "leaf"), wheel(wheels, "tree"))
    bring(prefixes["b"], wheel(wheels, "leaf"))
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        error = run.refused("uninstall scone")
        assert error.message == "`scone` is not installed in any environment of `client`"
        assert [each.value for each in error.evidence] == [os.path.realpath(each) for each in prefixes.values()]
        assert error.hint == "`%where --on client` shows what is installed there"
        error = run.refused("uninstall scone tea --dry-run")
        assert error.message == "`scone`, `tea` are not installed in any environment of `client`"
        assert {name: files(each) for name, each in prefixes.items()} == before
        shown = str(run("uninstall leaf tree scone"))
    assert [each for each in shown.splitlines() if "not installed" in each] == ["`scone` is not installed"]
    assert "  removed    - leaf==1.0\n             - tree==1.0 · in 1 of 2 environments\n" in shown
    assert {tuple(installed(each)) for each in prefixes.values()} == {()}


def test_who_has_loaded_what_went_is_told_to_restart(tmp_path: Path, wheels: Path) -> None:
    """It goes on with what it has imported."""
    prefixes = make(tmp_path, a=None)
    bring(prefixes["a"], wheel(wheels, "leaf"))
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run.workers["a"].send("str(__import__('leaf').version)")
        run.workers["a"].reply(time.monotonic() + 60)
        done = run("uninstall leaf")
    assert str(done).splitlines()[0] == "leaf 1.0 is removed from 1 environment, for 1 worker: restart 1 worker"


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_refusal_anywhere_changes_nothing_anywhere(tmp_path: Path, wheels: Path) -> None:
    """In one of them, something needs it."""
    prefixes = make(tmp_path, a=None, needs=None, without=None)
    bring(prefixes["a"], wheel(wheels, "leaf"))
    bring(prefixes["needs"], wheel(wheels, "leaf"), wheel(wheels, "tree"))
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels) as run:
        for options in ("", " --dry-run"):
            error = run.refused(f"uninstall leaf{options}")
            assert error.message == "nothing was changed anywhere: `tree` would no longer have what it needs"
            assert error.hint == "`--allow-conflicts` allows it"
        assert {name: files(each) for name, each in prefixes.items()} == before
        done = run("uninstall leaf --allow-conflicts")
        assert outcomes(done) == {"a": "changed", "needs": "changed", "without": "unchanged"}


def test_what_the_workers_run_on_stays(tmp_path: Path, wheels: Path) -> None:
    """As with an install, unless it is allowed: here an engine whose module the worker has loaded."""
    write_wheel(wheels, "ipyparallel", "1.0", requires=["leaf"])
    prefixes = make(tmp_path, a=None)
    bring(prefixes["a"], wheel(wheels, "leaf"), wheel(wheels, "ipyparallel"))
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run.workers["a"].send("str(__import__('ipyparallel').__name__)")
        run.workers["a"].reply(time.monotonic() + 60)
        for name in ("ipyparallel", "leaf"):
            error = run.refused(f"uninstall {name}")
            assert error.message == (f"nothing was changed anywhere: a worker runs on `{name}`, which would be removed")
            assert error.hint == "`--allow-workers` allows it"
        assert outcomes(run("uninstall leaf --allow-workers")) == {"a": "changed"}


def test_what_the_workers_run_on_from_an_archive_stays(tmp_path: Path, wheels: Path) -> None:
    """As tasks of Spark do: their module's file is inside of one that the distribution lists."""
    archive = "pyspark/python/lib/pyspark.zip"
    write_wheel(wheels, "pyspark", "1.0", {archive: ""})
    prefixes = make(tmp_path, a=None)
    bring(prefixes["a"], wheel(wheels, "pyspark"))
    file = environments.site_packages(prefixes["a"]) / archive / "pyspark" / "__init__.py"
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run.workers["a"].send(f"str(setattr(__import__('pyspark'), '__file__', {str(file)!r}))")
        run.workers["a"].reply(time.monotonic() + 60)
        error = run.refused("uninstall pyspark")
        assert error.message == "nothing was changed anywhere: a worker runs on `pyspark`, which would be removed"


def test_a_leader_does_not_run_from_what_it_removes(tmp_path: Path, wheels: Path) -> None:
    """Where an environment has this package, it is the kernel's copy that removes it, and brings it back."""
    prefixes = {"a": environments.make_in(tmp_path / "a", ["."])}
    before = files(prefixes["a"])
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run("install leaf --dry-run")
        assert outcomes(run("uninstall ipython-where")) == {"a": "changed"}
        assert "ipython_where" not in installed(prefixes["a"])
        assert outcomes(run("undo")) == {"a": "changed"}
        (tried, *others) = (len(each) for each in run.engine.sent if "('start', " in each)
    assert tried < 100_000 and all(each > 1_000_000 for each in others)
    assert files(prefixes["a"]) == before


# -- what may happen on the way ----------------------------------------------------------------------------------------


def test_a_killed_leader_changes_nothing_and_the_next_line_works(tmp_path: Path, wheels: Path) -> None:
    """Before the word to go, nothing is changed in the other one either."""
    prefixes = make(tmp_path, a=None, b=None)
    for each in prefixes.values():
        bring(each, wheel(wheels, "leaf"))
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, kills=True) as run:
        with striking(run, "b", prefixes["b"], lambda: kill_leaders(prefixes["b"])):
            error = run.refused("uninstall leaf")
        assert error.message == "nothing was changed anywhere: its leader was killed"
        assert {name: files(each) for name, each in prefixes.items()} == before
        assert outcomes(run("uninstall leaf")) == {"a": "changed", "b": "changed"}


def test_what_a_kill_in_the_last_step_leaves_is_told_and_taken_back(tmp_path: Path, wheels: Path) -> None:
    """One environment is whole with it, the other one without; the line of the error brings it back."""
    prefixes = make(tmp_path, a=None, b=None)
    for each in prefixes.values():
        bring(each, wheel(wheels, "leaf"))
    before = {name: files(each) for name, each in prefixes.items()}
    with kernel(tmp_path, {name: python_in(each) for name, each in prefixes.items()}, wheels, kills=True) as run:
        ask = run.engine.run_everywhere

        def killing(client: object, expression: str, **more: object) -> dict[str, Reply]:
            stopped = leaders_of(prefixes["b"]) if ': "go"' in expression else []
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            replies = ask(client, expression, **more)  # type: ignore[arg-type]
            for pid in stopped:
                os.kill(pid, signal.SIGKILL)
            return dict(replies)

        run.engine.run_everywhere = killing  # type: ignore[method-assign]
        error = run.refused("uninstall leaf")
        run.engine.run_everywhere = ask  # type: ignore[method-assign]
        assert isinstance(error, RolloutError) and error.answer is not None
        assert error.message == "1 of 2 environments failed"
        assert outcomes(error.answer) == {"a": "changed", "b": "unknown"}
        assert (installed(prefixes["a"]), installed(prefixes["b"])) == ({}, {"leaf": "1.0"})
        assert outcomes(run(f"undo {error.answer.id}")) == {"a": "changed", "b": "unchanged"}
        assert {name: files(each) for name, each in prefixes.items()} == before


# -- workers that join later -------------------------------------------------------------------------------------------


def test_a_late_worker_does_not_get_what_was_removed(tmp_path: Path, wheels: Path) -> None:
    """What it is told is each line in its order, so that it ends as the others did; and the undo takes that line out."""
    with late(tmp_path, wheels) as (run, prefix):
        done = run("uninstall tree")
        assert done.later == "workers that join later lose tree first"
        assert joined(run, prefix, tmp_path) == ""
        assert installed(prefix) == {"leaf": "2.0"}
        assert run("undo").later == "workers that join later get tree 1.0 first"
        (another,) = make(tmp_path, another=None).values()
        assert joined(run, another, tmp_path) == ""
        assert installed(another) == {"leaf": "2.0", "tree": "1.0"}


def test_what_a_late_worker_brings_along_goes_as_well(tmp_path: Path, wheels: Path) -> None:
    """Unless something there needs it: its log says so, and it joins. One that has not got it says nothing."""
    prefixes = make(tmp_path, a=None, bare=None, has=None, needs=None)
    bring(prefixes["a"], wheel(wheels, "leaf"))
    bring(prefixes["has"], wheel(wheels, "leaf"))
    bring(prefixes["needs"], wheel(wheels, "leaf"), wheel(wheels, "tree"))
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        done = run("uninstall leaf")
        assert done.later == "workers that join later lose leaf first"
        assert joined(run, prefixes["bare"], tmp_path) == "" and joined(run, prefixes["has"], tmp_path) == ""
        assert installed(prefixes["has"]) == {}
        assert "`tree` would no longer have what it needs" in joined(run, prefixes["needs"], tmp_path)
        assert installed(prefixes["needs"]) == {"leaf": "1.0", "tree": "1.0"}
        assert run("install leaf").later == "workers that join later get leaf 2.0 first"
        assert run("undo").later == "workers that join later lose leaf first"
        assert run("undo").later == "workers that join later get nothing"
        assert run.engine.later == {}
