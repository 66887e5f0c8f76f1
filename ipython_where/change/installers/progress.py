"""How far an installation has come, told to whoever shows it: the edge does, a script need not."""

from __future__ import annotations

from typing import Protocol

from ipython_where.redact import masked


class Progress(Protocol):
    """Told in this order: steps as they begin, lines and amounts within a step, the end always."""

    def step(self, name: str) -> None:
        """A step begins: `resolving`, `installing`, `swapping`, `verifying`, or what is waited for."""
        ...

    def amount(self, done: int, total: int) -> None:
        """How much of the step is done, in its own unit."""
        ...

    def line(self, text: str) -> None:
        """A line of the installer's, credentials masked."""
        ...

    def tell(self, text: str) -> None:
        """What was done besides, and is no part of the answer: it stays."""
        ...

    def close(self) -> None:
        """It is over, well or not: what was shown only for the while goes away."""
        ...


class Silent:
    """Shows nothing but what is to stay."""

    def step(self, name: str) -> None: ...

    def amount(self, done: int, total: int) -> None: ...

    def line(self, text: str) -> None: ...

    def tell(self, text: str) -> None:
        print(masked(text))

    def close(self) -> None: ...
