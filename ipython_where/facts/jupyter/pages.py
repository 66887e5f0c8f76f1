"""The JupyterLab page that shows this kernel's notebook, as it told the kernel of itself: see `lab_probe`.

The page speaks over the kernel's own channel, which only those who may run code in the kernel can use. It repeats what its
server says, so a server behind a gateway is known, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ipython_where.lab_probe import pages
from ipython_where.model import PageSource, Server


class PageExtension(NamedTuple):
    """An extension of the page: loaded, or to be loaded by the next page; ``source`` is None if no server has it any more."""

    name: str
    version: str | None
    source: PageSource | None
    is_loaded: bool


class ToldVerdict(NamedTuple):
    """What the server says of an extension of this kernel's environment: see docs/page.md."""

    name: str
    version: str | None
    verdict: str
    reason: str | None
    hint: str | None


class ToldServer(NamedTuple):
    """The server of a page, as it describes itself."""

    host: str
    prefix: str
    interpreter: str | None
    interpreter_version: str | None
    version: str | None


class Page(NamedTuple):
    """A page: the front end, its server, what it has, and what its server says of this kernel's extensions.

    ``server`` is None where the server lacks this package's side. ``extensions`` are those that the page has loaded or the
    next one will load, ``verdicts`` are on what this kernel's environment has and the page hasn't.
    """

    client: str
    application: str
    version: str
    server: ToldServer | None
    extensions: tuple[PageExtension, ...]
    verdicts: tuple[ToldVerdict, ...]


def read_page(client: str) -> Page | None:
    """The page of that client, the session that a cell's request names; None if it told this kernel nothing."""
    return next((parse_page(each) for each in pages() if each.get("client") == client), None)


def parse_page(said: Mapping[str, Any]) -> Page:
    """What a page said, as far as it makes sense."""
    return Page(
        client=_text(said, "client") or "",
        application=_text(said, "application") or "JupyterLab",
        version=_text(said, "version") or "(version unknown)",
        server=_server(said.get("server")),
        extensions=tuple(_extension(each) for each in _objects(said.get("extensions"))),
        verdicts=tuple(_verdict(each) for each in _objects(said.get("verdicts"))),
    )


def behind(page: Page, found: Server, *, host: str | None, environ: Mapping[str, str]) -> Server:
    """The server, as its page describes it, where nothing on this machine proves one.

    It is remote if a gateway started the kernel, or if it names another host; else it may be out of sight on this one.
    """
    told = page.server
    if told is None or found.verdict != "unknown":
        return found
    evidence = f"the page says that its server runs on {told.host}, in {told.prefix}"
    if environ.get("KERNEL_GATEWAY") != "1" and told.host == host:
        return replace(found, evidence=(*found.evidence, evidence))
    return replace(
        found,
        verdict="remote",
        version=told.version,
        interpreter=told.interpreter,
        interpreter_version=told.interpreter_version,
        prefix=told.prefix,
        same_environment=False,
        evidence=(evidence, *found.evidence),
        host=told.host,
    )


def _server(said: object) -> ToldServer | None:
    if not isinstance(said, dict) or not _text(said, "host") or not _text(said, "prefix"):
        return None
    return ToldServer(
        host=_text(said, "host") or "",
        prefix=_text(said, "prefix") or "",
        interpreter=_text(said, "executable"),
        interpreter_version=_text(said, "python"),
        version=_text(said, "version"),
    )


def _extension(said: Mapping[str, Any]) -> PageExtension:
    source = said.get("from")
    return PageExtension(
        name=_text(said, "name") or "",
        version=_text(said, "version"),
        source=source if source in ("server", "kernel") else None,
        is_loaded=said.get("loaded") is True,
    )


_VERDICTS = ("offer", "there", "other version", "refused", "off")


def _verdict(said: Mapping[str, Any]) -> ToldVerdict:
    verdict = said.get("verdict")
    return ToldVerdict(
        name=_text(said, "name") or "",
        version=_text(said, "version"),
        verdict=verdict if verdict in _VERDICTS else "unknown",
        reason=_text(said, "reason"),
        hint=_text(said, "hint"),
    )


def _objects(said: object) -> Iterable[Mapping[str, Any]]:
    return [each for each in said if isinstance(each, dict) and _text(each, "name")] if isinstance(said, list) else ()


def _text(said: Mapping[str, Any], key: str) -> str | None:
    text = said.get(key)
    return text[:500] if isinstance(text, str) and text else None
