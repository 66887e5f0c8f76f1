"""Which of a kernel's extensions the page may have: the server's configuration decides, not a click. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from .offered import KernelExtension

PIN = "@sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The server's configuration (`KernelExtensions`): patterns of names, each of ``allowed`` perhaps with a hash."""

    policy: Literal["ask", "off"] = "ask"
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    max_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """An extension that JupyterLab serves already: the server's own, or one that came from a kernel."""

    name: str
    version: str
    source: Literal["server", "kernel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFrom:
    """Where an extension came from that was taken: a kernel that was proven to be here, or not, and its files' hash."""

    is_local: bool
    digest: str


UNKNOWN = TakenFrom(is_local=False, digest="unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionVerdict:
    """Whether the page may have an extension; ``reason`` and ``hint`` say why not, and what to do."""

    name: str
    version: str
    verdict: Literal["offer", "there", "other version", "refused", "off"]
    reason: str | None = None
    hint: str | None = None
    page_version: str | None = None


def judge(offer: KernelExtension, present: Mapping[str, Present], *, is_local: bool, rules: Rules) -> ExtensionVerdict:
    """The verdict on one extension. ``is_local``: the kernel is proven to run on this machine as this user.

    A pin counts as soon as the hash is known; before the extension is listed file by file, it is not.
    """
    there = next((each for each in present.values() if each.name.casefold() == offer.name.casefold()), None)
    if there is not None:
        return _beside(offer, there)
    reason, hint = _refusal(offer, rules)
    if reason is not None:
        hint = hint if is_local else None  # what a stranger names is nothing to install
        return ExtensionVerdict(name=offer.name, version=offer.version, verdict="refused", reason=reason, hint=hint)
    closed = _closed(offer, is_local=is_local, rules=rules)
    if closed is not None:
        reason, hint = closed
        return ExtensionVerdict(name=offer.name, version=offer.version, verdict="off", reason=reason, hint=hint)
    return ExtensionVerdict(name=offer.name, version=offer.version, verdict="offer")


def why_gone(taken: Present, origin: TakenFrom, rules: Rules) -> str | None:
    """Why an extension that was taken would not be taken any more; None if it would."""
    offer = KernelExtension(name=taken.name, version=taken.version, size=0, digest=origin.digest)
    return judge(offer, {}, is_local=origin.is_local, rules=rules).reason


def _beside(offer: KernelExtension, there: Present) -> ExtensionVerdict:
    if there.version == offer.version and there.name == offer.name:
        return ExtensionVerdict(name=offer.name, version=offer.version, verdict="there", page_version=there.version)
    owner = "the server's environment" if there.source == "server" else "another kernel"
    return ExtensionVerdict(
        name=offer.name,
        version=offer.version,
        verdict="other version",
        reason=f"the page has {there.version} from {owner}, and can't have two versions",
        hint=None if there.source == "server" else f"%safepip page unload {offer.name}",
        page_version=there.version,
    )


def _refusal(offer: KernelExtension, rules: Rules) -> tuple[str | None, str | None]:
    """Why it can't be used, whoever offers it."""
    if offer.server:
        parts = ", ".join(f"`{each}`" for each in offer.server)
        reason = f"it needs a server part ({parts}), which runs only in the server's own environment"
        project = offer.server_distribution
        return reason, f"%safepip install --server {project}" if project is not None else None
    if offer.switches_off:
        return "it disables other extensions, and only the server's environment may do that", None
    if _matching(offer.name, rules.denied):
        return "the server's setting `KernelExtensions.denied` names it", None
    if offer.size > rules.max_bytes:
        reason = f"its {offer.size / 1e6:.1f} MB are more than `KernelExtensions.max_bytes` allows"
        return reason, _setting(f"c.KernelExtensions.max_bytes = {offer.size}")
    return None, None


def _closed(offer: KernelExtension, *, is_local: bool, rules: Rules) -> tuple[str, str | None] | None:
    """Why the server takes nothing from this kernel, or not this; None if it does."""
    if rules.policy == "off":
        return "the server's setting `KernelExtensions.policy` is `off`", _setting('c.KernelExtensions.policy = "ask"')
    if is_local:
        return None
    pins = [pattern.partition(PIN)[2] for pattern in rules.allowed if _matches(offer.name, pattern.partition(PIN)[0])]
    if not pins:
        reason = "this kernel is not proven to run on the server's machine as its user, and the server's settings don't allow it"
        return reason, _setting(f'c.KernelExtensions.allowed = ["{offer.name}"]')
    if offer.digest is not None and not any(pin in ("", offer.digest) for pin in pins):
        return f"its hash is {offer.digest}, and `KernelExtensions.allowed` names another one", None
    return None


def _matching(name: str, patterns: tuple[str, ...]) -> bool:
    return any(_matches(name, pattern) for pattern in patterns)


def _matches(name: str, pattern: str) -> bool:
    """Whatever the case: some file systems don't tell the two apart."""
    return fnmatchcase(name.casefold(), pattern.casefold())


def _setting(line: str) -> str:
    return f"in the server's `jupyter_server_config.py`, add `{line}` to what is there, and restart the server"
