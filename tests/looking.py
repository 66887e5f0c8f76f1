"""Asks everything that can be asked, in a process of its own: ``python -m tests.looking FOLDER``, in a planted directory.

What Python itself would start is written to `FOLDER/started`, a program a line; the planted programs leave marks.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
import sys
from pathlib import Path
from typing import Any

COMMANDS = (
    "./pip install six",
    "pip install six",
    "pip3 install six",
    "bin/pip install six",
    "../above/pip install six",
    "cd bin && ./pip install six",
    "cd ../above; ./python -m pip install six",
    "./python -m pip install six",
    "python -m pip install six",
    "python3 -m pip install six",
    "PATH=.:$PATH pip install six",
    "PATH=$PWD/bin:$PATH pip install six",
    "export PATH=; pip install six",
    "uv pip install six",
    "./uv pip install --python ./python six",
    "UV_PYTHON=./python uv pip install six",
    "VIRTUAL_ENV=$PWD/.venv uv pip install six",
    "conda install six",
    "./conda install six",
    "pipx install six",
    "sudo ./pip install six",
    "env -i ./pip install six",
    "sh ./pip install six",
    "bash -c './pip install six'",
    ". ./env.sh && pip install six",
    "source .venv/bin/activate && pip install six",
    "poetry run pip install six",
    "pip install -r requirements.txt && git pull",
    "./.venv/bin/pip install six",
)
NAMES = ("six", "pip", "numpy", "nowhere_at_all", "json", "own", "own.part", "x")


def paths(folder: Path) -> tuple[str, ...]:
    """Values of PATH by which the planted programs would be the first ones."""
    cwd, usual = os.getcwd(), "/usr/bin:/bin"
    return (
        f".:{usual}",
        f":{usual}",
        f"bin:{usual}",
        f"../above:{usual}",
        f"{folder}/open:{usual}",
        f"{cwd}:{usual}",
        usual,
    )


def startups(folder: Path) -> tuple[str | None, ...]:
    return (None, "env.sh", "$(./env.sh)", f"{os.getcwd()}/env.sh", f"{folder}/open/env.sh")


def ask_everything(folder: Path) -> None:
    """Every magic line, the terminal, the API, Tab, hints and the guard, with each PATH and each start-up file."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ipython_where")
    for path in paths(folder):
        for startup in startups(folder) if path.endswith("open:/usr/bin:/bin") else (None,):
            os.environ["PATH"] = path
            os.environ.pop("BASH_ENV", None)
            if startup is not None:
                os.environ["BASH_ENV"] = startup
            _ask(shell)


def _ask(shell: Any) -> None:
    import ipython_where

    for line in ("", "-v", "--json", *NAMES, *(f"!{command}" for command in COMMANDS)):
        shell.run_cell(f"%where {line}")
    for mode in ("warn", "block", "redirect"):
        shell.run_line_magic("config", f"PipGuard.mode = {mode!r}")
        for command in COMMANDS[:6]:
            shell.run_cell(f"get_ipython().var_expand({command!r})")
    for cell in ("import nowhere_at_all", "from json import nothing", "import own.part.more"):
        shell.run_cell(cell)
    for text in ("%where nu", "%where own.", "%safepip install s", "%safepip un"):
        shell.complete(text, text, len(text))
    ipython_where.environment(verbose=True)
    for arguments in (
        [],
        ["-v"],
        ["own", "--json"],
        ["--command", "./pip install six"],
        ["--command", "pip install six"],
    ):
        sys.argv = ["ipython_where", *arguments]
        with contextlib.suppress(SystemExit):
            runpy.run_module("ipython_where", run_name="__main__", alter_sys=True)


def main(folder: Path) -> None:
    started: set[str] = set()

    def seen(event: str, args: tuple[Any, ...]) -> None:
        if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"):
            started.add(os.fsdecode(args[0]))

    sys.addaudithook(seen)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        ask_everything(folder)
    (folder / "started").write_text("".join(f"{each}\n" for each in sorted(started)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
