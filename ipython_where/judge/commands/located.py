"""Finds a package manager's program: the file that the shell starts, the Python behind it, its environment variables.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

import os
import re

from ipython_where.value import dataclass

from .invocations import Action, Invocation, Started, Target
from .kernel import Kernel
from .manager_line import ManagerLine, known
from .reader import Reached, Reader
from .shell.launch import Launch
from .shell.making import reached_in
from .shell.state import State
from .written_files import is_changed

_STEERS = re.compile(
    r"PATH|HOME|SHELL|VIRTUAL_ENV|XDG_CONFIG_\w+|(?:PIP_|UV_|PYENV|CONDA|MAMBA|POETRY|PDM|PIPX)\w*"
    r"|PYTHON(?!DONTWRITEBYTECODE|HASHSEED|IOENCODING|UNBUFFERED|UTF8|WARNINGS)\w*"
)
"""Variables that decide which environment changes: if one of them is unknown, so is the answer."""


_POSING = ("PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")
"""Variables from which a Python takes the path of its own program, next to which it finds its environment."""

Judged = tuple[Target | None, bool | None, str]
"""A target, whether it is the kernel's environment, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The program that a launch starts. ``reached`` is None if that is unknown; ``runs`` as in `Invocation`."""

    launch: Launch
    reached: Reached | None
    environ: dict[str, str]
    runs: bool | None
    reason: str

    @property
    def cwd(self) -> str | None:
        """The working directory, None where it is not known."""
        return self.launch.state.cwd

    @property
    def started(self) -> Started | None:
        """What the shell starts, as far as it is known."""
        if self.reached is None:
            return None
        is_binary = (
            os.path.basename(self.launch.name or "") == "uv"
        )  # a binary: ``reached`` has the Python that it would change
        python = None if is_binary else self.reached.interpreter
        return Started(
            file=self.reached.path,
            interpreter=python.executable if python else None,
            arguments=None if self.launch.repeats else known(field.text for field in self.launch.fields[1:]),
            directory=self.cwd,
        )

    def invocation(self, tool: str, action: Action, requirements: tuple[str, ...] | None, judged: Judged) -> Invocation:
        """The invocation that this launch is of ``tool``."""
        target, same, reason = judged
        return Invocation(
            text=self.launch.text,
            tool=tool,
            action=action,
            requirements=None if self.launch.repeats else requirements,
            target=target,
            same_environment=same,
            reason=reason,
            started=self.started,
            runs=self.runs,
        )

    def refused(self, tool: str, line: ManagerLine, reason: str) -> Invocation:
        """The invocation of a ``tool`` that starts, rejects its arguments, and changes nothing."""
        return self.invocation(tool, "read", line.requirements, (None, None, reason))

    def apart(self, tool: str, reason: str, *, requirements: tuple[str, ...] | None = None) -> Invocation:
        """The invocation of a ``tool`` that changes an environment of its own."""
        same = False if self.reached else None
        return self.invocation(tool, "other", requirements, (None, same, reason if self.reached else self.reason))

    def path(self, path: str | None) -> str | None:
        """A path on the command line made absolute."""
        return None if path is None else self.launch.state.path_of(path)


def unfilled(launch: Launch) -> str | None:
    """`{sys.executable}` or `$sys.executable` in a program's place: IPython evaluates it, unless a name is not defined."""
    found = re.match(r"\s*'?(?:(\{[A-Za-z_][^{},\s]*\})|(\$sys\.executable\b))", launch.text)
    name = launch.name or ""
    if found is None or not (
        name == ".executable" or (found[1] and (name == found[1] or name.startswith(f"{found[1]}/")))
    ):
        return None
    return found[1] or found[2]


def locate(launch: Launch, reader: Reader) -> Located:
    """Find the program of a launch whose name is known."""
    state, name = launch.state, launch.name or ""
    environ = {key: each.value for key, each in state.variables.items() if each.is_exported and each.value is not None}
    if launch.missing:
        return _undecided(launch, environ, f"`{launch.missing}` is not on PATH, so nothing is started", False)
    doubt = _doubt_before(launch, name, environ)
    if doubt is not None:
        return _undecided(launch, environ, doubt)
    there = reader.finds(name, environ.get("PATH", "").partition(":")[0], state.cwd or "/")
    made = reached_in(state.made, name, state, there)
    if made is not None:
        may_run = None if launch.runs else launch.runs
        return Located(launch=launch, reached=made, environ=environ, runs=may_run, reason=made.evidence)
    reached = reader.reach(name, environ, state.cwd or "/")
    doubt = _doubt_after(reached, name, state)
    if doubt is not None:
        return _undecided(launch, environ, doubt)
    if reached.path is None or not reached.runs:
        return _undecided(launch, environ, f"`{name}`: {reached.evidence}", False)
    runs = launch.runs
    if runs and reached.interpreter is None and environ.get("PYTHONHOME"):
        runs = None  # a Python with another one's library mostly doesn't start
    return Located(launch=launch, reached=reached, environ=environ, runs=runs, reason=reached.evidence)


def runs_in(kernel: Kernel, launch: Launch, reader: Reader) -> bool:
    """Whether a launch certainly runs in the kernel's environment."""
    located = locate(launch, reader)
    python = located.reached.interpreter if located.reached is not None else None
    return python is not None and located.runs is not False and kernel.has_prefix(python.prefix, reader) is True


def _undecided(launch: Launch, environ: dict[str, str], reason: str, runs: bool | None = None) -> Located:
    held = None if launch.runs and runs is None else launch.runs if runs is None else runs
    return Located(launch=launch, reached=None, environ=environ, runs=held, reason=reason)


def _doubt_before(launch: Launch, name: str, environ: dict[str, str]) -> str | None:
    """What of a launch itself makes it unknown which program its name means, or which environment that is for."""
    state = launch.state
    if launch.is_lost or state.is_lost:
        return "an earlier command may change what its name refers to"
    unknown = [key for key, each in state.variables.items() if each.is_exported and each.value is None]
    steering = [key for key in unknown if _STEERS.fullmatch(key)]
    if steering and not ("/" in name and steering == ["PATH"]):
        return f"the value of `{'PATH' if 'PATH' in steering else steering[0]}` is not known here"
    posing = next((key for key in _POSING if environ.get(key)), None)
    if posing is not None and os.path.basename(name) != "uv":
        return f"`{posing}` decides which environment a Python belongs to"
    own_path = state.variables.get("PATH")
    if own_path is not None and not own_path.is_exported and "/" not in name:
        return "PATH is not exported here"
    relative = [entry for entry in environ.get("PATH", "/").split(":") if not os.path.isabs(entry)]
    if state.cwd is None and (relative if "/" not in name else not os.path.isabs(name)):
        return "the working directory is not known here"
    if not launch.is_direct and any(entry.startswith("~") for entry in relative):
        return "its PATH contains `~`, which a shell may expand and other programs do not"
    return None


def _doubt_after(reached: Reached, name: str, state: State) -> str | None:
    """Why what is found now need not be what the command will start."""
    if state.cwd is None and "pyenv" in reached.evidence:
        return "the working directory is not known here, and pyenv depends on it"
    if reached.path is None or not reached.runs:
        if state.is_touched:
            return f"`{name}` does not exist now; an earlier command may create it"
        is_said = reached.path is None and reached.evidence not in ("not on PATH", "no such file")
        return reached.evidence if is_said else None
    if is_changed(reached.path, state) or ("/" in name and is_changed(state.path_of(name) or "/", state)):
        return f"an earlier command may change `{name}`"
    return None
