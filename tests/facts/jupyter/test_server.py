"""The Jupyter server that drives a kernel is proven or said to be unknown: real servers, real kernels, real sockets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.jupyter.server import kernel_id, read_launcher, read_server
from ipython_where.model import Server
from ipython_where.runner import run
from tests import environments
from tests.processes import BUSY

from .servers import KERNEL, TOKEN, Fake, serve, sleeping, write_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sockets of a process are read from /proc here")

ASK = """\
import json, os, sys, time
sys.path.insert(0, {root!r})
from ipython_where.facts.jupyter.kernelspec import read_kernelspec
from ipython_where.facts.jupyter.server import read_launcher, read_server
from ipython_where.runner import run
file = get_ipython().kernel.parent.abs_connection_file
start = time.perf_counter()
server = read_server(connection_file=file, kernel_prefix=sys.prefix, environ=os.environ, run=run)
took = time.perf_counter() - start
launcher = read_launcher(connection_file=file, environ=os.environ, run=run)
spec = read_kernelspec(connection_file=file, executable=sys.executable, environ=os.environ, kernel_prefix=sys.prefix,
    launcher_prefix=launcher and launcher.prefix, launcher_executable=launcher and launcher.executable)
answer = {{"server": server.to_dict(), "kernelspec": spec and spec.to_dict(), "took": took, "parent": os.getppid()}}
with open({output!r}, "w") as stream:
    json.dump(answer, stream)
"""


# -- real servers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jupyter(server_prefix: Path, kernel_prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a home with three kernelspecs: of another environment, of the server's own, and wrapped."""
    home = tmp_path_factory.mktemp("home")
    command = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # a second command keeps bash from replacing itself with the first
    wrapped = ["bash", "-c", f'"{kernel_prefix}/bin/python" -m ipykernel_launcher -f "$0"; true', "{connection_file}"]
    for name, argv in {
        "other": [f"{kernel_prefix}/bin/python", *command],
        "same": [f"{server_prefix}/bin/python", *command],
        "wrapped": wrapped,
    }.items():
        file = home / "data" / "kernels" / name / "kernel.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))
    environ = environments.clean_environ(HOME=str(home), JUPYTER_DATA_DIR=str(home / "data"))
    return {k: v for k, v in environ.items() if not k.startswith("JUPYTER_") or k == "JUPYTER_DATA_DIR"}


@dataclass
class Running:
    """A Jupyter server that runs, and how to start a kernel in it."""

    process: subprocess.Popen[bytes]
    file: dict[str, Any]
    runtime: Path
    headers: dict[str, str]

    def post(self, path: str, data: bytes) -> Any:
        request = urllib.request.Request(self.file["url"] + path, data, self.headers)
        return urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect()).open(request, timeout=300)

    def start_kernel(self, name: str) -> str:
        """The connection file of a new kernel."""
        with self.post("api/kernels", json.dumps({"name": name}).encode()) as response:
            return str(self.runtime / f"kernel-{json.load(response)['id']}.json")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@contextlib.contextmanager
def start_server(prefix: Path, environ: dict[str, str], *options: str) -> Iterator[Running]:
    runtime = Path(environ["JUPYTER_DATA_DIR"]) / "runtime"
    argv = [str(prefix / "bin" / "jupyter-server"), "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(
            [*argv, "--ServerApp.port=0", *options], env=environ, stdout=nowhere, stderr=nowhere, cwd=environ["HOME"]
        )
    try:
        written = runtime / f"jpserver-{process.pid}.json"
        until(lambda: process.poll() is not None or (written.exists() and written.read_text().endswith("}")))
        file = json.loads(written.read_text())
        until(lambda: answers(file["port"]))  # the file is written before the server listens
        yield Running(process, file, runtime, {"Authorization": f"token {file['token']}"})
    finally:
        process.terminate()
        process.wait(300)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except OSError:
        return False
    return True


