"""What is told of a process is what it was started as, beside real processes and sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ipython_where.facts.interpreters.processes import (
    Launcher,
    Process,
    find_launcher,
    listening,
    program_name,
    read_process,
    read_process_interpreter,
)
from ipython_where.runner import never
from tests import environments
from tests.facts.jupyter.servers import KERNEL, SILENT, sleeping

FILE = f"/x/kernel-{KERNEL}.json"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc here")


@on_linux
def test_a_process_and_its_parent() -> None:
    """The argv is the one that it was started with, odd characters and all; a process that has ended is None."""
    with sleeping("a b", "", "\udcff)") as child:
        argv = (sys.executable, "-c", "input()", "a b", "", "\udcff)")
        assert read_process(child.pid) == Process(pid=child.pid, parent=os.getpid(), argv=argv)
    assert read_process(child.pid) is None


@on_linux
@pytest.mark.parametrize(
    ("word", "cwd", "path"),
    [("{prefix}/bin/python", "/", "/usr/bin"), ("bin/python", "{prefix}", "/usr/bin"), ("python", "/", "{prefix}/bin")],
)
def test_the_interpreter_of_a_process_is_that_of_its_environment(
    word: str, cwd: str, path: str, kernel_prefix: Path
) -> None:
    """A virtual environment's `python` is a link: it is told as it was started, be it by a relative path or by PATH."""
    prefix = str(kernel_prefix)
    child = subprocess.Popen(
        [word.format(prefix=prefix), "-c", "print(flush=True); input()"],
        cwd=cwd.format(prefix=prefix),
        env=environments.clean_environ(PATH=path.format(prefix=prefix)),
        executable=f"{prefix}/bin/python",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout
        child.stdout.readline()
        found = read_process_interpreter(child.pid, never)
    finally:
        child.communicate(b"\n")
    assert found is not None
    assert (found.executable, found.prefix) == (f"{prefix}/bin/python", prefix)


@on_linux
@pytest.mark.usefixtures("shells")
def test_a_process_that_is_no_python_has_no_interpreter() -> None:
    """A shell between server and kernel runs none."""
    child = subprocess.Popen(["sh", "-c", "echo; read x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout
        child.stdout.readline()
        assert read_process_interpreter(child.pid, never) is None
    finally:
        child.communicate(b"\n")


@on_linux
def test_where_a_process_listens() -> None:
    """Its own listening sockets, and no others."""
    with socket.create_server(("127.0.0.1", 0)) as mine, sleeping(code=SILENT) as other:
        assert other.stdout
        others = ("127.0.0.1", int(other.stdout.readline()))
        assert listening(other.pid) == [others]
        assert mine.getsockname() in listening(os.getpid())
        assert others not in listening(os.getpid())


@on_linux
def test_the_launcher_has_passed_the_connection_file() -> None:
    """A parent whose child does not carry the file in its argv did not start it as a kernel."""
    me = read_process(os.getpid())
    assert me is not None
    named = {"JPY_PARENT_PID": str(os.getpid())}
    with sleeping(FILE) as kernel, sleeping() as embedded:
        assert find_launcher(kernel.pid, FILE, {}) == Launcher(process=me, is_parent=True)
        assert find_launcher(kernel.pid, FILE, named) == Launcher(process=me, is_parent=True)
        assert find_launcher(embedded.pid, FILE, named) is None
        assert find_launcher(embedded.pid, FILE, {}) is None


@pytest.mark.parametrize(
    ("argv", "program"),
    [
        (("/e/bin/python", "/e/bin/jupyter-lab", "--no-browser"), "jupyter-lab"),
        (("/e/bin/python3.13t", "-X", "dev", "-I", "/e/bin/jupyter", "lab"), "jupyter-lab"),
        (("python", "-m", "jupyter_server"), "jupyter_server"),
        (("python", "-Im", "papermill", "in", "out"), "papermill"),
        (("C:/e/python.exe", "C:/e/Scripts/jupyter-lab-script.py"), "jupyter-lab"),
        (("/e/bin/python", "-c", "import papermill"), None),
        (("/usr/bin/node", "server.js"), "node"),
        (("python",), None),
        (("python", "-m"), None),
        ((), None),
    ],
)
def test_the_program_that_an_argv_runs(argv: tuple[str, ...], program: str | None) -> None:
    """A Python's argv is known by its script or module."""
    assert program_name(argv) == program
