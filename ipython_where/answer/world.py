"""Everything an answer depends on, in one value: taken from this process at the outermost call, or from another interpreter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from ipython_where import probe
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem, installed_path
from ipython_where.facts.imports.loaded import read_process_start
from ipython_where.facts.imports.path_entries import PathRules, read_lasting, read_rules
from ipython_where.facts.imports.witness import Witness, latest
from ipython_where.model import Finding
from ipython_where.redact import learn_variables
from ipython_where.runner import Door, Runner, run
from ipython_where.value import dataclass

if TYPE_CHECKING:
    from ipython_where.facts.conda.records import CondaRecords
    from ipython_where.facts.jupyter.pages import Page

_witness = Witness()
"""The changes that this process saw. It is per process because loaded modules are."""

_kept = Distributions()
"""What this process has read about its distributions; checked against the directories before every reuse."""


@dataclass(frozen=True, slots=False, kw_only=True)
class World:
    """The process that a question is about: its import system, variables, working directory, and what the edge knows.

    `here` describes this process, `of` another interpreter from what its probe reported. Readers use nothing else, so a
    question means the same for both.

    ``interpreter`` is the part of the probe's description that is cheap to read; ``describe`` gives all of it, and is
    called only when a question needs it. ``standard_library`` has the top-level names of its modules. ``started`` is when the
    process started, in seconds since the epoch, ``pythonpath`` what ``PYTHONPATH`` was then, and ``start_path`` its path
    then, if known. ``connection_file`` is the kernel's, None outside a kernel; ``namespace`` holds the user's
    variables, and ``cells`` maps the file name of each cell's code to the cell's number. ``pip_is_safepip``: `%pip install`
    is carried out by `%safepip` there; ``path_is_set``: its programs were put first on PATH. ``page`` is the page that asked.
    """

    system: ImportSystem
    environ: Mapping[str, str]
    home: str | None
    interpreter: Mapping[str, Any]
    describe: Callable[[], Mapping[str, Any]]
    standard_library: frozenset[str]
    started: float | None = None
    pythonpath: str = ""
    start_path: tuple[str, ...] | None = None
    connection_file: str | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, int] = field(default_factory=dict)
    pip_is_safepip: bool = False
    path_is_set: bool = False
    page: Page | None = None
    distributions: Distributions = field(default_factory=Distributions)
    witness: Witness = field(default_factory=Witness)
    run: Runner = run

    @classmethod
    def here(
        cls,
        *,
        connection_file: str | None = None,
        namespace: Mapping[str, Any] | None = None,
        cells: Mapping[str, int] | None = None,
        pip_is_safepip: bool = False,
        path_is_set: bool = False,
        page: Page | None = None,
    ) -> World:
        """This process, now."""
        learn_variables(os.environ)
        home = os.path.expanduser("~")
        return cls(
            system=ImportSystem.current(),
            environ=dict(os.environ),
            home=home if os.path.isabs(home) else None,
            interpreter=probe.identity(),
            describe=probe.describe,
            standard_library=sys.stdlib_module_names,
            started=_started(),
            pythonpath=_initial_pythonpath(os.environ),
            connection_file=connection_file,
            namespace={} if namespace is None else namespace,
            cells=cells or {},
            pip_is_safepip=pip_is_safepip,
            path_is_set=path_is_set,
            page=page,
            distributions=_kept,
            witness=_witness,
        )

    @classmethod
    def of(
        cls,
        described: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        home: str | None,
        cwd: str = "",
        started: float | None = None,
        run: Runner = run,
    ) -> World:
        """Another interpreter that sees the same files as this process; its probe gave ``described`` under ``environ``.

        Anything not reported is unknown: nothing is loaded there, no variables are bound, and if ``started`` is None, nothing
        is known to be stale. ``cwd`` resolves relative paths in a question; if it is empty, they mean nothing.
        """
        system = ImportSystem.of(described, cwd=cwd)
        return cls(
            system=system,
            environ=environ,
            home=home,
            interpreter=described,
            describe=lambda: described,
            standard_library=frozenset(described["standard_library"]),
            started=started,
            pythonpath="" if described["flags"]["ignore_environment"] else environ.get("PYTHONPATH", ""),
            start_path=installed_path(system) if described["fresh"] else None,
            run=run,
        )

    @property
    def door(self) -> Runner:
        """How a question runs a program: this process's PATH shows what the user trusts, not one that a command line sets."""
        return Door(path=self.environ.get("PATH", "")) if isinstance(self.run, Door) else self.run

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """The probe's full description of this interpreter."""
        return self.describe()

    @cached_property
    def conda(self) -> CondaRecords:
        """conda's records of the prefix; none where conda made nothing."""
        return self.distributions.conda(self.interpreter["prefix"])

    @cached_property
    def rules(self) -> PathRules:
        """Why each entry is on the path."""
        return read_rules(
            self.interpreter, cwd=self.system.cwd, pythonpath=self.pythonpath, distributions=self.distributions
        )

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The entries of ``sys.path`` as absolute directories."""
        return installed_path(self.system)

    @cached_property
    def lasting_path(self) -> tuple[str, ...]:
        """The entries that the next start of this interpreter will have too, whatever folder it starts in."""
        if self.start_path is not None:
            return self.start_path
        return read_lasting(
            self.path,
            self.interpreter,
            cwd=self.system.cwd,
            pythonpath=self.pythonpath,
            distributions=self.distributions,
        )

    def since(self, name: str) -> float | None:
        """The earliest time at which a loaded module was loaded: after the start, and after our last change before it."""
        return latest(self.started, self.witness.since(name, self.system.modules.get(name)))

    def fitting(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings with hints that work in this process (`diagnose.way`): as they are on most systems."""
        if sys.platform not in ("win32", "emscripten"):
            return findings
        from ipython_where.judge.diagnose.way import fitting, way_of

        return fitting(findings, way_of(sys.platform, self.system.modules))


@lru_cache(maxsize=1)
def _started() -> float | None:
    return read_process_start()


def _initial_pythonpath(environ: Mapping[str, str]) -> str:
    """``PYTHONPATH`` when this process started, if Linux still shows it; else its current value."""
    initial = _read_initial_pythonpath()
    return environ.get("PYTHONPATH", "") if initial is None else initial


@lru_cache(maxsize=1)
def _read_initial_pythonpath() -> str | None:
    if sys.flags.ignore_environment:
        return ""
    try:
        with open("/proc/self/environ", "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return None
    mark = b"PYTHONPATH="
    return next((os.fsdecode(each[len(mark) :]) for each in variables if each.startswith(mark)), "")
