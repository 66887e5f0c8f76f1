"""A program that a script starts.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .expansion import Field
from .script import Redirect
from .state import State


class Launch(NamedTuple):
    """A program that is started: its name and arguments in ``fields``, and the ``state`` it starts in.

    ``runs`` is None if that depends on how another command ends, and False if it is never reached. ``is_lost``: what is
    started is unknown. ``is_plain``: the words of the command itself start it, not `env`, a function or an `eval`.
    ``missing`` names a wrapper (`sudo`) that doesn't exist. ``repeats``: `xargs` starts it as often as its input
    requires. ``input`` is what it reads, if the script says so; None if another program writes it. ``is_direct``: the
    shell itself searches for the program, not `env`.
    """

    fields: tuple[Field, ...]
    state: State
    runs: bool | None
    text: str
    redirects: tuple[Redirect, ...] = ()
    is_lost: bool = False
    is_plain: bool = False
    missing: str | None = None
    repeats: bool = False
    input: str | None = ""
    is_direct: bool = True

    @property
    def name(self) -> str | None:
        """The program's name as it is called; None if unknown."""
        return self.fields[0].text if self.fields else None


def is_activation(fields: tuple[Field, ...], state: State) -> bool:
    """Whether this is `conda activate` started as a program, which only reports that `conda init` is missing, and fails.

    Activation takes a shell function, which the start-up file of an interactive shell defines, as may whatever is not known.
    """
    if state.is_lost:
        return False
    words = [field.text for field in fields[:2]]
    return words[0] in ("conda", "mamba", "micromamba") and words[1:] in (["activate"], ["deactivate"])


def hashed(fields: tuple[Field, ...], state: State) -> tuple[Field, ...]:
    """The command with the program's path that `hash` recorded for its name."""
    name = fields[0].text or ""
    if name in state.condas:  # the function starts the program that it was created for
        return (Field(state.condas[name]), *fields[1:])
    if name not in state.programs:
        return fields
    # a Python finds its environment through the name it is called by, not through its file
    path = None if re.match(r"python|pypy", name) else state.programs[name]
    return (Field(path), *fields[1:])
