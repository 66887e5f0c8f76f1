"""Asking Jupyter servers over their REST interface whether they drive a kernel.

A token goes only to an address on which the process that wrote it down is seen to listen.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..value import dataclass
from .files import JSON_LIMIT
from .processes import Address, listening
from .server_files import ServerFile

if TYPE_CHECKING:
    from http.client import HTTPConnection

Reply = Literal["drives", "denies", "refuses", "silent", "unasked", "absent"]

_ALL_REQUESTS = 1.0  # seconds: several frozen servers may not add up


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of asking one server about this kernel."""

    file: ServerFile
    reply: Reply
    from_launcher: bool

    @property
    def proves(self) -> bool:
        """It drives the kernel: by its own word, or it started the kernel and nothing it says speaks against it."""
        return self.reply == "drives" or (self.from_launcher and self.reply in ("refuses", "silent", "unasked"))


def ask_servers(
    files: Iterable[ServerFile], kernel: str, *, launcher: int | None, environ: Mapping[str, str], timeout: float
) -> Iterator[Heard]:
    """Ask the servers about the kernel of that id until one proves that it drives it; the process ``launcher`` first.

    ``timeout`` is for each of them in seconds; all together have no more than a second.
    """
    deadline = time.monotonic() + _ALL_REQUESTS
    for file in sorted(files, key=lambda file: file.pid != launcher):
        address = _address(file)
        remaining = min(timeout, deadline - time.monotonic())
        reply = _reply(file, address, kernel, environ, remaining) if address else "absent"
        heard = Heard(file=file, reply=reply, from_launcher=file.pid == launcher)
        yield heard
        if heard.proves:
            return


def _reply(file: ServerFile, address: Address, kernel: str, environ: Mapping[str, str], timeout: float) -> Reply:
    """What the server says about this kernel; it is asked by http.client, which knows no proxies."""
    if file.secure and not file.sock and not _is_loopback(address[0]):
        return "unasked"
    if timeout <= 0:
        return "silent"
    from http.client import HTTPException

    connection = _connection(file, address, timeout)
    try:
        if file.sock:
            connection.sock = _unix_socket(file, timeout)
        connection.request("GET", f"{file.base_url}api/kernels/{kernel}", headers=_authorization(file, environ))
        response = connection.getresponse()
        return _judge_reply(response.status, response.read(JSON_LIMIT), kernel)
    except (OSError, HTTPException, ValueError):
        return "silent"
    finally:
        connection.close()


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host == "::1"


def _connection(file: ServerFile, address: Address, timeout: float) -> HTTPConnection:
    from http.client import HTTPConnection, HTTPSConnection

    if file.secure and not file.sock:
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # loopback only, where the process behind the port is proven
        context.verify_mode = ssl.CERT_NONE
        return HTTPSConnection(*address, timeout=timeout, context=context)
    return HTTPConnection(*address, timeout=timeout)


def _unix_socket(file: ServerFile, timeout: float) -> Any:
    """A connected socket, whose listener the system has confirmed to be the file's process."""
    import socket
    import struct

    connected = socket.socket(socket.AF_UNIX)
    connected.settimeout(timeout)
    try:
        connected.connect(file.sock or "")
        size = struct.calcsize("3i")
        listener = struct.unpack("3i", connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))[0]
        if listener != file.pid:
            raise ConnectionRefusedError(f"{file.sock} is not a socket of process {file.pid}")
    except BaseException:
        connected.close()
        raise
    return connected


def _authorization(file: ServerFile, environ: Mapping[str, str]) -> dict[str, str]:
    """The token as a header, which no log shows. JupyterHub's goes only to the server that the Hub made it for."""
    token = file.token
    if not token and environ.get("JUPYTERHUB_SERVICE_PREFIX") == file.base_url:
        token = environ.get("JUPYTERHUB_API_TOKEN", "")
    return {"Authorization": f"token {token}"} if token else {}


def _judge_reply(status: int, body: bytes, kernel: str) -> Reply:
    if status == 404:
        return "denies"
    try:
        return "drives" if status == 200 and json.loads(body)["id"] == kernel else "refuses"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "refuses"


def _address(file: ServerFile) -> Address | None:
    """Where to reach the server: an address on which its process is seen to listen, the loopback first."""
    if file.sock:
        return ("localhost", 0) if os.path.exists(file.sock) and os.path.exists("/proc/self") else None
    hosts = [host for host, port in listening(file.pid) if port == file.port]
    reachable = sorted({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host) for host in hosts)
    return (max(reachable, key=_is_loopback), file.port) if reachable else None
