"""Strikes an upgrade at moments and at effects, lets it recover, and counts what the environment is then."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from .processes import Struck
from .trees import Tree, differences, judge
from .upgrade import Tool, Upgrade


@dataclass(kw_only=True)
class Count:
    """How the cases of one kind ended. ``ended``: those that were through before they were struck."""

    title: str
    verdicts: Counter[str] = field(default_factory=Counter)
    ended: int = 0

    def line(self) -> str:
        """The count as a row of a table in Markdown."""
        numbers = (self.verdicts.total(), self.ended, *(self.verdicts[each] for each in ("before", "after", "broken")))
        return f"| {self.title} | {' | '.join(map(str, numbers))} |"

    @property
    def broken(self) -> int:
        """How many environments were left neither as they were nor as they were to be."""
        return self.verdicts["broken"]


HEAD = "| what | struck | ended first | unchanged | fully updated | broken |\n|---|---|---|---|---|---|"


def strike_at_moments(
    argv: Sequence[str], environ: Mapping[str, str], number: int, signum: signal.Signals, seconds: float, count: Count
) -> Iterator[tuple[Struck, str]]:
    """Strike at random moments, one in each equal part of a life of ``seconds``: of less, once a case ended earlier."""
    chance = random.Random(3)
    for part in range(number):
        moment = (part + chance.random()) * seconds / number
        begin = time.monotonic()
        struck = Struck(argv, environ)
        if not struck.strike(moment, signum):
            count.ended += 1
            seconds = min(seconds, time.monotonic() - begin)
        yield struck, f"{moment:.3f} s"


@dataclass(kw_only=True)
class Range:
    """One upgrade by one tool, to be struck. ``after`` and ``seconds`` are those of an upgrade that was let through."""

    upgrade: Upgrade
    tool: Tool
    after: Tree
    seconds: float
    strike: ClassVar[str] = "kill"
    """What the driver ends itself by, at an effect."""
    struck_by: ClassVar[str] = "SIGKILL"
    """The same in a title."""

    @classmethod
    def measured(cls, upgrade: Upgrade, tool: Tool) -> Self:
        """Let the upgrade through once."""
        after, seconds = upgrade.whole(upgrade.safepip(upgrade.install_line(tool)))
        return cls(upgrade=upgrade, tool=tool, after=after, seconds=seconds)

    @property
    def by(self) -> str:
        """What is struck, as a title says it."""
        return f"`%safepip`, {self.tool}"

    @property
    def bare_by(self) -> str:
        """The tool by itself."""
        return f"bare `{'pip' if self.tool == 'pip' else 'uv pip'} install`"

    @property
    def undo_by(self) -> str:
        """The undo that is struck."""
        return f"`%safepip undo`, {self.tool}"

    @property
    def line(self) -> str:
        """The line that is struck."""
        return self.upgrade.install_line(self.tool)

    def look(self, count: Count, where: str) -> None:
        """Judge the environment, and restore it."""
        tree = self.upgrade.tree()
        verdict = judge(tree, before=self.upgrade.before, after=self.after)
        count.verdicts[verdict] += 1
        if verdict == "broken" and "bare" not in count.title:
            near = min(differences(tree, self.upgrade.before), differences(tree, self.after), key=len)
            print(f"BROKEN: {count.title}, {where}: {len(near)} paths, {near[:8]}", file=sys.stderr)
        self.upgrade.restore()

    def signals(self, number: int, signum: signal.Signals) -> Count:
        """Signals at moments: SIGKILL to kernel and installer, the others to the kernel.

        After an interrupt the environment is whole at once; else when the next process has recovered it.
        """
        count = Count(title=f"{self.by}, {signum.name}")
        argv, environ = self.upgrade.safepip(self.line), self.upgrade.environ
        for _, moment in strike_at_moments(argv, environ, number, signum, self.seconds, count):
            if signum != signal.SIGINT:
                self.upgrade.recover()  # waits for an installer that goes on without its kernel
            self.look(count, moment)
        return count

    def bare_signals(self, number: int, signum: signal.Signals) -> Count:
        """The same moments of the tool by itself."""
        bare = self.upgrade.bare(self.tool)
        after, seconds = self.upgrade.whole(bare)
        other = Range(upgrade=self.upgrade, tool=self.tool, after=after, seconds=seconds)
        count = Count(title=f"{self.bare_by}, {signum.name}")
        for struck, moment in strike_at_moments(bare, self.upgrade.environ, number, signum, seconds, count):
            struck.wait_for_all()
            other.look(count, moment)
        return count

    def effects(self, *, step: int = 1) -> Count:
        """A strike before every effect that the install has on the disk, each step of the journal among them."""
        count = Count(title=f"{self.by}, {self.struck_by} before each effect on the disk")
        for effect in range(0, self._count_effects(self.line), step):
            self._strike_at(self.line, effect)
            self.upgrade.recover()
            self.look(count, f"effect {effect}")
        return count

    def recoveries(self, *, step: int = 1) -> Count:
        """A strike in the middle of the renames, and again before every effect of the recovery; then the next recovers."""
        count = Count(title=f"{self.by}, {self.struck_by} during the recovery")
        whole = self._count_effects(self.line)
        for effect in range(0, whole, step):
            self._strike_at(self.line, whole - effect - 1)
            second = 0
            while self._strike_at("recover", second):
                second += 1 + step // 2
            self.upgrade.recover()
            self.look(count, f"effect {effect}")
        return count

    def undos(self, *, step: int = 1, last: int | None = None) -> Count:
        """A strike before every effect of an undo, or the ``last`` ones: afterwards it was undone, or was not."""
        count = Count(title=f"{self.undo_by}, {self.struck_by} before each effect")
        self.upgrade.must(self.upgrade.safepip(self.line))
        effects = range(self._count_effects("undo"))
        for effect in effects[-last:] if last else effects[::step]:
            self.upgrade.must(self.upgrade.safepip(self.line))
            self._strike_at("undo", effect)
            self.upgrade.recover()
            self.look(count, f"effect {effect}")
        return count

    def failures(self, strike: str, *, step: int = 1) -> Count:
        """A failing disk at every effect: the error comes, and the environment is whole at once."""
        count = Count(title=f"{self.by}, disk {strike} at each effect")
        for effect in range(0, self._count_effects(self.line), step):
            self.upgrade.run(self.upgrade.safepip(self.line, "--effect", str(effect), "--strike", strike))
            self.look(count, f"effect {effect}")
        return count

    def full_disks(self, number: int) -> Count:
        """Disks of so many sizes, from hardly larger than the environment to large enough: whole at once, and said."""
        count = Count(title=f"{self.by}, a disk that is too small")
        upgrade = self.upgrade
        used = int(subprocess.check_output(["du", "-s", "-k", upgrade.folder / "pristine"]).split()[0])
        for part in range(number):
            with small_disk(upgrade.prefix, int(used * (1.03 + 1.5 * part / number))):
                subprocess.run(["cp", "-a", f"{upgrade.folder}/pristine/.", upgrade.prefix], check=True)
                done = upgrade.run(upgrade.safepip(self.line))
                verdict = judge(upgrade.tree(), before=upgrade.before, after=self.after)
                count.verdicts[verdict] += 1
                assert (done.returncode == 0) == (verdict == "after"), done.stderr
        upgrade.restore()
        return count

    def _count_effects(self, line: str) -> int:
        done = self.upgrade.run(self.upgrade.safepip(line, "--counted"))
        assert done.returncode == 0, done.stderr
        self.upgrade.restore()
        return int(done.stdout.split()[-1])

    def _strike_at(self, line: str, effect: int) -> bool:
        """Whether it came so far."""
        done = self.upgrade.run(self.upgrade.safepip(line, "--effect", str(effect), "--strike", self.strike))
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        if done.returncode:
            self.upgrade.reboot()
        return done.returncode != 0


@contextmanager
def small_disk(path: Path, kibibytes: int) -> Iterator[None]:
    """A disk of that size at ``path``; for root alone."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k,mode=755", "faults", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


def can_mount() -> bool:
    """Whether this process may mount a disk."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tried", "/mnt"], capture_output=True)
    return tried.returncode == 0
