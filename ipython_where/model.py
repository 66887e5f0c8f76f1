"""The values that make up every answer: frozen, valid once built, and independent of the rest of this package.

A field that could not be proven is ``None``: that means "unknown", never "no". Paths are absolute strings as the interpreter
spells them: a virtual environment's ``python`` is a symlink, and resolving it would name the base interpreter instead.
``to_dict`` gives each value's JSON form; `docs/json.md` documents it.

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
"""The schema number in every JSON answer; it grows when a field changes its meaning or is removed."""

EnvironmentKind = Literal["venv", "virtualenv", "uv", "conda", "pyenv", "system", "pipx", "embedded", "standalone"]
"""`standalone`: an interpreter installed on its own (built from source, downloaded by uv), outside any system directory."""

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
"""Why an entry is on ``sys.path``. `code`: no start-up rule explains it, so running code added it."""

ServerVerdict = Literal["local", "none", "unknown"]
"""`local`: proven to be on this machine. `none`: proven that no server drives the kernel. Else `unknown`."""

PartKind = Literal["JupyterLab", "server"]
"""`JupyterLab`: a prebuilt extension, which the page loads. `server`: an extension that Jupyter Server imports."""

PartVerdict = Literal["fits", "misfit", "missing", "disabled", "unknown"]
"""`disabled`: it is installed, and the server's settings disable it.

`unknown` also if the server's environment is unknown, or if nothing says which versions fit."""

PageStep = Literal["nothing", "reload", "restart"]
"""`reload`: an open page may be older than what is served. `restart`: the server is older; reopen the page afterwards."""

Severity = Literal["error", "warning", "note"]


class Value:
    """The base of all values: masks credentials in every text on the way in, and converts each value to JSON."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:  # type: ignore[attr-defined]
            given = getattr(self, name)
            if isinstance(given, (str, tuple)):
                object.__setattr__(self, name, masked_field(name, given))

    def to_dict(self) -> dict[str, Any]:
        """The value as plain JSON types, in field order."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Value):
    """One line of evidence below a finding: its subject, what was seen, and a remark in parentheses."""

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
    """One Python executable, as far as reading files shows (nothing was run to find out)."""

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
    """An interpreter and the facts about its prefix."""

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
    """The ``kernel.json`` that started this kernel, or what is known about it.

    ``starts_this_interpreter`` compares its ``argv[0]`` with the running interpreter; ``shadowed`` are specs of
    the same name later on Jupyter's path, which it hides.
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

    ``path`` is None if PATH has no such command. ``prefix`` is the environment that it would change; ``interpreter`` and
    ``version`` are the Python behind it (for `uv`, the one that it would install for). ``evidence`` says how this was found out.
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
        """All four, in display order."""
        return (self.pip, self.python, self.uv, self.conda)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Value):
    """The Jupyter server that drives this kernel. ``version`` is the server's own, ``url`` contains no token."""

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
    """A variable or configuration key that affects an installer or the import system. Credentials are already masked.

    ``source`` is `environment` or the configuration file; ``diverts``: it sends installs somewhere else.
    """

    name: str
    value: str
    source: str
    diverts: bool


# -- modules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEntry(Value):
    """An entry of ``sys.path`` and why it is there; ``source`` is the `.pth` file that added it, if one did."""

    path: str
    reason: Reason
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin(Value):
    """Where a distribution was installed from, if not from an index (PEP 610); credentials are masked."""

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
    """Another copy on ``sys.path``, shadowed by the one found, with the distribution that owns it if proven."""

    file: str
    path_entry: PathEntry | None
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere(Value):
    """Another environment that has it: ``why`` says how it was found (`kernelspec x`, `!python`, `beside the notebook`)."""

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
    """One part that a distribution needs on the server's side, and whether the installed one fits the kernel's side.

    ``name`` is the npm name of a JupyterLab extension, or a server extension's. ``carrier`` is the distribution that carries
    it, ``carrier_version`` its version in the kernel's environment, None if it is not installed there; ``requirement`` brings it
    into the server's. ``accepts`` is the npm range that the kernel's widgets ask for. ``in_server`` is None
    if the server has none or an unknown version: ``verdict`` tells which. ``disabled`` names the extension, or those of
    its plugins, that are disabled, ``disabled_in`` is the file that does it, and ``locked_in`` one that forbids
    enabling it.
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
    """A distribution's parts that a Jupyter server serves, in the kernel's environment and in the server's.

    ``parts`` are its own and those of what it requires, each judged. ``in_server`` is None if the server's environment is
    unknown. ``step`` is what the page needs to pick up what the server's environment has now, None if that is unknown:
    nothing shows how old a page is.
    """

    lab_extensions: tuple[LabExtension, ...]
    server_extensions: tuple[str, ...]
    in_server: tuple[LabExtension, ...] | None
    parts: tuple[FrontEndPart, ...] = ()
    step: PageStep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Value):
    """A name in the user's namespace: what it is bound to, such as `module numpy` or `class pandas.DataFrame`.

    ``wraps`` is what a function or `partial` calls in turn. ``notebook``: its code is the notebook's own; ``cell`` is the
    number of the cell, ``script`` the file of executed code that belongs to no module.
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

    ``verbose`` is for rendering and not part of the answer: it has to travel along, since IPython asks the answer itself
    for its representations.
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

    ``found`` is None if this could not be decided without importing. ``module`` is the import name, None for a distribution
    with several (then ``modules`` lists them). ``owners`` names every distribution that lists the file, or has a portion of
    the namespace package: usually just one; None if none does and one that does not list its files may have installed it.
    ``stale``: the loaded version is not what is installed now.
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
        """The version of the distribution that owns it; None if unknown or if nothing owns it."""
        return self.distribution.version if self.distribution else None


class Answers(Sequence[ModuleAnswer]):
    """The answers for several names, in the order asked. Not a tuple, which IPython would show with its own printer."""

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
        """A list with one object per name."""
        return [answer.to_dict() for answer in self]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return layouts.mimebundle(self)

    def __str__(self) -> str:
        return layouts.text(self)
