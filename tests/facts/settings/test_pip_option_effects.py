"""What a setting of pip's can change, under any of its names."""

from __future__ import annotations

import pytest

from ipython_where.facts.settings.pip_option_effects import Effect, effect_of, pip_key
from ipython_where.model import Setting


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("--index-url=https://h.example/?a=b", "index-url"),
        ("--no-index", "no-index"),
        ("PIP_EXTRA_INDEX_URL", "extra-index-url"),
        ("PIP_TARGET", "target"),
        ("global.index-url", "index-url"),
        ("install.no.such", "no.such"),
        ("download.dest", None),
        ("global", None),
        ("UV_INDEX_URL", None),
    ],
)
def test_a_setting_has_the_name_of_its_option(name: str, key: str | None) -> None:
    """A variable, a key of a file and an option; sections of other commands say nothing of an install."""
    assert pip_key(name) == key


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("--extra-index-url=https://h.example", "source"),
        ("PIP_PROXY", "connection"),
        ("install.target", "place"),
        ("PIP_CONFIG_FILE", "none"),
        ("--cache-dir=x", "none"),
        ("UV_TARGET", "none"),
        ("PIP_CONSTRAINT", "plan"),
        ("--use-feature=x", "plan"),
        ("--of-another-year", "plan"),
    ],
)
def test_what_is_not_known_may_change_the_plan(name: str, effect: Effect) -> None:
    assert effect_of(name) == effect
    assert effect_of(Setting(name=name, value="x", source="environment", diverts=False)) == effect
