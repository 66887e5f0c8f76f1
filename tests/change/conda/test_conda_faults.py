"""`%safeconda` struck at moments and at effects: a conda prefix is whole afterwards, or was not changed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.change.test_faults import whole
from tests.faults.conda_upgrade import CondaRange, conda_upgrade
from tests.faults.processes import adopting_orphans
from tests.faults.strikes import Range

pytestmark = [
    pytest.mark.usefixtures("faults", "installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the process tree is read from /proc"),
]


@pytest.fixture(scope="module")
def by_rattler() -> Iterator[Range]:
    """The upgrade of awkward packages, in memory."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=memory))
    with adopting_orphans():
        yield CondaRange.measured(conda_upgrade(folder / "upgrade"), "uv")
    shutil.rmtree(folder)


def test_killed_at_moments(by_rattler: Range) -> None:
    """SIGKILL of the kernel and of rattler."""
    assert whole(by_rattler.signals(4, signal.SIGKILL)) == 4


def test_interrupted(by_rattler: Range) -> None:
    """An interrupt leaves it whole at once."""
    assert whole(by_rattler.signals(2, signal.SIGINT)) == 2


def test_killed_before_effects(by_rattler: Range) -> None:
    """SIGKILL before effects on the disk, the steps of the journal among them."""
    assert whole(by_rattler.effects(step=12)) >= 3


def test_a_full_disk(by_rattler: Range) -> None:
    """The error comes, and the prefix is whole at once."""
    assert whole(by_rattler.failures("full", step=17)) >= 2


def test_an_undo_killed_as_it_ends(by_rattler: Range) -> None:
    """When what it replaced is being tidied up: mamba's lock file is gone by then."""
    assert whole(by_rattler.undos(last=3)) == 3
