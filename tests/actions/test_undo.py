"""Taking changes back by name and by order, and what is said where that cannot be."""

from __future__ import annotations

from pathlib import Path

from tests.actions.sessions import clean_world, make_environment, session, versions
from tests.install.installers import local


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
            "there is no transaction `tx-9`\n\nhint: `%safepip history` shows those that there are"
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
