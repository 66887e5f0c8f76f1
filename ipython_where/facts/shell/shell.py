"""What the package managers' names mean in the shell that ``!`` starts.

A name is looked up on PATH as that shell does it. The script found there is read and never run, as long as its text
proves which interpreter it belongs to. Settings that divert pip (`PIP_TARGET`, `PIP_PYTHON`, a configuration file) are
ignored: the answer names the interpreter that pip runs in.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ipython_where.errors import CommandError, NotRunError
from ipython_where.facts.files import list_directory, same_file
from ipython_where.facts.interpreters.executables import (
    identify_interpreter,
    read_interpreter,
    version_of,
    without_imports,
)
from ipython_where.facts.interpreters.pyenv import follow_shim
from ipython_where.facts.interpreters.scripts import (
    NamedInterpreter,
    NeighbourInterpreter,
    PyenvShim,
    SearchedInterpreter,
    entry_point,
    read_script,
)
from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Interpreter, Shell, ShellCommand
from ipython_where.runner import Runner

from .shell_state import ShellState, look_up, read_head
from .uv_target import find_environment


def read_shell(*, kernel_prefix: str, environ: Mapping[str, str], cwd: str, run: Runner) -> Shell:
    """The shell that ``!`` starts, and what `pip`, `python`, `uv` and `conda` reach in it.

    ``environ`` is what the shell will inherit. A program is run only for what files can't decide.
    """
    program = find_shell(environ, cwd)
    found = read_state(program, environ, cwd, run)
    commands = {}
    for name in ("pip", "python", "uv", "conda"):
        reached = found if isinstance(found, Reached) else resolve(name, found)
        commands[name] = _command(name, reached, kernel_prefix, environ, run)
    return Shell(program=program, **commands)


def resolve_command(name: str, *, environ: Mapping[str, str], cwd: str, run: Runner) -> Reached:
    """What a pip-like name (`pip3.11`, `python`, `uv`, a path to one) reaches in the shell that ``!`` starts."""
    found = read_state(find_shell(environ, cwd), environ, cwd, run)
    return found if isinstance(found, Reached) else resolve(name, found)


def find_shell(environ: Mapping[str, str], cwd: str) -> str | None:
    """The program that IPython hands a ``!`` command to: `$SHELL`, else `sh`; None if it is missing and ``!`` fails.

    On Windows it is the one that COMSPEC names.
    """
    if os.name == "nt":
        return environ.get("COMSPEC")
    name = environ.get("SHELL", "sh")
    path = environ.get("PATH") or os.defpath  # the same lookup as pexpect's
    return next(look_up(name, path, cwd), None)


def _command(name: str, reached: Reached, kernel_prefix: str, environ: Mapping[str, str], run: Runner) -> ShellCommand:
    python = reached.interpreter
    return ShellCommand(
        name=name,
        path=reached.path,
        interpreter=python.executable if python else None,
        version=(python.version or version_of(python.executable, environ=environ, run=run)) if python else None,
        prefix=reached.prefix,
        same_environment=same_file(reached.prefix, kernel_prefix),
        evidence=reached.evidence,
    )


def read_state(program: str | None, environ: Mapping[str, str], cwd: str, run: Runner) -> ShellState | Reached:
    """The shell's state when it starts a command, or the reason why that is unknown."""
    if os.name == "nt":
        return Reached(path=None, evidence="how `cmd` finds programs is not supported here")
    if program is None:
        return Reached(path=None, evidence=f"`!` cannot run: the shell `{environ.get('SHELL', 'sh')}` is missing")
    if not _reads_startup_file(program, environ):
        return ShellState(environ=environ, cwd=cwd, program=program, run=run)
    # The file may set PATH to anything (Rust's installer writes to `.zshenv`), so ask the shell itself.
    try:
        done = run([program, "-c", "printf '\\0'; /usr/bin/env -0"], env=environ, cwd=cwd, timeout=5)
    except CommandError as error:
        return Reached(path=None, evidence=error.message)
    if done.returncode != 0 or "\0" not in done.stdout:
        return Reached(path=None, evidence=f"the shell `{program}` runs no commands")
    told = done.stdout.partition("\0")[2].split("\0")
    seen = dict(entry.split("=", 1) for entry in told if "=" in entry)
    return ShellState(environ=seen, cwd=cwd, program=program, run=run)


