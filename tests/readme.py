"""README.md's output, produced for real: `python -m tests.readme` runs what its blocks ask and writes the answers.

The commands stand in the README alone: a line that begins with a prompt is one, and what follows it is its answer.
They are run in a home directory made for the purpose: `~/project/.venv` has a Jupyter server and the kernel that it
started, and another environment, `~/tools`, stands first on the PATH of the terminal that it was started from. The
index is one of a few wheels on this machine. An environment that is not as before at the end is made anew the next time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from jupyter_client.blocking.client import BlockingKernelClient

from . import environments

README = environments.ROOT / "README.md"
PROJECT = (
    "-e",
    ".",
    "ipykernel",
    "jupyter_server==2.17.0",
    "numpy==2.3.5",
    "pip==25.3",
    "traitlets==5.16.1",
    "uv==0.13.9",
)  # what is shown has its version
TOOLS = ("pip", "networkx==3.5")
WHEELS = ("networkx==3.5", "traitlets==4.3.3")
HOME_SHOWN = "/home/ada"

_BLOCK = re.compile(r"^```(?:console|pycon|text)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PROMPT = re.compile(r"^(In \[\d+\]: |>>> |\$ )(.*)\n", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Answer = Callable[[str, str], str]


def filled(text: str, answer: Answer) -> str:
    """``text`` with the output of each command in its blocks replaced by what ``answer(prompt, command)`` says."""
    return _BLOCK.sub(
        lambda block: block[0].replace(block[1], _answered(block[1], answer)) if block[1] else block[0], text
    )


def _answered(block: str, answer: Answer) -> str:
    prompts = list(_PROMPT.finditer(block))
    if not prompts:
        return block
    said = (f"{prompt[0]}{answer(prompt[1], prompt[2])}" for prompt in prompts)
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in said)


@contextmanager
def world() -> Iterator[Answer]:
    """Start the server and its kernel; what answers commands there."""
    with _home() as home, _index(home / "index") as index:
        project, tools = home / "project" / ".venv", home / "tools"
        terminal = {"HOME": str(home), "PATH": f"{tools}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        terminal |= {
            "PIP_INDEX_URL": index,
            "XDG_CONFIG_DIRS": str(home / "etc"),
        }  # a machine may have a pip.conf for all
        active = {**terminal, "PATH": f"{project}/bin:{terminal['PATH']}", "VIRTUAL_ENV": str(project)}
        with _kernel(project, terminal) as client:

            def answer(prompt: str, command: str) -> str:
                said = _ran(command, project.parent, active) if prompt == "$ " else _executed(client, command)
                return re.sub(r" · in \w+$", "", said, flags=re.MULTILINE).replace(
                    str(home), HOME_SHOWN
                )  # a container is this machine's

            yield answer


@contextmanager
def _home() -> Iterator[Path]:
    """The home directory with its two environments, for one user at a time: made at the first use, kept while it is whole."""
    recipe = hashlib.sha256(
        repr((PROJECT, TOOLS, WHEELS, environments.base_python(), environments.requirements())).encode()
    )
    home = environments.KEPT / f"readme-{recipe.hexdigest()[:10]}"
    whole = home / ".complete"
    home.parent.mkdir(exist_ok=True)
    with open(f"{home}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(home, ignore_errors=True)
            _furnish(home)
        whole.unlink(missing_ok=True)
        before = _installed(home)
        yield home
        shutil.rmtree(
            home / "project" / ".venv" / ".safepip", ignore_errors=True
        )  # the transactions, counted from 1 again
        if _installed(home) == before:
            whole.touch()


def _furnish(home: Path) -> None:
    environments.make_in(home / "project" / ".venv", PROJECT)
    tools = environments.make_in(home / "tools", TOOLS)
    environments.call(tools / "bin" / "pip", "download", "--quiet", "--dest", home / "index", *WHEELS)
    for wheel in (home / "index").glob("*.whl"):
        project = wheel.parent / wheel.name.partition("-")[0].replace("_", "-")
        project.mkdir()
        wheel.rename(project / wheel.name)


class _Index(SimpleHTTPRequestHandler):
    """The pages of an index are lists of files, as this server makes them by itself."""

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def _index(folder: Path) -> Iterator[str]:
    """The address of an index of the wheels in ``folder``, which has a folder for each project."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Index, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def _installed(home: Path) -> list[str]:
    return sorted(path.name for path in environments.site_packages(home / "project" / ".venv").glob("*.dist-info"))


def _ran(command: str, cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@contextmanager
def _kernel(project: Path, env: dict[str, str]) -> Iterator[BlockingKernelClient]:
    """The kernel of a Jupyter server that is started beside ``project`` with the variables ``env``."""
    argv = [str(project / "bin" / "jupyter-server"), "--no-browser", "--allow-root"]
    with subprocess.Popen(argv, cwd=project.parent, env=env, stderr=subprocess.DEVNULL) as server:
        try:
            runtime = Path(env["HOME"], ".local", "share", "jupyter", "runtime")
            (kernel,) = _waited_for(lambda: _started(runtime, server.pid))
            client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{kernel['id']}.json"))
            client.load_connection_file()
            client.start_channels()
            client.kernel_info(reply=True, timeout=300)  # until then `wait_for_ready` takes a slow start for a death
            client.wait_for_ready(timeout=300)
            yield client
            client.stop_channels()
        finally:
            server.terminate()


def _waited_for(ready: Callable[[], list[Any]]) -> list[Any]:
    """What ``ready`` returns, as soon as that is not empty."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if found := ready():
            return found
        time.sleep(0.05)
    raise TimeoutError("the Jupyter server did not start within 60 seconds")


def _started(runtime: Path, pid: int) -> list[Any]:
    """The kernel, started by the server ``pid``, in a list that is empty while there is no such server."""
    file = runtime / f"jpserver-{pid}.json"
    if not file.is_file():
        return []
    server = json.loads(file.read_text(encoding="utf-8"))
    headers = {"Authorization": f"token {server['token']}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(f"{server['url']}api/kernels", data=b"{}", headers=headers), timeout=300) as reply:
            return [json.load(reply)]
    except URLError:  # the file is written a moment before the server answers
        return []


def _executed(client: BlockingKernelClient, code: str) -> str:
    """What a cell prints and answers, as a terminal would show it."""
    shown: dict[str, str] = {}

    def collect(message: dict[str, Any]) -> None:
        content = message["content"]
        place = content.get("transient", {}).get("display_id", message["header"]["msg_id"])  # an update takes its place
        if message["msg_type"] == "stream":
            shown[place] = content["text"].replace("\r\n", "\n")  # a command of `!` runs on a terminal of its own
        elif message["msg_type"] in ("execute_result", "display_data", "update_display_data"):
            shown[place] = f"{text}\n" if (text := content["data"]["text/plain"]) else ""
        elif message["msg_type"] == "error":
            lines = [_COLOUR.sub("", line) for line in content["traceback"]]
            shown[place] = "\n".join([*lines, ""])

    client.execute_interactive(code, output_hook=collect, timeout=300)
    return "".join(shown.values())


def main() -> None:
    """Write README.md with what its commands answer now."""
    text = README.read_text(encoding="utf-8")
    with world() as answer:
        README.write_text(filled(text, answer), encoding="utf-8")


if __name__ == "__main__":
    main()
