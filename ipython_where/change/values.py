"""The values of a change: what was requested, what would change, what was done, and what it means for the kernel.

Tested in `tests/show/test_install.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

from ipython_where.interrupts import held
from ipython_where.model import Answer, Finding, LabExtension, PageStep, Value
from ipython_where.value import dataclass

ChangeKind = Literal["added", "upgraded", "downgraded", "rebuilt", "removed"]
"""`rebuilt`: the same version again (``--force-reinstall``, an editable project, another build)."""


class Occupant(Enum):
    """What runs in the environment that is changed; its value is the word for it in JSON."""

    KERNEL = "kernel"
    SERVER = "server"
    WORKERS = "workers"

    @property
    def noun(self) -> str:
        """What a message calls it."""
        return {Occupant.KERNEL: "this kernel", Occupant.SERVER: "the server", Occupant.WORKERS: "a worker"}[self]

    @property
    def option(self) -> str:
        """What a `%safepip` line says to mean its environment."""
        return {Occupant.KERNEL: "", Occupant.SERVER: "--server", Occupant.WORKERS: "--on"}[self]

    @property
    def is_this_process(self) -> bool:
        """Whether it imports here: then what a change means for it is known, and not only what its files say."""
        return self is Occupant.KERNEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Value):
    """One distribution that a plan adds, replaces or removes.

    ``asked_for``: named in this request; ``wanted_by`` are the projects that require it. ``size`` is the download's, in bytes.
    ``source`` is a masked URL or path if it does not come from an index; of a conda package, its channel. ``old_build`` and
    ``new_build`` are the builds of a conda package.
    """

    name: str
    kind: ChangeKind
    old: str | None
    new: str | None
    asked_for: bool
    wanted_by: tuple[str, ...] = ()
    size: int | None = None
    source: str | None = None
    editable: bool = False
    yanked: str | None = None
    old_build: str | None = None
    new_build: str | None = None

    @property
    def is_conda(self) -> bool:
        """Whether it is a conda package, which has a build, and not a Python distribution."""
        return self.old_build is not None or self.new_build is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Value):
    """What a request would change, which installer would do it and why, and the findings.

    ``satisfied`` are requirements that are already met; ``neutralised`` are settings that would have diverted the install.
    """

    changes: tuple[Change, ...]
    satisfied: tuple[str, ...]
    installer: str
    installer_reason: str
    neutralised: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Value):
    """A plan that was carried out. ``id`` names it for `%safepip undo`; ``when`` is seconds since the epoch.

    ``undoes`` is the transaction that this one undid, if it is an undo. ``size`` is the bytes that are kept to undo this one,
    None where nothing is kept for it any more. ``rollout`` is the change of several environments that it was a part of.
    """

    id: str
    when: float
    command: str
    changes: tuple[Change, ...]
    undoable: bool
    undoes: str | None = None
    size: int | None = None
    rollout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedModule(Value):
    """A loaded module whose files a transaction replaced or removed; ``extension``: native code, mapped into the process.

    ``loaded_from`` is the file or folder that the module was loaded from, if that differs.
    """

    name: str
    distribution: str
    extension: bool
    loaded_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invisible(Value):
    """An installed module that this kernel cannot import, and why; ``hint`` says what to do."""

    name: str
    reason: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Value):
    """What a change means for the running kernel, computed in its own process."""

    importable: tuple[str, ...]
    restart: tuple[ChangedModule, ...]
    invisible: tuple[Invisible, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict(Value):
    """What a change means for the Jupyter page, read from the files of the server's environment.

    ``lab_extensions`` and ``server_extensions`` are the newly available ones; ``gone`` are the names of removed ones.
    ``step`` is what has to be done before the page shows the change.
    """

    lab_extensions: tuple[LabExtension, ...]
    server_extensions: tuple[str, ...]
    gone: tuple[str, ...]
    step: PageStep


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InstallAnswer(Answer):
    """What `%safepip` returns: the plan, the transaction if there was one, and the verdict.

    ``place`` says whose environment it is, and ``kernel`` is its interpreter. Only the kernel's environment has a ``verdict``.
    ``page`` is what the change means for the Jupyter page; None if nothing, or if the page uses another environment.

    ``log`` are the installer's own lines, credentials masked. ``dry_run``: nothing was changed, on purpose. ``restored``: the
    bytes that an undo brings back.
    """

    command: str
    plan: Plan
    transaction: Transaction | None
    verdict: Verdict | None
    dry_run: bool
    seconds: float
    kernel: str | None
    log: tuple[str, ...] = ()
    place: Occupant = Occupant.KERNEL
    page: PageVerdict | None = None
    restored: int | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed, or with ``--dry-run`` would."""
        return self.plan.changes

    @property
    def installer(self) -> str:
        """The installer that carried it out: `pip` or `uv`."""
        return self.plan.installer

    @property
    def restart_needed(self) -> bool:
        """Whether loaded modules changed under the kernel."""
        return self.verdict is not None and bool(self.verdict.restart)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON types, with ``restart_needed`` spelled out."""
        return {**Answer.to_dict(self), "restart_needed": self.restart_needed}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Defer interrupts while the result is shown: the change is made, and IPython would show a traceback instead."""
        with held():
            return Answer._repr_mimebundle_(self, include, exclude)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HistoryAnswer(Answer):
    """What `%safepip history` returns: the transactions of an environment, newest first.

    ``size`` is the bytes kept for undoing; beyond ``limit``, the oldest are deleted. ``findings`` name the transactions whose
    journals cannot be read.
    """

    transactions: tuple[Transaction, ...]
    prefix: str
    size: int
    limit: int
    findings: tuple[Finding, ...] = ()
    place: Occupant = Occupant.KERNEL


PartOutcome = Literal["changed", "planned", "unchanged", "failed", "unknown"]
"""`unknown`: nobody there answered any more, or an error came while it was being changed; only the next change of it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPart(Value):
    """One environment in a change of several.

    ``workers`` are those that run in it, and ``with_kernel``: so does this kernel. ``restart`` are those of them that have loaded
    a module that was replaced or removed. ``problem`` says why it failed.
    """

    host: str
    prefix: str
    interpreter: str
    version: str
    workers: tuple[str, ...]
    with_kernel: bool
    outcome: PartOutcome
    plan: Plan | None = None
    transaction: Transaction | None = None
    restart: tuple[str, ...] = ()
    problem: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentWorker(Value):
    """A worker that did not say where it runs, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RolloutAnswer(Answer):
    """What `%safepip … --on CLIENT` returns: one part for each environment of the workers.

    ``id`` names it for `%safepip undo ID --on CLIENT`, and is None where nothing was changed; ``undoes`` is the one that was
    undone. ``later`` says whether workers that join later get it, or lose it; None if that was not asked.
    """

    command: str
    engine: str
    on: str
    id: str | None
    undoes: str | None
    dry_run: bool
    parts: tuple[RolloutPart, ...]
    silent: tuple[SilentWorker, ...]
    later: str | None
    seconds: float
    findings: tuple[Finding, ...] = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Defer interrupts while the result is shown, as an `InstallAnswer` does."""
        with held():
            return Answer._repr_mimebundle_(self, include, exclude)
