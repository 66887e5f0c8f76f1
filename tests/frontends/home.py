"""A person's home: a project with its kernel, JupyterLab in an environment of its own, other tools first on the PATH."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import environments

TOKEN = "frontends"
JUPYTER = ("jupyterlab>=4", "notebook>=7", "jupyter-console", "papermill")
KERNEL_COMMAND = ("-m", "ipykernel_launcher", "-f", "{connection_file}")
VERSION = "{}.{}.{}".format(*sys.version_info)
"""Of the Python that every environment here is made from."""


def jupyter_prefix() -> Path:
    """The kept environment of the Jupyter programs, without this package."""
    return environments.kept("frontends-jupyter", JUPYTER, compiled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The home directory, and the variables of a terminal in it."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def project(self) -> Path:
        """Where the notebooks are."""
        return self.folder / "project"

    @property
    def prefix(self) -> Path:
        """The kernel's environment."""
        return self.project / ".venv"

    @property
    def jupyter(self) -> Path:
        """The environment of the Jupyter programs."""
        return self.folder / "jupyter"

    @property
    def runtime(self) -> Path:
        """Where servers and kernels leave their files."""
        return self.folder / ".local" / "share" / "jupyter" / "runtime"

    def write_kernelspec(self, name: str, argv: Sequence[str], language: str = "python", **environ: str) -> None:
        """A kernelspec of the user's."""
        file = self.runtime.parent / "kernels" / name / "kernel.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        spec = {"argv": list(argv), "display_name": name, "language": language, "env": environ}
        file.write_text(json.dumps(spec))

    def write_settings(self, plugin: str, **settings: Any) -> None:
        """JupyterLab's settings of this user for one of its plugins, `NAMESPACE:NAME`."""
        namespace, _, name = plugin.partition(":")
        file = self.folder / ".jupyter" / "lab" / "user-settings" / namespace / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    def write_notebook(self, name: str, cells: Sequence[str], kernel: str = "project", html: str | None = None) -> Path:
        """A notebook in the project whose cells have not been run; each shows ``html`` that came from elsewhere."""
        data = {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
        code: list[dict[str, Any]] = [
            {
                "cell_type": "code",
                "id": f"cell{i}",
                "source": cell,
                "metadata": {},
                "outputs": [] if html is None else [data],
                "execution_count": None,
            }
            for i, cell in enumerate(cells)
        ]
        spec = {"name": kernel, "display_name": kernel, "language": "python"}
        file = self.project / f"{name}.ipynb"
        content = {"cells": code, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
        file.write_text(json.dumps(content))
        return file

    def run(self, *argv: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
        """A program run in the project to its end, however it ends."""
        return subprocess.run(
            [str(each) for each in argv],
            cwd=self.project,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )


def furnish(folder: Path, *packages: str, **environ: str) -> Home:
    """Make a home in an empty ``folder``; its kernel has ``packages`` besides itself and this package."""
    environments.make_in(folder / "project" / ".venv", ["ipykernel", "pip", "-e", ".", *packages])
    home = move_in(folder, jupyter_prefix(), **environ)
    python = str(home.prefix / "bin" / "python")
    home.write_kernelspec("project", [python, *KERNEL_COMMAND])
    # a second command keeps bash from replacing itself with the first
    wrapped = f'"{python}" -m ipykernel_launcher -f "$0"; true'
    home.write_kernelspec("wrapped", ["bash", "-c", wrapped, "{connection_file}"])
    return home


def move_in(folder: Path, jupyter: Path, **environ: str) -> Home:
    """Make a home whose Jupyter programs are those of the environment ``jupyter``, and which has no kernel yet."""
    environments.make_in(folder / "tools", ["pip"])
    (folder / "jupyter").symlink_to(jupyter)
    terminal = {
        "HOME": str(folder),
        "PATH": f"{folder}/tools/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "SHELL": "/bin/bash",
        "XDG_CONFIG_DIRS": str(folder / "etc"),  # a machine may have a pip.conf for all
        "PIP_CONFIG_FILE": "/dev/null",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    home = Home(folder=folder, environ={**terminal, **environ})
    home.write_settings("@jupyterlab/apputils-extension:notification", fetchNews="false", checkForUpdates=False)
    return home


# -- servers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Jupyter server that runs, and what it answers for."""

    url: str
    pid: int
    version: str
    token: str = TOKEN

    def ask(self, path: str, data: Any = None, method: str | None = None) -> Any:
        """The answer of its REST interface, None where it is empty; ``data`` is sent as JSON."""
        sent = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, sent, headers, method=method)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=300) as answer:
            return json.loads(answer.read() or b"null")

    def start_kernel(self, name: str) -> str:
        """The id of a new kernel."""
        return str(self.ask("api/kernels", {"name": name})["id"])


@contextmanager
def server(home: Home, module: str, *options: str, port: int = 0, token: str = TOKEN) -> Iterator[Server]:
    """`python -m MODULE` of the home's Jupyter environment, started in its project."""
    program = (str(home.jupyter / "bin" / "python"), "-m", module, "--no-browser", "--allow-root")
    settings = (f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", *options)
    with running((*program, *settings), home.environ, home.project) as process:
        file = home.runtime / f"jpserver-{process.pid}.json"
        until(lambda: process.poll() is not None or (file.exists() and file.read_text().endswith("}")))
        said = json.loads(file.read_text())
        until(lambda: listens(said["port"]))  # the file is written before the server listens
        yield Server(url=said["url"], pid=process.pid, version=said["version"], token=token)


@contextmanager
def running(argv: Sequence[str], environ: Mapping[str, str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs until it is told to end; what it says goes to a file in ``cwd``."""
    with open(cwd / f"{Path(argv[0]).name}.log", "ab") as log:
        process = subprocess.Popen(argv, env=environ, cwd=cwd, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(300)


def until(happens: Callable[[], bool], seconds: float = 300) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((address, port), timeout=10).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port that nothing listens on now, below those that systems give away: no other test gets it until it is used."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
