"""What a judgement needs to know about the machine, as one small Protocol: real files in use, a fake in tests.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ipython_where.model import Interpreter, Setting
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Where a command name leads: the file on PATH, the Python behind it, the prefix that it would change, and why.

    ``runs`` is False if the file exists but cannot run; ``unasked`` is True if only running it would have shown more.
    """

    path: str | None
    interpreter: Interpreter | None = None
    prefix: str | None = None
    evidence: str
    runs: bool = True
    unasked: bool = False


class Reader(Protocol):
    """Reads files, and runs nothing. Paths are absolute, ``environ`` is what the program would get."""

    @property
    def kind(self) -> str:
        """The shell that reads the command: `bash`, `dash`, `zsh`, …"""
        ...

    def reach(self, name: str, environ: Mapping[str, str], cwd: str) -> Reached:
        """What a command name or a path to a program leads to."""
        ...

    def finds(self, name: str, path: str, cwd: str) -> bool:
        """Whether a program is there by its name on ``path``, the value of PATH, or by its own path."""
        ...

    def of_shell(self, name: str, environ: Mapping[str, str], cwd: str) -> Reader | None:
        """The reader for scripts of another shell; None if there is no such shell, or its kind is unknown."""
        ...

    def text(self, path: str) -> str | None:
        """A file's text, None where there is none to read."""
        ...

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        ...

    def opens(self, path: str, *, writes: bool) -> bool:
        """Whether a file can be opened by a redirection: it is there, or can be made."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether there is a directory that can be entered."""
        ...

    def is_same(self, one: str, other: str) -> bool | None:
        """Whether two paths lead to one file or directory; None where one of them is not there."""
        ...

    def real(self, path: str) -> str:
        """The path without links on the way."""
        ...

    def glob(self, pattern: str, cwd: str) -> tuple[str, ...]:
        """The files that a pattern of the shell means, hidden ones left out, in any order."""
        ...

    def imports(self, module: str, python: Interpreter, environ: Mapping[str, str], cwd: str | None) -> bool | None:
        """Whether ``python -m module`` finds the module that is installed for that interpreter.

        None if another file may hide it; ``cwd`` is None if the working directory is not searched.
        """
        ...

    def version(self, project: str, python: Interpreter) -> str | None:
        """The version of a project that is installed for that interpreter; None where it is not there, or not known."""
        ...

    def settings(self, tool: str, environ: Mapping[str, str], cwd: str, prefix: str) -> tuple[Setting, ...]:
        """What redirects a `pip` or `uv` that would install into ``prefix``: variables and configuration files."""
        ...
