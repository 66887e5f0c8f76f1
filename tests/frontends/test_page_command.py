"""`%safepip page` in JupyterLab: a cell asks the page that shows it, and hears what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import environments

from .home import server
from .lab import Lab, furnish_lab, write_extension, write_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CELLS = [
    "%load_ext ipython_where",
    "%safepip page load greeting",
    "%safepip page",
    "%safepip page unload greeting",
]


@pytest.fixture
def lab(browser: Browser, tmp_path: Path) -> Iterator[Lab]:
    """A server, and a kernel whose environment has this package and an extension."""
    home = furnish_lab(tmp_path / "home")
    kernel = environments.kept("frontends-magics", ["ipykernel", "-e", "."], compiled=True)
    path = write_extension(tmp_path / "carried", "greeting", "1.0.0")
    write_kernel(home, "magics", kernel, JUPYTER_PATH=str(path))
    with server(home, "jupyterlab") as opened, browser.new_context(viewport={"width": 1100, "height": 1000}) as context:
        yield Lab(home=home, server=opened, context=context)


def has_greeting(page: Page) -> bool:
    return bool(page.evaluate("'greeting' in window._JUPYTERLAB"))


def test_a_cell_asks_its_own_page(lab: Lab) -> None:
    """The other window of the same kernel is offered the extension, and does not load it unasked."""
    first = lab.open("first", CELLS, "magics")
    second = lab.open_again("first", len(CELLS))
    for page in (first, second):
        expect(page.notice("greeting 1.0.0 is in this kernel's environment")).to_be_visible()
    first.run(0)
    first.run(1)
    expect(first.output(1)).to_contain_text("the page has loaded what was asked for")
    assert has_greeting(first.page)
    assert not has_greeting(second.page)
    first.run(2)
    expect(first.output(2)).to_contain_text("loaded: 1.0.0")
    first.run(3)
    expect(first.output(3)).to_contain_text("reload the page")
    assert lab.extensions() == []
