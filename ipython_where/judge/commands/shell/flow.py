"""Where a script leaves what it is in: a loop by `break`, a function by `return`, the shell by `exit`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from .state import Outcome, State, merged


class Loop:
    """The states in which the rounds of one loop are left: for good, or for the next round."""

    def __init__(self) -> None:
        self.broken: list[State] = []
        self.continued: list[State] = []

    def next(self, state: State | None) -> State | None:
        """The state in which the next round begins, after one that ended in ``state``."""
        for each in self.continued:
            state = merged(state, each)
        self.continued.clear()
        return state


class Flow:
    """One process of a script. ``exits`` are the ways in which it may have ended: well, not, or None for either; ``left``
    are its states then, None where one is not known.

    ``returns`` has how the function ended that is called now, None where there is none. ``tests`` counts the conditions
    around, in which `set -e` does nothing. ``traps`` are run when the process ends.
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
        """A number that another one follows where something may have been left meanwhile that goes on around it."""
        left = sum(len(each.broken) + len(each.continued) for each in self.loops)
        return left + len(self.exits) + len(self.returns or ())

    def exit(self, status: bool | None, state: State | None = None) -> None:
        """The process may end here, in a state that may not be known."""
        self.exits.append(status)
        self.left.append(state)
