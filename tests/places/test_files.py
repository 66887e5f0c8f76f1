"""Files in any state are read without an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.places.files import list_directory, parse_json, read_bytes, read_text, same_directory


def test_a_file_that_is_there(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are replaced, and no more is read than was asked for."""
    file = tmp_path / "file"
    file.write_bytes(b"a\xffb\n")
    assert (read_text(str(file)), read_text(str(file), 2)) == ("a\ufffdb\n", "a\ufffd")
    assert (read_bytes(str(file)), read_bytes(str(file), 2)) == (b"a\xffb\n", b"a\xff")
    assert list_directory(str(tmp_path)) == ["file"]


@pytest.mark.parametrize("name", ["gone", "a\0b", "x" * 5000])
def test_a_path_that_leads_nowhere(name: str, tmp_path: Path) -> None:
    """There is nothing to tell of it."""
    path = f"{tmp_path}/{name}"
    assert (read_text(path), read_bytes(path), same_directory(path, str(tmp_path))) == (None, None, None)
    assert list_directory(path) == []


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert (read_text(str(tmp_path)), read_bytes(str(tmp_path))) == (None, None)


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": [1]}', {"a": [1]}), (None, None), ("{", None), ("[" * 100_000, None)], ids=range(4)
)
def test_json_or_nothing(text: str | None, value: object) -> None:
    """What cannot be parsed is None, however deeply it is nested."""
    assert parse_json(text) == value


def test_two_paths_of_one_directory(tmp_path: Path) -> None:
    """A link and what it leads to are one."""
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "other").mkdir()
    assert same_directory(str(tmp_path / "link"), str(tmp_path)) is True
    assert same_directory(str(tmp_path / "other"), str(tmp_path)) is False
