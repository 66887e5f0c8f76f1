"""What the tests of rollouts share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .rollouts import make_wheels


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder of wheels to install from."""
    return make_wheels(tmp_path / "wheels")
