"""Real shells for the tests: what is told of a command, and what the shell, given the command, then really does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ipython_where.facts.shell.shell import resolve_command
from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Interpreter
from ipython_where.runner import Completed
from tests.environments import kept

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
SYSTEM_PATH = "/usr/bin:/bin"
BASH = shutil.which("bash", path=SYSTEM_PATH) or ""
DASH = shutil.which("dash", path=SYSTEM_PATH) or ""

ANNOUNCE = """
import json, os, sys
print(json.dumps([sys.executable, sys.prefix, sys.base_prefix, sys.version.split()[0]]))
sys.stdout.flush()
os._exit(0)
"""


def no_run(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
    raise AssertionError(f"nothing may be run for what files prove: {argv}")


def shell_environ(path: str, **more: str) -> dict[str, str]:
    """The variables of a shell that knows PATH and little else."""
    kept_names = ("LANG", "LC_ALL", "TMPDIR")
    base = {name: os.environ[name] for name in kept_names if name in os.environ}
    return {**base, "SHELL": BASH, "HOME": "/nonexistent", "PATH": path, **more}


def with_pip() -> Path:
    """The kept environment that the standard library's `venv` made, pip included."""
    return kept("pip-venv", maker="venv")


def script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o755)
    return path


def told(name: str, environ: Mapping[str, str], cwd: Path, *, running: Any = no_run) -> Reached:
    return resolve_command(name, environ=environ, cwd=str(cwd), run=running)


def really(command: str, environ: Mapping[str, str], cwd: Path) -> str:
    """What the shell prints for a command, or the empty string where it fails."""
    argv = [environ["SHELL"], "-c", command]
    done = subprocess.run(argv, env=dict(environ), cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else ""


def who_runs(name: str, environ: Mapping[str, str], cwd: Path) -> tuple[str, Interpreter] | None:
    """The file that the shell starts for a pip, and the interpreter that imports pip there; None where it fails.

    A `pip` found before all others speaks from that process. `pip --version` starts twenty times as slowly, and tells
    where pip was imported from, which need not be where it would install.
    """
    with TemporaryDirectory() as folder:
        script(Path(folder, "pip", "__init__.py"), ANNOUNCE)
        announcing = {**environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        printed = really(f"command -v {name} && {name} --version", announcing, cwd).splitlines()
    if not printed:
        return None
    executable, prefix, base_prefix, version = json.loads(printed[-1])
    python = Interpreter(executable=executable, prefix=prefix, base_prefix=base_prefix, version=version)
    return os.path.join(cwd, printed[-2]), python


def assert_pip_is_as_told(name: str, environ: Mapping[str, str], cwd: Path, *, running: Any = no_run) -> Reached:
    """The file, the interpreter with its prefixes, and the version where it was told, are those of the real process."""
    reached = told(name, environ, cwd, running=running)
    found = who_runs(name, environ, cwd)
    assert found and reached.interpreter, (reached, found)
    path, python = found
    version = reached.interpreter.version and python.version
    assert (reached.path, reached.prefix) == (path, python.prefix)
    assert reached.interpreter == Interpreter(
        executable=python.executable, prefix=python.prefix, base_prefix=python.base_prefix, version=version
    )
    return reached
