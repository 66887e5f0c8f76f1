"""A kernel's JupyterLab extensions in other pages, from other machines, and where something of it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import environments

from .home import KERNEL_COMMAND, TOKEN, Home, server
from .lab import SLIDER, WIDGETS, Lab, furnish_lab, server_prefix
from .remote import gateway

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = environments.ROOT / "build" / "frontends"
OWN_ERRORS = {"Cannot read properties of undefined (reading 'schema')"}
"""Notebook 7.6 has it also without this package."""


@contextmanager
def running_lab(browser: Browser, home: Home, module: str, *options: str) -> Iterator[Lab]:
    """A server that runs in a home, and a browser for it."""
    with server(home, module, *options) as started, browser.new_context() as context:
        yield Lab(home=home, server=started, context=context)


@pytest.mark.parametrize(
    ("name", "jupyter", "module", "path", "options"),
    [
        ("oldest", ("jupyterlab==4.2.*",), "jupyterlab", "lab/tree", ()),
        ("notebook", (), "notebook", "notebooks", ()),
        ("hub", (), "jupyterlab", "lab/tree", ("--ServerApp.base_url=/user/ada/",)),
    ],
)
def test_other_pages(
    browser: Browser,
    tmp_path: Path,
    name: str,
    jupyter: tuple[str, ...],
    module: str,
    path: str,
    options: tuple[str, ...],
) -> None:
    """JupyterLab 4.2, Notebook 7, and a server that is not at the root of its host."""
    prefix = server_prefix(f"frontends-page-{name}", *jupyter) if jupyter else server_prefix()
    with running_lab(browser, furnish_lab(tmp_path, prefix), module, *options) as lab:
        page = lab.open("widgets", [SLIDER], path=path)
        page.becomes_a_slider()
        page.open_panel()
        expect(page.extension("anywidget")).to_contain_text("loaded")
        assert set(page.errors) <= OWN_ERRORS
        page.picture(PICTURES / f"panel-{name}.png")


def test_a_server_without_this_package(browser: Browser, tmp_path: Path) -> None:
    """Its page asks it nothing, and the panel says what to run."""
    option = "--ServerApp.jpserver_extensions=ipython_where=False"
    with running_lab(browser, furnish_lab(tmp_path), "jupyterlab", option) as lab:
        page = lab.open("alone", ["6 * 7"])
        page.run(0)
        expect(page.output(0)).to_contain_text("42")
        page.open_panel()
        expect(page.panel).to_contain_text("The Jupyter server has no ipython-where running: pip install ipython-where")
        expect(page.page.get_by_role("alert")).to_have_count(0)
        assert page.errors == []


# -- a kernel elsewhere ------------------------------------------------------------------------------------------------


def furnish_remote(home: Home, folder: Path) -> None:
    """The gateway's home: a kernel with widgets, which the server's home hasn't got."""
    folder.mkdir()
    there = Home(folder=folder, environ={})
    python = environments.kept("frontends-widgets", WIDGETS, compiled=True) / "bin" / "python"
    there.write_kernelspec("remote", [str(python), *KERNEL_COMMAND])


def test_a_kernel_behind_a_gateway(browser: Browser, tmp_path: Path) -> None:
    """What the configuration allows comes from it as from any other; all else says how it would be allowed."""
    home = furnish_lab(tmp_path / "home")
    furnish_remote(home, tmp_path / "remote")
    with gateway(tmp_path / "remote", [home.folder, server_prefix()]) as behind:
        options = (f"--gateway-url={behind.url}", f"--GatewayClient.auth_token={TOKEN}")
        with running_lab(browser, home, "jupyterlab", *options, "--KernelExtensions.allowed=@jupyter-*/*") as lab:
            page = lab.open("remote", [SLIDER], "remote")
            page.becomes_a_slider()
            page.open_panel()
            if behind.is_elsewhere:
                expect(page.panel.get_by_role("row").first).to_contain_text("elsewhere")
                row = page.extension("anywidget")
                expect(row).to_contain_text("this kernel is not proven to run on the server's machine as its user")
                expect(row).to_contain_text('c.KernelExtensions.allowed = ["anywidget"]')
                expect(row.get_by_role("button")).to_have_count(0)
