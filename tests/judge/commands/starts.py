"""Command lines run for real, and what they started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.facts.shell.shells import script

from .recorders import END, FAILING, FIELD, RECORDS

PATIENCE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A package manager that was started: the file that the shell started, the Python that ran it, where, with what."""

    tool: str
    file: str
    interpreter: str | None
    prefix: str | None
    directory: str
    arguments: tuple[str, ...]


def run_line(text: str, shell: str, environ: Mapping[str, str], cwd: Path, *, failing: bool = False) -> list[Start]:
    """Everything that ``shell -c text`` started, in order; ``failing`` is how the package managers end.

    All that it started holds the pipe's end, so that the pipe ends with the last of them, `&` or not.
    """
    reading, writing = os.pipe()
    with _number(writing, RECORDS), _number(writing if failing else None, FAILING):
        process = subprocess.Popen(
            [shell, "-c", text],
            env=dict(environ),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(RECORDS, FAILING) if failing else (RECORDS,),
            start_new_session=True,
        )
    os.close(writing)
    try:
        written = b"".join(_read(reading, text))
    finally:
        os.close(reading)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return parse_records(os.fsdecode(written))


@contextmanager
def _number(descriptor: int | None, number: int) -> Iterator[None]:
    """The descriptor under a number that every recorder knows, meanwhile."""
    if descriptor is None:
        yield
        return
    os.dup2(descriptor, number)
    try:
        yield
    finally:
        os.close(number)


def _read(descriptor: int, text: str) -> Iterator[bytes]:
    while True:
        ready, _, _ = select.select([descriptor], [], [], PATIENCE)
        assert ready, f"still running after {PATIENCE} s: {text}"
        read = os.read(descriptor, 65536)
        if not read:
            return
        yield read


def parse_records(text: str) -> list[Start]:
    """The starts of what recorders wrote. A shim gives way to another program in its own process: it is what was started."""
    shims: dict[str, str] = {}
    starts = []
    for record in text.split(END):
        record = record.lstrip(FIELD)  # printf repeats its format for the END
        if not record:
            continue
        tool, process, file, interpreter, prefix, directory, *arguments = record.removesuffix(FIELD).split(FIELD)
        if tool == "shim":
            shims[process] = file
            continue
        if os.path.basename(shims.get(process, "")).startswith("python") and file != interpreter:
            arguments = [os.path.relpath(file, directory), *arguments]  # the shim was given a script
        starts.append(
            Start(
                tool=tool,
                file=os.path.join(directory, shims.pop(process, file)),
                interpreter=interpreter or None,
                prefix=prefix or None,
                directory=directory,
                arguments=tuple(arguments),
            )
        )
    return starts


def furnish(cwd: Path, root: Path) -> Path:
    """A working directory as `corpus.py` describes it; the directory itself."""
    for name in ("proj/src", "dir with space", "shadow", "wheels", ".pixi/envs/default"):
        (cwd / name).mkdir(parents=True)
    for name, text in FILES.items():
        (cwd / name).write_text(text)
    for name, text in SCRIPTS.items():
        script(cwd / name, *text.splitlines())
    (cwd / "env").symlink_to(root / "venv")
    (cwd / ".venv").symlink_to(root / "uv")
    (cwd / "linked-proj").symlink_to(cwd / "proj" / "src")
    return cwd


FILES = {
    "requirements.txt": "numpy\npandas\n",
    "constraints.txt": "numpy<3\n",
    "environment.yml": "name: work\ndependencies: [numpy]\n",
    "one.txt": "numpy\n",
    "command.txt": "pip install numpy\n",
    "pip.txt": "pip install numpy\n",
    "sixe": "",
    "script.py": "print('hello')\n",
    "install.py": "import os\nos.system('pip install numpy')\n",
    "setup-vars.sh": "export A=1\n",
    "setup-path.sh": 'PATH="$HOME/myenv/bin:$PATH"\n',
    "pyproject.toml": "[project]\nname = 'demo'\nversion = '1'\n",
    "pixi.toml": "[workspace]\nname = 'demo'\n",
    "proj/setup.py": "from setuptools import setup\nsetup()\n",
    "proj/.python-version": "3.99.1\n",
    "proj/requirements.txt": "numpy\n",
    "shadow/pip.py": "print('not pip')\n",
    "wheels/demo-1.0-py3-none-any.whl": "",
    "wheels/other-2.0-py3-none-any.whl": "",
}
SCRIPTS = {"setup.sh": "#!/bin/sh\npip install numpy"}
