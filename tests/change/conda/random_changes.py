"""Random changes of a conda prefix by both magics, each taken back again, the last one first.

    python -m tests.change.conda.random_changes SEED NUMBER

After each undo, everything in the prefix is what it was before the change: content, mode, time, target and inode, by which a file
is the same as in the package cache. A change that is refused changes nothing, and each that was made can be undone.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conda_channel import awkward_packages
from tests.faults.wheels import write_wheel

from .prefixes import Conda, make

AWKWARD = sorted({each.name for each in awkward_packages()})
WHEELS = {"alpha": "alpha", "beta": "beta", "pure": "pure", "entry": "entry"}
"""The projects that pip has, each with its module: two are conda packages, too."""

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

State = dict[str, tuple[Any, ...]]

_SERVE = """
import json, sys
from ipython_where.change.conda.commands import safeconda
from ipython_where.change.commands.dispatch import safepip
from ipython_where.errors import WhereError
run = {"%safeconda": safeconda, "%safepip": safepip}
for text in sys.stdin:
    magic, _, line = text.strip().partition(" ")
    try:
        done = run[magic](line).to_dict()
        said = done.get("transaction") or {}
    except WhereError as error:
        said = {"error": "\\n".join(error.shown())}
    print(json.dumps(said), flush=True)
"""


def main() -> int:
    """Print the counts, and what went wrong."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        changes = RandomChanges.made(Path(folder), seed=int(sys.argv[1]))
        changes.run(int(sys.argv[2]))
    print(changes.counts)
    print("\n".join(changes.wrong))
    return bool(changes.wrong)


@dataclass
class RandomChanges:
    """Changes of one prefix. ``counts`` are those of each kind, ``wrong`` is what should not be."""

    conda: Conda
    wheels: Path
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def made(cls, folder: Path, *, seed: int) -> RandomChanges:
        """A prefix with the package cache in the same file system, and wheels."""
        conda = make(folder, *(f"{name}=1.0" for name in ("pure", "generic", "links", "moved")))
        conda.environ["RATTLER_CACHE_DIR"] = str(folder / "cache")
        for version in ("1.0", "2.0"):
            for name, module in WHEELS.items():
                write_wheel(folder / "wheels", name, f"{version}.5", {f"{module}/data.txt": f"{name} {version}"})
        # old bytecode is at stake
        subprocess.run([conda.python, "-m", "compileall", "-q", conda.site], check=False, env=conda.world())
        return cls(conda=conda, wheels=folder / "wheels", chance=random.Random(seed))

    def run(self, number: int) -> None:
        """Make so many changes, and take them back."""
        before = state(self.conda.prefix)
        links = number_of_links(self.conda.prefix)
        made: list[tuple[str, str, State]] = []
        with self._serving() as tell:
            while len(made) < number:
                line = self._line([id for id, _, _ in made])
                then = state(self.conda.prefix)
                said = tell(line)
                kind = " ".join(line.split()[:2])
                if said.get("id"):
                    made.append((said["id"], line, then))
                    self.counts[kind] += 1
                else:
                    self.counts[f"{kind}, {'refused' if 'error' in said else 'nothing to do'}"] += 1
                    self._expect(line, then)
            redone: dict[str, str] = {}
            for id, line, then in reversed(made):
                said = tell(f"{self.chance.choice(['%safeconda', '%safepip'])} undo {redone.get(id, id)}")
                if said.get("undoes") and line.startswith("%safepip undo"):  # what it undid is done again, by this
                    redone[line.split()[-1]] = said["id"]
                if "error" in said:
                    self.wrong.append(f"{id}, {line}: not undone: {said['error']}")
                    return
                self._expect(f"the undo of {line}", then)
        self._expect("all", before)
        if links != number_of_links(self.conda.prefix):
            self.wrong.append("hard links were lost")

    def _expect(self, what: str, wanted: State) -> None:
        now = state(self.conda.prefix)
        paths = sorted(path for path in {*now, *wanted} if now.get(path) != wanted.get(path))
        if paths:
            self.wrong.append(f"{what}: {len(paths)} paths, {[(p, wanted.get(p), now.get(p)) for p in paths[:4]]}")

    def _line(self, made: list[str]) -> str:
        kind = self.chance.choice(
            ["conda", "conda", "conda", "remove", "again", "update", "pip", "pip", "uninstall", "undo"]
        )
        names = self.chance.sample(AWKWARD, self.chance.randrange(1, 5))
        wheels = self.chance.sample(sorted(WHEELS), self.chance.randrange(1, 3))
        installed = [each for each in AWKWARD if list((self.conda.prefix / "conda-meta").glob(f"{each}-[0-9]*"))]
        some = self.chance.sample(installed, min(len(installed), self.chance.randrange(1, 4)))
        source = f"--no-index --find-links {shlex.quote(str(self.wheels))}"
        if kind == "undo" and made:
            return f"%safepip undo {self.chance.choice(made[-3:])}"
        if kind == "pip":
            versions = " ".join(f"{name}=={self.chance.choice('12')}.0.5" for name in wheels)
            allowed = self.chance.choice(["", "--allow-conda", "--allow-conda"])
            return f"%safepip install {source} {versions} {allowed}"
        if kind == "uninstall":
            return f"%safepip uninstall {' '.join(wheels)} {self.chance.choice(['', '--allow-conda'])}"
        if kind == "remove" and some:
            return f"%safeconda remove {' '.join(some)} {self.chance.choice(['', '--allow-conflicts'])}"
        if kind == "again" and some:
            return f"%safeconda install {' '.join(some)} --force-reinstall"
        if kind == "update" and some:
            return f"%safeconda update {' '.join(some)}"
        specs = " ".join(f"{name}={self.chance.choice('12')}.0" for name in names)
        return f"%safeconda install {specs} {self.chance.choice(['', '--allow-conflicts'])}"

    @contextmanager
    def _serving(self) -> Iterator[Callable[[str], dict[str, Any]]]:
        """A process of the prefix that carries out lines."""
        with subprocess.Popen(
            [self.conda.python, "-c", _SERVE],
            env=self.conda.world(),
            cwd=self.conda.home,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            stdin, stdout = process.stdin, process.stdout

            def tell(line: str) -> dict[str, Any]:
                stdin.write(f"{line}\n")
                stdin.flush()
                said: dict[str, Any] = json.loads(stdout.readline())
                return said

            yield tell
            stdin.close()
        assert process.returncode == 0


def state(prefix: Path) -> State:
    """Everything in a prefix but the store: of folders the mode, of files and links what tells that they are the same."""
    found: State = {}
    for folder, folders, files in os.walk(prefix):
        if folder == str(prefix):
            folders[:] = [each for each in folders if each != ".safepip"]
            files[:] = [each for each in files if each != ".lock"]
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            is_folder = os.path.isdir(path) and not os.path.islink(path)
            same = () if is_folder else (status.st_ino, status.st_mtime_ns, status.st_size)
            found[os.path.relpath(path, prefix)] = (status.st_mode, *same)
    return found


def number_of_links(prefix: Path) -> dict[str, int]:
    """How many names each file has, here and in the package cache."""
    return {path: os.lstat(prefix / path).st_nlink for path, each in state(prefix).items() if len(each) > 1}


if __name__ == "__main__":
    sys.exit(main())
