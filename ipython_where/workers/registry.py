"""The engines that there are, ours and those that third parties declare, and the one that a client belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.entry_points import (
    EntryPoint,
    UnusableError,
    load_entry_point,
    read_entry_points,
)
from ipython_where.judge.diagnose.entry_point import unusable_finding
from ipython_where.model import Finding
from ipython_where.value import dataclass

from .engine import GROUP, Engine

OURS = {
    "dask": "ipython_where.workers.dask:Dask",
    "ipyparallel": "ipython_where.workers.ipyparallel:IPythonParallel",
    "ray": "ipython_where.workers.ray:Ray",
    "spark": "ipython_where.workers.spark:Spark",
}
"""What our own entry points say, as in `change.installers.registry`. Each is one file, which imports no engine's library."""

_NEEDED = tuple(sorted(name for name in vars(Engine) if not name.startswith("_")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The entry points, each imported when it is its turn. ``path`` is where the kernel's modules come from in any folder."""

    entries: tuple[EntryPoint, ...]
    path: tuple[str, ...]

    def of(self, client: object) -> tuple[Engine | None, tuple[Finding, ...]]:
        """The first engine that knows the client; and, where none does, a finding for each that could not be used."""
        findings: list[Finding] = []
        for engine in self._usable(findings):
            if _matches(engine, client):
                return engine, ()
        return None, tuple(findings)

    def having(self, clients: Iterable[tuple[str, object]]) -> Iterator[tuple[str, Engine]]:
        """The names of those objects that an engine knows, each with that engine."""
        engines = tuple(self._usable([]))
        for name, client in clients:
            engine = next(filter(partial(_matches, client=client), engines), None)
            if engine is not None:
                yield name, engine

    @property
    def names(self) -> tuple[str, ...]:
        """What the engines are called."""
        return tuple(dict.fromkeys(each.name for each in self.entries))

    def _usable(self, findings: list[Finding]) -> Iterator[Engine]:
        taken: dict[str, EntryPoint] = {}
        for entry in self.entries:
            try:
                first = taken.setdefault(entry.name, entry)
                if first is not entry:
                    raise UnusableError(f"`{entry.name}` is taken by {first.whose}")
                yield _engine(entry, self.path)
            except (Exception, SystemExit) as error:  # somebody else's import may raise whatever it likes
                findings.append(_finding(entry, error))


def read_engines(distributions: Distributions, path: Sequence[str]) -> Engines:
    """The engines along a path, ours first."""
    return Engines(entries=read_entry_points(distributions, path, GROUP, OURS), path=tuple(path))


def _engine(entry: EntryPoint, path: Sequence[str]) -> Engine:
    engine: Engine = load_entry_point(entry, path, OURS)()
    missing = [name for name in _NEEDED if not hasattr(engine, name)]
    if missing:
        raise UnusableError(f"`{type(engine).__name__}` is not an engine: it has no `{missing[0]}`")
    if engine.name != entry.name:
        raise UnusableError(f"its engine calls itself `{engine.name}`")
    return engine


def _matches(engine: Engine, client: object) -> bool:
    try:
        return engine.matches(client) is True
    except Exception:  # an engine that stumbles over somebody else's object does not know it
        return False


def _finding(entry: EntryPoint, error: BaseException) -> Finding:
    reason = str(error) if isinstance(error, UnusableError) else f"{type(error).__name__}: {error}"
    return unusable_finding(
        "engine", entry.name, entry.value, metadata=entry.metadata, project=entry.project, reason=reason
    )
