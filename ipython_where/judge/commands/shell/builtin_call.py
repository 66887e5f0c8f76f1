"""A builtin that is called, and what comes of it.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from ipython_where.judge.commands.reading import Reader

from .dialects import SPECIAL, Dialect
from .expansion import Field
from .state import Evaluated, Outcome, State, either


class Assigned(NamedTuple):
    """An assignment with its value expanded, None where that is not known."""

    name: str
    value: str | None
    appends: bool = False


class Call(NamedTuple):
    """A builtin with its arguments; ``assignments`` are those among them (`export a=b`).

    ``is_bare``: nothing (`command`) stands before it. ``is_in_function``: `local` has a meaning.
    """

    fields: tuple[Field, ...]
    assignments: tuple[Assigned, ...]
    state: State
    reader: Reader
    dialect: Dialect
    is_bare: bool
    is_in_function: bool

    @property
    def name(self) -> str:
        """The builtin's name."""
        return self.fields[0].text or ""

    @property
    def known(self) -> list[str]:
        """The arguments that are known."""
        return [field.text for field in self.fields[1:] if field.text is not None]

    @property
    def words(self) -> list[str] | None:
        """All arguments, None where one of them is not known."""
        known = self.known
        return known if len(known) == len(self.fields) - 1 else None

    @property
    def is_special(self) -> bool:
        """Whether it is one of POSIX's special builtins, and is called as one."""
        return self.is_bare and self.name in SPECIAL


class Result(NamedTuple):
    """What a builtin comes to. ``may_end``: the shell may have ended, or cannot go on as before.

    ``is_dark``: it may have started anything. ``kills``: it ends processes, and nobody knows which.
    """

    outcome: Outcome
    may_end: bool = False
    is_dark: bool = False
    kills: bool = False


class Returns(NamedTuple):
    """`return`; ``status`` None: well or not."""

    status: bool | None
    state: State


class Breaks(NamedTuple):
    """`break` or `continue`, out of so many loops."""

    depth: int
    is_continue: bool
    state: State


class Exits(NamedTuple):
    """`exit`, or what ends the shell like it."""

    status: bool | None


class Trapped(NamedTuple):
    """A text that is run on a signal."""

    action: str
    signals: tuple[str, ...]
    state: State


Done = Result | Evaluated | Returns | Breaks | Exits | Trapped


def done(state: State) -> Result:
    """It succeeds."""
    return Result(Outcome(state, None))


def maybe(state: State, *, may_end: bool = False) -> Result:
    """It succeeds or not."""
    return Result(either(state), may_end)
