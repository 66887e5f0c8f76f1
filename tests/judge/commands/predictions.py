"""What is foretold of a command line, held against what was recorded when it ran."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ipython_where.probe
from ipython_where.answer.command import judge_command
from ipython_where.answer.world import World
from ipython_where.judge.commands.invocations import Invocation
from ipython_where.redact import masked_words
from tests.environments import call

from .recorders import Machine
from .starts import Start


@lru_cache
def describe(executable: Path) -> Mapping[str, Any]:
    """The probe's description of an interpreter, by itself."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "described.json")
        call(executable, ipython_where.probe.__file__, file)
        described: Mapping[str, Any] = json.loads(file.read_text())
    return described


def foretell(text: str, machine: Machine, shell: str, environ: Mapping[str, str], cwd: Path) -> tuple[Invocation, ...]:
    """The invocations of a line typed in the machine's kernel."""
    described = describe(machine.kernel)
    world = World.of(described, environ=environ, home=str(machine.home), cwd=str(cwd))
    return judge_command(text, world, program=shell).invocations


# -- decided or not ----------------------------------------------------------------------------------------------------


def is_decided(invocations: Sequence[Invocation]) -> bool:
    """Whether it is told which program each is, what it does, and where it installs: in the kernel's environment or not."""
    return all(each.runs is False or _is_told(each) for each in invocations)


def _is_told(each: Invocation) -> bool:
    if each.action == "unknown" or each.started is None or each.started.file is None:
        return False
    if each.tool == "pip" and each.started.interpreter is None:
        return False
    return not each.changes or each.same_environment is not None


# -- right or wrong ----------------------------------------------------------------------------------------------------

DIVERTED = re.compile(r"--(target|prefix|root|user|python)\b|(^| )-t |PIP_|(conda|mamba) run")
CONCURRENT = re.compile(r"(?<![|&>])[|&](?![|&>\d])|\|&|[<>]\(|\b(while|until|xargs|find|coproc|kill)\b")
"""Lines of which the shell may start several programs at once, or one any number of times."""


def mistakes(text: str, invocations: Sequence[Invocation], starts: Sequence[Start], kernel_prefix: str) -> list[str]:
    """In what the prediction and the record differ: nothing, where the prediction is right as far as it goes."""
    dark = [each for each in invocations if each.action == "unknown" and each.started is None]
    possible = [each for each in invocations if each.runs is not False and each not in dark]
    match = _match_in_any_order if CONCURRENT.search(text) else _match_in_order
    matched = match(possible, list(starts), is_blind=bool(dark))
    if matched is None:
        return [f"recorded {_shown(starts)}", f"foretold {_shown_invocations(invocations)}"]
    return [
        complaint
        for invocation, start in matched
        for complaint in _wrong_target(text, invocation, start, kernel_prefix)
    ]


Matched = list[tuple[Invocation, Start]]


def _match_in_order(possible: list[Invocation], starts: list[Start], *, is_blind: bool) -> Matched | None:
    """Each start with its invocation, in the order of both; None where there is no such way to pair them."""
    if not starts:
        return [] if all(each.runs is None for each in possible) else None
    start, *others = starts
    for at, invocation in enumerate(possible):
        if _fits(invocation, start):
            # what may run may run again: a function that is called twice is told each time, a loop's body once
            for behind in (possible[at + 1 :], *([possible[at:]] if invocation.runs is None else [])):
                rest = _match_in_order(behind, others, is_blind=is_blind)
                if rest is not None:
                    return [(invocation, start), *rest]
        if invocation.runs is True:
            break
    return _match_in_order(possible, others, is_blind=is_blind) if is_blind else None


def _match_in_any_order(possible: list[Invocation], starts: list[Start], *, is_blind: bool) -> Matched | None:
    if not starts:
        return [] if all(each.runs is None for each in possible) else None
    start, *others = starts
    for at, invocation in enumerate(possible):
        if _fits(invocation, start):
            without = possible[:at] + possible[at + 1 :]
            for behind in (without, *([possible] if invocation.runs is None else [])):
                rest = _match_in_any_order(behind, others, is_blind=is_blind)
                if rest is not None:
                    return [(invocation, start), *rest]
    return _match_in_any_order(possible, others, is_blind=is_blind) if is_blind else None


def _fits(invocation: Invocation, start: Start) -> bool:
    """Whether all that is told of a start is so."""
    told = invocation.started
    if told is None:
        return invocation.tool == ("uv" if start.tool == "uvx" else start.tool)
    file, arguments = told.file, told.arguments
    if arguments and (os.path.join(start.directory, arguments[0]), arguments[1:]) == (start.file, start.arguments):
        file, arguments = start.file, start.arguments  # `python SCRIPT`: to the program as if by a shebang
    return (
        (file is None or _place(file) == _place(start.file))
        and (told.interpreter is None or _place(told.interpreter) == _place(start.interpreter or ""))
        and arguments in (None, start.arguments, masked_words(start.arguments))  # what is told hides credentials
        and (told.directory is None or os.path.realpath(told.directory) == start.directory)
    )


def _place(path: str) -> str:
    """A path by the real name of its folder: `cd` keeps the names of links, a program sees what they lead to."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _wrong_target(text: str, invocation: Invocation, start: Start, kernel_prefix: str) -> list[str]:
    """What is wrong about the environment that a plain pip would change: that of the Python that runs it."""
    if invocation.tool != "pip" or start.prefix is None or DIVERTED.search(text):
        return []
    complaints = []
    prefix = os.path.realpath(start.prefix)
    if invocation.target and invocation.target.prefix and os.path.realpath(invocation.target.prefix) != prefix:
        complaints.append(f"target {invocation.target.prefix}, recorded {start.prefix}")
    is_kernels = prefix == os.path.realpath(kernel_prefix)
    if invocation.same_environment not in (None, is_kernels):
        complaints.append(f"same_environment {invocation.same_environment}, recorded {start.prefix}")
    return complaints


def _shown(starts: Sequence[Start]) -> str:
    told = (f"{each.file} {list(each.arguments)} by {each.interpreter} in {each.directory}" for each in starts)
    return "; ".join(told) or "nothing"


def _shown_invocations(invocations: Sequence[Invocation]) -> str:
    told = (
        f"{each.tool} {each.action} runs={each.runs} {each.started and list(each.started.to_dict().values())} ({each.reason})"
        for each in invocations
    )
    return "; ".join(told) or "nothing"
