"""The edge that watches shell commands: before one changes another environment than the kernel's, it says so.

IPython hands every shell command to `shell.var_expand` just before the shell gets it, for the values of its `{x}` and `$x`. That
is where the guard stands: it sees the text that is run, from a cell, a loop or a function; and the cell of a `%%bash`, whose
first line takes the same way. No other cell meets it.
"""

from __future__ import annotations

import sys
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

WORDS = ("pip", "uv", "conda", "mamba", "pixi", "poetry", "pdm", "hatch", "easy_install")
"""A text without any of them is not looked into."""

_CALLERS = frozenset(("system", "system_piped", "system_raw", "getoutput"))
_SCRIPTS = frozenset(("bash", "sh", "script", "cmd"))


class Guard:
    """Stands in for one shell's `var_expand`, and gives back what that gives."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.expand = shell.var_expand
        self.told: set[object] = set()
        self.told_in = -1

    def __call__(self, cmd: str, depth: int = 0, *rest: Any, **options: Any) -> Any:
        """Expand ``cmd`` for the frame that is ``depth`` above the caller, and judge it if the caller gives it to a shell.

        Raises `BlockedError` in the mode `block`. ``depth`` counts frames, and this is one more.
        """
        text = self.expand(cmd, depth + 1, *rest, **options)
        caller = sys._getframe(1)
        name = caller.f_code.co_name
        if name in _CALLERS:
            return self._watched(text, text, None, caller)
        if name == "run_cell_magic" and (magic := caller.f_locals.get("magic_name")) in _SCRIPTS:
            return self._watched(text, caller.f_locals.get("cell"), magic, caller)
        return text

    def _watched(self, text: Any, script: Any, magic: str | None, caller: FrameType) -> Any:
        """``text``, or what the shell is to run in its place. What goes wrong here is told in a line."""
        if not isinstance(script, str) or not any(word in script for word in WORDS):
            return text
        try:
            from .guarding import decide  # within the `try`: what it needs may have been uninstalled

            act = decide(self, text, script, magic, caller)
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"the guard of `ipython_where` failed ({said}): the command runs", file=sys.stderr)
            return text
        return text if act is None else act()


def stand(shell: Any) -> None:
    """Put a guard in front of ``shell``, unless one stands there."""
    if not isinstance(shell.var_expand, Guard):
        shell.var_expand = Guard(shell)


def leave(shell: Any) -> None:
    """Take the guard away, and give back what stood in its place."""
    guard = shell.var_expand
    if isinstance(guard, Guard):
        del shell.var_expand
        if shell.var_expand != guard.expand:  # somebody's own, and not the method of the class
            shell.var_expand = guard.expand
