"""The note of an older version, which let pip check `-e git+…` out beside the packages: what a crash left of that stays."""

from __future__ import annotations

import json
import os
from typing import Any

NOTE = "checkouts.json"


def left_by_crash(folder: str, root: str) -> tuple[str | None, tuple[str, ...]]:
    """The command of a transaction that never ended, and its checkouts below ``root`` that are there. Nothing is moved."""
    try:
        with open(os.path.join(folder, NOTE), "rb") as file:
            note: dict[str, Any] = json.load(file)
        paths = [os.path.join(root, str(note["folder"]), str(name)) for name in note["names"]]
        return str(note["command"]), tuple(path for path in paths if os.path.lexists(path))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # none, or one that is not ours
        return None, ()
