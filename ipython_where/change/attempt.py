"""What the steps of a change pass on to one another: each value is made by one step, whole, and read by the next.

Tested in `tests/change/test_pipeline.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from ipython_where.model import Finding
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .installers.interface import Command, Installer, Pin, Site
from .installers.process import Meanwhile, nothing
from .request.request import Request
from .target_environment import TargetEnvironment
from .values import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The installer that carries a request out, and why that one.

    A step that returns another one has found that the answer so far is not pip's: the attempt ends, and pip is asked.
    """

    installer: Installer
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One installer at one request, in an environment whose lock is held. ``log`` takes its own lines as they come."""

    request: Request
    target: TargetEnvironment
    site: Site
    choice: Chosen
    log: list[str] = field(default_factory=list, repr=False, compare=False)

    @property
    def installer(self) -> Installer:
        """Who is at it."""
        return self.choice.installer

    def step(self, doing: str) -> None:
        """Show what begins, and with whom."""
        self.target.progress.step(f"{doing} with {self.installer.name}")

    def run(self, command: Command, *, data: bool = False, meanwhile: Meanwhile = nothing) -> Completed:
        """Run one of the installer's commands (see `TargetEnvironment.run`)."""
        return self.target.run(command, self.log.append, data=data, meanwhile=meanwhile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What a request comes to: the distributions to bring, and the requirements that are wanted by themselves.

    ``lock``: the text of the lock file that the pins are staged from; nobody chose these here.
    """

    pins: tuple[Pin, ...]
    roots: tuple[str, ...]
    lock: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """What comes back beside what is wanted, and what is said of the rest that is damaged."""

    pins: tuple[Pin, ...] = ()
    left: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is wanted, with the repairs; ``plan`` is None where only the stage tells what changes."""

    resolved: Resolved
    plan: Plan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What stands in a stage: the pins by what really came, and the plan that they come to, judged."""

    pins: tuple[Pin, ...]
    plan: Plan


Resolve = Callable[[Request], tuple[Pin, ...] | Chosen]
"""Asks the installer of an attempt for the pins of a request."""
