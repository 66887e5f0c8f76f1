"""What kind of environment an interpreter runs in, judged from what it reports about itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ipython_where.judge.pyvenv_cfg import parse_pyvenv_cfg, sees_system
from ipython_where.model import Environment, EnvironmentKind, PackageManager


def judge_environment(description: Mapping[str, Any], installers: Iterable[PackageManager]) -> Environment:
    """The environment of the interpreter that reported ``description``. ``installers`` are those found outside it."""
    settings = parse_pyvenv_cfg(description["pyvenv_cfg"])
    kind, made_by = _kind(description, settings)
    system_site = None if settings is None else sees_system(settings)
    return Environment(
        executable=description["executable"],
        version=description["version"],
        implementation=description["implementation"],
        prefix=description["prefix"],
        base_prefix=description["base_prefix"],
        kind=kind,
        made_by=made_by,
        site_directories=tuple(description["site_directories"]),
        system_site_packages=system_site,
        user_site=description["user_site"],
        user_site_enabled=description["user_site_enabled"],
        user_site_in_use=description["user_site_enabled"] and description["user_site"] in description["sys_path"],
        writable=description["writable"],
        externally_managed=description["externally_managed"] is not None and settings is None,
        installers=tuple(installers),
        host=description["host"],
        container=description["container"],
    )


def _kind(description: Mapping[str, Any], settings: Mapping[str, str] | None) -> tuple[EnvironmentKind, str | None]:
    """The kind and its maker, by the traces that the makers leave."""
    if description["executable"] is None:
        return "embedded", None
    if description["conda_history"]:
        return "conda", "conda"
    if settings is not None:
        return _virtual_kind(description, settings)
    prefix = description["prefix"].replace(os.sep, "/")
    if "/pyenv/versions/" in prefix or "/.pyenv/versions/" in prefix:
        return "pyenv", "pyenv"
    if prefix in ("/usr", "/System/Library/Frameworks/Python.framework/Versions/Current"):
        return "system", None
    if "/uv/python/" in prefix:
        return "standalone", "uv python install"
    return "standalone", None


def _virtual_kind(description: Mapping[str, Any], settings: Mapping[str, str]) -> tuple[EnvironmentKind, str]:
    if description["pipx_metadata"]:
        return "pipx", "pipx"
    if description["uv_receipt"]:
        return "uv", "uv tool install"
    if "uv" in settings:
        return "uv", f"uv {settings['uv']}"
    if "virtualenv" in settings:
        return "virtualenv", f"virtualenv {settings['virtualenv']}"
    return "venv", "python -m venv"
