"""The documents' pictures, taken in JupyterLab: `python -m tests.frontends.pictures` writes them into docs/pictures/.

With names, only these are taken: `answers`, `workers`, `page`.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests import environments
from tests.workers.page import cluster_at_home

from .browser import NotebookPage, Theme, browser
from .home import KERNEL_COMMAND, Home, furnish, jupyter_prefix, listens, move_in, server
from .lab import WIDGETS, Lab, server_prefix, write_kernel

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = environments.ROOT / "docs" / "pictures"
CELLS = {
    "load": "%load_ext ipython_where",
    "where": "%where",
    "pip": "!pip install -q networkx",
    "import": "import networkx",
    "install": "%safepip install networkx",
    "import again": "import networkx\nnetworkx.__version__",
    "after": "",
}
PICTURES = {"where": ("load", "where"), "install": ("pip", "import", "install", "import again")}
"""The cells of each picture, which stand one below the other."""

CONNECTED = (
    "%load_ext ipython_where\nimport numpy\nfrom distributed import Client\nclient = Client(scheduler_file={!r})\n"
)
"""What a kernel runs as it starts: dask warns of the other Python, which would be seen above the first cell."""

WORKERS_CELLS = {"ask": "%where numpy --on client", "after": ""}
WORKERS_PICTURES = {"workers": ("ask",)}

SLIDER = "import ipywidgets\nipywidgets.IntSlider(value=7)"
FIGURE = """\
%matplotlib widget
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(3.4, 1.6), layout="tight")
axes.plot([1, 3, 2]);"""
GROUND: dict[Theme, str] = {"light": "#ffffff", "dark": "#0d1117"}
"""What is behind a picture where it is shown, by theme."""

SCALE, MARGIN = 2, 8
COLOURS = 160
"""Text on plain ground needs no more, and the file is half as big."""


def main(*names: str) -> None:
    """Take those that are named, or all of them."""
    takes = {"answers": take_answers, "workers": take_workers, "page": take_page}
    with browser() as chromium:
        for name in names or takes:
            takes[name](chromium)


def take_answers(chromium: Browser) -> None:
    """This kernel's own."""
    with tempfile.TemporaryDirectory() as folder:
        home = furnish(Path(folder), "uv", UV_SYSTEM_CERTS="true")
        take_cells(chromium, home, CELLS, PICTURES)


def take_workers(chromium: Browser) -> None:
    """Those of a cluster of dask, whose workers run in several environments of this home."""
    with cluster_at_home("dask") as cluster:
        home = move_in(cluster.folder / "notebook" / "home", jupyter_prefix())
        home.project.mkdir()
        startup = home.folder / ".ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "client.ipy").write_text(CONNECTED.format(str(cluster.folder / "scheduler.json")))
        home.write_kernelspec("project", [str(cluster.pythons["kernel"]), *KERNEL_COMMAND])
        take_cells(chromium, home, WORKERS_CELLS, WORKERS_PICTURES)


def take_cells(chromium: Browser, home: Home, cells: Mapping[str, str], pictures: Mapping[str, Sequence[str]]) -> None:
    """Run the cells once, and take each picture in both themes."""
    numbers = {name: number for number, name in enumerate(cells)}
    home.write_notebook("tour", list(cells.values()))
    port = 0 if listens(8888) else 8888
    with (
        server(home, "jupyterlab", port=port) as started,
        chromium.new_context(viewport={"width": 1140, "height": 1400}, device_scale_factor=SCALE) as context,
    ):
        page = NotebookPage.open(context.new_page(), started, "lab/tree/tour.ipynb", len(cells))
        for name in cells:
            page.begin(numbers[name])
            if cells[name]:
                page.wait_for_end(numbers[name])
        for theme in GROUND:
            page.use_theme(theme)
            for name, shown in pictures.items():
                write(take(page, [numbers[cell] for cell in shown]), f"{name}-{theme}")


