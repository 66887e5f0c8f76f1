"""What tells quickly that there is no part for a Jupyter server, against what tells exactly which there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.answer.front_end import ask_front_end
from ipython_where.answer.parts import may_have_parts
from ipython_where.answer.world import World

from .test_front_end import extended
from .test_name import install, world, write  # noqa: F401, the fixture


@pytest.fixture
def site(world: World, tmp_path: Path) -> Path:  # noqa: F811
    """A site-packages with a widget that has a part, and with ipywidgets, so that parts are looked for."""
    site = tmp_path / "site"
    install(site, "ipywidgets", "8.0", "ipywidgets.py")
    extended(site, install(site, "widget", "1.0", "widget.py"), "js-widget", "1.0.0")
    return site


@pytest.mark.parametrize(
    ("requirement", "may", "has"),
    [
        ("widget", True, True),
        ("Widget (>=0.1)", True, True),
        ("widget>=1; python_version >= '3'", True, True),
        ("widget; python_version < '3'", True, False),  # markers are left to what tells exactly
        ("widget; extra == 'lab'", False, False),
        ("widget; python_version >= '3' and extra == 'lab'", False, False),
        ("widget; python_version >= '3' or extra == 'lab'", True, True),
        ("widget; extra == 'lab' or python_version >= '3'", True, True),
        ("widget @ file:///widget.whl", True, True),
        ("between", True, True),
        ("between[more]", True, True),
        ("between[lab]", True, True),
        ("gone", False, False),
        ("not a requirement at all !!", False, False),
    ],
)
def test_it_finds_whatever_there_is(world: World, site: Path, requirement: str, may: bool, has: bool) -> None:  # noqa: F811
    """It may say yes for nothing; it never says no where there is one."""
    install(site, "between", "1.0", "between.py", requires=("widget",))
    asked = install(site, "asked", "1.0", "asked.py", requires=("other", requirement))
    install(site, "other", "1.0", "other.py", requires=("asked",))
    assert (may_have_parts(str(asked), world), bool(ask_front_end(str(asked), world)[0])) == (may, has)


def test_extras_of_what_is_required(world: World, site: Path) -> None:  # noqa: F811
    """Followed where a requirement names any."""
    install(site, "between", "1.0", "between.py", requires=("widget; extra == 'lab'",))
    with_extra = install(site, "with_extra", "1.0", "with_extra.py", requires=("between[lab]",))
    without = install(site, "without", "1.0", "without.py", requires=("between",))
    assert [may_have_parts(str(each), world) for each in (with_extra, without)] == [True, False]
    assert [bool(ask_front_end(str(each), world)[0]) for each in (with_extra, without)] == [True, False]
