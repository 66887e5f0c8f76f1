"""The change that is struck: an environment with three distributions, and younger wheels of them in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from tests import environments

from .trees import Tree, judge, read_tree
from .wheels import many_files, write_wheel

Tool = Literal["pip", "uv"]
TOOLS: tuple[Tool, ...] = ("pip", "uv")

OLD = ("numpy==1.26.4", "pandas==2.1.4", "requests==2.31.0")
NEW = ("numpy==2.2.6", "pandas==2.3.3", "requests==2.34.2")
OTHERS = ("charset-normalizer", "idna", "urllib3<3", "certifi", "python-dateutil<3", "pytz", "tzdata", "six")

SMALL_OLD = ("one==1.0", "two==1.0", "three==1.0")
SMALL_NEW = ("one==2.0", "two==2.0", "three==2.0")


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """An upgrade in the environment ``folder``/env, which can be restored from its copy."""

    folder: Path
    wheels: Path
    new: tuple[str, ...]

    @property
    def prefix(self) -> Path:
        """The environment that is changed."""
        return self.folder / "env"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.prefix / "bin" / "python"

    @cached_property
    def before(self) -> Tree:
        """The environment's tree before the upgrade."""
        return self.tree(self.folder / "pristine")

    def tree(self, root: Path | None = None) -> Tree:
        """The environment's tree, or that of its copy at ``root``."""
        return read_tree(root or self.prefix)

    @cached_property
    def environ(self) -> dict[str, str]:
        """A clean world: no configuration of this machine, nothing that Python writes by itself."""
        return self.clean_world()

    def clean_world(self) -> dict[str, str]:
        """The variables of `environ`."""
        empty = str(self.folder / "home")
        return {
            "PATH": f"{os.path.dirname(environments.uv())}:/usr/bin:/bin",
            "HOME": empty,
            "XDG_CONFIG_DIRS": empty,
            "PIP_CONFIG_FILE": os.devnull,
            "UV_CACHE_DIR": str(self.folder / "cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def restore(self) -> None:
        """Make the environment as it was before."""
        shutil.rmtree(self.prefix, ignore_errors=True)
        subprocess.run(["cp", "-a", self.folder / "pristine", self.prefix], check=True)

    def reboot(self) -> None:
        """What comes between a strike and the next command: nothing, where processes are killed and not the machine."""

    def safepip(self, line: str, *options: str) -> list[str]:
        """The command that carries out a `%safepip` line in the environment."""
        return [str(self.python), "-m", "tests.faults.driver", *options, line]

    def install_line(self, tool: Tool, *words: str) -> str:
        """The `%safepip` line of the upgrade."""
        return " ".join(
            ["install", "--with", tool, "--no-index", "--find-links", str(self.wheels), *(words or self.new)]
        )

    def bare(self, tool: Tool) -> list[str]:
        """The same without `%safepip`."""
        words = ["--no-index", "--find-links", str(self.wheels), *self.new]
        if tool == "pip":
            return [str(self.python), "-m", "pip", "install", *words]
        return [environments.uv(), "pip", "install", "--python", str(self.python), *words]

    def run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command in the clean world."""
        return subprocess.run(
            argv, env=self.environ, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
        )

    def must(self, argv: Sequence[str]) -> float:
        """Run a command that has to end well; the seconds that it took."""
        begin = time.monotonic()
        done = self.run(argv)
        assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
        return time.monotonic() - begin

    def recover(self) -> None:
        """What the next `%load_ext` does, in a process of its own."""
        self.must(self.safepip("recover"))

    def whole(self, argv: Sequence[str]) -> tuple[Tree, float]:
        """The tree when a command is not struck, and how long that takes; the environment is restored."""
        self.restore()
        self.must(argv)  # fills uv's cache
        self.restore()
        seconds = self.must(argv)
        tree = self.tree()
        assert judge(tree, before=self.before, after=tree) == "after", "nothing was changed"
        self.restore()
        return tree, seconds


def real_upgrade(folder: Path) -> Upgrade:
    """numpy, pandas and requests: their wheels are downloaded once, into `.envs/wheels`."""
    wheels = environments.KEPT / "wheels"
    for named in ((*OLD, *OTHERS), (*NEW, *OTHERS)):
        if not all(list(wheels.glob(f"{_stem(each)}*.whl")) for each in named):
            wheels.mkdir(parents=True, exist_ok=True)
            environments.call(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels, *named)
    return make_upgrade(folder, wheels, old=(*OLD, *OTHERS), new=NEW)


def _stem(requirement: str) -> str:
    name = requirement.partition("<")[0]
    return name.replace("==", "-").replace("-", "_", 1 if "==" not in name else 0)


def small_upgrade(folder: Path, *, files: int = 150) -> Upgrade:
    """Three distributions of some files: quick, and nothing is downloaded."""
    wheels = folder / "wheels"
    for version in ("1.0", "2.0"):
        for name in ("one", "two", "three"):
            requires = [f"two>={version}"] if name == "one" else []
            write_wheel(wheels, name, version, many_files(name, version, files), requires=requires)
    return make_upgrade(folder, wheels, old=SMALL_OLD, new=SMALL_NEW)


def make_upgrade(folder: Path, wheels: Path, *, old: Sequence[str], new: tuple[str, ...]) -> Upgrade:
    """Make the environment, and the copy that it is restored from."""
    upgrade = Upgrade(folder=folder, wheels=wheels, new=new)
    (folder / "home").mkdir(parents=True, exist_ok=True)
    environments.make_in(upgrade.prefix, ("pip", "packaging", "importlib_metadata"), compiled=True)
    options = ("--no-index", "--find-links", str(wheels), "--compile-bytecode", "--python", str(upgrade.python))
    upgrade.must([environments.uv(), "pip", "install", *options, *old])
    path = environments.site_packages(upgrade.prefix) / "checkout.pth"
    path.write_text(f"{environments.ROOT}\n")
    upgrade.prefix.rename(folder / "pristine")
    upgrade.restore()
    return upgrade
