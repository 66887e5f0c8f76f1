"""`make faults`: strikes installs of numpy, pandas and requests, and changes of a conda prefix, and prints what is whole then.

It takes some hours, needs Linux, some 3 GB of memory for the files, and root for the power cuts and the small disks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests import environments
from tests.change.conda.random_changes import RandomChanges

from .conda_upgrade import KINDS, CondaOnMedium, CondaPowerCuts, CondaRange, CondaUpgrade, conda_upgrade
from .power import FILE_SYSTEMS, OnMedium, PowerCuts, on_medium
from .processes import adopting_orphans
from .strikes import HEAD, Count, Range, can_mount
from .upgrade import TOOLS, Tool, Upgrade, real_upgrade, small_upgrade

CONDA = "conda"
CONDA_TOOL: Tool = TOOLS[-1]
"""What a change by rattler is called with: it takes no notice."""

ROUNDS = ("kill", "interrupt", "terminate", "effects", "recovery", "undo", "power", "disk", "crash", "random")


def main() -> int:
    """Print the counts; 1 where `%safepip` left something broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="kill installs, and count")
    parser.add_argument("--moments", type=int, default=60, help="how many SIGKILLs (a third as many other signals)")
    parser.add_argument("--step", type=int, default=1, help="of the effects on the disk, strike at every so-manieth")
    parser.add_argument("--small", action="store_true", help="small packages instead of numpy, pandas and requests")
    parser.add_argument("--only", choices=ROUNDS, action="append", help="these rounds alone")
    parser.add_argument(
        "--tool", choices=(*TOOLS, CONDA), action="append", help="this installer alone; conda: `%%safeconda`"
    )
    asked = parser.parse_args()
    print(HEAD, flush=True)
    broken = 0
    with tempfile.TemporaryDirectory(dir=_memory()) as folder, adopting_orphans():
        for count in _all_counts(asked, Path(folder)):
            print(count.line(), flush=True)
            broken += count.broken * ("bare" not in count.title)
    return min(broken, 1)


def _all_counts(asked: argparse.Namespace, folder: Path) -> Iterator[Count]:
    chosen = asked.tool or (*TOOLS, CONDA)
    rounds, often = asked.only or ROUNDS, (asked.moments, asked.step)
    tools = tuple(each for each in TOOLS if each in chosen)
    if tools:
        upgrade = (small_upgrade if asked.small else real_upgrade)(folder / "upgrade")
        yield from _counts(upgrade, tools, rounds, *often, str(folder))
        shutil.rmtree(folder / "upgrade")
    if CONDA in chosen and "random" in rounds:
        yield _random_changes(folder / "random", 100)
    for kind in KINDS if CONDA in chosen else ():
        yield from _conda_counts(conda_upgrade(folder / kind, kind, large=not asked.small), rounds, *often)
        shutil.rmtree(folder / kind)


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _counts(
    upgrade: Upgrade, tools: tuple[Tool, ...], rounds: tuple[str, ...], moments: int, step: int, folder: str
) -> Iterator[Count]:
    for tool in tools:
        struck = Range.measured(upgrade, tool)
        yield from _signalled(struck, rounds, moments)
        if "effects" in rounds:
            yield struck.effects(step=step)
        if "power" in rounds:
            yield from _powerless(PowerCuts, OnMedium, upgrade, tool, moments // 3, step)
        if "disk" in rounds and can_mount():
            yield struck.full_disks(max(moments // 5, 4))
    if "recovery" in rounds:
        yield struck.recoveries(step=3 * step)
    if "undo" in rounds:
        yield struck.undos(step=step)
    if "disk" in rounds:
        yield from (struck.failures(strike, step=step) for strike in ("full", "broken"))
    if "crash" in rounds:
        yield from (_crashed(scenario, step, folder) for scenario in ("commit", "undo", "overlay"))


def _signalled(struck: Range, rounds: tuple[str, ...], moments: int) -> Iterator[Count]:
    signals = (("kill", signal.SIGKILL, 1), ("interrupt", signal.SIGINT, 3), ("terminate", signal.SIGTERM, 3))
    for name, number, part in signals:
        if name in rounds:
            yield struck.signals(moments // part, number)
            yield struck.bare_signals(moments // part, number)


def _conda_counts(upgrade: CondaUpgrade, rounds: tuple[str, ...], moments: int, step: int) -> Iterator[Count]:
    """The rounds for a change by `%safeconda`; what is the transaction's alone is struck in an upgrade."""
    struck = CondaRange.measured(upgrade, CONDA_TOOL)
    yield from _signalled(struck, rounds, moments)
    if "effects" in rounds:
        yield struck.effects(step=step)
    if "undo" in rounds:
        yield struck.undos(step=step)
    if "disk" in rounds:
        yield from (struck.failures(strike, step=step) for strike in ("full", "broken"))
    if upgrade.kind != "upgrade":
        return
    if "recovery" in rounds:
        yield struck.recoveries(step=3 * step)
    if "disk" in rounds and can_mount():
        yield struck.full_disks(max(moments // 5, 4))
    if "power" in rounds:
        yield from _powerless(CondaPowerCuts, CondaOnMedium, upgrade, CONDA_TOOL, moments // 3, step)


def _random_changes(folder: Path, number: int) -> Count:
    """Random changes by both magics, taken back; an undo that leaves something else than there was is broken."""
    folder.mkdir()
    changes = RandomChanges.made(folder, seed=number)
    changes.run(number)
    print("\n".join(changes.wrong), file=sys.stderr)
    count = Count(title=f"{number} random changes by both magics, taken back one by one")
    count.verdicts.update(before=number - len(changes.wrong), broken=len(changes.wrong))
    return count


def _powerless(
    cuts: type[PowerCuts], medium: type[OnMedium], upgrade: Upgrade, tool: Tool, moments: int, step: int
) -> Iterable[Count]:
    """Power cuts, on every file system that can have one here, and together."""
    counts: dict[str, Count] = {}
    for file_system in FILE_SYSTEMS:
        if file_system.works():
            with on_medium(upgrade, file_system, medium) as disk:
                cut = cuts.measured(disk, tool)
                rounds = [cut.moments(moments), cut.effects(step=step), cut.ends(2)]
                if tool == TOOLS[-1]:
                    rounds += [cut.recoveries(step=3 * step), cut.undos(step=step), cut.lost_disks(step=step)]
            for each in rounds:
                count = counts.setdefault(each.title, Count(title=each.title))
                count.verdicts += each.verdicts
                count.ended += each.ended
    return counts.values()


def _crashed(scenario: str, step: int, folder: str) -> Count:
    """The transaction by itself, in a small tree with every kind of file: each effect, and each of its recovery."""
    count = Count(title=f"transaction alone, {scenario}, SIGKILL before each effect, and each of the recovery")
    world = Path(folder, scenario)
    world.mkdir()
    argv = [sys.executable, "-m", "tests.change.transaction.crash", str(world), scenario, str(step)]
    done = subprocess.run(argv, cwd=environments.ROOT, stdout=subprocess.PIPE, check=True, text=True)
    for each in json.loads(done.stdout).values():
        count.verdicts += Counter({verdict.removeprefix("whole "): number for verdict, number in each.items()})
    return count


if __name__ == "__main__":
    sys.exit(main())
