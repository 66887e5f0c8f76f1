"""A kernel gateway that runs elsewhere: with a network, processes and files of its own, where this user may make them."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import environments

from .home import TOKEN, running, until

PORT = 18821


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Its address, and whether the network is all that it has in common with this place."""

    url: str
    is_elsewhere: bool


@contextmanager
def gateway(folder: Path, hidden: Sequence[Path]) -> Iterator[Gateway]:
    """A gateway at home in ``folder``, which sees nothing of the ``hidden`` folders if that can be."""
    prefix = environments.kept("frontends-gateway", ["jupyter-kernel-gateway>=3"], compiled=True)
    environ = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    with _place() as (address, enter):
        options = {"ip": address, "port": PORT, "auth_token": TOKEN}
        settings = ["--JupyterWebsocketPersonality.list_kernels=True"]  # as a server asks for
        settings += [f"--KernelGatewayApp.{name}={value}" for name, value in options.items()]
        argv = [str(prefix / "bin" / "jupyter-kernelgateway"), *settings]
        if enter:
            hiding = [f"mount -t tmpfs none {shlex.quote(str(each))}" for each in hidden]
            argv = [*enter, "bash", "-ec", "; ".join(["hostname elsewhere", *hiding, shlex.join(argv)])]
        with running(argv, environ, folder) as process:
            until(lambda: process.poll() is not None or _listens(address))
            try:
                yield Gateway(url=f"http://{address}:{PORT}", is_elsewhere=bool(enter))
            finally:
                _end_child(process.pid)


@contextmanager
def _place() -> Iterator[tuple[str, list[str]]]:
    """An address, and what runs a command there: nothing, if this user may not make such a place."""
    name, network = f"where{os.getpid()}", f"10.231.{os.getpid() % 250 + 1}"
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("unshare") or not _ip(f"netns add {name}"):
        yield "127.0.0.1", []
        return
    try:
        inside = f"-n {name}"
        made = [
            f"link add {name}a type veth peer name {name}b netns {name}",
            f"addr add {network}.1/24 dev {name}a",
            f"link set {name}a up",
            f"{inside} addr add {network}.2/24 dev {name}b",
            f"{inside} link set {name}b up",
            f"{inside} link set lo up",
        ]
        assert all(_ip(each) for each in made)
        own = ["--mount", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"]
        yield f"{network}.2", ["ip", "netns", "exec", name, "unshare", *own]
    finally:
        _ip(f"netns delete {name}")


def _end_child(process: int) -> None:
    """`unshare` waits for its child, and takes no notice when it is told to end."""
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)


def _ip(words: str) -> bool:
    return subprocess.run(["ip", *words.split()], capture_output=True).returncode == 0


def _listens(address: str) -> bool:
    try:
        socket.create_connection((address, PORT), timeout=10).close()
    except OSError:
        return False
    return True
