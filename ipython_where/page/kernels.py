"""Asks a kernel over its own channels, also while it is busy, and through a gateway.

A kernel that is busy does not answer on its shell channel, but on its control channel. (A subshell of it would answer, too, but
what the threads of the running cell print would be lost to the page, as measured with ipykernel 7.4.) Whether it is busy is
found by asking, not by what the server believes.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from queue import Empty
from typing import Any, Literal, Protocol

from .kernel_source import KernelFailed, NoKernel, parse_reply, request, shown

Channel = Literal["shell", "control"]

_SHELL_PATIENCE = 2.0
"""Seconds until a kernel that says nothing counts as busy: an idle one answers within some milliseconds."""
_START_PATIENCE = 20.0
"""Seconds that a kernel may take to start."""
_PATIENCE = 60.0
"""Seconds for an answer on the control channel, once it has answered there: a slow disk has time."""
_MOST_ABORTS = 20
_LOOK = 1.0
"""Seconds between two looks at whether a silent kernel is alive."""


class Line(Protocol):
    """An open connection to one kernel."""

    async def ask(self, channel: Channel, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The content of the reply; `TimeoutError` after so many seconds, `KernelFailed` if no answer can come any more."""
        ...

    async def tell(self, channel: Channel, kind: str, content: dict[str, Any]) -> None:
        """Send what needs no reply; `KernelFailed` if it can't be sent any more."""
        ...


class Connection:
    """A kernel of Python that can be asked, whatever it is doing."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._channel: Channel = "shell"
        self.may_ask_again = False
        """Whether a request waits on the shell channel that was asked again on the other."""

    async def meet(self) -> None:
        """Find out whether the kernel is busy, and refuse it if its language is another one."""
        patience: tuple[tuple[Channel, float], ...] = (("shell", _SHELL_PATIENCE), ("control", _START_PATIENCE))
        for self._channel, seconds in patience:
            with suppress(TimeoutError):
                info = await self._line.ask(self._channel, "kernel_info_request", {}, seconds)
                language = info.get("language_info")
                name = language.get("name", "unknown") if isinstance(language, dict) else "unknown"
                if name != "python":
                    raise KernelFailed(f"the kernel's language is {shown(name, 50)}: only Python's can be asked")
                return
        raise KernelFailed("the kernel does not answer")

    async def ask(self, call: dict[str, Any], *, patience: float = _SHELL_PATIENCE) -> tuple[Any, bytes]:
        """The kernel's answer to one call; ``patience`` is how many seconds an idle kernel may need for it."""
        if self._channel == "shell":
            with suppress(TimeoutError):
                return parse_reply(await self._execute(request(call), patience))
            self._channel, self.may_ask_again = "control", True
        try:
            return parse_reply(await self._execute(request(call, beside_a_cell=True), _PATIENCE))
        except TimeoutError:
            raise KernelFailed(f"the kernel is busy, and has not answered within {_PATIENCE:.0f} seconds") from None

    async def tell(self, call: dict[str, Any]) -> None:
        """Make a call after those that were made before, as far as the kernel can still hear it; nothing waits for it."""
        with suppress(KernelFailed):
            if self.may_ask_again or self._channel == "shell":
                await self._line.tell("shell", "execute_request", request(call))
            if self._channel == "control":
                await self._line.tell("control", "execute_request", request(call, beside_a_cell=True))

    async def _execute(self, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The reply. A cell that fails has all requests aborted that are waiting: they are made again."""
        for _ in range(_MOST_ABORTS):
            reply = await self._line.ask(self._channel, "execute_request", content, seconds)
            if reply.get("status") not in ("abort", "aborted"):
                break
        return reply


@asynccontextmanager
async def connected(kernels: Any, kernel_id: str) -> AsyncIterator[Connection]:
    """A connection to one of a server's kernels; `NoKernel` if it has no such one.

    ``kernels`` is the server's `MappingKernelManager`. Kernels of other languages are refused.
    """
    try:
        manager = kernels.get_kernel(kernel_id)
    except KeyError:
        raise NoKernel(kernel_id) from None
    async with _through_gateway(kernel_id) if _is_behind_gateway(manager) else _direct(manager) as line:
        connection = Connection(line)
        await connection.meet()
        yield connection


# -- a kernel of this server ------------------------------------------------------------------------------------------


class _Sockets:
    """The two sockets of a kernel that this server manages, read by one task each time an answer is waited for."""

    def __init__(self, manager: Any, client: Any) -> None:
        self._manager = manager
        self._client = client
        self._process = _process_of(manager)

    def _sockets(self, channel: Channel) -> Any:
        return self._client.control_channel if channel == "control" else self._client.shell_channel

    async def tell(self, channel: Channel, kind: str, content: dict[str, Any]) -> None:
        self._sockets(channel).send(self._client.session.msg(kind, content))

    async def ask(self, channel: Channel, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        message = self._client.session.msg(kind, content)
        sockets = self._sockets(channel)
        sockets.send(message)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                said = await sockets.get_msg(timeout=min(left, _LOOK))
            except Empty:
                await self._check_process()
            except (ValueError, TypeError, KeyError):  # no message, or not signed: whoever sent it is not answered
                continue
            else:
                if _is_reply(said, message["header"]["msg_id"]):
                    return dict(said["content"])
        raise TimeoutError

    async def _check_process(self) -> None:
        from jupyter_core.utils import ensure_async

        if not await ensure_async(self._manager.is_alive()):
            raise KernelFailed("the kernel has died")
        if _process_of(self._manager) != self._process:
            raise KernelFailed("the kernel was restarted")


def _process_of(manager: Any) -> object:
    """What is another one after a restart, where the kernel's provisioner tells."""
    return getattr(getattr(manager, "provisioner", None), "pid", None)


def _is_reply(message: dict[str, Any], asked: str) -> bool:
    parent, content = message.get("parent_header"), message.get("content")
    return isinstance(parent, dict) and parent.get("msg_id") == asked and isinstance(content, dict)


@asynccontextmanager
async def _direct(manager: Any) -> AsyncIterator[Line]:
    from jupyter_client.asynchronous.client import AsyncKernelClient

    # not `manager.client()`: all of those share one session, and a kernel answers only the last one of a session
    client = AsyncKernelClient(parent=manager)
    client.load_connection_info(manager.get_connection_info())
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=True)
    try:
        yield _Sockets(manager, client)
    finally:
        client.stop_channels()


