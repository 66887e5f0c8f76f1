"""The entry of a change in conda's history: what conda's own reader finds in it (compared by hand with its `History`)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from ipython_where.change.conda.conda_history import entry
from ipython_where.change.conda.conda_plan import CondaDifference
from ipython_where.facts.conda.history import CondaRevision, parse_history

from .test_conda_plan import package

WHEN = 1_767_225_600.0
DATE = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(WHEN))
NOTHING = CondaDifference(out={}, brought={})


def written(different: CondaDifference = NOTHING, *, wishes: Sequence[str] = (), removed: Sequence[str] = ()) -> str:
    return entry("%safeconda install x", different, wishes=wishes, removed=removed, when=WHEN)


def test_the_lines_of_a_change() -> None:
    """The old packages first, each by name, then the new ones; a replaced one in both."""
    different = CondaDifference(
        out={"six": package("six-1.16-0"), "gone": package("gone-1-0")},
        brought={"six": package("six-1.17-0"), "come": package("come-2-py_0")},
    )
    assert written(different, wishes=("six>=1.17", "come"), removed=("gone",)) == (
        f"==> {DATE} <==\n"
        "# cmd: %safeconda install x\n"
        "-conda-forge/linux-64::gone-1-0\n"
        "-conda-forge/linux-64::six-1.16-0\n"
        "+conda-forge/linux-64::come-2-py_0\n"
        "+conda-forge/linux-64::six-1.17-0\n"
        "# update specs: ['six>=1.17', 'come']\n"
        "# remove specs: ['gone']\n"
    )


def test_it_is_read_back() -> None:
    """The wishes of before stay, the new ones come, those of removed packages go."""
    before = "==> 2026-01-01 12:00:00 <==\n# cmd: conda create\n# update specs: ['python=3.12', 'gone', 'six']\n"
    first = written(CondaDifference(out={}, brought={"six": package("six-1.17-0")}), wishes=("six>=1.17",))
    then = written(CondaDifference(out={"gone": package("gone-1-0")}, brought={}), removed=("gone",))
    history = parse_history(before + first + then)
    assert history.asked == {"python": "python=3.12", "six": "six>=1.17"}
    assert history.revisions[1] == CondaRevision(
        date=DATE,
        command="%safeconda install x",
        conda_version=None,
        added=("conda-forge/linux-64::six-1.17-0",),
        removed=(),
        specs={"asked": ("six>=1.17",)},
    )
    assert history.revisions[2].removed == ("conda-forge/linux-64::gone-1-0",)


@pytest.mark.parametrize(
    "spec",
    [
        "numpy >=2,<3",
        "numpy[version='>=2',build=\"py*\"]",
        "conda-forge::numpy=2.1=py312*",
        "it's",
        'a"b',
        "a'b\"c",
        "back\\slash",
        "ünïcode",
        "#hash",
    ],
)
def test_a_spec_survives(spec: str) -> None:
    """Quotes, brackets and backslashes: it is a Python literal, on one line."""
    text = written(wishes=(spec, "six"))
    assert parse_history(text).revisions[0].specs == {"asked": (spec, "six")}
    assert len(text.splitlines()) == 3


def test_a_change_without_a_wish_has_no_line_for_one() -> None:
    """Such as an update of everything: what was asked for before stays asked for."""
    text = written(CondaDifference(out={}, brought={"six": package("six-1.17-0")}))
    assert "specs" not in text
    before = "==> 2026-01-01 12:00:00 <==\n# cmd: conda create\n# update specs: ['six']\n"
    assert parse_history(before + text).asked == {"six": "six"}


def test_a_channel_of_ones_own_is_written_by_its_address() -> None:
    """As conda does with one that has no name."""
    from dataclasses import replace

    six = replace(package("six-1-0"), channel="https://conda.example/chan", subdir="noarch")
    text = written(CondaDifference(out={}, brought={"six": six}))
    assert "+https://conda.example/chan/noarch::six-1-0\n" in text
