"""All that an answer depends on, in one value: taken from this process once, at the outermost call."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from .. import probe
from ..modules.distributions import Distributions
from ..modules.finding import ImportSystem, installed_path
from ..modules.loaded import read_process_start
from ..modules.path_entries import PathRules, read_lasting, read_rules
from ..modules.witness import Witness, latest
from ..redact import learn_variables
from ..runner import Door, Runner, run
from ..value import dataclass

_witness = Witness()
"""What this process has seen change: what its modules are is nobody else's affair."""

_kept = Distributions()
"""What this process has read of its distributions: every answer is checked against the directories before it is used again."""


@dataclass(frozen=True, slots=False, kw_only=True)
class World:
    """The process that a question is about: its import system, variables, working directory, and what the edge knows.

    ``connection_file`` is the kernel's, None outside a kernel; ``namespace`` holds the user's variables, and
    ``cells`` the number of each cell by the file name that its code has.
    """

    system: ImportSystem
    environ: Mapping[str, str]
    home: str | None
    connection_file: str | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, int] = field(default_factory=dict)
    distributions: Distributions = _kept
    witness: Witness = _witness
    run: Runner = run

    @classmethod
    def current(
        cls,
        *,
        connection_file: str | None = None,
        namespace: Mapping[str, Any] | None = None,
        cells: Mapping[str, int] | None = None,
    ) -> World:
        """This process, now."""
        learn_variables(os.environ)
        home = os.path.expanduser("~")
        return cls(
            system=ImportSystem.current(),
            environ=dict(os.environ),
            home=home if os.path.isabs(home) else None,
            connection_file=connection_file,
            namespace={} if namespace is None else namespace,
            cells=cells or {},
        )

    @property
    def door(self) -> Runner:
        """How a question runs a program: what PATH names is the user's word as it is here, not as a command line sets it."""
        return Door(path=self.environ.get("PATH", "")) if isinstance(self.run, Door) else self.run

    @cached_property
    def description(self) -> dict[str, Any]:
        """The probe's description of this interpreter."""
        return dict(probe.describe())

    @cached_property
    def interpreter(self) -> Mapping[str, Any]:
        """The part of the description that stays as long as the process: read once in its life."""
        return _describe_once()

    @cached_property
    def rules(self) -> PathRules:
        """Why the entries of the path are there."""
        return read_rules(
            self.interpreter,
            cwd=self.system.cwd,
            pythonpath=read_initial_pythonpath(self.environ),
            distributions=self.distributions,
        )

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The entries of ``sys.path`` as absolute directories."""
        return installed_path(self.system)

    @cached_property
    def lasting_path(self) -> tuple[str, ...]:
        """Those entries that the next start of this interpreter will have too, whatever folder it starts in."""
        return read_lasting(
            self.path,
            probe.identity(),  # not what is kept of it, which is as old as the process: a site directory may be new
            pythonpath=read_initial_pythonpath(self.environ),
            distributions=self.distributions,
        )

    @cached_property
    def started(self) -> float | None:
        """When this process started, in seconds since the epoch."""
        return _started()

    def since(self, name: str) -> float | None:
        """When at the earliest a loaded module was loaded: after the start, and after a change of ours that did not meet it."""
        return latest(self.started, self.witness.since(name, self.system.modules.get(name)))


@lru_cache(maxsize=1)
def _describe_once() -> Mapping[str, Any]:
    return MappingProxyType(probe.identity())


@lru_cache(maxsize=1)
def _started() -> float | None:
    return read_process_start()


def read_initial_pythonpath(environ: Mapping[str, str]) -> str:
    """``PYTHONPATH`` as it was when this process started, where Linux tells; else as it is now."""
    initial = _initial_pythonpath()
    return environ.get("PYTHONPATH", "") if initial is None else initial


@lru_cache(maxsize=1)
def _initial_pythonpath() -> str | None:
    if sys.flags.ignore_environment:
        return ""
    try:
        with open("/proc/self/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return None
    mark = b"PYTHONPATH="
    return next((os.fsdecode(each[len(mark) :]) for each in variables if each.startswith(mark)), "")
