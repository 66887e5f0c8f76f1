"""Where project tools keep a project's environment, by the rules in their sources:

poetry 2.4 (`utils/env/env_manager.py`), pdm 2.27 (`project/core.py`), pipenv 2026 (`utils/venv_locator.py`), pixi and rye by
their documentation. What only running the tool would show is unknown.

Tested in `tests/judge/commands/test_projects.py`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from ipython_where.folders import upward
from ipython_where.project_names import canonical_name
from ipython_where.value import dataclass

from .reader import Reader


class ProjectPlace(NamedTuple):
    """The environment of a project: its prefix, None where it is not known; and why.

    ``family`` is what the path of every environment of that project begins with, where that is known and the prefix is not.
    """

    prefix: str | None
    reason: str
    family: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFolders:
    """Where a user's tools keep their files, by `platformdirs`' rules."""

    environ: Mapping[str, str]
    home: str

    def directory(self, kind: Literal["cache", "config", "data"], tool: str) -> str:
        """The folder of one tool."""
        variable, ours, macs = {
            "cache": ("XDG_CACHE_HOME", ".cache", "Library/Caches"),
            "config": ("XDG_CONFIG_HOME", ".config", "Library/Application Support"),
            "data": ("XDG_DATA_HOME", ".local/share", "Library/Application Support"),
        }[kind]
        if sys.platform == "darwin":
            return os.path.join(self.home, macs, tool)
        return os.path.join(self.environ.get(variable) or os.path.join(self.home, ours), tool)

    def expanded(self, path: str, project: str) -> str:
        """A path from a setting: `~` is this home, and a relative path starts at the project."""
        at_home = os.path.join(self.home, path[2:]) if path.startswith("~/") else path
        return os.path.normpath(os.path.join(project, at_home))


def find_place(tool: str, environ: Mapping[str, str], cwd: str, reader: Reader) -> ProjectPlace:
    """The environment that ``tool`` would change in that directory."""
    active = environ.get("VIRTUAL_ENV", environ.get("CONDA_PREFIX"))
    takes_active = tool == "poetry" or (tool == "pdm" and not environ.get("PDM_IGNORE_ACTIVE_VENV"))
    if takes_active and active and environ.get("CONDA_DEFAULT_ENV") != "base":
        is_saved = tool == "pdm" and any(_saved_python(up, reader) for up in upward(cwd))
        return (
            ProjectPlace(active, "the active environment")
            if not is_saved
            else ProjectPlace(None, "pdm uses a Python that it saved earlier")
        )
    if tool == "pipenv":
        return _pipenv(environ, cwd, reader)
    names = {"pixi": ("pixi.toml", "pyproject.toml")}.get(tool, ("pyproject.toml",))
    root = next((up for up in upward(cwd) if any(reader.is_file(os.path.join(up, name)) for name in names)), None)
    if root is None:
        return ProjectPlace(None, f"there is no project of `{tool}` in {cwd} or above it")
    if tool == "poetry":
        return _poetry(root, environ, reader)
    if tool == "pdm":
        return _pdm(root, reader)
    inside = {"pixi": ".pixi/envs/default", "rye": ".venv"}.get(tool)
    prefix = os.path.join(root, inside) if inside else None
    if prefix is None or not reader.is_directory(prefix):
        return ProjectPlace(None, f"it is unknown where `{tool}` keeps its project's environment")
    return ProjectPlace(prefix, f"the environment of the project in {root}")


def _toml(path: str, reader: Reader) -> dict[str, Any] | None:
    """A file's tables, empty without a file; None if it is invalid."""
    import tomllib  # only some lines need it

    try:
        return tomllib.loads(reader.text(path) or "")
    except ValueError:
        return None


def slug(text: str) -> str:
    """The part of a name that distinguishes projects: poetry, pipenv and hatch hash the path like this."""
    import base64
    import hashlib  # loads OpenSSL, 2 ms: only where there is a project

    return base64.urlsafe_b64encode(hashlib.sha256(os.fsencode(text)).digest()).decode()[:8]


