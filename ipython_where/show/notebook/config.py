"""What `%config` sets: a class for each configurable feature, created on first use.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

from traitlets import Bool, Enum
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
