"""What a call leaves of the assignments made for it, and of a function's own variables.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from dataclasses import replace

from .builtin_call import Assigned
from .dialects import Dialect
from .script import Simple
from .state import TIED, Outcome, State


def set_by(simple: Simple, dialect: Dialect) -> set[str]:
    """The variables that the assignments of a command set, with those that zsh ties to them."""
    names = {each.name for each in simple.assignments}
    return names | {TIED[name] for name in names if name in TIED} if dialect.name == "zsh" else names


def left_by(state: State, before: State) -> State:
    """The state after a function returns: its parameters and local variables are gone."""
    own = state.locals
    for name, found in own.items():
        state = state.having(name, found)
    if state.own_options:
        state = state.with_options(state.own_options)
    readonly = {name: each for name, each in state.readonly.items() if name not in own}
    readonly |= {name: each for name, each in before.readonly.items() if name in own}
    odd = {name: each for name, each in state.odd.items() if name not in own or name in before.odd}
    return replace(
        state,
        arguments=before.arguments,
        locals=before.locals,
        covered=before.covered,
        own_options=before.own_options,
        readonly=readonly,
        odd=odd,
    )


def restored(
    outcome: Outcome, given: tuple[Assigned, ...], before: State, assigned: State, *, keeps: bool | None, is_exact: bool
) -> Outcome:
    """Drop assignments made for one builtin or function call (`IFS= read x`); unknown if a value may have outlasted it."""

    def without(state: State | None) -> State | None:
        for each in given if state else ():
            assert state is not None
            is_same = state.variables.get(each.name) == assigned.variables.get(each.name)
            if keeps is None or not (is_exact or is_same):
                state = state.with_variable(each.name, None, exported=True)
            else:
                state = state.having(each.name, before.variables.get(each.name))
        return state

    return Outcome(without(outcome.succeeded), without(outcome.failed))
