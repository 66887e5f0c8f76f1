"""Finds the environments that project tools keep for the project around a notebook, by each tool's own rules.

The rules come from poetry 2 (`EnvManager.generate_env_name`), hatch 1 (`env/virtual.py`), pipenv (`VenvLocator`), PDM
(`.pdm-python`, PEP 582), pixi and uv. Runs no tool, and reads each configuration file as its tool does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ipython_where.facts.files import list_directory, read_text
from ipython_where.folders import upward
from ipython_where.judge.commands.project_places import (
    PoetrySettings,
    ToolFolders,
    pipenv_folder,
    poetry_files,
    slug,
)

from .candidates import Candidate, candidate, prefix_of

_LIMIT = 100_000
"""Maximum bytes to read from a configuration file."""


def project_environments(environ: Mapping[str, str], home: str | None, cwd: str) -> Iterator[Candidate]:
    """The environments of every project that contains the working directory, innermost first."""
    for directory in upward(cwd) if os.path.isabs(cwd) else ():
        yield from _inside(directory, environ)
        if home is not None:
            yield from _at_home(directory, ToolFolders(environ=environ, home=home))


def _inside(project: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    """Environments inside the project: PDM's Python and `__pypackages__`, pixi's, and `UV_PROJECT_ENVIRONMENT`."""
    saved = (read_text(os.path.join(project, ".pdm-python"), 4096) or "").strip()
    prefix = prefix_of(saved) if os.path.isabs(saved) and "\0" not in saved else None
    if prefix is not None:
        yield Candidate(prefix=prefix, interpreter=saved, why="pdm")
    for version in sorted(list_directory(os.path.join(project, "__pypackages__"))):
        packages = os.path.join(project, "__pypackages__", version)
        if re.fullmatch(r"\d\.\d+t?", version):
            site = os.path.join(packages, "lib")
            yield Candidate(
                prefix=packages, interpreter=None, why="pdm __pypackages__", library=f"python{version}", site=site
            )
    environments = os.path.join(project, ".pixi", "envs")
    for name in sorted(list_directory(environments)):
        if os.path.isdir(os.path.join(environments, name, "conda-meta")):
            yield candidate(os.path.join(environments, name), f"pixi {name}")
    chosen = environ.get("UV_PROJECT_ENVIRONMENT")
    if chosen and os.path.exists(os.path.join(project, "pyproject.toml")):
        path = os.path.join(project, chosen)
        if os.path.exists(os.path.join(path, "pyvenv.cfg")):
            yield candidate(path, "`UV_PROJECT_ENVIRONMENT`")


def _at_home(project: str, home: ToolFolders) -> Iterator[Candidate]:
    """Environments that tools keep outside the project, mostly in a folder named with a hash of the project's path."""
    if os.path.exists(os.path.join(project, "pyproject.toml")):
        yield from _poetry(project, home)
        yield from _hatch(project, home)
        yield from _pdm(project, home)
    if os.path.exists(os.path.join(project, "Pipfile")):
        yield from _pipenv(project, home)


def _made(folder: str, name: str, tool: str) -> Iterator[Candidate]:
    prefix = os.path.join(folder, name)
    if os.path.exists(os.path.join(prefix, "pyvenv.cfg")):
        yield candidate(prefix, f"{tool} {name}")


def _poetry(project: str, home: ToolFolders) -> Iterator[Candidate]:
    mark = f"-{slug(os.path.realpath(project))}-py"
    settings = PoetrySettings(home.environ, map(_read_toml, poetry_files(project, home)))
    folder = settings.kept(project, home)
    for name in sorted(list_directory(folder)):
        if mark in name:
            yield from _made(folder, name, "poetry")


def _hatch(project: str, home: ToolFolders) -> Iterator[Candidate]:
    file = home.environ.get("HATCH_CONFIG") or os.path.join(home.directory("config", "hatch"), "config.toml")
    settings = _read_toml(file)
    data = home.environ.get("HATCH_DATA_DIR") or _text(settings, "dirs", "data") or home.directory("data", "hatch")
    chosen = _text(settings, "dirs", "env", "virtual")
    folder = home.expanded(chosen or os.path.join(data, "env", "virtual"), project)
    if folder == os.path.join(home.home, ".virtualenvs") or folder.startswith(os.path.join(project, "")):
        folders = [folder]
    else:
        folders = [os.path.join(folder, name, slug(project)) for name in sorted(list_directory(folder))]
    for each in folders:
        for name in sorted(list_directory(each)):
            yield from _made(each, name, "hatch")


def _pdm(project: str, home: ToolFolders) -> Iterator[Candidate]:
    """The environments of `pdm venv`; `.pdm-python` names one of them (`hash_path` in PDM's `venv/utils.py`)."""
    import base64
    import hashlib  # loads OpenSSL, 2 ms: only where there is a project of pdm's

    digest = hashlib.md5(os.fsencode(project), usedforsecurity=False).digest()
    mark = f"-{base64.urlsafe_b64encode(digest).decode()[:8]}-"
    folder = os.path.join(home.directory("data", "pdm"), "venvs")
    for name in sorted(list_directory(folder)):
        if mark in name:
            yield from _made(folder, name, "pdm")


def _pipenv(project: str, home: ToolFolders) -> Iterator[Candidate]:
    folder = pipenv_folder(project, home)
    named = (read_text(os.path.join(project, ".venv"), 4096) or "").strip()
    if named:
        path = os.path.join(project if "/" in named else folder, named)
        yield from _made(os.path.dirname(path), os.path.basename(path), "pipenv")
    custom = home.environ.get("PIPENV_CUSTOM_VENV_NAME")
    mark = re.compile(rf".*-{re.escape(slug(os.path.join(project, 'Pipfile')))}(?:-.*)?")
    for name in sorted(list_directory(folder)):
        if name == custom or mark.fullmatch(name):
            yield from _made(folder, name, "pipenv")


def _read_toml(file: str) -> Any:
    text = read_text(file, _LIMIT)
    if text is None:
        return None
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _text(settings: Any, *keys: str) -> str | None:
    """A string in nested tables; None if the keys lead nowhere or to another type."""
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings if isinstance(settings, str) and "\0" not in settings else None
