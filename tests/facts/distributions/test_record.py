"""One row of a RECORD is found wherever the file is cut into pieces, and only where it is a whole row."""

from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.facts.distributions.record import (
    UnreadableRecord,
    find_row,
    first_part,
    first_parts,
    plain,
    read_row,
)
from tests.recorded import files_of, recorded


def record(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "RECORD"
    file.write_bytes(content)
    return str(file)


@pytest.mark.parametrize("before", [0, 1, 8_170, 8_171, 8_180, 8_191, 8_192, 8_193, 50_000])
@pytest.mark.parametrize("after", [b"", b"\n", b"\nlast.py,,\n" * 2_000])
def test_a_row_is_found_at_every_place(tmp_path: Path, before: int, after: bytes) -> None:
    """Also where one piece ends within it, and where the file ends without a line break."""
    others = (b"x" * (before - 3) + b",,\n")[-before:] if before else b""
    file = record(tmp_path, others + b"a/__init__.py,sha256=abc,12" + after)
    assert read_row(file, b"a/__init__.py") == b"sha256=abc,12"


def test_a_row_longer_than_a_piece_is_whole(tmp_path: Path) -> None:
    assert read_row(record(tmp_path, b"a.py," + b"h" * 20_000 + b",1\nb.py,,2\n"), b"a.py") == b"h" * 20_000 + b",1"


def test_only_a_whole_path_counts(tmp_path: Path) -> None:
    """Not the end of another path, not its beginning, not a hash that resembles one."""
    file = record(tmp_path, b"other/a.py,,1\na.pyc,,1\nb.py,a.py,1\na.py")
    assert read_row(file, b"a.py") is None


def test_a_path_with_a_comma_is_quoted_or_not(tmp_path: Path) -> None:
    """RECORD is CSV, and some that wrote it did not know."""
    assert read_row(record(tmp_path, b'"a,b ""c"".py",sha,1\n'), b'a,b "c".py') == b"sha,1"
    assert read_row(record(tmp_path, b"a,b.py,sha,1\n"), b"a,b.py") == b"sha,1"


def test_a_file_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(UnreadableRecord):
        read_row(str(tmp_path / "empty"), b"a.py")
    with pytest.raises(OSError):
        read_row(str(tmp_path / "gone"), b"a.py")
    with pytest.raises(OSError):
        read_row(os.fspath(tmp_path), b"a.py")


SPELLINGS = {
    "quotes": b'"pkg/__init__.py","sha256=abc","12"\n"pkg/a.py","sha256=def","3"\n',
    "a dot": b"./pkg/__init__.py,sha256=abc,12\n./pkg/a.py,sha256=def,3\n",
    "backslashes": b"pkg\\__init__.py,sha256=abc,12\npkg\\a.py,sha256=def,3\n",
    "a mark": b"\xef\xbb\xbfpkg/__init__.py,sha256=abc,12\npkg/a.py,sha256=def,3\n",
    "absolute": b"/env/site/pkg/__init__.py,sha256=abc,12\n/env/site/pkg/a.py,sha256=def,3\n",
    "lines of Windows": b"pkg/__init__.py,sha256=abc,12\r\npkg/a.py,sha256=def,3\r\n",
    "lines of old Macs": b"pkg/__init__.py,sha256=abc,12\rpkg/a.py,sha256=def,3\r",
    "a detour": b"pkg/../pkg/__init__.py,sha256=abc,12\npkg/./a.py,sha256=def,3\n",
    "two slashes": b"pkg//__init__.py,sha256=abc,12\npkg//a.py,sha256=def,3\n",
    "a way round": b"../site/pkg/__init__.py,sha256=abc,12\n../site/pkg/a.py,sha256=def,3\n",
    "quotes and all": b'\xef\xbb\xbf".\\pkg\\__init__.py","sha256=abc","12"\r\n".\\pkg\\a.py","sha256=def",3\r\n',
}


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=SPELLINGS)
def test_a_row_is_found_in_any_spelling(tmp_path: Path, content: bytes) -> None:
    """PEP 376 leaves writers much; all of these mean the same two files."""
    site = tmp_path / "env" / "site"
    (site / "x.dist-info").mkdir(parents=True)
    content = content.replace(b"/env/site", os.fsencode(site))
    (site / "x.dist-info" / "RECORD").write_bytes(content)
    for path, row in ((b"pkg/__init__.py", b"sha256=abc,12"), (b"pkg/a.py", b"sha256=def,3")):
        found = read_row(str(site / "x.dist-info" / "RECORD"), path)
        assert found is not None and found.strip() == row
        again = find_row(content, path, str(site))
        assert again is not None and again.strip() == row
    for path in (b"pkg/b.py", b"a.py", b"__init__.py", b"env/site/pkg/a.py"):
        assert find_row(content, path, str(site)) is None


