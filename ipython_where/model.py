"""The values that every answer is made of: frozen, true once built, and knowing nothing of this package.

A field that could not be proven is ``None``: it means "unknown", never "no". Paths are absolute strings as the interpreter
spells them: a virtual environment's ``python`` is a symlink, and resolving it would name the base interpreter instead.
``to_dict`` is the JSON face of each value; `docs/json.md` documents it.

Tested in `tests/show/test_json.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import Enum
from typing import Any, Literal, overload

from . import layouts
from .redact import masked_field
from .value import dataclass

SCHEMA = 1
"""The number in every JSON answer; it grows when a field changes its meaning or goes away."""

EnvironmentKind = Literal["venv", "virtualenv", "uv", "conda", "pyenv", "system", "pipx", "embedded", "standalone"]
"""`standalone`: an interpreter installed by itself (built from source, a uv-managed download), in no system directory."""

ModuleKind = Literal["source", "package", "namespace", "extension", "builtin", "frozen", "bytecode"]

Reason = Literal[
    "working directory",
    "PYTHONPATH",
    "standard library",
    "site-packages",
    "system site-packages",
    "user site",
    ".pth file",
    "code",
]
"""Why an entry stands on ``sys.path``. `code`: no start-up rule explains it, so something running put it there."""

ServerVerdict = Literal["local", "none", "unknown"]
"""`local`: proven to be on this machine. `none`: proven that no server drives the kernel. Else `unknown`."""

PartKind = Literal["JupyterLab", "server"]
"""`JupyterLab`: a prebuilt extension, which the page loads. `server`: an extension of Jupyter Server, which it imports."""

PartVerdict = Literal["fits", "misfit", "missing", "disabled", "unknown"]
"""`disabled`: it is there, and the server's settings switch it off.

`unknown` also where the server's environment is, or where nothing tells which versions fit."""

PageStep = Literal["nothing", "reload", "restart"]
"""`reload`: an open page may be older than what is served. `restart`: the server is; the page is then opened again."""

Severity = Literal["error", "warning", "note"]


class Value:
    """The base of all values: takes the credentials out of every text as it comes in, and gives each its JSON face."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:  # type: ignore[attr-defined]
            given = getattr(self, name)
            if isinstance(given, (str, tuple)):
                object.__setattr__(self, name, masked_field(name, given))

    def to_dict(self) -> dict[str, Any]:
        """The value as plain JSON types, in the order of its fields."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Value):
    """One line of proof below a finding: what it is about, what was seen, and a remark in parentheses."""

    label: str
    value: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Value):
    """Something wrong or surprising. ``message`` is one sentence; ``hint`` is what to do, its command in backticks."""

    id: str
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...] = ()
    hint: str | None = None


# -- places ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter(Value):
    """One Python executable, as far as reading files tells (nothing was run to learn it)."""

    executable: str
    prefix: str
    base_prefix: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageManager(Value):
    """A package manager that can change an environment: ``name`` is `pip`, `uv`, `conda`, `mamba` or `micromamba`."""

    name: str
    path: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Value):
    """An interpreter plus what is true of its prefix."""

    executable: str | None
    version: str
    implementation: str
    prefix: str
    base_prefix: str
    kind: EnvironmentKind
    made_by: str | None
    site_directories: tuple[str, ...]
    system_site_packages: bool | None
    user_site: str | None
    user_site_enabled: bool
    user_site_in_use: bool
    writable: bool
    externally_managed: bool
    installers: tuple[PackageManager, ...]
    host: str
    container: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernelspec(Value):
    """The ``kernel.json`` that started this kernel, or what is known of it.

    ``starts_this_interpreter`` compares its ``argv[0]`` with the interpreter that is running; ``shadowed`` are specs of
    the same name later on Jupyter's path, which this one hides.
    """

    name: str
    file: str | None
    exists: bool
    display_name: str | None
    argv: tuple[str, ...]
    interpreter: str | None
    interpreter_exists: bool | None
    starts_this_interpreter: bool | None
    shadowed: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellCommand(Value):
    """What a bare command name reaches in the shell that ``!`` starts.

    ``path`` is None when PATH has no such command. ``prefix`` is the environment that it would change; ``interpreter`` and
    ``version`` are the Python behind it (for `uv`, the one that it would install for). ``evidence`` says how it was learnt.
    """

    name: str
    path: str | None
    interpreter: str | None
    version: str | None
    prefix: str | None
    same_environment: bool | None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell(Value):
    """The shell that ``!`` starts, and what the package managers' names mean in it."""

    program: str | None
    pip: ShellCommand
    python: ShellCommand
    uv: ShellCommand
    conda: ShellCommand

    @property
    def commands(self) -> tuple[ShellCommand, ...]:
        """All four, in the order in which they are shown."""
        return (self.pip, self.python, self.uv, self.conda)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Value):
    """The Jupyter server that drives this kernel. ``version`` is the server's own, ``url`` carries no token."""

    verdict: ServerVerdict
    url: str | None
    pid: int | None
    version: str | None
    interpreter: str | None
    interpreter_version: str | None
    prefix: str | None
    same_environment: bool | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Value):
    """A variable or configuration key that steers an installer or the import system. Credentials are already masked.

    ``source`` is `environment` or the configuration file; ``diverts``: it sends installs to another place.
    """

    name: str
    value: str
    source: str
    diverts: bool


