"""Where a script leaves what it is in: a loop with `break`, a function with `return`, the shell with `exit`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from .state import Outcome, State, merged


class Loop:
    """The states in which the rounds of a loop are left early: by `break`, or by `continue`."""

    def __init__(self) -> None:
        self.broken: list[State] = []
        self.continued: list[State] = []

    def next(self, state: State | None) -> State | None:
        """The state in which the next round starts, after a round that ended in ``state``."""
        for each in self.continued:
            state = merged(state, each)
        self.continued.clear()
        return state


class Flow:
    """One process of a script, and the ways in which it may end.

    Each of ``exits`` is success, failure, or None for either; ``left`` holds the state at each exit, None if unknown.
    ``returns`` collects how the current function ended, None outside a function. ``tests`` counts the enclosing
    conditions, in which `set -e` does nothing. ``traps`` run when the process ends.
    """

    def __init__(self, *, is_in_loop: bool = False) -> None:
        self.exits: list[bool | None] = []
        self.left: list[State | None] = []
        self.returns: list[Outcome] | None = None
        self.loops: list[Loop] = []
        self.is_in_loop = is_in_loop
        self.tests = 0
        self.traps: list[str] = []

    @property
    def mark(self) -> int:
        """A number that changes when something that encloses the script's current position may have been left."""
        left = sum(len(each.broken) + len(each.continued) for each in self.loops)
        return left + len(self.exits) + len(self.returns or ())

    def exit(self, status: bool | None, state: State | None = None) -> None:
        """Record that the process may end here, in a state that may be unknown."""
        self.exits.append(status)
        self.left.append(state)
