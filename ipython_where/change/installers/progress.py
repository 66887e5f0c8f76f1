"""Reports the progress of an installation to whatever displays it; a script needs no display.

Tested in `tests/change/installers/test_amounts.py`.
"""

from __future__ import annotations

from typing import Protocol

from ipython_where.redact import masked


class Progress(Protocol):
    """Called in this order: steps as they begin, lines and amounts within a step, and always `close`."""

    def step(self, name: str) -> None:
        """A step begins: `resolving`, `installing`, `swapping`, `verifying`, or what it waits for."""
        ...

    def amount(self, done: int, total: int, received: int | None = None) -> None:
        """How much of the step is done, in its own unit, and the bytes that were downloaded for it, where they are known."""
        ...

    def line(self, text: str) -> None:
        """A line of the installer's output, credentials masked."""
        ...

    def tell(self, text: str) -> None:
        """A lasting message about something else that was done (a recovery), which is not part of the answer."""
        ...

    def close(self) -> None:
        """The end, successful or not: remove the temporary display."""
        ...


class Silent:
    """Shows only lasting messages."""

    def step(self, name: str) -> None: ...

    def amount(self, done: int, total: int, received: int | None = None) -> None: ...

    def line(self, text: str) -> None: ...

    def tell(self, text: str) -> None:
        print(masked(text))

    def close(self) -> None: ...
