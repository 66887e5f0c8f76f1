"""Real environments for the tests: made once by `venv`, `virtualenv` or `uv`, kept in `.envs/`, shared by all workers.

A test that changes an environment takes a copy in its own temporary folder with ``make_in``.
"""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from .kinds import furnishing

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".envs"

Maker = Literal["uv", "venv", "virtualenv"]


def uv() -> str:
    """The uv that the test requirements bring."""
    from uv import find_uv_bin

    return str(find_uv_bin())


def clean_environ(**more: str) -> dict[str, str]:
    """This process's variables without those of its own environment and without IPython's and Jupyter's."""
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX", "JPY_PARENT_PID", "JPY_SESSION_NAME")
    kept = {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith(("PYTEST_", "COV_"))}
    return {**kept, "UV_PYTHON_DOWNLOADS": "never", **more}  # a missing Python is a failure, not a download


def call(*argv: str | Path, cwd: Path | None = None, **env: str) -> str:
    """Run a program that must succeed; what it printed on standard output."""
    done = subprocess.run(
        [str(a) for a in argv],
        cwd=cwd,
        env=clean_environ(**env),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{argv} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def base_python() -> str:
    """The interpreter that this test run's own environment was made from."""
    return getattr(sys, "_base_executable", sys.executable)


def pyenv_pythons(series: str = "3.*") -> list[Path]:
    """The interpreters that a pyenv of this user has; none if there is none, or if it may not be read."""
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    return [Path(each) for each in sorted(glob.glob(f"{root}/versions/{series}/bin/python"))]


def requirements() -> list[str]:
    """What this package requires: an environment with it in is another one when that changes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["dependencies"])


def make_in(
    prefix: Path,
    packages: Sequence[str] = (),
    *,
    maker: Maker = "uv",
    python: str | None = None,
    compiled: bool = False,
) -> Path:
    """Make an environment at ``prefix`` and install ``packages`` (what `uv pip install` takes) into it."""
    python = python or base_python()
    with furnishing():
        if maker == "uv":
            call(uv(), "venv", "--quiet", "--no-config", "--python", python, prefix)
        elif maker == "venv":
            call(python, "-m", "venv", prefix)
        else:
            call(sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update", "--python", python, prefix)
        if packages:
            options = ("--quiet", "--no-config", *(["--compile-bytecode"] if compiled else []))
            call(uv(), "pip", "install", *options, "--python", prefix / "bin" / "python", *packages, cwd=ROOT)
    return prefix


def kept(
    name: str,
    packages: Sequence[str] = (),
    *,
    maker: Maker = "uv",
    python: str | None = None,
    compiled: bool = False,
) -> Path:
    """The environment ``name`` of the kept ones, made now if this is the first use. Never change what is in it.

    ``compiled`` is for one whose programs are started often: uv writes no bytecode, and tests may run where Python does not.
    """
    own = [requirements()] if "." in packages else []
    recipe = [name, list(packages), maker, python or base_python(), *(["compiled"] if compiled else []), *own]

    def make(prefix: Path) -> None:
        make_in(prefix, packages, maker=maker, python=python, compiled=compiled)

    return kept_folder(name, recipe, make)


def kept_folder(name: str, recipe: object, make: Callable[[Path], None]) -> Path:
    """A kept folder that ``make`` fills: now, if this is the first use of its name and recipe."""
    folder = KEPT / f"{name}-{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:10]}"
    KEPT.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / ".complete"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            with furnishing():
                make(folder)
            done.touch()
    return folder


def site_packages(prefix: Path) -> Path:
    """The site-packages of an environment."""
    (found,) = prefix.glob("lib/python3*/site-packages")
    return found
