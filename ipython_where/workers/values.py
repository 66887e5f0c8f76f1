"""What is said about a cluster's workers: values, each drawn as any other answer is.

Tested in `tests/workers/test_asking.py`.
"""

from __future__ import annotations

from typing import Literal

from ipython_where import layouts
from ipython_where.model import Answer, Finding, Loaded, Value
from ipython_where.value import dataclass

Role = Literal["kernel", "scheduler", "workers"]

Difference = Literal["missing", "extra", "version", "python", "stale", "unknown"]
"""How a group differs from the kernel. `extra`: the kernel does not have it. `stale`: what is loaded there is not what is
installed there. `unknown`: it was not proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPython(Value):
    """The interpreter of a worker. ``platform`` is `linux-x86_64` and the like.

    In paths, `$CWD` is the working directory of each worker, where that differs between workers that are equal.
    """

    version: str
    implementation: str
    platform: str
    executable: str | None
    prefix: str

    @property
    def minor(self) -> str:
        """Its version as wheels name it: `3.12`."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerModule(Value):
    """A module as a worker's own import system would find it, or a distribution that was asked for by its name.

    ``found`` is None if that was not proven; ``reason`` says why. ``version`` is the distribution's, as it is installed;
    ``owners`` are all that list the file, None if one that lists nothing may own it. ``stale``: what is ``loaded`` is not what an
    import would load; if it is, ``loaded`` is None.
    """

    found: bool | None
    file: str | None
    kind: str | None
    standard_library: bool
    distribution: str | None
    version: str | None
    owners: tuple[str, ...] | None
    loaded: Loaded | None
    stale: bool | None
    reason: str | None

    @property
    def running(self) -> str | None:
        """The version of the code that runs there now, or would: the loaded one's, if that is stale."""
        return self.loaded.version if self.loaded is not None and (self.stale or self.version is None) else self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerGroup(Value):
    """Workers that gave the same answer. ``hosts`` is the number of machines that they run on, ``having_loaded`` the number of
    them that have loaded the module.
    """

    role: Role
    workers: tuple[str, ...]
    hosts: int
    python: WorkerPython
    module: WorkerModule
    having_loaded: int
    differences: tuple[Difference, ...] = ()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.workers)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentGroup(Value):
    """Workers whose whole environments are equal: the same Python in the same place, with the same projects installed.

    ``digest`` is that of their projects and versions, ``projects`` how many these are. ``differing`` is how many of them differ
    from the kernel's, None if their list did not arrive.
    """

    role: Role
    workers: tuple[str, ...]
    hosts: int
    python: WorkerPython
    projects: int
    digest: str
    differing: int | None
    differences: tuple[Difference, ...] = ()

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.workers)


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingProject(Value):
    """A project that is not the same everywhere. A version is empty where it is not installed, and None where that is unknown.

    ``imported``: this notebook has imported it. ``required``: the engine needs it to be the same on both sides. ``versions`` has
    one for each of the answer's environments.
    """

    project: str
    imported: bool
    required: bool
    kernel: str
    versions: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentWorkers(Value):
    """Workers of which nothing is known, for one reason."""

    workers: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WorkersAnswer(Answer):
    """Where a name comes from on each worker: `%where NAME --on CLIENT`.

    ``kernel`` answers first, then the ``groups``, those that differ before the others. ``asked`` and ``answered`` count workers
    alone. ``seconds`` is how long it took, ``timeout`` how long it could take.
    """

    query: str
    client: str
    engine: str
    asked: int
    answered: int
    seconds: float
    timeout: float
    kernel: WorkerGroup
    groups: tuple[WorkerGroup, ...]
    silent: tuple[SilentWorkers, ...]
    findings: tuple[Finding, ...]

    @property
    def agrees(self) -> bool:
        """Whether every worker answered, and none differs from the kernel."""
        return not self.silent and not any(each.differences for each in self.groups)

    def to_markdown(self) -> str:
        """A table for an issue or a paper, without any path."""
        return layouts.markdown(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnvironmentsAnswer(Answer):
    """Whole environments compared: `%where --on CLIENT`.

    ``environments`` are in the order of `WorkersAnswer.groups`. ``projects`` are those that differ: what this notebook has
    imported first, then what the engine requires.
    """

    client: str
    engine: str
    asked: int
    answered: int
    seconds: float
    timeout: float
    kernel: EnvironmentGroup
    environments: tuple[EnvironmentGroup, ...]
    projects: tuple[DifferingProject, ...]
    silent: tuple[SilentWorkers, ...]
    findings: tuple[Finding, ...]

    @property
    def agrees(self) -> bool:
        """Whether every worker answered, and none differs from the kernel."""
        return not self.silent and not any(each.differences for each in self.environments)

    def to_markdown(self) -> str:
        """A table for an issue or a paper, without any path."""
        return layouts.markdown(self)
