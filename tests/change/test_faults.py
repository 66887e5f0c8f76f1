"""The short form of `make faults`: struck at moments and at effects, beside others, an install is whole or was not."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Struck, adopting_orphans
from tests.faults.strikes import Count, Range, can_mount
from tests.faults.trees import read_tree
from tests.faults.upgrade import Upgrade, small_upgrade
from tests.faults.wheels import write_wheel

pytestmark = [
    pytest.mark.usefixtures("faults", "installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the process tree is read from /proc"),
]


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    """An environment in memory, with younger wheels beside it."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=memory))
    with adopting_orphans():
        yield small_upgrade(folder / "upgrade", files=40)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def by_uv(upgrade: Upgrade) -> Range:
    """The upgrade by uv."""
    return Range.measured(upgrade, "uv")


@pytest.fixture(scope="module")
def by_pip(upgrade: Upgrade) -> Range:
    """The upgrade by pip."""
    return Range.measured(upgrade, "pip")


def whole(count: Count) -> int:
    """How many cases there were: none was broken."""
    print(count.line())
    assert set(count.verdicts) <= {"before", "after"}
    return count.verdicts.total()


def test_killed_with_pip(by_pip: Range) -> None:
    """SIGKILL of kernel and pip, at any moment."""
    assert whole(by_pip.signals(8, signal.SIGKILL)) == 8


def test_killed_with_uv(by_uv: Range) -> None:
    """SIGKILL of kernel and uv, at any moment."""
    assert whole(by_uv.signals(8, signal.SIGKILL)) == 8


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_terminated(by_uv: Range, signum: signal.Signals) -> None:
    """An interrupt leaves it whole at once; a terminated kernel leaves it to the next, and its installer goes on."""
    assert whole(by_uv.signals(4, signum)) == 4


def test_killed_before_effects(by_uv: Range) -> None:
    """SIGKILL before effects on the disk, the steps of the journal among them."""
    assert whole(by_uv.effects(step=6)) >= 5


def test_killed_in_undo_and_in_recovery(by_uv: Range) -> None:
    """SIGKILL before effects of an undo, and before those of a recovery."""
    assert whole(by_uv.undos(step=18)) >= 2
    assert whole(by_uv.recoveries(step=20)) >= 2


def test_failing_disk(by_uv: Range) -> None:
    """A broken disk: whole at once, without a recovery."""
    assert whole(by_uv.failures("broken", step=12)) >= 2


@pytest.mark.skipif(not can_mount(), reason="a small disk can be mounted by root alone")
def test_small_disks(by_uv: Range) -> None:
    """Disks that are too small: an error where nothing was changed, and none where all was."""
    assert whole(by_uv.full_disks(3)) == 3


@pytest.mark.parametrize("number", [2, 5])
def test_at_the_same_time(upgrade: Upgrade, number: int) -> None:
    """Installs of different packages from several processes: all end well, and it is as if they had come in turn."""
    names = [f"side{each}" for each in range(number)]
    lines = []
    for name in names:
        write_wheel(upgrade.wheels, name, "1.0", {f"{name}/data.txt": name})
        lines.append(upgrade.install_line("pip" if (number, name) == (2, "side0") else "uv", name))
    upgrade.restore()
    for line in lines:
        upgrade.must(upgrade.safepip(line))
    in_turn = read_tree(upgrade.prefix)
    upgrade.restore()
    processes = [_start(upgrade, line) for line in lines]
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0)] * number
    tree = read_tree(upgrade.prefix)
    assert {p: e for p, e in tree.items() if not p.endswith(".pyc")} == {
        p: e for p, e in in_turn.items() if not p.endswith(".pyc")
    }
    assert tree.keys() == in_turn.keys()
    assert sorted(each.name for each in (upgrade.prefix / ".safepip").iterdir()) == [
        ".gitignore",
        "lock",
        *(f"tx-{each + 1}" for each in range(number)),
    ]


def test_an_installer_outlives_its_kernel(upgrade: Upgrade) -> None:
    """The next install waits for an installer whose kernel was killed, says for whom, and drops what that one did."""
    upgrade.restore()
    started, go_on = upgrade.folder / "started", upgrade.folder / "go-on"
    _write_slow_project(upgrade, started, go_on)
    write_wheel(upgrade.wheels, "quick", "1.0")
    line = upgrade.install_line("uv", "slow")
    os.mkfifo(started)
    struck = Struck(upgrade.safepip(line), upgrade.environ)
    started.read_text()  # the build has begun
    struck.process.kill()
    struck.process.wait()
    other = _start(upgrade, upgrade.install_line("uv", "quick"), "--told")
    assert other.stdout is not None
    waiting = other.stdout.readline()
    assert re.fullmatch(
        rf"waiting: held by  process {struck.process.pid}, which has ended; a program that it started is still running; "
        rf"running  `%safepip {re.escape(line)}`; since    [-\d]+ [:\d]+\n",
        waiting,
    ), waiting
    go_on.touch()
    errors = other.communicate()[1]
    assert (other.returncode, errors) == (0, "")
    struck.wait_for_all()
    site = next(upgrade.prefix.glob("lib/python3*/site-packages"))
    assert (site / "quick").is_dir()
    assert not list(site.glob("slow*"))
    assert sorted(each.name for each in (upgrade.prefix / ".safepip").iterdir()) == [".gitignore", "lock", "tx-1"]


def _write_slow_project(upgrade: Upgrade, started: Path, go_on: Path) -> None:
    """A source distribution whose build tells when it has begun, and waits until it may go on."""
    folder = upgrade.folder / "slow-1.0"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.2\nName: slow\nVersion: 1.0\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "slow"\nversion = "1.0"\n'
    )
    (folder / "backend.py").write_text(
        "import os, time\n"
        "def build_wheel(*arguments, **more):\n"
        f"    open({str(started)!r}, 'w').close()\n"
        f"    while not os.path.exists({str(go_on)!r}):\n"
        "        time.sleep(0.01)\n"
        "    raise RuntimeError('nobody waits for it any more')\n"
    )
    with tarfile.open(upgrade.wheels / "slow-1.0.tar.gz", "w:gz") as archive:
        archive.add(folder, folder.name)


def _start(upgrade: Upgrade, line: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        upgrade.safepip(line, *options),
        env=upgrade.environ,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
