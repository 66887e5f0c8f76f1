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
from typing import Any, Literal, TypeVar, overload

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

ServerVerdict = Literal["local", "remote", "none", "unknown"]
"""`local`: proven to be on this machine. `remote`: it asked the kernel itself, from elsewhere. `none`: proven that no server
drives the kernel. Else `unknown`."""

PartKind = Literal["JupyterLab", "server"]
"""`JupyterLab`: a prebuilt extension, which the page loads. `server`: an extension that Jupyter Server imports."""

PageState = Literal["loaded", "next page", "available", "other version", "refused", "missing"]
"""`loaded`: the page has it. `next page`: it will after a reload. `available`: the page may have the kernel's own.
`refused`: it may not. `missing`: it has none, and was not asked about this one."""

PartVerdict = Literal["fits", "misfit", "missing", "disabled", "unknown"]
"""`disabled`: it is installed, and the server's settings disable it.

`unknown` also if the server's environment is unknown, or if nothing says which versions fit."""

PageStep = Literal["nothing", "reload", "restart"]
"""`reload`: an open page may be older than what is served. `restart`: the server is older; reopen the page afterwards."""

PageSource = Literal["server", "kernel"]
"""Where the page's extension came from: the server's environment, or a kernel's."""

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
    """One line of evidence below a finding or an error: its subject, what was seen, and a remark in parentheses.

    A line in another program's words has no ``label``.
    """

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
    """A package manager that can change an environment: ``name`` is `pip`, `uv`, `conda`, `mamba`, `micromamba`,
    `pixi`, `micropip` or `piplite`.
    """

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
class CondaEnvironment(Value):
    """What conda, or a tool like it, has recorded of the kernel's prefix.

    ``name`` is what `conda activate` takes, ``base``: it is an installation's own environment, None if that is unknown.
    ``channels`` are those that configuration files and variables name, the first preferred; ``pinned`` the specs that no change
    by conda may leave. ``manifest`` is the pixi project's, if pixi manages it. ``activated``: `CONDA_PREFIX` names it.
    """

    name: str | None
    base: bool | None
    packages: int
    channels: tuple[str, ...]
    pinned: tuple[str, ...]
    frozen: bool
    pixi: bool
    manifest: str | None
    activated: bool


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
    """The Jupyter server that drives this kernel. ``version`` is the server's own, ``url`` contains no token.

    ``host`` is the machine of a remote one; its paths mean nothing on this one.
    """

    verdict: ServerVerdict
    url: str | None
    pid: int | None
    version: str | None
    interpreter: str | None
    interpreter_version: str | None
    prefix: str | None
    same_environment: bool | None
    evidence: tuple[str, ...]
    host: str | None = None


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
class CondaPackage(Value):
    """The conda package that lists a file, by conda's ``record`` of it. conda's name is not always the project's.

    ``requested``: it was asked for by name, None if that was not recorded; ``spec`` is what was asked for. ``pinned`` is the spec
    in `conda-meta/pinned`. ``replaced``: another installer put a distribution over it. ``hidden``: an import finds another copy.
    """

    name: str
    version: str
    build: str
    channel: str | None
    record: str
    requested: bool | None
    spec: str | None
    pinned: str | None
    replaced: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About(Value):
    """What a distribution says about itself; ``files`` it lists and has, and their ``size`` in bytes, None if unknown."""

    summary: str | None
    home_page: str | None
    license: str | None
    files: int | None
    size: int | None


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
class PagePart(Value):
    """What the page that shows the notebook has of one JupyterLab extension.

    ``version`` is the page's, ``source`` where that came from, and ``in_kernel`` the version of this kernel's environment.
    ``reason`` and ``hint`` say why the page does not have the kernel's own, and what to do.
    """

    name: str
    state: PageState
    version: str | None
    source: PageSource | None = None
    in_kernel: str | None = None
    reason: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd(Value):
    """A distribution's parts that a Jupyter server serves, in the kernel's environment and in the server's.

    ``parts`` are its own and those of what it requires, each judged. ``in_server`` is None if the server's environment is
    unknown. ``step`` is what the page needs to pick up what the server's environment has now, None if that is unknown:
    nothing shows how old a page is. ``page`` is what the page has that shows the notebook, None if it has not said so.
    """

    lab_extensions: tuple[LabExtension, ...]
    server_extensions: tuple[str, ...]
    in_server: tuple[LabExtension, ...] | None
    parts: tuple[FrontEndPart, ...] = ()
    step: PageStep | None = None
    page: tuple[PagePart, ...] | None = None


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


# -- what is imported --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Value):
    """The machine that a process runs on. ``processors`` are those that it may use; ``graphics`` are the cards' names."""

    system: str | None
    kernel: str | None
    architecture: str | None
    processor: str | None
    processors: int | None
    graphics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedModule(Value):
    """A module in ``sys.modules`` with its distribution; of a package, only the package itself.

    ``version`` is the distribution's, as it is installed now; ``loaded_version`` is the module's own ``__version__``.
    ``in_notebook``: a variable of the notebook is bound to it, or to a class or function from it.
    """

    module: str
    in_notebook: bool
    distribution: str | None
    owners: tuple[str, ...] | None
    version: str | None
    loaded_version: str | None
    editable: bool
    file: str | None
    path_entry: PathEntry | None
    stale: bool | None


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
    """Where this kernel runs: `%where` without a name.

    ``conda`` is None where conda's records are not there. ``pip_is_safepip``: `%pip install` is carried out by `%safepip`.
    ``path_is_set``: this environment's programs were put first on the shell's PATH.
    """

    kernel: Environment
    kernelspec: Kernelspec | None
    shell: Shell
    server: Server
    settings: tuple[Setting, ...]
    findings: tuple[Finding, ...]
    conda: CondaEnvironment | None = None
    pip_is_safepip: bool = False
    path_is_set: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ModuleAnswer(Answer):
    """Where a name comes from: `%where NAME`.

    ``found`` is None if this could not be decided without importing. ``module`` is the import name, None for a distribution
    with several (then ``modules`` lists them). ``owners`` names every distribution that lists the file, or has a portion of
    the namespace package: usually just one; None if none does and one that does not list its files may have installed it.
    ``stale``: the loaded version is not what is installed now. ``about`` is read for a verbose answer only. ``conda`` is the
    package of conda's that has the file, or that is called like the name.
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
    about: About | None = None
    conda: CondaPackage | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ImportedAnswer(Answer):
    """What is imported in this kernel, without the standard library: `%where --imported`."""

    executable: str | None
    implementation: str
    version: str
    prefix: str
    machine: Machine
    modules: tuple[ImportedModule, ...]
    findings: tuple[Finding, ...]

    def to_markdown(self) -> str:
        """A table for an issue or a paper, without any path."""
        return layouts.markdown(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PageAnswer(Answer):
    """The page that shows the notebook: `%safepip page`.

    ``parts`` are the JupyterLab extensions of this kernel's environment, then those that the page has from other kernels.
    """

    application: str
    parts: tuple[PagePart, ...]
    findings: tuple[Finding, ...] = ()


A = TypeVar("A", bound=Answer, covariant=True)


class Answers(Sequence[A]):
    """The answers for several names, in the order asked. Not a tuple, which IPython would show with its own printer."""

    def __init__(self, answers: Iterable[A]) -> None:
        self._answers = tuple(answers)

    @overload
    def __getitem__(self, index: int) -> A: ...
    @overload
    def __getitem__(self, index: slice) -> Answers[A]: ...
    def __getitem__(self, index: int | slice) -> A | Answers[A]:
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
