"""The examples do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from . import environments

EXAMPLES = environments.ROOT / "examples"


def test_the_bug_report_has_the_environment_and_the_modules_asked_for(tmp_path: Path) -> None:
    """One JSON object to paste."""
    report = json.loads(
        environments.call(sys.executable, EXAMPLES / "bug_report.py", "json", "no_such_module", cwd=tmp_path)
    )
    assert report["environment"]["kernel"]["prefix"] == sys.prefix
    assert [(module["query"], module["found"]) for module in report["modules"]] == [
        ("json", True),
        ("no_such_module", False),
    ]


def test_the_guard_is_silent_where_pip_is_the_kernels(tmp_path: Path) -> None:
    """With this environment first on PATH there is nothing to say."""
    if not (Path(sys.executable).parent / "pip").exists():
        pytest.skip("this environment has no pip")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    assert environments.call(sys.executable, EXAMPLES / "same_environment.py", cwd=tmp_path, PATH=path) == ""


def test_the_guard_stops_where_pip_is_another_environments(tmp_path: Path) -> None:
    """It ends with a failure that names the other pip and its environment."""
    other = environments.kept("with-pip", ["pip"])
    path = os.pathsep.join((str(other / "bin"), os.environ["PATH"]))
    with pytest.raises(AssertionError, match="ended with 1") as failure:
        environments.call(sys.executable, EXAMPLES / "same_environment.py", cwd=tmp_path, PATH=path)
    assert f"`!pip` is {other}/bin/pip, which installs into {other}\n" in str(failure.value)


def test_the_tour_keeps_no_answers() -> None:
    """It is run to be read: what is stored in it would be another machine's."""
    tour = nbformat.read(EXAMPLES / "tour.ipynb", as_version=4)
    assert [cell.id for cell in tour.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)] == []
    assert (tour.nbformat, tour.nbformat_minor) == (4, 5)


@pytest.fixture
def run_tour(tmp_path: Path) -> list[str | Path]:
    """The command that runs a notebook of two cells, the second of which fails."""
    new = nbformat.v4
    cells = [new.new_code_cell("6 * 7", id="fine"), new.new_code_cell("1 / 0", id="broken")]
    nbformat.write(new.new_notebook(cells=cells), tmp_path / "small.ipynb")
    return [sys.executable, EXAMPLES / "run_tour.py", tmp_path / "small.ipynb", tmp_path / "build"]


@pytest.mark.usefixtures("kernel")
def test_a_cell_that_fails_makes_the_tour_fail(run_tour: list[str | Path], tmp_path: Path) -> None:
    """What was answered until then is shown and written, and the exit status is 1; the home directory stays empty."""
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(AssertionError) as failure:
        environments.call(*run_tour, HOME=str(home))
    said = str(failure.value)
    assert "ended with 1" in said
    assert "In [1]: 6 * 7\n42\n" in said
    assert "ZeroDivisionError: division by zero" in said
    assert sorted(path.name for path in (tmp_path / "build").glob("*.html")) == ["small.html"]
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("kernel")
def test_the_tour_shows_what_it_is_doing(tmp_path: Path) -> None:
    """A line before anything is imported, and each cell before it runs: the cell waits until its line was read."""
    new, seen = nbformat.v4, tmp_path / "seen"
    waiting = f"import pathlib\nwhile not pathlib.Path({str(seen)!r}).exists(): pass"
    nbformat.write(new.new_notebook(cells=[new.new_code_cell(waiting, id="waits")]), tmp_path / "small.ipynb")
    line = [sys.executable, str(EXAMPLES / "run_tour.py"), str(tmp_path / "small.ipynb"), str(tmp_path / "build")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as running:
        assert running.stdout is not None
        said = [running.stdout.readline() for _ in range(4)]
        assert said[0] == f"starting a kernel of {sys.prefix} …\n"
        assert said[1:3] == ["\n", "In [1]: import pathlib\n"]
        seen.touch()
        rest = running.stdout.read()
    assert (running.returncode, rest) == (0, f"\n{tmp_path}/build/small.html\n")


@pytest.mark.usefixtures("kernel")
def test_the_page_of_the_tour_follows_light_and_dark(run_tour: list[str | Path], tmp_path: Path) -> None:
    """One page with the colours of both themes; which of them counts, the system says."""
    with pytest.raises(AssertionError):
        environments.call(*run_tour)
    page = (tmp_path / "build/small.html").read_text(encoding="utf-8")
    head, _, dark = page.partition('<style media="(prefers-color-scheme: dark)">')
    colour = re.compile(r"--jp-layout-color0:\s*([^;]+);")
    assert colour.findall(head)[0] != colour.findall(dark.partition("</style>")[0])[0]
    assert 'matchMedia("(prefers-color-scheme: dark)")' in dark
    assert re.findall(r'(?:src|href)="?https?:', page) == []


@pytest.mark.usefixtures("kernel")
def test_a_cell_that_is_to_fail_and_does_not_makes_the_tour_fail(tmp_path: Path) -> None:
    """Else a refusal that the tour promises could go missing without a word."""
    new = nbformat.v4
    tagged = {"tags": ["raises-exception"]}
    cells = [
        new.new_code_cell("1 / 0", metadata=tagged, id="fails"),
        new.new_code_cell("1", metadata=tagged, id="fine"),
    ]
    nbformat.write(new.new_notebook(cells=cells), tmp_path / "small.ipynb")
    with pytest.raises(AssertionError) as failure:
        environments.call(sys.executable, EXAMPLES / "run_tour.py", tmp_path / "small.ipynb", tmp_path / "build")
    assert "In [2]: 1\n1\n\nthis cell was to fail, and did not\n" in str(failure.value)
