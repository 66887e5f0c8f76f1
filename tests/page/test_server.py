"""The routes of a real JupyterLab, and kernels of other environments that bring their extensions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.frontends.home import KERNEL_COMMAND

from .extensions import SCRIPT, files, package
from .servers import Page, kernel_prefix, put, server_prefix


def ready(name: str, version: str = "1.0.0") -> dict[str, object]:
    """The last line of an extension that the page may load."""
    return {"ready": {"name": name, "version": version, "load": SCRIPT, "extension": "./extension"}}


@pytest.fixture(autouse=True)
def all_is_well_afterwards(page: Page) -> Iterator[None]:
    """JupyterLab answers for its page and its settings whatever was loaded, and no test leaves anything half-made."""
    yield
    page.check()


def test_the_page_learns_what_is_served(page: Page) -> None:
    said = page.api("page")
    assert said["server"]["prefix"] == str(page.home.jupyter)
    assert "jupyterlab_pygments" in {each["name"] for each in said["extensions"] if each["from"] == "server"}
    assert "def answer(call" in said["source"]


def test_an_extension_of_a_kernel_is_served(page: Page, tmp_path: Path) -> None:
    """What it needs comes first, each as real files that JupyterLab serves and lists."""
    schema = json.dumps({"type": "object", "title": "Sound", "properties": {}}).encode()
    needs = {"sharedPackages": {"@scope/base": {"bundled": False}}}
    build = package("first")["jupyterlab"] | needs
    path = put(
        tmp_path,
        files(package("first", jupyterlab=build), **{"schemas/first/plugin.json": schema}),
        files(package("@scope/base")),
    )
    id = page.start_kernel(path)
    offers = [{"name": "first", "version": "1.0.0", "bytes": 300}, {"name": "jupyterlab_pygments", "version": "0"}]
    judged = page.api(f"kernels/{id}/judge", {"extensions": offers})
    assert judged["local"] is True
    assert [each["verdict"] for each in judged["verdicts"]] == ["offer", "other version"]

    lines = page.load(id, "first", "absent")
    assert [next(iter(each)) for each in lines] == ["refused", "copying", "ready", "copying", "ready", "end"]
    assert lines[0]["refused"] == {
        "name": "absent",
        "reason": "the kernel's environment doesn't have it",
        "hint": None,
    }
    assert [lines[2], lines[4]] == [ready("@scope/base"), ready("first")]
    assert {"name": "first", "version": "1.0.0", "from": "kernel"} in page.api("page")["extensions"]
    assert page.status(f"lab/extensions/first/{SCRIPT}") == 200
    assert "first:plugin" in {each["id"] for each in page.server.ask("lab/api/settings")["settings"]}
    assert page.load(id, "first") == [ready("@scope/base"), ready("first"), {"end": True}]

    assert page.status("ipython-where/api/extensions/@scope/base", "DELETE") == 204
    assert page.status("ipython-where/api/extensions/first", "DELETE") == 204
    assert page.status("ipython-where/api/extensions/first", "DELETE") == 404
    assert page.status(f"lab/extensions/first/{SCRIPT}") == 404
    assert page.mirrored() == []


def test_what_was_chosen_is_what_is_taken(page: Page, tmp_path: Path) -> None:
    """A kernel's environment may change between the offer and the click."""
    path = put(tmp_path, files(package("chosen")), files(package("other")))
    id = page.start_kernel(path)
    put(tmp_path, files(package("chosen", "2.0.0")))
    refused, *rest = page.load(id, "chosen", "other", versions={"chosen": "1.0.0", "other": "1.0.0"})
    reason = "the kernel's environment has 2.0.0 of it now, not 1.0.0"
    assert refused == {"refused": {"name": "chosen", "reason": reason, "hint": None}}
    assert rest[-2] == ready("other")
    assert page.load(id, "chosen", versions={"chosen": "2.0.0"})[-2] == ready("chosen", "2.0.0")
    nothing_chosen: list[object] = [[], {"chosen": 1}]
    for wrong in nothing_chosen:
        body = {"names": ["chosen"], "versions": wrong}
        assert page.status(f"ipython-where/api/kernels/{id}/load", "POST", body) == 400
    for name in ("chosen", "other"):
        assert page.status(f"ipython-where/api/extensions/{name}", "DELETE") == 204


def test_the_servers_own_may_disable_others(page: Page, tmp_path: Path) -> None:
    """What a kernel has, too, in the same version, the page loads from the server."""
    described = package("switch")
    described["jupyterlab"]["disabledExtensions"] = ["nothing"]
    own = put(page.home.runtime.parent, files(described)) / "labextensions" / "switch"
    id = page.start_kernel(put(tmp_path, files(described)))
    assert page.load(id, "switch") == [ready("switch"), {"end": True}]
    shutil.rmtree(own)
    (refused, _) = page.load(id, "switch")
    assert refused["refused"]["reason"] == "it disables other extensions, and only the server's environment may do that"


NOBODY = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "page"),
        ("POST", "kernels/0-0-0-0-0/judge"),
        ("POST", "kernels/0-0-0-0-0/load"),
        ("DELETE", "extensions/x"),
        ("POST", "server/load"),
    ],
)
def test_nobody_else_may_ask(page: Page, method: str, path: str) -> None:
    body = None if method == "GET" else {"names": ["x"]}
    for headers in (NOBODY, {**NOBODY, "Authorization": "token another"}):
        assert page.status(f"ipython-where/api/{path}", method, body, headers) == 403


def test_a_kernel_that_is_not_there_is_not_found(page: Page) -> None:
    for path, body in (("judge", {"extensions": []}), ("load", {"names": ["x"]})):
        assert page.status(f"ipython-where/api/kernels/0-0-0-0-0/{path}", "POST", body) == 404


def test_the_environments_differ() -> None:
    """Else the tests above would show nothing."""
    assert kernel_prefix() != server_prefix()


def test_a_theme_of_a_kernel_is_served(page: Page, tmp_path: Path) -> None:
    """Its style sheet comes from where JupyterLab looks for the themes of all extensions."""
    theme = {"extension": True, "themePath": "style/index.css", "_build": package()["jupyterlab"]["_build"]}
    style = {"themes/night/index.css": b":root { --jp-layout-color0: #000 }"}
    id = page.start_kernel(put(tmp_path, files(package("night", jupyterlab=theme), **style)))
    assert page.status("lab/api/themes/night/index.css") == 404
    assert page.load(id, "night")[-2] == ready("night")
    assert page.text("lab/api/themes/night/index.css") == ":root { --jp-layout-color0: #000 }"


WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")


def test_the_widgets_of_a_kernels_environment(page: Page) -> None:
    """As they are installed: from PyPI, by uv, which links their files to its cache."""
    prefix = environments.kept("page-widgets", ["ipykernel>=7", "ipywidgets>=8", "anywidget"], compiled=True)
    python = str(prefix / "bin" / "python")
    page.write_kernelspec("widgets", [python, *KERNEL_COMMAND])
    id = page.server.start_kernel("widgets")
    lines = page.load(id, "anywidget")
    assert [line["ready"]["name"] for line in lines if "ready" in line] == [*WIDGETS]
    for name in WIDGETS:
        own = prefix / "share" / "jupyter" / "labextensions" / name
        (root,) = page.mirrors()
        served = {file.relative_to(root / name): file.read_bytes() for file in (root / name).rglob("*.*")}
        assert served == {
            file.relative_to(own): file.read_bytes() for file in own.rglob("*.*") if file.name != "install.json"
        }
