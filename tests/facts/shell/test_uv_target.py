"""uv installs into the environment that is told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from ipython_where.runner import run
from tests.environments import base_python, make_in, uv

from .shells import script, shell_environ, told

pytestmark = pytest.mark.usefixtures("installer")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments, a project with its own, a folder whose `.venv` is broken, configured folders, and a uv."""
    root = tmp_path_factory.mktemp("uv")
    for name in ("one", "two", "base", "root", "project/.venv"):
        make_in(root / name)
    (root / "project" / "src").mkdir()
    (root / "project" / "broken" / ".venv").mkdir(parents=True)
    (root / "empty").mkdir()
    for name, text in (("configured", "[pip]\nsystem = true\n"), ("harmless", "[pip]\nstrict = true\n")):
        (root / name).mkdir()
        (root / name / "uv.toml").write_text(text)
    script(root / "wrapped" / "bin" / "python", "#!/bin/sh", f'exec "{root}/two/bin/python" "$@"')
    (root / "tools").mkdir()
    (root / "tools" / "uv").symlink_to(uv())
    (root / "system" / "bin").mkdir(parents=True)  # the base Python, without what else is beside it: a uv, perhaps
    (root / "system" / "bin" / "python3").symlink_to(base_python())
    return root


def uv_says(environ: Mapping[str, str], cwd: Path, cache: Path) -> str | None:
    """The environment that a dry run of `uv pip install` names; None where it finds none."""
    path = shutil.which("uv", path=environ["PATH"])
    assert path
    argv = [path, "pip", "install", "--dry-run", "--offline", "--no-index", "--no-deps", "./no-such-file.whl", "-v"]
    quiet = {"UV_CACHE_DIR": str(cache), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
    done = subprocess.run(argv, env={**environ, **quiet}, cwd=cwd, capture_output=True, text=True)
    found = re.search(r"Using Python \S+ environment at: (.*)$", done.stderr, re.M)
    assert found or re.search(r"(No|Broken) virtual environment", done.stderr), done.stderr
    return os.path.realpath(os.path.join(cwd, found[1])) if found else None


@pytest.mark.parametrize(
    ("cwd", "variables", "path", "proven"),
    [
        ("empty", {}, "", True),
        ("empty", {"VIRTUAL_ENV": "{one}"}, "", True),
        ("empty", {"VIRTUAL_ENV": "../one"}, "", True),
        ("empty", {"VIRTUAL_ENV": "{one}", "CONDA_PREFIX": "{two}"}, "", True),
        ("project/src", {"VIRTUAL_ENV": "{one}"}, "", True),
        ("project/src", {"VIRTUAL_ENV": "/gone"}, "", True),
        ("project/src", {"VIRTUAL_ENV": ""}, "", True),
        ("project/src", {"VIRTUAL_ENV": "{root}/wrapped"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{two}"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{two}", "CONDA_DEFAULT_ENV": "two"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{two}", "CONDA_DEFAULT_ENV": "base"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{two}", "CONDA_DEFAULT_ENV": "other"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{root}/base", "CONDA_DEFAULT_ENV": "base"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{root}/root", "CONDA_DEFAULT_ENV": "root"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{root}/base/", "CONDA_DEFAULT_ENV": "base"}, "", True),
        ("project/src", {"CONDA_PREFIX": "{two}", "_CONDA_ROOT": "{two}"}, "", True),
        ("project/src", {}, "{one}/bin:", True),
        ("project", {}, "", True),
        ("project/broken", {}, "", True),
        ("one/bin", {}, "", True),
        ("empty", {}, "{one}/bin:", True),
        ("empty", {}, "{root}/wrapped/bin:", True),
        ("project", {"UV_PYTHON": "{one}"}, "", True),
        ("project", {"UV_PYTHON": "{one}/bin/python", "VIRTUAL_ENV": "{two}"}, "", True),
        ("project", {"UV_PYTHON": "../one"}, "", True),
        ("project", {"UV_PYTHON": "python3"}, "", False),
        ("project", {"UV_SYSTEM_PYTHON": "1"}, "{one}/bin:{system}/bin:", True),
        ("project", {"UV_SYSTEM_PYTHON": "0"}, "", True),
        ("project", {"PYTHONHOME": "/gone"}, "", True),
        ("configured", {"VIRTUAL_ENV": "{one}"}, "", False),
        ("configured", {"VIRTUAL_ENV": "{one}", "UV_NO_CONFIG": "1"}, "", True),
        ("harmless", {"VIRTUAL_ENV": "{one}"}, "", True),
    ],
)
def test_uv_installs_where_it_is_said_to(
    ground: Path, cwd: str, variables: dict[str, str], path: str, proven: bool
) -> None:
    names = {"root": ground, "one": ground / "one", "two": ground / "two", "system": ground / "system"}
    environ = shell_environ(path.format(**names) + f"{ground}/tools:/bin/missing")
    environ |= {name: value.format(**names) for name, value in variables.items()}
    reached = told("uv", environ, ground / cwd, running=run)
    assert reached.path == f"{ground}/tools/uv"
    if proven:
        said = uv_says(environ, ground / cwd, ground / "cache")
        assert (reached.prefix and os.path.realpath(reached.prefix)) == said, reached
    else:
        assert reached.prefix is None
