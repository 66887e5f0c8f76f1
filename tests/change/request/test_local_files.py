"""What cannot mean what it says."""

from __future__ import annotations

import pytest

from ipython_where.change.request.cell import beside_notebook
from ipython_where.change.request.local_files import refuse_misread
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError

FILES = ("/nb/requirements.txt", "/nb/./my list.in", "/nb/six")


def refusal(line: str, cwd: str = "/nb") -> list[str]:
    """The error of a line, as it is shown; empty where there is none."""
    try:
        refuse_misread(parse_request(split_line(line)), cwd, FILES.__contains__)
    except UsageError as error:
        return error.lines()
    return []


@pytest.mark.parametrize(
    ("line", "file", "hint"),
    [
        ("install requirements.txt", "requirements.txt", "install -r requirements.txt"),
        ("install six '/nb/./my list.in'", "/nb/./my list.in", 'install -r "/nb/./my list.in"'),
        ("uninstall requirements.txt", "requirements.txt", "uninstall -r requirements.txt"),
    ],
)
def test_a_requirements_file_needs_its_option(line: str, file: str, hint: str) -> None:
    """It is no project's name, and no archive."""
    assert refusal(line) == [
        f"`{file}` is a requirements file: use `-r` to {hint.split()[0]} what it lists",
        "",
        f"hint: `%safepip {hint}`",
    ]


@pytest.mark.parametrize(
    "line", ["install -r requirements.txt", "install none.txt", "install six", "install https://h.example/x.txt"]
)
def test_what_is_meant_as_it_is_typed(line: str) -> None:
    """A file that is not there may be a project's name."""
    assert refusal(line) == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("install ./p[x]", "./p"),
        ("install -e p", "p"),
        ("install six -c c.txt", "c.txt"),
        ("uninstall -r r.txt", "r.txt"),
        ("install --no-index -f wheels six", "wheels"),
        ("sync pylock.toml", "pylock.toml"),
        ("lock", "pylock.toml"),
        ("download six", "."),
    ],
)
def test_a_working_directory_that_was_deleted(line: str, path: str) -> None:
    """Nothing else is taken for it."""
    assert refusal(line, "") == [
        f"`{path}` is relative to the working directory, which was deleted",
        "",
        "hint: `%cd FOLDER` changes to an existing one",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "install six",
        "install /srv/p ~/q -r /srv/r.txt",
        "install -e git+https://h.example/x.git",
        "install -e six@file:///srv/six",
        "lock /srv/pylock.toml",
        "download -d /srv six",
        "list",
        "undo",
    ],
)
def test_what_needs_no_working_directory(line: str) -> None:
    """It works without one."""
    assert refusal(line, "") == []


def test_a_cell_without_a_working_directory() -> None:
    """The files that it names are nowhere."""
    assert beside_notebook("six\n-r /srv/r.txt", "", {}) == "six\n-r /srv/r.txt"
    with pytest.raises(UsageError) as error:
        beside_notebook("-r r.txt", "", {})
    assert error.value.message == "`r.txt` is relative to the working directory, which was deleted"
