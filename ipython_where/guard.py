"""The edge that watches shell commands: before one would change another environment, it says so.

IPython expands every shell command by `shell.var_expand` just before the shell gets it, with the caller's own variables. That
is the one place where the guard stands: it sees the text that is run, for ``!``, ``!!``, ``x = !`` and ``%sx`` in a cell, a loop or
a function, and the cell of a `%%bash`. Nothing is in the way of any other cell.
"""

from __future__ import annotations

import sys
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .commands.values import CommandAnswer

MODES = ("warn", "redirect", "block", "off")
WORDS = ("pip", "uv", "conda", "mamba", "pixi", "poetry", "pdm", "hatch", "easy_install")
"""What a text must have in it to be looked into."""

_SYSTEM = ("system", "system_piped", "system_raw", "getoutput")
_SCRIPTS = ("bash", "sh", "script", "cmd")


class Guard:
    """The guard of one shell: it stands between the shell and its `var_expand`, and takes part in nothing else."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._expand = shell.var_expand
        self._told: tuple[int, set[Any]] = (-1, set())

    def __call__(self, cmd: str, depth: int = 0, **options: Any) -> str:
        """`var_expand`, one frame further up; a shell command is judged before it is given back."""
        text: str = self._expand(cmd, depth + 1, **options)
        caller = sys._getframe(1)
        name = caller.f_code.co_name
        if name in _SYSTEM:
            return self._watched(text, text, None)
        if name == "run_cell_magic":
            magic = caller.f_locals.get("magic_name")
            if magic in _SCRIPTS:
                return self._watched(text, caller.f_locals.get("cell"), magic)
        return text

    def _watched(self, text: str, script: Any, magic: str | None) -> str:
        """What is run in place of ``text``: itself, unless the guard stops it or has done its work."""
        mode = self.shell_mode()
        if mode == "off" or not isinstance(script, str) or not any(word in script for word in WORDS):
            return text
        from .errors import WhereError

        try:
            instead = self._judged(text, script, magic, mode)
        except WhereError:
            raise
        except Exception as error:
            print(f"the guard failed, and the command runs: {type(error).__name__}: {error}", file=sys.stderr)
            return text
        return text if instead is None else instead
