"""The same answers in a terminal: ``python -m ipython_where [-v] [--json] [NAME ...]``."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .arguments import parse_arguments
from .errors import WhereError
from .redact import learn

COMMANDS = ("undo", "history", "recover")
"""First words that are commands; to ask about a module of that name, put an option first: `-v history`."""

USAGE = """\
usage: python -m ipython_where [-v] [--json] [NAME ...]
       python -m ipython_where [-v] [--json] --command COMMAND
       python -m ipython_where undo [ID] | history | recover

Where this interpreter runs, and where a module comes from; nothing is imported to find out.
NAME is a module (numpy, os.path) or a distribution (scikit-learn). Without one: the environment.
COMMAND is a line for a shell, such as 'pip install numpy': where it would install. It is not run.
undo, history and recover are those of %safepip, for when no kernel starts any more: they undo the last change
or the one named, show what was done, and roll back what a crash left. COMMAND --help explains one.

  -v, --verbose  show everything that is known
  --json         print JSON: one object, or with names a list with one object a name
  -h, --help     show this help

The exit status is 1 when a name is not found or nothing could be undone, 2 when a question is not understood."""


def main(words: Sequence[str]) -> int:
    """Answer the question in ``words``; the exit status."""
    learn(" ".join(words))
    if words and words[0] in COMMANDS:
        from . import terminal

        as_json = "--json" in words
        return terminal.run(
            [word for word in words if word != "--json"], partial(_show, as_json=as_json, said=terminal.in_a_terminal)
        )
    try:
        shown_by = "python -m ipython_where --help"
        given = parse_arguments(words, command="ipython_where", help_command=shown_by, takes_command=True)
        if given.help:
            print(USAGE)
            return 0
        return _answer(given.names, given.command, verbose=given.verbose, as_json=given.json)
    except WhereError as error:
        from .console import command_line_console

        print("\n".join(error.shown(command_line_console(sys.stderr))), file=sys.stderr)
        return 2


def _answer(names: tuple[str, ...], command: str | None, *, verbose: bool, as_json: bool) -> int:
    from .model import Answers
    from .session import current_world, environment, where

    answers = Answers(where(name, verbose=verbose) for name in names)
    answer: Any = answers if names else None
    if command is not None:
        from .answer.command import judge_command
        from .change.request.request import is_accepted

        answer = judge_command(command, current_world(), accepts=is_accepted, verbose=verbose)
    elif answer is None:
        answer = environment(verbose=verbose)
    _show(answer, as_json=as_json)
    return 0 if all(each.found for each in answers) else 1


def _show(answer: Any, *, as_json: bool, said: Callable[[str], str] = str) -> None:
    """Print an answer; ``said`` rewrites its text for a terminal."""
    from .console import command_line_console
    from .show.faces import text

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a Windows code page has no arrow
    if as_json:
        import json

        print(json.dumps(answer if isinstance(answer, str) else answer.to_dict(), indent=2))
    else:
        print(said(answer if isinstance(answer, str) else text(answer, console=command_line_console(sys.stdout))))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:  # the reading end of the pipe was closed, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
