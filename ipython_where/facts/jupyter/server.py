"""The Jupyter server that drives this kernel: either proven, or reported as unknown.

Two things prove a server: it lists this kernel's id in its own REST API, or its process started this
kernel. Searching all ancestors would find the wrong server for a kernel that a notebook started.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from ipython_where.facts.files import same_file
from ipython_where.facts.interpreters.processes import Launcher, find_launcher, program_name, read_process_interpreter
from ipython_where.model import Interpreter, Server
from ipython_where.runner import Deadline, Runner

from .server_files import read_server_files
from .server_requests import Heard, ask_servers

# Programs that start a kernel only for themselves, and Jupyter servers, as a command or after `-m`.
_ALONE = frozenset(
    {
        "jupyter-console",
        "jupyter_console",
        "jupyter-qtconsole",
        "qtconsole",
        "jupyter-nbconvert",
        "nbconvert",
        "jupyter-execute",
        "jupyter-run",
        "papermill",
    }
)
SERVERS = frozenset(
    {
        "jupyter-lab",
        "jupyterlab",
        "jupyter-notebook",
        "notebook",
        "jupyter-nbclassic",
        "nbclassic",
        "jupyter-server",
        "jupyter_server",
        "jupyterhub-singleuser",
        "jupyterhub.singleuser",
        "jupyter-labhub",
        "jupyterlab.labhubapp",
    }
)
_SERVED_ID = re.compile(r"\w+-\w+-\w+-\w+-\w+")  # jupyter_server has a route for kernel ids of this form only


def read_server(
    *,
    connection_file: str | None,
    kernel_prefix: str,
    environ: Mapping[str, str],
    run: Runner,
    pid: int | None = None,
    timeout: float = 0.5,
    deadline: Deadline | None = None,
) -> Server:
    """The Jupyter server that drives the kernel of ``connection_file``, which is None outside a kernel.

    ``pid`` is the kernel's process, by default this one; ``timeout`` is how many seconds a server has to answer, and
    ``deadline`` applies to the whole question. No file is changed, and a token goes only to a port on which the process
    that wrote the token down listens.
    """
    if connection_file is None:
        return _no_server("none", "not started by Jupyter: this process has no connection file")
    launcher = find_launcher(os.getpid() if pid is None else pid, connection_file, environ)
    program = program_name(launcher.process.argv) if launcher else None
    if launcher and program in _ALONE:
        return _no_server("none", f"`{program}` (process {launcher.process.pid}) started this kernel for itself")
    kernel = kernel_id(connection_file)
    heard = _ask(connection_file, kernel, launcher, environ, timeout, deadline) if kernel else []
    last = heard[-1] if heard else None
    if last and last.proves:
        evidence = (_sentence(last, kernel), _relation(last.file.pid, launcher))
        return _local(last.file.pid, last.file.url, last.file.version, evidence, kernel_prefix, run)
    if launcher and kernel and program in SERVERS and not any(h.from_launcher and h.reply == "denies" for h in heard):
        evidence = (_relation(launcher.process.pid, launcher), f"that process is `{program}`")
        return _local(launcher.process.pid, None, None, evidence, kernel_prefix, run)
    return _no_server("unknown", *_unknown(connection_file, launcher, program, heard, environ))


def read_launcher(
    *, connection_file: str | None, environ: Mapping[str, str], run: Runner, pid: int | None = None
) -> Interpreter | None:
    """The Python that started this kernel, whose Jupyter path holds its kernelspec; None if that is not proven.

    Usually the server's, but not under a kernel gateway; and a kernel without a server has a launcher too.
    """
    if connection_file is None:
        return None
    launcher = find_launcher(os.getpid() if pid is None else pid, connection_file, environ)
    return read_process_interpreter(launcher.process.pid, run) if launcher else None


def kernel_id(connection_file: str) -> str | None:
    """The id under which a Jupyter server knows this kernel; None if the file name is not a server's."""
    stem = os.path.basename(connection_file).removesuffix(".json")
    name = stem.removeprefix("kernel-")
    return name if name != stem and name.isascii() and _SERVED_ID.fullmatch(name) else None


def _ask(
    connection_file: str,
    kernel: str,
    launcher: Launcher | None,
    environ: Mapping[str, str],
    timeout: float,
    deadline: Deadline | None,
) -> list[Heard]:
    files = read_server_files(connection_file, environ)
    started_by = launcher.process.pid if launcher else None
    return list(ask_servers(files, kernel, launcher=started_by, environ=environ, timeout=timeout, deadline=deadline))


# -- the answer --------------------------------------------------------------------------------------------------------


def _no_server(verdict: Literal["none", "unknown"], *evidence: str) -> Server:
    return Server(
        verdict=verdict,
        url=None,
        pid=None,
        version=None,
        interpreter=None,
        interpreter_version=None,
        prefix=None,
        same_environment=None,
        evidence=evidence,
    )


def _local(
    pid: int, url: str | None, version: str | None, evidence: tuple[str, ...], kernel_prefix: str, run: Runner
) -> Server:
    found = read_process_interpreter(pid, run)
    if found is None:
        evidence += (f"which Python process {pid} runs cannot be told",)
    return Server(
        verdict="local",
        url=url,
        pid=pid,
        version=version,
        interpreter=found.executable if found else None,
        interpreter_version=found.version if found else None,
        prefix=found.prefix if found else None,
        same_environment=same_file(found.prefix, kernel_prefix) if found else None,
        evidence=evidence,
    )


def _sentence(heard: Heard, kernel: str | None) -> str:
    if heard.reply == "drives":
        return f"it answered for kernel {kernel} at {heard.file.url}"
    if heard.reply == "denies":
        return f"it does not know kernel {kernel}"
    if heard.reply == "refuses":
        return "it refused to say which kernels it has"
    if heard.reply == "unasked":
        return "it was not asked, because its certificate cannot be checked"
    if heard.reply == "stale":
        return f"it was not asked, because process {heard.file.pid} is not the one that wrote its file"
    return "it did not answer in time"


def _relation(pid: int, launcher: Launcher | None) -> str:
    if launcher is None or launcher.process.pid != pid:
        return f"its process {pid} did not start this kernel itself"
    if launcher.is_parent:
        return f"its process {pid} is this kernel's parent"
    return f"its process {pid} is the ancestor that started this kernel"


def _unknown(
    connection_file: str, launcher: Launcher | None, program: str | None, heard: list[Heard], environ: Mapping[str, str]
) -> Iterator[str]:
    name = os.path.basename(connection_file)
    if re.match(r"kernel-v\d", name):
        yield f"`{name}` is a name that VS Code gives to the kernels it starts"
    if environ.get("KERNEL_GATEWAY") == "1":
        yield "a kernel gateway started this kernel (`KERNEL_GATEWAY=1`): the server behind it is not visible from here"
    elif launcher:
        known_as = f" (`{program}`)" if program else ""
        yield f"process {launcher.process.pid}{known_as} started this kernel"
    else:
        yield "the process that started this kernel is unknown"
    asked = [one for one in heard if one.reply != "absent"]
    yield from (f"{one.file.url}: {_sentence(one, kernel_id(connection_file))}" for one in asked)
    if len(asked) < len(heard):
        yield f"{len(heard) - len(asked)} more in Jupyter's runtime directory cannot be proven to run on this machine"
    elif not heard:
        yield "this user has no server to ask about it"
