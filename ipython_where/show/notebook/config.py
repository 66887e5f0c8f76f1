"""What `%config` sets: a class for each configurable feature, created on first use.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, observe
from traitlets.config import Configurable


class Hints(Configurable):
    """Hints below the traceback of a failed import."""

    enabled = Bool(True, help="Explain a failed import below its traceback, if the reason is certain.").tag(config=True)


class PipGuard(Configurable):
    """The guard against shell commands that would change a different environment than the kernel's."""

    mode = Enum(
        ("warn", "redirect", "block", "off"),
        "warn",
        help="What to do before a shell command changes a different environment: `warn` prints a warning, `redirect` runs the "
        "equivalent `%safepip` command if there is one, `block` refuses to run it, `off` does nothing.",
    ).tag(config=True)

    pip = Bool(
        False,
        help="Let `%pip install` and `%pip uninstall` do what `%safepip` does: planned first, all or nothing, with an undo.",
    ).tag(config=True)

    path = Bool(
        False,
        help="Put this environment's programs first on the shell's PATH, so that `!pip`, `!python` and every other command "
        "installed in it are the kernel's.",
    ).tag(config=True)

    @observe("path")
    def _set_path(self, change: Any) -> None:
        from .shell_path import put_first, take_back

        (put_first if change.new else take_back)()

    @observe("pip")
    def _replace_pip(self, change: Any) -> None:
        from .pip_magic import give_back, take_over

        (take_over if change.new else give_back)(self.parent)
