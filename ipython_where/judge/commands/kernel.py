"""The kernel that a command line is compared with.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

import os
from typing import Literal

from ipython_where.value import dataclass

from .reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The kernel's interpreter, its prefix, and the directories that it imports from: a user site that it looks into is one
    of them before it is made, too. ``manager`` is who manages the prefix, if conda's records are there.
    """

    executable: str | None
    version: str | None
    prefix: str
    path: tuple[str, ...]
    manager: Literal["conda", "pixi"] | None = None

    def has_prefix(self, prefix: str | None, reader: Reader) -> bool | None:
        """Whether an environment is the kernel's own; None if unknown."""
        if prefix is None:
            return None
        same = reader.is_same(prefix, self.prefix)
        return False if same is None and not reader.is_directory(prefix) else same

    def imports_from(self, directory: str | None, reader: Reader) -> bool | None:
        """Whether the kernel imports from a directory; None if unknown."""
        if directory is None:
            return None
        plain = os.path.normpath(directory)
        return any(os.path.normpath(each) == plain or reader.is_same(each, plain) for each in self.path)
