"""The kinds of tests: what is started is told, and `make test` has some of each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .environments import kept
from .kinds import COSTS, LATER, LONG, SLICE, STARTS, kind_of


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ENV/bin/pip install x", "installer"),
        ("/a/stand-in/pip install x", None),
        ("/env/bin/python -I -m pip install x", "installer"),
        ("uv pip install x", "installer"),
        ("/env/bin/python -m ipykernel_launcher -f kernel.json", "kernel"),
        ("/env/bin/python -m jupyterlab --no-browser", "server"),
        ("/env/bin/jupyter-server", "server"),
        ("sh -c pip", "shells"),
        ("/usr/bin/zsh -f", "shells"),
        ("python -m tests.faults.driver", "faults"),
        ("python -m distributed.cli.dask_worker tcp://127.0.0.1:8786", "workers"),
        ("python -m ipyparallel.engine --file=engine.json", "workers"),
        ("python -m ray.scripts.scripts start --head", "workers"),
        ("pyspark/bin/spark-class org.apache.spark.deploy.master.Master", "workers"),
        ("python -m pytest -p peers_outcomes", "peers"),
        ("python -c pass", None),
        ("git clone pip", None),
    ],
)
def test_the_kind_of_a_program(line: str, kind: str | None) -> None:
    assert kind_of(line.replace("ENV", str(kept("pip-venv", maker="venv"))).split()) == kind


def test_what_no_fixture_tells_of_fails() -> None:
    """The message has the command, and the fixture to take."""
    subprocess.run(["sh", "-c", "exit"], check=True)
    with pytest.raises(AssertionError) as failure:
        STARTS.check()
    assert str(failure.value) == "'sh -c exit': take the fixture `shells`"


@pytest.mark.usefixtures("shells")
def test_what_a_fixture_tells_of_is_right() -> None:
    subprocess.run(["sh", "-c", "exit"], check=True)
    STARTS.check()


def test_a_test_has_the_markers_of_its_fixtures(request: pytest.FixtureRequest) -> None:
    assert [mark.name for mark in request.node.iter_markers()] == ["quick"]


@pytest.mark.usefixtures("kernel", "installer")
def test_a_test_has_the_markers_of_all_its_fixtures(request: pytest.FixtureRequest) -> None:
    assert {mark.name for mark in request.node.iter_markers()} == {"kernel", "installer", "usefixtures"}


def test_what_takes_long_is_there() -> None:
    root = Path(__file__).parent.parent
    assert [file for file in LONG if not (root / file).is_file()] == []


def test_the_slice_has_some_of_each_kind() -> None:
    """But for other projects' tests, and clusters; each name in it is the name of a test, which has that kind."""
    assert set(SLICE) == set(COSTS) - {"peers", "workers"}
    names = [name for names in SLICE.values() for name in names]
    collect("quick", *names)


def test_what_is_left_for_later_is_there() -> None:
    """And `make test` doesn't run it."""
    out = collect("not quick", *LATER)
    assert all(name in out for name in LATER)


def collect(marker: str, *names: str) -> str:
    """What pytest says of the tests with a marker; each name has to be one of a test."""
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", marker, *names]
    done = subprocess.run(argv, cwd=Path(__file__).parent.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
