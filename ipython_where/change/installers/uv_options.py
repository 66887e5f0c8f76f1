"""uv's words for what pip's options and settings say.

Tested in `tests/change/plan/test_choose.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from ipython_where.facts.settings.pip_option import Passed
from ipython_where.facts.settings.pip_options import effect_of, install_options

_PASSED = [
    option for option in install_options().values() if isinstance(option.safepip, Passed) and option.uv is not None
]
SAME = {
    option.name: option.uv or ""
    for option in _PASSED
    if not option.takes_value and option.name != "--compile"  # that one is for the staging alone
}
WITH_VALUE = {
    option.name: option.uv or "" for option in _PASSED if option.takes_value and (option.uv or "").startswith("--")
}
VARIABLES = {
    option.name: option.uv or ""
    for option in _PASSED
    if option.takes_value and option.name not in (*WITH_VALUE, "--proxy")
}
"""What uv is told by a flag, by an option with the value, and by a variable."""

_PROXIES = (install_options()["--proxy"].uv or "").split()
_FROM_PIP = {name[2:]: install_options()[name].uv or "" for name in ("--index-url", "--cert", "--client-cert")}
READS = ("list", "show", "freeze", "check")
"""pip's reading commands that uv has."""


def uv_variables(pip: Mapping[str, str]) -> dict[str, str] | None:
    """The variables that make uv fetch from where pip's settings say; None when uv cannot be told the same for certain.

    Several indexes: pip takes the best version of all, uv the first index that has the project.
    """
    found: dict[str, str] = {}
    for key, value in pip.items():
        effect = effect_of(f"--{key}")
        if effect in ("source", "connection", "plan"):
            if key == "proxy":
                found |= proxy_variables(value)
            elif key in _FROM_PIP and len(value.split()) == 1 and "://" in value + "://" * (key != "index-url"):
                found[_FROM_PIP[key]] = value
            else:
                return None
    return found


def proxy_variables(url: str) -> dict[str, str]:
    """The variables that send every request through a proxy."""
    return dict.fromkeys(_PROXIES, url)
