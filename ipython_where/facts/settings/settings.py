"""The variables and configuration keys that steer the installers and the import system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ipython_where.facts.home import home_of
from ipython_where.model import Setting

from .configuration import Answer, SettingEntry, SettingsContext, setting
from .pip_settings import judge_pip_settings, read_pip_entries
from .uv_settings import read_uv_settings, uv_has_interpreter

if TYPE_CHECKING:
    from .pip_config import PipConfig

_PYTHON_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONSAFEPATH")
_ENVIRONMENT_VARIABLES = ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV")


def read_settings(*, environ: Mapping[str, str], cwd: str, prefix: str, platform: str = sys.platform) -> Answer:
    """The settings in force for installs into ``prefix``, and a finding for each broken configuration file.

    An overridden setting is left out or marked as not diverting, by pip's and uv's own precedence.
    """
    return _read(environ, cwd, prefix, platform)[0]


def read_settings_and_pip(
    *, environ: Mapping[str, str], cwd: str, prefix: str, platform: str = sys.platform
) -> tuple[Answer, PipConfig]:
    """The same as `read_settings`, and the pip settings to pass to an installer, from a single read."""
    from .pip_config import judge_pip_config

    answer, entries = _read(environ, cwd, prefix, platform)
    return answer, judge_pip_config(entries)


def _read(environ: Mapping[str, str], cwd: str, prefix: str, platform: str) -> tuple[Answer, tuple[SettingEntry, ...]]:
    world = SettingsContext(environ=environ, cwd=cwd, prefix=prefix, home=home_of(environ, platform), platform=platform)
    entries, pip_findings = read_pip_entries(world)
    uv, uv_findings = read_uv_settings(world)
    settings = (*_python_settings(world), *judge_pip_settings(world, entries), *uv)
    return (settings, (*pip_findings, *uv_findings)), entries


def _python_settings(world: SettingsContext) -> Iterator[Setting]:
    diverts: dict[str, Callable[[str], bool]] = {
        # In a virtual environment PYTHONHOME moves the standard library, not the prefix.
        "PYTHONHOME": lambda value: not world.is_virtual() and not world.is_prefix(value.partition(os.pathsep)[0]),
        "VIRTUAL_ENV": lambda value: not uv_has_interpreter(world) and not world.is_prefix(value),
        "CONDA_PREFIX": lambda value: not world.is_prefix(value),
    }
    for name in (*_PYTHON_VARIABLES, *_ENVIRONMENT_VARIABLES):
        value = world.environ.get(name)
        if value:
            yield setting(name, value, "environment", name in diverts and diverts[name](value))
