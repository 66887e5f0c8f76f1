"""Whatever happens to a transaction, and whenever: the environment is whole, as it was before or as it was to be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ipython_where.errors import WhereError
from tests import environments

from .worlds import (
    Fault,
    FaultyDisk,
    broken_disk,
    copy,
    full_disk,
    interrupt,
    make_world,
    open_store,
    snapshot,
    upgrade,
)

pytestmark = pytest.mark.usefixtures("faults")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is such a thing: thousands of small files are made and deleted here."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(("scenario", "step"), [("commit", 6), ("undo", 8), ("overlay", 90), ("beside", 1)])
def test_killed_before_every_effect_and_killed_again_in_recovery(folder: Path, scenario: str, step: int) -> None:
    """SIGKILL before each effect, in a recovery too, and where directories cannot be renamed: none is broken."""
    output = environments.call(
        sys.executable, "-m", "tests.change.transaction.crash", folder, scenario, str(step), cwd=environments.ROOT
    )
    counts = json.loads(output)
    print(scenario, counts)
    assert set(counts["single"]) == {"whole before", "whole after"}
    assert set(counts["double"]) <= {"whole before", "whole after"}
    assert sum(counts["single"].values()) >= 20
    assert sum(counts["double"].values()) >= 60


@pytest.mark.parametrize("strike", [full_disk, broken_disk, interrupt])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_failed_at_every_effect(folder: Path, strike: Callable[[], None], before: bool) -> None:
    """A full or broken disk and an interrupt, once, before or after each effect: taken back at once, or done."""
    counts = _fail_everywhere(folder, strike, before=before, again=False)
    print(strike.__name__, counts)
    assert set(counts) == {"whole before", "whole after"}


def test_a_disk_that_stays_full_is_recovered_later(folder: Path) -> None:
    """When the roll-back fails as well, the next start with a disk that works finishes it."""
    counts = _fail_everywhere(folder, full_disk, before=True, again=True)
    print(counts)
    assert set(counts) == {"whole before", "whole after"}


def _fail_everywhere(folder: Path, strike: Callable[[], None], *, before: bool, again: bool) -> Counter[str]:
    start, root = folder / "start", folder / "root"
    make_world(start)
    copy(start, root)
    counting = FaultyDisk()
    upgrade(root, open_store(root, counting))
    was, becomes = snapshot(start), snapshot(root)
    counts: Counter[str] = Counter()
    for at in range(counting.count):
        copy(start, root)
        disk = FaultyDisk(Fault(at=at, strike=strike, before=before, again=again))
        error = _upgrade_badly(root, disk)
        if again:
            open_store(root).recover()
        found = snapshot(root)
        where = f"{at} {disk.log[at]}: {error!r}"
        verdict = "whole before" if found == was else "whole after" if found == becomes else f"broken at {where}"
        counts[verdict] += 1
        if verdict == "whole before":
            assert isinstance(error, KeyboardInterrupt if strike is interrupt else WhereError), where
        if isinstance(error, WhereError) and not again:
            assert error.message.startswith("nothing was changed: "), where
        open_store(root).recover()
        assert snapshot(root) == found, where
        assert not open_store(root).is_unfinished(), where
    return counts


def _upgrade_badly(root: Path, disk: FaultyDisk) -> BaseException | None:
    try:
        upgrade(root, open_store(root, disk))
    except (WhereError, KeyboardInterrupt) as error:
        return error
    return None


def test_a_signal_waits_until_the_change_is_taken_back(folder: Path) -> None:
    """Ctrl-C, again and again, in the midst of the renames and while they are taken back: nothing is torn."""
    start, root = folder / "start", folder / "root"
    make_world(start)
    copy(start, root)
    counting = FaultyDisk()
    upgrade(root, open_store(root, counting))
    was, becomes = snapshot(start), snapshot(root)
    counts: Counter[str] = Counter()
    for at in range(0, counting.count, 3):
        copy(start, root)
        disk = FaultyDisk(Fault(at=at, strike=lambda: signal.raise_signal(signal.SIGINT), again=True))
        try:
            done = upgrade(root, open_store(root, disk))
        except KeyboardInterrupt:
            counts["before" if snapshot(root) == was else "broken"] += 1
        else:
            assert done.interrupted
            counts["after, and said so" if snapshot(root) == becomes else "broken"] += 1
    assert set(counts) - {"after, and said so"} == {"before"}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("undone", [False, True])
def test_what_a_power_cut_must_find_is_brought_to_the_medium_in_time(folder: Path, undone: bool) -> None:
    """All that the journal speaks of before it counts, the journal before the first rename; the renames before it says so,
    and that before anything is deleted. Whether the medium obeys is not seen here.
    """
    root, disk = folder / "root", FaultyDisk()
    make_world(root)
    id = upgrade(root, open_store(root, disk)).transaction.id
    if undone:
        disk.log.clear()
        id = open_store(root, disk).undo(id, command="undo").transaction.id
    own = f"{root}/.safepip/{id}"
    log = [line.replace(f"{own}/", "own ") for line in disk.log]
    everything = [number for number, line in enumerate(log) if line == f"sync {root}"]
    published = [number for number, line in enumerate(log) if line == "rename own journal.json"]
    swap = [number for number, line in enumerate(log) if line.startswith("rename ") and number not in published]
    assert len(everything) == len(published) == 2 and len(swap) > 20
    drafted = [number for number, line in enumerate(log) if line == "draft own journal.json.new"]
    assert (
        len(drafted) == 2
        and max(log.index("draft own manifest.json"), drafted[0]) < everything[0] < published[0] < swap[0]
    )
    assert swap[-1] < drafted[1] < everything[1] < published[1]
    for number in published:
        assert log[number + 1] == f"sync {own}"
    assert [number for number, line in enumerate(log) if "tree " in line] > [published[1] + 1]


def test_a_taken_back_change_is_on_the_medium_before_its_journal_goes(folder: Path) -> None:
    """And that its journal is gone, before what it speaks of may go."""
    root, counting = folder / "root", FaultyDisk()
    make_world(root)
    copy(root, folder / "start")
    upgrade(root, open_store(root, counting))
    copy(folder / "start", root)
    last = max(number for number, line in enumerate(counting.log) if line.startswith(f"rename {root}/share"))
    disk = FaultyDisk(Fault(at=last, strike=broken_disk))
    with pytest.raises(WhereError):
        upgrade(root, open_store(root, disk))
    own = f"{root}/.safepip/tx-1"
    gone = disk.log.index(f"unlink {own}/journal.json")
    assert disk.log[gone - 1 : gone + 2] == [f"sync {root}", disk.log[gone], f"sync {own}"]
    assert all(number > gone for number, line in enumerate(disk.log) if "tree " in line)
    assert snapshot(root) == snapshot(folder / "start")


def test_a_commit_whose_last_step_failed_is_a_commit(folder: Path) -> None:
    """The journal says committed, only its directory could not be synced: taking it back could end between the two."""
    start, root = folder / "start", folder / "root"
    make_world(start)
    copy(start, root)
    counting = FaultyDisk()
    upgrade(root, open_store(root, counting))
    becomes = snapshot(root)
    last_sync = max(i for i, line in enumerate(counting.log) if line.startswith("sync"))
    strikes = iter([True, False, False, False] + [True] * 100)

    def strike() -> None:
        if next(strikes):
            broken_disk()

    copy(start, root)
    upgrade(root, open_store(root, FaultyDisk(Fault(at=last_sync, strike=strike, again=True))))
    assert snapshot(root) == becomes
    open_store(root).recover()
    assert snapshot(root) == becomes
