"""Folders by their names alone: nothing is looked at.

Tested in `tests/facts/shell/test_shell_reader.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator


def upward(directory: str) -> Iterator[str]:
    """The directory and those above it, nearest first."""
    yield directory
    while (parent := os.path.dirname(directory)) != directory:
        yield parent
        directory = parent
