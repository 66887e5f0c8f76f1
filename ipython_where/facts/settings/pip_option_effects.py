"""What each of pip's options and settings can change: the plan itself, where candidates come from, or nothing of
either.

The names are pip's own, without the leading dashes; the same name is an option, a `PIP_*` variable and a key of
`pip.conf`.
"""

from __future__ import annotations

from typing import Literal

from ipython_where.model import Setting

Effect = Literal["none", "source", "connection", "place", "plan"]
"""`source`: which candidates there are. `connection`: how they are fetched. `place`: where files go. `plan`: which are
taken.
"""

_SOURCES = ("index-url", "extra-index-url", "find-links", "no-index", "pypi-url")
_CONNECTION = ("cert", "client-cert", "proxy", "trusted-host", "keyring-provider", "no-proxy-env")
_PLACE = ("target", "prefix", "root", "python", "user", "no-user", "dry-run", "src", "report")
_NONE = (
    "break-system-packages",
    "cache-dir",
    "compile",
    "debug",
    "default-timeout",
    "disable-pip-version-check",
    "exists-action",
    "log",
    "no-cache-dir",
    "no-clean",
    "no-color",
    "no-compile",
    "no-input",
    "no-python-version-warning",
    "no-warn-conflicts",
    "no-warn-script-location",
    "progress-bar",
    "quiet",
    "require-virtualenv",
    "resume-retries",
    "retries",
    "root-user-action",
    "timeout",
    "verbose",
    "version-check",
)
_EFFECTS: dict[str, Effect] = {
    **dict.fromkeys(_SOURCES, "source"),
    **dict.fromkeys(_CONNECTION, "connection"),
    **dict.fromkeys(_PLACE, "place"),
    **dict.fromkeys(_NONE, "none"),
}


def pip_key(name: str) -> str | None:
    """The name of pip's option that a variable (`PIP_INDEX_URL`), key (`global.index-url`) or option (`--index-url=…`)
    sets.
    """
    if name.startswith("--"):
        return name[2:].partition("=")[0]
    if name.startswith("PIP_"):
        return name[4:].lower().replace("_", "-")
    section, dot, key = name.partition(".")
    return key if dot and section in ("global", "install") else None


def effect_of(setting: Setting | str) -> Effect:
    """What a setting or an option can change. One that pip does not have yet may change everything."""
    name = setting if isinstance(setting, str) else setting.name
    key = pip_key(name)
    if key is None or key in ("config-file",):
        return "none"
    return _EFFECTS.get(key, "plan")