# -- modules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEntry(Value):
    """An entry of ``sys.path`` and why it is there; ``source`` is the `.pth` file, where one put it there."""

    path: str
    reason: Reason
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin(Value):
    """Where a distribution was installed from when not from an index (PEP 610): credentials are masked."""

    url: str
    editable: bool
    vcs: str | None
    commit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Value):
    """An installed project. ``location`` is the directory that holds its metadata; ``requested`` None: not recorded."""

    name: str
    version: str | None
    location: str
    metadata: str
    installer: str | None
    requested: bool | None
    editable: bool
    origin: Origin | None
    requires: tuple[str, ...]
    required_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Value):
    """The module as this process has it in ``sys.modules``."""

    file: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow(Value):
    """Another copy on ``sys.path`` that loses to the one found, with the distribution that it belongs to if proven."""

    file: str
    path_entry: PathEntry | None
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere(Value):
    """Another environment that has it: ``why`` says how it was come upon (`kernelspec x`, `!python`, `beside the notebook`)."""

    prefix: str
    interpreter: str | None
    why: str
    file: str | None
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabExtension(Value):
    """A prebuilt JupyterLab extension: its npm name and version."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEndPart(Value):
    """One part that a distribution needs on the server's side, and whether what is there fits the kernel's side.

    ``name`` is the npm name of a JupyterLab extension, or a server extension's. ``carrier`` is the distribution that carries
    it, ``carrier_version`` the one in the kernel's environment, None where it is not there; ``requirement`` is what brings it
    into the server's. ``accepts`` is the range, as npm spells it, that the kernel's widgets ask for. ``in_server`` is None
    where the server has none or an unknown version: ``verdict`` tells which. ``disabled`` are the names of the extension, or of
    some of its plugins, that are switched off, ``disabled_in`` is the file that does it, and ``locked_in`` one that forbids to
    switch it on.
    """

    kind: PartKind
    name: str
    carrier: str
    carrier_version: str | None
    requirement: str
    accepts: str | None
    in_kernel: str | None
    in_server: str | None
    verdict: PartVerdict
    disabled: tuple[str, ...] = ()
    disabled_in: str | None = None
    locked_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd(Value):
    """The parts of a distribution that a Jupyter server serves, in the kernel's environment and in the server's.

    ``parts`` are its own and those of what it requires, each judged. ``in_server`` is None when the server's environment is
    unknown. ``step`` is what the page needs before it has what the server's environment has now, None when that is unknown:
    how old a page is, nothing tells.
    """

    lab_extensions: tuple[LabExtension, ...]
    server_extensions: tuple[str, ...]
    in_server: tuple[LabExtension, ...] | None
    parts: tuple[FrontEndPart, ...] = ()
    step: PageStep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Value):
    """A name of the user's namespace: what it is bound to, as `module numpy` or `class pandas.DataFrame`.

    ``wraps`` is what a function, or a `partial`, calls in turn. ``notebook``: its code is the notebook's own; ``cell`` is the
    number of the cell, ``script`` the file of code that was run and is no module's.
    """

    name: str
    bound_to: str
    wraps: str | None = None
    notebook: bool = False
    cell: int | None = None
    script: str | None = None


# -- answers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer(Value):
    """What a question returns. Shown as text in a terminal and as HTML in a notebook; `to_dict` gives the same as JSON.

    ``verbose`` is for whoever draws it, and no part of the answer: IPython asks the answer itself for its faces, so it has to
    travel along.
    """

    verbose: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain JSON types, `schema` first."""
        answer = {"schema": SCHEMA, **Value.to_dict(self)}
        del answer["verbose"]
        return answer

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return layouts.mimebundle(self)

    def __str__(self) -> str:
        return layouts.text(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnvironmentAnswer(Answer):
    """Where this kernel runs: `%where` without a name."""

    kernel: Environment
    kernelspec: Kernelspec | None
    shell: Shell
    server: Server
    settings: tuple[Setting, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ModuleAnswer(Answer):
    """Where a name comes from: `%where NAME`.

    ``found`` is None when it could not be decided without importing. ``module`` is the import name, None for a distribution
    with several (then ``modules`` lists them). ``owners`` names every distribution that lists the file, or has a portion of
    the namespace package: usually just one; None where none does and one that does not list its files may have brought it.
    ``stale``: what is loaded is not what is installed now.
    """

    query: str
    found: bool | None
    module: str | None
    kind: ModuleKind | None
    file: str | None
    path_entry: PathEntry | None
    standard_library: bool
    zipped: bool
    portions: tuple[str, ...]
    finder: str | None
    distribution: Distribution | None
    owners: tuple[str, ...] | None
    modules: tuple[str, ...]
    variable: Variable | None
    loaded: Loaded | None
    stale: bool | None
    shadows: tuple[Shadow, ...]
    shell_python: Elsewhere | None
    front_end: FrontEnd | None
    project: str | None
    near: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]
    findings: tuple[Finding, ...]
    kernel: str | None

    @property
    def version(self) -> str | None:
        """The version of the distribution that owns it; None when unknown or when nothing owns it."""
        return self.distribution.version if self.distribution else None


class Answers(Sequence[ModuleAnswer]):
    """The answers for several names, in the order asked. No tuple: IPython would show that with its own printer."""

    def __init__(self, answers: Iterable[ModuleAnswer]) -> None:
        self._answers = tuple(answers)

    @overload
    def __getitem__(self, index: int) -> ModuleAnswer: ...
    @overload
    def __getitem__(self, index: slice) -> Answers: ...
    def __getitem__(self, index: int | slice) -> ModuleAnswer | Answers:
        return Answers(self._answers[index]) if isinstance(index, slice) else self._answers[index]

    def __len__(self) -> int:
        return len(self._answers)

    def to_dict(self) -> list[dict[str, Any]]:
        """A list with one object a name."""
        return [answer.to_dict() for answer in self]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return layouts.mimebundle(self)

    def __str__(self) -> str:
        return layouts.text(self)
