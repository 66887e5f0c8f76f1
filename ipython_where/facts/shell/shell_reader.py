"""The files that a command line leads to: answers what judging a command asks, without starting anything."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from dataclasses import replace

from ipython_where.facts.environments.candidates import Candidate
from ipython_where.facts.environments.contents import look_in
from ipython_where.facts.files import Content, read_file, same_file
from ipython_where.facts.home import home_of
from ipython_where.facts.settings.configuration import SettingsContext
from ipython_where.facts.settings.pip_settings import read_pip_settings
from ipython_where.facts.settings.uv_settings import read_uv_settings
from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Interpreter, Setting
from ipython_where.value import dataclass

from .shell import resolve
from .shell_state import ShellState, look_up

_LIMIT = 200_000  # bytes: the limit for an activation script or a project file


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellReader:
    """A `commands.Reader` for one shell; ``state`` is what that shell started with."""

    state: ShellState
    platform: str

    @property
    def kind(self) -> str:
        """The shell that reads the command; bash in POSIX mode is treated as any other `sh`."""
        is_posix = os.path.basename(self.state.program) == "sh" or "POSIXLY_CORRECT" in self.state.environ
        return "sh" if self.state.kind == "bash" and is_posix else self.state.kind

    def reach(self, name: str, environ: Mapping[str, str], cwd: str) -> Reached:
        """What a command name or a path to a program leads to."""
        return resolve(name, replace(self.state, environ=environ, cwd=cwd))

    def finds(self, name: str, path: str, cwd: str) -> bool:
        """Whether a program can be found on ``path`` by its name, or at its own path."""
        return next(look_up(name, path, cwd, self.state.home), None) is not None

    def of_shell(self, name: str, environ: Mapping[str, str], cwd: str) -> ShellReader | None:
        """The reader for commands that another shell runs."""
        program = self.reach(name, environ, cwd).path
        return None if program is None else replace(self, state=replace(self.state, program=program))

    def text(self, path: str) -> str | None:
        """A file's text."""
        found = read_file(path, _LIMIT)  # a truncated script would be a different script
        return found.data.decode("utf-8", "replace") if isinstance(found, Content) else None

    def is_file(self, path: str) -> bool:
        """Whether a file exists."""
        return os.path.isfile(path)

    def opens(self, path: str, *, writes: bool) -> bool:
        """Whether a redirection can open a file."""
        if not writes or os.path.exists(path):
            return os.access(path, os.W_OK if writes else os.R_OK) and not (writes and os.path.isdir(path))
        return os.access(os.path.dirname(path), os.W_OK | os.X_OK)

    def is_directory(self, path: str) -> bool:
        """Whether a directory exists and can be entered."""
        return os.path.isdir(path) and os.access(path, os.X_OK)

    def is_same(self, one: str, other: str) -> bool | None:
        """Whether two paths lead to the same file or directory."""
        return same_file(one, other)

    def real(self, path: str) -> str:
        """The path with its symlinks resolved."""
        return os.path.realpath(path)

    def glob(self, pattern: str, cwd: str) -> tuple[str, ...]:
        """The files that a shell pattern matches."""
        pattern = pattern.replace("[^", "[!")  # bash's own spelling
        return tuple(glob.glob(pattern, root_dir=None if os.path.isabs(pattern) else cwd))

    def imports(self, module: str, python: Interpreter, environ: Mapping[str, str], cwd: str | None) -> bool | None:
        """Whether ``python -m module`` would find the module installed for that interpreter."""
        ahead = [*([cwd] if cwd else []), *environ.get("PYTHONPATH", "").split(os.pathsep)]
        if environ.get("PYTHONHOME") or any(_has(folder, module, cwd or "/") for folder in ahead if folder):
            return None
        there = Candidate(prefix=python.prefix, interpreter=python.executable, why="")
        if look_in(there, module, ()) is not None:
            return True
        if python.prefix != python.base_prefix:
            return False
        return _in_user_site(module, python, environ)

    def version(self, project: str, python: Interpreter) -> str | None:
        """The version of a project installed for that interpreter."""
        found = look_in(Candidate(prefix=python.prefix, interpreter=python.executable, why=""), project, (project,))
        return found.version if found else None

    def settings(self, tool: str, environ: Mapping[str, str], cwd: str, prefix: str) -> tuple[Setting, ...]:
        """The settings that divert a `pip` or `uv` that would install into ``prefix``."""
        world = SettingsContext(
            environ=environ, cwd=cwd, prefix=prefix, home=home_of(environ, self.platform), platform=self.platform
        )
        return (read_pip_settings if tool == "pip" else read_uv_settings)(world)[0]


def _has(folder: str, module: str, cwd: str) -> bool:
    path = os.path.join(cwd, folder, module)
    return os.path.isdir(path) or os.path.exists(f"{path}.py")


def _in_user_site(module: str, python: Interpreter, environ: Mapping[str, str]) -> bool | None:
    if python.version is None:
        return None
    base = environ.get("PYTHONUSERBASE") or os.path.join(environ.get("HOME", "/nonexistent"), ".local")
    series = ".".join(python.version.split(".")[:2])
    return _has(os.path.join(base, "lib", f"python{series}", "site-packages"), module, "/")
