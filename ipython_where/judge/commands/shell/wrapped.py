"""What a command starts in the end, and how to skip the options before it.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from .expansion import Field
from .state import State


class Wrapped(NamedTuple):
    """What is started in the end. ``script``: the text that a shell of kind ``shell`` is given (`sh -c`).

    ``is_lost``: what is started is unknown. ``missing``: a wrapper that doesn't exist, or rejects its arguments, so
    nothing is started. ``replaces``: the shell itself ends with it (`exec`). ``repeats``: it is started as often as
    some input requires. ``may_fail``: the wrapper may fail before it starts anything. ``builtin``: the shell itself may
    run it. ``reads_input``: the shell that is started runs its input; otherwise it runs ``file``.
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
        """Whether there is nothing more to unwrap."""
        is_script = self.script is not None or self.file is not None or self.reads_input
        return is_script or self.is_lost or self.missing is not None or self.builtin


class Options(NamedTuple):
    """The options that a program takes before the command that it starts.

    ``values`` and ``flags`` are letters; the long ones are names. ``before`` counts the arguments before the command.
    With an option in ``without``, no command is started. ``is_sure``: it certainly starts the command, provided that
    the values of its options match ``value``.
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
    """The words after the options: empty if there is no command, None if that can't be determined."""
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
    """How many words an option takes up; None if the option is unknown."""
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
    """The command in ``rest``; None if there is none."""
    if rest is None:
        return seen._replace(is_lost=True)
    return seen._replace(fields=rest) if rest else None
