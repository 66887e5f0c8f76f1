"""`%where … --on CLIENT`: the client by its name, the workers' answers, and the progress while they are waited for.

Tested in `tests/workers/test_magic.py`.
"""

from __future__ import annotations

from typing import Any

from ipython_where.arguments import Arguments
from ipython_where.errors import UsageError
from ipython_where.model import Answers
from ipython_where.redact import learn
from ipython_where.session import current_shell, current_world
from ipython_where.workers.asking import ask_modules
from ipython_where.workers.clients import client_named
from ipython_where.workers.environments import compare_environments


def ask_workers(arguments: Arguments, command: str | None, *, is_first: bool) -> Any:
    """The answer of a line that names a client. ``is_first``: the cell has shown nothing yet."""
    from .progress_display import progress_for

    if command is not None:
        raise UsageError("a command is judged in this kernel, not on workers", hint=f"`%where !{command}`")
    learn(" ".join(arguments.names))
    world = current_world()
    client = client_named(arguments.on or "", world)
    progress = progress_for(current_shell(), is_first=is_first)
    timeout = arguments.timeout or client.timeout
    if not arguments.names:
        return compare_environments(client, world, progress=progress, timeout=timeout, verbose=arguments.verbose)
    answers = ask_modules(arguments.names, client, world, progress=progress, timeout=timeout, verbose=arguments.verbose)
    return answers[0] if len(answers) == 1 else Answers(answers)
