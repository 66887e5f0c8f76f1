"""Files in any state are read without an error."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from ipython_where.facts.files import (
    Content,
    Unreadable,
    list_directory,
    parse_json,
    read_bytes,
    read_file,
    read_text,
    same_file,
)


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
    assert (read_text(path), read_bytes(path), same_file(path, str(tmp_path))) == (None, None, None)
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
    assert same_file(str(tmp_path / "link"), str(tmp_path)) is True
    assert same_file(str(tmp_path / "other"), str(tmp_path)) is False


def test_a_file_with_more_than_a_reader_wants(tmp_path: Path) -> None:
    """Its beginning is not passed off as the whole; one with holes takes no room on the disk."""
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_file(str(file), 4) == Unreadable(reason="it has more than 4 bytes", endless=True)
    assert isinstance(found := read_file(str(file), 5), Content) and found.data == b"12345"
    with file.open("wb") as opened:
        opened.truncate(10_000_000_000)
    assert read_file(str(file)) == Unreadable(reason="it has more than 16,000,000 bytes", endless=True)
    assert (read_bytes(str(file)), read_bytes(str(file), 3)) == (None, b"\0\0\0")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A reader would wait for a FIFO's writer, and never be done with a device."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    reasons = {name: read_file(str(tmp_path / name)) for name in ("fifo", "zero", "socket", ".", "loop", "gone")}
    assert reasons == {
        "fifo": Unreadable(reason="it is a FIFO, not a file", endless=True),
        "zero": Unreadable(reason="it is a device, not a file", endless=True),
        "socket": Unreadable(reason="it is a socket, not a file", endless=False),
        ".": Unreadable(reason="it is a folder, not a file", endless=False),
        "loop": Unreadable(reason="Too many levels of symbolic links", endless=False),
        "gone": None,
    }
    assert [read_bytes(str(tmp_path / name), 1) for name in reasons] == [None] * 6


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_file_that_says_it_is_empty_is_read() -> None:
    assert (read_text("/proc/self/stat") or "").startswith(f"{os.getpid()} (")
    assert len(read_bytes("/proc/self/stat", 3) or b"") == 3