# -- poetry ------------------------------------------------------------------------------------------------------------


def _poetry(root: str, environ: Mapping[str, str], reader: Reader) -> ProjectPlace:
    folders = ToolFolders(environ=environ, home=environ.get("HOME", "/"))
    project = _toml(os.path.join(root, "pyproject.toml"), reader)
    files = [_toml(path, reader) for path in poetry_files(root, folders)]
    if project is None or None in files:
        return ProjectPlace(None, "one of poetry's files is broken")
    settings = PoetrySettings(environ, files)
    inside = os.path.join(root, ".venv")
    in_project = settings.flag("in-project")
    name = poetry_name(_project_name(project), reader.real(root))
    kept = settings.kept(root, folders)
    if in_project is not False and reader.is_directory(inside):
        return ProjectPlace(inside, f"the environment of the project in {root}")
    if settings.flag("create") is False:
        return ProjectPlace(None, "`virtualenvs.create` is off, so poetry uses the Python that it finds")
    if in_project:
        return ProjectPlace(inside, f"the environment that poetry creates for the project in {root}")
    if "{" in kept or "~" in kept:
        return ProjectPlace(None, "it is unknown where poetry keeps environments")
    prefix = _poetry_prefix(root, kept, name, settings, reader)
    reason = f"poetry's environment of the project in {root}"
    return ProjectPlace(prefix, reason) if prefix else ProjectPlace(None, reason, os.path.join(kept, f"{name}-py"))


def _poetry_prefix(root: str, kept: str, name: str, settings: PoetrySettings, reader: Reader) -> str | None:
    """The existing environment for the Python of `poetry env use`, else for the first `python` on PATH."""
    used = (_toml(os.path.join(kept, "envs.toml"), reader) or {}).get(name)
    python = reader.reach("python", settings.environ, root).interpreter if used is None else None
    series = used.get("minor") if isinstance(used, dict) else _series(python.version if python else None)
    prefix = os.path.join(kept, f"{name}-py{series}") if series and not settings.flag("use-poetry-python") else None
    return prefix if prefix and reader.is_directory(prefix) else None


def poetry_name(project: str, root: str) -> str:
    """What poetry calls the environments of a project, up to the version of Python: `EnvManager.generate_env_name`."""
    sanitized = re.sub(r'[ $`!*@"\\\r\n\t]', "_", canonical_name(project))[:42]
    return f"{sanitized}-{slug(root)}"


def _project_name(project: Mapping[str, Any]) -> str:
    tables = (project.get("project"), project.get("tool", {}).get("poetry"))
    return next((each["name"] for each in tables if isinstance(each, dict) and "name" in each), "non-package-mode")


def _series(version: str | None) -> str | None:
    return ".".join(version.split(".")[:2]) if version else None


def poetry_files(root: str, folders: ToolFolders) -> tuple[str, str]:
    """The user's settings and the project's."""
    folder = folders.environ.get("POETRY_CONFIG_DIR") or folders.directory("config", "pypoetry")
    return os.path.join(folder, "config.toml"), os.path.join(root, "poetry.toml")


class PoetrySettings:
    """poetry's settings: a variable overrides the project's file, which overrides the user's."""

    def __init__(self, environ: Mapping[str, str], files: Iterable[Any]) -> None:
        self.environ, self.files = environ, [each for each in files if isinstance(each, dict)]

    def kept(self, root: str, folders: ToolFolders) -> str:
        """The folder of all environments: `virtualenvs.path`, else one in `cache-dir`."""
        cache = self.get("cache-dir") or folders.directory("cache", "pypoetry")
        path = self.get("path", "virtualenvs") or os.path.join(cache, "virtualenvs")
        return folders.expanded(path.replace("{cache-dir}", cache).replace("{project-dir}", root), root)

    def get(self, key: str, table: str | None = None) -> str | None:
        name = "POETRY_" + "_".join(filter(None, (table, key))).replace("-", "_").upper()
        found: Any = self.environ.get(name)
        for file in self.files if found is None else ():
            inner = file.get(table, {}) if table else file
            found = inner.get(key, found) if isinstance(inner, dict) else found
        return None if found is None else str(found)

    def flag(self, key: str) -> bool | None:
        found = self.get(key, "virtualenvs")
        return None if found is None or found.lower() == "null" else found.lower() in ("true", "1")


