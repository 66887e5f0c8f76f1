"""What plain numbers decide of conda's version constraints, and what they leave open."""

from __future__ import annotations

import pytest

from ipython_where.judge.conda_versions import meets


@pytest.mark.parametrize(
    ("wanted", "version", "verdict"),
    [
        (">=1.2", "1.10", True),
        (">=1.2,<2.0a0", "1.9.9", True),
        (">=1.2,<2.0a0", "2.1", False),
        ("<2.0a0", "2.0", None),  # letters decide: it is more
        (">=3.11,<3.12.0a0", "3.11.7", True),
        (">=3.11,<3.12.0a0", "3.12.1", False),
        ("1.2.*", "1.2.9", True),
        ("1.2.*", "1.20", False),
        ("1.2*", "1.3", False),
        ("=1.2", "1.2.3", True),
        ("=1.2", "1.3", False),
        ("1.2", "1.2.0", True),
        ("1.2", "1.2.1", False),
        ("==1.2", "1.2", True),
        ("!=1.2", "1.2", False),
        ("!=1.2.*", "1.3", True),
        ("<1|>=2", "2.5", True),
        ("<1|>=2", "1.5", False),
        ("*", "1", True),
        (">=1!2", "1", None),
        ("~=1.2", "1.3", None),
        (">=1.2", "1.2rc1", None),
        (">=2026a", "2026b", None),
        ("^1.2$", "1.2", None),
        ("", "1", None),
        ("5.*", "5post1", None),
    ],
)
def test_a_verdict(wanted: str, version: str, verdict: bool | None) -> None:
    assert meets(wanted, version) is verdict
