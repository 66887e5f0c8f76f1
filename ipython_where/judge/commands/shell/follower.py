"""What a simple command needs from the walk that reached it.

A Protocol, because the walk imports `calls`. Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ipython_where.judge.commands.reader import Reader

from .dialects import Dialect
from .expansion import Expander
from .flow import Flow
from .launch import Launch
from .script import Command
from .state import Outcome, State


class Follower(Protocol):
    """The context of a command, and a way to follow what it leads to."""

    reader: Reader
    dialect: Dialect
    flow: Flow
    found: list[Launch]
    changed: frozenset[str]
    is_killed: bool

    def expander(self, state: State, runs: bool | None) -> Expander:
        """The expander for words in a state."""

    def ended_by(self, expander: Expander) -> Outcome | None:
        """An outcome with nothing after it, if an expansion certainly ends the shell."""

    def command(self, command: Command, state: State, runs: bool | None) -> Outcome:
        """Follow a command."""

    def text(self, text: str, state: State, runs: bool | None) -> Outcome:
        """Follow a text that this shell reads and runs."""

    def within(self, reader: Reader, text: str, state: State, runs: bool | None) -> None:
        """Follow a text that is passed to another shell."""

    def apart(self, commands: Iterable[Command], state: State, runs: bool | None) -> Outcome:
        """Follow commands in a process of their own."""

    def aside(self, command: Command, state: State) -> None:
        """Follow a command that is never reached."""
