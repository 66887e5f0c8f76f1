"""Environments that are laid out by hand: what the readers look for in one, and nothing that could run."""

from __future__ import annotations

import sys
from pathlib import Path


def bare(prefix: Path) -> Path:
    """What an environment looks like from outside: enough for finding it, and quickly made."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (prefix / "bin" / "python").symlink_to(sys.executable)
    return prefix
