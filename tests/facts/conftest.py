"""What several tests of this folder need: Jupyter's server, a kernel, and installers with the environments that they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments

from .installing import Pip, World, make_wheel


@pytest.fixture(scope="session")
def server_prefix() -> Path:
    """A Jupyter server and the programs that run a kernel without one."""
    # jsonschema prefers `rfc3987` to `rfc3987-syntax`, which builds a parser for three seconds at every start.
    return environments.kept(
        "jupyter-server", ["jupyter_server", "ipykernel", "jupyter_console", "rfc3987"], compiled=True
    )


@pytest.fixture(scope="session")
def kernel_prefix() -> Path:
    """A kernel, and no server."""
    return environments.kept("kernel", ["ipykernel"], compiled=True)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distribution with one module, `tinyone`."""
    return make_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two environments, `a` (the kernel's, with a pip) and `b`."""
    folder = tmp_path_factory.mktemp("settings")
    environments.make_in(folder / "a", maker="virtualenv")
    environments.make_in(folder / "b", maker="virtualenv")
    return folder


@pytest.fixture(scope="session")
def pip(base: Path, installer: None) -> Iterator[Pip]:
    """The pip of environment `a`."""
    started = Pip(base / "a", base)
    yield started
    started.close()


@pytest.fixture
def world(base: Path, tmp_path: Path) -> World:
    """A home, a working directory and variables for the installers, and nothing configured."""
    (base / "a" / "pip.conf").unlink(missing_ok=True)
    return World(base, tmp_path)
