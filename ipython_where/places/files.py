"""Files that may be missing, broken or huge: what is in them, or None, and nothing raised."""

from __future__ import annotations

import json
import os
from typing import Any

JSON_LIMIT = 1_000_000
"""Bytes of a JSON file: no real one comes near, and a wrong file must not fill the memory."""


def read_text(path: str, limit: int = -1) -> str | None:
    """A file's text, its line ends as they are, or None where there is none to read."""
    content = read_bytes(path, limit)
    return None if content is None else content.decode("utf-8", "replace")


def read_bytes(path: str, limit: int = -1) -> bytes | None:
    """A file's content, at most ``limit`` bytes of it, or None where there is none to read."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(limit)
    except (OSError, ValueError):
        return None


def parse_json(text: str | None) -> Any:
    """What a JSON text says, or None where it is not JSON."""
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def list_directory(path: str) -> list[str]:
    """The names in a directory; none where it cannot be listed."""
    try:
        return os.listdir(path)
    except (OSError, ValueError):
        return []


def same_directory(one: str, other: str) -> bool | None:
    """Whether two paths are one directory on disk; None when either cannot be looked at."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return None
