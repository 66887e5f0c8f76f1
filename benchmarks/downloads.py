"""What an index has to send: the bytes of bare pip and uv beside those of `%safepip`, with no cache of anybody's."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.environments import KEPT, kept, uv
from tests.faults.wheels import write_source

from .environments import linked
from .installs import SET, environ_of, wheels_in
from .report import Row, table
from .turns import INSIDE


class _Index(ThreadingHTTPServer):
    """A simple index over a folder of wheels that counts what it sends.

    ``metadata``: it also sends what they require by itself (PEP 658). ``ranges``: it sends a part of a file, as file servers do.
    """

    def __init__(self, wheels: Path, *, metadata: bool, ranges: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.metadata, self.ranges = metadata, ranges
        self.sent: Counter[str] = Counter()
        self.counting = threading.Lock()
        self.files = {path.name: path for path in (*wheels.glob("*.whl"), *wheels.glob("*.tar.gz"))}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"

    def content(self, path: str) -> tuple[bytes, str] | None:
        kind, _, name = path.strip("/").partition("/")
        if kind == "simple":
            found = [each for each in self.files.values() if _project(each.name) == name.strip("/")]
            return ("".join(map(self._link, found)).encode(), "pages") if found else None
        wheel = self.files.get(name.removesuffix(".metadata"))
        if wheel is None or (name.endswith(".metadata") and not self.metadata):
            return None
        return (_metadata(wheel), "metadata") if name.endswith(".metadata") else (wheel.read_bytes(), "wheels")

    def _link(self, wheel: Path) -> str:
        more = f' data-core-metadata="sha256={_digest(_metadata(wheel))}"' if self.metadata else ""
        return f'<a href="/files/{wheel.name}#sha256={_digest(wheel.read_bytes())}"{more}>{wheel.name}</a>'


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Index

    def log_message(self, format: str, *args: object) -> None: ...

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(None)

    def _answer(self, instead: bytes | None) -> None:
        found = self.server.content(self.path)
        content, kind = found or (b"", "pages")
        part = self._asked_part(len(content)) if found and kind == "wheels" and self.server.ranges else None
        self.send_response(404 if not found else 206 if part else 200)
        if part:
            self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{len(content)}")
            content = content[part.start : part.stop]
        self.send_header("Content-Type", "text/html" if kind == "pages" else "application/octet-stream")
        self.send_header("Content-Length", str(len(content)))
        if kind == "wheels" and self.server.ranges:
            self.send_header("Accept-Ranges", "bytes")
        if kind != "pages":
            self.send_header("Cache-Control", "max-age=365000000, immutable, public")  # as PyPI
        self.end_headers()
        if instead is None:
            taken = self._send(content)
            with self.server.counting:
                self.server.sent[kind] += taken

    def _asked_part(self, size: int) -> range | None:
        """The one range that was asked for (RFC 9110, section 14)."""
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None or not any(asked.groups()):
            return None
        first, last = asked.groups()
        if not first:
            return range(max(0, size - int(last)), size)
        return range(int(first), min(size, int(last) + 1 if last else size))

    def _send(self, content: bytes) -> int:
        """The bytes that were taken: uv ends a download early when it has read what a wheel requires."""
        done = 0
        try:
            while done < len(content):
                done += self.connection.send(content[done : done + 65536])
        except OSError:
            self.close_connection = True
        return done


INDEXES = (("with metadata", True, True), ("without metadata", False, True), ("and without ranges", False, False))
"""What an index can do, of the usual one (PEP 658 since 2023) and of simpler ones."""


@cache
def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _project(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower()


def _metadata(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", each))
        return archive.read(name)


@contextmanager
def _served(wheels: Path, *, metadata: bool = False, ranges: bool = False) -> Iterator[_Index]:
    with _Index(wheels, metadata=metadata, ranges=ranges) as index:
        thread = threading.Thread(target=index.serve_forever)
        thread.start()
        try:
            yield index
        finally:
            index.shutdown()
            thread.join()


def measure_downloads() -> str:
    """A table: megabytes of wheels that were sent, and how often each was, on average."""
    empty = kept("benchmark-kernel", ["ipykernel", "pip"], compiled=True)
    wheels = wheels_in(empty)
    whole = sum(path.stat().st_size for path in wheels.glob("*.whl"))
    rows: list[Row] = [("", "", "MB of wheels", "x once")]
    for index, metadata, ranges in INDEXES:
        for how, argv in _ways():
            with _served(wheels, metadata=metadata, ranges=ranges) as served:
                sent = _sent(argv, served, empty)
            rows.append((index, how, f"{sent / 1e6:.1f}", f"{sent / whole:.2f}"))
    with tempfile.TemporaryDirectory() as folder:
        rows += _source_rows(Path(folder), empty)
    return f"Downloads of {', '.join(SET)}, and of source, no cache\n{table(rows)}"


def _source_rows(folder: Path, empty: Path) -> Iterator[Row]:
    write_source(folder / "app-1.0.tar.gz")
    whole = (folder / "app-1.0.tar.gz").stat().st_size
    for how, argv in _ways(("app",)):
        with _served(folder) as served:
            yield "source", how, "", f"{_sent(argv, served, empty) / whole:.2f}"


def _ways(names: tuple[str, ...] = SET) -> Iterator[tuple[str, tuple[str, ...]]]:
    source = ("--no-cache-dir", "--index-url", "{url}")
    yield "pip", ("{python}", "-m", "pip", "install", *source, *names)
    yield "%safepip with pip", ("{python}", INSIDE, "install", " ".join(("install", "--with", "pip", *source, *names)))
    yield "uv", (uv(), "pip", "install", "--python", "{python}", "--index-url", "{url}", *names)
    yield (
        "%safepip with uv",
        ("{python}", INSIDE, "install", " ".join(("install", "--with", "uv", *source[3:], *names))),
    )


def _sent(argv: tuple[str, ...], index: _Index, empty: Path) -> int:
    with tempfile.TemporaryDirectory(dir=KEPT) as scratch:
        copy = Path(scratch) / "environment"
        linked(empty, copy)
        given = {"python": str(copy / "bin" / "python"), "url": index.url}
        words = [re.sub(r"\{(python|url)\}", lambda found: given[found[1]], word) for word in argv]
        words = [
            json.dumps({"line": word}) if words[1] == INSIDE and at == 3 else word for at, word in enumerate(words)
        ]
        environ = {**environ_of(Path(scratch)), "UV_CACHE_DIR": str(Path(scratch) / "cache")}
        done = subprocess.run(words, env=environ, cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}\n{done.stderr}")
        shutil.rmtree(copy)
    return index.sent["wheels"]
