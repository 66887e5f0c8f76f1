"""What an installer has to know: how to be asked for a plan, what its answer means, how to stage files, how to read.

An installer runs nothing and writes nothing: it hands out a `Command`, whose ``files`` the caller writes (mode 0600:
they may hold credentials, so they never stand in an argument list, which every process of the machine can read) before
it runs it.

Tested in `tests/change/installers/test_both.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from ipython_where.change.request.request import Request
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.model import PackageManager as Program
from ipython_where.model import Setting
from ipython_where.redact import masked
from ipython_where.runner import Completed
from ipython_where.value import dataclass

from .progress import Progress

Meter = Callable[[str, Progress], bool]
"""Tells a progress how much is done by a line of an installer's; whether the line says nothing else."""


def no_meter() -> Meter:
    """For what does not say how far it is."""
    return lambda line, progress: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run. Neither ``env`` nor ``files`` (path and text) are fit to be shown; ``argv`` is.

    ``start``: the words of ``argv`` that start a Python program which may then carry out another such command, without
    being started again; empty where it may not. ``kept``: the folder that keeps the wheels it downloads, for the next one.
    ``ends``: after this one it may not any more. ``answer``: the file that the answer is written to, where it is not
    standard output. ``input``: what it reads from standard input; such a program may be started before that is known (see
    `Installer.waiting`). ``meter`` makes what reads its lines.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    cwd: str
    files: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    start: tuple[str, ...] = ()
    kept: str | None = None
    ends: bool = False
    answer: str | None = None
    input: str | None = field(default=None, repr=False)
    meter: Callable[[], Meter] = field(default=no_meter, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One distribution that a plan installs. ``name`` is as its project spells it.

    ``url`` is where a direct requirement comes from, credentials and all: show ``source``. ``version`` and ``requires``
    are None where the installer learns them only by building (`completed_pins` fills them from the stage). ``hashes``
    are spelled ``sha256:…``. ``file`` is the name of the file that was chosen from an index, where it is known.
    """

    name: str
    version: str | None
    url: str | None = field(default=None, repr=False)
    file: str | None = None
    hashes: tuple[str, ...] = ()
    requested: bool = False
    extras: tuple[str, ...] = ()
    editable: bool = False
    yanked: str | None = None
    size: int | None = None
    requires: tuple[str, ...] | None = None

    @property
    def source(self) -> str | None:
        """The masked URL or path that it comes from, None for an index."""
        if self.url is None:
            return None
        if not self.url.startswith("file:///"):
            return masked(self.url)
        from urllib.parse import unquote

        return masked(unquote(self.url.removeprefix("file://")))

    @property
    def is_archive(self) -> bool:
        """Whether its hashes can be checked: not those of a folder or a repository."""
        return bool(self.hashes) and not self.editable


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The environment to install into and the world of the child that does it.

    ``environ`` are the caller's variables, ``cwd`` the notebook's folder (relative paths mean it), ``folder`` a private
    directory (mode 0700) in which the commands' files may stand. ``pip`` are pip's settings in force by key, variables
    and files together, without those that divert or get in the way; ``pip_files_divert``: a file of pip's would divert, so
    none may be read; ``pip_files_hinder``: none may for an install. ``uv_config`` False: likewise.
    """

    executable: str
    environ: Mapping[str, str] = field(repr=False)
    cwd: str
    folder: str
    pip: Mapping[str, str] = field(default_factory=dict, repr=False)
    pip_files_divert: bool = False
    pip_files_hinder: bool = False
    uv_config: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known where installers for an environment are looked for.

    ``executable`` is its interpreter, ``installed`` what it has, and ``found`` the programs that its description names (uv
    among them; before running any other, check it with `trust.who_else`). ``site_directory`` is where pure modules go.
    """

    executable: str
    installed: InstalledDistributions
    found: tuple[Program, ...]
    base_executable: str | None
    standard_library: str
    site_directory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the choice of an installer depends on, beside the request.

    ``settings`` are the variables and configuration keys that steer installers here, ``pip`` pip's own in force by key.
    ``unlike``: why what is installed is something else for any installer but pip, None where it is not. ``constraints`` are the
    lines of the constraints files; None where one of them is more than a name with versions. ``environ`` are the caller's
    variables.
    """

    settings: tuple[Setting, ...] = field(default=(), repr=False)
    pip: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str = "/"
    unlike: str | None = None
    constraints: tuple[str, ...] | None = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """An installer may answer otherwise than pip, for a ``reason`` in a few words: it is taken where there is no pip."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An installer does not carry out a request, for a ``reason`` in a few words. ``by_line``: for one of its options.

    ``hint``: what to do about it, where it helps nobody to ask for this installer by name.
    """

    reason: str
    by_line: bool = False
    hint: str | None = None


class Installer(Protocol):
    """One way to install into an environment. What it can do it says itself: nothing compares its name.

    ``how`` says in a few words where it was found. Of those that can serve a request, the one with the highest
    ``priority`` does (pip has 0, uv 10), and ``because`` is the reason that is shown, in a few words.
    ``is_reference``: its answers are pip's own, and every other installer is held to them; where another fails, it is
    asked. ``needs_recheck``: after staging, what came is compared with what pip would have chosen.
    """

    @property
    def name(self) -> str: ...

    @property
    def how(self) -> str: ...

    @property
    def priority(self) -> int: ...

    @property
    def because(self) -> str: ...

    @property
    def is_reference(self) -> bool: ...

    @property
    def needs_recheck(self) -> bool: ...

    def serves(self, request: Request, circumstances: Circumstances) -> Differs | Refusal | None:
        """What speaks against it for a request; None where nothing does.

        Where the user asked for it by name (``request.installer`` is its name), only what it cannot do counts.
        """
        ...

    def plan(self, request: Request, site: Site) -> Command:
        """Ask what an install would change, changing nothing."""
        ...

    def parse_plan(self, done: Completed, request: Request, site: Site) -> tuple[Pin, ...]:
        """The pins in the answer. Raises `CommandError` when there is none."""
        ...

    def checks_hashes(self, site: Site) -> bool:
        """Whether it refuses a download that has another hash than its index says. One that may not is told the hashes of what
        it stages, as far as `detail` finds them.
        """
        ...

    def detail(self, pins: tuple[Pin, ...], request: Request, site: Site) -> Command | None:
        """Ask for what is not known yet of the pins (hashes, sizes), for what is shown (in a dry run, or while it stages)
        and where it does not check hashes by itself. None when nothing is missing. It may fail: pins are good without.
        """
        ...

    def parse_detail(self, pins: tuple[Pin, ...], done: Completed) -> tuple[Pin, ...]:
        """The pins with what the second answer adds."""
        ...

    def stage(self, pins: tuple[Pin, ...], stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        """Install exactly these pins below ``stage``, a folder in the same file system; run one after the other."""
        ...

    def waiting(self, stage: str, request: Request, site: Site) -> Command | None:
        """The command that `stage` will give, without the pins, where it reads them from its `input`: it is started while the
        plan is made. None where it doesn't; others' installers aren't asked.
        """
        ...

    def alone(self, stage: str, request: Request, site: Site) -> Command | None:
        """Install the one project that a request names below ``stage``, in its newest version that fits, and nothing that it
        requires; `parse_plan` reads the answer. None where that takes as long as a plan; others' installers aren't asked.
        """
        ...

    def files_of(self, lines: Sequence[str], request: Request, site: Site) -> Command:
        """Ask which files there are of exactly these (`name==version`, `name @ URL`), for a lock."""
        ...

    def parse_files(self, done: Completed) -> tuple[dict[str, Any], ...]:
        """The files as the entries of a pylock.toml (PEP 751). Raises `CommandError` when one of the lines has none."""
        ...

    def stage_lock(self, text: str, stage: str, request: Request, site: Site) -> tuple[Command, ...]:
        """Install exactly what a lock file of this text names below ``stage``."""
        ...

    def newest(self, lines: Sequence[str], request: Request, site: Site) -> Command | None:
        """Ask for the newest version of each project that fits these requirements of it (`name>=1`), dependencies aside. None
        where it is never asked to: by one whose `needs_recheck` is False.
        """
        ...

    def parse_newest(self, done: Completed) -> dict[str, str]:
        """The versions, by normalised name. Raises `CommandError` when nothing fits one of the lines."""
        ...

    def run(self, request: Request, site: Site) -> Command:
        """A command that reads (`list`, `show`, …) or fetches (`download`, `wheel`)."""
        ...


Finder = Callable[[Surroundings], Iterable[Installer]]
"""What an entry point of the group `ipython_where.installers` names: it finds the installers of one kind, the best first."""
