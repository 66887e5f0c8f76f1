"""What the guard does about a command with a package manager: nothing, a warning, `%safepip` instead, or an error."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ipython_where.answer.command import judge_command, safepip_instead
from ipython_where.change.request.request import is_accepted
from ipython_where.errors import BlockedError, WhereError
from ipython_where.judge.commands.invocations import CommandAnswer
from ipython_where.judge.commands.redirection import Instead
from ipython_where.model import Finding
from ipython_where.runner import never
from ipython_where.session import current_world

if TYPE_CHECKING:
    from types import FrameType

    from .own_programs import OwnPrograms
    from .progress_display import Note

ELSEWHERE = "other-environment"


class Post(Protocol):
    """Where the guard stands: the shell before which, and what it has said there in the cell of that number."""

    shell: Any
    told: set[object]
    told_in: int
    own: OwnPrograms | None
    has_said_no_grammar: bool

    def mute(self) -> None:
        """Keep back IPython's own note about the command."""


def decide(
    guard: Post, text: str, script: str, magic: str | None, caller: FrameType, typed: str | None
) -> Callable[[], str] | None:
    """Warn if there is a reason; return what to do instead of ``text``, or None to run it.

    ``script`` is what a shell reads: ``text``, or the cell of the cell magic ``magic``, whose line ``text`` is. ``typed`` is
    the source line before IPython expanded it. The returned function gives the shell a different command, or raises. Only
    its errors reach the user: an error of this function must not stop a command.
    """
    if sys.platform in ("win32", "emscripten"):  # `cmd` has its own syntax, and a browser has no shell
        return None
    mode = _mode(guard.shell)
    if mode == "off" or not _has_grammar(guard):
        return None
    program, script = (None, script) if magic is None else _script(guard.shell, magic, text, script)
    world = current_world()
    answer = judge_command(script, world, typed=typed, program=program, run=never, accepts=is_accepted)
    elsewhere = [each for each in answer.findings if each.id == ELSEWHERE]
    if elsewhere and mode == "block":
        return partial(_block, elsewhere[0])
    if mode == "redirect" and _is_replaceable(answer) and _takes_a_substitute(answer, text, magic, caller):
        instead = safepip_instead(script, world, is_accepted, program=program, run=never, is_input=magic is not None)
        if instead is not None:
            return partial(_redirected, guard, answer, instead, is_cell=magic is not None)
    strays = () if guard.own is None else guard.own.before(script, world, program, typed)
    told = tuple(each for each in (*answer.findings, *strays) if mode != "block" or each.severity != "note")
    if told:
        guard.mute()
        if _is_news(guard, told, caller):
            _show(guard.shell, told)
    return None


def _has_grammar(guard: Post) -> bool:
    """Whether commands can be understood; it is said once in a session that they can't."""
    from ipython_where.answer.command import NO_GRAMMAR
    from ipython_where.judge.commands.shell.syntax import has_grammar

    if has_grammar():
        return True
    if not guard.has_said_no_grammar:
        guard.has_said_no_grammar = True
        print(f"the guard of `ipython_where` understands no command: {NO_GRAMMAR}", file=sys.stderr)
    return False


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
    if not cell.strip():
        return f"{shlex.join(words)}\n"
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
    raise BlockedError(f"not run: {finding.message}", evidence=finding.evidence, hint=finding.hint)


def _is_replaceable(answer: CommandAnswer) -> bool:
    """Whether `%safepip` can do all of the line, and all of it would change another environment."""
    is_all_elsewhere = all(each.same_environment is False and each.runs is not False for each in answer.invocations)
    return bool(answer.safepip) and is_all_elsewhere and all(each.id == ELSEWHERE for each in answer.findings)


def _takes_a_substitute(answer: CommandAnswer, text: str, magic: str | None, caller: FrameType) -> bool:
    """Whether nothing is lost with the command's own output and the shell's options.

    `x = !pip install y` is for its output: an empty `x` would break what follows.
    """
    if magic is None:
        return caller.f_code.co_name != "getoutput"
    return magic in ("bash", "sh") and not text.strip() and len(answer.safepip) == 1


_WITHOUT_INPUT = "exec </dev/null\n"


def _redirected(guard: Post, answer: CommandAnswer, instead: Instead, *, is_cell: bool) -> str:
    """Run `%safepip` with the words of ``instead``; ``answer`` shows them with secrets masked.

    The shell gets what the line has behind its installs, or as the one of a cell an argument by which it ignores the cell: at
    the end of the cell, what it starts has no input.
    """
    lines = [f"`%safepip {shlex.join(words)}`" for words in answer.safepip]
    command = _in_one_line(answer)
    running = f"running {', then '.join(lines)} instead"
    note = _note(guard.shell, f"`{command}` would have changed a different environment: {running}")
    left = _installed(guard, lines, instead, note) or ":"
    return f"-c {shlex.quote(_WITHOUT_INPUT + left)}" if is_cell else left


def _in_one_line(answer: CommandAnswer) -> str:
    """The command; of several lines, only what is replaced: joined, a comment in it would swallow the rest."""
    command = answer.command.strip()
    if "\n" not in command:
        return " ".join(command.split())
    return "; ".join(" ".join(each.text.replace("\\\n", " ").split()) for each in answer.invocations)


def _installed(guard: Post, lines: list[str], instead: Instead, note: Note | None) -> str:
    """Run the ``lines``; what the shell has to run after them."""
    from .own_programs import OwnPrograms

    guard.own = guard.own or OwnPrograms()
    for line, words in zip(lines, instead.lines, strict=True):
        try:
            found = guard.own.after([_run(words, note)])
        except WhereError as error:
            if instead.otherwise is None:
                raise
            _note(guard.shell, f"{line} failed, and {_going_on(instead.otherwise)}")
            _display(error)
            return instead.otherwise
        if found:
            _show(guard.shell, found)
    return instead.then


def _going_on(otherwise: str) -> str:
    left = "; ".join(otherwise.splitlines())
    return f"the line goes on with `{left}`" if left else "the cell goes on because of `|| true`"


def _run(words: tuple[str, ...], note: Note | None) -> object:
    from .safepip import run_words

    outcome = run_words(words, note=note)
    if outcome is not None:
        _display(outcome)
    return outcome


def _display(outcome: object) -> None:
    from IPython.display import display

    display(outcome)


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


def _note(shell: Any, message: str) -> Note | None:
    return _show(shell, (Finding(id="redirected", severity="note", message=message),))


def _show(shell: Any, findings: tuple[Finding, ...]) -> Note | None:
    """Show findings as the shell shows things; in a front end, in a display that can show more."""
    from ipython_where.show import faces

    shown = faces.findings(findings)
    if getattr(shell, "kernel", None) is None:
        print(shown["text/plain"], file=sys.stderr)
        return None
    from IPython.display import display

    from .progress_display import Note

    note = Note(f"ipython_where-{os.urandom(8).hex()}", shown)
    display(shown, raw=True, display_id=note.id)
    return note