def _reads_startup_file(program: str, environ: Mapping[str, str]) -> bool:
    kind = os.path.basename(os.path.realpath(program))
    if kind in ("sh", "dash", "ash", "busybox"):
        return False
    if kind == "bash":
        file = environ.get("BASH_ENV", "")
        return file != "" and os.path.basename(program) != "sh" and (not os.path.isabs(file) or os.path.exists(file))
    if kind == "zsh" or kind.startswith("zsh-"):
        own = os.path.join(environ.get("ZDOTDIR") or environ.get("HOME", "/"), ".zshenv")
        return any(os.path.exists(file) for file in ("/etc/zshenv", "/etc/zsh/zshenv", own))
    return True


# -- PATH --------------------------------------------------------------------------------------------------------------


def resolve(name: str, state: ShellState) -> Reached:
    """What a command name reaches in this state."""
    if state.kind == "bash" and f"BASH_FUNC_{name}%%" in state.environ:
        return Reached(path=None, evidence="an exported bash function has that name")
    path = state.environ.get("PATH")
    if path is None and "/" not in name:
        return Reached(path=None, evidence="PATH is not set: the shell uses its default")
    broken = None
    for file in look_up(name, path or "", state.cwd, state.home):
        reached = _reach(os.path.basename(name), file, state)
        if reached.runs:
            return reached
        broken = broken or reached
        # When the interpreter is missing, dash and zsh go on to the next file of that name; bash does not.
        if state.kind not in ("dash", "zsh"):
            break
    return broken or Reached(path=None, evidence="not on PATH" if "/" not in name else "no such file")


def _reach(name: str, file: str, state: ShellState) -> Reached:
    if name.startswith(("python", "pypy")):
        return _reach_python(file, state)
    if name.startswith("pip") and not name.startswith("pipx"):
        return _reach_pip(file, state)
    if name == "uv":
        return _reach_uv(file, state)
    if name in ("conda", "mamba", "micromamba"):
        return _reach_conda(file, state)
    if name.startswith("easy_install"):
        return _reach_script(file, state)
    return Reached(path=file, evidence="not a known package manager")


# -- python and pip ----------------------------------------------------------------------------------------------------


def _reach_python(file: str, state: ShellState) -> Reached:
    said = read_script(read_head(file))
    if isinstance(said, PyenvShim):
        return _through_pyenv(file, said, state)
    python = read_interpreter(file, environ=state.environ)
    evidence = "on PATH"
    if python is None:
        try:
            python = identify_interpreter(file, environ=state.environ, cwd=state.cwd, run=state.run)
            evidence = "asked, because its file does not say"
        except CommandError as error:
            return Reached(path=file, evidence=error.message, unasked=isinstance(error, NotRunError))
    return Reached(path=file, interpreter=python, prefix=python.prefix, evidence=evidence)


def _reach_pip(file: str, state: ShellState) -> Reached:
    head = read_head(file)
    said = read_script(head)
    if isinstance(said, PyenvShim):
        return _through_pyenv(file, said, state)
    if said is None or entry_point(head) != "pip":
        return _ask_pip(file, state)
    return _reach_entry_point(file, said, state)


def _reach_script(file: str, state: ShellState) -> Reached:
    """A script of an installed project: the Python that its first line names."""
    said = read_script(read_head(file))
    if isinstance(said, PyenvShim):
        return _through_pyenv(file, said, state)
    if said is None:
        return Reached(path=file, evidence="its file does not name its interpreter")
    return _reach_entry_point(file, said, state)


def _reach_entry_point(
    file: str, said: NamedInterpreter | SearchedInterpreter | NeighbourInterpreter, state: ShellState
) -> Reached:
    """The Python of an installer's script, given what its text proved."""
    match said:
        case NamedInterpreter(path=path):
            wanted: str | None = os.path.join(state.cwd, path)
            evidence = f"shebang of {file}"
        case NeighbourInterpreter(name=name):
            wanted = path = os.path.join(os.path.dirname(os.path.realpath(file)), name)
            evidence = f"shebang of {file}, relocatable"
        case SearchedInterpreter(name=path):
            wanted = next(look_up(path, state.environ.get("PATH", os.defpath), state.cwd), None)
            evidence = f"shebang of {file}: `{path}` on PATH"
    if wanted is None:
        return Reached(path=file, evidence=f"its shebang wants `{path}`, which is not on PATH")
    if not (os.path.isfile(wanted) and os.access(wanted, os.X_OK)):
        # A trampoline is a valid script for `sh`: it starts, and only then fails.
        starts = not read_head(file)[2:].lstrip().startswith(os.fsencode(path))
        return Reached(path=file, evidence=f"its shebang names a missing file, {path}", runs=starts)
    python = _reach_python(wanted, state)
    if python.interpreter is None:
        return replace(python, path=file)
    if python.evidence != "on PATH":
        evidence = f"{evidence}; {python.evidence}"
    return replace(python, path=file, evidence=evidence)


