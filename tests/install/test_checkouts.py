"""Checkouts of a transaction: gone, or kept aside, whenever it is cut short."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from ipython_where.errors import WhereError
from ipython_where.install.checkouts import Checkouts
from ipython_where.install.transaction import Store
from tests.install.worlds import Fault, FaultyDisk, broken_disk, copy, lay_out, make_world, open_store, snapshot

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
        try:
            moved(root, disk)
            counts["at once"] += 1
        except WhereError:
            open_store(root).recover()
            counts["the second time"] += 1
        assert snapshot(root) == before
        kept = root / ".safepip" / "aside" / "tx-1"
        assert {path: (kept / path).read_text() for path in FILES} == FILES
        if disk.count <= at:
            break
    assert counts["at once"] == 1
    assert counts["the second time"] >= 6


def moved(root: Path, disk: FaultyDisk) -> tuple[str, ...]:
    """What a recovery by ``disk`` moves aside."""
    (found,) = open_store(root, disk).recover()
    return found.aside


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
