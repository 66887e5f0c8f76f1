"""Which server extensions a running server has loaded, as its own side of this package says.

Tested in `tests/test_running_server.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ipython_where.model import Server
from ipython_where.runner import Deadline

from .server_files import ServerFile, read_server_files
from .server_requests import ask

_IMPORT = 20.0
"""Seconds that a server may need to import an extension."""

_ROUTE = "ipython-where/api/server/"


def read_loaded(
    server: Server, *, connection_file: str | None, environ: Mapping[str, str], deadline: Deadline
) -> Mapping[str, float]:
    """The extensions that the server loaded after its start, each with the time, in seconds since the epoch."""
    file = _file(server, connection_file, environ)
    said = ask(file, f"{_ROUTE}parts", environ, deadline) if file is not None else None
    parts = said.get("parts") if isinstance(said, dict) else None
    found = parts.items() if isinstance(parts, dict) else ()
    return {name: float(at) for name, at in found if isinstance(at, int | float)}


def load_parts(
    server: Server, names: Sequence[str], *, connection_file: str | None, environ: Mapping[str, str]
) -> frozenset[str]:
    """Let the server load extensions that were just installed in its environment; those that it has loaded now."""
    file = _file(server, connection_file, environ)
    body = {"names": list(names)}
    said = ask(file, f"{_ROUTE}load", environ, Deadline.after(_IMPORT), body=body) if file is not None else None
    parts = said.get("parts") if isinstance(said, dict) else None
    found = parts if isinstance(parts, list) else []
    return frozenset(each["name"] for each in found if isinstance(each, dict) and each.get("loaded") is True)


def _file(server: Server, connection_file: str | None, environ: Mapping[str, str]) -> ServerFile | None:
    if server.verdict != "local" or server.pid is None or connection_file is None:
        return None
    return next((each for each in read_server_files(connection_file, environ) if each.pid == server.pid), None)
