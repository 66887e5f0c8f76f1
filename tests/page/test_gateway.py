"""Kernels behind a gateway with a token: on this machine, and on what is as good as another one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from websocket import WebSocket, create_connection

from tests import environments
from tests.frontends.home import KERNEL_COMMAND, free_port, listens, running, until
from tests.users import ALONE_AS_ROOT

from .extensions import files, package
from .servers import Page, furnish, kernel_prefix, put, serving

TOKEN = "gateways-token"
REMOTE = """
set -e
mount -t tmpfs none {home}
mount -t tmpfs none {servers}
ip link set lo up
export HOME={data}
exec {command}
"""
"""Another machine: it has neither the server's files nor its user's home."""


def gateway_prefix() -> Path:
    return environments.kept("frontends-gateway", ["jupyter-kernel-gateway>=3"], compiled=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that runs, and the home of its own where its kernels are described."""

    url: str
    pid: int
    data: Path

    @property
    def options(self) -> tuple[str, ...]:
        """What a server is told of it."""
        return f"--gateway-url={self.url}", f"--GatewayClient.auth_token={TOKEN}"


def command(port: int, address: str) -> list[str]:
    program = str(gateway_prefix() / "bin" / "jupyter-kernelgateway")
    settings = {"port": port, "ip": address, "auth_token": TOKEN}
    return [program, *(f"--KernelGatewayApp.{key}={value}" for key, value in settings.items())]


def environ(data: Path) -> dict[str, str]:
    own = {"HOME": str(data), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    return {**own, "PYDEVD_DISABLE_FILE_VALIDATION": "1", "JUPYTER_DATA_DIR": str(data)}


def describe_kernel(data: Path) -> None:
    """A kernelspec of the gateway's machine, with extensions."""
    put(data / "path", *(files(package(name)) for name in ("plain", "busy")))
    put(data / "path", files(package("large"), **{"static/large.bin": os.urandom(20 << 20)}))
    page = Page(home=furnish(data / "unused"), server=None)  # type: ignore[arg-type] # only its way to write one
    argv = [str(kernel_prefix() / "bin" / "python"), *KERNEL_COMMAND]
    page.write_kernelspec("kernel", argv, JUPYTER_PATH=str(data / "path"))
    (page.home.runtime.parent / "kernels").rename(data / "kernels")


@contextmanager
def gateway(data: Path) -> Iterator[Gateway]:
    """One on this machine, of this user."""
    describe_kernel(data)
    port = free_port()
    with running(command(port, "127.0.0.1"), environ(data), data) as process:
        until(lambda: process.poll() is not None or listens(port))
        yield Gateway(url=f"http://127.0.0.1:{port}", pid=process.pid, data=data)


@contextmanager
def remote_gateway(data: Path, home: Path) -> Iterator[Gateway]:
    """One with networks, processes and mounts of its own."""
    describe_kernel(data)
    number = random.randrange(1, 250)
    name, ours, theirs = f"where{number}", f"10.231.{number}.1", f"10.231.{number}.2"
    with network(name, ours, theirs):
        script = REMOTE.format(
            home=home, servers=home.parent / "servers", data=data, command=" ".join(command(18821, theirs))
        )
        (home.parent / "servers").mkdir()
        apart = "unshare --mount --uts --pid --fork --mount-proc --kill-child bash -c".split()
        argv = ["ip", "netns", "exec", name, *apart, script]
        with running(argv, environ(data), data) as process:
            try:
                until(lambda: process.poll() is not None or listens(18821, theirs))
                assert process.poll() is None, (data / "ip.log").read_text()
                yield Gateway(url=f"http://{theirs}:18821", pid=process.pid, data=data)
            finally:
                process.kill()  # `unshare` waits for its child, and ends for nothing else


@contextmanager
def network(name: str, ours: str, theirs: str) -> Iterator[None]:
    """A network of its own, and a cable to it."""
    lines = [
        f"ip netns add {name}",
        f"ip link add {name}a type veth peer name {name}b",
        f"ip link set {name}b netns {name}",
        f"ip addr add {ours}/24 dev {name}a",
        f"ip link set {name}a up",
        f"ip netns exec {name} ip addr add {theirs}/24 dev {name}b",
        f"ip netns exec {name} ip link set {name}b up",
    ]
    try:
        for line in lines:
            done = subprocess.run(
                line.split(), capture_output=True, text=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin"}
            )
            if done.returncode != 0:
                pytest.skip(f"no network of its own here: {done.stderr}")
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin"})


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory, server: None, kernel: None) -> Iterator[tuple[Gateway, Page]]:
    """A gateway of this machine, and a server before it."""
    with (
        gateway(tmp_path_factory.mktemp("gateway")) as opened,
        serving(furnish(tmp_path_factory.mktemp("home")), *opened.options) as page,
    ):
        yield opened, page


