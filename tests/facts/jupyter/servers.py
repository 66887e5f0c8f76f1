"""Jupyter servers as a test needs them: what answers is a thread of this process, what started a kernel a child of it."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KERNEL = "1b2c3d4e-0000-4000-8000-123456789abc"
TOKEN = "s3cr3t-t0k3n"
SILENT = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
"""Code for `sleeping`: it prints the port on which it accepts connections, and never answers."""

RECORDING = """
import socket, sys
listening = socket.create_server(('127.0.0.1', 0))
print(listening.getsockname()[1], flush=True)
listening.settimeout(20)
try:
    connection, _ = listening.accept()
    print(connection.recv(10000), flush=True)
except OSError:
    print('nothing came', flush=True)
"""
"""Code for `sleeping`: it prints the port on which it listens, and then what it receives there."""

SLOW = """
import itertools, socket, sys, time
head, each, pause = eval(sys.argv[1])
listening = socket.create_server(('127.0.0.1', 0))
print(listening.getsockname()[1], flush=True)
connection, _ = listening.accept()
connection.recv(10000)
try:
    connection.sendall(head)
    while True:
        connection.sendall(each)
        time.sleep(pause)
except OSError:
    pass
input()
"""
"""Code for `sleeping`: a server that sends a beginning, and then the same again and again with a pause."""


@dataclass
class Fake:
    """A socket that records what it gets and answers with ``status`` and ``body``; ``status`` 0 never answers."""

    status: int = 200
    body: str = json.dumps({"id": KERNEL})
    location: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.requests.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
                self.send_response(fake.status)
                if fake.location:
                    self.send_header("Location", fake.location)
                self.end_headers()
                self.wfile.write(fake.body.encode())

            def log_message(self, *_: Any) -> None:
                pass

            def address_string(self) -> str:
                return "local"

        return Handler


@contextlib.contextmanager
def serve(
    fake: Fake, *, path: str | None = None, host: str = "127.0.0.1", certificate: Path | None = None
) -> Iterator[Fake]:
    class Listening(http.server.ThreadingHTTPServer):
        address_family = socket.AF_UNIX if path else socket.AF_INET6 if ":" in host else socket.AF_INET

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)
            self.server_address = self.socket.getsockname()

    with Listening(path or (host, 0), fake.handler()) as server:  # type: ignore[arg-type]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        fake.port = 0 if path else server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def write_file(runtime: Path, **keys: Any) -> Path:
    """The file of a server of this process."""
    said = {"pid": os.getpid(), "hostname": "127.0.0.1", "base_url": "/", "token": TOKEN, "version": "2.0", "sock": ""}
    file = runtime / f"jpserver-{keys.get('pid', os.getpid())}.json"
    file.write_text(json.dumps(said | {"secure": False, "password": False, "url": f"http://u:{TOKEN}@x/"} | keys))
    return file


@contextlib.contextmanager
def sleeping(*arguments: str, code: str = "input()") -> Iterator[subprocess.Popen[str]]:
    """A process of its own, started by this one, with ``arguments`` in its argv."""
    argv = [sys.executable, "-c", code, *arguments]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _until_named(process)
        yield process
    finally:
        process.communicate("\n" * 2)


def _until_named(process: subprocess.Popen[str]) -> None:
    """Wait until Linux tells its arguments: a program gets them a moment after `Popen` has seen that it was started."""
    told = Path("/proc", str(process.pid), "cmdline")
    while told.exists() and process.poll() is None and not told.read_bytes():
        os.sched_yield()
