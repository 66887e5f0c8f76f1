"""The output in README.md and the guides, produced for real: `python -m tests.readme` runs what their blocks ask.

The commands stand in the pages alone: a line that begins with a prompt is one, and what follows it is its answer. Each
page has a kernel of its own. What has to happen there without being shown is in comments: `<!-- unseen: CODE -->` runs
code, `<!-- kernel: NAME -->` goes on in a new kernel of that name. For `docs/workers.md`, see `tests/workers/page.py`.

They are run in a home directory made for the purpose: `~/project/.venv` has a Jupyter server and the kernel that it
started, `~/analysis/.venv` has the kernel `analysis`, and another environment, `~/tools`, stands first on the PATH of the
terminal that the server was started from. The index is one of a few wheels on this machine. An environment that is not
as before at the end is made anew the next time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
DOCS = environments.ROOT / "docs"
PAGES = (README, DOCS / "json.md", *sorted(DOCS.glob("how-to/*.md")))
"""The pages whose output is written here."""

PROJECT = (
    "-e",
    ".",
    "ipykernel",
    "jupyter_server==2.17.0",
    "numpy==2.3.5",
    "pip==25.3",
    "pyyaml==6.0.4",
    "traitlets==5.16.1",
    "uv==0.13.9",
)  # what is shown has its version
ANALYSIS = ("-e", ".", "ipykernel", "ipywidgets==8.1.8", "jupyterlab_widgets==3.0.16", "pip==25.3")
TOOLS = ("pip==26.3", "networkx==3.5")
WHEELS = ("networkx==3.5", "networkx==3.4.2", "traitlets==4.3.3", "jupyterlab_widgets==3.0.16")
HOME_SHOWN = "/home/ada"

_PART = re.compile(
    r"^<!-- (?P<order>unseen|kernel|cluster): (?P<what>[^\n]*) -->$|^```(?:console|pycon|text)\n(?P<block>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
_PROMPT = re.compile(r"^(In \[\d+\]: |>>> |\$ )(.*)\n", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

Answer = Callable[[str, str], str]


def filled(text: str, answer: Answer) -> str:
    """``text`` with the output of each command in its blocks replaced by what ``answer(prompt, command)`` says."""

    def part(found: re.Match[str]) -> str:
        if found["order"]:
            answer(found["order"], found["what"])
            return found[0]
        return found[0].replace(found["block"], _answered(found["block"], answer)) if found["block"] else found[0]

    return _PART.sub(part, text)


def _answered(block: str, answer: Answer) -> str:
    prompts = list(_PROMPT.finditer(block))
    if not prompts:
        return block
    said = (f"{prompt[0]}{answer(prompt[1], prompt[2])}" for prompt in prompts)
    return "\n".join(part if part.endswith("\n") else f"{part}\n" for part in said)


@contextmanager
def world() -> Iterator[Callable[[str], str]]:
    """Start the server; what fills the output of a page in."""
    with _home() as home, _index(home / "index") as index:
        project, tools = home / "project" / ".venv", home / "tools"
        terminal = {"HOME": str(home), "PATH": f"{tools}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        terminal |= {
            "PIP_INDEX_URL": index,
            "XDG_CONFIG_DIRS": str(home / "etc"),
        }  # a machine may have a pip.conf for all
        active = {**terminal, "PATH": f"{project}/bin:{terminal['PATH']}", "VIRTUAL_ENV": str(project)}
        with _server(project, terminal) as server:

            def page(text: str) -> str:
                with _Kernels(server) as kernels:

                    def answer(prompt: str, command: str) -> str:
                        said = (
                            _ran(command, project.parent, active) if prompt == "$ " else kernels.told(prompt, command)
                        )
                        said = re.sub(r" · in \w+$", "", said, flags=re.MULTILINE)  # a container is this machine's
                        return said.replace(str(home), HOME_SHOWN)

                    now = filled(text, answer)
                _forget_transactions(home)
                return now

            yield page


def _forget_transactions(home: Path) -> None:
    """They are counted from 1 again."""
    for prefix in (home / "project" / ".venv", home / "analysis" / ".venv"):
        shutil.rmtree(prefix / ".safepip", ignore_errors=True)


@contextmanager
def _home() -> Iterator[Path]:
    """The home directory with its two environments, for one user at a time: made at the first use, kept while it is whole."""
    recipe = hashlib.sha256(
        repr((PROJECT, ANALYSIS, TOOLS, WHEELS, environments.base_python(), environments.requirements())).encode()
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
        if _installed(home) == before:
            whole.touch()


def _furnish(home: Path) -> None:
    project = environments.make_in(home / "project" / ".venv", PROJECT)
    analysis = environments.make_in(home / "analysis" / ".venv", ANALYSIS)
    spec = project / "share" / "jupyter" / "kernels" / "analysis" / "kernel.json"
    argv = [str(analysis / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": argv, "display_name": "Analysis", "language": "python"}), encoding="utf-8")
    tools = environments.make_in(home / "tools", TOOLS)
    for pinned in WHEELS:  # one by one: an index may have two versions of a project
        environments.call(tools / "bin" / "pip", "download", "--quiet", "--dest", home / "index", pinned)
    for wheel in (home / "index").glob("*.whl"):
        folder = wheel.parent / wheel.name.partition("-")[0].replace("_", "-")
        folder.mkdir(exist_ok=True)
        wheel.rename(folder / wheel.name)


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
    prefixes = (home / "project" / ".venv", home / "analysis" / ".venv")
    return sorted(str(path) for each in prefixes for path in environments.site_packages(each).glob("*.dist-info"))


def _ran(command: str, cwd: Path, env: dict[str, str]) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """A running Jupyter server, and the folder with its connection files."""

    url: str
    token: str
    runtime: Path

    def kernel(self, name: str) -> str:
        """Start a kernel; its connection file. Raises `URLError` while the server does not answer yet."""
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        body = json.dumps({"name": name}).encode()
        with urlopen(Request(f"{self.url}api/kernels", data=body, headers=headers), timeout=300) as reply:
            return str(self.runtime / f"kernel-{json.load(reply)['id']}.json")


@contextmanager
def _server(project: Path, env: dict[str, str]) -> Iterator[_Server]:
    """A Jupyter server that is started beside ``project`` with the variables ``env``."""
    argv = [str(project / "bin" / "jupyter-server"), "--no-browser", "--allow-root"]
    with subprocess.Popen(argv, cwd=project.parent, env=env, stderr=subprocess.DEVNULL) as server:
        try:
            yield _waited_for(Path(env["HOME"], ".local", "share", "jupyter", "runtime"), server.pid)
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:  # it waits for a kernel that did not start
                server.kill()


def _waited_for(runtime: Path, pid: int) -> _Server:
    """The server ``pid``, as soon as it answers."""
    end = time.monotonic() + 300
    file = runtime / f"jpserver-{pid}.json"
    while time.monotonic() < end:
        if file.is_file():  # written a moment before the server answers
            with suppress(URLError, ValueError):
                known = json.loads(file.read_text(encoding="utf-8"))
                urlopen(f"{known['url']}api", timeout=300).close()
                return _Server(url=known["url"], token=known["token"], runtime=runtime)
        time.sleep(0.05)
    raise TimeoutError("the Jupyter server did not start within 300 seconds")


class _Kernels:
    """The kernels of one page, one after the other; the first one starts with the first cell."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._client: BlockingKernelClient | None = None

    def __enter__(self) -> _Kernels:
        return self

    def __exit__(self, *error: object) -> None:
        if self._client is not None:
            self._client.stop_channels()

    def told(self, prompt: str, command: str) -> str:
        """What a cell shows; nothing for an order."""
        if prompt == "kernel":
            self.__exit__()
            self._client = self._started(command)
            return ""
        if self._client is None:
            self._client = self._started("python3")
        return _executed(self._client, command, silent=prompt == "unseen")

    def _started(self, name: str) -> BlockingKernelClient:
        client = BlockingKernelClient(connection_file=self._server.kernel(name))
        client.load_connection_file()
        client.start_channels()
        client.kernel_info(reply=True, timeout=300)  # until then `wait_for_ready` takes a slow start for a death
        client.wait_for_ready(timeout=300)
        return client


