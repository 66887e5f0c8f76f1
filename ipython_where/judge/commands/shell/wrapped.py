"""What a command starts in the end, and the reading of options that stand before it.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from .expansion import Field
from .state import State


class Wrapped(NamedTuple):
    """What is started in the end. ``script``: a text that a shell of the kind ``shell`` is given (`sh -c`).

    ``is_lost``: what is started is not known. ``missing`` is a wrapper that is not there, or does not understand, so that
    nothing is started. ``replaces``: the shell itself ends with it (`exec`). ``repeats``: it is started once for each of some
    input. ``may_fail``: the wrapper may not come to it. ``builtin``: the shell itself may carry it out. ``reads_input``:
    the shell that is started runs what it reads; or it runs ``file``.
    """

    fields: tuple[Field, ...]
    state: State
    script: str | None = None
    shell: str | None = None
    is_lost: bool = False
    missing: str | None = None
    replaces: bool = False
    repeats: bool = False
    may_fail: bool = False
    builtin: bool = False
    reads_input: bool = False
    file: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be taken off."""
        is_script = self.script is not None or self.file is not None or self.reads_input
        return is_script or self.is_lost or self.missing is not None or self.builtin


class Options(NamedTuple):
    """The options that a program takes before the command that it starts.

    ``values`` and ``flags`` are letters, the long ones are names. ``before`` counts the arguments that stand before the
    command. ``without`` are options with which no command is started. ``is_sure``: it starts the command for certain, where the
    values of its options match ``value``.
    """

    flags: str = ""
    values: str = ""
    long_flags: tuple[str, ...] = ()
    long_values: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    before: int = 0
    is_sure: bool = True
    value: str = ""


def behind(fields: tuple[Field, ...], options: Options) -> tuple[Field, ...] | None:
    """What stands behind the options: nothing where no command does, None where that cannot be told."""
    at = 0
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return None
        if word == "--":
            at += 1
            break
        if not word.startswith("-") or word == "-":
            break
        if word.partition("=")[0] in (*options.without, "--help", "--version"):
            return ()
        taken = _taken(word, options)
        if taken is None:
            return None
        at += taken
    given = fields[at : at + options.before]
    return None if any(each.text is None for each in given) else fields[at + options.before :]


def _taken(word: str, options: Options) -> int | None:
    """How many words an option is; None where it is not known."""
    if word.startswith("--"):
        name, equals, _ = word.partition("=")
        if name in options.long_values:
            return 1 if equals else 2
        return 1 if name in options.long_flags else None
    for at, letter in enumerate(word[1:], start=1):
        if letter in options.values:
            return 1 if word[at + 1 :] else 2
        if letter not in options.flags:
            return None
    return 1


def inner(seen: Wrapped, rest: tuple[Field, ...] | None) -> Wrapped | None:
    """The command that stands in ``rest``; None where none does."""
    if rest is None:
        return seen._replace(is_lost=True)
    return seen._replace(fields=rest) if rest else None
