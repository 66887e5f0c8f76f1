"""Asks Jupyter servers over their REST API whether they drive a kernel.

A token goes only to an address on which the process that wrote it down is seen to listen: a process that runs as
the file's owner, and started before the file was written. The system reuses process ids.
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

_ALL_REQUESTS = 1.0  # seconds in all: the waits for several frozen servers must not add up
_CLOCKS = 0.1  # seconds by which a file's time and a process's may differ: the file clock is coarse


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One server's answer about this kernel."""

    file: ServerFile
    reply: Reply
    from_launcher: bool

    @property
    def proves(self) -> bool:
        """Whether it drives the kernel: it says so, or it started the kernel and nothing it says contradicts that."""
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
    """Ask the servers about the kernel with that id until one proves that it drives it; the process ``launcher`` first.

    ``timeout`` is in seconds for each server, from the connection to the last byte; together they have at most a
    second, and no more than the question's ``deadline`` leaves.
    """
    left = _ALL_REQUESTS if deadline is None else min(_ALL_REQUESTS, deadline.left())
    all_of_them = Deadline.after(left)
    for file in sorted(files, key=lambda file: file.pid != launcher):
        remaining, is_launcher = min(timeout, all_of_them.left()), file.pid == launcher
        is_asked = is_launcher or remaining > 0  # the launcher's sockets are evidence too
        reply = _reply(file, kernel, environ, Deadline.after(remaining)) if is_asked else "silent"
        heard = Heard(file=file, reply=reply, from_launcher=is_launcher)
        yield heard
        if heard.proves:
            return


def _reply(file: ServerFile, kernel: str, environ: Mapping[str, str], deadline: Deadline) -> Reply:
    """What the server says about this kernel. The request uses no proxy and follows no redirect."""
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
    """Whether the process with that id wrote the file: it runs as the file's owner, and is older than the file."""
    started = read_process_start(file.pid)
    is_owners = os.name == "nt" or owner_of(file.pid) == file.owner
    return started is not None and started <= file.written + _CLOCKS and is_owners


def _is_loopback(host: str) -> bool:
    return host.startswith("127.") or host == "::1"


def ask(
    file: ServerFile, path: str, environ: Mapping[str, str], deadline: Deadline, *, body: object = None
) -> object | None:
    """The JSON that the server answers to a GET of a path below its base address, or to a POST of ``body``.

    None if it can't be asked as safely as `ask_servers` does, or has no such answer.
    """
    address = _address(file)
    if address is None or not wrote(file) or (file.secure and not file.sock and not _is_loopback(address[0])):
        return None
    content = b"" if body is None else json.dumps(body).encode("ascii")
    try:
        answer = _exchange(file, address, _headers(file, path, environ, content) + content, deadline)
        head, _, said = answer.partition(b"\r\n\r\n")
        return json.loads(said) if re.match(rb"HTTP/1\.[01] 200\b", head) else None
    except (OSError, ValueError, RecursionError):
        return None


def _request(file: ServerFile, kernel: str, environ: Mapping[str, str]) -> bytes:
    return _headers(file, f"api/kernels/{kernel}", environ)


def _headers(file: ServerFile, path: str, environ: Mapping[str, str], content: bytes = b"") -> bytes:
    """HTTP 1.0: the response ends with the connection, and comes in one piece (RFC 1945)."""
    method = "POST" if content else "GET"
    lines = [f"{method} {file.base_url}{path} HTTP/1.0", "Host: localhost", "Accept: application/json"]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    token = file.token
    if not token and environ.get("JUPYTERHUB_SERVICE_PREFIX") == file.base_url:
        token = environ.get("JUPYTERHUB_API_TOKEN", "")  # only for the server that the Hub issued it to
    if token:
        lines.append(f"Authorization: token {token}")
    if not all(map(str.isprintable, lines)):
        raise ValueError("a token with a line end would be a header of its own")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def _exchange(file: ServerFile, address: Address, request: bytes, deadline: Deadline) -> bytes:
    """The server's response, up to `JSON_LIMIT` bytes. Raises `OSError` if it does not finish in time."""
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
    connection = socket.create_connection(address, timeout=_remaining(deadline))  # an address, so no name lookup
    if not file.secure:
        return connection
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # loopback only, where the process behind the port is verified
    context.verify_mode = ssl.CERT_NONE
    try:
        connection.settimeout(_remaining(deadline))
        return context.wrap_socket(connection)
    except BaseException:
        connection.close()
        raise


def _unix_socket(file: ServerFile, timeout: float) -> Socket:
    """A connected socket; the system confirmed that the file's process listens on it."""
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
    """Whether a response that states its length is complete; not every server then closes the connection."""
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
    """Where to reach the server: an address on which its process is seen to listen, loopback first."""
    if file.sock:
        return ("localhost", 0) if os.path.exists(file.sock) and os.path.exists("/proc/self") else None
    hosts = [host for host, port in listening(file.pid) if port == file.port]
    reachable = sorted({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host) for host in hosts)
    return (max(reachable, key=_is_loopback), file.port) if reachable else None
