"""Workers that join later: they bring the same into their environments first, whatever stands in the way there."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from ipython_where.change.transaction.locks import locked
from ipython_where.change.transaction.unfinished import STORE
from ipython_where.workers.engine import Answered
from tests import environments
from tests.faults.wheels import write_wheel
from tests.users import ALONE_AS_ROOT, SOMEBODY

from .processes import Worker
from .rollouts import (
    Kernel,
    installed,
    joined,
    joining,
    kernel,
    late,
    leaders_of,
    left_in,
    make,
    outcomes,
    python_in,
    states_in,
    striking,
    until,
    world,
)

pytestmark = pytest.mark.usefixtures("installer")


def own_folder(run: Kernel, prefix: Path, tmp_path: Path) -> Path:
    """The private folder of the leader that a late worker in this environment would start."""
    token = re.findall(r'\\*"token\\*": \\*"(\w{32})', run.engine.later["safepip"])[-1]
    worker = Worker(python_in(prefix), world(tmp_path), tmp_path)
    worker.send(run.engine.sent[0])  # a look
    reply = worker.reply(time.monotonic() + 120)
    worker.end()
    assert isinstance(reply, Answered)
    key = json.loads(reply.text)["key"]
    return Path(world(tmp_path)["TMPDIR"], f"safepip-{token}-{key}")


def test_a_late_worker_gets_the_versions_that_the_others_have(tmp_path: Path, wheels: Path) -> None:
    """Though the index has newer ones by now; one whose environment holds something else keeps to the versions, too."""
    with late(tmp_path, wheels) as (run, same):
        (fuller,) = make(tmp_path, fuller=None).values()
        more = write_wheel(tmp_path / "more", "more", "1.0")
        environments.call(environments.uv(), "pip", "install", "-q", "--python", python_in(fuller), more)
        write_wheel(wheels, "leaf", "3.0")
        write_wheel(wheels, "tree", "3.0", requires=["leaf>=1"])
        assert joined(run, same, tmp_path) == ""
        assert installed(same) == {"leaf": "2.0", "tree": "1.0"}
        assert joined(run, fuller, tmp_path) == ""
        assert installed(fuller) == {"leaf": "2.0", "more": "1.0", "tree": "1.0"}


def test_a_killed_leader_of_another_late_worker_is_in_nobodys_way(tmp_path: Path, wheels: Path) -> None:
    """Its folder says that it is dead: another one begins."""
    with late(tmp_path, wheels, kills=True) as (run, prefix):
        folder = own_folder(run, prefix, tmp_path)
        folder.mkdir(0o700)
        for name in ("asked", ".held"):
            (folder / name).touch(0o600)
        (folder / "state").write_text('{"state": "working"}')
        assert joined(run, prefix, tmp_path) == ""
        assert installed(prefix) == {"leaf": "2.0", "tree": "1.0"}


@ALONE_AS_ROOT
@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_another_user_puts_in_the_place_of_a_folder_is_not_believed(
    tmp_path: Path, wheels: Path, kind: str
) -> None:
    """Nor is anything written there; the worker says why it has not got what the others have."""
    with late(tmp_path, wheels, kills=True) as (run, prefix):
        folder, theirs = own_folder(run, prefix, tmp_path), tmp_path / "theirs"
        place = folder if kind == "folder" else theirs
        place.mkdir()
        (place / "state").write_text('{"state": "done", "outcome": "answered"}')
        if kind == "link":
            folder.symlink_to(theirs)
        for each in (folder, place, place / "state"):
            os.chown(each, SOMEBODY, SOMEBODY, follow_symlinks=False)
        assert joined(run, prefix, tmp_path) == (
            "ipython_where: this worker's environment did not get what the others have: "
            "something of another user is in the place of its private folder\n"
        )
        assert installed(prefix) == {} and [each.name for each in place.iterdir()] == ["state"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, wheels: Path) -> None:
    """As where a dangling link has its name: nothing is there, and nothing came."""
    with late(tmp_path, wheels) as (run, prefix):
        folder = own_folder(run, prefix, tmp_path)
        folder.symlink_to(tmp_path / "nowhere")
        assert "something of another user is in the place" in joined(run, prefix, tmp_path)
        folder.unlink()


def test_a_late_worker_waits_for_who_changes_its_environment(tmp_path: Path, wheels: Path) -> None:
    """Also where that is another leader of the same rollout, as in a container that shares the folder."""
    with late(tmp_path, wheels) as (run, prefix):
        (store := prefix / STORE).mkdir(mode=0o700)
        rollout = re.findall(r'\\*"rollout\\*": \\*"([\da-f]+-[\da-f]+)', run.engine.later["safepip"])[-1]
        with locked(str(store / "lock"), command=f"%safepip install tree ({rollout})"):
            process = joining(run, prefix, tmp_path)
            folder = world(tmp_path)["TMPDIR"]
            until(lambda: "waiting" in steps_in(folder) or process.poll() is not None, "it waits")
            assert process.poll() is None
        assert process.communicate()[1] == ""
        assert installed(prefix) == {"leaf": "2.0", "tree": "1.0"}


def steps_in(folder: str) -> str:
    """What the leaders do whose private folders are in it."""
    return " ".join(str(each.get("step")) for each in states_in(folder))


def test_an_undo_of_an_undo_brings_it_back_and_tells_late_workers_again(tmp_path: Path, wheels: Path) -> None:
    """By its name; without one, an undo goes one further back each time."""
    prefixes = make(tmp_path, a=None)
    with kernel(tmp_path, {"a": python_in(prefixes["a"])}, wheels) as run:
        run("install leaf==1.0")
        run("install leaf==2.0")
        undone = run("undo")
        assert undone.later == "workers that join later get leaf 1.0 first"
        again = run(f"undo {undone.id}")
        assert outcomes(again) == {"a": "changed"} and again.undoes == undone.id
        assert again.later == "workers that join later get leaf 2.0 first"
        assert installed(prefixes["a"]) == {"leaf": "2.0"}


def test_the_name_of_a_private_folder_is_in_no_command_line(tmp_path: Path, wheels: Path) -> None:
    """Every user of a machine can read those, and could make a folder of that name for the next worker."""
    prefixes = make(tmp_path, a=None)
    found: list[str] = []

    def read() -> None:
        folders = [each for each in left_in(world(tmp_path)["TMPDIR"]) if len(each) > 40]
        lines = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in leaders_of(prefixes["a"])]
        assert folders and lines
        found.extend(line for line in lines if any(each in line for each in folders))

    pythons = {"one": python_in(prefixes["a"])}
    with kernel(tmp_path, pythons, wheels) as run, striking(run, "one", prefixes["a"], read):
        run("install tree")
    assert found == []
