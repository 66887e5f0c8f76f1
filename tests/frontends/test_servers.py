"""Which server drives the kernel, where Jupyter is at its most roundabout: a hub, a gateway, a wrapper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests import environments

from .home import Home, free_port, furnish, listens, running, server, until
from .hub import hub, hub_prefix

ASK = "import ipython_where, json; print(json.dumps(ipython_where.environment().server.to_dict()))"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home of the one whose kernels are asked."""
    return furnish(tmp_path_factory.mktemp("home"))


def asked(connection_file: Path) -> dict[str, Any]:
    """What `%where` knows of the server, asked in a cell of the kernel."""
    client = BlockingKernelClient(connection_file=str(connection_file))
    client.load_connection_file()
    client.start_channels()
    said: list[str] = []
    try:
        client.kernel_info(reply=True, timeout=300)  # until then `wait_for_ready` takes a slow start for a death
        client.wait_for_ready(timeout=300)
        reply = client.execute_interactive(
            ASK, timeout=300, output_hook=lambda m: said.append(m["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
    assert reply["content"]["status"] == "ok", reply["content"]
    answer: dict[str, Any] = json.loads("".join(said))
    return answer


@pytest.mark.parametrize("kernelspec", ["project", "wrapped"])
def test_a_server_of_another_environment(home: Home, kernelspec: str) -> None:
    """The kernelspec starts the kernel itself, or a shell that does."""
    with server(home, "jupyter_server") as started:
        id = started.start_kernel(kernelspec)
        said = asked(home.runtime / f"kernel-{id}.json")
    parent = {"project": "this kernel's parent", "wrapped": "the ancestor that started this kernel"}[kernelspec]
    assert (said["verdict"], said["prefix"], said["same_environment"]) == ("local", str(home.jupyter), False)
    assert said["evidence"] == [
        f"it answered for kernel {id} at {started.url}",
        f"its process {started.pid} is {parent}",
    ]


# -- a hub -------------------------------------------------------------------------------------------------------------


def test_a_single_user_server_of_a_hub(home: Home, tmp_path: Path) -> None:
    """The user's own server is told, at its own address behind the proxy, and not the hub."""
    with hub(home, tmp_path, hub_prefix()) as opened:
        opened.ask("hub/api/users/ada", {}, "POST")
        opened.ask("hub/api/users/ada/server", {}, "POST")
        until(lambda: opened.ask("hub/api/users/ada")["servers"].get("", {}).get("ready"))
        id = str(opened.ask("user/ada/api/kernels", {"name": "project"})["id"])
        said = asked(home.runtime / f"kernel-{id}.json")
        (file,) = home.runtime.glob("jpserver-*.json")
        own = json.loads(file.read_text())
    assert (said["verdict"], said["prefix"], said["same_environment"]) == ("local", str(hub_prefix()), False)
    assert (said["url"], said["pid"]) == (own["url"], own["pid"])
    assert said["url"].endswith("/user/ada/")
    assert said["evidence"] == [
        f"it answered for kernel {id} at {own['url']}",
        f"its process {own['pid']} is this kernel's parent",
    ]


# -- a gateway ---------------------------------------------------------------------------------------------------------


@contextmanager
def gateway(home: Home, data: Path) -> Iterator[tuple[str, int]]:
    """A kernel gateway that keeps its files below ``data``: its address and its process."""
    prefix = environments.kept("frontends-gateway", ["jupyter-kernel-gateway>=3"], compiled=True)
    port = free_port()
    environ = {**home.environ, "JUPYTER_DATA_DIR": str(data), "JUPYTER_PATH": str(home.runtime.parent)}
    argv = (str(prefix / "bin" / "jupyter-kernelgateway"), f"--KernelGatewayApp.port={port}")
    with running(argv, environ, home.folder) as process:
        until(lambda: process.poll() is not None or listens(port))
        yield f"http://127.0.0.1:{port}", process.pid


def test_a_gateway_with_a_runtime_directory_of_its_own(home: Home, tmp_path: Path) -> None:
    """Nothing on this side of the gateway proves the server behind it: that is said, and nothing is claimed."""
    with gateway(home, tmp_path) as (url, _), server(home, "jupyter_server", f"--gateway-url={url}") as behind:
        id = behind.start_kernel("project")
        said = asked(tmp_path / "runtime" / f"kernel-{id}.json")
    assert (said["verdict"], said["url"], said["prefix"]) == ("unknown", None, None)
    assert said["evidence"] == [
        "a kernel gateway started this kernel (`KERNEL_GATEWAY=1`): the server behind it is not visible from here",
        "this user has no server to ask about it",
    ]


def test_a_gateway_that_shares_the_users_runtime_directory(home: Home) -> None:
    """The server is found by its file, and proves itself by answering for the kernel that the gateway started."""
    with (
        gateway(home, home.runtime.parent) as (url, _),
        server(home, "jupyter_server", f"--gateway-url={url}") as behind,
    ):
        id = behind.start_kernel("project")
        said = asked(home.runtime / f"kernel-{id}.json")
    assert (said["verdict"], said["prefix"], said["same_environment"]) == ("local", str(home.jupyter), False)
    assert said["evidence"] == [
        f"it answered for kernel {id} at {behind.url}",
        f"its process {behind.pid} did not start this kernel itself",
    ]
