"""Checkouts of a transaction: gone, or kept aside, whenever it is cut short."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ipython_where.errors import WhereError
from ipython_where.install.checkouts import Checkouts
from ipython_where.install.transaction import Store
from tests.install.worlds import (
    SITE,
    Fault,
    FaultyDisk,
    broken_disk,
    copy,
    install,
    lay_out,
    make_world,
    open_store,
    snapshot,
    upgrade,
)

FILES = {"src/one/file.py": "1", "src/one/.git/config": "1", "src/two/file.py": "2"}


def wanted(root: Path) -> Checkouts:
    """Two repositories in a folder that is not there yet."""
    return Checkouts(folder=str(root / "src"), names=("one", "two"), is_new=True)


def crashed(root: Path) -> None:
    """A transaction that was cut short when its checkouts were there."""
    open_store(root).begin("%safepip install -e git+file:///me:secret@x#egg=one", checkouts=wanted(root))
    lay_out(root, FILES)


def test_given_up_at_once(tmp_path: Path) -> None:
    """Both are deleted, and the folder, unless something else is in it by then."""
    root = tmp_path / "root"
    make_world(root)
    before = snapshot(root)
    for other in (False, True):
        store = open_store(root)
        staging = store.begin("install", checkouts=wanted(root))
        lay_out(root, {**FILES, "src/other/file.py": "3"} if other else FILES)
        store.abandon(staging)
        assert (snapshot(root) == before) is not other
    assert os.listdir(root / "src") == ["other"]


def test_taken_back_wherever_that_is_cut_short(tmp_path: Path) -> None:
    """The disk breaks at each effect of a recovery: the next one moves the rest aside, with every file in it."""
    start = tmp_path / "start"
    make_world(start)
    before = snapshot(start)
    crashed(start)
    counts: Counter[str] = Counter()
    for at in range(100):
        root = tmp_path / str(at)
        copy(start, root)
        disk = FaultyDisk(Fault(at=at, strike=broken_disk))
        kept = root / ".safepip" / "aside" / "tx-1"
        told = (str(kept / "src" / "one"), str(kept / "src" / "two"))
        try:
            assert moved(root, disk) == told
            counts["at once"] += 1
        except WhereError:
            is_noted = (root / ".safepip" / "tx-1" / "checkouts.json").exists()  # until the folder itself is deleted
            assert (moved(root, FaultyDisk()) == told) is is_noted
            counts[f"the second time, {'told' if is_noted else 'after it was moved'}"] += 1
        assert snapshot(root) == before
        assert {path: (kept / path).read_text() for path in FILES} == FILES
        if disk.count <= at:
            break
    assert counts["at once"] == 1
    assert counts["the second time, told"] >= 6
    assert counts["the second time, after it was moved"] <= 2


def moved(root: Path, disk: FaultyDisk) -> tuple[str, ...]:
    """What a recovery by ``disk`` moves aside."""
    found = open_store(root, disk).recover()
    return tuple(path for each in found for path in each.aside)


def test_on_another_disk_they_are_left(tmp_path: Path) -> None:
    """No rename leads from there to the store: it is said, and the environment is no longer blocked."""
    root = tmp_path / "root"
    make_world(root)
    crashed(root)
    (found,) = open_store(root, FaultyDisk(overlay=True)).recover()
    assert found.lines() == (
        "`%safepip install -e <URL>` had not been finished: nothing was installed",
        f"  left there  {root / 'src' / 'one'}  (delete it, unless you use it)",
        f"  left there  {root / 'src' / 'two'}  (delete it, unless you use it)",
    )
    assert not open_store(root).is_unfinished()


def test_outside_of_the_environment_nothing_is_touched_later(tmp_path: Path) -> None:
    """A Python without an environment has them by the notebook: a folder that is nobody's to look after later."""
    root, notebooks = tmp_path / "root", tmp_path / "notebooks"
    make_world(root)
    notebooks.mkdir()
    open_store(root).begin("install", checkouts=wanted(notebooks))
    lay_out(notebooks, FILES)
    (found,) = open_store(root).recover()
    assert (found.lines(), found.outcome) == ((), "dropped")
    assert sorted(os.listdir(notebooks / "src")) == ["one", "two"]


