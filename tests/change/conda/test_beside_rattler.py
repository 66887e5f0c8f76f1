"""A shadow that holds only what rattler could move ends in the same tree as rattler in place, whatever files packages share."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import conda_prefix
from tests.environments import ROOT, call

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, if there is one: rattler syncs each record."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_the_same_comes_of_a_change(memory: Path) -> None:
    """Random packages that meet in files, folders, links and entry points, installed, changed and removed."""
    python = conda_prefix.lab() / "tools" / "bin" / "python"
    said = call(python, "-m", "tests.change.conda.beside_rattler", memory, "1", "15", PYTHONPATH=str(ROOT))
    steps = [json.loads(line) for line in said.splitlines()]
    assert len(steps) == 15
    assert [each for each in steps if each["differing"]] == []
    assert any(each["passes"] == 2 for each in steps)
