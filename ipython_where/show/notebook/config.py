"""What `%config` sets: a class for each feature that can be switched, made when it is first asked for."""

from __future__ import annotations

from traitlets import Bool, Enum
from traitlets.config import Configurable


class Hints(Configurable):
    """Hints below the traceback of a failed import."""

    enabled = Bool(True, help="Say below the traceback of a failed import why it failed, where that is certain.").tag(
        config=True
    )


class PipGuard(Configurable):
    """The guard of shell commands that would change another environment than the kernel's."""

    mode = Enum(
        ("warn", "redirect", "block", "off"),
        "warn",
        help="What to do before a shell command changes another environment: `warn` says so, `redirect` runs `%safepip` "
        "instead where that does the same, `block` does not run it, `off` does nothing.",
    ).tag(config=True)
