"""The README's pictures, taken in JupyterLab: `python -m tests.frontends.pictures` writes them into docs/pictures/."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from tests import environments

from .browser import NotebookPage, Theme, browser
from .home import furnish, listens, server

FOLDER = environments.ROOT / "docs" / "pictures"
CELLS = {
    "load": "%load_ext ipython_where",
    "where": "%where",
    "pip": "!pip install -q networkx",
    "import": "import networkx",
    "install": "%safepip install networkx",
    "after": "",
}
PICTURES = {"where": ("load", "where"), "install": ("pip", "import", "install")}
"""The cells of each picture, which stand one below the other."""

THEMES: tuple[Theme, ...] = ("light", "dark")
SCALE, MARGIN = 2, 8
COLOURS = 128
"""Text on plain ground needs no more, and the file is a third as big."""


def main() -> None:
    """Run the cells once, and take each picture in both themes."""
    numbers = {name: number for number, name in enumerate(CELLS)}
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        home = furnish(Path(folder), "uv", UV_SYSTEM_CERTS="true")
        home.write_notebook("tour", list(CELLS.values()))
        port = 0 if listens(8888) else 8888
        with (
            server(home, "jupyterlab", port=port) as started,
            chromium.new_context(viewport={"width": 1140, "height": 1400}, device_scale_factor=SCALE) as context,
        ):
            page = NotebookPage.open(context.new_page(), started, "lab/tree/tour.ipynb", len(CELLS))
            for name in CELLS:
                page.begin(numbers[name])
                if CELLS[name]:
                    page.wait_for_end(numbers[name])
            for theme in THEMES:
                page.use_theme(theme)
                for name, cells in PICTURES.items():
                    write(take(page, [numbers[cell] for cell in cells]), FOLDER / f"{name}-{theme}.png")


def take(page: NotebookPage, cells: Sequence[int]) -> bytes:
    """A picture of cells and what they show, without what is round them."""
    page.cell(cells[0]).scroll_into_view_if_needed()
    first, last = (page.cell(number).bounding_box() for number in (cells[0], cells[-1]))
    assert first and last
    height = last["y"] + last["height"] - first["y"]
    clip = {"x": first["x"], "y": first["y"] - MARGIN, "width": first["width"], "height": height + MARGIN}
    return page.page.screenshot(clip=clip)  # type: ignore[arg-type]  # a FloatRect is such a dictionary


def write(picture: bytes, file: Path) -> None:
    """Keep a picture, as small as it gets without a difference that is to be seen."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(environments.ROOT)}  {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