def until(happens: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def running(server: None, server_prefix: Path, jupyter: dict[str, str]) -> Iterator[Running]:
    with start_server(server_prefix, jupyter) as started:
        yield started


def ask_in_kernel(connection_file: str, output: Path, code: str = ASK) -> dict[str, Any]:
    """What code prints to ``output`` when a cell runs it in the kernel."""
    from jupyter_client.blocking.client import BlockingKernelClient

    client = BlockingKernelClient(connection_file=connection_file)
    client.load_connection_file()
    client.start_channels()
    try:  # no `wait_for_ready`: it takes a kernel that is a second late for a dead one
        source = code.format(root=str(environments.ROOT), output=str(output))
        reply = client.execute(source, reply=True, timeout=300)
        assert reply["content"]["status"] == "ok", reply["content"]
    finally:
        client.stop_channels()
    answer: dict[str, Any] = json.loads(output.read_text())
    return answer


@pytest.mark.usefixtures("server")
def test_a_server_of_another_environment(
    running: Running, server_prefix: Path, kernel_prefix: Path, tmp_path: Path
) -> None:
    """The server answers for the kernel; its interpreter is that of its virtual environment, not of the base."""
    file = running.start_kernel("other")
    answer = ask_in_kernel(file, tmp_path / "answer")
    pid, url = running.process.pid, f"http://127.0.0.1:{running.file['port']}/"
    assert answer["server"] == {
        "verdict": "local",
        "url": url,
        "pid": pid,
        "version": running.file["version"],
        "interpreter": answer["server"]["interpreter"],
        "interpreter_version": "{}.{}.{}".format(*sys.version_info),
        "prefix": str(server_prefix),
        "same_environment": False,
        "evidence": [
            f"it answered for kernel {kernel_id(file)} at {url}",
            f"its process {pid} is this kernel's parent",
        ],
        "host": None,
    }
    assert Path(answer["server"]["interpreter"]).parent == server_prefix / "bin"
    assert running.file["token"] not in json.dumps(answer)
    assert answer["kernelspec"] == {
        "name": "other",
        "file": str(running.runtime.parent / "kernels" / "other" / "kernel.json"),
        "exists": True,
        "display_name": "other",
        "argv": [f"{kernel_prefix}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "interpreter": f"{kernel_prefix}/bin/python",
        "interpreter_exists": True,
        "starts_this_interpreter": True,
        "shadowed": [],
        "evidence": "the first `other` on its launcher's Jupyter path",
    }


def test_a_server_of_the_same_environment(running: Running, server_prefix: Path, tmp_path: Path) -> None:
    """A kernel of the server's own environment is told so."""
    server = ask_in_kernel(running.start_kernel("same"), tmp_path / "answer")["server"]
    assert (server["verdict"], server["prefix"], server["same_environment"]) == ("local", str(server_prefix), True)


def test_a_kernelspec_wrapped_in_bash(running: Running, server_prefix: Path, tmp_path: Path) -> None:
    """A shell between server and kernel hides neither; what the wrapper starts is not read from the kernelspec."""
    file = running.start_kernel("wrapped")
    answer = ask_in_kernel(file, tmp_path / "answer")
    assert answer["parent"] != running.process.pid
    assert (answer["server"]["verdict"], answer["server"]["prefix"]) == ("local", str(server_prefix))
    assert answer["server"]["evidence"] == [
        f"it answered for kernel {kernel_id(file)} at {running.file['url']}",
        f"its process {running.process.pid} is the ancestor that started this kernel",
    ]
    spec = answer["kernelspec"]
    assert (spec["interpreter"], spec["interpreter_exists"], spec["starts_this_interpreter"]) == (None, None, None)


def test_a_frozen_server(running: Running, server_prefix: Path, tmp_path: Path) -> None:
    """A server that accepts and never answers costs half a second, and is still proven by having started the kernel."""
    file = running.start_kernel("other")
    os.kill(running.process.pid, signal.SIGSTOP)
    try:
        answer = ask_in_kernel(file, tmp_path / "answer")
    finally:
        os.kill(running.process.pid, signal.SIGCONT)
    assert answer["took"] < BUSY
    server = answer["server"]
    assert (server["verdict"], server["prefix"], server["same_environment"]) == ("local", str(server_prefix), False)
    assert server["evidence"] == [
        "it did not answer in time",
        f"its process {running.process.pid} is this kernel's parent",
    ]


@pytest.mark.usefixtures("server")
def test_a_server_with_a_password(server_prefix: Path, jupyter: dict[str, str], tmp_path: Path) -> None:
    """A server that lets nobody ask is proven by having started the kernel."""
    hashed = environments.call(
        server_prefix / "bin" / "python", "-c", "from jupyter_server.auth import passwd; print(passwd('open'))"
    ).strip()
    options = (f"--PasswordIdentityProvider.hashed_password={hashed}", "--ServerApp.disable_check_xsrf=True")
    with start_server(server_prefix, jupyter, *options) as server:
        assert server.file["token"] == ""
        with pytest.raises(urllib.error.HTTPError) as redirect:
            server.post("login", b"password=open")
        cookies = redirect.value.headers.get_all("Set-Cookie") or []
        redirect.value.close()
        server.headers = {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies)}
        answer = ask_in_kernel(server.start_kernel("other"), tmp_path / "answer")["server"]
    assert (answer["verdict"], answer["url"], answer["prefix"]) == ("local", server.file["url"], str(server_prefix))
    assert answer["evidence"] == [
        "it refused to say which kernels it has",
        f"its process {server.process.pid} is this kernel's parent",
    ]


SCRIPT = """\
import sys, nbformat, nbclient
nbclient.NotebookClient(nbformat.read(sys.argv[1], as_version=4), kernel_name="other").execute()
"""


def notebook(tmp_path: Path) -> tuple[Path, Path]:
    """A notebook whose one cell asks, and the file that it writes the answer to."""
    source = ASK.format(root=str(environments.ROOT), output=str(tmp_path / "answer"))
    cell: dict[str, Any] = {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    file = tmp_path / "ask.ipynb"
    kernel = {"name": "other", "display_name": "other"}
    content = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    file.write_text(json.dumps(content))
    return file, tmp_path / "answer"


def test_a_kernel_that_a_notebook_started(running: Running, tmp_path: Path) -> None:
    """The server above a notebook does not drive the kernels that the notebook starts: nothing is claimed of them."""
    file, answer = notebook(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    code = f"import subprocess, sys; subprocess.run([sys.executable, '{tmp_path}/script.py', '{file}'], check=True)"
    server = ask_in_kernel(running.start_kernel("same"), answer, code)["server"]
    launcher = server["evidence"][0].split()[1]
    assert (server["verdict"], server["prefix"]) == ("unknown", None)
    assert server["evidence"] == [
        f"process {launcher} (`script`) started this kernel",
        "this user has no server to ask about it",
    ]


def ask_at_a_console(argv: list[str], environ: dict[str, str], line: str, answer: Path) -> None:
    """Type ``line`` at a console, and end it once the answer is there.

    The console need not end by itself: where its IOPub socket connects after the kernel has sent "idle", it waits for that
    message for ever.
    """
    with subprocess.Popen(
        argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    ) as console:
        try:
            assert console.stdin is not None
            console.stdin.write(line)
            console.stdin.flush()
            until(lambda: answer.exists() and answer.read_text().endswith("}"), 300)
            console.stdin.close()
            console.wait(20)
        except subprocess.TimeoutExpired:
            pass
        finally:
            console.terminate()


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("jupyter-nbconvert", ["--execute", "--to", "notebook", "--output", "done"]),
        ("jupyter-execute", []),
        ("jupyter-console", ["--simple-prompt", "--kernel=other"]),
    ],
)
@pytest.mark.usefixtures("server")
def test_a_program_that_runs_a_kernel_for_itself(
    program: str, options: list[str], server_prefix: Path, jupyter: dict[str, str], tmp_path: Path
) -> None:
    """nbconvert, `jupyter execute` and a console drive a kernel without a server; its kernelspec is on their path."""
    file, answer = notebook(tmp_path)
    argv = [str(server_prefix / "bin" / program), *options]
    cell = json.loads(file.read_text())["cells"][0]["source"]
    if program == "jupyter-console":
        ask_at_a_console(argv, jupyter, f"exec({cell!r})\n", answer)
    else:
        subprocess.run([*argv, file], env=jupyter, capture_output=True, timeout=300, check=True)
    told = json.loads(answer.read_text())
    server = told["server"]
    pid = server["evidence"][0].split()[2].strip(")")
    assert (server["verdict"], server["evidence"]) == (
        "none",
        [f"`{program}` (process {pid}) started this kernel for itself"],
    )
    assert told["kernelspec"]["evidence"] == "the first `other` on its launcher's Jupyter path"


# -- servers in this process -------------------------------------------------------------------------------------------


def read(runtime: Path, *, pid: int | None = None, name: str = f"kernel-{KERNEL}.json", **environ: str) -> Server:
    answer = read_server(
        connection_file=str(runtime / name),
        kernel_prefix=sys.prefix,
        environ={"HOME": str(runtime)} | environ,
        run=run,
        pid=pid,
    )
    assert TOKEN not in repr(answer)
    return answer


def test_a_server_that_answers_for_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token goes in a header to the server, past every proxy; its answer needs no ancestry to be believed."""
    with serve(Fake()) as fake, serve(Fake()) as proxy:
        for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        write_file(tmp_path, port=fake.port, base_url="/user/ada@example.org/")
        answer = read(tmp_path)
    url = f"http://127.0.0.1:{fake.port}/user/ada@example.org/"
    assert answer == Server(
        verdict="local",
        url=url,
        pid=os.getpid(),
        version="2.0",
        interpreter=answer.interpreter,
        interpreter_version="{}.{}.{}".format(*sys.version_info),
        prefix=sys.prefix,
        same_environment=True,
        evidence=(
            f"it answered for kernel {KERNEL} at {url}",
            f"its process {os.getpid()} did not start this kernel itself",
        ),
    )
    ((path, headers),) = fake.requests
    assert (path, headers["authorization"]) == (f"/user/ada@example.org/api/kernels/{KERNEL}", f"token {TOKEN}")
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (404, "{}", f"it does not know kernel {KERNEL}"),
        (403, "{}", "it refused to say which kernels it has"),
        (302, "", "it refused to say which kernels it has"),
        (200, json.dumps({"id": "another"}), "it refused to say which kernels it has"),
        (200, "<html>", "it refused to say which kernels it has"),
        (200, "[" * 100_000, "it refused to say which kernels it has"),
    ],
)
def test_an_answer_that_proves_nothing(status: int, body: str, sentence: str, tmp_path: Path) -> None:
    """A server that is no ancestor and does not answer for this very kernel is not claimed to drive it."""
    with serve(Fake(status, body)) as fake:
        write_file(tmp_path, port=fake.port)
        answer = read(tmp_path)
    assert (answer.verdict, answer.url, answer.prefix) == ("unknown", None, None)
    assert answer.evidence == (
        "the process that started this kernel is unknown",
        f"http://127.0.0.1:{fake.port}/: {sentence}",
    )


def test_the_file_of_a_dead_process_is_passed_over_and_kept(tmp_path: Path) -> None:
    """A process that is not here may run on another host that shares the home: its file is left alone."""
    with sleeping() as other:
        pass
    with serve(Fake()) as fake:
        file = write_file(tmp_path, port=fake.port, pid=other.pid)
        answer = read(tmp_path)
    assert (answer.verdict, fake.requests, file.exists()) == ("unknown", [], True)
    assert answer.evidence[-1] == "1 more in Jupyter's runtime directory cannot be proven to run on this machine"


def test_a_parent_that_never_answers(tmp_path: Path) -> None:
    """A parent that stays silent is waited for half a second, and proven by the connection file that it passed."""
    with socket.create_server(("127.0.0.1", 0)) as silent, sleeping(f"/x/kernel-{KERNEL}.json") as kernel:
        write_file(tmp_path, port=silent.getsockname()[1])
        start = time.perf_counter()
        answer = read(tmp_path, pid=kernel.pid)
        took = time.perf_counter() - start
    assert took < BUSY
    assert answer.verdict == "local"
    assert answer.evidence == ("it did not answer in time", f"its process {os.getpid()} is this kernel's parent")


def test_the_launcher_of_a_kernel(tmp_path: Path) -> None:
    """The interpreter of the process that started the kernel is told, whether or not it is a server."""
    with sleeping(f"/x/kernel-{KERNEL}.json") as kernel, sleeping() as embedded:
        file = f"/x/kernel-{KERNEL}.json"
        found = read_launcher(connection_file=file, environ={}, run=run, pid=kernel.pid)
        assert read_launcher(connection_file=file, environ={}, run=run, pid=embedded.pid) is None
        assert read_launcher(connection_file=None, environ={}, run=run) is None
    assert found is not None
    assert (found.prefix, found.version) == (sys.prefix, "{}.{}.{}".format(*sys.version_info))


def test_an_inherited_parent_variable_proves_nothing(tmp_path: Path) -> None:
    """A script between server and kernel that passes `JPY_PARENT_PID` on does not make the server the launcher."""
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'input()', sys.argv[1] + '.json']);"
        "print(p.pid, flush=True); p.wait()"
    )
    with serve(Fake(403)) as fake, sleeping(f"/x/kernel-{KERNEL}", code=code) as script:
        assert script.stdout
        kernel = int(script.stdout.readline())
        write_file(tmp_path, port=fake.port)
        answer = read(tmp_path, pid=kernel, JPY_PARENT_PID=str(os.getpid()))
    assert answer.verdict == "unknown"


def test_a_named_launcher_that_is_gone_is_not_replaced_by_the_parent(tmp_path: Path) -> None:
    """A kernel whose launcher died has a foster parent, which may be a server that knows nothing of it."""
    with sleeping() as gone:
        pass
    with serve(Fake(403)) as fake, sleeping(f"/x/kernel-{KERNEL}.json") as kernel:
        write_file(tmp_path, port=fake.port)
        answer = read(tmp_path, pid=kernel.pid, JPY_PARENT_PID=str(gone.pid))
    assert answer.verdict == "unknown"


def test_a_parent_that_does_not_know_the_kernel(tmp_path: Path) -> None:
    """A server that started the kernel for something of its own, and does not serve it, is not claimed."""
    with serve(Fake(404)) as fake, sleeping(f"/x/kernel-{KERNEL}.json") as kernel:
        write_file(tmp_path, port=fake.port)
        answer = read(tmp_path, pid=kernel.pid)
    assert answer.verdict == "unknown"
    assert answer.evidence[-1] == f"http://127.0.0.1:{fake.port}/: it does not know kernel {KERNEL}"


def test_a_kernel_gateway(tmp_path: Path) -> None:
    """Under a kernel gateway the server may be on another host: that is said, and nothing claimed."""
    answer = read(tmp_path, KERNEL_GATEWAY="1")
    assert answer.verdict == "unknown"
    assert answer.evidence[0] == (
        "a kernel gateway started this kernel (`KERNEL_GATEWAY=1`): the server behind it is not visible from here"
    )


def test_a_kernel_that_vs_code_started(tmp_path: Path) -> None:
    """VS Code drives its kernels itself or through a server that leaves no trace here."""
    answer = read(tmp_path, name="kernel-v3f00d.json")
    assert answer.verdict == "unknown"
    assert answer.evidence[0] == "`kernel-v3f00d.json` is a name that VS Code gives to the kernels it starts"


def test_outside_a_kernel_there_is_no_server() -> None:
    """Terminal IPython and a plain script have no connection file."""
    answer = read_server(connection_file=None, kernel_prefix=sys.prefix, environ={}, run=run)
    assert (answer.verdict, answer.evidence) == (
        "none",
        ("not started by Jupyter: this process has no connection file",),
    )


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        (f"kernel-{KERNEL}.json", KERNEL),
        (f"{KERNEL}.json", None),
        ("kernel-v3f00d.json", None),
        ("kernel-1234.json", None),
        ("tmpx9jumh15.json", None),
        ("kernel-a-b-c-d-..%2f.json", None),
    ],
)
def test_the_kernel_id_in_a_connection_files_name(name: str, known_as: str | None) -> None:
    """Only the names that a server gives hold an id that it would answer for."""
    assert kernel_id(f"/run/{name}") == known_as
