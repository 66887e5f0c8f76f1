"""Which package managers can change an environment. Looks for their files and runs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipython_where.facts.files import same_file
from ipython_where.model import PackageManager
from ipython_where.trust import who_else


def find_installers(
    description: Mapping[str, Any], *, environ: Mapping[str, str], home: str | None, cwd: str = os.sep
) -> tuple[PackageManager, ...]:
    """pip inside the environment, uv wherever it is, and conda, mamba or micromamba if conda made the environment.

    ``description`` is the probe's. uv's version is known only if its distribution is in the environment. An install may
    run uv, so skip the working directory ``cwd`` and any uv that another user could have put there. conda and the like are
    only named in answers and hints, never run: on a shared machine they often belong to another user.
    """
    path = [entry for entry in environ.get("PATH", "").split(os.pathsep) if not same_file(entry, cwd)]
    found = [*_pip(description), *_uv(description, path, home)]
    if description["conda_history"]:
        found += _conda(description["prefix"], path, environ, home)
    return tuple(found)


def _pip(description: Mapping[str, Any]) -> Iterator[PackageManager]:
    if description["pip"] is not None and description["executable"] is not None:
        yield PackageManager(name="pip", path=f"{description['executable']} -m pip", version=description["pip"])


def _uv(description: Mapping[str, Any], path: Sequence[str], home: str | None) -> Iterator[PackageManager]:
    """uv from the environment, else the first on PATH, else from where its installer, cargo or Homebrew puts it."""
    usual = [os.path.join(home, folder) for folder in (".local/bin", ".cargo/bin")] if home else []
    for folder in (description["scripts"], *path, *usual, "/opt/homebrew/bin", "/usr/local/bin"):
        found = _program(folder, "uv")
        if found is not None and (folder == description["scripts"] or who_else(found) is None):
            yield PackageManager(name="uv", path=found, version=None)
            return


def _conda(prefix: str, path: Sequence[str], environ: Mapping[str, str], home: str | None) -> Iterator[PackageManager]:
    """conda, mamba and micromamba: named by a variable, else in this prefix or its base installation, else on PATH."""
    base = os.path.dirname(os.path.dirname(prefix)) if os.path.basename(os.path.dirname(prefix)) == "envs" else prefix
    folders = [os.path.join(root, sub) for root in (prefix, base) for sub in ("condabin", "bin", "Scripts")]
    folders += path
    for name, variable in (("conda", "CONDA_EXE"), ("mamba", "MAMBA_EXE"), ("micromamba", "MAMBA_EXE")):
        named = environ.get(variable, "")
        if os.path.basename(named) == name and os.path.isabs(named) and os.path.isfile(named):
            yield PackageManager(name=name, path=named, version=None)
            continue
        found = next((each for folder in folders if (each := _program(folder, name))), None)
        if found is not None:
            yield PackageManager(name=name, path=found, version=None)


def _program(folder: str, name: str) -> str | None:
    if not os.path.isabs(folder):
        return None  # a relative entry of PATH depends on where the command is typed
    path = os.path.join(folder, name + (".exe" if os.name == "nt" else ""))
    return path if os.path.isfile(path) and os.access(path, os.X_OK) else None
