"""What Tab offers for a line that is being typed: of which kind, in which order, and how it is spelled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.world import World
from ipython_where.show.notebook.completion import offers_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder beside which a notebook could lie."""
    for name in ("requirements.txt", "dev.in", "pylock.toml", "notes.md", "my needs.txt", ".hidden.txt", "it's.txt"):
        (tmp_path / name).touch()
    for name in ("data", "project", "old project"):
        (tmp_path / name).mkdir()
    (tmp_path / "project/pyproject.toml").touch()
    (tmp_path / "old project/setup.py").touch()
    (tmp_path / "data/more.txt").touch()
    return tmp_path


def offered(line: str, folder: Path, *, pip_is_safepip: bool = False) -> list[tuple[str, str]]:
    """The whole lines that Tab would make of ``line``, with the kinds."""
    here = World.here(namespace={"json": json, "frame": 1, "In": []})
    world = replace(here, system=replace(here.system, cwd=str(folder)), pip_is_safepip=pip_is_safepip)
    found = offers_for(line, lambda: world)
    if found is None:
        return []
    assert line.endswith(found.word)
    return [(line[: len(line) - len(found.word)] + each.text, each.kind) for each in found.found]


def texts(line: str, folder: Path, *, pip_is_safepip: bool = False) -> list[str]:
    """The words that would stand at the end of the line."""
    start = line.rpartition(" ")[0] + " "
    return [each.removeprefix(start) for each, _ in offered(line, folder, pip_is_safepip=pip_is_safepip)]


FILES = ["dev.in", "it\\'s.txt", "my\\ needs.txt", "pylock.toml", "requirements.txt"]


@pytest.mark.parametrize("words", ["install -r", "install --requirement", "install -q -c", "uninstall -r", "sync"])
def test_requirements_come_first_then_folders_then_other_files(words: str, folder: Path) -> None:
    """Hidden ones only after a dot."""
    assert texts(f"%safepip {words} ", folder) == [*FILES, "data/", "old\\ project/", "project/", "notes.md"]
    assert texts(f"%safepip {words} .h", folder) == [".hidden.txt"]


def test_after_e_projects_come_first(folder: Path) -> None:
    """No file is one."""
    assert offered("%safepip install -e ", folder) == [
        ("%safepip install -e old\\ project/", "path"),
        ("%safepip install -e project/", "path"),
        ("%safepip install -e data/", "path"),
    ]
    assert texts("%safepip install ./p", folder) == ["./project/"]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("%safepip install -r data/", "%safepip install -r data/more.txt"),
        ("%safepip install --requirement=re", "%safepip install --requirement=requirements.txt"),
        ("%safepip install -r my", "%safepip install -r my\\ needs.txt"),
        ("%safepip install -r my\\ n", "%safepip install -r my\\ needs.txt"),
        ('%safepip install -r "my n', '%safepip install -r "my needs.txt"'),
        ("%safepip install -e 'ol", "%safepip install -e 'old project/"),
        ("%safepip lock ./py", "%safepip lock ./pylock.toml"),
        ("r = %safepip sync py", "r = %safepip sync pylock.toml"),
        ("%%safepip install -c dev", "%%safepip install -c dev.in"),
    ],
)
def test_a_file_is_spelled_as_the_line_needs_it(line: str, made: str, folder: Path) -> None:
    """A folder stays open for what is in it."""
    assert [each for each, _ in offered(line, folder)] == [made]


@pytest.mark.parametrize("line", ["%safepip ", "%safepip help "])
def test_commands_come_before_their_help(line: str, folder: Path) -> None:
    """What a person wants first."""
    found = offered(line, folder)
    assert (found[0], found[-1]) == ((f"{line}cache", "command"), (f"{line}--help", "option"))


@pytest.mark.parametrize(
    ("line", "word", "kind"),
    [
        ("%safepip un", "uninstall", "command"),
        ("%safepip lo", "lock", "command"),
        ("%safepip help sy", "sync", "command"),
        ("%safepip --help und", "undo", "command"),
        ("%safepip --he", "--help", "option"),
        ("%safepip install --allow-k", "--allow-kernel", "option"),
        ("%safepip install --ser", "--server", "option"),
        ("%safepip list --outd", "--outdated", "option"),
        ("%safepip lock --ye", "--yes", "option"),
        ("%safepip install --with u", "uv", "installer"),
        ("%safepip install --with=p", "--with=pip", "installer"),
        ("%safepip install --upgrade-strategy e", "eager", "value"),
        ("%safepip uninstall ipyke", "ipykernel", "distribution"),
        ("%safepip index v", "versions", "command"),
        ("%where js", "json", "module"),
        ("%where fra", "frame", "instance"),
        ("%where ipython-wh", "ipython-where", "distribution"),
        ("%where --im", "--imported", "option"),
        ("%where --imported --m", "--markdown", "option"),
    ],
)
def test_each_word_has_its_kind(line: str, word: str, kind: str, folder: Path) -> None:
    """A front end shows it beside the word."""
    assert (line.rpartition(" ")[0] + " " + word, kind) in offered(line, folder)


@pytest.mark.parametrize(
    "line",
    [
        "%safepip install -i ht",
        "%safepip install numpy>=",
        "%safepip history j",
        "%safepip sync pylock.toml ",
        "%safepip nonsense re",
        "%safepip install -r nowhere/",
        "%safepip install re\\",
        "%safepip install -r ~\0/",
        "%safepip install -r ~\ud800/",
        "%safepip undo --user ",
        "%where !pip ins",
        "%where --imported js",
        "%whereabouts js",
        "print('%where js",
        "%pip install -r re",
        "x = 10 %safepip install -r re",
        "where js",
    ],
)
def test_nothing_is_offered_where_nothing_fits(line: str, folder: Path) -> None:
    """Then IPython's own completions come."""
    assert offered(line, folder) == []


def test_pip_completes_while_it_is_safepip(folder: Path) -> None:
    """Its commands are pip's, and so are the options of those that it carries out by itself."""
    assert texts("%pip install -r re", folder, pip_is_safepip=True) == ["requirements.txt"]
    assert texts("%pip -q unin", folder, pip_is_safepip=True) == ["uninstall"]
    assert texts("%pip un", folder, pip_is_safepip=True) == ["uninstall"]
    assert texts("%pip install --dry", folder, pip_is_safepip=True) == ["--dry-run"]
    assert texts("%pip list --no-r", folder, pip_is_safepip=True) == []


def test_clients_are_offered_by_their_engines() -> None:
    """As the value of `--on`: what no engine knows is none."""
    made = type("Client", (), {"__module__": "distributed.client"})
    world = World.here(namespace={"cluster": made(), "number": 1})
    found = offers_for("%safepip install six --on c", lambda: world)
    assert found is not None and [(each.text, each.kind) for each in found.found] == [("cluster", "client")]
