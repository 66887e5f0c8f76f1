"""The Jupyter server's environment as one to change. It belongs to another process, so nothing of it is imported here."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property

from ipython_where.answer.environment import ask_server
from ipython_where.answer.world import World
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.installed import InstalledDistributions, closure
from ipython_where.facts.files import same_file
from ipython_where.facts.imports.loaded import read_process_start
from ipython_where.facts.imports.stale import changed_at
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.facts.interpreters.processes import read_environ
from ipython_where.facts.jupyter.server import SERVERS
from ipython_where.model import Evidence, Server
from ipython_where.runner import execute
from ipython_where.value import dataclass

from .installers.progress import Progress
from .target_environment import TargetEnvironment
from .transaction.locks import Lock
from .transaction.unfinished import SERVER_NOTE, STORE
from .values import Occupant

_ENTRY = re.compile(rb"(?m)^\s*([\w.-]+)\s*=")


class ServerError(WhereError):
    """The server's environment is not known, or not this user's to change: nothing was changed."""


@dataclass(frozen=True, slots=False, kw_only=True)
class ServerEnvironment(TargetEnvironment):
    """The environment of the Jupyter server that drives this kernel."""

    server: Server
    kernel_root: str
    asked_from: World

    @property
    def runs(self) -> Occupant:
        return Occupant.SERVER

    @property
    def own_world(self) -> World:
        return self.asked_from

    @property
    def way_out(self) -> str:
        return f"ask whoever runs the server to run `{self.executable} -m pip install NAME`"

    @contextmanager
    def locked(self, command: str) -> Iterator[Lock]:
        """The lock of the server's environment; meanwhile a note in the kernel's says that a change is under way there."""
        with super().locked(command) as lock:
            note = _write_note(self.kernel_root, self.root)
            try:
                yield lock
            finally:
                if note is not None and not self.store.is_unfinished():
                    with suppress(OSError):
                        os.unlink(note)

    @cached_property
    def kernel_projects(self) -> frozenset[str]:
        """The projects that the server needs to run: all that is there, where nothing there is known to start one."""
        started = read_process_start(self.server.pid) if self.server.pid is not None else None
        roots = server_roots(self.installed, started=started)
        return frozenset(closure(roots, self.installed, self.markers) if roots else self.installed.all())


def _write_note(kernel_root: str, root: str) -> str | None:
    """A note for the next `%load_ext`; None where the kernel's environment cannot be written to."""
    folder = os.path.join(kernel_root, STORE)
    note = os.path.join(folder, f"{SERVER_NOTE}{hashlib.sha256(os.fsencode(root)).hexdigest()[:12]}")
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(note, "wb") as file:
            file.write(os.fsencode(root))
    except OSError:
        return None
    return note


def server_roots(installed: InstalledDistributions, *, started: float | None = None) -> tuple[str, ...]:
    """The installed projects that have a program which starts a Jupyter server.

    ``started``: of a server that started then, which runs on nothing that came later.
    """
    found = []
    for project, each in installed.all().items():
        came = changed_at(each.metadata)
        if started is not None and came is not None and came > started:
            continue
        declared = installed.distributions.content(each.metadata, "entry_points.txt") or b""
        if not SERVERS.isdisjoint(name.decode() for name in _ENTRY.findall(declared)):
            found.append(project)
    return tuple(found)


def server_place(world: World, progress: Progress) -> TargetEnvironment:
    """The environment that `--server` means. Raises `ServerError` where that is not proven to be on this machine, or not ours.

    Where kernel and server share an environment, it is the kernel's.
    """
    server = ask_server(world)
    if server.verdict != "local" or server.interpreter is None or server.prefix is None:
        raise _unknown(server)
    if server.same_environment:
        return TargetEnvironment(world=world, progress=progress)
    environ = _environ(world, read_environ(server.pid) if server.pid is not None else {})
    described = ask_interpreter(server.interpreter, environ=environ, run=execute)  # what the user asks to be changed
    if not same_file(described["prefix"], server.prefix):
        raise ServerError(
            "the server's Python reports a different environment than the server's own",
            evidence=(
                Evidence(label="server", value=server.interpreter),
                Evidence(label="files", value=server.prefix),
                Evidence(label="says", value=described["prefix"]),
            ),
            hint="`%where -v` shows how the server was found",
            unchanged=True,
        )
    _check_owner(server.prefix, server.interpreter)
    there = World.of(described, environ=environ, home=world.home, cwd=world.system.cwd, run=world.run)
    root = world.interpreter["prefix"]
    return ServerEnvironment(world=there, progress=progress, server=server, kernel_root=root, asked_from=world)


def _environ(world: World, of_server: Mapping[str, str]) -> dict[str, str]:
    """This kernel's variables (indexes, proxies), but Python's own as the server has them; and this kernel's uv, last."""
    ours = {name: value for name, value in world.environ.items() if not name.startswith("PYTHON")}
    theirs = {name: value for name, value in of_server.items() if name.startswith("PYTHON")}
    scripts = os.path.dirname(world.interpreter["executable"] or "")
    path = os.pathsep.join(filter(None, (ours.get("PATH", ""), scripts)))
    return {**ours, **theirs, "PATH": path}


def _unknown(server: Server) -> ServerError:
    if server.verdict == "none":
        return ServerError(
            "no Jupyter server drives this kernel, so `--server` has no environment to install into",
            evidence=server.evidence,
            hint="leave out `--server` to install into this kernel's environment",
        )
    message = (
        "the Jupyter server's environment is unknown, so nothing is installed into it from here"
        if server.verdict == "local"
        else "this kernel's Jupyter server is not proven to be on this machine, so nothing is installed there from here"
    )
    return ServerError(
        message,
        evidence=server.evidence,
        hint="in a terminal where the server runs, run `python -m pip install NAME` with its Python, then reload the page",
    )


def _check_owner(prefix: str, interpreter: str) -> None:
    """Somebody else's environment is left alone, though it can be written to: root may write everywhere."""
    if not hasattr(os, "geteuid"):
        return
    owner = os.stat(prefix).st_uid
    if owner != os.geteuid():
        raise ServerError(
            "the server's environment belongs to another user",
            evidence=(
                Evidence(label="server", value=interpreter),
                Evidence(label="prefix", value=prefix, note=f"user {owner}, and you are {os.geteuid()}"),
            ),
            hint=f"ask whoever runs the server to run `{interpreter} -m pip install NAME`",
            unchanged=True,
        )