def take(page: NotebookPage, cells: Sequence[int]) -> Image.Image:
    """A picture of cells and what they show, without what is round them."""
    page.cell(cells[0]).scroll_into_view_if_needed()
    first, last = (page.cell(number).bounding_box() for number in (cells[0], cells[-1]))
    assert first and last
    height = last["y"] + last["height"] - first["y"]
    clip = {"x": first["x"], "y": first["y"] - MARGIN, "width": first["width"], "height": height + MARGIN}
    return image(page.page.screenshot(clip=clip))  # type: ignore[arg-type]  # a FloatRect is such a dictionary


# -- the page ----------------------------------------------------------------------------------------------------------


def furnish_page(folder: Path) -> Home:
    """A home whose server has this package; its kernel has widgets, and one extension that needs a server part."""

    def make(prefix: Path) -> None:
        environments.make_in(prefix, WIDGETS, compiled=True)
        options = ("--quiet", "--no-config", "--no-deps", "--python", prefix / "bin" / "python")
        environments.call(environments.uv(), "pip", "install", *options, "jupyter-resource-usage")

    home = move_in(folder, server_prefix())
    home.project.mkdir()
    recipe = [WIDGETS, environments.base_python()]
    home.prefix.symlink_to(environments.kept_folder("frontends-pictures", recipe, make))
    write_kernel(home, "project", home.prefix)
    return home


def take_page(chromium: Browser) -> None:
    """The notification and, below it, what its click brings; then the panel."""
    with tempfile.TemporaryDirectory() as folder:
        home = furnish_page(Path(folder))
        with (
            server(home, "jupyterlab") as started,
            chromium.new_context(viewport={"width": 820, "height": 380}, device_scale_factor=SCALE) as context,
        ):
            page = Lab(home=home, server=started, context=context).open("widgets", [SLIDER, FIGURE])
            page.page.keyboard.press("Control+b")  # closes the side bar
            page.notice("in this kernel's environment").wait_for()
            page.run(0)
            before = windows(page, height=420)
            page.use()
            page.run(0)
            page.run(1)
            page.output(1).locator("canvas").first.wait_for()
            after = windows(page, height=560)
            for theme, ground in GROUND.items():
                write(stacked([before[theme], after[theme]], ground), f"page-click-{theme}")
            page.notice("loaded").wait_for(state="hidden")
            page.open_panel()
            page.extension("jupyter-matplotlib").wait_for()
            for theme, window in windows(page, width=960, height=600).items():
                write(window, f"page-panel-{theme}")


def windows(page: NotebookPage, *, width: int = 820, height: int) -> dict[Theme, Image.Image]:
    """The whole window in each theme."""
    page.page.set_viewport_size({"width": width, "height": height})
    taken = {}
    for theme in GROUND:
        page.use_theme(theme)
        taken[theme] = image(page.page.screenshot())
    return taken


def stacked(images: Sequence[Image.Image], ground: str) -> Image.Image:
    """Pictures of one width, one below the other."""
    gap = 2 * MARGIN * SCALE
    height = sum(each.height for each in images) + gap * (len(images) - 1)
    made, top = Image.new("RGB", (images[0].width, height), ground), 0
    for each in images:
        made.paste(each, (0, top))
        top += each.height + gap
    return made


def image(screenshot: bytes) -> Image.Image:
    """What the browser took."""
    return Image.open(io.BytesIO(screenshot)).convert("RGB")


def write(picture: Image.Image, name: str) -> None:
    """Keep a picture, as small as it gets without a difference that is to be seen."""
    file = FOLDER / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    reduced(picture).save(file, optimize=True)
    print(f"{file.relative_to(environments.ROOT)}  {file.stat().st_size // 1024} KB")


def reduced(picture: Image.Image) -> Image.Image:
    """The picture in few colours, each the commonest of those that it stands for: a tint of the ground would be seen."""
    made = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    data = picture.tobytes()
    counted = Counter(zip(made.tobytes(), data[::3], data[1::3], data[2::3], strict=True))
    commonest = {index: colour for (index, *colour), _ in reversed(counted.most_common())}
    made.putpalette([value for index in range(COLOURS) for value in commonest.get(index, (0, 0, 0))])
    return made


if __name__ == "__main__":
    main(*sys.argv[1:])