def _executed(client: BlockingKernelClient, code: str, *, silent: bool = False) -> str:
    """What a cell prints and answers, as a terminal would show it."""
    shown: dict[str, str] = {}
    cleared_by_next = False

    def collect(message: dict[str, Any]) -> None:
        nonlocal cleared_by_next
        content = message["content"]
        if message["msg_type"] == "clear_output":
            cleared_by_next = True  # at once or with the next output: what follows stands alone either way
            return
        if cleared_by_next and message["msg_type"] in ("stream", "execute_result", "display_data", "error"):
            shown.clear()
            cleared_by_next = False
        place = content.get("transient", {}).get("display_id", message["header"]["msg_id"])  # an update takes its place
        if message["msg_type"] == "stream":
            shown[place] = content["text"].replace("\r\n", "\n")  # a command of `!` runs on a terminal of its own
        elif message["msg_type"] in ("execute_result", "display_data", "update_display_data"):
            text = content["data"].get("text/plain")  # the box of an error is for a notebook alone
            shown[place] = f"{text}\n" if text else ""
        elif message["msg_type"] == "error":
            lines = [_COLOUR.sub("", line) for line in content["traceback"]]
            shown[place] = "\n".join([*lines, ""])

    client.execute_interactive(code, silent=silent, output_hook=collect, timeout=300)
    return "".join(shown.values())


def main() -> None:
    """Write the pages with what their commands answer now; the names of pages choose some."""
    chosen = [page for page in PAGES if page.stem in sys.argv[1:] or not sys.argv[1:]]
    if chosen:
        with world() as fill:
            for page in chosen:
                page.write_text(fill(page.read_text(encoding="utf-8")), encoding="utf-8")
    if "workers" in sys.argv[1:] or not sys.argv[1:]:
        from .workers.page import PAGE, clusters

        with clusters() as answer:
            PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), answer), encoding="utf-8")


if __name__ == "__main__":
    main()