@pytest.mark.parametrize("content", SPELLINGS.values(), ids=SPELLINGS)
def test_a_record_is_spelled_plainly_as_importlib_metadata_reads_it(tmp_path: Path, content: bytes) -> None:
    """The standard library takes away quotes alone: its paths, resolved, are the ones of the plain spelling."""
    site = tmp_path / "env" / "site"
    (site / "x-1.dist-info").mkdir(parents=True)
    content = content.replace(b"/env/site", os.fsencode(site))
    (site / "x-1.dist-info" / "RECORD").write_bytes(content)
    (site / "x-1.dist-info" / "METADATA").write_text("Name: x\nVersion: 1\n")
    for file in ("__init__.py", "a.py"):
        (site / "pkg").mkdir(exist_ok=True)
        (site / "pkg" / file).touch()
    found = plain(content, str(site)).decode()
    paths = [line.partition(",")[0] for line in found.split()]
    assert paths == ["pkg/__init__.py", "pkg/a.py"]
    assert {os.path.normpath(site / path) for path in paths} == {str(site / "pkg/__init__.py"), str(site / "pkg/a.py")}
    (x,) = recorded(site)
    if b"\\" not in content and b"\xef" not in content:  # which it takes for letters of the names
        assert {os.path.normpath(each) for each in files_of(x)} == {os.path.normpath(site / path) for path in paths}


def test_a_letter_with_an_accent_is_the_same_in_one_character_or_two() -> None:
    one, two = (unicodedata.normalize(form, "caf\xe9.py").encode() for form in ("NFC", "NFD"))
    assert one != two
    assert find_row(two + b",sha,1\n", one, "/site") == b"sha,1"
    assert find_row(one + b",sha,1\n", two, "/site") == b"sha,1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it lists no files"),
        (b"\n\n", "it lists no files"),
        (b"pkg/__init__.py\n", "it lists no files"),
        (b"pkg/\0.py,,\n", "it is not UTF-8 text"),
        ("pkg/a.py,,\n".encode("utf-16"), "it is not UTF-8 text"),
        (b'"pkg/b.py,,\n', "unexpected end of data"),
    ],
)
def test_what_is_no_list_says_so(content: bytes, reason: str) -> None:
    """Then nobody can say what is not in it: no CSV, other letters, nothing at all."""
    with pytest.raises(UnreadableRecord, match=f"^{reason}$"):
        find_row(content, b"pkg/a.py", "/site")


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    """Another user may have put a pipe there, which would never end."""
    os.mkfifo(tmp_path / "RECORD")
    with pytest.raises(OSError, match="it is not a regular file"):
        read_row(str(tmp_path / "RECORD"), b"a.py")


def test_names_that_are_no_text_and_commas_that_nobody_quoted_are_kept() -> None:
    """A file system takes any bytes; a row of two cells has a path and a hash."""
    odd = b'"pkg/\xff.py",sha,1\n./pkg/a,b.py,sha,2\npkg/c.py,sha\n'
    assert plain(odd, "/site") == b'pkg/\xff.py,sha,1\n"pkg/a,b.py",sha,2\npkg/c.py,sha\n'
    assert plain(b"pkg/./a.py,,\npkg/../b.py,,\n../../x,,\n", "/env/lib/site") == b"pkg/a.py,,\nb.py,,\n../../x,,\n"


def test_a_plain_record_is_left_as_it_is() -> None:
    content = b"pkg/__init__.py,sha256=abc,12\n../../../bin/pkg,,\npkg/.hidden,,\npkg/a..b.py,,\n"
    assert plain(content, "/site") is content


def test_a_record_of_pip_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip ends each row with CRLF: parsing numpy's would take four times as long as the rest of an answer."""
    monkeypatch.setitem(sys.modules, "csv", None)
    content = b"../../../bin/pkg,,\npkg/__init__.py,sha256=abc,12\npkg/a..b.py,,\n"
    assert plain(content.replace(b"\n", b"\r\n"), "/site") == content


_LINE = st.lists(st.sampled_from(["a", "b", "..", ".", "", "a.py", "b,"]), min_size=1, max_size=3).map("/".join)


@given(st.lists(_LINE, max_size=12), st.sampled_from(["", "\n"]))
def test_first_parts_are_those_of_each_line(lines: list[str], end: str) -> None:
    """Whatever the order of the lines, though only those of a sorted RECORD can be skipped."""
    content = ("\n".join(f"{line},," for line in lines) + end).encode()
    parts: dict[bytes, int] = {}
    at = 0
    for line in content.split(b"\n"):
        parts.setdefault(first_part(line), at)
        at += len(line) + 1
    assert first_parts(content) == parts


def test_a_comma_without_quotes_belongs_to_the_path_in_lines_of_windows() -> None:
    assert plain(b"pkg/a,b.py,sha256=abc,12\r\n", "/site") == b'"pkg/a,b.py",sha256=abc,12\n'
