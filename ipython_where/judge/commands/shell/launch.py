"""A program that a script starts.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from .expansion import Field
from .script import Redirect
from .state import State


class Launch(NamedTuple):
    """A program that is started: ``fields`` are its name and arguments, ``state`` what it is started in.

    ``runs`` is None where that depends on how another command ends, False where it is never reached. ``is_lost``: what is
    started is not known. ``is_alone``: the script is nothing but this command. ``missing`` names a wrapper (`sudo`) that is
    not there. ``repeats``: `xargs` starts it as often as it has input for. ``input`` is what it reads, where the script
    says so, None where another program writes that. ``is_direct``: the shell itself looks for the program, no `env` does.
    """

    fields: tuple[Field, ...]
    state: State
    runs: bool | None
    text: str
    redirects: tuple[Redirect, ...] = ()
    is_lost: bool = False
    is_alone: bool = False
    missing: str | None = None
    repeats: bool = False
    input: str | None = ""
    is_direct: bool = True

    @property
    def name(self) -> str | None:
        """The program's name as it is called; None where it is not known."""
        return self.fields[0].text if self.fields else None


def is_activation(fields: tuple[Field, ...]) -> bool:
    """Whether it is `conda activate`, started as a program: it says that `conda init` is missing, and fails.

    What activates is a shell function, which an interactive shell's start-up file defines.
    """
    words = [field.text for field in fields[:2]]
    return words[0] in ("conda", "mamba", "micromamba") and words[1:] in (["activate"], ["deactivate"])
