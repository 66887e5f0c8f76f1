"""How far a download is, as pip and uv really tell it while a slow index sends a wheel."""

from __future__ import annotations

import base64
import os
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Command, Meter, Site
from ipython_where.change.installers.pip import Pip
from ipython_where.change.installers.pip_downloads import PipDownloads
from ipython_where.change.installers.process import run_child
from ipython_where.change.installers.progress import Silent
from ipython_where.change.installers.uv import Downloads
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from tests import environments
from tests.faults.wheels import write_wheel

from . import local

pytestmark = pytest.mark.usefixtures("installer")

CHUNK = 1 << 14


class Amounts(Silent):
    """Keeps the amounts, and lets the index go on when one is neither nothing nor all."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []
        self.received: list[int | None] = []
        self.seen = threading.Event()

    def amount(self, done: int, total: int, received: int | None = None) -> None:
        self.told.append((done, total))
        self.received.append(received)
        if total and 0 < done < total:
            self.seen.set()


@contextmanager
def slow_index(wheel: Path, seen: threading.Event) -> Iterator[str]:
    """An index of one wheel and its metadata (PEP 658); of the wheel it sends a little at a time until that was ``seen``."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read("heavy-1.0.dist-info/METADATA")
    link = f'<!DOCTYPE html><a href="/{wheel.name}" data-dist-info-metadata="true">{wheel.name}</a>'
    contents = {f"/{wheel.name}": wheel.read_bytes(), f"/{wheel.name}.metadata": metadata}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_GET(self) -> None:
            content = contents.get(self.path, link.encode())
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if self.path in contents else "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for at in range(0, len(content), CHUNK):
                self.wfile.write(content[at : at + CHUNK])
                seen.wait(0.02)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Four megabytes that no compression makes smaller."""
    noise = base64.b64encode(os.urandom(4 << 20)).decode()
    return write_wheel(tmp_path / "wheels", "heavy", "1.0", {"heavy/noise.txt": noise})


def run(command: Command, progress: Amounts) -> list[str]:
    """Carry a command out; the lines that say more than how far it is."""
    for path, text in command.files:
        Path(path).write_text(text)
    meter: Meter = command.meter()
    lines: list[str] = []

    def show(line: str) -> None:
        if not meter(line, progress):
            lines.append(line)

    done = run_child(command, show=show)
    assert done.returncode == 0, done.stderr
    return lines


def site_of(prefix: Path, tmp_path: Path) -> Site:
    """The site of an environment; what is downloaded is kept by nobody."""
    return local.site_for(prefix, tmp_path / "private", tmp_path, UV_CACHE_DIR=str(tmp_path / "cache"))


@pytest.mark.parametrize("version", ["24.1", None])
def test_pip_tells_the_bytes_of_each_file(version: str | None, wheel: Path, tmp_path: Path) -> None:
    """Its lines of numbers are taken for the bar, and the rest is its log."""
    prefix = environments.kept("pip-that-stays", [f"pip=={version}" if version else "pip>=26"])
    site, progress = site_of(prefix, tmp_path), Amounts()
    pip = Pip(start=(site.executable, "-P", "-m", "pip"), how="", version=version or "26.1")
    size = wheel.stat().st_size
    with slow_index(wheel, progress.seen) as url:
        asked = parse_request(split_line(f"install -i {url} heavy"))
        pins = local.resolve(pip, asked, site)
        (command,) = pip.stage(pins, str(tmp_path / "stage"), asked, site)
        lines = run(command, progress)
    assert progress.seen.is_set()
    assert progress.told == sorted(progress.told)
    assert {total for _, total in progress.told} == {1000}
    assert (progress.told[-1], progress.received[-1]) == ((1000, 1000), size)
    assert lines[-1].startswith("Successfully installed heavy-1.0")
    assert not any(line.startswith("Progress ") for line in lines)


def test_an_older_pip_is_asked_for_nothing_that_it_does_not_know() -> None:
    """Nor is one that was told by the user how to draw."""
    site = Site(executable="python", environ={}, cwd="/", folder="/private")
    for version, words, has in (("24.0", "", False), ("24.1", "", True), (None, "", False), ("26.1", "off", False)):
        pip = Pip(start=("python", "-m", "pip"), how="", version=version)
        option = f"--progress-bar={words} " if words else ""
        argv = pip.plan(parse_request(split_line(f"install {option}heavy")), site).argv
        assert ("--progress-bar=raw" in argv) is has
        assert (f"--progress-bar={words}" in argv) is bool(words)


def test_uv_tells_which_files_are_there(wheel: Path, tmp_path: Path) -> None:
    """The sizes of the large ones, at their begin and at their end; also in a notebook, where uv has a bar of another kind."""
    prefix = environments.make_in(tmp_path / "env")
    site, progress = site_of(prefix, tmp_path), Amounts()
    site = replace(site, environ={**site.environ, "JPY_SESSION_NAME": str(tmp_path / "a.ipynb")})
    progress.seen.set()
    with slow_index(wheel, progress.seen) as url:
        asked = parse_request(split_line(f"install -i {url} heavy"))
        worker = local.own_uv()
        pins = local.resolve(worker, asked, site)
        (command,) = worker.stage(pins, str(tmp_path / "stage"), asked, site)
        run(command, progress)
    totals = sorted({total for _, total in progress.told})
    assert len(totals) == 2
    assert totals[0] == 0
    assert totals[1] == pytest.approx(wheel.stat().st_size, rel=0.02)
    at = [progress.told.index(each) for each in ((0, totals[1]), (totals[1], totals[1]))]
    assert at == sorted(at)
    assert progress.told[-1] == (0, 0)


PIP = """\
Collecting numpy==2.4.6 (from -r archives.txt (line 1))
  Downloading numpy-2.4.6.whl.metadata (6.6 kB)
  Downloading numpy-2.4.6.whl (16.0 MB)
