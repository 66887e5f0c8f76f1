"""A question looks: nothing that others could have put there is run to answer it, however it is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .environments import ROOT, clean_environ
from .facts.shell.shells import BASH, script

PLANTED = (
    "pip",
    "pip3",
    "python",
    "python3",
    "uv",
    "conda",
    "mamba",
    "pipx",
    "poetry",
    "git",
    "sh",
    "bash",
    "env",
    "sudo",
)


def plant(folder: Path) -> Path:
    """Programs that leave a mark when they are run, where others could have put them; the working directory among them."""
    here = folder / "here"
    for place in (here, here / "bin", here / ".venv" / "bin", folder / "above", folder / "open"):
        for name in PLANTED:
            script(place / name, "#!/bin/sh", f"echo {place}/{name} >> {folder}/marks", "exit 1")
        script(place / "env.sh", f"echo {place}/env.sh >> {folder}/marks")
    (here / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (folder / "open").chmod(0o1777)
    (here / "own").mkdir()
    for name in ("sitecustomize", "usercustomize", "own/__init__", "own/part"):
        (here / f"{name}.py").write_text(f"open({str(folder / 'marks')!r}, 'a').write({name!r} + chr(10))\n")
    (here / "requirements.txt").write_text("six\n")
    return here


@dataclass(frozen=True)
class Seen:
    """What came of asking everything: the marks of planted programs, what Python started, what the kernel was asked to run."""

    folder: Path
    marks: list[str]
    started: list[str]
    traced: set[str] | None

    def planted(self, programs: Iterable[str]) -> list[str]:
        """Those of the working directory, of a folder beside it, and of a relative path."""
        return [each for each in programs if not os.path.isabs(each) or each.startswith(f"{self.folder}/")]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("looks")
    here, home, record = plant(folder), folder / "home", folder / "execve"
    home.mkdir()
    environ = clean_environ(HOME=str(home), IPYTHONDIR=str(folder / "ipython"), SHELL=BASH, PYTHONPATH=str(ROOT))
    argv = [sys.executable, "-P", "-m", "tests.looking", str(folder)]
    follow = [shutil.which("strace") or "", "-f", "-qq", "-e", "trace=execve,execveat", "-o", str(record)]
    is_traced = bool(follow[0]) and subprocess.run([*follow, "true"], capture_output=True).returncode == 0
    subprocess.run([*(follow if is_traced else []), *argv], cwd=here, env=environ, check=True, stdin=subprocess.DEVNULL)
    marks = folder / "marks"
    run = re.findall(r'execve(?:at)?\((?:[^"]*, )?"([^"]*)"', record.read_text()) if is_traced else None
    return Seen(
        folder=folder,
        marks=sorted(set(marks.read_text().splitlines())) if marks.exists() else [],
        started=(folder / "started").read_text().splitlines(),
        traced=None if run is None else set(run),
    )


def test_nothing_that_others_could_have_put_there_is_run(seen: Seen) -> None:
    """Seen by what the planted programs would leave, and by Python's own record of what it starts."""
    assert (seen.marks, seen.planted(seen.started)) == ([], [])


def test_the_system_sees_nothing_run_either(seen: Seen) -> None:
    """Whoever starts it, and whatever comes of it: `strace` records what the kernel is asked to run."""
    if seen.traced is None:
        pytest.skip("`strace` is missing here, or no process may be traced")
    assert sys.executable in seen.traced
    assert seen.planted(seen.traced) == []
