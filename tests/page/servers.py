"""Real Jupyter servers with this package, and kernels of other environments whose extensions are made here."""

from __future__ import annotations

import http.client
import json
import queue
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from tests import environments
from tests.frontends.home import KERNEL_COMMAND, Home, Server, server, until

from .extensions import Entry, write

Line = dict[str, Any]


def server_prefix() -> Path:
    """The kept environment of JupyterLab and this package."""
    return environments.kept("page-server", ["jupyterlab>=4", "-e", "."], compiled=True)


def kernel_prefix() -> Path:
    """The kept environment of a kernel, without anything for a page."""
    return environments.kept("page-kernel", ["ipykernel>=7"], compiled=True)


def old_kernel_prefix() -> Path:
    """The kept environment of a kernel whose control channel is the only way past a cell."""
    return environments.kept("page-kernel-old", ["ipykernel==6.29.*"], compiled=True)


def furnish(folder: Path, prefix: Path | None = None) -> Home:
    """A person's home; ``prefix`` is the server's environment."""
    (folder / "project").mkdir(parents=True)
    (folder / "jupyter").symlink_to(prefix or server_prefix())
    environ = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return Home(folder=folder, environ=environ)


def put(folder: Path, *extensions: Sequence[Entry]) -> Path:
    """A Jupyter path with these extensions, each with its `package.json` first."""
    for entries in extensions:
        name = json.loads(entries[0][1])["name"]
        write(folder / "labextensions" / name, entries)
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A server that runs, as the page and a person see it."""

    home: Home
    server: Server

    # -- kernels -------------------------------------------------------------------------------------------------------

    def write_kernelspec(self, name: str, argv: Sequence[str], **environ: str) -> None:
        """A kernelspec with variables."""
        self.home.write_kernelspec(name, argv)
        file = self.home.runtime.parent / "kernels" / name / "kernel.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"env": environ}))

    def start_kernel(self, path: Path, prefix: Path | None = None, **environ: str) -> str:
        """The id of a new kernel whose environment has the extensions in a Jupyter path."""
        python = str((prefix or kernel_prefix()) / "bin" / "python")
        self.write_kernelspec("kernel", [python, *KERNEL_COMMAND], JUPYTER_PATH=str(path), **environ)
        return self.server.start_kernel("kernel")

    @contextmanager
    def client(self, id: str) -> Iterator[BlockingKernelClient]:
        """What a person types into a kernel goes through it."""
        opened = BlockingKernelClient(connection_file=str(self.home.runtime / f"kernel-{id}.json"))
        opened.load_connection_file()
        opened.start_channels()
        try:
            opened.kernel_info(reply=True, timeout=300)
            opened.wait_for_ready(timeout=300)
            yield opened
        finally:
            opened.stop_channels()

    # -- requests ------------------------------------------------------------------------------------------------------

    def api(self, path: str, data: Any = None, method: str | None = None) -> Any:
        """The answer of one of this package's routes."""
        return self.server.ask(f"ipython-where/api/{path}", data, method)

    def load(self, id: str, *names: str, versions: Mapping[str, str] | None = None) -> list[Line]:
        """The lines of a load."""
        with self.loading(id, *names, versions=versions) as lines:
            return [*lines]

    @contextmanager
    def loading(self, id: str, *names: str, versions: Mapping[str, str] | None = None) -> Iterator[Iterator[Line]]:
        """The lines of a load as they come; whoever leaves before the last is a page that is gone."""
        url = urllib.parse.urlsplit(self.server.url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=300)
        try:
            path = f"{url.path}ipython-where/api/kernels/{id}/load"
            sent = {} if versions is None else {"versions": dict(versions)}
            connection.request("POST", path, json.dumps({"names": names} | sent), self.headers)
            answer = connection.getresponse()
            if answer.status == 200:
                yield (json.loads(line) for line in answer)
            else:
                yield iter([{"error": json.loads(answer.read())["message"]}])
        finally:
            connection.close()

    @property
    def headers(self) -> dict[str, str]:
        """What the server's own pages send."""
        return {"Authorization": f"token {self.server.token}", "Content-Type": "application/json"}

    def text(self, path: str) -> str:
        """What the server answers, as a browser gets it."""
        return self._answer(path, "GET", None, self.headers)[1]

    def status(self, path: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None) -> int:
        """The status of the answer to a request; ``headers`` in place of the usual ones."""
        return self._answer(path, method, body, self.headers if headers is None else headers)[0]

    def _answer(self, path: str, method: str, body: Any, headers: Mapping[str, str]) -> tuple[int, str]:
        url = urllib.parse.urlsplit(self.server.url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=300)
        sent = None if body is None else json.dumps(body)
        try:
            connection.request(method, url.path + path, sent, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    # -- what is left --------------------------------------------------------------------------------------------------

    def mirrors(self) -> list[Path]:
        """The folders that hold what came from kernels."""
        kept = self.home.runtime.parent.glob("ipython_where/kernel-extensions")
        return sorted([*self.home.runtime.glob("ipython-where-*"), *kept])

    def mirrored(self) -> list[str]:
        """What is in the server's: all names of its first two levels but its own notes."""
        (root,) = self.mirrors()
        names = {each.relative_to(root).as_posix() for each in [*root.glob("*"), *root.glob("@*/*")]}
        return sorted(names - {".held", ".origins"})

    def log(self) -> str:
        """What the server has said."""
        return (self.home.project / "python.log").read_text()

    def check(self) -> None:
        """JupyterLab answers for its page and its settings, nothing half-made is left, and nothing went wrong."""
        until(lambda: not [each for each in self.mirrored() if each.startswith(".")], 60)
        assert [self.status("lab"), self.status("lab/api/settings")] == [200, 200]
        assert re.findall(r"^\[E .*\] (?!502 ).*|^.*ipython_where/page.*", self.log(), re.M) == []


@contextmanager
def serving(home: Home, *options: str, module: str = "jupyterlab") -> Iterator[Page]:
    """A server that runs in a home."""
    with server(home, module, *options) as started:
        yield Page(home=home, server=started)


# -- cells -------------------------------------------------------------------------------------------------------------


def outputs(client: BlockingKernelClient, id: str) -> Iterator[dict[str, Any]]:
    """What a cell shows, until it ends; whoever asks for a line gets one."""
    while True:
        try:
            client.get_stdin_msg(timeout=0)
            client.input("typed")
        except queue.Empty:
            pass
        try:
            message = client.get_iopub_msg(timeout=0.1)
        except queue.Empty:
            continue
        if message["parent_header"].get("msg_id") == id:
            yield message
            if message["content"].get("execution_state") == "idle":
                return


def begin(client: BlockingKernelClient, cell: str) -> str:
    """Run a cell until it says that it has begun."""
    id = str(client.execute(cell, allow_stdin=True))
    for message in outputs(client, id):
        if "begun" in message["content"].get("text", ""):
            return id
    raise AssertionError("the cell has ended")
