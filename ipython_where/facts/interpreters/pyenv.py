"""Which version a pyenv shim runs: by the files and variables that pyenv uses, else by asking it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ipython_where.errors import CommandError, NotRunError
from ipython_where.facts.files import same_file
from ipython_where.facts.shell.shell_state import ShellState, look_up, read_head
from ipython_where.folders import upward
from ipython_where.value import dataclass

from .scripts import PyenvShim


@dataclass(frozen=True, slots=True, kw_only=True)
class PyenvChoice:
    """The file that pyenv would run (None if it runs none), the variables it would set, and why."""

    file: str | None
    environ: Mapping[str, str]
    evidence: str
    unasked: bool = False


def follow_shim(name: str, shim: PyenvShim, state: ShellState) -> PyenvChoice:
    """What the shim called ``name`` runs. pyenv itself is asked if its files don't decide."""
    versions, source = _setting(shim, state)
    evidence = f"pyenv shim: version {versions} from {source}"
    target = None if _is_customised(shim, state) else _target(name, versions.split(":"), shim, state)
    if target is None:
        try:
            environ = {**state.environ, "PYENV_ROOT": shim.root}
            done = state.run([shim.program, "which", name], env=environ, cwd=state.cwd, timeout=5)
        except CommandError as error:
            not_run = isinstance(error, NotRunError)
            return PyenvChoice(file=None, environ=state.environ, evidence=error.message, unasked=not_run)
        target = done.stdout.strip()
        if done.returncode != 0 or not os.path.isabs(target):
            complaint = _complaint(done.stderr) or f"{evidence} has no `{name}`"
            return PyenvChoice(file=None, environ=state.environ, evidence=complaint)
        evidence = f"pyenv shim: `pyenv which {name}` is {target}"
    return PyenvChoice(file=target, environ=_environ_for(target, versions, shim, state), evidence=evidence)


def _environ_for(target: str, versions: str, shim: PyenvShim, state: ShellState) -> Mapping[str, str]:
    """A version's own program has its directory first on PATH, so that `env python` finds the Python next to it."""
    if not target.startswith(shim.root + "/"):
        return state.environ
    path = f"{os.path.dirname(target)}:{state.environ.get('PATH', '')}"
    return {**state.environ, "PATH": path, "PYENV_VERSION": versions}


def _is_customised(shim: PyenvShim, state: ShellState) -> bool:
    """Whether something not read here may choose the version: a hook, or a missing PYENV_DIR."""
    directory = state.environ.get("PYENV_DIR")
    if state.environ.get("PYENV_HOOK_PATH") or (directory and not os.path.isdir(os.path.join(state.cwd, directory))):
        return True
    plugins = os.path.join(shim.root, "plugins")
    try:
        hooks = [os.path.join(plugins, plugin, "etc", "pyenv.d", "version-name") for plugin in os.listdir(plugins)]
    except OSError:
        hooks = []
    return any(os.path.isdir(hook) for hook in [*hooks, os.path.join(shim.root, "pyenv.d", "version-name")])


def _complaint(stderr: str) -> str | None:
    line = stderr.strip().partition("\n")[0]
    return f"pyenv shim: {line.removeprefix('pyenv: ')}" if line else None


def _setting(shim: PyenvShim, state: ShellState) -> tuple[str, str]:
    """The active versions, joined by colons as in PYENV_VERSION (`system` if none is set), and where they are set."""
    if state.environ.get("PYENV_VERSION"):
        return state.environ["PYENV_VERSION"], "PYENV_VERSION"
    here = _logical(state.environ.get("PWD"), state.cwd)
    starts = dict.fromkeys([os.path.join(here, state.environ.get("PYENV_DIR") or here), here])
    files = (os.path.join(directory, ".python-version") for start in starts for directory in upward(start))
    file = next((file for file in files if os.path.isfile(file)), os.path.join(shim.root, "version"))
    return parse_version_file(os.fsdecode(read_head(file))) or "system", file


def parse_version_file(text: str) -> str:
    """The versions that a `.python-version` names, joined by colons; empty if it names none."""
    words = [line.split() for line in text.replace("\r", " ").splitlines()]
    return ":".join(line[0] for line in words if line and not line[0].startswith("#"))


def _target(name: str, versions: list[str], shim: PyenvShim, state: ShellState) -> str | None:
    """The file that pyenv would run; None if only pyenv can tell (a prefix, a missing version, a path)."""
    for version in versions:
        if version == "system":
            # without the shims on PATH, `system` cannot lead back to this shim
            shims = {os.path.join(shim.root, "shims"), os.path.join(shim.root, "shims", "")}
            entries = [entry for entry in state.environ.get("PATH", "").split(":") if entry not in shims]
            target = next(look_up(name, ":".join(entries), state.cwd, state.environ.get("HOME")), None)
        else:
            prefix = os.path.join(shim.root, "versions", version)
            if "/" in version or version in ("", ".", "..") or not os.path.isdir(prefix):
                return None
            target = next(look_up(os.path.join(prefix, "bin", name), "", state.cwd), None)
        if target:
            return target
    return None


def _logical(pwd: str | None, cwd: str) -> str:
    """The working directory as a shell spells it: PWD if that is correct, else the physical path (POSIX)."""
    return pwd if pwd and os.path.isabs(pwd) and same_file(pwd, cwd) else cwd
