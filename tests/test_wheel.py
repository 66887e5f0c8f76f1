"""What people install: the wheel holds the package and nothing else, and works with the dependencies that it names."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Literal

import pytest

import ipython_where

from . import environments

PACKAGE = environments.ROOT / "ipython_where"
PAGE = PACKAGE / "page" / "labextension"
SERVER = environments.ROOT / "jupyter-config" / "ipython_where.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built now."""
    pytest.importorskip("hatchling", reason="needs a newer packaging than this package does")
    folder = tmp_path_factory.mktemp("wheel")
    environments.call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=environments.ROOT)
    (built,) = folder.iterdir()
    return built


def test_its_name_says_that_it_runs_everywhere(wheel: Path) -> None:
    """Pure Python, any platform."""
    assert wheel.name == f"ipython_where-{ipython_where.__version__}-py3-none-any.whl"


def test_it_holds_the_package_the_licence_and_nothing_else(wheel: Path) -> None:
    """Every module, `py.typed` and the licence, and what Jupyter looks for outside the package; no tests, docs or caches."""
    files = [file for file in PACKAGE.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    sources = [file for file in files if PAGE not in file.parents]
    shared = [
        f"share/jupyter/labextensions/ipython-where/{file.relative_to(PAGE)}" for file in files if PAGE in file.parents
    ]
    shared.append(f"etc/jupyter/jupyter_server_config.d/{SERVER.name}")
    metadata = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        assert sorted(archive.namelist()) == sorted(
            [str(file.relative_to(environments.ROOT)) for file in sources]
            + [f"ipython_where-{ipython_where.__version__}.data/data/{name}" for name in shared]
            + [f"ipython_where-{ipython_where.__version__}.dist-info/{name}" for name in metadata]
        )
    assert {file.suffix for file in sources} == {".py", ".txt", ".typed"}


@pytest.mark.parametrize("resolution", ["highest", "lowest-direct"])
@pytest.mark.usefixtures("installer")
def test_it_works_with_the_dependencies_that_it_names(
    wheel: Path, tmp_path: Path, resolution: Literal["highest", "lowest-direct"]
) -> None:
    """In a new environment, with the newest and with the oldest of what it declares: Python, terminal and IPython."""
    python = environments.make_in(tmp_path / "venv") / "bin" / "python"
    uv = (environments.uv(), "pip", "install", "--quiet", "--no-config", "--python", python)
    environments.call(*uv, "--resolution", resolution, wheel)
    home = {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}

    def said(*argv: str) -> str:
        return environments.call(python, *argv, cwd=tmp_path, **home)

    assert said("-c", "import ipython_where; print(ipython_where.where('packaging').found)") == "True\n"
    assert '"query": "packaging"' in said("-m", "ipython_where", "packaging", "--json")
    cell = "%load_ext ipython_where\nr = %where packaging\nprint(r.found)"
    assert said("-m", "IPython", "--quick", "--colors=NoColor", "-c", cell).splitlines()[-1] == "True"