def test_a_note_that_leads_outside(tmp_path: Path) -> None:
    """It is none of ours, and moves nothing."""
    root, other = tmp_path / "root", tmp_path / "other"
    make_world(root)
    lay_out(other, FILES)
    staging = Store(str(root), site_directories=()).begin("install", checkouts=wanted(root))
    note = Path(staging.folder, "checkouts.json")
    note.write_text(note.read_text().replace('"src"', '"../other/src"'))
    (found,) = open_store(root).recover()
    assert found.lines() == ()
    assert sorted(os.listdir(other / "src")) == ["one", "two"]


@pytest.mark.parametrize("overlay", [False, True], ids=["whole directories", "file by file"])
def test_with_a_swap_that_was_cut_short(tmp_path: Path, overlay: bool) -> None:
    """What is taken back is as it was, so nobody has installed anything since: they go aside with it."""
    root = tmp_path / "root"
    make_world(root)
    before = snapshot(root)
    counting = FaultyDisk(overlay=overlay)
    copy(root, tmp_path / "counted")
    upgrade(tmp_path / "counted", open_store(tmp_path / "counted", counting))
    begin = next(at for at, what in enumerate(counting.log) if what.endswith("journal.json"))
    cut_short = 0
    for at in range(begin, counting.count, (counting.count - begin) // 8):
        disk = FaultyDisk(Fault(at=at, strike=broken_disk, again=True), overlay=overlay)
        with suppress(WhereError):
            upgrade(root, open_store(root, disk), checkouts=wanted(root), then=partial(lay_out, root, FILES))
        if not open_store(root).is_unfinished():
            break
        (found,) = open_store(root).recover()
        assert (found.left, len(found.aside)) == ((), 2)
        assert snapshot(root) == before
        cut_short += 1
    assert cut_short >= 4


def test_somebody_installs_it_meanwhile(tmp_path: Path) -> None:
    """What is given up at once is not deleted under somebody who uses it by now."""
    root = tmp_path / "root"
    make_world(root)
    store = open_store(root)
    staging = store.begin("install", checkouts=wanted(root))
    lay_out(root, FILES)
    install(root, "theirs", "1", {f"{SITE}/theirs.pth": str(root / "src" / "one")})
    store.abandon(staging)
    assert sorted(os.listdir(root / "src")) == ["one", "two"]
    assert not store.is_unfinished()


def test_what_was_committed_stays(tmp_path: Path) -> None:
    """The note is gone with the stage."""
    root = tmp_path / "root"
    make_world(root)
    upgrade(root, open_store(root), checkouts=wanted(root), then=lambda: lay_out(root, FILES))
    assert sorted(os.listdir(root / "src")) == ["one", "two"]
    assert "checkouts.json" not in os.listdir(root / ".safepip" / "tx-1")


def test_a_folder_that_is_elsewhere(tmp_path: Path) -> None:
    """Where `src` is a link that leads out of the environment, nothing of it is moved."""
    root, other = tmp_path / "root", tmp_path / "other"
    make_world(root)
    other.mkdir()
    (root / "src").symlink_to(other)
    open_store(root).begin("install", checkouts=replace(wanted(root), is_new=False))
    lay_out(root, FILES)
    assert open_store(root).recover()[0].lines() == ()
    assert sorted(os.listdir(other)) == ["one", "two"]


def test_a_folder_that_has_come_to_be_elsewhere(tmp_path: Path) -> None:
    """Nor where somebody made it a link afterwards: then it is told."""
    root, other = tmp_path / "root", tmp_path / "other"
    make_world(root)
    crashed(root)
    (root / "src").rename(other)
    (root / "src").symlink_to(other)
    (found,) = open_store(root).recover()
    assert (found.aside, len(found.left)) == ((), 2)
    assert sorted(os.listdir(other)) == ["one", "two"]
