"""What conda's settings mean for a change: channels, priority, pins, network. What rattler can't be told is said, or refused."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ipython_where.errors import UsageError, WhereError
from ipython_where.facts.conda.condarc import Condarc, switch, urls_of
from ipython_where.model import Evidence, Finding
from ipython_where.value import dataclass

from .conda_request import CondaRequest
from .public_address import without_token

Priority = Literal["strict", "flexible", "disabled"]

_POLICIES = ("allowlist_channels", "denylist_channels", "disallowed_packages", "exclude_newer")
_UNTOLD = {
    "client_ssl_cert": "a client's certificate",
    "channel_settings": "a channel's own way to log in",
    "track_features": "features to track",
    "use_local": "packages that you built",
    "migrated_channel_aliases": "channels that moved",
    "migrated_custom_channels": "channels that moved",
}
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Certificates that conda trusts, because the library does that it downloads with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How rattler reaches the channels: its own configuration, and variables for its process."""

    config: str
    environ: Mapping[str, str]
    offline: bool


def channels_for(request: CondaRequest, settings: Condarc, own: Sequence[str], *, cwd: str) -> tuple[str, ...]:
    """The addresses of the channels, the first one first. ``own`` are those that the prefix's packages came from: they count
    where no setting names a channel, as conda's `defaults` would mix into another channel's environment.

    Raises `UsageError` where no channel is known, for `local`, and for `--override-channels` that lacks one or is forbidden.
    """
    if request.override_channels:
        if not settings.flag("override_channels_enabled", True):
            raise UsageError("conda's setting `override_channels_enabled` forbids `--override-channels`")
        if not request.channels:
            raise UsageError("`--override-channels` needs a channel: `-c NAME`")
    others = settings.words("channels") or (() if request.channels else own)
    names = request.channels if request.override_channels else (*request.channels, *others)
    if not names:
        raise UsageError("no channel is configured", hint="name one: `-c conda-forge`")
    if "local" in names:
        hint = "name the folder: `-c file:///…/conda-bld`"
        raise UsageError(
            "the channel `local` means packages that you built, and their place isn't known here", hint=hint
        )
    return tuple(dict.fromkeys(url for each in names for url in urls_of(each, settings, cwd=cwd)))


def refuse_policies(request: CondaRequest, settings: Condarc) -> None:
    """Raise `WhereError` where a policy that only conda carries out limits what may be installed, or may do so: in a file that
    cannot be read. `--override-channels` says that nothing of it is meant.
    """
    if settings.unread and not request.override_channels:
        raise WhereError(
            "settings of conda's are unknown here, and they may say what may be installed from where",
            evidence=tuple(Evidence(label=path, value=why) for path, why in settings.unread),
            hint=_hint_for(settings.unread),
            unchanged=True,
        )
    found = [each for each in _POLICIES if settings.values.get(each)]
    if found:
        raise WhereError(
            f"conda's setting `{found[0]}` limits what may be installed, and only conda carries that out",
            evidence=tuple(Evidence(label="set in", value=each) for each in settings.files),
            hint="use `%conda` here",
            unchanged=True,
        )


def findings_of(request: CondaRequest, settings: Condarc, own: Sequence[str]) -> Iterator[Finding]:
    """What is said of settings that count and cannot be told to rattler."""
    for key, what in _UNTOLD.items():
        if settings.values.get(key):
            yield _untold(f"conda's setting `{key}` ({what}) is not followed")
    if others := sorted(settings.table("proxy_servers").keys() - {"http", "https"}):
        yield _untold(
            f"conda's setting `proxy_servers` is not followed for {', '.join(f'`{each}`' for each in others)}"
        )
    if not request.channels and not settings.words("channels") and own:
        yield Finding(
            id="own-channels",
            severity="note",
            message="no channel is configured: the packages come from where those here came from",
            evidence=tuple(Evidence(label="channel", value=without_token(each)) for each in own),
        )


def _untold(message: str) -> Finding:
    return Finding(id="condarc-untold", severity="warning", message=message)


def _hint_for(unread: Sequence[tuple[str, str]]) -> str:
    if any("PyYAML" in why for _, why in unread):
        return "`%safepip install pyyaml` lets them be read"
    return "`-c NAME --override-channels` leaves them out, or use `%conda` here"


def priority_of(request: CondaRequest, settings: Condarc) -> Priority:
    """How channels stand to each other: conda's own default is `flexible`, which tries the strict way first."""
    if request.strict or request.no_priority:
        return "strict" if request.strict else "disabled"
    said = settings.values.get("channel_priority")
    if said is False or str(said).lower() in ("disabled", "false"):
        return "disabled"
    return "strict" if str(said).lower() == "strict" else "flexible"


def pins_of(request: CondaRequest, settings: Condarc, pinned: Sequence[str]) -> tuple[str, ...]:
    """The match specs that nothing may leave: rattler looks at neither place."""
    is_free = request.no_pin or settings.flag("ignore_pinned")
    return () if is_free else tuple(dict.fromkeys((*pinned, *settings.words("pinned_packages"))))


def platforms_of(settings: Condarc) -> tuple[str, ...]:
    """The subdirectories of a channel that fit here."""
    return settings.words("subdirs") or (settings.text("subdir") or _here(), "noarch")


def _here() -> str:
    machine = platform.machine().lower()
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}.get(sys.platform, sys.platform)
    known = {"x86_64": "64", "amd64": "64", "aarch64": "aarch64", "arm64": "arm64", "i686": "32", "i386": "32"}
    if system == "osx" and machine == "x86_64":
        return "osx-64"
    return f"{system}-{known.get(machine, machine)}"


def network_of(request: CondaRequest, settings: Condarc, environ: Mapping[str, str]) -> Network:
    """What is passed on of certificates and proxies."""
    lines: list[str] = []
    more: dict[str, str] = {}
    verify = settings.values.get("ssl_verify", True)
    if switch(verify) is True:
        verify = next((environ[each] for each in _BUNDLES if environ.get(each)), True)
    if switch(verify) is False:
        lines.append("tls-no-verify = true")
    elif switch(verify) is None:
        lines.append('tls-root-certs = "system"')
        if verify.lower() != "truststore":
            more["SSL_CERT_DIR" if os.path.isdir(verify) else "SSL_CERT_FILE"] = verify
    proxies = {name: url for name, url in settings.table("proxy_servers").items() if name in ("http", "https")}
    if proxies:
        import tomli_w

        lines.append(tomli_w.dumps({"proxy-config": {name: str(url) for name, url in proxies.items()}}))
    is_offline = request.offline or settings.flag("offline")
    return Network(config="\n".join(lines), environ=more, offline=is_offline)
