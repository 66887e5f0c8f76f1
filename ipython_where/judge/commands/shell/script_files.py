"""Scripts that a command line starts as programs, and what their first line says.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
import re

from .wrapper_programs import SHELLS

_SHEBANG = re.compile(r"#![ \t]*(\S+)(?:[ \t]+(\S+))?[ \t]*\r?\n")
_MANAGERS = re.compile(
    r"(?:pip|python|pypy|uvx?|pipx|conda|mamba|micromamba|pixi|poetry|pdm|hatch|easy_install|activate)[\d.]*"
)


def is_stream(path: str) -> bool:
    """Whether a path may be a process's input stream instead of a file: `/dev/stdin`."""
    return os.path.normpath(path).startswith(("/dev/", "/proc/"))


def shell_of(path: str, text: str) -> str | None:
    """The shell that runs a script, from its first line; None for any other program, and for package managers."""
    found = _SHEBANG.match(text)
    if found is None or _MANAGERS.fullmatch(os.path.basename(path)):
        return None
    program, argument = found[1], found[2]
    if os.path.basename(program) == "env":
        program, argument = argument or "", None
    is_shell = os.path.basename(program) in SHELLS
    return program if is_shell and argument in (None, "-", "--") else None
