"""The edge of ``%safeconda``: takes a line, shows progress, returns what was done.

Tested in `tests/change/conda/test_safeconda_kernel.py`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ipython_where.change.conda.commands import carry_out
from ipython_where.change.conda.conda_request import parse_conda_request, split_conda_line
from ipython_where.change.request.safepip_line import with_variables
from ipython_where.errors import WhereError
from ipython_where.session import current_shell, current_world

from .progress_display import progress_for
from .safepip import given_back, interrupt_told


def run_line(line: str, *, help_text: str, is_first: bool = False) -> Any:
    """Run a `%safeconda` line. ``is_first``: nothing stands above.

    Raises `WhereError` if it is invalid, refused or fails, unless the line has ``--no-raise``.
    """
    return interrupt_told("%safeconda", lambda: _run_line(line, help_text=help_text, is_first=is_first))


def _run_line(line: str, *, help_text: str, is_first: bool) -> Any:
    is_silenced = line.rstrip().endswith(";")
    raises = True
    try:
        typed = split_conda_line(line.rstrip().rstrip(";"))
        request = replace(parse_conda_request(with_variables(typed, os.environ)), words=typed)
        raises = not request.no_raise
        if request.command == "help":
            print(help_text)
            return None
        outcome = carry_out(request, current_world(), progress_for(current_shell(), is_first=is_first))
    except WhereError as error:
        if raises:
            raise
        return error
    return given_back(outcome, is_silenced=is_silenced)
