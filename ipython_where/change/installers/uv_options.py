"""uv's words for what pip's options and settings say."""

from __future__ import annotations

from collections.abc import Mapping

from ipython_where.facts.settings.pip_options import effect_of

SAME = {"--no-build-isolation": "--no-build-isolation", "--no-cache-dir": "--no-cache"}
VARIABLES = {
    "--timeout": "UV_HTTP_TIMEOUT",
    "--retries": "UV_HTTP_RETRIES",
    "--cert": "SSL_CERT_FILE",
    "--client-cert": "SSL_CLIENT_CERT",
}
WITH_VALUE = {
    "--config-settings": "--config-setting",
    "--trusted-host": "--allow-insecure-host",
    "--build-constraint": "--build-constraints",
}
_FROM_PIP = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT"}
READS = ("list", "show", "freeze", "check")
"""pip's reading commands that uv has."""

UNDERSTOOD = frozenset((*SAME, *VARIABLES, *WITH_VALUE, "--proxy", "--compile"))
"""The options of pip that uv has under another name. Those that change nothing of the answer are left out for it."""


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
    return {"HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": url}
