"""The edge for Python code: answers about this process, with what its IPython knows, if it runs one.

Tested in `tests/test_main.py`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, overload

from .answer.world import World
from .model import EnvironmentAnswer, ImportedAnswer, ModuleAnswer

if TYPE_CHECKING:
    from .facts.jupyter.pages import Page
    from .workers.values import EnvironmentsAnswer, WorkersAnswer


@overload
def where(name: str, *, verbose: bool = False, on: None = None, timeout: float | None = None) -> ModuleAnswer: ...
@overload
def where(name: str, *, verbose: bool = False, on: object, timeout: float | None = None) -> WorkersAnswer: ...
def where(
    name: str, *, verbose: bool = False, on: object = None, timeout: float | None = None
) -> ModuleAnswer | WorkersAnswer:
    """Where ``name`` comes from: a module, a distribution, or a variable of the notebook. It is not imported.

    ``on`` is a client of a cluster, whose workers are asked and have ``timeout`` seconds. Raises `ipython_where.WhereError` when
    ``name`` cannot be any of these, or nobody can be asked; a name that is not found is an answer.
    """
    from .answer import name as question
    from .redact import learn

    learn(name)
    world = current_world()
    if on is None:
        return question.where(name, world, verbose=verbose)
    from .change.installers.progress import Silent
    from .workers.asking import ask_modules
    from .workers.clients import client_given

    client = client_given(on, world)
    seconds = _seconds(timeout, client.timeout)
    return ask_modules([name], client, world, progress=Silent(), timeout=seconds, verbose=verbose)[0]


def _seconds(timeout: float | None, otherwise: float) -> float:
    from .arguments import check_timeout

    check_timeout(timeout, hint="`timeout=30`")
    return otherwise if timeout is None else timeout


@overload
def environment(*, verbose: bool = False, on: None = None, timeout: float | None = None) -> EnvironmentAnswer: ...
@overload
def environment(*, verbose: bool = False, on: object, timeout: float | None = None) -> EnvironmentsAnswer: ...
def environment(
    *, verbose: bool = False, on: object = None, timeout: float | None = None
) -> EnvironmentAnswer | EnvironmentsAnswer:
    """Where this process runs: its environment, kernelspec, shell and server, and what is wrong with them.

    ``on`` is a client of a cluster: then the environments of its workers are compared with this one.
    """
    world = current_world()
    if on is None:
        from .answer import environment as question

        return question.environment(world, verbose=verbose)
    from .change.installers.progress import Silent
    from .workers.clients import client_given
    from .workers.environments import compare_environments

    client = client_given(on, world)
    seconds = _seconds(timeout, client.timeout)
    return compare_environments(client, world, progress=Silent(), timeout=seconds, verbose=verbose)


def imported(*, verbose: bool = False) -> ImportedAnswer:
    """What is imported in this process, with its distributions and versions, and what it runs on."""
    from .answer.imported import imported as question

    return question(current_world(), verbose=verbose)


def current_world() -> World:
    """This process as it is now, with its IPython's connection file and variables, if it runs one."""
    shell = current_shell()
    if shell is None:
        return World.here()
    return World.here(
        connection_file=connection_file(shell),
        namespace=getattr(shell, "user_ns", None),
        cells=_cells(shell),
        pip_is_safepip=_is_pip_taken(shell),
        path_is_set=_is_path_set(),
        page=_page(shell),
    )


def _is_pip_taken(shell: Any) -> bool:
    """Whether `%config PipGuard.pip` is on, without importing what it needs."""
    magics = getattr(getattr(shell, "magics_manager", None), "magics", {})
    return type(magics.get("line", {}).get("pip")).__module__ == f"{__package__}.show.notebook.pip_magic"


def _is_path_set() -> bool:
    """Whether `%config PipGuard.path` is on, likewise."""
    module = sys.modules.get(f"{__package__}.show.notebook.shell_path")
    return module is not None and module.is_first()


def _cells(shell: Any) -> dict[str, int]:
    """Cell numbers by the file names of their code, which IPython keeps for its tracebacks."""
    known = getattr(getattr(shell, "compile", None), "_filename_map", None)
    return known if isinstance(known, dict) else {}


def current_shell() -> Any:
    """The running IPython shell, or None; IPython is not imported to find out."""
    module = sys.modules.get("IPython.core.getipython")
    return module.get_ipython() if module is not None else None


def _page(shell: Any) -> Page | None:
    """The page whose request runs now, if it told this kernel of itself; nearly always none did, and nothing is imported."""
    asking = client(shell) if "_ipython_where_page" in sys.modules else None
    if asking is None:
        return None
    from .facts.jupyter.pages import read_page

    return read_page(asking)


def client(shell: Any) -> str | None:
    """The session of the front end whose request runs now, None in a terminal."""
    kernel = getattr(shell, "kernel", None)
    get_parent = getattr(kernel, "get_parent", None)
    parent = get_parent() if callable(get_parent) else None
    session = parent.get("header", {}).get("session") if isinstance(parent, dict) else None
    return session if isinstance(session, str) else None


def connection_file(shell: Any) -> str | None:
    """The connection file of a kernel's shell, None in a terminal.

    ``IPKernelApp.initialized()`` is true in a terminal IPython too, and ``instance()`` then raises; the shell's own kernel
    is the one to ask.
    """
    app = getattr(getattr(shell, "kernel", None), "parent", None)
    file = getattr(app, "abs_connection_file", None)
    return file if isinstance(file, str) else None
