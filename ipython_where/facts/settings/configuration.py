"""What pip's and uv's settings share: the context they are judged in, one key from one source, a broken file.

Tested in `tests/facts/settings/test_pip_settings.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ipython_where.facts.files import same_file
from ipython_where.model import Evidence, Finding, Setting
from ipython_where.redact import learn_variables, masked, masked_setting
from ipython_where.value import dataclass

TRUE = frozenset(("1", "on", "t", "true", "y", "yes"))
"""The values that both pip and uv read as true, in lower case."""

Answer = tuple[tuple[Setting, ...], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsContext:
    """The environment and machine that decide whether a setting diverts an install."""

    environ: Mapping[str, str]
    cwd: str
    prefix: str
    home: str
    platform: str

    def path(self, value: str) -> str:
        """A path from a setting as the installers read it: `~` expanded, relative to the working directory."""
        if value == "~" or value.startswith("~/"):
            value = self.home + value[1:]
        return os.path.join(self.cwd, value)

    def is_prefix(self, path: str) -> bool:
        """Whether a setting's path is certainly this environment's folder."""
        return same_file(self.path(path), self.prefix) is True

    def is_interpreter(self, path: str) -> bool:
        """Whether a path names this environment or an interpreter in it; an interpreter's symlinks are not followed."""
        return self.is_prefix(path) or self.is_prefix(os.path.dirname(os.path.dirname(self.path(path))))

    def is_virtual(self) -> bool:
        """Whether this environment is a virtual environment (PEP 405)."""
        return os.path.exists(os.path.join(self.prefix, "pyvenv.cfg"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingEntry:
    """One key from one source."""

    section: str
    key: str
    value: Any
    source: str


def setting(name: str, value: Any, source: str, diverts: bool) -> Setting:
    """A setting with its credentials masked; a value that is not a string is shown as JSON."""
    learn_variables({name: value} if isinstance(value, str) else {})
    shown = masked_setting(name, value)
    text = shown if isinstance(shown, str) else json.dumps(shown, default=str, ensure_ascii=False)
    return Setting(name=name, value=text, source=source, diverts=diverts)


def broken(tool: str, path: str, reason: str, hint: str) -> Finding:
    """The finding for a configuration file that ``tool`` cannot read."""
    return Finding(
        id=f"broken-{tool}-config",
        severity="warning",
        message=f"{tool} cannot read its configuration file `{path}`",
        evidence=(Evidence(label="reason", value=masked(reason)),),
        hint=hint,
    )
