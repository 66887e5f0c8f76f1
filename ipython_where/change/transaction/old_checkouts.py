"""Reads a note of older versions, which let pip clone `-e git+…` into the environment: such a clone is never deleted.

Tested in `tests/change/test_repositories.py`.
"""

from __future__ import annotations

import json
import os
from typing import Any

NOTE = "checkouts.json"


def left_by_crash(folder: str, root: str) -> tuple[str | None, tuple[str, ...]]:
    """The command of a transaction that never ended, and its checkouts that exist below ``root``. Nothing is moved."""
    try:
        with open(os.path.join(folder, NOTE), "rb") as file:
            note: dict[str, Any] = json.load(file)
        paths = [os.path.join(root, str(note["folder"]), str(name)) for name in note["names"]]
        return str(note["command"]), tuple(path for path in paths if os.path.lexists(path))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # no note, or not one of ours
        return None, ()
