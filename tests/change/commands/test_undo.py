"""Taking changes back by name and by order, and what is said where that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.change.installers import local
from tests.change.sessions import AS_JUPYTER_DOES, clean_world, make_environment, session, versions
from tests.change.transaction.worlds import Snapshot, snapshot
from tests.faults.wheels import write_wheel

pytestmark = pytest.mark.usefixtures("installer")


def test_undo(tmp_path: Path) -> None:
    """The last change, or the one that is named; each message says what to run."""
    prefix = make_environment(tmp_path / "env")
    for name in ("first", "second"):
        local.wheel(tmp_path / "wheels", name, "1.0")
    local.wheel(tmp_path / "wheels", "needs_first", "1.0", ["first"])
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        nothing = "there is nothing to undo\n\nhint: `%safepip history` shows what was done"
        assert run("undo")["error"] == nothing
        assert run("history")["answer"]["transactions"] == []
        for name in ("first", "second"):
            run.changed(f"install --no-index -f wheels {name}")
        assert run("undo tx-9")["error"] == (
            "there is no transaction `tx-9`\n\nhint: `%safepip history` lists the transactions"
        )
        done = run.changed("undo tx-1")
        assert [(each["name"], each["kind"]) for each in done["plan"]["changes"]] == [("first", "removed")]
        assert versions(prefix) == {"second": "1.0"}
        run.changed("undo tx-2")
        assert versions(prefix) == {}
        told = [(each["id"], each["undoable"]) for each in run.changed("history")["transactions"]]
        assert told == [("tx-4", True), ("tx-3", True), ("tx-2", False), ("tx-1", False)]
        run.changed("undo tx-3")
        assert versions(prefix) == {"first": "1.0"}


def test_a_bare_undo_goes_one_further_back_each_time(tmp_path: Path) -> None:
    """It takes no undo back; that is done by name."""
    prefix = make_environment(tmp_path / "env")
    for name in ("first", "second"):
        local.wheel(tmp_path / "wheels", name, "1.0")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        for name in ("first", "second"):
            run.changed(f"install --no-index -f wheels {name}")
        run.changed("undo")
        assert versions(prefix) == {"first": "1.0"}
        run.changed("undo")
        assert versions(prefix) == {}
        assert run("undo")["error"].splitlines()[0] == "there is nothing to undo"


def test_a_damaged_one_is_named_for_what_it_is(tmp_path: Path) -> None:
    """History lists it, so it is there; the last one that can be read is undone as ever."""
    prefix = make_environment(tmp_path / "env")
    for name in ("first", "second"):
        local.wheel(tmp_path / "wheels", name, "1.0")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        for name in ("first", "second"):
            run.changed(f"install --no-index -f wheels {name}")
        journal = prefix / ".safepip" / "tx-2" / "journal.json"
        journal.write_text("{")
        said = run("undo tx-2")["error"].splitlines()
        assert said[0] == "`tx-2` cannot be undone: its journal is broken"
        assert said[1].split() == ["journal", str(journal)]
        run.changed("undo")
        assert versions(prefix) == {"second": "1.0"}


def test_an_undo_that_would_break_another(tmp_path: Path) -> None:
    """What was installed since needs it: refused, with nothing changed."""
    prefix = make_environment(tmp_path / "env")
    local.wheel(tmp_path / "wheels", "below", "1.0")
    local.wheel(tmp_path / "wheels", "above", "1.0", ["below"])
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        run.changed("install --no-index -f wheels below")
        run.changed("install --no-index -f wheels above")
        said = run("undo tx-1")["error"].splitlines()
        assert said[0] == "nothing was changed: `above` would no longer have what it needs"
        assert said[-1] == "hint: `--allow-conflicts` allows it"
        assert versions(prefix) == {"above": "1.0", "below": "1.0"}


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_the_first_of_two_in_a_namespace_is_taken_back_beside_the_second(tmp_path: Path, tool: str) -> None:
    """By its transaction; the second stays as it is, and goes with its own undo, the shared folders too."""
    prefix = make_environment(tmp_path / "env")
    for name in ("first", "second"):
        files = {f"space/cloud/{name}/x.py": "", f"{name}-1.0.data/data/share/space/{name}.json": "{}"}
        write_wheel(tmp_path / "wheels", name, "1.0", files)
    before = snapshot(prefix)
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        line = f"install --with {tool} --no-index -f wheels"
        run.changed(f"{line} second")
        alone = snapshot(prefix)
        run.changed("undo")
        run.changed(f"{line} first")
        run.changed(f"{line} second")
        assert run.changed("undo tx-3")["plan"]["changes"][0]["kind"] == "removed"
        if tool == "uv":  # pip writes the time of its source into a `.pyc`
            assert snapshot(prefix) == alone
        assert snapshot(prefix).keys() == alone.keys()
        run.changed("undo tx-4")
        assert snapshot(prefix) == before


def test_an_undo_says_and_brings_back_what_was_there_editable_or_not(tmp_path: Path) -> None:
    prefix = make_environment(tmp_path / "env")
    for place in ("one", "two"):
        local.project(tmp_path / place, "twice")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        lines = ("./one", "-e ./one", "-e ./two", "./two")
        states: list[tuple[Snapshot, tuple[object, ...]]] = [(snapshot(prefix), ())]
        for each in lines:
            (change,) = run.changed(f"install --with uv {each}")["plan"]["changes"]
            states.append((snapshot(prefix), (change["editable"], change["source"])))
        for number in range(len(lines), 1, -1):
            (change,) = run.changed(f"undo tx-{number}")["plan"]["changes"]
            tree, described = states[number - 1]
            assert (change["kind"], change["editable"], change["source"]) == ("rebuilt", *described)
            assert snapshot(prefix) == tree
        (change,) = run.changed("undo tx-1")["plan"]["changes"]
        assert (change["kind"], snapshot(prefix)) == ("removed", states[0][0])


@pytest.mark.parametrize("line", [".", "file://{folder}", "./sub"])
def test_an_install_of_a_folder_says_what_happened(tmp_path: Path, line: str) -> None:
    """What came is not called satisfied; and the folder beside the notebook is what was installed, though it is found first."""
    prefix, folder = make_environment(tmp_path / "env"), tmp_path / "project"
    local.project(folder, "beside")
    local.project(folder / "sub", "below")
    with session(prefix, clean_world(tmp_path / "home"), folder, start=AS_JUPYTER_DOES) as run:
        done = run.changed("install --with uv " + line.format(folder=folder))
        name = "below" if "sub" in line else "beside"
        assert [(each["name"], each["kind"]) for each in done["plan"]["changes"]] == [(name, "added")]
        assert done["plan"]["satisfied"] == []
        assert (done["verdict"]["importable"], done["verdict"]["invisible"]) == ([name], [])
