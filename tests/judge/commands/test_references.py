"""A hint keeps what was typed in place of a secret: found without expanding anything a second time, or not claimed."""

from __future__ import annotations

import pytest

from ipython_where.judge.commands.references import Reference, expansions, with_stand_ins
from ipython_where.redact import masked
from tests.secrets import CANARY


def test_what_ipython_expanded_is_found_in_what_it_made() -> None:
    assert expansions("pip install git+https://{token}@h/x {pkg}", f"pip install git+https://{CANARY}@h/x six") == (
        "pip install git+https://",
        Reference("{token}", CANARY),
        "@h/x ",
        Reference("{pkg}", "six"),
        "",
    )
    assert expansions("echo {{a}} $$b {a}", "echo {a} $b 1") == (
        *("echo ", "{", "a", "}", " ", "$", "b "),
        *(Reference("{a}", "1"), ""),
    )


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("{a}{b}", "xy"),
        ("{a}-{b}", "x-y-z"),
        ("no reference", "another text"),
        (" ".join(f"{{a{number}}}" for number in range(20)), " ".join("x" * 20)),
    ],
)
def test_what_cannot_be_told_apart_is_one_text(typed: str, text: str) -> None:
    """Where one value ends and the next begins, or how a text was made at all."""
    assert expansions(typed, text) == (text,)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("pip install git+https://{x}@h/p", "opaque"),
        ("pip install git+https://me:{x}@h/p", "opaque"),
        ("pip install https://h/p?sig={x}", "opaque"),
        ("twine upload --password {x}", "opaque"),
        ("conda install -c https://h/t/{x}/main p", "opaque"),
        ("PIP_TOKEN={x} pip install p", "opaque"),
        ("pip install {x}", f"https://me:{CANARY}@h/p"),
        ("pip install {x}", "ghp_0123456789abcdef"),
        ("pip install $x", f"https://me:{CANARY}@h/p"),
    ],
)
def test_a_secret_gives_way_to_a_word_for_what_was_typed(typed: str, value: str) -> None:
    """By where it stands, or by its form. The word is masked nowhere."""
    text = typed.replace("{x}", value).replace("$x", value)
    found = with_stand_ins(text, typed, {})
    assert found is not None
    assert value not in found.text
    assert masked(found.text) == found.text
    assert list(found.stand_ins.values()) == ["{x}" if "{x}" in typed else "$x"]


def test_other_values_stay() -> None:
    assert with_stand_ins("pip install six -r a.txt", "pip install {pkg} -r {file}", {}) is None
    assert with_stand_ins("$HOME/bin/pip install $PKG", None, {"HOME": "/root", "PKG": "six"}) is None


def test_the_shells_variables_are_references_too() -> None:
    """`$GH` and `${GH}` of the environment; a longer name that begins so is another."""
    environ = {"GH": "opaque", "GHX": "six", "MY_TOKEN": "any"}
    for spelled in ("$GH", "${GH}"):
        found = with_stand_ins(f"pip install git+https://{spelled}@h/p $GHX", None, environ)
        assert found is not None
        assert found.text == f"pip install git+https://{spelled}@h/p $GHX"
        assert dict(found.stand_ins) == {found.variables["GH"]: spelled}
        assert found.variables["GHX"] == "six"
    by_name = with_stand_ins("echo $MY_TOKEN | pip install x", None, environ)
    assert by_name is not None and by_name.variables["MY_TOKEN"] != "any"
