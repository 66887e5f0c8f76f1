"""The edge for a terminal when no kernel starts any more: shows and undoes changes to an environment."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .errors import Interrupted, UsageError, WhereError


def run(words: Sequence[str], show: Callable[[Any], None]) -> int:
    """Run a command and return the exit status. ``show`` prints an answer.

    It uses neither IPython nor any other package of the environment, because all of those may be broken.
    """
    try:
        show(_recovered() if words[0] == "recover" else _carried_out(tuple(words)))
        return 0
    except (WhereError, Interrupted) as error:
        print(in_a_terminal("\n".join(error._render_traceback_())), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1


def _carried_out(words: tuple[str, ...]) -> Any:
    from .change.commands.dispatch import carry_out_in
    from .change.request.request import parse_request

    request = parse_request(words)
    if request.help or request.server:
        said = "`--server` is for a kernel" if request.server else f"`{words[0]}` takes no `--help` here"
        raise UsageError(said, hint="`python -m ipython_where --help` shows what it takes")
    return carry_out_in(_place(user=request.user), request)


def _recovered() -> str:
    from .change.commands.recovery import recover

    found = [line for each in recover(_place(user=False)) for line in each.lines()]
    return "\n".join(found) or "there is nothing to take back: no change was left unfinished"


def _place(*, user: bool) -> Any:
    from .change.target_environment import TargetEnvironment
    from .session import current_world
    from .show.notebook.progress import progress_for

    return TargetEnvironment(world=current_world(), progress=progress_for(None), user=user, goes_on=False)


def command_line(command: str) -> str:
    """A command to type in a terminal, with the interpreter of this environment."""
    return f"{shlex.quote(sys.executable)} -m ipython_where {command}"


def in_a_terminal(text: str) -> str:
    """A text with the terminal's commands in place of the magics."""
    return re.sub(r"%safepip (undo|history)\b", lambda found: command_line(found[1]), text)
