"""Where does this kernel run, and where does a module come from?

In a notebook: ``%load_ext ipython_where``, then ``%where`` and ``%where numpy``. From Python: `environment`, `where` and
`imported`. In a terminal: ``python -m ipython_where``. Importing this package imports nothing else: every name below is loaded
on first use.
"""

__all__ = [
    "Answers",
    "EnvironmentAnswer",
    "EnvironmentsAnswer",
    "Finding",
    "ImportedAnswer",
    "ModuleAnswer",
    "WhereError",
    "WorkersAnswer",
    "__version__",
    "environment",
    "imported",
    "load_ipython_extension",
    "unload_ipython_extension",
    "where",
]

__version__ = "0.1.0"

_HOMES = {
    "Answers": "model",
    "EnvironmentAnswer": "model",
    "EnvironmentsAnswer": "workers.values",
    "Finding": "model",
    "ImportedAnswer": "model",
    "ModuleAnswer": "model",
    "WhereError": "errors",
    "WorkersAnswer": "workers.values",
    "environment": "session",
    "imported": "session",
    "where": "session",
}

TYPE_CHECKING = False  # as type checkers read it, without importing typing
if TYPE_CHECKING:
    from typing import Any

    from .errors import WhereError
    from .model import Answers, EnvironmentAnswer, Finding, ImportedAnswer, ModuleAnswer
    from .session import environment, imported, where
    from .workers.values import EnvironmentsAnswer, WorkersAnswer


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: "Any") -> None:
    """Give ``shell`` the magic ``%where``: what ``%load_ext ipython_where`` calls."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: "Any") -> None:
    """Leave ``shell`` as it was found: what ``%unload_ext ipython_where`` calls."""
    from .magics import unload

    unload(shell)


def _jupyter_server_extension_points() -> "list[dict[str, Any]]":
    """What a Jupyter server loads: see docs/page.md."""
    return [{"module": "ipython_where.page"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the extension of JupyterLab's page is, for `jupyter labextension develop`."""
    return [{"src": "page/labextension", "dest": "ipython-where"}]
