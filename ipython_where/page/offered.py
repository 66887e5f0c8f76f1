"""What a kernel says that it has, as values: no word of it is trusted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ipython_where.redact import masked

NAME = re.compile(r"(?:@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*", re.ASCII | re.IGNORECASE)
"""A package's name, as npm allows it, so that it is one folder, or one in a scope's folder."""

_FOLDERS = frozenset(("schemas", "themes"))
"""JupyterLab looks for these below all extensions, and would take the extension's own folder for one."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}", re.ASCII)
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST_NAME = 214
"""npm's limit, in characters."""
_LARGEST = 1 << 40
_MOST = 2_000
"""Extensions of one kernel: JupyterLab would need minutes for more."""


class BadListing(ValueError):
    """A kernel's words make no sense; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelExtension:
    """An extension of a kernel's environment, as the kernel describes it.

    ``size`` is in bytes, ``server`` the Jupyter server extensions that it needs, ``server_distribution`` the project that
    brings them, ``needs`` the extensions that have to be loaded first. ``switches_off``: it disables others. ``digest`` is its
    files' hash, or None where it was not asked for.
    """

    name: str
    version: str
    size: int
    server: tuple[str, ...] = ()
    server_distribution: str | None = None
    switches_off: bool = False
    needs: tuple[str, ...] = ()
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelPlace:
    """Where a kernel says that it runs: for people to read, proof of nothing."""

    host: str
    prefix: str
    version: str


def is_name(name: object) -> bool:
    """Whether an extension may have this name: no path, no hidden folder, none of JupyterLab's own route."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not NAME.fullmatch(name):
        return False
    parts = name.lower().lstrip("@").split("/")
    if not _FOLDERS.isdisjoint(parts) or parts[0].startswith("static"):
        return False
    return ".." not in name and not any(each.endswith(".") for each in parts)


def parse_offers(value: object) -> tuple[KernelExtension, ...]:
    """The extensions of an answer; one that JupyterLab could not serve is left out."""
    if not isinstance(value, list) or len(value) > _MOST:
        raise BadListing("its extensions are not a list that can be read")
    return tuple(_offers(value))


def _offers(values: Iterable[object]) -> Iterable[KernelExtension]:
    seen = set()
    for each in values:
        if not isinstance(each, dict):
            raise BadListing("one of its extensions is not described")
        name, version = each.get("name"), each.get("version")
        if not is_name(name) or not isinstance(version, str) or not _VERSION.fullmatch(version) or name in seen:
            continue
        seen.add(name)
        yield _offer(each)


def _offer(each: dict[str, Any]) -> KernelExtension:
    size, digest, distribution = each.get("bytes"), each.get("sha256"), each.get("server_distribution")
    return KernelExtension(
        name=each["name"],
        version=each["version"],
        size=min(size, _LARGEST) if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else 0,
        server=_words(each.get("server")),
        switches_off=each.get("switches_off") is True,
        server_distribution=_project(distribution),
        needs=tuple(need for need in _words(each.get("needs")) if is_name(need)),
        digest=digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None,
    )


def _project(name: object) -> str | None:
    """A project's name: it comes into a line that a person may run."""
    return name if isinstance(name, str) and len(name) <= 100 and _PROJECT.fullmatch(name) else None


def parse_place(value: object) -> KernelPlace:
    """Where the kernel says that it runs, with everything in it that could deceive a reader of the log taken out."""
    said = value if isinstance(value, dict) else {}
    return KernelPlace(**{key: _word(said.get(key)) or "unknown" for key in ("host", "prefix", "version")})


def _words(value: object) -> tuple[str, ...]:
    words = (_word(each) for each in value[:100]) if isinstance(value, list) else ()
    return tuple(word for word in words if word)


def _word(value: object) -> str | None:
    """A text of one line without what is invisible, or None: it is shown and logged."""
    if not isinstance(value, str):
        return None
    return masked("".join(each for each in value[:500] if each.isprintable())) or None
