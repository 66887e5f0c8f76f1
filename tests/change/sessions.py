"""An environment of its own with a process in it that carries out `%safepip` lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests import environments

DRIVER = Path(__file__).with_name("driver.py")

AS_JUPYTER_DOES = ("-c", "from tests.change.driver import main; main()")
"""What starts a session whose ``sys.path`` begins with an empty entry: the folder that it runs in, whichever that is."""


def make_environment(prefix: Path) -> Path:
    """An environment with nothing but pip installed: a copy, to be changed at will.

    What this package needs for it is there without being a distribution, so that no test is about it.
    """
    source = environments.kept("actions", ["pip>=26.1", "packaging>=26.1", "tomli-w"], compiled=True)
    shutil.copytree(source, prefix, symlinks=True)
    (prefix / ".complete").unlink(missing_ok=True)
    for name in ("packaging", "tomli_w"):
        (metadata,) = environments.site_packages(prefix).glob(f"{name}-*.dist-info")
        shutil.rmtree(metadata)
    return prefix


def clean_world(home: Path, **more: str) -> dict[str, str]:
    """The variables of a user who has set nothing; uv is on the path."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join([os.path.dirname(environments.uv()), "/usr/bin", "/bin"]),
        "TMPDIR": str(temporary),
        "XDG_CONFIG_DIRS": str(home / "none"),
        "PIP_CONFIG_FILE": os.devnull,  # a machine may have an /etc/pip.conf
        "PYTHONPATH": str(environments.ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "LC_ALL": "C.UTF-8",
        **more,
    }


@dataclass(frozen=True, kw_only=True)
class Session:
    """A process in an environment. ``prefix`` is the environment's."""

    prefix: Path
    process: subprocess.Popen[str]

    def __call__(self, line: str) -> dict[str, Any]:
        """Carry out a line; its answer, text or error, and what was shown and started on the way."""
        given, taken = _pipes(self.process)
        given.write(line + "\n")
        given.flush()
        answer = taken.readline()
        assert answer, f"the process ended at `{line}`"
        found: dict[str, Any] = json.loads(answer)
        return found

    def changed(self, line: str) -> dict[str, Any]:
        """Carry out a line that must succeed; its answer."""
        found = self(line)
        assert found["error"] is None, f"{line}\n{found['error']}"
        answer: dict[str, Any] = found["answer"]
        return answer


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout


@contextmanager
def session(
    prefix: Path, environ: Mapping[str, str], cwd: Path, *, start: Sequence[str] = (str(DRIVER),)
) -> Iterator[Session]:
    """A process in the environment, ended at the end. What it writes to standard error is in ``cwd``/errors.txt.

    ``start``: Python's arguments.
    """
    argv = [str(prefix / "bin" / "python"), *start]
    with (
        open(cwd / "errors.txt", "w") as errors,
        subprocess.Popen(
            argv, env=dict(environ), cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield Session(prefix=prefix, process=process)
        finally:
            _pipes(process)[0].close()
            process.wait(300)


def versions(prefix: Path) -> dict[str, str]:
    """What is installed, by name, but for pip."""
    names = (path.name.removesuffix(".dist-info") for path in environments.site_packages(prefix).glob("*.dist-info"))
    found = dict(name.rsplit("-", 1) for name in names)
    return {name: version for name, version in sorted(found.items()) if name != "pip"}
