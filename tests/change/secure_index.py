"""An index over HTTPS with a certificate of its own, for one user alone, and files for whoever has a token."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests import environments

_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"


def make_certificate(folder: Path) -> Path:
    """An authority and a certificate that it signed for this machine; the authority's own, by which to trust it."""
    folder.mkdir()
    (folder / "names.cnf").write_text(_NAMES)

    def openssl(*words: str) -> None:
        environments.call("openssl", *words, cwd=folder)

    openssl("req", "-x509", *_CURVE, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Tests' own")
    openssl("req", *_CURVE, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names.cnf")
    openssl("x509", "-req", "-in", "request.pem", *signing, "-out", "cert.pem", "-days", "2")
    return folder / "ca.pem"


@dataclass(frozen=True, kw_only=True)
class Index:
    """``place`` is the host and its port; ``asked`` grows by the path of each request that was let in."""

    place: str
    asked: list[str]


@contextmanager
def secure_index(wheels: Path, root: Path, certificate: Path, *, user: str, token: str) -> Iterator[Index]:
    """Serve `/simple/` for ``user`` (`name:password`), and `/files/` for who says `?token=` too."""
    wanted = "Basic " + base64.b64encode(user.encode()).decode()
    for path in wheels.glob("*.whl"):
        page = root / "simple" / path.name.partition("-")[0]
        for folder in (page, root / "files"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / path.name).write_bytes(path.read_bytes())
        links = "".join(f'<a href="{each.name}">{each.name}</a>' for each in sorted(page.glob("*.whl")))
        (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def _answer(self) -> bool:
            has_token = self.path.startswith("/files/") and self.path.endswith(f"?token={token}")
            if has_token or self.headers.get("Authorization") == wanted:
                asked.append(self.path)
                return True
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return False

        def do_GET(self) -> None:
            if self._answer():
                super().do_GET()

        def do_HEAD(self) -> None:
            if self._answer():
                super().do_HEAD()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.with_name("cert.pem"), certificate.with_name("key.pem"))

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that ends a connection early is none of the test's business."""

    with Server(("127.0.0.1", 0), partial(Handler, directory=str(root))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Index(place=f"127.0.0.1:{server.server_port}", asked=asked)
        finally:
            server.shutdown()
            thread.join()
