"""The edge of ``%safepip``: takes a line or a cell, shows progress, returns what was done.

Tested in `tests/test_safepip_kernel.py`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ipython_where.change.commands.dispatch import carry_out, place_of, recover
from ipython_where.change.request.line import split_line, with_variables
from ipython_where.change.request.request import Request, parse_request
from ipython_where.errors import Interrupted, UsageError, WhereError
from ipython_where.redact import masked
from ipython_where.session import current_shell, current_world

from .progress import progress_for


def run_line(line: str, cell: str | None, *, help_text: str) -> Any:
    """Run a `%safepip` line; a cell below it holds the lines of a requirements file.

    Raises `WhereError` if it is invalid, refused or fails, unless the line has ``--no-raise``.
    """
    is_silenced = line.rstrip().endswith(";")
    raises = True
    try:
        request = _request(line, cell)
        raises = request.raises
        if request.help:
            print(help_text)
            return None
        with _interrupt_told():
            outcome = _carry_out(request, cell)
    except WhereError as error:
        if raises:
            raise
        return error
    if isinstance(outcome, str):
        print(masked(outcome))
        return None
    return None if is_silenced else outcome


def run_words(words: tuple[str, ...]) -> Any:
    """Run the `%safepip` words that the guard translated a command into. Raises `WhereError`."""
    with _interrupt_told():
        return _carry_out(parse_request(words), None)


@contextmanager
def _interrupt_told() -> Iterator[None]:
    """Two lines instead of a traceback for an interrupt before the change began or after it ended."""
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt:
        seen = "`%safepip history` shows what was done"
        raise Interrupted("`%safepip` was interrupted", hint=seen) from None


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


def _carry_out(request: Request, cell: str | None) -> Any:
    world, progress = current_world(), progress_for(current_shell())
    if cell is None:
        return carry_out(request, world, progress)
    from ipython_where.change.request.cell import beside_notebook

    with tempfile.TemporaryDirectory(prefix="safepip-") as folder:
        file = os.path.join(folder, "notebook-cell.txt")
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(beside_notebook(cell, world.system.cwd, world.environ))
        files = tuple(file if each == CELL else each for each in request.requirement_files)
        return carry_out(replace(request, requirement_files=files), world, progress)


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
