"""The edge of ``%safepip``: takes a line or a cell, shows progress, returns what was done.

Tested in `tests/test_safepip_kernel.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ipython_where.answer.world import World
from ipython_where.change.commands.dispatch import carry_out, place_of, recover
from ipython_where.change.installers.progress import Progress
from ipython_where.change.request.command_help import help_of
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line, with_variables
from ipython_where.console import current_console, painted
from ipython_where.errors import Interrupted, UsageError, WhereError
from ipython_where.redact import masked
from ipython_where.session import current_shell, current_world

from .progress_display import Note, progress_for

T = TypeVar("T")


def run_line(line: str, cell: str | None, *, help_text: str, is_first: bool = False) -> Any:
    """Run a `%safepip` line; a cell below it holds the lines of a requirements file. ``is_first``: nothing stands above.

    Raises `WhereError` if it is invalid, refused or fails, unless the line has ``--no-raise``.
    """
    return interrupt_told("%safepip", lambda: _run_line(line, cell, help_text=help_text, is_first=is_first))


def _run_line(line: str, cell: str | None, *, help_text: str, is_first: bool) -> Any:
    is_silenced = line.rstrip().endswith(";")
    raises = True
    try:
        request = _request(line, cell)
        raises = request.raises
        if request.help:
            console = current_console()
            text = help_text if request.command == "help" else help_of(request.command, width=console.width)
            print(painted(text, "plain", console))
            return None
        outcome = _carry_out(request, cell, is_first=is_first)
    except WhereError as error:
        if raises:
            raise
        return error
    return given_back(outcome, is_silenced=is_silenced)


def run_words(words: tuple[str, ...], *, is_first: bool = False, note: Note | None = None) -> Any:
    """Run the `%safepip` words that a command was translated into; ``note`` says so. Raises `WhereError`."""
    return interrupt_told("%safepip", lambda: _carry_out(parse_request(words), None, is_first=is_first, note=note))


def given_back(outcome: Any, *, is_silenced: bool) -> Any:
    """What a line gives back to its cell: an answer; a text is printed."""
    if isinstance(outcome, str):
        print(masked(outcome))
        return None
    return None if is_silenced else outcome


def interrupt_told(magic: str, run: Callable[[], T]) -> T:
    """What ``run`` returns; two lines instead of a traceback for an interrupt before the change began or after it ended."""
    try:  # no context manager: an interrupt as it is left would pass it by
        return run()
    except Interrupted:
        raise
    except KeyboardInterrupt:
        seen = f"`{magic} history` shows what was done"
        raise Interrupted(f"`{magic}` was interrupted", hint=seen) from None


def _request(line: str, cell: str | None) -> Request:
    typed = split_line(line)
    words = with_variables(typed, os.environ)
    if cell is None:
        return replace(parse_request(words), words=typed)
    words = words or ("install",)
    if words[0] not in ("install", "uninstall", "sync"):
        raise UsageError("a `%%safepip` cell holds a requirements file", hint="`%%safepip install` installs from it")
    return replace(parse_request((*words, "-r", CELL)), words=(*(typed or words), "-r", CELL))


CELL = ":cell:"
"""Placeholder for the cell until it is written to a file."""


def _carry_out(request: Request, cell: str | None, *, is_first: bool = False, note: Note | None = None) -> Any:
    world = current_world()
    if request.command == "page" and request.arguments:
        from .page import ask

        return ask(request, world)
    progress = progress_for(current_shell(), is_first=is_first, note=note)
    if cell is None:
        return _carried_out(request, world, progress)
    from ipython_where.change.installers.private_folder import private_folder
    from ipython_where.change.request.cell import beside_notebook

    with private_folder() as folder:
        file = os.path.join(folder, "notebook-cell.txt")
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(beside_notebook(cell, world.system.cwd, world.environ))
        files = tuple(file if each == CELL else each for each in request.requirement_files)
        return _carried_out(replace(request, requirement_files=files), world, progress)


def _carried_out(request: Request, world: World, progress: Progress) -> Any:
    if request.on is None:
        return carry_out(request, world, progress)
    from .rollouts import carry_out_on_workers

    return carry_out_on_workers(request, request.on, world, progress)


def recover_at_load(*, user: bool) -> None:
    """Undo what a crash left unfinished, and say so. A failure is printed, and loading continues."""
    progress = progress_for(current_shell())
    try:
        place = place_of(current_world(), progress, user=user)
        place.tell_recovered(recover(place))
    except WhereError as error:
        print("\n".join(error.shown()))
    finally:
        progress.close()
