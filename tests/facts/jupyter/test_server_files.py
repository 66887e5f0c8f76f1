"""The files that running servers leave are read, and nothing in them is believed that is not well formed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.jupyter.server_files import ServerFile, read_server_files

from .servers import TOKEN, write_file


def read(runtime: Path, **environ: str) -> list[ServerFile]:
    return read_server_files(str(runtime / "kernel-x.json"), {"HOME": str(runtime)} | environ)


def test_what_a_server_file_says(tmp_path: Path) -> None:
    """The URL is made of checked parts, without the user and the token of the one in the file; `repr` hides the token."""
    write_file(tmp_path, port=8888, hostname="0.0.0.0", base_url="/user/ada", secure=True)
    (file,) = read(tmp_path)
    assert file == ServerFile(
        pid=os.getpid(),
        port=8888,
        host="localhost",
        secure=True,
        base_url="/user/ada/",
        token=TOKEN,
        sock=None,
        version="2.0",
    )
    assert file.url == "https://localhost:8888/user/ada/"
    assert TOKEN not in repr(file)


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        ({"hostname": "::1", "port": 8889}, "http://[::1]:8889/"),
        ({"hostname": "::", "port": 8889}, "http://localhost:8889/"),
        ({"hostname": "", "port": 8889, "base_url": None}, "http://localhost:8889/"),
        ({"port": 0, "sock": "/run/jupyter/a"}, "http+unix://%2Frun%2Fjupyter%2Fa/"),
    ],
)
def test_the_address_as_a_person_would_open_it(keys: dict[str, Any], url: str, tmp_path: Path) -> None:
    """IPv6 in brackets, a wildcard as `localhost`, a Unix socket in Jupyter's own spelling."""
    write_file(tmp_path, **keys)
    assert [file.url for file in read(tmp_path)] == [url]


def test_beside_the_connection_file_and_in_the_runtime_directory(tmp_path: Path) -> None:
    """Both are looked into, and of two files for one process the one beside the kernel's counts."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    write_file(here, pid=1, port=1001)
    write_file(there, pid=1, port=9999)
    write_file(there, pid=2, port=1002).rename(there / "nbserver-2.json")  # Notebook before 7
    assert [(f.pid, f.port) for f in read(here, JUPYTER_RUNTIME_DIR=str(there))] == [(1, 1001), (2, 1002)]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"pid": "1", "port": 1}',
        '{"pid": 1, "port": 99999}',
        '{"pid": -1, "port": 1}',
        '{"pid": true, "port": 1}',
        '{"pid": 1, "port": 1, "hostname": "me:pw@host"}',
        '{"pid": 1, "port": 1, "hostname": ["a"]}',
        '{"pid": 1, "port": 1, "base_url": "/?token=x"}',
        '{"pid": 1, "port": 1, "base_url": "/ HTTP/1.1\\r\\nX: y"}',
        "\udcff",
    ],
    ids=str,
)
def test_a_broken_server_file_is_passed_over(content: str, tmp_path: Path) -> None:
    """A damaged file in the runtime directory costs nothing but itself, and the next one is read."""
    (tmp_path / "jpserver-1.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    (tmp_path / "jpserver-2.json").mkdir()
    write_file(tmp_path, pid=3, port=8888)
    assert [file.pid for file in read(tmp_path)] == [3]