Progress 4000000 of 16000000
Progress 16000000 of 16000000
Collecting six==1.17 (from -r archives.txt (line 2))
  Downloading six-1.17-py3-none-any.whl (11 kB)
Collecting far==1 (from -r archives.txt (line 3))
  Using cached far-1-py3-none-any.whl (2.0 MB)
Processing ./near-1-py3-none-any.whl
Installing collected packages: far, near, numpy, six
Successfully installed far-1 near-1 numpy-2.4.6 six-1.17"""


def test_of_several_files_pip_fills_one_bar() -> None:
    """Each file is its share, small and cached ones too; of the bytes, those count that were downloaded."""
    progress, meter = Amounts(), PipDownloads(4)
    for line in PIP.splitlines():
        assert meter(line, progress) is line.startswith("Progress ")
    assert {total for _, total in progress.told} == {4000}
    assert [done for done, _ in progress.told] == [0, 0, 0, 250, 1000, 1000, 1000, 1000, 2000, 3000, 4000, 4000]
    assert list(dict.fromkeys(progress.received)) == [0, 4_000_000, 16_000_000, 16_011_000]


def test_without_their_number_each_file_fills_it() -> None:
    """While pip plans, nobody knows how many come."""
    progress, meter = Amounts(), PipDownloads()
    for line in PIP.splitlines()[:6]:
        meter(line, progress)
    assert progress.told == [(0, 0)] * 3 + [(4_000_000, 16_000_000), (16_000_000, 16_000_000), (0, 0)]


def test_of_several_files_the_bytes_that_are_there_count() -> None:
    """A line that names no file changes nothing; when all is prepared, nothing is told any more."""
    progress, meter = Amounts(), Downloads()
    for line in (
        "Resolved 3 packages in 105ms",
        "Downloading numpy (16.0MiB)",
        "Downloading tiny (512.0KiB)",
        " Downloaded tiny",
        "warning: something else",
        " Downloaded numpy",
        "Prepared 3 packages in 1.29s",
    ):
        assert meter(line, progress) is False
    numpy, tiny = 16 << 20, 512 << 10
    assert progress.told == [
        (0, 0),
        (0, numpy),
        (0, numpy + tiny),
        (tiny, numpy + tiny),
        (tiny, numpy + tiny),
        (numpy + tiny, numpy + tiny),
        (0, 0),
    ]
