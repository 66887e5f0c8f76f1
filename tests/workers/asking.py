"""Clusters for tests: interpreters in environments that differ, and what is installed into them without an installer."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ipython_where.answer.world import World
from ipython_where.change.installers.progress import Silent
from ipython_where.workers.asking import Client, ask_modules
from ipython_where.workers.values import WorkersAnswer
from tests import environments
from tests.faults.wheels import write_wheel

from .interpreters import Interpreters, InterpretersEngine


def environment(prefix: Path, packages: Mapping[str, str], *, python: str | None = None) -> str:
    """The Python of a new environment with these packages (name, version), none of them with more than one module."""
    environments.call(python or environments.base_python(), "-m", "venv", "--without-pip", prefix)
    site = environments.site_packages(prefix)
    for name, version in packages.items():
        files = {f"{name}/__init__.py": f"__version__ = {version!r}\n"}
        wheel = write_wheel(prefix / "wheels", name, version, files, package=False)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    return str(prefix / "bin" / "python")


def ask(
    client: Interpreters, *names: str, timeout: float = 60, namespace: Mapping[str, object] | None = None
) -> WorkersAnswer:
    """The answer about the first of some names."""
    asked = Client(name="client", client=client, engine=InterpretersEngine())
    world = World.here(namespace={"client": client, **(namespace or {})})
    return ask_modules(names, asked, world, progress=Silent(), timeout=timeout)[0]


def here() -> str:
    """The interpreter of these tests."""
    return sys.executable
