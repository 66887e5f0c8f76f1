"""A kernel's JupyterLab extensions in the page, in JupyterLab itself: what a person sees, and does."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import environments

from .home import VERSION, server, until
from .lab import SLIDER, Lab, LabPage, furnish_lab, others_prefix, plain_prefix, write_extension, write_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = environments.ROOT / "build" / "frontends"
HELLO = """
import anywidget
class Hello(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.textContent = 'hello from anywidget' } }"
Hello()
"""
FIGURE = "%matplotlib widget\nimport matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 3, 2]);"


@pytest.fixture(scope="module")
def started(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One server for all tests."""
    home = furnish_lab(tmp_path_factory.mktemp("lab"))
    with server(home, "jupyterlab") as opened, browser.new_context(viewport={"width": 1100, "height": 1000}) as context:
        yield Lab(home=home, server=opened, context=context)


@pytest.fixture
def lab(started: Lab) -> Iterator[Lab]:
    """The server, with nothing left of the test before."""
    yield started
    started.tidy()


def shows_widgets(page: LabPage) -> None:
    """The slider, the anywidget and the figure are drawn."""
    expect(page.output(0).get_by_role("slider")).to_be_visible()
    expect(page.output(1)).to_contain_text("hello from anywidget")
    expect(page.output(2).locator("canvas").first).to_be_visible()


def test_widgets_appear_after_one_click_and_a_run(lab: Lab) -> None:
    """In the same page, with the same kernel: neither was loaded again."""
    page = lab.open("widgets", [SLIDER, HELLO, FIGURE])
    expect(page.notice("are in this kernel's environment")).to_be_visible()
    page.run(0)
    expect(page.output(0)).to_contain_text("IntSlider(value=7)")
    page.page.evaluate("window.marker = 'the same page'")
    page.use()
    for cell in range(3):
        page.run(cell)
    shows_widgets(page)
    assert page.page.evaluate("window.marker") == "the same page"
    page.picture(PICTURES / "kernel-widgets.png")
    page.reload(3)
    page.run(0)
    expect(page.output(0).get_by_role("slider")).to_be_visible()  # the server keeps it as long as it runs
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_not_now_is_for_this_page(lab: Lab) -> None:
    """The next page offers it again; nothing was copied."""
    page = lab.open("not-now", [SLIDER])
    page.press("Not now")
    expect(page.notice("are in this kernel's environment")).to_have_count(0)
    assert lab.extensions() == []
    page.reload(1)
    expect(page.notice("are in this kernel's environment")).to_be_visible()


