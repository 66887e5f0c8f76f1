"""The environments that workers run in: who is in which, who leads there, and which Python carries out a change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ipython_where.errors import WhereError
from ipython_where.model import Evidence
from ipython_where.value import dataclass

KERNEL = "this kernel"
"""The kernel's name beside those of the workers."""

OLDEST = (3, 11)
"""The oldest Python that this package runs on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlace:
    """One environment, and the workers in it. ``leaders`` are those that may change it, the first one first.

    ``told`` is what the leader said of itself, ``runs_on`` the files of the engine's modules that any of them has loaded.
    """

    key: str
    told: Mapping[str, Any]
    workers: tuple[str, ...]
    with_kernel: bool
    leaders: tuple[str, ...]
    runs_on: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Equal where the same files fit."""
        return str(self.told["kind"])

    @property
    def holds(self) -> str:
        """Equal where the same is installed."""
        return str(self.told["holds"])

    @property
    def prefix(self) -> str:
        """The prefix, as the interpreter there has it."""
        return str(self.told["prefix"])


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlan:
    """What was planned for one environment, the pins as JSON has them.

    Others of its ``kind`` that hold the same can use them as they are, and the rest of its kind keeps to the versions.
    """

    kind: str
    holds: str
    pins: Sequence[Mapping[str, Any]]

    @property
    def limits(self) -> tuple[str, ...]:
        """The versions, as constraints."""
        return tuple(
            f"{pin['name']}=={pin['version']}" for pin in self.pins if pin["url"] is None and pin["version"] is not None
        )


def grouped(looks: Mapping[str, Mapping[str, Any]], *, and_here: bool) -> tuple[WorkerPlace, ...]:
    """The environments of workers, by what they said of themselves; the kernel's alone only if ``and_here``.

    Two workers in one environment are one place. Raises `WhereError` for a worker whose system has no processes of the kind.
    """
    groups: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, told in looks.items():
        if told["os"] != "posix":
            raise WhereError(
                f"`{name}` runs on a system where nothing can be changed safely while it is in use",
                evidence=(Evidence(label=name, value=told["executable"], note=told["version"]),),
                unchanged=True,
            )
        groups.setdefault(told["key"], {})[name] = told
    places = (_place(key, each) for key, each in groups.items())
    return tuple(each for each in places if each.workers or and_here)


def _place(key: str, looks: Mapping[str, Mapping[str, Any]]) -> WorkerPlace:
    """The owner of an environment leads in it: another user's worker may not even see the leader's folder."""
    ranked = sorted(looks, key=lambda name: looks[name]["user"] != looks[name]["owner"])
    first = looks[ranked[0]]
    same_user = tuple(each for each in ranked if looks[each]["user"] == first["user"])
    loaded = [each for told in looks.values() for each in told["runs_on"].items()]
    # the last one counts: of several copies of a module, the one that is in this environment
    runs_on = dict(sorted(loaded, key=lambda each: each[1].startswith(f"{first['prefix']}{os.sep}")))
    workers = tuple(each for each in looks if each != KERNEL)
    return WorkerPlace(
        key=key, told=first, workers=workers, with_kernel=KERNEL in looks, leaders=same_user, runs_on=runs_on
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """The Python that runs this package for an environment, and where it finds it; ``paths`` None: it has to be sent."""

    executable: str
    paths: tuple[str, ...] | None


def driver_of(place: WorkerPlace, looks: Iterable[Mapping[str, Any]]) -> Driver | None:
    """The environment's own Python, or another one beside it where that is too old; None where there is none."""
    told = place.told
    fits = (each for each in looks if _is_beside(place, each) and tuple(each["series"]) >= OLDEST)
    by = told if tuple(told["series"]) >= OLDEST else next(fits, None)
    if by is None:
        return None
    return Driver(executable=by["executable"], paths=tuple(by["carries"]) if by["carries"] else None)


def programs_of(place: WorkerPlace, looks: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The folders of the programs of the environments beside it: uv may be in one of them."""
    folders = (os.path.dirname(each["executable"]) for each in looks if _is_beside(place, each))
    return tuple(dict.fromkeys(folders))


def _is_beside(place: WorkerPlace, look: Mapping[str, Any]) -> bool:
    """Whether a process of the same user's runs on the same machine: programs of another user's are not run."""
    return bool(look["machine"] == place.told["machine"] and look["user"] == place.told["user"])
