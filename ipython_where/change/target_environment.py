"""The environment that a request changes, with all that the steps of a change need to know of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from functools import cached_property

from ipython_where.answer.world import World
from ipython_where.errors import WhereError, evidence_lines
from ipython_where.facts.conda.records import CondaRecords
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.entry_points import EntryPoint
from ipython_where.facts.distributions.installed import InstalledDistributions as InstalledEnvironment
from ipython_where.facts.distributions.installed import closure, kernel_roots
from ipython_where.facts.distributions.requirement import Markers, parse_requirement
from ipython_where.facts.environments.package_managers import find_installers
from ipython_where.facts.files import read_utf8
from ipython_where.facts.interpreters.environment import judge_environment
from ipython_where.facts.settings.configuration import Answer
from ipython_where.facts.settings.pip_config import PipConfig
from ipython_where.facts.settings.settings import read_settings_and_pip
from ipython_where.model import Environment, Evidence, Finding, Setting
from ipython_where.redact import masked
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .installers.child_environ import neutralised
from .installers.interface import Command, Installer, Pin, Site, Surroundings
from .installers.killed import killed_error, read_memory_kills
from .installers.private_folder import private_folder
from .installers.process import Child, Meanwhile, nothing, run_child
from .installers.progress import Progress
from .installers.registry import find_available, read_entries
from .installers.sessions import Children
from .plan.verdict import StaleModules
from .request.safepip_line import typed
from .transaction.disk import Disk, RealDisk
from .transaction.locks import Holder, Lock, locked, remove_if_alone
from .transaction.transaction import Recovered, Store
from .values import Occupant, Plan

UNDOABLE = 100
"""So many transactions can be undone, as long as what they replaced fits into the store's budget: a small one costs little."""


