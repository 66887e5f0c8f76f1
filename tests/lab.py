"""A real JupyterLab server in one environment and kernels in another, as a person has them who installed both apart."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from . import environments
from .change.transaction.worlds import Snapshot
from .kernels import Notebook, copy_of, kernel_prefix, world

SECONDS = 300


def server_prefix() -> Path:
    """The kept environment of a JupyterLab server, to be copied."""
    # jsonschema prefers `rfc3987` to `rfc3987-syntax`, which builds a parser for three seconds at every start.
    return environments.kept("jupyterlab", ["jupyterlab>=4", "rfc3987"], compiled=True)


class Lab:
    """A JupyterLab server that runs in ``prefix``, with one kernelspec, `apart`, for the environment ``kernel``."""

    def __init__(self, prefix: Path, kernel: Path, folder: Path, **environ: str) -> None:
        self.prefix, self.kernel, self.folder = prefix, kernel, folder
        self.home = folder / "home"
        self.runtime = self.home / "runtime"
        self.runtime.mkdir(parents=True, exist_ok=True)
        self.environ = world(
            self.home, JUPYTER_DATA_DIR=str(self.home / "data"), JUPYTER_RUNTIME_DIR=str(self.runtime), **environ
        )
        self._looking = Notebook(prefix, folder)
        for name, at in {"apart": kernel, "same": prefix}.items():
            spec = self.home / "data" / "kernels" / name / "kernel.json"
            spec.parent.mkdir(parents=True, exist_ok=True)
            argv = [f"{at}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            spec.write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        # by its module: the scripts of a copied environment name the original's Python
        argv = [f"{self.prefix}/bin/python", "-m", "jupyterlab", "--no-browser", "--allow-root"]
        options = ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={self.home}"]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen([*argv, *options], env=self.environ, cwd=self.home, stdout=log, stderr=log)
        written = self.runtime / f"jpserver-{self.process.pid}.json"
        self.until(lambda: written.exists() and written.read_text().endswith("}"))
        self.said = json.loads(written.read_text())
        self.until(self._answers)

    def stop(self) -> None:
        """End the server, and with it its kernels."""
        self.process.terminate()
        self.process.wait(SECONDS)

    def restart(self) -> None:
        """End it and start it again, as a person does whom `%safepip` tells to."""
        self.stop()
        self.start()

    def get(self, path: str, data: bytes | None = None) -> str:
        """What the server answers."""
        headers = {"Authorization": f"token {self.said['token']}"}
        request = urllib.request.Request(self.said["url"] + path, data, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=SECONDS) as response:
            return str(response.read().decode())

    def files(self) -> Snapshot:
        """All of the server's environment, byte for byte."""
        return self._looking.snapshot()

    def served(self) -> list[str]:
        """The JupyterLab extensions that a page which is opened now is told to load."""
        page = self.get("lab")
        found = re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', page, re.DOTALL)
        assert found is not None, page
        return sorted(each["name"] for each in json.loads(html.unescape(found[1]))["federated_extensions"])

    def server_extensions(self) -> list[str]:
        """The server extensions that run: those that added an address of theirs, by the server's own log."""
        log = (self.folder / "server.log").read_text()
        since = log[log.rindex("Serving notebooks from local directory") - 20_000 :] if len(log) > 20_000 else log
        return sorted(set(re.findall(r"\] ([\w.]+) \| extension was successfully loaded", since)))

    def _answers(self) -> bool:
        try:
            return bool(self.get("api/status"))
        except OSError:
            return False

    def until(self, happens: Callable[[], bool]) -> None:
        """Wait for something that the server has a part in."""
        deadline = time.monotonic() + SECONDS
        while not happens():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)

    @contextmanager
    def notebook(self, name: str = "apart") -> Iterator[Served]:
        """A notebook with a kernel that this server started."""
        opened = Served(self, name)
        opened.start()
        try:
            yield opened
        finally:
            opened.close()


class Served(Notebook):
    """A notebook whose kernel a server started."""

    def __init__(self, lab: Lab, name: str) -> None:
        prefix = lab.kernel if name == "apart" else lab.prefix
        super().__init__(prefix, lab.folder)
        self.lab, self.name = lab, name

    def start(self) -> None:
        """Let the server start the kernel, and load the extension."""
        self.id = json.loads(self.lab.get("api/kernels", json.dumps({"name": self.name}).encode()))["id"]
        file = self.lab.runtime / f"kernel-{self.id}.json"
        client: Any = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        self.client = client
        client.kernel_info(reply=True, timeout=SECONDS)  # until then `wait_for_ready` takes a slow start for a death
        client.wait_for_ready(timeout=SECONDS)  # what a kernel prints before that may be lost
        self.loaded = self.run("%load_ext ipython_where")
        assert self.loaded.status == "ok", self.loaded

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        headers = {"Authorization": f"token {self.lab.said['token']}"}
        request = urllib.request.Request(
            f"{self.lab.said['url']}api/kernels/{self.id}", headers=headers, method="DELETE"
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=SECONDS).close()


@contextmanager
def lab(folder: Path, environ: Mapping[str, str], server_of: Path | None = None) -> Iterator[Lab]:
    """A running server and a kernel's environment, copies of the kept ones that may be changed."""
    server = copy_of(server_of or server_prefix(), folder / "server")
    kernel = copy_of(kernel_prefix(), folder / "env")
    running = Lab(server, kernel, folder, **environ)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def network_environ() -> dict[str, str]:
    """This machine's way to the registry, with a cache that the test runs share."""
    names = (
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
    )
    named = {name: os.environ[name] for name in names if name in os.environ}
    return {**named, "UV_SYSTEM_CERTS": "true", "UV_CACHE_DIR": str(environments.KEPT / "uv-cache")}
