"""npm's version ranges: what its documentation says of each form, https://github.com/npm/node-semver#ranges."""

from __future__ import annotations

import pytest

from ipython_where.facts.jupyter.npm_ranges import satisfies


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("1.2.7", "1.2.7", "1.2.8"),
        (">=1.2.7 <1.3.0", "1.2.99", "1.3.0"),
        ("1.2.7 || >=1.2.9 <2.0.0", "1.4.6", "1.2.8"),
        ("1.2.3 - 2.3.4", "2.3.4", "2.3.5"),
        ("1.2.3 - 2.3", "2.3.9", "2.4.0"),
        ("1.2.x", "1.2.9", "1.3.0"),
        ("1.*", "1.9.9", "2.0.0"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1.2", "1.2.0", "1.3.0"),
        ("~1", "1.9.0", "2.0.0"),
        ("~0.11.*", "0.11.7", "0.12.0"),
        ("^1.2.3", "1.9.0", "2.0.0"),
        ("^0.2.3", "0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("^0.12", "0.12.5", "0.13.0"),
        ("^0.0", "0.0.9", "0.1.0"),
        ("^0.x", "0.9.9", "1.0.0"),
        ("> 1", "2.0.0", "1.9.9"),
        ("<=1", "1.9.9", "2.0.0"),
        ("<1", "0.9.9", "1.0.0"),
        ("v1.2.3", "1.2.3", "1.2.2"),
    ],
)
def test_a_range_ends_where_npm_ends_it(wanted: str, inside: str, outside: str) -> None:
    assert (satisfies(inside, wanted), satisfies(outside, wanted)) == (True, False)


@pytest.mark.parametrize("wanted", ["", "*", "x", " || 9"])
def test_what_takes_every_release(wanted: str) -> None:
    assert satisfies("7.0.0", wanted) is True


@pytest.mark.parametrize("version", ["1.2.3-alpha.1", "2.0.0-rc.0"])
def test_a_pre_release_lies_in_no_range_of_releases(version: str) -> None:
    assert satisfies(version, "^1.0.0") is False


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("1.2", "^1"),
        ("junk", "*"),
        ("1.2.3", "latest"),
        ("1.2.3", "^1.2.3-rc.1"),
        ("1.2.3", "1.2.3,2"),
        ("1.0.0", "^1||?"),
    ],
)
def test_what_is_not_understood_is_not_decided(version: str, wanted: str) -> None:
    assert satisfies(version, wanted) is None