_outdated = StaleModules()
"""Of this process: what its modules are is nobody else's affair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """The settings that installers follow, as they were read once."""

    settings: tuple[Setting, ...]
    pip_config: PipConfig


@dataclass(frozen=True, slots=False, kw_only=True)
class TargetEnvironment:
    """The kernel's environment as a change finds it. ``user``: the user's site of it, not the environment itself.

    ``goes_on``: this process uses what is changed; else it ends, and is not brought to what a new one would see. ``steering``
    None: the settings are read when they are asked for.
    """

    world: World
    progress: Progress
    user: bool = False
    goes_on: bool = True
    child: Child = run_child
    outdated: StaleModules = _outdated
    disk: Disk = field(default_factory=RealDisk)
    steering: Steering | None = field(default=None, repr=False)

    @property
    def runs(self) -> Occupant:
        """What runs in this environment."""
        return Occupant.KERNEL

    @property
    def option(self) -> str:
        """What a `%safepip` line says to mean this environment."""
        return self.runs.option

    @property
    def owner(self) -> str:
        """Whose environment it is, as a message says it."""
        return f"{self.runs.noun}'s"

    @property
    def way_out(self) -> str:
        """What to do where the environment cannot be written to."""
        return "`%where` shows who owns it; `python -m venv` creates one of your own"

    def typed(self, command: str, *words: str) -> str:
        """A `%safepip` line for this environment, to be pasted."""
        return typed(command, self.option, *words)

    @property
    def rollout(self) -> str | None:
        """The change of several environments that this one's is a part of."""
        return None

    @property
    def shares_plan(self) -> bool:
        """Whether the pins are carried out in other environments, too: then their files' hashes have to be known."""
        return False

    def before_swap(self, plan: Plan, pins: Sequence[Pin] = ()) -> None:
        """Called when all that can fail without changing anything is done, and in a dry run when all that would be is known: who
        changes several environments waits here for the others.
        """

    @cached_property
    def kernel(self) -> Environment:
        """The environment of the interpreter."""
        found = find_installers(
            self.world.description, environ=self.world.environ, home=self.world.home, cwd=self.world.system.cwd
        )
        return judge_environment(self.world.description, found)

    @property
    def prefix(self) -> str:
        """The interpreter's prefix."""
        return str(self.world.interpreter["prefix"])

    @property
    def conda(self) -> CondaRecords:
        """conda's records of the prefix; none where conda didn't make it."""
        return self.world.distributions.conda(self.prefix)

    @property
    def executable(self) -> str:
        """The kernel's interpreter. Raises `WhereError` where the process is none."""
        if self.kernel.executable is None:
            raise WhereError("this process is not a Python interpreter that an installer can install for")
        return self.kernel.executable

    @property
    def named(self) -> Evidence:
        """The row of an error that names the interpreter."""
        return Evidence(label=self.runs.value, value=self.executable, note=self.kernel.version)

    @property
    def root(self) -> str:
        """The folder that everything is installed below: the prefix, or the user's base."""
        base = self.world.description["user_base"]
        if not self.user:
            return self.kernel.prefix
        if not base or not self.kernel.user_site_enabled:
            raise WhereError("this kernel does not use the user site", hint="leave out `--user`")
        return str(base)

    @property
    def site_directory(self) -> str:
        """The directory that pure modules are installed into."""
        return str(self.world.description["user_site" if self.user else "purelib"])

    @property
    def site_directories(self) -> tuple[str, ...]:
        """The directories below the root that hold distributions."""
        if self.user:
            return (self.site_directory,)
        paths = (self.world.description["purelib"], self.world.description["platlib"])
        return tuple(dict.fromkeys(paths))

    @cached_property
    def installed(self) -> InstalledEnvironment:
        """What is installed for the next start of the interpreter, too, the one that counts first.

        What the notebook's folder holds, or one that a cell put on the path, was installed by nobody.
        """
        lasting = self.world.lasting_path
        # the directories that are installed into are dear to know, and nearly always among the others
        entries = [each for each in self.world.path if each in lasting or each in self.site_directories]
        return InstalledEnvironment(self.world.distributions, list(filter(os.path.isdir, entries)))

    @cached_property
    def visible(self) -> InstalledEnvironment:
        """All that the path of the running process has, installed or not."""
        entries = list(filter(os.path.isdir, self.world.path))
        return InstalledEnvironment(self.world.distributions, entries)

    @cached_property
    def markers(self) -> Markers:
        """This interpreter's values for the markers of requirements."""
        return Markers(self.world.interpreter["markers"])

    @cached_property
    def kernel_projects(self) -> frozenset[str]:
        """The projects that this kernel itself needs to run."""
        roots = kernel_roots(self.world.system.modules, self.visible)
        return frozenset(closure(roots, self.visible, self.markers))

    def read_ahead(self, requirements: Iterable[str]) -> None:
        """Read now what a plan will be judged against and a transaction needs: there is time while an installer works."""
        self.store.read_ahead()
        named = (parse_requirement(each) for each in requirements)
        _ = list(self.installed.requiring([each.name for each in named if each is not None]))
        _ = self.kernel_projects

    @cached_property
    def _read_settings(self) -> tuple[Answer, PipConfig]:
        world = self.world
        # not the kernel's whole description: this is asked before it is known that anything has to be done
        return read_settings_and_pip(environ=world.environ, cwd=world.system.cwd, prefix=world.interpreter["prefix"])

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """The variables and configuration keys that steer installers here."""
        return self.steering.settings if self.steering is not None else self._read_settings[0][0]

    @cached_property
    def pip_config(self) -> PipConfig:
        """pip's own settings in force."""
        return self.steering.pip_config if self.steering is not None else self._read_settings[1]

    @property
    def neutralised(self) -> tuple[str, ...]:
        """The names of the settings that would have led the install elsewhere."""
        from_files = (each.name for each in self.settings if each.diverts and each.source != "environment")
        return tuple(dict.fromkeys((*neutralised(self.world.environ), *from_files)))

    @property
    def available(self) -> tuple[Installer, ...]:
        """The installers that can serve this environment."""
        return self._found_installers[0]

    @property
    def unusable(self) -> tuple[Finding, ...]:
        """What is told of installers that were declared and cannot be used."""
        return self._found_installers[1]

    @cached_property
    def _found_installers(self) -> tuple[tuple[Installer, ...], tuple[Finding, ...]]:
        description = self.world.description
        surroundings = Surroundings(
            executable=self.executable,
            installed=self.installed,
            found=self.kernel.installers,
            base_executable=description["base_executable"],
            standard_library=description["stdlib"],
            site_directory=description["purelib"],
        )
        return find_available(self.entries, surroundings, path=self.own_world.lasting_path)

    @cached_property
    def entries(self) -> tuple[EntryPoint, ...]:
        """The installers that are declared, whether they can be used or not."""
        own = self.own_world
        return read_entries(own.distributions, own.lasting_path)

    @property
    def own_world(self) -> World:
        """The process that carries the change out: what its environment declares is what it may run."""
        return self.world

    @cached_property
    def store(self) -> Store:
        """The transactions of this environment."""
        uv_lock = None if self.user else os.path.join(self.kernel.prefix, ".lock")
        return Store(
            self.root,
            site_directories=self.site_directories,
            uv_lock=uv_lock,
            option=self.option,
            rollout=self.rollout,
            keep=UNDOABLE,
            waiting=self.waiting,
            disk=self.disk,
        )

    def waiting(self, holder: Holder) -> None:
        """Tell that somebody else is changing the environment."""
        self.progress.step("waiting: " + "; ".join(evidence_lines(holder.evidence())))

    def tell_recovered(self, found: Iterable[Recovered]) -> None:
        """Report what was rolled back of an earlier change, as it happens."""
        for each in found:
            for line in each.lines():
                self.progress.tell(line)

    def afresh(self) -> TargetEnvironment:
        """The same environment with nothing kept of what was read of it: to be called when the lock is held."""
        return replace(self)

    @contextmanager
    def locked(self, command: str) -> Iterator[Lock]:
        """Hold the environment's lock; what a crash left unfinished is rolled back first.

        Where no transaction is kept, nothing is left of the lock.
        """
        with locked(self.store.lock_path, command=command, waiting=self.waiting) as lock:
            try:
                self.tell_recovered(self.store.recover())
                yield lock
            finally:
                remove_if_alone(lock)

    @contextmanager
    def at_work(self, lock: Lock) -> Iterator[TargetEnvironment]:
        """The environment afresh, its installers holding the lock too, and started once for all that they do in the block."""
        # what the installer is chosen by is what it is told: the files of the settings are read once
        steering = Steering(settings=self.settings, pip_config=self.pip_config)
        if self.child is not run_child:
            yield replace(self, steering=steering)
            return
        with Children(keep=(lock.fd,)) as children:
            yield replace(self, steering=steering, child=children)

    @contextmanager
    def site(self) -> Iterator[Site]:
        """What an installer is told of the environment, with a private folder for its files."""
        diverts = any(each.diverts and each.source.endswith(("uv.toml", "pyproject.toml")) for each in self.settings)
        with private_folder() as folder:
            yield Site(
                executable=self.executable,
                environ=self.world.environ,
                cwd=self.world.system.cwd or "/",
                folder=folder,
                pip=self.pip_config.values,
                pip_files_divert=self.pip_config.files_divert,
                pip_files_hinder=self.pip_config.files_hinder,
                uv_config=not diverts,
            )

    def run(
        self,
        command: Command,
        log: Callable[[str], None],
        *,
        data: bool = False,
        meanwhile: Meanwhile = nothing,
    ) -> Completed:
        """Run one of an installer's commands: its files written for nobody else to read, its lines masked.

        Raises `CommandError` where it cannot be started, or is killed.

        ``data``: its answer is to be parsed, and stays out of the log; it is the standard output of what is returned.
        ``meanwhile`` is called while the installer works.
        """
        for path, text in command.files:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        meter = command.meter()

        def show(line: str) -> None:
            if not meter(line, self.progress):
                shown = masked(line)
                log(shown)
                self.progress.line(shown)

        kills = read_memory_kills()
        done = self.child(command, show=show, data=data and command.answer is None, meanwhile=meanwhile)
        if done.returncode < 0:
            raise killed_error(command.argv[0], done.returncode, ran_out_of_memory=read_memory_kills() > kills)
        return done if command.answer is None else replace(done, stdout=read_utf8(command.answer) or "")

    def start_ahead(self, command: Command) -> None:
        """Start one of an installer's commands that will be run with its `input` before the block of `at_work` ends."""
        if isinstance(self.child, Children):
            self.child.start_ahead(command)

    def staged(self, stage: str) -> InstalledEnvironment:
        """What stands in a stage, read as an environment of its own."""
        relative = (os.path.relpath(entry, self.root) for entry in self.site_directories)
        return InstalledEnvironment(Distributions(), [os.path.join(stage, each) for each in relative])
