"""One project that is not installed, with nothing else to bring: uv is started once. Everything else is planned first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.change.installers.local import wheel
from tests.change.sessions import Session, clean_world, make_environment, session, versions
from tests.change.transaction.worlds import snapshot
from tests.environments import site_packages

pytestmark = pytest.mark.usefixtures("installer")

LINE = "install --no-index --find-links wheels"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    """An environment with `base`, of which there is a newer version."""
    folder = tmp_path / "wheels"
    for version in ("1.0", "2.0"):
        wheel(folder, "base", version)
    for name, needed in (("leaf", []), ("app", ["base"]), ("new", ["base>=2"]), ("more", ["leaf", "base"])):
        wheel(folder, name, "1.0", needed)
        wheel(folder, name, "1.1", needed)
    wheel(folder, "lost", "1.0", ["nowhere"])
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as opened:
        opened.changed(f"{LINE} base==1.0")
        yield opened


def starts(run: Session, words: str, **found: str) -> list[str]:
    """What was started for a line that brings ``found``: `plan`, `stage` or `alone`."""
    done = run(f"{LINE} {words}")
    assert done["error"] is None, done["error"]
    assert versions(run.prefix) == {"base": "1.0", **found}
    assert done["answer"]["plan"]["installer"] == "uv"
    return ["plan" if "--dry-run" in argv else "stage" if argv[-1] == "-" else "alone" for argv in done["started"]]


@pytest.mark.parametrize(
    ("words", "name", "version"),
    [
        ("leaf", "leaf", "1.1"),
        ("app", "app", "1.1"),
        ("app<1.1", "app", "1.0"),
        ("\"app>=1; python_version > '3'\"", "app", "1.1"),
        ("--no-deps more", "more", "1.1"),
        ("-r wanted.txt", "leaf", "1.1"),
    ],
)
def test_one_start_is_enough(run: Session, words: str, name: str, version: str, tmp_path: Path) -> None:
    """The newest that fits, also of a file with one name; it is recorded and undone like any other."""
    (tmp_path / "wanted.txt").write_text("leaf\n")
    before = snapshot(run.prefix)
    assert starts(run, words, **{name: version}) == ["alone"]
    (metadata,) = site_packages(run.prefix).glob(f"{name}-*.dist-info")
    assert (metadata / "REQUESTED").exists()
    assert run("history")["answer"]["transactions"][0]["changes"][0]["asked_for"] is True
    run.changed("undo")
    assert snapshot(run.prefix) == before


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("more", {"more": "1.1", "leaf": "1.1"}),
        ("new", {"new": "1.1", "base": "2.0"}),
    ],
)
def test_what_needs_more_is_planned_then(run: Session, words: str, found: dict[str, str]) -> None:
    """What it requires is missing, or too old."""
    assert starts(run, words, **found)[:2] == ["alone", "plan"]


@pytest.mark.parametrize("words", ["leaf app", "-U leaf", "--force-reinstall leaf", "-c limits.txt app"])
def test_what_says_more_than_one_name_is_planned_first(run: Session, words: str, tmp_path: Path) -> None:
    """So is a name with a limit from elsewhere, and one that may replace what is there."""
    (tmp_path / "limits.txt").write_text("app<1.1\n")
    found = {"leaf app": {"leaf": "1.1", "app": "1.1"}, "-c limits.txt app": {"app": "1.0"}}
    assert starts(run, f"--with uv {words}", **found.get(words, {"leaf": "1.1"}))[0] == "plan"


def test_a_need_that_lost_its_files_is_repaired(run: Session) -> None:
    """It is installed by its record alone."""
    (module,) = site_packages(run.prefix).glob("base*.py")
    module.unlink()
    assert starts(run, "app", app="1.1")[:2] == ["alone", "plan"]
    assert module.exists()


@pytest.mark.parametrize("name", ["lost", "unheard"])
def test_what_cannot_be_had_is_said_as_by_a_plan(run: Session, name: str) -> None:
    """Nothing is left of the attempt."""
    before = snapshot(run.prefix)
    error = run(f"{LINE} --with uv {name}")["error"]
    assert error.startswith("nothing was changed: uv could not resolve this\n")
    assert ("nowhere" if name == "lost" else name) in error
    assert snapshot(run.prefix) == before


def test_without_a_network_it_is_said_at_once(run: Session) -> None:
    """No plan tries again, nor pip."""
    done = run("install --index-url http://127.0.0.1:9/simple leaf")
    assert done["error"].startswith("nothing was changed: uv could not resolve this\n")
    assert [argv[0].rpartition("/")[2] for argv in done["started"]] == ["uv"]
