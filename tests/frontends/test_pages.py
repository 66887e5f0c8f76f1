"""JupyterLab and Notebook in a browser, the server in one environment and the kernel in another: what a person sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import environments
from tests.change.installers import local

from .browser import PATIENCE, NotebookPage
from .home import VERSION, Home, Server, furnish, server, until
from .index import Index, served
from .projects import write_endless_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = environments.ROOT / "build" / "frontends"
CELLS = {
    "load": "%load_ext ipython_where",
    "where": "%where",
    "where numpy": "%where numpy",
    "where mine": "%where mine",
    "install": "%safepip install parcel",
    "build": "%safepip install ./slow",
    "undo": "%safepip undo",
    "pip": "!pip install parcel",
    "import": "import sklearn",
    "error": "%safepip undo tx-99",
}
NUMBERS = {name: number for number, name in enumerate(CELLS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A front end with the notebook open in it."""

    name: str
    home: Home
    server: Server
    index: Index
    page: NotebookPage


@pytest.fixture(scope="module", params=["lab", "notebook"])
def front(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """JupyterLab, its kernel started by the kernelspec itself; Notebook, its kernel started through `bash -c`."""
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    (folder / "index").mkdir()
    local.wheel(folder / "index" / "parcel", "parcel", "1.0")
    with served(Index(folder / "index")) as index:
        home = furnish(folder, "numpy", PIP_INDEX_URL=index.url)
        write_endless_project(home.project / "slow", "slow", folder / "building")
        module, path, kernel = {
            "lab": ("jupyterlab", "lab/tree/story.ipynb", "project"),
            "notebook": ("notebook", "notebooks/story.ipynb", "wrapped"),
        }[name]
        (home.project / "mine.py").write_text("x = 'of my own'")
        home.write_notebook("story", list(CELLS.values()), kernel)
        with server(home, module) as started, browser.new_context(viewport={"width": 1000, "height": 1000}) as context:
            page = NotebookPage.open(context.new_page(), started, path, len(CELLS))
            page.run(NUMBERS["load"])
            yield Front(name=name, home=home, server=started, index=index, page=page)


def test_loading_the_extension_shows_nothing(front: Front) -> None:
    assert front.page.text(NUMBERS["load"]) == ""


def test_where(front: Front) -> None:
    """The kernel, the other environment of `!pip`, and the server in a third, told apart."""
    where = NUMBERS["where"]
    front.page.run(where)
    rows = front.page.rows(where)
    assert rows["kernel"] == f"~/project/.venv/bin/python · CPython {VERSION}"
    assert rows["!pip"] == f"~/tools/bin/pip → ~/tools/bin/python {VERSION} · ▲ another environment"
    jupyter = f"~/jupyter/bin/python {VERSION} · Jupyter Server {front.server.version}"
    assert rows["server"] == f"{jupyter} · another environment {front.server.url}"
    specification = {
        "lab": "project · ~/.local/share/jupyter/kernels/project/kernel.json · ● starts this interpreter",
        "notebook": "wrapped · ~/.local/share/jupyter/kernels/wrapped/kernel.json · unknown what it starts",
    }[front.name]
    assert rows["kernelspec"] == specification
    assert "▲ !pip and !python belong to a different environment than this kernel" in front.page.text(where)


def test_where_a_module(front: Front) -> None:
    """Its name as the heading, then where it is."""
    numpy = NUMBERS["where numpy"]
    front.page.run(numpy)
    assert re.match(r"\[\d+\]:\nnumpy [\d.]+ · package\n", front.page.text(numpy))
    file = environments.site_packages(front.home.prefix) / "numpy" / "__init__.py"
    assert front.page.rows(numpy)["file"] == str(file).replace(str(front.home.folder), "~")


def test_a_file_beside_the_notebook_opens_by_a_click(front: Front) -> None:
    """JupyterLab shows it in a tab of its own, Notebook in a window of its own."""
    mine = NUMBERS["where mine"]
    front.page.run(mine)
    link = front.page.output(mine).get_by_role("link")
    if front.name == "lab":
        link.click()
        expect(front.page.page.locator(".jp-FileEditor")).to_contain_text("of my own", timeout=PATIENCE)
        front.page.choose("File", "Close Tab")
    else:
        with front.page.page.expect_popup() as opened:
            link.click()
        expect(opened.value.locator("body")).to_contain_text("of my own", timeout=PATIENCE)
        opened.value.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_an_answer_follows_the_theme(front: Front, theme: str) -> None:
    """What is shown already changes with the page, and each word of it can be read."""
    where = NUMBERS["where"]
    front.page.run(where)
    front.page.use_theme("light" if theme == "dark" else "dark")
    before = _colours(front.page, where)
    front.page.use_theme("dark" if theme == "dark" else "light")
    assert not set(before) & set(_colours(front.page, where))
    contrasts = front.page.contrasts(where)
    assert len(contrasts) > 10
    weak = {text: found for text, found in contrasts.items() if found < (4.5 if re.search(r"\w", text) else 3)}
    assert weak == {}
    front.page.picture(PICTURES / f"{front.name}-where-{theme}.png")


def _colours(page: NotebookPage, number: int) -> list[str]:
    words = page.output(number).locator("th, td, strong, code")
    found: list[str] = words.evaluate_all("all => all.map(each => getComputedStyle(each).color)")
    return found


def test_an_install_shows_its_progress_and_then_its_result(front: Front) -> None:
    """While the index keeps the download waiting, the step is shown; at the end the result alone."""
    install = NUMBERS["install"]
    front.index.hold()
    front.page.begin(install)
    assert front.index.asked.wait(300)
    progress = front.page.output(install).locator("progress")
    expect(progress).to_be_visible(timeout=PATIENCE)
    front.page.picture(PICTURES / f"{front.name}-progress.png")
    front.index.let_go()
    front.page.wait_for_end(install)
    expect(progress).to_have_count(0)
    assert front.page.output(install).locator(".jp-OutputArea-child").count() == 1  # not even an empty one is left
    assert "parcel 1.0 can be imported now" in front.page.text(install)
    assert front.page.rows(install)["added"] == "+ parcel==1.0"


def test_the_stop_button_ends_an_install_in_its_middle(front: Front) -> None:
    """A build is under way for certain; it is ended, and the cell says that nothing changed."""
    build = NUMBERS["build"]
    front.page.begin(build)
    until((front.home.folder / "building").exists)
    expect(front.page.output(build).locator("progress")).to_be_visible(timeout=PATIENCE)
    front.page.stop()
    front.page.wait_for_end(build)
    expect(front.page.output(build).locator("progress")).to_have_count(0)
    assert front.page.text(build) == "interrupted: nothing was changed in ~/project/.venv"
    assert front.page.output(build).locator(".ipw-error").is_visible()
    front.page.picture(PICTURES / f"{front.name}-stopped.png")


def test_an_undo(front: Front) -> None:
    """The last install is taken back."""
    if "added" not in front.page.rows(NUMBERS["install"]):
        front.page.run(NUMBERS["install"])
    undo = NUMBERS["undo"]
    front.page.run(undo)
    assert re.search(r"tx-\d+ was undone", front.page.text(undo))
    assert front.page.rows(undo)["removed"] == "- parcel==1.0"
    assert not list(environments.site_packages(front.home.prefix).glob("parcel*"))


WARNING = f"""\
▲ pip install parcel would install into a different environment than this kernel's
kernel ~/project/.venv/bin/python ({VERSION})
command ~/tools/bin/python ({VERSION})
because shebang of ~/tools/bin/pip
hint: %safepip install parcel installs into this kernel's environment
"""


def test_a_pip_of_another_environment_is_warned_of_and_runs(front: Front) -> None:
    """The guard's warning stands above what pip says."""
    pip = NUMBERS["pip"]
    front.page.run(pip)
    warning, _, said = front.page.text(pip).partition("Looking in indexes")
    assert warning == WARNING
    assert said.endswith("Successfully installed parcel-1.0")
    front.page.picture(PICTURES / f"{front.name}-guard.png")


def test_a_failing_import_is_explained(front: Front) -> None:
    """The hint stands below Python's own traceback."""
    failing = NUMBERS["import"]
    front.page.run(failing)
    traceback, _, hint = front.page.text(failing).partition("No module named 'sklearn'\n")
    assert "Traceback (most recent call last)" in traceback
    assert hint == (
        "sklearn is not installed in this kernel's environment (~/project/.venv)\nhint: %safepip install scikit-learn"
    )
    front.page.picture(PICTURES / f"{front.name}-hint.png")


def test_an_error_is_a_box_and_not_red_text(front: Front) -> None:
    """The traceback, for whatever shows no HTML, has the same words and is not seen twice."""
    error = NUMBERS["error"]
    front.page.run(error)
    expect(front.page.output(error).locator(".ipw-error")).to_be_visible(timeout=PATIENCE)
    assert front.page.text(error) == "■ there is no transaction tx-99\nhint: %safepip history lists the transactions"
    front.page.picture(PICTURES / f"{front.name}-error.png")


def test_a_saved_notebook_shows_the_same_when_it_is_opened_again(front: Front) -> None:
    """The answers stay, and of the progress nothing."""
    where = NUMBERS["where"]
    front.page.run(where)
    shown = {name: front.page.text(number) for name, number in NUMBERS.items()}
    front.page.save()
    front.page.reload(len(CELLS))
    assert {name: front.page.text(number) for name, number in NUMBERS.items()} == shown
