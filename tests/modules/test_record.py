"""One row of a RECORD is found wherever the file is cut into pieces, and only where it is a whole row."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ipython_where.modules.record import read_row


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
    assert read_row(str(tmp_path / "empty"), b"a.py") is None
    with pytest.raises(OSError):
        read_row(str(tmp_path / "gone"), b"a.py")
    with pytest.raises(OSError):
        read_row(os.fspath(tmp_path), b"a.py")
