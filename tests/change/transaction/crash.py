"""Run as a script: kills a transaction before every effect that it has on the disk, and then its recovery, too.

``crash.py FOLDER (commit|undo|overlay|beside|beside-overlay) STEP`` prints the counts as JSON. Every case is a forked child; this
process has a single thread, so forking is safe. In the second round every STEPth effect is taken.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ipython_where.change.values import Change

from .worlds import SITE, Fault, FaultyDisk, Snapshot, copy, install, kill, make_world, open_store, snapshot, upgrade

Work = Callable[[Path, FaultyDisk], object]


def in_child(work: Work, root: Path, disk: FaultyDisk) -> bool:
    """Do ``work`` in a child; whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            work(root, disk)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -9), f"a child ended with {code}"
    return code == 0


def commit(root: Path, disk: FaultyDisk) -> object:
    """The upgrade."""
    return upgrade(root, open_store(root, disk))


def undo(root: Path, disk: FaultyDisk) -> object:
    """Its undo."""
    return open_store(root, disk).undo("tx-1", command="%safepip undo")


def beside(root: Path, disk: FaultyDisk) -> object:
    """The undo of the first of two that share folders, which came with it."""
    return open_store(root, disk).undo("tx-1", command="%safepip undo")


def make_neighbours(root: Path) -> None:
    """The two."""
    for name in ("first", "second"):
        files = {f"{SITE}/many/parts/{name}/x.py": name, f"{SITE}/many/{name}.py": name, f"etc/many/{name}/x": name}
        store = open_store(root)
        staging = store.begin(f"install {name}")
        install(Path(staging.stage), name, "1", files)
        change = Change(name=name, kind="added", old=None, new="1", asked_for=True)
        store.commit(staging, changes=(change,), replaced=(), expected={name: "1"})


def recover(root: Path, disk: FaultyDisk) -> object:
    """What the next start does."""
    return open_store(root, disk).recover()


class Cases:
    """All cases of one scenario, counted."""

    def __init__(self, folder: Path, work: Work, *, overlay: bool) -> None:
        self.folder, self.work, self.overlay = folder, work, overlay
        self.start = folder / "start"
        make_world(self.start)
        if work is undo:
            commit(self.start, self.disk())
        elif work is beside:
            make_neighbours(self.start)
        self.before = snapshot(self.start)
        copy(self.start, folder / "whole")
        work(folder / "whole", self.disk())
        self.after = snapshot(folder / "whole")
        assert self.before != self.after

    def disk(self, at: int | None = None) -> FaultyDisk:
        """A disk that kills at an effect."""
        return FaultyDisk(Fault(at=at, strike=kill) if at is not None else None, overlay=self.overlay)

    def single(self, step: int) -> dict[str, Counter[str]]:
        """Kill the work at every effect; each time, kill the recovery at every ``step``th effect, too; recover."""
        counts = {"single": Counter[str](), "double": Counter[str]()}
        number = 0
        while True:
            case = self.folder / "case"
            copy(self.start, case)
            if in_child(self.work, case, self.disk(number)):
                return counts
            self.double(case, counts["double"], number, step)
            counts["single"][self.verdict(case, f"effect {number}")] += 1
            number += 1

    def double(self, case: Path, counts: Counter[str], number: int, step: int) -> None:
        """Kill the recovery of a broken world."""
        again = self.folder / "again"
        second = number % step
        while True:
            copy(case, again)
            if in_child(recover, again, self.disk(second)):
                return
            counts[self.verdict(again, f"effect {number}, recovery's {second}")] += 1
            second += step

    def verdict(self, root: Path, where: str) -> str:
        """Recover for good, and look."""
        store = open_store(root, self.disk())
        store.recover()
        assert not store.is_unfinished(), where
        assert store.recover() == (), where
        found: Snapshot = snapshot(root)
        if found == self.before:
            return "whole before"
        if found == self.after:
            return "whole after"
        wrong = sorted(p for p in {*found, *self.before} if found.get(p) != self.before.get(p))
        print(f"BROKEN at {where}: {wrong[:8]}", file=sys.stderr)
        return "broken"


def main(folder: str, scenario: str, step: str) -> None:
    """Run one scenario."""
    warnings.simplefilter("error")
    work = {"undo": undo, "beside": beside, "beside-overlay": beside}.get(scenario, commit)
    cases = Cases(Path(folder), work, overlay=scenario.endswith("overlay"))
    print(json.dumps({name: dict(sorted(count.items())) for name, count in cases.single(int(step)).items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
