"""The answer about a command line: each use of a package manager in it, and the environment that it would change.

Tested in `tests/show/test_command.py`.
"""

from __future__ import annotations

from typing import Any, Literal

from ipython_where.model import SCHEMA, Answer, Finding, Value
from ipython_where.value import dataclass

Action = Literal["install", "uninstall", "read", "other", "unknown"]
"""`read` changes no environment; `other` changes something else (a lock file, a tool's own settings, a new environment)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Value):
    """What would be changed: an environment by its interpreter and prefix, or a directory (`--target`). None: unknown."""

    interpreter: str | None = None
    prefix: str | None = None
    directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(Value):
    """The program as the shell starts it. ``interpreter`` is the Python that runs it, None also for a binary."""

    file: str | None = None
    interpreter: str | None = None
    arguments: tuple[str, ...] | None = None
    directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation(Value):
    """One use of a package manager in a command line.

    ``requirements`` are as given to the manager (`-r FILE` and `-e PATH` as one string), None if not all are known.
    ``same_environment``: whether it changes what the kernel imports from. ``runs``: False if the command is never
    reached or cannot start, None if that depends on how an earlier one ends.
    """

    text: str
    tool: str
    action: Action
    requirements: tuple[str, ...] | None
    target: Target | None
    same_environment: bool | None
    reason: str
    started: Started | None
    runs: bool | None

    @property
    def changes(self) -> bool:
        """Whether it installs or uninstalls."""
        return self.action in ("install", "uninstall")


def unknown(text: str, *, tool: str, reason: str, runs: bool | None = None) -> Invocation:
    """What may be any use of any package manager. ``tool`` is called as the command line calls it."""
    return Invocation(
        text=text,
        tool=tool,
        action="unknown",
        requirements=None,
        target=None,
        same_environment=None,
        reason=reason,
        started=None,
        runs=runs,
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CommandAnswer(Answer):
    """Where a command line would install: `%where !COMMAND`. Its JSON is a list with one object an invocation.

    ``safepip`` are the words of each `%safepip` line that, one after the other, install the same into the kernel's environment;
    empty if none can, or if what else the line does may depend on the other environment.
    """

    command: str
    kernel: str | None
    kernel_version: str | None
    invocations: tuple[Invocation, ...]
    findings: tuple[Finding, ...]
    safepip: tuple[tuple[str, ...], ...] = ()

    def to_dict(self) -> Any:
        """A list with one object an invocation."""
        return [{"schema": SCHEMA, **each.to_dict()} for each in self.invocations]
