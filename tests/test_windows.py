"""What has to hold on Windows, where a kernel lacks POSIX's modules: questions work, installing is refused in one sentence.

The same was tried by hand with a real Windows Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from . import environments

WITHOUT_POSIX = """
import sys
for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
import ipython_where
print(ipython_where.where("json").found, ipython_where.environment().kernel.version == sys.version.split()[0])
import ipython_where.magics, ipython_where.__main__, ipython_where.show.notebook.failed_imports, ipython_where.answer.command
ipython_where.__main__.main(["json"])
"""

IN_A_SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
shell.run_line_magic("load_ext", "ipython_where")
shell.run_line_magic("config", "PipGuard.mode = 'block'")
assert type(shell.run_cell("!PIP install six").error_in_exec).__name__ == "BlockedError"
import sysconfig; sysconfig.get_config_vars()  # kept: Windows has another file of them
sys.platform = "win32"
assert type(shell.run_cell("!PIP install six").error_in_exec).__name__ != "BlockedError"  # IPython fails to start `cmd`
import ipython_where
assert ipython_where.where("gensim").findings[0].hint == "`%pip install gensim` installs it there"
for cell in ("%safepip install six", "%%safepip install\\nsix", "%safepip undo", "%safepip"):
    assert type(shell.run_cell(cell).error_in_exec).__name__ == "WhereError"
"""


def ran(code: str) -> list[str]:
    """The lines that a snippet prints."""
    path = str(Path(sys.executable).parent)  # a `uv` of the machine would be asked about by rules of POSIX
    # IPython looks on PATH for a shell if no variable names one
    environ = environments.clean_environ(PYTHONPATH=str(environments.ROOT), NO_COLOR="1", PATH=path, SHELL="/bin/sh")
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(argv, env=environ, cwd=os.sep, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_questions_need_no_module_of_posix() -> None:
    """Loading, `%where`, `%where NAME`, the terminal, hints."""
    lines = ran(WITHOUT_POSIX)
    assert lines[:2] == ["True True", "json · package · standard library"]


def test_installing_is_refused_in_one_sentence() -> None:
    """With what works there; and the guard leaves every line to `cmd`."""
    other = environments.kept("actions", ["pip>=26.1", "packaging>=26.1", "tomli-w"])
    lines = ran(IN_A_SHELL.replace("PIP ", f"{other}/bin/pip "))
    said = [
        "`%safepip` does not work on Windows yet",
        "",
        "hint: `%pip install NAME` installs into this kernel's environment",
    ]
    shown = [line.rstrip() for line in lines]
    assert shown[-12:] == said * 4
