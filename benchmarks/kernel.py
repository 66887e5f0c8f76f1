"""`%where` in a real kernel of one environment, started by a real Jupyter server of another."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .inside import ROOT, Times

ASK = """\
import json, sys
from time import perf_counter, process_time
sys.path.insert(0, {root!r})
begin = process_time(), perf_counter()
import ipython_where
del sys.path[0]
from ipython_where.answer.environment import environment
from ipython_where.answer.world import World
from ipython_where.runner import run
from ipython_where.session import connection_file
ran = []
def counting(argv, **options):
    ran.append(list(argv))
    return run(argv, **options)
def once():
    world = World.here(connection_file=connection_file(get_ipython()), namespace=get_ipython().user_ns)
    object.__setattr__(world, "run", counting)
    return environment(world)
times = {{"import": process_time() - begin[0]}}
for what in ("first", "repeated"):
    begin = process_time(), perf_counter()
    answer = once()
    times[what], times[what + " wall"] = process_time() - begin[0], perf_counter() - begin[1]
begin = process_time()
answer._repr_mimebundle_()
times["first shown"] = process_time() - begin
times = {{name: seconds * 1e3 for name, seconds in times.items()}}
with open({output!r}, "w") as stream:
    json.dump({{"times": times, "ran": ran, "verdict": answer.server.verdict}}, stream)
"""


def in_kernels(python: Path, count: int, environ: dict[str, str]) -> dict[str, Times]:
    """The medians over ``count`` fresh kernels, and how many programs a first answer ran at most."""
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), python, environ) as server:
        told = [_ask(server, Path(folder) / f"answer-{number}") for number in range(count + 1)][1:]
    times = {what: median(each["times"][what] for each in told) for what in told[0]["times"]}
    times["programs run"] = max(len(each["ran"]) for each in told)
    times["server proven"] = min(each["verdict"] == "local" for each in told)
    return {"environment": times}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    url: str
    token: str
    runtime: Path

    def start_kernel(self) -> Path:
        """The connection file of a new kernel."""
        request = urllib.request.Request(
            f"{self.url}api/kernels", b'{"name": "measured"}', {"Authorization": f"token {self.token}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as response:
            return self.runtime / f"kernel-{json.load(response)['id']}.json"

    def stop_kernel(self, file: Path) -> None:
        kernel = file.stem.removeprefix("kernel-")
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}api/kernels/{kernel}", headers=headers, method="DELETE")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60).close()


@contextlib.contextmanager
def _server(home: Path, python: Path, environ: dict[str, str]) -> Iterator[_Server]:
    spec = home / "data" / "kernels" / "measured" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "measured", "language": "python"}))
    path = f"{python.parent}:/usr/local/bin:/usr/bin:/bin"
    variables = {**environ, "HOME": str(home), "JUPYTER_DATA_DIR": str(home / "data"), "PATH": path}
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--ServerApp.port=0"], env=variables, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    runtime = home / "data" / "runtime"
    try:
        facts = _until(process, runtime / f"jpserver-{process.pid}.json")
        yield _Server(url=facts["url"], token=facts["token"], runtime=runtime)
    finally:
        process.terminate()
        process.wait(30)


def _until(process: subprocess.Popen[bytes], file: Path) -> Any:
    """What the server writes of itself, once it has, and answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            facts = json.loads(file.read_text())
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{facts['url']}api", timeout=5).close()
            return facts
        time.sleep(0.05)
    raise RuntimeError("the Jupyter server did not start")


def _ask(server: _Server, output: Path) -> Any:
    from jupyter_client.blocking.client import BlockingKernelClient

    file = server.start_kernel()
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    try:
        reply = client.execute(ASK.format(root=ROOT, output=str(output)), reply=True, timeout=60)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
    finally:
        client.stop_channels()
        server.stop_kernel(file)
    return json.loads(output.read_text())
