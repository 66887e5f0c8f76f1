"""What the guard does about a command with a package manager: nothing, a warning, `%safepip` instead, or an error."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ipython_where.answer.command import judge_command, safepip_words
from ipython_where.change.request.request import is_accepted
from ipython_where.errors import BlockedError
from ipython_where.judge.commands.values import CommandAnswer
from ipython_where.model import Finding
from ipython_where.runner import never
from ipython_where.session import current_world

if TYPE_CHECKING:
    from types import FrameType

ELSEWHERE = "other-environment"


class Post(Protocol):
    """Where the guard stands: the shell before which, and what it has said there in the cell of that number."""

    shell: Any
    told: set[object]
    told_in: int


def decide(
    guard: Post, text: str, script: str, magic: str | None, caller: FrameType, typed: str | None
) -> Callable[[], str] | None:
    """Warn if there is a reason; return what to do instead of ``text``, or None to run it.

    ``script`` is what a shell reads: ``text``, or the cell of the cell magic ``magic``, whose line ``text`` is. ``typed`` is
    the source line before IPython expanded it. The returned function gives the shell a different command, or raises. Only
    its errors reach the user: an error of this function must not stop a command.
    """
    if sys.platform == "win32":  # `cmd` has its own syntax, which nothing here parses
        return None
    mode = _mode(guard.shell)
    if mode == "off":
        return None
    program, script = (None, script) if magic is None else _script(guard.shell, magic, text, script)
    world = current_world()
    answer = judge_command(script, world, typed=typed, program=program, run=never, accepts=is_accepted)
    elsewhere = [each for each in answer.findings if each.id == ELSEWHERE]
    if elsewhere and mode == "block":
        return partial(_block, elsewhere[0])
    if elsewhere and mode == "redirect" and magic is None and len(answer.findings) == 1 and answer.safepip:
        words = safepip_words(script, world, is_accepted, program=program, run=never)
        return partial(_redirected, guard.shell, answer, words or ())
    if answer.findings and _is_news(guard, answer.findings, caller):
        _show(guard.shell, answer.findings)
    return None


def _mode(shell: Any) -> str:
    found = (each.mode for each in shell.configurables if each.__class__.__name__ == "PipGuard")
    return str(next(found, "off"))


_VALUED = ("--out", "--err", "--proc")
_FLAGS = ("--bg", "--no-raise-error")
"""The options that IPython's script magics parse themselves; everything else goes to the program."""

_SETTABLE = frozenset("aefuvxCE")
"""Shell options that `set` accepts too, and that the analysis follows."""


def _script(shell: Any, magic: str, line: str, cell: str) -> tuple[str | None, str]:
    """The shell that `%%bash` or `%%script bash` starts, and its cell after a line with the same effect as its options.

    For any other program (`%%script env bash`), or options that are not followed: what a shell would start it with.
    """
    from ipython_where.facts.shell.shell_state import look_up
    from ipython_where.judge.commands.shell.wrapper_programs import SHELLS

    try:
        words = _without_ipythons(shlex.split(line))
    except ValueError:
        return None, ""  # IPython starts nothing either
    name = words.pop(0) if magic == "script" and words else magic
    scripts = shell.magics_manager.registry.get("ScriptMagics")
    name = getattr(scripts, "script_paths", {}).get(name, name)
    whole = [name, *words]
    before = _settings(words) if os.path.basename(name) in SHELLS else None
    if before is None:
        return None, _fed(whole, cell)
    program = next(look_up(name, os.environ.get("PATH", os.defpath), current_world().system.cwd), None)
    return (program, before + cell) if program is not None else (None, "")


def _fed(words: list[str], cell: str) -> str:
    """A line that starts a program with the cell as its input."""
    end = "END"
    while end in cell:
        end += "_"
    return f"{shlex.join(words)} <<'{end}'\n{cell}\n{end}\n"


def _without_ipythons(words: list[str]) -> list[str]:
    found, rest = [], iter(words)
    for word in rest:
        if word in _VALUED:
            next(rest, None)
        elif word.partition("=")[0] not in (*_VALUED, *_FLAGS):
            found.append(word)
    return found


def _settings(words: list[str]) -> str | None:
    """A script line with the effect of a shell's arguments; None if that is not followed, or if it does not read its input."""
    letters, reads_input = "", False
    while words and words[0].startswith(("-", "+")):
        word = words.pop(0)
        if word in ("-", "--"):
            break
        reads_input = reads_input or "s" in word
        if not word.startswith("-") or not set(word[1:]) <= {*_SETTABLE, "s"}:
            return None
        letters += word[1:].replace("s", "")
    if words and not reads_input:
        return None
    options = f"set -{letters}; " if letters else ""
    return f"{options}set -- {shlex.join(words)}\n" if words else f"{options}\n" if options else ""


def _block(finding: Finding) -> str:
    width = max(len(each.label) for each in finding.evidence)
    evidence = tuple(
        f"{each.label:{width}}  {each.value}" + (f"  ({each.note})" if each.note else "") for each in finding.evidence
    )
    raise BlockedError(f"not run: {finding.message}", evidence=evidence, hint=finding.hint)


def _redirected(shell: Any, answer: CommandAnswer, words: tuple[str, ...]) -> str:
    """Run `%safepip` with ``words``; the answer shows the same words with secrets masked.

    The shell gets a command that does nothing.
    """
    from .safepip import run_words

    instead = shlex.join(answer.safepip or ())
    print(
        f"`{answer.command.strip()}` would have changed a different environment: running `%safepip {instead}` instead"
    )
    outcome = run_words(words)
    if outcome is not None:
        from IPython.display import display

        display(outcome)
    return ":"


def _is_news(guard: Post, findings: tuple[Finding, ...], caller: FrameType) -> bool:
    """Whether this line reports this for the first time in this cell: a loop warns once."""
    cell = guard.shell.execution_count
    if guard.told_in != cell:
        guard.told_in, guard.told = cell, set()
    line = caller.f_back
    key = (line and (line.f_code, line.f_lasti), tuple((each.id, each.evidence) for each in findings))
    is_new = key not in guard.told
    guard.told.add(key)
    return is_new


def _show(shell: Any, findings: tuple[Finding, ...]) -> None:
    from ipython_where.show import faces

    shown = faces.findings(findings)
    if getattr(shell, "kernel", None) is None:
        print(shown["text/plain"], file=sys.stderr)
    else:
        from IPython.display import display

        display(shown, raw=True)
