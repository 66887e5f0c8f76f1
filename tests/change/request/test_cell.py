"""What a cell with the lines of a requirements file names."""

from __future__ import annotations

import pytest

from ipython_where.change.request.cell import beside_notebook

FILES = ("/nb/my list.txt",)


def written(cell: str, cwd: str = "/nb") -> str:
    """The text of a cell as it is written."""
    return beside_notebook(cell, cwd, {"FOLDER": "sub", "ELSEWHERE": "/srv"}, FILES.__contains__)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-r requirements.txt", "-r /nb/requirements.txt"),
        ("-rsub/a.txt  # why", "-r/nb/sub/a.txt  # why"),
        ("  --requirement=../a.txt", "  --requirement=/a.txt"),
        ("--requirement a.txt", "--requirement /nb/a.txt"),
        ("--cons c.txt", "--cons /nb/c.txt"),
        ("-c c.txt\r", "-c /nb/c.txt\r"),
        ("-c \\\n  c.txt", "-c \\\n  /nb/c.txt"),
        ("-r 'a b #1.txt'", "-r file:///nb/a%20b%20%231.txt"),
        ('-r "a.txt" # "', '-r /nb/a.txt # "'),
        ("-r a\\ b.txt", "-r file:///nb/a%20b.txt"),
        ("-r my list.txt", "-r file:///nb/my%20list.txt"),
        ("-r a.txt --pre", "-r /nb/a.txt --pre"),
        ("-r ${FOLDER}/a.txt", "-r /nb/sub/a.txt"),
        ("-r ${ELSEWHERE}/a.txt", "-r /srv/a.txt"),
        ("-r /srv/a.txt", "-r /srv/a.txt"),
    ],
)
def test_files_are_beside_the_notebook(line: str, expected: str) -> None:
    """However a line names them."""
    assert written(f"six\n{line}\nnumpy") == f"six\n{expected}\nnumpy"


@pytest.mark.parametrize(
    "line",
    [
        "-r https://h.example/a.txt",
        "-c file:///srv/c.txt",
        "--require-hashes",
        "--config-settings a=b",
        "-e ./proj",
        "./x.whl",
        "# -r a.txt",
        "-r",
        "-f wheels",
        "six --config-settings -r",
    ],
)
def test_every_other_line_stays(line: str) -> None:
    """As it was typed."""
    for cell in (line, f"{line}\n", f"six\r\n{line}\r\n\r\n"):
        assert written(cell) == cell


def test_any_name_of_the_notebooks_folder() -> None:
    """A blank or a `#` in it ends nothing."""
    assert written("-r a.txt", "/C#/w ü") == "-r file:///C%23/w%20%C3%BC/a.txt"
