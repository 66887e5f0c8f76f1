"""A call of a shell builtin, and what it can result in.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from ipython_where.judge.commands.reader import Reader

from .dialects import SPECIAL, Dialect
from .expansion import Field
from .state import Evaluated, Outcome, State, either


class Assigned(NamedTuple):
    """An assignment with its value expanded; None if the value is unknown."""

    name: str
    value: str | None
    appends: bool = False


class Call(NamedTuple):
    """A builtin with its arguments; ``assignments`` are the arguments that assign a variable (`export a=b`).

    ``is_bare``: called without a prefix such as `command`. ``is_in_function``: `local` has a meaning here.
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
        """The arguments whose values are known."""
        return [field.text for field in self.fields[1:] if field.text is not None]

    @property
    def words(self) -> list[str] | None:
        """All arguments; None if any of them is unknown."""
        known = self.known
        return known if len(known) == len(self.fields) - 1 else None

    @property
    def is_special(self) -> bool:
        """Whether it is one of POSIX's special builtins, called as one."""
        return self.is_bare and self.name in SPECIAL


class Result(NamedTuple):
    """What a builtin does. ``may_end``: the shell may have exited, or can't continue as before.

    ``is_dark``: it may have started anything. ``kills``: it ends processes, and which ones is unknown.
    """

    outcome: Outcome
    may_end: bool = False
    is_dark: bool = False
    kills: bool = False


class Returns(NamedTuple):
    """`return`; if ``status`` is None, it may be success or failure."""

    status: bool | None
    state: State


class Breaks(NamedTuple):
    """`break` or `continue`, and how many loops it leaves."""

    depth: int
    is_continue: bool
    state: State


class Exits(NamedTuple):
    """`exit`, or anything that ends the shell the same way."""

    status: bool | None


class Trapped(NamedTuple):
    """A command text that `trap` runs on a signal."""

    action: str
    signals: tuple[str, ...]
    state: State


Done = Result | Evaluated | Returns | Breaks | Exits | Trapped


def done(state: State) -> Result:
    """The builtin succeeds."""
    return Result(Outcome(state, None))


def maybe(state: State, *, may_end: bool = False) -> Result:
    """The builtin succeeds or fails."""
    return Result(either(state), may_end)
