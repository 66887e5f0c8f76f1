"""Which package managers can change an environment. Looks for their files and runs none of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipython_where.facts.files import same_file
from ipython_where.model import PackageManager
from ipython_where.trust import who_else

OWN_SITE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
"""The directory that this package is imported from."""


def find_installers(
    description: Mapping[str, Any],
    *,
    environ: Mapping[str, str],
    home: str | None,
    cwd: str = os.sep,
    beside: str = OWN_SITE,
) -> tuple[PackageManager, ...]:
    """pip inside the environment, uv wherever it is, and conda, mamba, micromamba or pixi if one of them made it; in a
    browser's Python micropip, and JupyterLite's piplite.

    ``description`` is the probe's; ``beside`` is the directory with the uv that came along with this package. uv's version is
    known only if its distribution is in the environment. An install may run uv, so skip the working directory ``cwd`` and any
    uv that another user could have put there. conda and the like are only named in answers and hints, never run: on a shared
    machine they often belong to another user.
    """
    if description["platform"] == "emscripten":  # the Python of a browser starts no program
        return tuple(_loaded(description["sys_path"]))
    path = [entry for entry in environ.get("PATH", "").split(os.pathsep) if not same_file(entry, cwd)]
    found = [*_pip(description), *_uv(description, path, home, beside)]
    if description["conda_history"]:
        found += _conda(description["prefix"], path, environ, home)
        found += _pixi(description["prefix"], path, environ, home)
    return tuple(found)


def _pip(description: Mapping[str, Any]) -> Iterator[PackageManager]:
    if description["pip"] is not None and description["executable"] is not None:
        yield PackageManager(name="pip", path=f"{description['executable']} -m pip", version=description["pip"])


def _loaded(path: Sequence[str]) -> Iterator[PackageManager]:
    for name in ("piplite", "micropip"):
        folders = (os.path.join(entry, name) for entry in path if entry)
        found = next(filter(os.path.isdir, folders), None)
        if found is not None:
            yield PackageManager(name=name, path=found, version=None)


def _uv(description: Mapping[str, Any], path: Sequence[str], home: str | None, beside: str) -> Iterator[PackageManager]:
    """uv from the environment, else the one that came along with this package, else the first on PATH, else from where its
    installer, cargo or Homebrew puts it.
    """
    usual = [os.path.join(home, folder) for folder in (".local/bin", ".cargo/bin")] if home else []
    own = list(_script_folders(beside)) if os.path.isdir(os.path.join(beside, "uv")) else []
    for folder in (description["scripts"], *own, *path, *usual, "/opt/homebrew/bin", "/usr/local/bin"):
        found = _program(folder, "uv")
        if found is not None and (folder == description["scripts"] or who_else(found) is None):
            yield PackageManager(name="uv", path=found, version=None)
            return


def _script_folders(site: str) -> Iterator[str]:
    """Where an install puts a distribution's programs if its packages go into ``site``, as `uv.find_uv_bin` looks for them: in
    an environment or below a `--prefix`, below a `--target`, or in the user's folder.
    """
    *above, parent, last = site.split(os.sep)
    if os.name == "nt":
        if (parent.lower(), last.lower()) == ("lib", "site-packages"):
            yield os.path.join(os.sep.join(above), "Scripts")
        yield os.path.join(
            os.path.dirname(site), "Scripts"
        )  # the user's: `Python311\\site-packages` beside `Python311\\Scripts`
    elif last in ("site-packages", "dist-packages") and parent.startswith("python"):
        yield os.path.join(os.sep.join(above[:-1]), "bin")  # the user's, too: `~/.local/lib/python3.11/site-packages`
    yield os.path.join(site, "bin")


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


def _pixi(prefix: str, path: list[str], environ: Mapping[str, str], home: str | None) -> Iterator[PackageManager]:
    """pixi, where it manages the prefix: named by a variable of `pixi run`, else on PATH or where its installer puts it."""
    marks = (os.path.join(prefix, "conda-meta", each) for each in ("pixi", "pixi_env_prefix"))
    if not any(map(os.path.isfile, marks)):
        return
    named = environ.get("PIXI_EXE", "")
    own = [os.path.join(environ.get("PIXI_HOME") or os.path.join(home, ".pixi"), "bin")] if home else []
    found = named if os.path.isabs(named) and os.path.isfile(named) else None
    found = found or next((each for folder in (*path, *own) if (each := _program(folder, "pixi"))), None)
    if found is not None:
        yield PackageManager(name="pixi", path=found, version=None)


def _program(folder: str, name: str) -> str | None:
    if not os.path.isabs(folder):
        return None  # a relative entry of PATH depends on where the command is typed
    path = os.path.join(folder, name + (".exe" if os.name == "nt" else ""))
    return path if os.path.isfile(path) and os.access(path, os.X_OK) else None
