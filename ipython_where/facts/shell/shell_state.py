"""A shell command's state, and the files that a name can mean in it.

Tested in `tests/facts/shell/test_shell_reader.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ipython_where.facts.files import read_bytes
from ipython_where.facts.interpreters.scripts import HEAD
from ipython_where.runner import Runner
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellState:
    """What a shell command sees: its variables, its directory and its shell, and the runner for programs.

    ``through`` are the shims followed so far: two pyenvs may lead to each other.
    """

    environ: Mapping[str, str]
    cwd: str
    program: str
    run: Runner
    through: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return os.path.basename(os.path.realpath(self.program))

    @property
    def home(self) -> str | None:
        """What a leading `~` in PATH stands for: only bash expands it, and not when called `sh`."""
        is_bash = self.kind == "bash" and os.path.basename(self.program) != "sh"
        return self.environ.get("HOME") if is_bash else None


def look_up(name: str, path: str, cwd: str, home: str | None = None) -> Iterator[str]:
    """The files that a command name can mean, in PATH order; ``home`` replaces a leading `~`."""
    if "/" in name:
        candidates = [name]
    elif name:
        entries = path.split(":")
        if home is not None:
            entries = [home + entry[1:] if entry == "~" or entry.startswith("~/") else entry for entry in entries]
        candidates = [os.path.join(entry, name) for entry in entries]  # an empty entry is the working directory
    else:
        return
    for candidate in candidates:
        absolute = os.path.join(cwd, candidate)
        if os.access(absolute, os.X_OK) and os.path.isfile(absolute):
            yield absolute


def read_head(path: str, size: int = HEAD) -> bytes:
    """The first bytes of a script; empty if it can't be read."""
    return read_bytes(path, size) or b""
