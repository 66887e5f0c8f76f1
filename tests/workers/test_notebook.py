"""The notebook `examples/workers.ipynb` does what it says, on a cluster that it starts itself."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests import environments

from .clusters import libraries

EXAMPLES = environments.ROOT / "examples"
NOTEBOOK = EXAMPLES / "workers.ipynb"

pytestmark = pytest.mark.usefixtures("kernel", "installer", "workers")


def test_it_keeps_no_answers() -> None:
    """It is run to be read: what is stored in it would be another machine's."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert [each.id for each in notebook.cells if each.cell_type == "code" and each.outputs] == []


def test_a_mismatch_an_install_and_the_undo(tmp_path: Path) -> None:
    """What it shows, in the order of the notebook."""
    prefix = tmp_path / "kernel"
    environments.make_in(
        prefix, [*libraries("ipyparallel"), "pip", "ipykernel", "nbclient", "nbconvert", "-e", "."], compiled=True
    )
    shown = environments.call(prefix / "bin" / "python", EXAMPLES / "run_tour.py", NOTEBOOK, tmp_path / "build")
    cells = re.split(r"(?m)^In \[\d+\]: ", re.sub(r"\x1b\[[\d;]*m", "", shown))
    answers = {each.partition("\n")[0]: each.partition("\n")[2] for each in cells}
    assert "tea 1.0" in answers["%where tea --on client"]
    assert "tea 1.1" in answers["%where tea --on client"]
    assert "`%where scone --on client`" in answers['client[:].apply_sync(lambda: __import__("scone"))']
    install = next(each for line, each in answers.items() if line.endswith("--and-here"))
    assert "installed in 2 environments, for 4 workers" in install
    refused = next(each for line, each in answers.items() if "tea>=2" in line)
    assert "nothing was changed anywhere" in refused
    assert "was undone in 2 environments" in answers["%safepip undo --on client"]
    assert "scone 1.0" not in answers["%where scone --on client"]  # the last time that it is asked
