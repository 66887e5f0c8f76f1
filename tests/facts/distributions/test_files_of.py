"""What a distribution lists, from whatever holds its list; None where it holds none."""

from __future__ import annotations

import pytest

from ipython_where.facts.distributions.files_of import files_of, lists

METADATA = "/site/x-1.dist-info"


@pytest.mark.parametrize(
    ("held", "files", "listed"),
    [
        ({"RECORD": b"a.py,,\n"}, b"a.py,,\n", True),
        ({"RECORD": b'"a.py",,\n', "installed-files.txt": b"../b.py\n"}, b"a.py,,\n", True),
        ({"RECORD": b"b.py,,\n", "top_level.txt": b"a\n"}, b"b.py,,\n", False),
        ({"RECORD": b""}, None, None),
        ({"RECORD": b'"a.py,,\n'}, None, None),
        ({"RECORD": b"\0,,\nb.py,,\n"}, None, None),
        ({"installed-files.txt": b"../a.py\n./PKG-INFO\n"}, b"a.py,,\nx-1.dist-info/PKG-INFO,,", True),
        ({"top_level.txt": b"a\nb\n"}, None, True),
        ({"top_level.txt": b"b\n"}, None, False),
        ({"top_level.txt": b"a\n", "namespace_packages.txt": b"a\n"}, None, False),
        ({}, None, None),
    ],
)
def test_what_it_lists(held: dict[str, bytes], files: bytes | None, listed: bool | None) -> None:
    def read(metadata: str, name: str) -> bytes | None:
        assert metadata == METADATA
        return held.get(name)

    assert (files_of(METADATA, read), lists(METADATA, b"a.py", read)) == (files, listed)
