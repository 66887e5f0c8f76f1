"""`%safeconda` in a real kernel of a conda prefix: what it says, what the kernel can import afterwards, what it refuses."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environments import ROOT
from tests.kernels import Notebook

from .prefixes import cache, make

pytestmark = [
    pytest.mark.usefixtures("kernel", "installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook whose kernel conda installed."""
    folder = tmp_path_factory.mktemp("conda")
    conda = make(folder, "ipykernel", "numpy<2.2", "pip")
    opened = Notebook(conda.prefix, folder / "notebook", RATTLER_CACHE_DIR=str(cache()))
    try:
        opened.start()
        yield opened
    finally:
        opened.close()


def test_what_was_installed_is_imported_at_once(note: Notebook) -> None:
    """No quotes are needed, and no restart; the answer names the build, and an undo takes it back."""
    reply = note.run("%safeconda install pure>=1.0")
    assert reply.status == "ok", reply.error
    assert "pure 2.0 can be imported now" in reply.result
    assert "+ pure=2.0=h1_0" in reply.result and "`%safeconda undo tx-1`" in reply.result
    assert note.value("__import__('pure').VERSION") == 2
    assert "`tx-1` was undone" in note.run("%safeconda undo").result


def test_what_is_loaded_asks_for_a_restart(note: Notebook) -> None:
    """The kernel's numpy is the old one."""
    note.run("import numpy")
    assert "restart the kernel" in note.run('%safeconda install "numpy>=2.2"').result
    assert "was undone" in note.run("%safeconda undo").result


def test_the_kernels_own_packages_stay(note: Notebook) -> None:
    """Neither they nor what they need is removed; and Python doesn't change under the kernel."""
    said = note.run("%safeconda remove ipykernel")
    assert said.status == "error" and "this kernel runs on `ipykernel`, which would be removed" in said.evalue
    said = note.run("%safeconda remove python --allow-conflicts --allow-kernel")
    assert said.status == "error" and "which would be removed" in said.evalue


def test_what_is_there_is_said_without_starting_anything(note: Notebook) -> None:
    """By conda's records alone."""
    assert "nothing to do: pip is satisfied by pip" in note.run("%safeconda install pip").result
    assert "ipykernel" in note.run("%safeconda list kernel").stdout
    assert "no conda package here is called that" in note.run("%safeconda list nosuch").stdout


def test_an_unknown_package_and_a_slip(note: Notebook) -> None:
    """Nothing is changed, and the way on is said."""
    said = note.run("%safeconda install nosuchpackage")
    assert said.ename == "UnsolvableError" and "nosuchpackage" in "".join(said.error)
    assert "%safeconda install" in "".join(note.run("%safeconda instal six").error)
    assert note.run("%safeconda install nosuchpackage --no-raise").status == "ok"
    assert "%safeconda install [OPTION" in note.run("%safeconda").stdout


def test_tab(note: Notebook) -> None:
    """Commands, options, their values, and packages."""
    asked: tuple[str, ...] = ("%safeconda remove ipykern", "%safeconda install --freeze", "%safeconda rem")
    asked += (
        "%safeconda sy",
        "%safeconda export --format=con",
        "%safeconda export --format ex",
        "%safeconda sync --pru",
    )
    matches = [note.value(f"get_ipython().complete({each!r})[1]") for each in asked]
    assert matches == [
        ["ipykernel"],
        ["--freeze-installed"],
        ["remove"],
        ["sync"],
        ["--format=conda-lock"],
        ["explicit"],
        ["--prune"],
    ]


def test_the_tours_cells(note: Notebook, tmp_path: Path) -> None:
    """A refused plan and an undo, as the tour shows them in a conda environment."""
    tour = json.loads((ROOT / "examples" / "tour.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in tour["cells"]}
    note.run(f"import tempfile\n%cd -q {ROOT}/examples\nfolder = tempfile.TemporaryDirectory()")
    refused = note.run(cells["conda-refused"])
    assert refused.status == "ok"
    assert "nothing was changed: this kernel runs on `ipykernel`, which would be removed" in refused.result
    followed = note.run(cells["conda-sync"])
    assert "+ teapot=1.0=0" in followed.result, followed
    assert "`tx-" in note.run(cells["conda-undo"]).stdout
    assert note.run(cells["conda-sync"]).status == "ok"
    note.run("followed = None")
    assert note.run(cells["conda-undo"]).stdout == "nothing was changed, so there is nothing to undo\n"
    note.run("%safeconda undo")
