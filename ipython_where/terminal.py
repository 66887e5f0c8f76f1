"""The edge for a terminal when no kernel starts any more: shows and undoes changes to an environment."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .console import command_line_console, terminal_width
from .errors import Interrupted, UsageError, WhereError


def run(words: Sequence[str], show: Callable[[Any], None]) -> int:
    """Run a command and return the exit status. ``show`` prints an answer.

    It uses neither IPython nor any other package of the environment, because all of those may be broken.
    """
    try:
        show(_recovered(words[1:]) if words[0] == "recover" else _carried_out(tuple(words)))
        return 0
    except (WhereError, Interrupted) as error:
        lines = (
            error.shown(command_line_console(sys.stderr))
            if isinstance(error, WhereError)
            else error._render_traceback_()
        )
        print(in_a_terminal("\n".join(lines)), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1


def _carried_out(words: tuple[str, ...]) -> Any:
    from .change.commands.dispatch import carry_out_in
    from .change.request.request import parse_request

    request = parse_request(words)
    if request.help:
        return _help_of(words[0])
    for option, given in (("--server", request.server), ("--on", request.on)):
        if given:
            raise UsageError(f"`{option}` is for a kernel", hint="`python -m ipython_where --help` lists its options")
    return carry_out_in(_place(user=request.user), request)


_RECOVER = """\
python -m ipython_where recover

Roll back what a crash left unfinished in this environment. The next `%load_ext ipython_where` does the same."""


def _help_of(command: str) -> str:
    """The help of the magic's command, with what a terminal has no use for left out."""
    from .change.request.command_help import help_of

    absent = ("--server", "--on", "--and-here", "--allow-server", "--allow-workers", "--no-raise")
    return help_of(command, prefix="python -m ipython_where", without=absent, width=terminal_width(sys.stdout))


def _recovered(words: Sequence[str]) -> str:
    if {"-h", "--help"} & {*words}:
        return _RECOVER
    from .change.commands.recovery import recover

    found = [line for each in recover(_place(user=False)) for line in each.lines()]
    return "\n".join(found) or "there is nothing to roll back: no change was left unfinished"


def _place(*, user: bool) -> Any:
    from .change.target_environment import TargetEnvironment
    from .session import current_world
    from .show.notebook.progress_display import progress_for

    return TargetEnvironment(world=current_world(), progress=progress_for(None), user=user, goes_on=False)


def command_line(command: str) -> str:
    """A command to type in a terminal, with the interpreter of this environment."""
    return f"{shlex.quote(sys.executable)} -m ipython_where {command}"


def in_a_terminal(text: str) -> str:
    """A text with the terminal's commands in place of the magics."""
    return re.sub(r"%safepip (undo|history)\b", lambda found: command_line(found[1]), text)