_MODULES = (".py", ".pyc", ".so", ".pyd")
_EXECUTABLE = re.compile(r"^sys\.executable: (/.*)$", re.MULTILINE)


def _ask_pip(file: str, state: ShellState) -> Reached:
    # `pip --version` names the directory that pip was imported from, which a `--system-site-packages` environment
    # shares with its base; `pip debug` (19.2 and newer) names the interpreter.
    if hides_python(list_directory(state.cwd)):
        return Reached(
            path=file, evidence=f"it was not run: `{state.cwd}` has a module that `python -m pip` would import"
        )
    environ = {**without_imports(state.environ), "PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"}
    try:
        done = state.run([state.program, "-c", '"$0" debug', file], env=environ, cwd=state.cwd, timeout=10)
    except CommandError as error:
        return Reached(path=file, evidence=error.message, unasked=isinstance(error, NotRunError))
    told = _EXECUTABLE.search(done.stdout)
    if told is None:
        return Reached(path=file, evidence="a script of an unknown kind, which does not name its interpreter")
    python = _reach_python(told[1], state)
    return replace(python, path=file, evidence="asked, because its file does not say")


def hides_python(names: Iterable[str]) -> bool:
    """Whether a folder shadows modules of a Python that runs there: before 3.11, Python searches it first."""
    own = {"pip", "sitecustomize", "usercustomize", *sys.stdlib_module_names}
    return any(name.partition(".")[0] in own for name in names if "." not in name or name.endswith(_MODULES))


# -- pyenv -------------------------------------------------------------------------------------------------------------


def _through_pyenv(file: str, shim: PyenvShim, state: ShellState) -> Reached:
    """Follow a shim to the file that pyenv would run, with the variables that pyenv would set."""
    name = os.path.basename(file)
    choice = follow_shim(name, shim, state)
    if choice.file is None:
        return Reached(path=file, evidence=choice.evidence, unasked=choice.unasked)
    if choice.file in state.through or same_file(choice.file, file):
        return Reached(path=file, evidence="pyenv shims that point to each other")
    reached = _reach(name, choice.file, replace(state, environ=choice.environ, through=(*state.through, file)))
    evidence = choice.evidence if reached.interpreter else f"{choice.evidence}; {reached.evidence}"
    return replace(reached, path=file, evidence=evidence)


# -- uv and conda ------------------------------------------------------------------------------------------------------


def _reach_uv(file: str, state: ShellState) -> Reached:
    said = read_script(read_head(file))
    if isinstance(said, PyenvShim):
        return _through_pyenv(file, said, state)
    try:
        python, evidence = find_environment(state, _python_for_uv)
    except NotRunError as error:
        return Reached(path=file, evidence=error.message)
    return Reached(path=file, interpreter=python, prefix=python.prefix if python else None, evidence=evidence)


def _python_for_uv(file: str, state: ShellState) -> Interpreter | None:
    """As `_reach_python`, but raises `NotRunError` for a Python that was not run: uv would have run it, and stopped there."""
    reached = _reach_python(file, state)
    if reached.unasked:
        raise NotRunError(reached.evidence)
    return reached.interpreter


def _reach_conda(file: str, state: ShellState) -> Reached:
    """What conda would change: the active environment, else the base environment that it runs in."""
    head = read_head(file)
    said = read_script(head)
    if isinstance(said, PyenvShim):
        return _through_pyenv(file, said, state)
    if said is None or entry_point(head) not in ("conda", "mamba"):
        own = Reached(path=file, evidence="not a script of conda's Python")
    else:
        own = _reach_entry_point(file, said, state)
    active = state.environ.get("CONDA_PREFIX")
    if active:
        return replace(own, prefix=active, evidence="CONDA_PREFIX")
    if own.interpreter is None or state.environ.get("CONDA_DEFAULT_ENV") not in (None, "", "base", "root"):
        return replace(own, prefix=None)
    return replace(own, evidence=f"the root environment, from the {own.evidence}")