# -- a kernel behind a gateway ----------------------------------------------------------------------------------------


def _is_behind_gateway(manager: Any) -> bool:
    from jupyter_server.gateway.managers import GatewayKernelManager

    return isinstance(manager, GatewayKernelManager)


_CLOSED = "the gateway has closed the connection to the kernel"


class _WebSocket:
    """A gateway's channel to a kernel: one WebSocket for all channels (its own client sends no authorization)."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._session = uuid.uuid4().hex

    async def ask(self, channel: Channel, kind: str, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        return await asyncio.wait_for(self._reply(channel, await self._send(channel, kind, content)), seconds)

    async def tell(self, channel: Channel, kind: str, content: dict[str, Any]) -> None:
        await self._send(channel, kind, content)

    async def _send(self, channel: Channel, kind: str, content: dict[str, Any]) -> str:
        from tornado.websocket import WebSocketClosedError

        asked = uuid.uuid4().hex
        header = {
            "msg_id": asked,
            "session": self._session,
            "username": "",
            "msg_type": kind,
            "version": "5.3",
            "date": "",
        }
        rest: dict[str, Any] = {
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": channel,
            "buffers": [],
        }
        try:
            await self._socket.write_message(json.dumps({"header": header, **rest}))
        except WebSocketClosedError:
            raise KernelFailed(_CLOSED) from None
        return asked

    async def _reply(self, channel: Channel, asked: str) -> dict[str, Any]:
        while True:
            said = await self._socket.read_message()
            if said is None:
                raise KernelFailed(_CLOSED)
            message = _parse(said)
            if message.get("channel") == channel and _is_reply(message, asked):
                return dict(message["content"])
            state = message["content"].get("execution_state") if message.get("msg_type") == "status" else None
            if state in ("dead", "restarting", "autorestarting"):
                raise KernelFailed(f"the kernel {'has died' if state == 'dead' else 'was restarted'}")


def _parse(said: str | bytes) -> dict[str, Any]:
    """A message; an empty one if it isn't text: the answers that are waited for have no buffers."""
    if isinstance(said, bytes):
        return {}
    try:
        message = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) and isinstance(message.get("content"), dict) else {}


@asynccontextmanager
async def _through_gateway(kernel_id: str) -> AsyncIterator[Line]:
    from jupyter_server.gateway.gateway_client import GatewayClient
    from jupyter_server.utils import url_path_join
    from tornado.escape import url_escape
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    gateway = GatewayClient.instance()
    url = url_path_join(gateway.ws_url or "", gateway.kernels_endpoint, url_escape(kernel_id), "channels")
    try:
        socket = await websocket_connect(HTTPRequest(url, **gateway.load_connection_args()), max_message_size=64 << 20)
    except Exception as error:
        raise KernelFailed(f"the gateway can't be reached: {error}") from error
    try:
        yield _WebSocket(socket)
    finally:
        socket.close()
