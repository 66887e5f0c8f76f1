"""Constraints files that pip and uv read alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.change.request.request import parse_request
from ipython_where.change.request.requirement_files import plain_constraints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# newest\nnumpy<2  # for scipy\n\nscipy==1.16.0 ; python_version >= '3.9'\n",
            ("numpy<2", "scipy==1.16.0 ; python_version >= '3.9'"),
        ),
        ("", ()),
        ("numpy[x]<2\n", None),
        ("numpy @ file:///n.whl\n", None),
        ("./numpy\n", None),
        ("-e ./numpy\n", None),
        ("numpy==1 --hash=sha256:0\n", None),
        ("numpy==${VERSION}\n", None),
        ("-c other.txt\n", None),
        ("--index-url https://h.example\nnumpy<2\n", None),
    ],
)
def test_constraints_that_both_read_alike(tmp_path: Path, text: str, expected: tuple[str, ...] | None) -> None:
    """Names with versions and markers, in one file; anything else is left to pip."""
    (tmp_path / "c.txt").write_text(text)
    (tmp_path / "other.txt").write_text("numpy<2\n")
    request = parse_request(("install", "-c", "c.txt", "numpy"))
    assert plain_constraints(request, str(tmp_path), environ={"VERSION": "1"}) == expected
    assert plain_constraints(parse_request(("install", "numpy")), str(tmp_path)) == ()
    assert plain_constraints(parse_request(("install", "-c", "absent.txt", "numpy")), str(tmp_path)) is None
