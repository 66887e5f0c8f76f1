"""From a click to a JupyterLab extension that is loaded, beside `pip install` into the server's environment and a reload."""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests import environments
from tests.environments import kept, make_in
from tests.frontends.browser import ChromiumMissing, browser
from tests.frontends.home import server
from tests.frontends.lab import (
    LOADED,
    WIDGETS,
    Lab,
    LabPage,
    furnish_lab,
    plain_prefix,
    server_prefix,
    write_extension,
    write_kernel,
)

from .report import Row, ratio, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MANAGER = "@jupyter-widgets/jupyterlab-manager"
MOST = {"small": 1.0, "large": 8.0, "notification": 2.0}
"""Seconds: the goals."""

Times = dict[str, list[float]]


def measure_page(rounds: int) -> str:
    """Everything that was measured, as text."""
    try:
        with tempfile.TemporaryDirectory() as folder, browser() as opened:
            paths = _extensions(Path(folder))
            print("the page: a click", file=sys.stderr)
            ours = _clicks(opened, Path(folder) / "ours", paths, rounds)
            print("the page: pip install and a reload", file=sys.stderr)
            theirs = _installs(opened, Path(folder) / "theirs", paths, rounds)
            return _show(paths, ours, theirs)
    except ChromiumMissing as error:
        return f"The page is not measured: {error}"


def _extensions(folder: Path) -> dict[str, Path]:
    """The widgets' manager and one of 30 MB, each in a folder of `JUPYTER_PATH`."""
    small, large = folder / "small", folder / "large"
    widgets = kept("frontends-widgets", WIDGETS, compiled=True) / "share" / "jupyter" / "labextensions"
    shutil.copytree(widgets / MANAGER, small / "labextensions" / MANAGER)
    write_extension(large, "large", "1.0.0", filler=random.Random(0).randbytes(30_000_000))
    return {"small": small, "large": large}


@contextmanager
def _lab(opened: Browser, folder: Path, prefix: Path) -> Iterator[Lab]:
    home = furnish_lab(folder, prefix)
    with server(home, "jupyterlab") as started, opened.new_context() as context:
        yield Lab(home=home, server=started, context=context)


def _clicks(opened: Browser, folder: Path, paths: dict[str, Path], rounds: int) -> Times:
    found: Times = {name: [] for name in ("notification", *paths)}
    with _lab(opened, folder, server_prefix()) as lab:
        for name, path in [*paths.items()] * rounds:
            write_kernel(lab.home, name, plain_prefix(), JUPYTER_PATH=str(path))
            page = lab.open(name, ["1"], name)
            with _timed(found["notification"]):
                page.notice("is in this kernel's environment").wait_for()
            found[name].append(_click(page))
            lab.tidy()
    return found


_WATCH = """
loaded => {
  addEventListener("click", event => { if (event.target.closest("[role=alert]")) window.clicked ??= event.timeStamp }, true);
  new MutationObserver(() => {
    const texts = [...document.querySelectorAll("[role=alert]")].map(each => each.textContent);
    if (texts.some(each => each.includes(loaded))) window.loaded ??= performance.now();
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""


def _click(page: LabPage) -> float:
    """Seconds from the click to the notification that it is loaded, by the page's own clock.

    Playwright waits for about a second before it clicks, until the notification has slid in, and for the next one's sliding.
    """
    page.page.evaluate(_WATCH, LOADED)
    page.use()
    return float(page.page.evaluate("(window.loaded - window.clicked) / 1000"))


def _installs(opened: Browser, folder: Path, paths: dict[str, Path], rounds: int) -> Times:
    """With pip, from a wheel on this disk: what a person waits for besides the download."""
    prefix = make_in(folder / "server", ["jupyterlab>=4", "pip"], compiled=True)
    pip = (prefix / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    found: Times = {name: [] for name in paths}
    with _lab(opened, folder / "home", prefix) as lab:
        write_kernel(lab.home, "plain", plain_prefix())
        page = lab.open("page", ["1"], "plain")
        for name, path in [*paths.items()] * rounds:
            wheel = _wheel(folder / f"{name}-1.0.0-py3-none-any.whl", path)
            with _timed(found[name]):
                environments.call(*pip, "install", "--no-index", wheel)
                page.reload(1)
            environments.call(*pip, "uninstall", "--yes", name)
            page.reload(1)
    return found


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times.append(time.perf_counter() - began)


def _wheel(file: Path, path: Path) -> Path:
    """A wheel that brings the extension of a folder of `JUPYTER_PATH`."""
    name, version = file.name.split("-")[:2]
    info = f"{name}-{version}.dist-info"
    contents = {
        f"{name}-{version}.data/data/share/jupyter/{each.relative_to(path)}": each.read_bytes()
        for each in path.rglob("*")
        if each.is_file()
    }
    contents[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*contents, f"{info}/RECORD"]).encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for each, content in contents.items():
            opened.writestr(each, content)
    return file


def _show(paths: dict[str, Path], ours: Times, theirs: Times) -> str:
    rows: list[Row] = [("", "at most", "click", "", "pip and reload", "x click")]
    for name, path in paths.items():
        size = sum(each.stat().st_size for each in path.rglob("*") if each.is_file()) / 1e6
        ran, other = statistics.median(ours[name]), statistics.median(theirs[name])
        judged = (f"{MOST[name]:g}", f"{ran:.2f}", _verdict(ran, MOST[name]))
        rows.append((f"{size:.1f} MB", *judged, f"{other:.2f}", ratio(other / ran)))
    said = statistics.median(ours["notification"])
    judged = (f"{MOST['notification']:g}", f"{said:.2f}", _verdict(said, MOST["notification"]))
    rows.append(("idle kernel, until a notification", *judged, "", ""))
    title = "An extension of the kernel's environment in the page: seconds, from a click, and by pip in the server's environment"
    return f"{title}\n{table(rows)}"


def _verdict(measured: float, most: float) -> str:
    return "met" if measured <= most else "MISSED"
