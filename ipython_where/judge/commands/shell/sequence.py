"""The plainest scripts: commands joined by `&&`, of which the last may be piped on, and what follows behind `||` and `;`.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from .script import Chain, Command, Pipeline, Script, Simple

_FORGIVING = ("true", ":")


class Rest(NamedTuple):
    """What a script runs after something else: its ``commands``, and their ``text`` as a shell reads it."""

    commands: tuple[Simple, ...] = ()
    text: str = ""

    @property
    def does_nothing(self) -> bool:
        """Whether it only succeeds."""
        return self.text in ("", *_FORGIVING)

    def then(self, joint: str, other: Rest) -> Rest:
        """Both, joined by `&&`, `||` or a new line."""
        if not self.text or not other.text:
            return self if self.text else other
        return Rest((*self.commands, *other.commands), f"{self.text}{joint}{other.text}")


class Sequence(NamedTuple):
    """A script that runs ``commands`` in order, until one fails.

    ``filters`` read the output of the last one. ``otherwise`` runs where one fails (`|| true`), None where nothing does;
    ``later`` in any case.
    """

    commands: tuple[Simple, ...]
    filters: tuple[Simple, ...] = ()
    otherwise: Rest | None = None
    later: Rest = Rest()

    def after(self, count: int) -> Rest:
        """What is left when the first commands have succeeded."""
        left = Rest()
        for each in self.commands[count:]:
            left = left.then(" && ", Rest((each,), each.text))
        if left.text and self.otherwise is not None:
            left = left.then(" || ", self.otherwise)
        return left.then("\n", self.later)

    @property
    def when_failed(self) -> Rest | None:
        """What is left when one of the commands has failed; None where that is the end of it, which a shell calls a failure."""
        if self.otherwise is None:
            return self.later if self.later.text else None
        return self.otherwise.then("\n", self.later)


def sequence_of(script: Script) -> Sequence | None:
    """The sequence that a script is; None for anything else."""
    if not script or any(item.is_background for item in script):
        return None
    command, otherwise = _forgiven(script[0].command)
    *before, last = _joined(command) or (None,)
    filters: list[Command] = []
    if isinstance(last, Pipeline):
        last, *filters = _piped(last)
    commands, rest = _simple((*before, last)), _simple(tuple(filters))
    later = _later(script[1:])
    return None if commands is None or rest is None or later is None else Sequence(commands, rest, otherwise, later)


def _forgiven(command: Command) -> tuple[Command, Rest | None]:
    """The command without the one behind `||`, and that one."""
    if not isinstance(command, Chain) or command.rest[-1][0] != "||":
        return command, None
    found = _simple((command.rest[-1][1],))
    if found is None:
        return command, None
    before = command.rest[:-1]
    return (Chain(command.first, before) if before else command.first), Rest(found, found[0].text)


def _later(script: Script) -> Rest | None:
    """The following commands, each of words alone; None if one of them is more."""
    found = Rest()
    for item in script:
        commands = _joined(item.command)
        each = _simple(commands) if commands is not None else None
        if each is None:
            return None
        found = found.then("\n", Rest(each, " && ".join(simple.text for simple in each)))
    return found


def _joined(command: Command) -> tuple[Command, ...] | None:
    """The commands that `&&` joins, one if there is none; None if `||` is among them."""
    if not isinstance(command, Chain):
        return (command,)
    is_all = all(operator == "&&" for operator, _ in command.rest)
    return (command.first, *(each for _, each in command.rest)) if is_all else None


def _piped(pipeline: Pipeline) -> tuple[Command, ...]:
    """The commands of a pipeline; a part may be one itself, depending on what follows."""
    return tuple(
        inner for each in pipeline.commands for inner in (_piped(each) if isinstance(each, Pipeline) else (each,))
    )


def _simple(commands: tuple[Command | None, ...]) -> tuple[Simple, ...] | None:
    """The same, if each is a program's words and redirections alone; variables set for it are more."""
    found = tuple(each for each in commands if isinstance(each, Simple) and each.words and not each.assignments)
    return found if len(found) == len(commands) else None
