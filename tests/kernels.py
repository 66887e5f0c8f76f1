"""Notebooks for the tests: a real kernel of an environment of its own, in a world without this machine's settings."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from ipython_where.change.transaction.unfinished import STORE

from . import environments
from .change.transaction.worlds import Snapshot

MARK = "SAFEPIP_TEST"
"""A variable that the kernel's children inherit: whoever has its value is one of them."""


@dataclass
class Reply:
    """What one cell left: how it ended, what it printed, what it showed, and its error as the notebook keeps it.

    ``order`` has the kinds of the messages as they came, ``shown`` what was displayed besides the result, ``left`` the values of
    the variables that were asked for.
    """

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    result: str = ""
    html: str = ""
    ename: str = ""
    evalue: str = ""
    error: list[str] = field(default_factory=list)
    shown: list[dict[str, str]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    left: dict[str, str | None] = field(default_factory=dict)

    def take(self, message: dict[str, Any]) -> None:
        """One message of the kernel's."""
        content = message["content"]
        self.order.append(message["msg_type"])
        if message["msg_type"] == "display_data":
            self.shown.append(content["data"])
        elif message["msg_type"] == "stream" and content["name"] == "stdout":
            self.stdout += content["text"]
        elif message["msg_type"] == "stream":
            self.stderr += content["text"]
        elif message["msg_type"] == "execute_result":
            self.result = content["data"].get("text/plain", "")
            self.html = content["data"].get("text/html", "")
        elif message["msg_type"] == "error":
            self.ename, self.evalue, self.error = content["ename"], content["evalue"], content["traceback"]


class Notebook:
    """A kernel that runs, and the environment that it runs in."""

    def __init__(self, prefix: Path, folder: Path, **environ: str) -> None:
        self.prefix, self.folder = prefix, folder
        self.home, self.cwd = folder / "home", folder / "work"
        for each in (self.home, self.cwd):
            each.mkdir(parents=True, exist_ok=True)
        self.environ = world(self.home, **environ)
        self.loaded = Reply()
        self._read: dict[tuple[int, int], tuple[str, int, bytes]] = {}

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.prefix / "bin" / "python")

    @property
    def site(self) -> Path:
        """Its site-packages."""
        return environments.site_packages(self.prefix)

    def start(self) -> None:
        """Start the kernel and load the extension."""
        self.start_bare()
        self.loaded = self.run("%load_ext ipython_where")
        assert self.loaded.status == "ok", self.loaded

    def start_bare(self) -> None:
        """Start the kernel alone."""
        self.sockets = tempfile.TemporaryDirectory()
        self.manager = kernel_manager(self.folder, self.sockets.name)
        argv = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager._kernel_spec = KernelSpec(argv=argv, display_name="test", language="python")
        with open(self.folder / "kernel.log", "ab") as log:
            self.manager.start_kernel(env=self.environ, cwd=str(self.cwd), stdout=log, stderr=log)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=300)
        except RuntimeError as error:
            error.add_note((self.folder / "kernel.log").read_text())
            raise

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
        self.sockets.cleanup()

    def restart(self) -> None:
        """A new kernel in the place of this one."""
        self.close()
        self.start()

    def run(self, cell: str, timeout: float = 300, names: Sequence[str] = ()) -> Reply:
        """Run a cell to its end; ``names`` are the variables to be read after it."""
        return self.finish(self.begin(cell, names), timeout)

    def begin(self, cell: str, names: Sequence[str] = ()) -> str:
        """Start a cell; the id to `finish` it by."""
        return str(self.client.execute(cell, stop_on_error=True, user_expressions={name: name for name in names}))

    def finish(self, id: str, timeout: float = 300) -> Reply:
        """Wait for a cell's end."""
        reply = self.finish_output(id, timeout)
        while True:
            answer = self.client.get_shell_msg(timeout=timeout)
            if answer["parent_header"].get("msg_id") == id:
                break
        reply.status = answer["content"]["status"]
        left = answer["content"].get("user_expressions") or {}
        reply.left = {
            name: told["data"]["text/plain"] if told["status"] == "ok" else None for name, told in left.items()
        }
        return reply

    def finish_output(self, id: str, timeout: float = 300) -> Reply:
        """Wait for the end of what a cell shows."""
        reply = Reply()
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != id:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return reply
            reply.take(message)

    def value(self, expression: str) -> Any:
        """The value of an expression, by way of JSON."""
        reply = self.run(f"import json as _json\nprint(_json.dumps({expression}))")
        assert reply.status == "ok", reply.error
        return json.loads(reply.stdout)

    def safepip(self, line: str) -> Any:
        """What `r = %safepip LINE` gave, as its plain JSON types; the cell must succeed."""
        reply = self.run(f"r = %safepip {line}")
        assert reply.status == "ok", "\n".join(reply.error)
        return self.value("r.to_dict() if r is not None else None")

    def refused(self, line: str) -> str:
        """The text of the error that `%safepip LINE` ends in; nothing may have changed."""
        before = self.snapshot()
        reply = self.run(f"%safepip {line}")
        assert reply.status == "error", reply
        assert self.snapshot() == before
        return self.plain("\n".join(reply.error))

    def plain(self, text: str) -> str:
        """Output without what differs from run to run."""
        for path, name in ((self.prefix, "PREFIX"), (self.cwd, "CWD"), (self.home, "HOME"), (self.folder, "FOLDER")):
            text = text.replace(str(path), name)
        return text

    def snapshot(self) -> Snapshot:
        """Everything in its environment, byte for byte; the store, and bytecode that Python writes by itself, aside.

        A file whose inode and time of change (no program can set it) are those of before is not read again.
        """
        found: Snapshot = {}
        for top, folders, files in os.walk(self.prefix):
            folders[:] = [each for each in folders if each not in ("__pycache__", STORE)]
            for name in (*folders, *files):
                path = os.path.join(top, name)
                if name != ".lock":
                    found[os.path.relpath(path, self.prefix)] = self._described(path)
        return found

    def _described(self, path: str) -> tuple[str, int, bytes]:
        state = os.lstat(path)
        if stat.S_ISLNK(state.st_mode):
            return "link", 0, os.fsencode(os.readlink(path))
        if stat.S_ISDIR(state.st_mode):
            return "directory", stat.S_IMODE(state.st_mode), b""
        key = state.st_ino, state.st_ctime_ns
        if key not in self._read:
            self._read[key] = "file", stat.S_IMODE(state.st_mode), hashlib.sha256(Path(path).read_bytes()).digest()
        return self._read[key]

    def version(self, project: str) -> str | None:
        """The version of a project on the disk."""
        found = [each.name.split("-")[1] for each in self.site.glob(f"{project}-*.dist-info")]
        assert len(found) < 2, found
        return found[0].removesuffix(".dist") if found else None

    def leftovers(self) -> list[str]:
        """The command lines of programs that the kernel started and that still run, itself aside."""
        found = []
        own = {self.kernel_pid, os.getpid()}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) not in own:
                try:
                    variables = (entry / "environ").read_bytes().split(b"\0")
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if f"{MARK}={self.home}".encode() in variables and command:
                    found.append(command.replace(b"\0", b" ").decode())
        return found

    @property
    def kernel_pid(self) -> int:
        """The kernel's process."""
        provisioner: Any = self.manager.provisioner
        return int(provisioner.process.pid)


