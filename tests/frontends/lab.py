"""JupyterLab with this package in the server's environment, and kernels in others that don't have it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests import environments

from .browser import NotebookPage
from .home import KERNEL_COMMAND, Home, Server, move_in, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

WIDGETS = ("ipykernel", "ipywidgets", "anywidget", "ipympl")
OTHERS = ("jupyterlab-geojson", "jupyterlab-execute-time", "jupyterlab-horizon-theme", "jupyter-resource-usage")
"""A renderer, one with settings, a theme, and one with a server part: extensions that need nothing in the kernel."""
SLIDER = "import ipywidgets; ipywidgets.IntSlider(value=7)"
PANEL = "Where: extensions of this kernel"
LAB = "lab/workspaces/NAME/tree"
"""With the same workspace, a window would open what another has open."""
LOADED = "loaded: run the cells that need"
"""What a notification says at the end."""


def server_prefix(name: str = "frontends-page", *jupyter: str) -> Path:
    """The kept environment of a server with this package, whose part of the page is the one in this checkout."""
    recipe = [name, list(jupyter), environments.base_python(), environments.requirements()]

    def make(prefix: Path) -> None:
        packages = jupyter or ("jupyterlab>=4", "notebook>=7")
        environments.make_in(prefix, [*packages, "-e", "."], compiled=True)
        copy = prefix / "share" / "jupyter" / "labextensions" / "ipython-where"
        shutil.rmtree(copy)
        copy.symlink_to(environments.ROOT / "ipython_where" / "page" / "labextension")

    return environments.kept_folder(name, recipe, make)


def furnish_lab(folder: Path, jupyter: Path | None = None) -> Home:
    """A home whose kernel `project` has widgets; this package is in the environment of the server alone."""
    home = move_in(folder, jupyter or server_prefix())
    home.project.mkdir()
    home.prefix.symlink_to(environments.kept("frontends-widgets", WIDGETS, compiled=True))
    write_kernel(home, "project", home.prefix)
    return home


def write_kernel(home: Home, name: str, prefix: Path, **environ: str) -> None:
    """A kernelspec for an environment's kernel; with `JUPYTER_PATH`, there are more folders where it has extensions."""
    home.write_kernelspec(name, [str(prefix / "bin" / "python"), *KERNEL_COMMAND], **environ)


def plain_prefix() -> Path:
    """The kept environment of a kernel without any extension."""
    return environments.kept("frontends-plain", ["ipykernel"], compiled=True)


def others_prefix() -> Path:
    """The kept environment of a kernel with extensions of other kinds than widgets."""

    def make(prefix: Path) -> None:
        environments.make_in(prefix, ["ipykernel"], compiled=True)
        options = ("--quiet", "--no-config", "--no-deps", "--python", prefix / "bin" / "python")
        environments.call(environments.uv(), "pip", "install", *options, *OTHERS)

    return environments.kept_folder("frontends-others", [OTHERS, environments.base_python()], make)


def write_extension(folder: Path, name: str, version: str, plugin: str = "() => {}", filler: bytes = b"") -> Path:
    """A prebuilt extension below ``folder``, a folder of `JUPYTER_PATH`; ``plugin`` is what it does when it is activated."""
    extension = folder / "labextensions" / name
    (extension / "static").mkdir(parents=True)
    build = {"load": "static/remoteEntry.js", "extension": "./extension"}
    package = {"name": name, "version": version, "jupyterlab": {"extension": True, "_build": build}}
    (extension / "package.json").write_text(json.dumps(package))
    script = _CONTAINER.replace("NAME", json.dumps(name)).replace("PLUGIN", plugin)
    (extension / "static" / "remoteEntry.js").write_text(script)
    if filler:
        (extension / "static" / "filler.bin").write_bytes(filler)
    return folder


