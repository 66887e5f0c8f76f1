"""What conda's records claim, and where claims meet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipython_where.change.conda.claims import contested, listed_in, place, placed_by, read_claims
from ipython_where.errors import WhereError
from ipython_where.facts.conda.records import CondaMeta


def record(prefix: Path, text: str, name: str = "bad-1-0") -> str:
    path = prefix / "conda-meta" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def test_the_claims_of_a_prefix(tmp_path: Path) -> None:
    """By the files of the records."""
    record(tmp_path, json.dumps({"files": ["lib/a", "lib/b"]}), "one-1-0")
    record(tmp_path, json.dumps({"files": []}), "two-1-0")
    assert read_claims(CondaMeta(str(tmp_path)).records()) == {
        "one-1-0.json": {"lib/a", "lib/b"},
        "two-1-0.json": set(),
    }


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "lib/../../outside", "a/..", "..", "", "nul\0byte"])
def test_a_record_that_leads_outside_is_refused(tmp_path: Path, path: str) -> None:
    """One that can't be trusted says nothing about what is conda's."""
    file = record(tmp_path, json.dumps({"files": ["lib/plain.txt", path]}))
    with pytest.raises(WhereError, match=r"conda's record `bad-1-0.json` can't be read") as raised:
        read_claims(CondaMeta(str(tmp_path)).records())
    assert f"it lists `{path!r}`" in "\n".join(raised.value.shown())
    record(tmp_path, json.dumps({"files": [], "paths_data": {"paths": [{"_path": path}]}}))
    with pytest.raises(WhereError, match=r"conda's record `bad-1-0.json` can't be read"):
        listed_in(file)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"files": null}', '{"files": [1]}', '{"files": {"a": 1}, "x"', "\x00", "[" * 100_000]
)
def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    """Then it isn't known which files are conda's."""
    file = record(tmp_path, text)
    with pytest.raises(WhereError, match=r"it isn't known which files are conda's"):
        listed_in(file)
    if text != '{"files": [1]}':  # rattler says so itself
        with pytest.raises(WhereError, match=r"it isn't known which files are conda's"):
            read_claims(CondaMeta(str(tmp_path)).records())


def test_a_record_whose_name_tells_no_package_is_refused(tmp_path: Path) -> None:
    """conda reads no other names, and what rattler makes of it isn't known."""
    record(tmp_path, json.dumps({"files": []}), "name")
    with pytest.raises(WhereError, match=r"`name.json` can't be read"):
        read_claims(CondaMeta(str(tmp_path)).records())


def test_a_path_is_spelled_in_one_way(tmp_path: Path) -> None:
    """`./x` and `a//b` are what the disk calls them."""
    paths = ["./lib/a", "lib//b", "lib/./c", "lib/d/", "lib/..e", "lib/f..", '"q"', "a\\b"]
    file = record(tmp_path, json.dumps({"files": paths}))
    expected = {"lib/a", "lib/b", "lib/c", "lib/d", "lib/..e", "lib/f..", '"q"', "a\\b"}
    assert listed_in(file) == expected
    assert read_claims(CondaMeta(str(tmp_path)).records()) == {"bad-1-0.json": expected}


def test_what_a_record_lists_in_either_way_is_its_own(tmp_path: Path) -> None:
    """conda goes by `files`, rattler by `paths_data`; neither counts folders."""
    entries = [{"_path": "lib/b", "path_type": "hardlink"}, {"_path": "lib/c", "path_type": "directory"}]
    file = record(tmp_path, json.dumps({"files": ["lib/a"], "paths_data": {"paths": entries}}))
    assert listed_in(file) == {"lib/a", "lib/b"}


def test_entry_points_have_no_place(tmp_path: Path) -> None:
    """rattler writes them over what is there, and moves nothing for them; other files have the place that they came from."""
    entries = [
        {"_path": "bin/x", "path_type": "unix_python_entry_point"},
        {"_path": "__clobbers__/bad/lib/b", "path_type": "hardlink", "original_path": "lib/b"},
    ]
    file = record(
        tmp_path, json.dumps({"files": ["bin/x", "__clobbers__/bad/lib/b"], "paths_data": {"paths": entries}})
    )
    assert placed_by(file) == {"lib/b"}


def test_the_place_of_a_path() -> None:
    """What was moved away belongs where it came from."""
    assert place("__clobbers__/numpy/lib/a") == "lib/a"
    assert place("lib/__clobbers__/a") == "lib/__clobbers__/a"


def test_where_claims_meet() -> None:
    """One path twice; a file that is another's folder, with what is in it. Folders that are shared are none's."""
    one = frozenset({"share/same", "share/file", "share/one", "deep/er"})
    two = frozenset({"__clobbers__/two/share/same", "share/file/below/x", "share/file/y", "share/two"})
    three = frozenset({"deep/er/est", "top"})
    assert contested([one, two, three]) == {
        "share/same",
        "share/file",
        "share/file/below/x",
        "share/file/y",
        "deep/er",
        "deep/er/est",
    }
    assert contested([one]) == set()
