"""The server's configuration of what may come from kernels. Tested in `tests/page/test_configuration.py`."""

from __future__ import annotations

from traitlets import Bool, Enum, Int, List, Unicode
from traitlets.config import LoggingConfigurable

from .policy import Rules


class KernelExtensions(LoggingConfigurable):
    """JupyterLab extensions that come from a kernel's environment (`c.KernelExtensions.… = …` in `jupyter_server_config.py`)."""

    policy = Enum(
        ("ask", "off"),
        default_value="ask",
        help="`ask`: the page, or code in a kernel, asks for what is taken from it. `off`: nothing is taken from any kernel.",
    ).tag(config=True)
    allowed = List(
        Unicode(),
        help="""What may be taken from kernels that aren't proven to run on this machine as this user: patterns of names, each
        optionally pinned to its content (`name@sha256:…`). From kernels that are, everything may be: their code can change
        the server's files anyway.""",
    ).tag(config=True)
    denied = List(Unicode(), help="What is never taken, from any kernel: patterns of names.").tag(config=True)
    max_bytes = Int(64 << 20, min=1, help="The most bytes that the files of one extension may have.").tag(config=True)
    persist = Bool(False, help="Keep what was taken when the server ends, for the next one.").tag(config=True)

    def rules(self) -> Rules:
        """The configuration, as what decides takes it."""
        return Rules(
            policy="off" if self.policy == "off" else "ask",
            allowed=tuple(self.allowed),
            denied=tuple(self.denied),
            max_bytes=self.max_bytes,
        )
