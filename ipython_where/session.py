"""The edge for Python code: answers about this process, with what its IPython knows, if it runs one.

Tested in `tests/test_main.py`.
"""

from __future__ import annotations

import sys
from typing import Any

from .answer.world import World
from .model import EnvironmentAnswer, ModuleAnswer


def where(name: str, *, verbose: bool = False) -> ModuleAnswer:
    """Where ``name`` comes from: a module, a distribution, or a variable of the notebook. It is not imported.

    Raises `ipython_where.WhereError` when ``name`` cannot be any of these; a name that is not found is an answer.
    """
    from .answer import name as question
    from .redact import learn

    learn(name)
    return question.where(name, current_world(), verbose=verbose)


def environment(*, verbose: bool = False) -> EnvironmentAnswer:
    """Where this process runs: its environment, kernelspec, shell and server, and what is wrong with them."""
    from .answer import environment as question

    return question.environment(current_world(), verbose=verbose)


def current_world() -> World:
    """This process as it is now, with its IPython's connection file and variables, if it runs one."""
    shell = current_shell()
    if shell is None:
        return World.here()
    return World.here(
        connection_file=connection_file(shell), namespace=getattr(shell, "user_ns", None), cells=_cells(shell)
    )


def _cells(shell: Any) -> dict[str, int]:
    """Cell numbers by the file names of their code, which IPython keeps for its tracebacks."""
    known = getattr(getattr(shell, "compile", None), "_filename_map", None)
    return known if isinstance(known, dict) else {}


def current_shell() -> Any:
    """The running IPython shell, or None; IPython is not imported to find out."""
    module = sys.modules.get("IPython.core.getipython")
    return module.get_ipython() if module is not None else None


def connection_file(shell: Any) -> str | None:
    """The connection file of a kernel's shell, None in a terminal.

    ``IPKernelApp.initialized()`` is true in a terminal IPython too, and ``instance()`` then raises; the shell's own kernel
    is the one to ask.
    """
    app = getattr(getattr(shell, "kernel", None), "parent", None)
    file = getattr(app, "abs_connection_file", None)
    return file if isinstance(file, str) else None
