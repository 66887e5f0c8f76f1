"""A few of the random changes of `random_changes`; `make faults` makes a hundred."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .random_changes import MEMORY, RandomChanges

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, if there is one, with its package cache: so files are hard links."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


def test_all_changes_can_be_taken_back(memory: Path) -> None:
    """By either magic, whichever made them; each undo leaves every file as it was, hard links too."""
    changes = RandomChanges.made(memory, seed=1)
    changes.run(12)
    print(changes.counts)
    assert changes.wrong == []