def test_never_is_for_every_page(lab: Lab) -> None:
    """Only the panel still offers what nobody wants to hear of."""
    page = lab.open("never", [SLIDER])
    with page.page.expect_response(lambda answer: "/api/settings/ipython-where:plugin" in answer.url):
        page.press("Never")
    page.reload(1)
    page.open_panel()
    expect(page.extension("anywidget")).to_contain_text("can be used here")
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_the_panel_uses_and_removes(lab: Lab) -> None:
    """Each extension in a row, with what can be done about it now."""
    page = lab.open("panel", [SLIDER])
    page.press("Not now")
    page.open_panel()
    row = page.extension("jupyterlab-manager")
    expect(row).to_contain_text("5.0.16")
    row.get_by_role("button", name="Use").click()
    expect(row).to_contain_text("loaded")
    page.run(0)
    expect(page.output(0).get_by_role("slider")).to_be_visible()
    expect(row.get_by_role("button", name="Use")).to_have_count(0)
    row.get_by_role("button", name="Remove").click()
    expect(page.notice("was removed; this page keeps it until you reload it")).to_be_visible()
    expect(row).to_contain_text("removed; this page keeps it until you reload it")
    page.press("Reload")
    page.wait_for_cells(1)
    expect(page.notice("are in this kernel's environment")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_of_the_panel(lab: Lab, theme: str) -> None:
    """Beside a notebook, and as narrow as it gets."""
    page = lab.open(f"picture-{theme}", [SLIDER, ""])
    page.use_theme("light" if theme == "light" else "dark")
    page.press("Use it here")
    page.open_panel()
    expect(page.extension("anywidget")).to_contain_text("loaded")
    page.picture(PICTURES / f"panel-{theme}.png")
    page.page.set_viewport_size({"width": 640, "height": 1000})
    page.picture(PICTURES / f"panel-{theme}-narrow.png")
    page.page.set_viewport_size({"width": 1100, "height": 1000})


def test_the_status_bar_names_the_environment(lab: Lab) -> None:
    """With a mark, since `!pip` of this home belongs to another one; a click says more."""
    page = lab.open("status", ["1"])
    expect(page.status).to_have_text(f"▲ .venv · {VERSION}")
    page.status.click()
    expect(page.panel.get_by_role("row", name="!pip")).to_contain_text("tools/bin/pip · another environment")
    expect(page.panel.get_by_role("row", name="server")).to_contain_text("~/jupyter")
    expect(page.panel).to_contain_text("%where says more, if it is in this kernel's environment:")
    page.panel.locator("code").filter(has_text="%pip install ipython-where").click()
    page.menu.get_by_role("menuitem", name="Insert below").click()
    expect(page.cell(1).locator(".cm-content")).to_have_text("%pip install ipython-where")


NAMES = "print(*(name for name in dir() if name[0] != '_'), len(In), Out)"


def test_a_click_in_the_status_bar_shows_where(lab: Lab) -> None:
    """What `%where` says of the kernel, which has not loaded it; nothing of it is in the notebook or the kernel's names."""
    write_kernel(lab.home, "with-magics", lab.home.jupyter)
    page = lab.open("where", [NAMES, NAMES], "with-magics")
    page.run(0)
    page.status.click()
    expect(page.panel.get_by_role("row", name="kernel").first).to_contain_text(f"CPython {VERSION}")
    expect(page.panel).to_contain_text("hint: %safepip install NAME installs into this kernel's environment")
    page.picture(PICTURES / "where-in-the-panel.png")
    page.panel.get_by_text("details").click()
    page.run(1)
    expect(page.cell(1).locator(".jp-InputArea-prompt")).to_have_text("[2]:")
    assert (page.text(0), page.text(1)) == tuple(f"In Out exit get_ipython open quit {n} {{}}" for n in (2, 3))
    assert page.page.locator(".jp-Notebook .jp-CodeCell").count() == 2
    lab.home.write_notebook("beside", ["1"], "with-magics")
    page.page.get_by_text("beside.ipynb").dblclick()
    expect(page.panel.get_by_role("row", name="kernel").first).not_to_contain_text("CPython")  # it is another's
    page.page.get_by_role("tab", name="where.ipynb").click()
    expect(page.panel.locator("details[open]")).to_be_visible()
    page.restart()
    expect(page.panel.get_by_role("row", name="kernel").first).not_to_contain_text("CPython")


def test_a_busy_kernel_says_where_it_is_later(lab: Lab) -> None:
    """However often it is asked meanwhile."""
    write_kernel(lab.home, "with-magics", lab.home.jupyter)
    page = lab.open(
        "busy-where", ["import os, time\nwhile not os.path.exists('later'): time.sleep(0.01)"], "with-magics"
    )
    expect(page.status).to_be_visible()
    page.begin(0)
    page.status.click()
    page.status.click()
    expect(page.panel).to_contain_text("The kernel is busy; %where is answered as soon as it is idle.")
    (lab.home.project / "later").touch()
    expect(page.panel.get_by_role("row", name="kernel").first).to_contain_text(f"CPython {VERSION}")


EVIL = """
class Evil:
    def _repr_html_(self):
        return '<b>said</b><img src="x" onerror="window.evil = 1"><script>window.evil = 2</script>'
environment = Evil
"""


def test_what_a_kernel_says_runs_nothing_in_the_panel(lab: Lab) -> None:
    """A file beside the notebook may have this package's name."""
    file = lab.home.project / "ipython_where.py"
    file.write_text(EVIL)
    try:
        page = lab.open("evil", ["1"])
        page.status.click()
        expect(page.panel.locator("b").filter(has_text="said")).to_be_visible()
    finally:
        file.unlink()
    assert page.panel.locator("[onerror], script").count() == 0
    assert page.page.evaluate("window.evil") is None


BIG = 30 << 20
"""Bytes of an extension that takes a while to copy."""


@pytest.fixture(scope="module")
def big(started: Lab, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a kernel with a big extension."""
    folder = tmp_path_factory.mktemp("big")
    write_extension(folder, "big", "1.0.0", filler=random.Random(0).randbytes(BIG))
    write_kernel(started.home, "big", plain_prefix(), JUPYTER_PATH=str(folder))
    return "big"


def test_a_copy_can_be_cancelled(lab: Lab, big: str) -> None:
    """Nothing of it is left, and the kernel goes on."""
    page = lab.open("cancel", ["6 * 7"], big)
    page.press("Use it here")
    page.notice("Copying big from the kernel").get_by_role("button", name="Cancel").click()
    expect(page.notice("Cancelled: nothing was loaded")).to_be_visible()
    page.run(0)
    expect(page.output(0)).to_contain_text("42")
    until(lambda: [each for each in lab.mirrored() if each.suffix == ".bin"] == [])
    assert lab.extensions() == []


def test_a_cancelled_load_takes_back_what_was_copied_before(lab: Lab, big: str, tmp_path: Path) -> None:
    """Its code is in the page, but was not activated; it can be used afterwards."""
    path = write_extension(tmp_path, "almost", "1.0.0", "() => { window.almost = true; }")
    write_extension(tmp_path, "big", "1.0.0", filler=random.Random(0).randbytes(BIG))
    write_kernel(lab.home, "almost", plain_prefix(), JUPYTER_PATH=str(path))
    page = lab.open("almost", ["1"], "almost")
    page.press("Use it here")
    page.notice("Copying big from the kernel").get_by_role("button", name="Cancel").click()
    expect(page.notice("Cancelled: nothing was loaded")).to_be_visible()
    until(lambda: lab.extensions() == [])
    page.open_panel()
    page.extension("almost").get_by_role("button", name="Use").click()
    expect(page.notice("almost is loaded")).to_be_visible()
    assert (lab.extensions(), page.page.evaluate("window.almost")) == (["almost"], True)


def test_what_changed_since_it_was_offered_is_offered_anew(lab: Lab, tmp_path: Path) -> None:
    """What a person has chosen is what is loaded."""
    path = write_extension(tmp_path, "changing", "1.0.0")
    write_kernel(lab.home, "changing", plain_prefix(), JUPYTER_PATH=str(path))
    page = lab.open("changing", ["1"], "changing")
    page.notice("changing 1.0.0 is in this kernel's environment").wait_for()
    shutil.rmtree(path / "labextensions")
    write_extension(tmp_path, "changing", "2.0.0")
    page.press("Use it here")
    told = "changing was not loaded: the kernel's environment has 2.0.0 of it now, not 1.0.0"
    expect(page.notice(told)).to_be_visible()
    expect(page.notice("changing 2.0.0 is in this kernel's environment")).to_be_visible()
    page.use()


def test_two_buttons_for_the_same(lab: Lab, tmp_path: Path) -> None:
    """The second is pressed while the page still loads what the first one asked for."""
    path = write_extension(tmp_path, "slow", "1.0.0")
    script = path / "labextensions" / "slow" / "static" / "remoteEntry.js"
    waiting = "async get() { await new Promise(go => { window.go = go; });"
    script.write_text(script.read_text().replace("async get() {", waiting))
    write_kernel(lab.home, "slow", plain_prefix(), JUPYTER_PATH=str(path))
    page = lab.open("twice", ["1"], "slow")
    page.open_panel()
    page.press("Use it here")
    page.page.wait_for_function("() => !!window.go")
    with page.page.expect_response(lambda answer: answer.url.partition("?")[0].endswith("/load")) as answered:
        page.extension("slow").get_by_role("button", name="Use").click()
    answered.value.finished()
    page.page.evaluate("() => window.go()")
    expect(page.notice("slow is loaded")).to_have_count(2)
    expect(page.notice("reload the page")).to_have_count(0)
    assert page.errors == []


def test_a_kernel_that_dies_in_the_copy(lab: Lab, big: str) -> None:
    """A notification says so, and nothing is left."""
    page = lab.open("dying", ["import os; os.getpid()"], big)
    page.run(0)
    process = int(page.text(0).split()[-1])
    page.press("Use it here")
    page.notice(re.compile(r"Copying big from the kernel: [1-9]\d?%")).wait_for()
    os.kill(process, signal.SIGKILL)
    expect(page.notice(re.compile("big was not loaded: the kernel (has died|was restarted)"))).to_be_visible()
    page.picture(PICTURES / "kernel-died.png")
    assert lab.extensions() == []
    page.page.get_by_role("dialog").get_by_role("button", name="Ok").click()  # the server has started it again
    page.use()
    assert lab.extensions() == ["big"]


def test_a_busy_kernel_gives_what_it_has(lab: Lab) -> None:
    """While a cell runs; it is not waited for."""
    page = lab.open("busy", ["import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)", SLIDER])
    expect(page.notice("are in this kernel's environment")).to_be_visible()
    page.begin(0)
    page.use()
    expect(page.cell(0).locator(".jp-InputArea-prompt")).to_have_text("[*]:")
    (lab.home.project / "go").touch()
    page.wait_for_end(0)
    page.run(1)
    expect(page.output(1).get_by_role("slider")).to_be_visible()


def test_a_restarted_kernel_is_asked_again(lab: Lab, tmp_path: Path) -> None:
    """What is loaded works with the new process, and what its environment has more is offered."""
    write_kernel(lab.home, "growing", lab.home.prefix, JUPYTER_PATH=str(tmp_path))
    page = lab.open("restart", [SLIDER], "growing")
    page.use()
    write_extension(tmp_path, "late", "1.0.0")
    page.restart()
    expect(page.notice("late 1.0.0 is in this kernel's environment")).to_be_visible()
    page.run(0)
    expect(page.output(0).get_by_role("slider")).to_be_visible()


def test_two_windows(lab: Lab) -> None:
    """The second is offered what the first has taken, and loads it without a copy."""
    taken = "jupyterlab-manager 5.0.16, sha256"
    before = lab.said(taken)
    first = lab.open("first", [SLIDER])
    second = lab.open("second", [SLIDER])
    for page in (first, second):
        page.use()
        page.run(0)
        expect(page.output(0).get_by_role("slider")).to_be_visible()
    assert lab.said(taken) == before + 1


def test_two_versions(lab: Lab, tmp_path: Path) -> None:
    """The first that was taken stays; the other kernel's is named beside it, and told of once."""
    for version in ("1.0.0", "2.0.0"):
        greet = f"app => app.commands.addCommand('greet', {{ label: 'Greeting {version}' }})"
        path = write_extension(tmp_path / version, "greeting", version, greet)
        write_kernel(lab.home, f"greeting-{version}", plain_prefix(), JUPYTER_PATH=str(path))
    lab.open("older", ["1"], "greeting-1.0.0").use()
    page = lab.open("newer", ["1"], "greeting-2.0.0")
    told = "greeting 2.0.0 is in this kernel's environment; JupyterLab has 1.0.0 from a kernel, and can't have both"
    page.notice(told).get_by_role("button", name="Show").click()
    expect(page.notice(told)).to_have_count(0)
    with page.page.expect_response(lambda answer: answer.url.partition("?")[0].endswith("/judge")):
        page.restart()
    page.run(0)
    expect(page.extension("greeting")).to_contain_text("2.0.0")
    expect(page.extension("greeting")).to_contain_text("the page has 1.0.0 from a kernel")
    expect(page.extension("greeting").get_by_role("button")).to_have_text("Remove")
    expect(page.page.get_by_role("alert")).to_have_count(0)


def test_one_that_fails_stops_no_other(lab: Lab, tmp_path: Path) -> None:
    """JupyterLab refuses a plugin that requires nonsense, before it would activate any."""
    write_extension(tmp_path, "broken", "1.0.0", "() => {}, requires: 5")
    path = write_extension(tmp_path, "whole", "1.0.0", "() => { window.isWhole = true; }")
    write_kernel(lab.home, "broken", plain_prefix(), JUPYTER_PATH=str(path))
    page = lab.open("broken", ["1"], "broken")
    page.press("Use it here")
    expect(page.notice("broken was not loaded: its plugins can't be registered")).to_be_visible()
    assert page.page.evaluate("window.isWhole")


# -- extensions of other kinds -----------------------------------------------------------------------------------------

POINT = """
from IPython.display import display
display({"application/geo+json": {"type": "Point", "coordinates": [13, 52]}, "text/plain": "a point"}, raw=True)
"""


@pytest.fixture
def others(lab: Lab) -> LabPage:
    """A notebook whose kernel's environment has other extensions than widgets."""
    write_kernel(lab.home, "others", others_prefix())
    return lab.open("others", [POINT], "others")


def test_what_a_notebook_gets_when_it_is_opened_comes_into_an_open_one(others: LabPage) -> None:
    """A renderer, the times of cells with their settings, and a theme."""
    others.run(0)
    expect(others.output(0)).to_contain_text("a point")
    others.use()
    others.run(0)
    expect(others.output(0).locator("img.leaflet-marker-icon")).to_be_visible()
    others.run(0)
    expect(others.cell(0)).to_contain_text("Last executed at")
    others.choose("Settings", "Theme", "JupyterLab Horizon")
    expect(others.page.locator("body")).to_have_attribute("data-jp-theme-name", "JupyterLab Horizon")
    others.choose("Settings", "Settings Editor")
    expect(others.page.get_by_role("tab", name="Execute Time")).to_be_visible()


def test_what_needs_the_server_is_refused(others: LabPage) -> None:
    """With the reason, and what to run instead."""
    others.open_panel()
    row = others.extension("resource-usage")
    expect(row).to_contain_text(
        "it needs a server part (jupyter_resource_usage), which runs only in the server's own environment"
        "hint: %safepip install --server jupyter-resource-usage"
    )
    expect(row.get_by_role("button")).to_have_count(0)
    expect(others.notice("are in this kernel's environment")).not_to_contain_text("resource-usage")


def test_a_kernel_of_another_language(lab: Lab) -> None:
    """It is not asked, and the panel says why."""
    python = environments.kept("frontends-bash", ["bash_kernel"], compiled=True) / "bin" / "python"
    lab.home.write_kernelspec("bash", [str(python), "-m", "bash_kernel", "-f", "{connection_file}"], "bash")
    page = lab.open("bash", ["echo $((6 * 7))"], "bash")
    page.run(0)
    expect(page.output(0)).to_contain_text("42")
    page.open_panel()
    expect(page.panel).to_contain_text("This kernel speaks bash; only Python kernels can be asked.")
    expect(page.status).to_have_count(0)
    assert page.errors == []


# -- commands in answers -----------------------------------------------------------------------------------------------


def test_a_command_of_an_answer_can_be_inserted_and_run(lab: Lab) -> None:
    """A click shows what it is, and what can be done with it."""
    write_kernel(lab.home, "with-magics", lab.home.jupyter)
    page = lab.open("commands", ["%load_ext ipython_where", "import sklearn"], "with-magics")
    page.run(0)
    page.run(1)
    page.click_command(1, "%safepip install scikit-learn")
    assert page.menu.get_by_role("menuitem").all_inner_texts() == ["Run below", "Insert below", "Copy"]
    expect(page.menu).to_contain_text("%safepip install scikit-learn")
    page.menu.get_by_role("menuitem", name="Insert below").click()
    expect(page.cell(2).locator(".cm-content")).to_have_text("%safepip install scikit-learn")


HIDING = '<div class="ipw"><code class="c">%safepip install parcel<b style="display: none">; evil</b></code></div>'


def test_a_command_that_hides_a_part_of_itself(lab: Lab) -> None:
    """The menu shows all of it. Where the output isn't trusted, nothing offers to run it."""
    lab.home.write_notebook("untrusted", ["1"], html=HIDING)
    page = lab.open_again("untrusted", 1)
    page.click_command(0, "%safepip install parcel")
    expect(page.menu).to_contain_text("%safepip install parcel; evil")
    assert page.menu.get_by_role("menuitem").all_inner_texts() == ["Insert below", "Copy"]