def kernel_manager(folder: Path, sockets: str) -> KernelManager:
    """A manager that talks to its kernel by sockets in a folder; ``sockets`` is short, as their names may be.

    By TCP, jupyter_client chooses free ports and lets go of them before the kernel takes them. Where other kernels start at the
    same time, some find theirs taken by then, and die.
    """
    return KernelManager(connection_file=str(folder / "kernel.json"), transport="ipc", ip=os.path.join(sockets, "k"))


def world(home: Path, **more: str) -> dict[str, str]:
    """The variables of a kernel: nothing of this machine's Python, pip, uv, IPython and Jupyter."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_DIRS": str(home / "no-config"),
        "PIP_CONFIG_FILE": os.devnull,
        "PATH": f"{tools()}:/usr/bin:/bin",
        "SHELL": "/bin/sh",
        "IPYTHONDIR": str(home / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        MARK: str(home),
        **more,
    }


def tools() -> Path:
    """A folder with uv and nothing else."""
    folder = environments.KEPT / "uv-alone"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "uv"
    if not link.exists():
        new = folder / f"uv-{os.getpid()}"
        new.symlink_to(environments.uv())
        new.replace(link)
    return folder


def kernel_prefix() -> Path:
    """The kept environment to copy: ipykernel, pip, and this package."""
    return environments.kept("safepip-kernel", ["ipykernel", "pip", "-e", "."], compiled=True)


def copy_of(prefix: Path, target: Path, *, without: Sequence[str] = ()) -> Path:
    """A copy of an environment that may be changed, some projects left out."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(prefix), str(target)], check=True)
    for name in without:
        folders = (environments.site_packages(target), target / "bin")
        subprocess.run(["rm", "-rf", *(str(file) for each in folders for file in each.glob(f"{name}*"))], check=True)
    return target


@contextmanager
def notebook(folder: Path, *, without: Sequence[str] = (), **environ: str) -> Iterator[Notebook]:
    """A notebook in a copy of the kept environment."""
    opened = Notebook(copy_of(kernel_prefix(), folder / "env", without=without), folder, **environ)
    opened.start()
    try:
        yield opened
    finally:
        opened.close()
