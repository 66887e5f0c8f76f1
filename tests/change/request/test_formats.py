"""Files of other tools, given where a requirements file belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.change.request.local_files import refuse_misread
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.pylock import is_lock_name

SYNC = "`%safepip sync {}` makes this environment match it, and removes what it does not list"
UV = "`!uv export --format pylock.toml -o pylock.toml` writes a file that `%safepip sync` accepts"
LOCK = 'lock-version = "1.0"\ncreated-by = "pip"\n[[packages]]\nname = "six"\n'


def refusal(line: str, folder: Path) -> list[str]:
    """The error of a line that is typed in a folder; empty where there is none."""
    try:
        refuse_misread(parse_request(split_line(line)), str(folder))
    except UsageError as error:
        return error.lines()
    return []


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("pylock.toml", "a lock file", SYNC.format("pylock.toml")),
        ("pylock.dev.toml", "a lock file", SYNC.format("pylock.dev.toml")),
        ("uv.lock", "uv's lock file", UV),
        ("poetry.lock", "poetry's lock file", "`!poetry export -o requirements.txt` writes a file that `-r` accepts"),
        ("pdm.lock", "pdm's lock file", "`!pdm export -o requirements.txt` writes a file that `-r` accepts"),
        ("Pipfile", "pipenv's file", "`!pipenv requirements > requirements.txt` writes a file that `-r` accepts"),
        ("Pipfile.lock", "pipenv's file", "`!pipenv requirements > requirements.txt` writes a file that `-r` accepts"),
        ("environment.yml", "conda's file", "`%safeconda sync environment.yml` follows it"),
        ("environment-dev.yaml", "conda's file", "`%safeconda sync environment-dev.yaml` follows it"),
        ("conda-lock.yml", "conda's file", "`%safeconda sync conda-lock.yml` follows it"),
        ("pixi.lock", "pixi's file", "`!pixi install` applies it"),
        ("pyproject.toml", "a project's own file", "`%safepip install .` installs that project"),
        ("setup.py", "a project's own file", "`%safepip install .` installs that project"),
    ],
)
@pytest.mark.parametrize("option", ["-r ", "-c ", ""])
def test_each_is_named_for_what_it_is(tmp_path: Path, name: str, what: str, hint: str, option: str) -> None:
    """With what reads it; with `-r`, with `-c`, or by itself."""
    (tmp_path / name).write_text("")
    more = "six " if option == "-c " else ""
    said = refusal(f"install {more}{option}{name}", tmp_path)
    assert said == [f"`{name}` is {what}, not a requirements file", "", f"hint: {hint}"]


def test_a_lock_by_another_name(tmp_path: Path) -> None:
    """Its first lines tell."""
    (tmp_path / "my locked.txt").write_text(LOCK)
    said = refusal("install -r 'my locked.txt'", tmp_path)
    assert said[0] == "`my locked.txt` is a lock file, not a requirements file"
    (tmp_path / "requirements.txt").write_text("# lock-version = 1\nsix\n")
    assert refusal("install -r requirements.txt", tmp_path) == []


def test_the_folder_of_a_project(tmp_path: Path) -> None:
    """The line means the folder that the file is in."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text("")
    said = refusal("install -r sub/pyproject.toml", tmp_path)
    assert said[-1] == "hint: `%safepip install sub/` installs that project"


def test_what_sync_takes_is_left_to_it(tmp_path: Path) -> None:
    """Every name by which a lock is known."""
    for name in ("pylock.toml", "pylock.x.toml"):
        (tmp_path / name).write_text(LOCK)
        assert is_lock_name(name)
        assert refusal(f"sync {name}", tmp_path) == []
        assert refusal(f"install -r {name}", tmp_path) != []


@pytest.mark.parametrize("line", ["install -r pylock.toml", "install uv.lock", "install -r https://h.example/uv.lock"])
def test_what_is_not_there_is_left_to_the_installer(tmp_path: Path, line: str) -> None:
    """A name may be a project's; a URL is not looked at."""
    assert refusal(line, tmp_path) == []