_CONTAINER = """
(window._JUPYTERLAB ??= {})[NAME] = {
  init() {},
  async get() { return () => ({ id: NAME + ":plugin", autoStart: true, activate: PLUGIN }); },
};
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A JupyterLab, and the windows that are open."""

    home: Home
    server: Server
    context: BrowserContext

    def open(self, name: str, cells: Sequence[str], kernel: str = "project", path: str = LAB) -> LabPage:
        """A window with a new notebook, its kernel started; ``path`` is where the server has it."""
        self.home.write_notebook(name, cells, kernel)
        return self.open_again(name, len(cells), path)

    def open_again(self, name: str, cells: int, path: str = LAB) -> LabPage:
        """A further window with a notebook."""
        opened = LabPage(self.context.new_page(), self.server)
        opened.go_to(f"{path}/{name}.ipynb".replace("NAME", name), cells)
        return opened

    def tidy(self) -> None:
        """As before anything was opened: no windows, no kernels, nothing that came from one, the settings by default."""
        for page in self.context.pages:
            page.close()
        for session in self.server.ask("api/sessions"):
            self.server.ask(f"api/sessions/{session['id']}", method="DELETE")
        for each in self.extensions():
            self.server.ask(f"ipython-where/api/extensions/{each}", method="DELETE")
        shutil.rmtree(self.home.folder / ".jupyter" / "lab" / "user-settings" / "ipython-where", ignore_errors=True)

    def mirrored(self) -> list[Path]:
        """The files of what came from kernels, and of what is being copied."""
        return [
            file for root in self.home.runtime.glob("ipython-where-*") for file in root.rglob("*") if file.is_file()
        ]

    def said(self, text: str) -> int:
        """How often the server has said something."""
        return (self.home.project / "python.log").read_text().count(text)

    def extensions(self) -> list[str]:
        """What the server has from kernels."""
        return [
            each["name"] for each in self.server.ask("ipython-where/api/page")["extensions"] if each["from"] == "kernel"
        ]


class LabPage(NotebookPage):
    """A notebook in JupyterLab, with what this package shows around it, and what went wrong in the page."""

    def __init__(self, page: Page, server: Server) -> None:
        super().__init__(page, server)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    def notice(self, text: str | re.Pattern[str]) -> Locator:
        """A notification that is on the screen."""
        return self.page.get_by_role("alert").filter(has_text=text)

    def press(self, button: str) -> None:
        """Press a button of a notification."""
        self.page.get_by_role("alert").get_by_role("button", name=button, exact=True).click()

    def use(self) -> None:
        """Accept what a notification offers, and wait for its end."""
        self.press("Use it here")
        self.notice(LOADED).wait_for()

    def becomes_a_slider(self) -> None:
        """One click, and the first cell shows a slider."""
        self.use()
        self.run(0)
        expect(self.output(0).get_by_role("slider")).to_be_visible()

    def restart(self) -> None:
        """Press the button that restarts the kernel, and confirm it."""
        self.page.get_by_role("button", name="Restart the kernel", exact=True).click()
        self.page.get_by_role("dialog").locator("button.jp-mod-accept").click()

    def open_panel(self) -> None:
        """Choose the panel in the command palette."""
        palette = self.page.locator(".lm-CommandPalette-input")
        until(lambda: self._fills(palette))
        self.page.keyboard.press("Enter")
        self.panel.wait_for()

    def _fills(self, palette: Locator) -> bool:
        """Press the palette's key and write into it: while JupyterLab starts, the key may go nowhere, or the palette away."""
        if not palette.is_visible():
            self.page.keyboard.press("Control+Shift+C")
        try:
            palette.fill(PANEL, timeout=2000)
        except PlaywrightTimeout:
            return False
        return True

    @property
    def panel(self) -> Locator:
        """The panel of this kernel's extensions."""
        in_main_area = self.page.get_by_role("tabpanel", name="Where", exact=True)
        return in_main_area.or_(self.page.get_by_role("region", name=PANEL))

    def extension(self, name: str) -> Locator:
        """A row of the panel."""
        return self.panel.get_by_role("row").filter(has_text=name)

    @property
    def status(self) -> Locator:
        """The item in the status bar."""
        return self.page.locator("#jp-main-statusbar").get_by_role("button").filter(has_text=" · ")

    def click_command(self, number: int, text: str) -> None:
        """Click on a command in an answer."""
        self.output(number).locator("code").filter(has_text=text).click()

    @property
    def menu(self) -> Locator:
        """What a click on a command opens."""
        return self.page.get_by_role("menu").filter(has_text="Copy")
