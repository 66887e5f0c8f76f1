"""Tools that work on a project, or give each program an environment of its own: poetry, pdm, pixi, hatch, pipx."""

from __future__ import annotations

import os

from .expansion import Field
from .kernel import Kernel
from .located import Judged, Located
from .reading import Reader
from .values import Action, Invocation, Target

_ACTIONS: dict[str, dict[str, Action]] = {
    "poetry": {"add": "install", "install": "install", "update": "install", "sync": "install", "remove": "uninstall"},
    "pdm": {"add": "install", "install": "install", "update": "install", "sync": "install", "remove": "uninstall"},
    "pixi": {"add": "install", "install": "install", "update": "install", "remove": "uninstall"},
    "hatch": {},
    "pipx": {"install": "install", "inject": "install", "upgrade": "install", "reinstall": "install",
             "upgrade-all": "install", "install-all": "install", "uninstall": "uninstall", "uninject": "uninstall",
             "uninstall-all": "uninstall"},
}  # fmt: skip
_READS = ("list", "show", "search", "check", "info", "environment", "version", "about")
TOOLS = tuple(_ACTIONS)


def judge_project(tool: str, fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader) -> Invocation:
    """The invocation of one of these tools."""
    words = [field.text for field in fields]
    named = next((word for word in words if word is not None and not word.startswith("-")), None)
    known = None not in words
    action: Action = "read" if named is None or named in _READS else _ACTIONS[tool].get(named, "other")
    behind = words[words.index(named) + 1 :] if named is not None else []
    requirements = tuple(word for word in behind if word and not word.startswith("-")) if known else None
    is_unknown = named is None and not known
    judged = _target(tool, located, kernel, reader)
    return located.invocation(tool, "unknown" if is_unknown else action, requirements, judged)


def _target(tool: str, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    if located.reached is None:
        return None, None, located.reason
    if tool == "pipx":
        return None, False, "`pipx` gives each program an environment of its own"
    if located.cwd is None:
        return None, None, "the working directory is not known here"
    prefix = _environment(tool, located.cwd, reader)
    active = [name for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if located.environ.get(name)]
    if prefix is None or (tool != "pixi" and active):
        return None, None, f"where `{tool}` keeps the environment of its project is not known"
    python = f"{prefix}/bin/python"
    target = Target(interpreter=python if reader.is_file(python) else None, prefix=prefix)
    return target, kernel.has_prefix(prefix, reader), "the environment of the project"


def _environment(tool: str, cwd: str, reader: Reader) -> str | None:
    """The environment inside of the project's folder, where that is there already."""
    inside = {"poetry": ".venv", "pdm": ".venv", "pixi": ".pixi/envs/default"}.get(tool)
    files = ("pixi.toml", "pyproject.toml") if tool == "pixi" else ("pyproject.toml",)
    folder = cwd
    while inside is not None:
        if any(reader.is_file(os.path.join(folder, file)) for file in files):
            prefix = os.path.join(folder, inside)
            return prefix if reader.is_directory(prefix) else None
        if os.path.dirname(folder) == folder:
            return None
        folder = os.path.dirname(folder)
    return None
