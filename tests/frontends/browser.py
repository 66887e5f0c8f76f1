"""Headless Chromium, and a notebook in a page of it, used by mouse and keyboard."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .home import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from .home import Server

Theme = Literal["light", "dark"]
PATIENCE = 300_000
"""Milliseconds for what should take one or two seconds: the machine may be busy."""


class ChromiumMissing(Exception):
    """Why there is no Chromium."""


def chromium() -> str:
    """The Chromium of this machine, installed from Debian where it is missing and may be; else `ChromiumMissing`."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is not None:
        return found
    if shutil.which("apt-get") is None:
        raise ChromiumMissing("no Chromium on PATH, and no apt-get to install it")
    if os.geteuid() != 0:
        raise ChromiumMissing("no Chromium on PATH; `apt-get install chromium` is for root")
    for command in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", "chromium"]):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(["apt-get", *command], env=environ, capture_output=True, text=True)
        if done.returncode:
            raise ChromiumMissing(f"`apt-get {command[0]}` failed: {done.stderr.strip()}")
    return chromium()


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window."""
    from playwright.sync_api import expect, sync_playwright

    executable = chromium()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable)
        try:
            yield opened
        finally:
            opened.close()


class NotebookPage:
    """A notebook as JupyterLab or Notebook shows it; cells are counted from 0."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server

    @classmethod
    def open(cls, page: Page, server: Server, path: str, cells: int) -> NotebookPage:
        """Open ``path`` (`lab/tree/NAME` or `notebooks/NAME`) and wait for its cells and its kernel."""
        opened = cls(page, server)
        opened.go_to(path, cells)
        return opened

    def go_to(self, path: str, cells: int) -> None:
        """Open ``path`` in this window, and wait as `open` does."""
        self.page.set_default_timeout(PATIENCE)
        token = f"?token={self.server.token}" if self.server.token else ""  # else somebody has logged in
        self.page.goto(f"{self.server.url}{path}{token}")
        self.wait_for_cells(cells)

    def wait_for_cells(self, count: int) -> None:
        """Come back when all cells are there, and the kernel waits for one to run."""
        from playwright.sync_api import expect

        expect(self.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(count, timeout=PATIENCE)
        # before it knows of a kernel, the page calls "No Kernel" idle; a cell that is run then is forgotten
        until(lambda: any(each["kernel"]["connections"] for each in self._sessions()))
        self.page.wait_for_function(_IS_READY)

    def _sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.request.get(f"{self.server.url}api/sessions").json()
        return found

    def cell(self, number: int) -> Locator:
        """A cell, its input and its output."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def output(self, number: int) -> Locator:
        """What a cell shows."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def begin(self, number: int) -> None:
        """Click into a cell and run it."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, number: int) -> None:
        """Run a cell to its end."""
        self.begin(number)
        self.wait_for_end(number)

    def wait_for_end(self, number: int) -> None:
        """Come back when a cell has been run: its prompt has a number."""
        from playwright.sync_api import expect

        prompt = self.cell(number).locator(".jp-InputArea-prompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)

    def stop(self) -> None:
        """Press the stop button."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def save(self) -> None:
        """Save the notebook, as by the keys for it; come back when the server has it."""
        with self.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
        ):
            self.page.keyboard.press("Control+s")

    def reload(self, cells: int) -> None:
        """Load the page again."""
        self.page.reload()
        self.wait_for_cells(cells)

    def text(self, number: int) -> str:
        """The words that a cell shows, as they stand in its lines."""
        lines = (" ".join(line.split()) for line in self.output(number).inner_text().splitlines())
        return "\n".join(filter(None, lines))

    def rows(self, number: int) -> dict[str, str]:
        """The tables that a cell shows: what stands beside each label."""
        found = (
            self.output(number)
            .locator("tr")
            .evaluate_all("rows => rows.map(row => [row.cells[0].innerText, row.cells[1].innerText])")
        )
        return {label.strip(): " ".join(value.split()) for label, value in reversed(found)}

    def use_theme(self, theme: Theme) -> None:
        """Choose a theme in the menu."""
        self.choose("Settings", "Theme", f"JupyterLab {theme.capitalize()}")
        light = "true" if theme == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def choose(self, menu: str, *items: str) -> None:
        """Choose in the menu bar: an item, or one of a menu in a menu."""
        self.page.locator(".lm-MenuBar-item").get_by_text(menu, exact=True).click()
        for item in items[:-1]:
            self._menu_item(item).hover()
        self._menu_item(items[-1]).click()

    def _menu_item(self, name: str) -> Locator:
        return self.page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True)

    def contrasts(self, number: int) -> dict[str, float]:
        """How far each text of an answer stands out from what is behind it, by WCAG's measure."""
        found: dict[str, float] = self.output(number).locator(".ipw").evaluate(_CONTRASTS)
        return found

    def picture(self, file: Path) -> None:
        """Keep what is to be seen."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file)


_IS_READY = """
() => document.querySelector(".jp-KernelName")?.innerText !== "No Kernel"
  && document.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status === "idle"
"""

# A canvas knows every notation of colours and lays half-transparent ones over each other.
_CONTRASTS = """
answer => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const paint = colour => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); };
  const luminance = () => {
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const found = {};
  const texts = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    const behind = [];
    for (let each = element; each; each = each.parentElement) behind.unshift(getComputedStyle(each).backgroundColor);
    paint("white");
    behind.forEach(paint);
    const ground = luminance();
    paint(getComputedStyle(element).color);
    const [dark, light] = [ground, luminance()].sort((a, b) => a - b);
    found[texts.currentNode.data.trim()] = (light + 0.05) / (dark + 0.05);
  }
  return found;
}
"""
