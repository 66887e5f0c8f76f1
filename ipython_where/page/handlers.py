"""The routes below `ipython-where/api`: authenticated, authorised, and safe from other origins, as all of Jupyter's are.

What each takes and answers is in docs/page.md. Tested in `tests/page/test_server.py`.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import wraps
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from ipython_where import __version__

from .archive import ReadyExtension
from .kernel_source import KernelFailed, NoKernel, source
from .loading import Copying, Loading
from .offered import BadListing, is_name, parse_offers
from .policy import ExtensionVerdict
from .running_server import Part, RunningServer

_KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
_MOST_NAMES = 100


class _Handler(APIHandler):
    """What the routes share: to load what a kernel has is as much as to run code in it."""

    auth_resource = "kernels"

    def initialize(self, loading: Loading, running: RunningServer) -> None:
        self.loading = loading
        self.running = running

    def body(self) -> dict[str, Any]:
        """The request's object."""
        try:
            value = self.get_json_body()
        except (web.HTTPError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise web.HTTPError(400, "the request's body is no JSON object")
        return value

    def names(self) -> list[str]:
        """The names that the request is about."""
        names = self.body().get("names")
        if not isinstance(names, list) or not 0 < len(names) <= _MOST_NAMES or not all(map(is_name, names)):
            raise web.HTTPError(400, "`names` is not a list of names of extensions")
        return list(dict.fromkeys(names))

    def versions(self) -> dict[str, str]:
        """The versions that were chosen of some of them."""
        versions = self.body().get("versions", {})
        if not isinstance(versions, dict) or not all(isinstance(each, str) for each in versions.values()):
            raise web.HTTPError(400, "`versions` is not an object of versions")
        return versions


def _clear(method: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Answer 404 for a kernel that is not there, and 502 in a sentence for one that can't answer."""

    @wraps(method)
    async def wrapped(handler: _Handler, **arguments: str) -> None:
        try:
            await method(handler, **arguments)
        except NoKernel:
            raise web.HTTPError(404, "the server has no such kernel") from None
        except KernelFailed as error:
            raise web.HTTPError(502, str(error)) from None

    return wrapped


class PageHandler(_Handler):
    """`GET page`: the server, what JupyterLab serves, and the source that asks a kernel."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        present = await asyncio.to_thread(self.loading.present)
        extensions = [{"name": each.name, "version": each.version, "from": each.source} for each in present.values()]
        self.finish({"server": server(), "extensions": extensions, "source": source()})


class JudgeHandler(_Handler):
    """`POST kernels/ID/judge`: a preview of what the page may have of a kernel's extensions."""

    @web.authenticated
    @authorized(action="execute")
    @_clear
    async def post(self, kernel_id: str) -> None:
        try:
            offers = parse_offers(self.body().get("extensions"))
        except BadListing as error:
            raise web.HTTPError(400, str(error)) from None
        is_local, verdicts = await self.loading.judge(kernel_id, offers)
        self.finish({"local": is_local, "verdicts": [_verdict(each) for each in verdicts]})


class LoadHandler(_Handler):
    """`POST kernels/ID/load`: copies extensions, and tells of each step in a line of JSON."""

    @web.authenticated
    @authorized(action="execute")
    @_clear
    async def post(self, kernel_id: str) -> None:
        self._task = asyncio.current_task()
        names, versions = self.names(), self.versions()
        self.set_header("Content-Type", "application/x-ndjson")
        try:
            async with aclosing(self.loading.load(kernel_id, names, versions)) as steps:
                async for step in steps:
                    await self._say(_line(step))
            await self._say({"end": True})
        except KernelFailed as error:
            if not self._headers_written:
                raise
            await self._say({"error": str(error)})
        except (StreamClosedError, asyncio.CancelledError):
            self.log.info("ipython_where: the page has cancelled a copy")
        except OSError as error:  # where the copy is kept until it is checked
            self.log.warning("ipython_where: a copy failed: %s", error)
            await self._say({"error": f"the server can't keep the copy: {error.strerror or error}"})

    async def _say(self, line: dict[str, Any]) -> None:
        self.write(json.dumps(line) + "\n")
        await self.flush()

    def on_connection_close(self) -> None:
        """The page has cancelled, or is gone."""
        super().on_connection_close()
        task = getattr(self, "_task", None)
        if task is not None:
            task.cancel()


class ExtensionHandler(_Handler):
    """`DELETE extensions/NAME`: takes away what came from a kernel."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        if not is_name(name) or not await asyncio.to_thread(self.loading.remove, name):
            raise web.HTTPError(404, f"no extension `{name}` came from a kernel")
        self.set_status(204)
        self.finish()


class LoadedPartsHandler(_Handler):
    """`GET server/parts`: the server extensions that were loaded after the server's start."""

    auth_resource = "server"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish({"parts": self.running.loaded})


class ServerPartHandler(_Handler):
    """`POST server/load`: loads server extensions that were just installed into this server's environment."""

    auth_resource = "server"

    @web.authenticated
    @authorized(action="execute")
    async def post(self) -> None:
        names = self.body().get("names")
        if (
            not isinstance(names, list)
            or not 0 < len(names) <= _MOST_NAMES
            or not all(isinstance(each, str) for each in names)
        ):
            raise web.HTTPError(400, "`names` is not a list of names of server extensions")
        parts = [await self.running.load(each) for each in dict.fromkeys(names)]
        self.finish({"parts": [_part(each) for each in parts]})


def routes(base_url: str, loading: Loading, running: RunningServer) -> list[tuple[str, type[_Handler], dict[str, Any]]]:
    """The routes, each with its handler."""
    paths: list[tuple[str, type[_Handler]]] = [
        ("page", PageHandler),
        (rf"kernels/{_KERNEL}/judge", JudgeHandler),
        (rf"kernels/{_KERNEL}/load", LoadHandler),
        (r"extensions/(?P<name>.+)", ExtensionHandler),
        ("server/load", ServerPartHandler),
        ("server/parts", LoadedPartsHandler),
    ]
    return [
        (url_path_join(base_url, "ipython-where/api", path), handler, {"loading": loading, "running": running})
        for path, handler in paths
    ]


def server() -> dict[str, Any]:
    """This server, as kernels and pages are told of it."""
    return {
        "host": socket.gethostname(),
        "prefix": sys.prefix,
        "executable": sys.executable,
        "version": _version("jupyter_server"),
        "python": platform.python_version(),
        "pid": os.getpid(),
        "ipython_where": __version__,
    }


def _version(project: str) -> str:
    from importlib.metadata import version

    return version(project)


def _line(step: Copying | ReadyExtension | ExtensionVerdict) -> dict[str, Any]:
    if isinstance(step, Copying):
        return {"copying": step.name, "done": step.done, "total": step.total}
    if isinstance(step, ExtensionVerdict):
        return {"refused": {"name": step.name, "reason": step.reason, "hint": step.hint}}
    modules = {"extension": step.extension, "mimeExtension": step.mime_extension, "style": step.style}
    said = {"name": step.name, "version": step.version, "load": step.load}
    return {"ready": said | {key: each for key, each in modules.items() if each is not None}}


def _verdict(verdict: ExtensionVerdict) -> dict[str, str | None]:
    return {
        "name": verdict.name,
        "version": verdict.version,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "hint": verdict.hint,
        "page_version": verdict.page_version,
    }


def _part(part: Part) -> dict[str, Any]:
    return {"name": part.name, "loaded": part.loaded, "reason": part.reason}
