"""The `%safepip` lines that do for the kernel's environment what a command line would do elsewhere.

Tested in `tests/judge/commands/test_judgement.py` and `test_redirection.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence as Ordered
from typing import NamedTuple

from .bystanders import Bystanders
from .invocations import Invocation
from .kernel import Kernel
from .located import runs_in
from .manager_line import known
from .pip_line import parse_pip
from .reader import Reader
from .shell.expansion import Field
from .shell.launch import Launch
from .shell.script import Redirect, Simple
from .shell.sequence import Rest, Sequence

_PREFIXES = {"pip": (("-u", "-m", "pip"), ("-m", "pip"), ()), "uv": (("pip",),)}
"""The words that may come between the program and its own arguments, by tool."""

_CHANGING = ("install", "uninstall")


class Instead(NamedTuple):
    """The words of each `%safepip` line, to be run in order until one fails.

    ``then`` is what the shell runs after them, empty where that is nothing; ``otherwise`` what it runs where one failed, None
    where a failure is an error. The words are as they were given, with their secrets.
    """

    lines: tuple[tuple[str, ...], ...]
    then: str = ""
    otherwise: str | None = None


def instead_of(
    judged: Ordered[tuple[Launch, tuple[Invocation, ...]]],
    sequence: Sequence | None,
    kernel: Kernel,
    reader: Reader,
    *,
    cell: str | None = None,
) -> Instead | None:
    """What `%safepip` and then the shell can do in place of a line; None if the line would mean something else.

    The installs come first, and what reads the output of the last one. What follows must do the same whichever environment
    was changed: it is no package manager, and has nothing to do with Python, or is a Python of the ``kernel``'s own. ``cell`` is
    the whole script, if the shell reads it from its input. `%safepip` itself decides whether it accepts the options.
    """
    if sequence is None:
        return None
    lines = _leading(judged, sequence)
    count = len(lines)
    filters = sequence.filters if count == len(sequence.commands) else ()
    passing, rest = judged[count : count + len(filters)], judged[count + len(filters) :]
    if not lines or len(filters) < len(sequence.filters) or not _pass_on(passing, filters):
        return None
    after, failed = sequence.after(count), sequence.when_failed
    if sequence.filters and sequence.otherwise is not None and not sequence.otherwise.does_nothing:
        return None  # whether the line fails is what the last filter says
    branches = (after.commands, failed.commands if failed is not None else ())
    if not _start_only(rest, {each.text for branch in branches for each in branch}):
        return None
    starts = [launch for launch, _ in rest]
    own = {launch.text for launch in starts if launch.is_plain and runs_in(kernel, launch, reader)}
    for branch in branches:
        bystanders = Bystanders(judged[:count], starts, reader, own=own, cell=cell)
        if not all(map(bystanders.include, branch)):
            return None
    return Instead(lines, _shell(after), None if failed is None else _shell(failed))


def _start_only(judged: Ordered[tuple[Launch, tuple[Invocation, ...]]], texts: set[str]) -> bool:
    """Whether all that is started are commands of these texts themselves, and none is a package manager."""
    return all(launch.text in texts and not found for launch, found in judged)


def _shell(rest: Rest) -> str:
    return "" if rest.does_nothing else rest.text


def _leading(judged: Ordered[tuple[Launch, tuple[Invocation, ...]]], sequence: Sequence) -> tuple[tuple[str, ...], ...]:
    """The `%safepip` lines of the installs that a line begins with, none if the shell starts anything else before (`$(…)`)."""
    lines = []
    for (launch, found), command in zip(judged, sequence.commands, strict=False):
        line = _as_safepip(launch, found[0]) if len(found) == 1 and launch.text == command.text else None
        if line is None:
            break
        lines.append(line)
    return tuple(lines)


def _pass_on(passing: Ordered[tuple[Launch, tuple[Invocation, ...]]], filters: Ordered[Simple]) -> bool:
    texts = [launch.text for launch, _ in passing]
    return texts == [each.text for each in filters] and all(
        _is_filter(launch) and not found for launch, found in passing
    )


def _as_safepip(launch: Launch, invocation: Invocation) -> tuple[str, ...] | None:
    """The words after `%safepip`, None if it could not do the same."""
    if not launch.is_plain or not invocation.changes or not all(map(_is_silencing, launch.redirects)):
        return None
    words = own_words(launch, invocation.tool)
    if not words or words[0] not in _CHANGING or "--user" in words or any("/dev/" in each for each in words):
        return None  # `-r /dev/stdin` would be another input
    return words


def own_words(launch: Launch, tool: str) -> tuple[str, ...] | None:
    """What a pip, or `uv pip`, is given, its command first; None if that is unknown, or it is neither."""
    words = known(field.text for field in launch.fields[1:]) or ()
    prefix = next((each for each in _PREFIXES.get(tool, ()) if words[: len(each)] == each), None)
    own = words[len(prefix) :] if prefix is not None else ()
    return (_command_first(own) if tool == "pip" else own) or None


def _command_first(words: tuple[str, ...]) -> tuple[str, ...]:
    """`-q install x` as `install -q x`: pip itself reads both alike, by removing the command from its arguments."""
    command = parse_pip([Field(each) for each in words]).command
    if command not in words:
        return words
    at = words.index(command)
    return (command, *words[:at], *words[at + 1 :])


def _is_silencing(redirect: Redirect) -> bool:
    """`>/dev/null` and `2>&1`: they only keep the output away, or bring it together."""
    target = redirect.word.text if redirect.word else None
    return target in {">": (os.devnull,), ">>": (os.devnull,), "&>": (os.devnull,), ">&": (os.devnull, "1", "2")}.get(
        redirect.operator, ()
    )


_PASSING_ON = re.compile(
    r"cat|tail( -n \+?\d+| -n?\+?\d+| --lines=\d+)?"
    r"|[ef]?grep( -[vEFiowxcsnah]+| --color(=\w+)?| --line-buffered)* (-e )?[^- ][^ ]*"
)
"""What shows some of another program's output and does nothing else. `head` and `grep -q` end early, and pip with them."""


def _is_filter(launch: Launch) -> bool:
    """Whether a program reads only its input, and writes only to its output."""
    words = known(field.text for field in launch.fields)
    if words is None or not launch.is_plain or not all(map(_is_silencing, launch.redirects)):
        return False
    if "grep" in words[0]:
        words = tuple(each if each.startswith("-") else each.replace(" ", "_") for each in words)
        if len([each for each in words[1:] if not each.startswith("-")]) != 1:
            return False  # a file to search, and the output goes nowhere
    return _PASSING_ON.fullmatch(" ".join(words)) is not None
