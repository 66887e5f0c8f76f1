"""Asking Jupyter servers over their REST interface whether they drive a kernel.

A token goes only to an address on which the process that wrote it down is seen to listen: one that runs as the owner of
the file, and started before the file was written. A number that a process had is given to another one later.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from ipython_where.facts.files import JSON_LIMIT
from ipython_where.facts.imports.loaded import read_process_start
from ipython_where.facts.interpreters.processes import Address, listening, owner_of
from ipython_where.runner import Deadline
from ipython_where.value import dataclass

from .server_files import ServerFile

if TYPE_CHECKING:
    from socket import socket as Socket

Reply = Literal["drives", "denies", "refuses", "silent", "unasked", "stale", "absent"]

_ALL_REQUESTS = 1.0  # seconds: several frozen servers may not add up
_CLOCKS = 0.1  # seconds by which the time of a file and that of a process may differ: the file's clock is a coarse one


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
    files: Iterable[ServerFile],
    kernel: str,
    *,
    launcher: int | None,
    environ: Mapping[str, str],
    timeout: float,
    deadline: Deadline | None = None,
) -> Iterator[Heard]:
    """Ask the servers about the kernel of that id until one proves that it drives it; the process ``launcher`` first.

    ``timeout`` is for each of them in seconds, from the connection to the last byte; all together have no more than a
    second, and no more than the question has, ``deadline``.
    """
    left = _ALL_REQUESTS if deadline is None else min(_ALL_REQUESTS, deadline.left())
    all_of_them = Deadline.after(left)
    for file in sorted(files, key=lambda file: file.pid != launcher):
        remaining, is_launcher = min(timeout, all_of_them.left()), file.pid == launcher
        is_asked = is_launcher or remaining > 0  # of the launcher its sockets tell something too
        reply = _reply(file, kernel, environ, Deadline.after(remaining)) if is_asked else "silent"
        heard = Heard(file=file, reply=reply, from_launcher=is_launcher)
        yield heard
        if heard.proves:
            return


def _reply(file: ServerFile, kernel: str, environ: Mapping[str, str], deadline: Deadline) -> Reply:
    """What the server says about this kernel. It is asked without a proxy, and what it redirects to is not followed."""
    address = _address(file)
    if address is None:
        return "absent"
    if not wrote(file):
        return "stale"
    if file.secure and not file.sock and not _is_loopback(address[0]):
        return "unasked"
    try:
        answer = _exchange(file, address, _request(file, kernel, environ), deadline)
    except (OSError, ValueError):
        return "silent"
    return _judge_reply(answer, kernel)


def wrote(file: ServerFile) -> bool:
    """Whether the process of that number is the one that wrote the file: it runs as its owner, and is older than it."""
    started = read_process_start(file.pid)
    is_owners = os.name == "nt" or owner_of(file.pid) == file.owner
    return started is not None and started <= file.written + _CLOCKS and is_owners


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host == "::1"


def _request(file: ServerFile, kernel: str, environ: Mapping[str, str]) -> bytes:
    """HTTP 1.0: the answer ends where the connection does, and comes in one piece (RFC 1945)."""
    lines = [f"GET {file.base_url}api/kernels/{kernel} HTTP/1.0", "Host: localhost", "Accept: application/json"]
    token = file.token
    if not token and environ.get("JUPYTERHUB_SERVICE_PREFIX") == file.base_url:
        token = environ.get("JUPYTERHUB_API_TOKEN", "")  # only for the server that the Hub made it for
    if token:
        lines.append(f"Authorization: token {token}")
    if not all(map(str.isprintable, lines)):
        raise ValueError("a token with a line end would be a header of its own")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def _exchange(file: ServerFile, address: Address, request: bytes, deadline: Deadline) -> bytes:
    """What the server answers, at most `JSON_LIMIT` bytes of it. Raises `OSError` where it does not end in time."""
    with _connected(file, address, deadline) as connection:
        if not file.sock and _address(file) != address:
            raise ConnectionRefusedError("the port belongs to another process now")
        connection.sendall(request)
        received = b""
        while len(received) < JSON_LIMIT:
            connection.settimeout(_remaining(deadline))
            piece = connection.recv(65536)
            received += piece
            if not piece or _is_whole(received):
                return received
    return received


def _remaining(deadline: Deadline) -> float:
    left = deadline.left()
    if left <= 0:
        raise TimeoutError("it did not answer in time")
    return left


def _connected(file: ServerFile, address: Address, deadline: Deadline) -> Socket:
    import socket

    if file.sock:
        return _unix_socket(file, _remaining(deadline))
    connection = socket.create_connection(address, timeout=_remaining(deadline))  # an address: nothing is resolved
    if not file.secure:
        return connection
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # loopback only, where the process behind the port is proven
    context.verify_mode = ssl.CERT_NONE
    try:
        connection.settimeout(_remaining(deadline))
        return context.wrap_socket(connection)
    except BaseException:
        connection.close()
        raise


def _unix_socket(file: ServerFile, timeout: float) -> Socket:
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


def _is_whole(received: bytes) -> bool:
    """Whether an answer that tells its length is there; not every server closes the connection then."""
    head, ended, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)", head, re.IGNORECASE)
    return bool(ended) and length is not None and len(body) >= int(length[1])


def _judge_reply(answer: bytes, kernel: str) -> Reply:
    head, ended, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})\b", head)
    if not ended or status is None:
        return "silent"
    if status[1] == b"404":
        return "denies"
    try:
        return "drives" if status[1] == b"200" and json.loads(body)["id"] == kernel else "refuses"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "refuses"


def _address(file: ServerFile) -> Address | None:
    """Where to reach the server: an address on which its process is seen to listen, the loopback first."""
    if file.sock:
        return ("localhost", 0) if os.path.exists(file.sock) and os.path.exists("/proc/self") else None
    hosts = [host for host, port in listening(file.pid) if port == file.port]
    reachable = sorted({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host) for host in hosts)
    return (max(reachable, key=_is_loopback), file.port) if reachable else None