# -- pdm ---------------------------------------------------------------------------------------------------------------


def _saved_python(root: str, reader: Reader) -> str | None:
    return (reader.text(os.path.join(root, ".pdm-python")) or "").strip() or None


def _pdm(root: str, reader: Reader) -> ProjectPlace:
    saved = _saved_python(root, reader)
    if saved and reader.is_file(saved) and os.path.isabs(saved):
        prefix = os.path.dirname(os.path.dirname(saved))
        is_environment = reader.is_file(os.path.join(prefix, "pyvenv.cfg"))
        return ProjectPlace(prefix if is_environment else None, f"the Python in {root}/.pdm-python")
    if reader.is_directory(os.path.join(root, "__pypackages__")):
        return ProjectPlace(None, "the packages of the project may be in `__pypackages__`")
    for name in (".venv", "venv", "env"):
        if reader.is_directory(os.path.join(root, name)):
            return ProjectPlace(os.path.join(root, name), f"the environment of the project in {root}")
    return ProjectPlace(None, "it is unknown where `pdm` keeps its project's environment")


# -- pipenv ------------------------------------------------------------------------------------------------------------


def _pipenv(environ: Mapping[str, str], cwd: str, reader: Reader) -> ProjectPlace:
    active = environ.get("VIRTUAL_ENV")
    if active and "PIPENV_ACTIVE" not in environ and not _is_on(environ.get("PIPENV_IGNORE_VIRTUALENVS")):
        return ProjectPlace(active, "the active environment")
    steering = ("PIPENV_PIPFILE", "PIPENV_MAX_DEPTH", "PIPENV_NO_INHERIT", "PIPENV_PYTHON", "PIPENV_CUSTOM_VENV_NAME")
    if any(environ.get(name) for name in steering):
        return ProjectPlace(None, "an environment variable decides where pipenv's environment is")
    folders = [folder for folder, _ in zip(upward(cwd), range(3), strict=False)]  # PIPENV_MAX_DEPTH is 3
    root = next((folder for folder in folders if reader.is_file(os.path.join(folder, "Pipfile"))), cwd)
    inside = os.path.join(root, ".venv")
    settings = (_toml(os.path.join(root, "Pipfile"), reader) or {}).get("pipenv", {})
    if reader.is_file(inside) or "PIPENV_VENV_IN_PROJECT" in environ or "venv_in_project" in settings:
        if _is_on(environ.get("PIPENV_VENV_IN_PROJECT")):
            return ProjectPlace(inside, f"the environment of the project in {root}")
        return ProjectPlace(None, "it is unknown where pipenv keeps its project's environment")
    places = ToolFolders(environ=environ, home=environ.get("HOME", "/"))  # the shell's, not this process's
    kept = os.path.join(pipenv_folder(root, places), pipenv_name(reader.real(root)))
    if reader.is_directory(inside) and not reader.is_directory(kept):
        return ProjectPlace(inside, f"the environment of the project in {root}")
    return ProjectPlace(kept, f"pipenv's environment of the project in {root}")


def pipenv_folder(root: str, folders: ToolFolders) -> str:
    """The folder of all of pipenv's environments."""
    return folders.expanded(folders.environ.get("WORKON_HOME") or folders.directory("data", "virtualenvs"), root)


def pipenv_name(root: str) -> str:
    """What pipenv calls the environment of the project in a folder: `VenvLocator.name`."""
    name = re.sub(r'[ &$`!*@"()\[\]\\\r\n\t]', "_", os.path.basename(root))[:42]
    return f"{name}-{slug(os.path.join(root, 'Pipfile'))}"


def _is_on(value: str | None) -> bool:
    return bool(value) and value is not None and value.lower() in ("1", "true", "yes", "on")
