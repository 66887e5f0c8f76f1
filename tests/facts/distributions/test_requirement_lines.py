"""Requirements files are read as pip reads them: by its own reader, for whatever their lines are put together of."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pip._internal.exceptions import InstallationError
from pip._internal.network.session import PipSession
from pip._internal.req.req_file import RequirementsFileParser, get_line_parser

from ipython_where.change.request.request import parse_request
from ipython_where.change.request.requirement_files import (
    editables_of,
    hashes_of_files,
    wanted_lines,
    with_files_taken_in,
)
from ipython_where.change.request.safepip_line import split_line
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.requirement_lines import RequirementLine, lines_of, read_requirements

ENVIRON = {"INNER": "inner", "EMPTY": "", "GIT": "git+https://h.example/x.git#egg=x"}
PIECES = (
    *("six", "six>=1", "a[x,y] >= 1 ; python_version < '3.12'", "b @ https://h.example/b.zip#sha256=0", "./local path"),
    *("-e ./p", "-e ${GIT}", "-e 'x @ git+file:///x'", "--editable=./q", "--edit ./r", "--pre", "--pre -e ./s"),
    *("-r inner.txt", "-r 'in ner.txt'", '-r "inner.txt"', "--requirement=${INNER}.txt", "-r in\\ ner.txt --pre"),
    *("--pre -r inner.txt", "-c inner.txt", "--constraint inner.txt", "-r ${EMPTY}inner.txt"),
    *(
        "# comment",
        "# comment \\",
        "six # comment",
        "six#no-comment",
        "  # more",
        "\\",
        "six \\",
        "--hash=sha256:00 \\",
    ),
    *("six --hash=sha256:00 --hash sha256:11", "-i https://h.example", "--index https://h.example", "-f links"),
    *("--no-index", "--trusted-host h", "--no-binary :all:", "six --config-settings a=b", "", "   ", "--prefer-binary"),
    *(
        "six --pre",
        "é==1",
        "-e ./t --config-settings a=b",
        "-r nested.txt",
        "-c asking.txt",
        "six -r inner.txt",
        "six -e ./u",
        "- six",
        "--no-such",
    ),
)


def of_pip(path: Path) -> list[tuple[str, bool, bool]] | None:
    """What each line of a file asks for: the text, whether it is editable, whether in constraints. None: it is refused."""
    parser = RequirementsFileParser(PipSession(), get_line_parser(None))
    try:
        lines = list(parser.parse(str(path), False))
    except InstallationError:
        return None
    return [(each.requirement, each.is_editable, each.constraint) for each in lines if each.requirement is not None]


def of_ours(path: Path, environ: Mapping[str, str]) -> list[tuple[str, bool, bool]] | None:
    """The same, of our reader."""
    lines = list(lines_of(str(path), read_requirements, environ))
    if any(line.unread for line in lines):
        return None
    wanted = ((line, line.editable or line.requirement) for line in lines)
    return [(each, line.editable is not None, line.is_constraint) for line, each in wanted if each is not None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files to include, and variables that they may name."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "inner.txt").write_text("inner-one\n-e ./inner\n")
    (tmp_path / "in ner.txt").write_text("inner-two\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "asking.txt").write_text("-r inner.txt\nconstrained\n")
    (tmp_path / "nested.txt").write_text("-r sub/deeper.txt\n")
    (tmp_path / "sub" / "deeper.txt").write_text("deeper\n-c ../inner.txt\n")
    return tmp_path


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_as_pip_reads_them(folder: Path, pieces: list[str], end: str) -> None:
    """Whatever the lines are, and however they end."""
    path = folder / "r.txt"
    path.write_bytes(end.join(pieces).encode())
    assert of_ours(path, ENVIRON) == of_pip(path)


@pytest.mark.parametrize("piece", PIECES)
def test_each_line_by_itself(folder: Path, piece: str) -> None:
    """The same, so that each is tried."""
    path = folder / "r.txt"
    path.write_text(piece)
    assert of_ours(path, ENVIRON) == of_pip(path)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + "é==1\n".encode(),
        "é==1\n".encode("utf-16"),
        "é==1\n".encode("utf-32"),
        codecs.BOM_UTF16_BE + "é==1\n".encode("utf-16-be"),
        "# -*- coding: latin-1 -*-\né==1\n".encode("latin-1"),
        "#!x\n# vim: set fileencoding=latin-1 :\né==1\n".encode("latin-1"),
    ],
)
def test_encodings(folder: Path, content: bytes) -> None:
    """A byte order mark, and a comment that names it."""
    path = folder / "r.txt"
    path.write_bytes(content)
    assert of_ours(path, ENVIRON) == of_pip(path) == [("é==1", False, False)]


@pytest.mark.parametrize("line", ["-r r.txt", "-r ./r.txt", "-c sub/../r.txt", "-r sub/back.txt"])
def test_a_file_that_includes_itself_is_read_once(folder: Path, line: str) -> None:
    """However it spells that; each round would make the path longer."""
    (folder / "sub" / "back.txt").write_text("-r ../r.txt\n")
    path = folder / "r.txt"
    path.write_text(f"six\n{line}\n")
    assert [each.requirement for each in lines_of(str(path), read_requirements, {})] == ["six", None]
    assert of_ours(path, ENVIRON) is None


@pytest.mark.parametrize("content", [b"\xe9==1\n", b"# coding: nonsense\nsix\n", b"\x00\xff\xfe"])
def test_what_is_no_text_is_not_read(tmp_path: Path, content: bytes) -> None:
    """It is left to the installer, and nothing is proven by it."""
    path = tmp_path / "r.txt"
    path.write_bytes(content)
    assert list(lines_of(str(path), read_requirements, {})) == [RequirementLine(folder=str(tmp_path), unread=str(path))]
    with pytest.raises(UsageError, match="cannot be read here, so what it requires is unknown"):
        list(wanted_lines(str(path)))


def test_a_file_by_its_url(folder: Path) -> None:
    """One of this machine is read, one elsewhere is not: then nothing is known to be unwanted."""
    path = folder / "r.txt"
    path.write_text(f"-r {(folder / 'in ner.txt').as_uri()}\n")
    assert list(wanted_lines(str(path))) == ["inner-two"]
    path.write_text("-r https://me:secret@h.example/r.txt\n")
    with pytest.raises(UsageError) as caught:
        list(wanted_lines(str(path)))
    assert caught.value.lines()[0] == (
        f"nothing was changed: `https://****@h.example/r.txt` in `{path}` cannot be read here, so what it requires is unknown"
    )
    path.write_text("-c https://h.example/c.txt\nsix\n")
    assert list(wanted_lines(str(path))) == ["six"]


def test_what_else_the_lines_hold(folder: Path) -> None:
    """Options for all, hashes, and editables, in files that are named too."""
    (folder / "r.txt").write_text(
        "--index https://h.example --no-index\n-f 'in ner.txt'\nsix==1 --hash=sha256:00 \\\n  --hash sha256:11\n"
        "--pre -e ${GIT}\n-r 'in ner.txt'\n"
    )
    asked = parse_request(split_line("install -r r.txt -e ./mine"))
    taken = with_files_taken_in(asked, str(folder), environ=ENVIRON)
    assert taken.requirement_files == ("r.txt",)
    assert (taken.index_url, taken.no_index, taken.pre) == ("https://h.example", True, False)
    assert taken.find_links == (os.path.join(folder, "in ner.txt"),)
    assert hashes_of_files(asked, str(folder)) == {"six": ("sha256:00", "sha256:11")}
    assert editables_of(asked, str(folder), environ=ENVIRON) == ("./mine", ENVIRON["GIT"])
