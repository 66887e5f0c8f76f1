"""The files and folders that Tab offers for the value of an option, what fits best first.

Tested in `tests/show/notebook/test_completion.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ipython_where.facts.distributions.pylock import is_lock_name
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A completion of the word at the cursor, and what it is, in IPython's own words where it has one.

    Those are `module`, `path` and `instance`, a variable.
    """

    text: str
    kind: str


def _is_requirements(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith((".txt", ".in")) or is_lock_name(entry.name)


def _is_lock(entry: os.DirEntry[str]) -> bool:
    return is_lock_name(entry.name)


def _is_project(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir() and any(
        os.path.isfile(os.path.join(entry.path, name)) for name in ("pyproject.toml", "setup.py")
    )


def _is_environment(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith((".yml", ".yaml", ".lock", ".txt"))


def _is_nothing(entry: os.DirEntry[str]) -> bool:
    return False


KINDS: dict[str, tuple[Callable[[os.DirEntry[str]], bool], bool]] = {
    "FILE": (_is_requirements, True),
    "LOCK": (_is_lock, False),
    "CONDA": (_is_environment, False),
    "PLACE": (_is_nothing, True),
    "FOLDER": (_is_nothing, False),
    "PROJECT": (_is_project, False),
}
"""What fits best for each kind of value, and whether other files may fit too."""


def files(begun: str, cwd: str | None, kind: str) -> list[Suggestion]:
    """The entries of a folder that continue ``begun``: what fits best, folders, then other files if they may fit."""
    fits, others = KINDS[kind]
    typed_folder, start = begun[: begun.rfind("/") + 1], begun.rpartition("/")[2]
    found: list[tuple[int, str]] = []
    try:
        folder = os.path.join(cwd or "/", os.path.expanduser(typed_folder))  # which asks the system for a `~name`
        with os.scandir(folder) as entries:
            for each in entries:
                if not each.name.startswith(start) or (each.name.startswith(".") and not start.startswith(".")):
                    continue
                is_folder = each.is_dir()
                rank = 0 if fits(each) else 1 if is_folder else 2
                if rank < 2 or others:
                    found.append((rank, f"{typed_folder}{each.name}{'/' if is_folder else ''}"))
    except (OSError, ValueError):  # no such folder, or a name that none can have
        return []
    return [Suggestion(text=text, kind="path") for _, text in sorted(found)]
