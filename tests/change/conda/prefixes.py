"""Real conda prefixes in which `%safeconda` runs: the channel of `tests/conda_prefix`, with py-rattler beside it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import conda_prefix, environments
from tests.faults.trees import Tree, read_tree

NEEDED = ("py-rattler>=0.28,<0.29", "pyyaml", "packaging", "importlib_metadata", "ipython")
"""What `ipython-where[conda]` brings of this package's own needs."""

_CARRY_OUT = """
import json, sys
from ipython_where.change.conda.commands import safeconda
from ipython_where.change.commands.dispatch import safepip
from ipython_where.errors import WhereError
exec(sys.argv[2])
run = {"%safeconda": safeconda, "%safepip": safepip}
for line in LINES:
    try:
        magic, _, words = line.partition(" ")
        done = run[magic](words)
        said = {"text": str(done)} if isinstance(done, str) else {**done.to_dict(), "text": str(done)}
    except WhereError as error:
        said = {"error": "\\n".join(error.shown())}
    print(json.dumps(said))
"""
_RUN = _CARRY_OUT.replace("LINES", "sys.argv[1:2]")
_RUN_ALL = _CARRY_OUT.replace("exec(sys.argv[2])", "").replace("LINES", "sys.argv[1:]")


@dataclass
class Conda:
    """A prefix, and the world that its lines are run in: no settings of this machine's."""

    prefix: Path
    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.prefix / "bin" / "python"

    @property
    def site(self) -> Path:
        """Its site-packages."""
        return environments.site_packages(self.prefix)

    def start(self, line: str, *, first: str = "") -> subprocess.Popen[str]:
        """Start a line, which a Python in the prefix carries out; ``first`` is run before it."""
        return subprocess.Popen(
            [self.python, "-c", _RUN, line, first],
            env=self.world(),
            cwd=self.home,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, line: str, *, first: str = "") -> dict[str, Any]:
        """What a line says: the answer as JSON, or its error."""
        with self.start(line, first=first) as process:
            output, errors = process.communicate()
        assert process.returncode == 0, f"{line}\n{output}\n{errors}"
        said: dict[str, Any] = json.loads(output.splitlines()[-1])
        return said

    def run_all(self, lines: list[str]) -> list[dict[str, Any]]:
        """What several lines say, carried out by one Python."""
        done = subprocess.run(
            [self.python, "-c", _RUN_ALL, *lines], env=self.world(), cwd=self.home, text=True, capture_output=True
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def must(self, line: str, *, first: str = "") -> dict[str, Any]:
        """The answer of a line that has to succeed."""
        said = self.run(line, first=first)
        assert "error" not in said, said["error"]
        return said

    def refused(self, line: str) -> str:
        """The error of a line that has to be refused."""
        said = self.run(line)
        assert "error" in said, said["text"]
        return str(said["error"])

    def world(self) -> dict[str, str]:
        """The variables of its processes."""
        return {
            **environments.clean_environ(),
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "RATTLER_CACHE_DIR": str(cache()),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.environ,
        }

    def tree(self) -> Tree:
        """Kind, mode and content of everything in it."""
        return read_tree(self.prefix)

    def python_says(self, code: str, *, compiles: bool = False) -> str:
        """What a Python of the prefix prints."""
        return environments.call(self.python, "-c", code, PYTHONDONTWRITEBYTECODE="" if compiles else "1").strip()


def cache() -> Path:
    """Where rattler keeps what `%safeconda` downloads."""
    return conda_prefix.lab() / "rattler"


def make(folder: Path, *specs: str) -> Conda:
    """A new prefix in a folder, with Python and what is named."""
    folder.mkdir(parents=True, exist_ok=True)
    prefix = conda_prefix.prefix_in(folder / "env", "python", *specs)
    conda_prefix.pip_puts(prefix, *NEEDED)
    conda_prefix.with_this_package(prefix)
    home = folder / "home"
    home.mkdir()
    return Conda(prefix=prefix, home=home)


def times(root: Path) -> dict[str, int]:
    """The time of each file below a folder, but for the store's."""
    found: dict[str, int] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if each != ".safepip"]
        paths = (os.path.join(folder, name) for name in files)
        found.update((os.path.relpath(path, root), os.lstat(path).st_mtime_ns) for path in paths)
    return found
