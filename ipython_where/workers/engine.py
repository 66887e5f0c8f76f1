"""What a cluster's engine has to be able to do, so that the questions of a kernel can be asked of its workers.

Text goes out and text comes back: an expression for the worker's own `eval`, and the string that this gives, JSON of ours. Never
a function: its bytecode is that of this Python, and crashes a worker that has another minor version.

An engine is found through an entry point of the group `ipython_where.engines`, which names a function without arguments (a class
will do) that returns it. Ours are listed in `registry`. Nothing here imports an engine's library: whoever has a client has
imported it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ipython_where.errors import WhereError
from ipython_where.model import Finding
from ipython_where.value import dataclass

GROUP = "ipython_where.engines"

SCHEDULER = "scheduler"
"""The name under which an engine answers for the process that hands out the work, where that runs a Python of its own. It is a
row of its own, and no worker.
"""


class ClientError(WhereError):
    """A client that nobody can be asked through: it is closed, asynchronous, or lost its cluster. The hint says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a worker's `eval` gave."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Why there is no answer of a worker, in a few words: it was too late, it died, it raised."""

    reason: str


Reply = Answered | Unanswered


@runtime_checkable
class Engine(Protocol):
    """One kind of cluster. A client is whatever the user has of it: a client, a view, a session, a module.

    Every call is made from the kernel's main thread. An interrupt ends it within a second and leaves no task behind.
    """

    @property
    def name(self) -> str:
        """What the user calls it: `dask`."""
        ...

    def matches(self, client: Any) -> bool:
        """Whether this is a client of it: told by the module of its type, importing nothing."""
        ...

    def run_everywhere(
        self, client: Any, expression: str, *, timeout: float, workers: Sequence[str] | None = None
    ) -> Mapping[str, Reply]:
        """Evaluate an expression once in each worker, or in those of these names. The keys are the workers' own names.

        ``timeout`` in seconds is for all of it: who has not answered by then is `Unanswered`. One that fails is `Unanswered` as
        well, and costs the others nothing. The expression needs the standard library of Python 3.6 alone. Raises `ClientError`
        where nobody can be asked.
        """
        ...

    def remember(self, client: Any, name: str, expression: str | None) -> bool:
        """Have each worker that joins later evaluate an expression; False where the engine cannot.

        It takes the place of the one of that ``name``, so that nothing piles up; None forgets it.
        """
        ...


@runtime_checkable
class ListsWorkers(Protocol):
    """An engine that knows its workers without asking them: who did not answer is then told by name."""

    def workers(self, client: Any) -> Iterable[str]:
        """The names of the workers that there are now, as `run_everywhere` has them."""
        ...


@runtime_checkable
class TakesItsTime(Protocol):
    """An engine whose first answer takes longer than others': it starts processes before it runs anything."""

    @property
    def timeout(self) -> float:
        """Seconds to wait where the user names none."""
        ...


@runtime_checkable
class KeepsProcesses(Protocol):
    """An engine whose workers are processes that last: who was asked once knows the question's text."""

    @property
    def keeps_processes(self) -> bool:
        """Whether it is so."""
        ...


@runtime_checkable
class MustMatch(Protocol):
    """An engine that itself needs the same versions on both sides."""

    def must_match(self, client: Any) -> Iterable[str]:
        """The names of the distributions that it needs to be the same here and there; `python` is Python's minor version."""
        ...


@runtime_checkable
class Remarks(Protocol):
    """An engine that knows of its own configuration what an answer of a worker does not show."""

    def remarks(self, client: Any) -> Iterable[Finding]:
        """What is worth knowing: a setting without effect, or packages that the engine brings to some tasks only."""
        ...


@runtime_checkable
class InstallsItself(Protocol):
    """An engine with a way of its own to bring a package to its workers, where theirs cannot be installed into."""

    def install(self, client: Any, requirements: Sequence[str], *, timeout: float) -> Mapping[str, Reply]:
        """Install exactly these (`name==version`), for workers that join later as well."""
        ...