def test_an_extension_comes_through_a_gateway(near: tuple[Gateway, Page]) -> None:
    """The kernel is proven to be here: it writes this user's files."""
    _, page = near
    id = page.server.start_kernel("kernel")
    assert page.api(f"kernels/{id}/judge", {"extensions": []})["local"] is True
    assert [next(iter(line)) for line in page.load(id, "plain")] == ["copying", "ready", "end"]
    page.check()


@contextmanager
def socket_of(page: Page, id: str) -> Iterator[WebSocket]:
    """The channel of an open notebook."""
    url = f"{page.server.url.replace('http', 'ws', 1)}api/kernels/{id}/channels?token={page.server.token}"
    opened = create_connection(url, timeout=60, suppress_origin=True)
    try:
        yield opened
    finally:
        opened.close()


def run(socket: WebSocket, cell: str, until: str) -> str:
    """Run a cell until it prints something; what that is."""
    content = {"code": cell, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    header = {"msg_id": "cell", "session": "page", "username": "", "msg_type": "execute_request", "version": "5.3"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    socket.send(json.dumps(message))
    while True:
        said = json.loads(socket.recv())
        if said["msg_type"] == "stream" and until in said["content"]["text"]:
            return str(said["content"]["text"])


def test_a_busy_kernel_behind_a_gateway(near: tuple[Gateway, Page]) -> None:
    _, page = near
    id = page.server.start_kernel("kernel")
    with socket_of(page, id) as socket:
        run(socket, "import time; print('begun', flush=True); time.sleep(600)", "begun")
        start = time.monotonic()
        assert "ready" in page.load(id, "busy")[-2]
        assert time.monotonic() - start < 20
    page.check()


def test_a_kernel_behind_a_gateway_that_is_killed_in_the_copy(near: tuple[Gateway, Page]) -> None:
    _, page = near
    id = page.server.start_kernel("kernel")
    with socket_of(page, id) as socket:
        process = int(run(socket, "import os; print(os.getpid(), flush=True)", ""))
    with page.loading(id, "large") as lines:
        assert "copying" in next(lines)
        os.kill(process, signal.SIGKILL)
        start = time.monotonic()
        last = [*lines][-1]
        assert time.monotonic() - start < 30
    assert last["error"] in ("the kernel has died", "the kernel was restarted")
    assert "large" not in page.mirrored()
    page.check()


@ALONE_AS_ROOT
@pytest.mark.usefixtures("server", "kernel", "shells")
def test_a_kernel_of_another_machine(tmp_path: Path) -> None:
    """It is taken for what it is, and brings what the configuration names."""
    (tmp_path / "remote").mkdir()
    home = furnish(tmp_path / "home")
    with remote_gateway(tmp_path / "remote", tmp_path / "home") as opened:
        settings = ("--KernelExtensions.allowed=large", *opened.options)
        with serving(home, *settings) as page:
            id = page.server.start_kernel("kernel")
            assert page.api(f"kernels/{id}/judge", {"extensions": []})["local"] is False
            first, *others = page.load(id, "plain", "large")
            assert '`c.KernelExtensions.allowed = ["plain"]`' in first["refused"]["hint"]
            assert "ready" in others[-2]
            assert page.mirrored() == ["large"]
            page.check()
