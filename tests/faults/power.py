"""Power cuts: a real file system stops at once, and has no more than what it had brought to its medium (Linux, root).

The file systems offer this for their own tests: the `shutdown` request of ext4 and XFS, without a last write of the log. What
was only in memory is gone, as when the power goes; mounted again, the file system repairs itself as it does then.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar, TypeVar

from tests.change.transaction.worlds import cut_power

from .strikes import Count, Range, strike_at_moments
from .trees import Verdict, judge
from .upgrade import Upgrade


@dataclass(frozen=True)
class FileSystem:
    """How a file system is made, and mounted from the file that it is in."""

    name: str
    make: tuple[str, ...]
    options: str = "loop"
    megabytes: int = 16

    def format(self, image: Path, megabytes: int) -> None:
        """Make an empty one."""
        with open(image, "wb") as file:
            file.truncate(max(megabytes, self.megabytes) << 20)
        subprocess.run([*self.make, image], check=True, stdout=subprocess.DEVNULL)

    def mount(self, image: Path, path: Path) -> None:
        """Mount it; one that was stopped repairs itself."""
        subprocess.run(["mount", "-o", self.options, image, path], check=True)

    def works(self) -> bool:
        """Whether it can be made, mounted and stopped here."""
        if os.geteuid() != 0 or shutil.which(self.make[0]) is None:
            return False
        with tempfile.TemporaryDirectory() as folder, suppress(OSError, subprocess.CalledProcessError):
            image, path = Path(folder, "image"), Path(folder, "mounted")
            path.mkdir()
            self.format(image, self.megabytes)
            self.mount(image, path)
            try:
                cut_power(path)
            finally:
                unmount(path, image)
            return True
        return False


FILE_SYSTEMS = (
    FileSystem("ext4", ("mkfs.ext4", "-q", "-F")),
    # content is never written with its name, nor anything by itself within the hour
    FileSystem("ext4, data=writeback", ("mkfs.ext4", "-q", "-F"), "loop,data=writeback,noauto_da_alloc,commit=3600"),
    FileSystem("XFS", ("mkfs.xfs", "-q", "-f"), megabytes=300),
)


def unmount(path: Path, image: Path) -> None:
    """Unmount, as soon as the processes that were in it have ended, and wait until nothing more is written to the image."""
    end = time.monotonic() + 300
    while subprocess.run(["umount", path], capture_output=True).returncode != 0:
        assert time.monotonic() < end, f"still in use: {path}"
        time.sleep(0.01)
    while subprocess.check_output(["losetup", "-j", image]):
        assert time.monotonic() < end, f"still attached: {image}"
        time.sleep(0.01)


@dataclass(frozen=True, kw_only=True)
class OnMedium(Upgrade):
    """An upgrade in an environment that is a file system of its own; each case has a copy of ``folder``/medium."""

    file_system: FileSystem

    @property
    def image(self) -> Path:
        """The file that the mounted file system is in."""
        return self.folder / "image"

    def restore(self) -> None:
        """Mount a new copy."""
        if self.prefix.is_mount():
            unmount(self.prefix, self.image)
        self.image.unlink(missing_ok=True)
        subprocess.run(["cp", "--sparse=always", self.folder / "medium", self.image], check=True)
        self.file_system.mount(self.image, self.prefix)

    def reboot(self) -> None:
        """Mount what the power cut left."""
        unmount(self.prefix, self.image)
        self.file_system.mount(self.image, self.prefix)


Medium = TypeVar("Medium", bound=OnMedium)


@contextmanager
def on_medium(upgrade: Upgrade, file_system: FileSystem, kind: type[Medium]) -> Iterator[Medium]:
    """The same upgrade on a file system of its own, in the place of the other; there is room for it twice."""
    found = kind(**{each.name: getattr(upgrade, each.name) for each in fields(upgrade)}, file_system=file_system)
    used = int(subprocess.check_output(["du", "-s", "-m", upgrade.folder / "pristine"]).split()[0])
    shutil.rmtree(found.prefix, ignore_errors=True)
    found.prefix.mkdir()
    medium = found.folder / "medium"
    file_system.format(medium, 3 * used + 32)
    file_system.mount(medium, found.prefix)
    shutil.rmtree(found.prefix / "lost+found", ignore_errors=True)
    subprocess.run(["cp", "-a", f"{upgrade.folder}/pristine/.", found.prefix], check=True)
    unmount(found.prefix, medium)
    found.restore()
    try:
        yield found
    finally:
        unmount(found.prefix, found.image)
        upgrade.restore()


@dataclass(kw_only=True)
class PowerCuts(Range):
    """The upgrade on a file system of its own, struck by power cuts."""

    upgrade: OnMedium
    strike: ClassVar[str] = "power"
    struck_by: ClassVar[str] = "power cut"

    def look(self, count: Count, where: str) -> None:
        super().look(count, f"{where} on {self.upgrade.file_system.name}")

    def moments(self, number: int) -> Count:
        """Power cuts at moments."""
        count = Count(title=f"{self.by}, {self.struck_by}")
        argv, environ = self.upgrade.safepip(self.line), self.upgrade.environ
        for _, moment in strike_at_moments(argv, environ, number, signal.SIGKILL, self.seconds, count):
            self._lose_power()
            self.look(count, moment)
        return count

    def ends(self, number: int) -> Count:
        """Power cuts as soon as it has said that it is done: then it is, and the undo too."""
        count = Count(title=f"{self.by}, and its undo, {self.struck_by} at the end")
        for _ in range(number):
            made: list[tuple[str, Verdict]] = [(self.line, "after"), ("undo", "before")]
            for line, wanted in made:
                self.upgrade.must(self.upgrade.safepip(line))
                self._lose_power()
                self._expect(wanted, count)
            self.upgrade.restore()
        return count

    def lost_disks(self, *, step: int = 1) -> Count:
        """The disk goes away before each effect: an error where nothing was changed, when it is back, and none where all was."""
        count = Count(title=f"{self.by}, the disk disappears before each effect")
        for effect in range(0, self._count_effects(self.line), step):
            done = self.upgrade.run(self.upgrade.safepip(self.line, "--effect", str(effect), "--strike", "gone"))
            self.upgrade.reboot()
            self.upgrade.recover()
            self._expect("after" if done.returncode == 0 else "before", count)
            self.upgrade.restore()
        return count

    def _expect(self, wanted: Verdict, count: Count) -> None:
        verdict = judge(self.upgrade.tree(), before=self.upgrade.before, after=self.after)
        count.verdicts[verdict if verdict == wanted else "broken"] += 1
        if verdict != wanted:
            print(
                f"BROKEN: {count.title}, on {self.upgrade.file_system.name}: {verdict}, not {wanted}", file=sys.stderr
            )

    def _lose_power(self) -> None:
        cut_power(self.upgrade.prefix)
        self.upgrade.reboot()
        self.upgrade.recover()
