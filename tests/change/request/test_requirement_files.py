"""What is read from requirements files as values, without an installer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.request.request import parse_request
from ipython_where.change.request.requirement_files import hashes_of_files, wanted_lines, with_files_taken_in
from ipython_where.errors import UsageError

HASH = "sha256:" + "0" * 64


def test_what_a_file_wants_is_each_of_its_requirements() -> None:
    """With variables and included files; what a constraints file says is not wanted, whether it can be read or not."""
    files = {
        "/nb/a.txt": "six\n-e ./proj\n-r b.txt\n-c c.txt\n--pre\nx @ https://${HOST}/x.zip\n",
        "/nb/b.txt": "rich\n",
        "/nb/c.txt": "numpy<2\n--no-such\n",
    }
    found = list(wanted_lines("/nb/a.txt", files.get, environ={"HOST": "h.example"}))
    assert found == ["six", "./proj", "rich", "x @ https://h.example/x.zip"]


@pytest.mark.parametrize("text", ["six\n--no-such\n", "-r gone.txt\n"])
def test_a_file_that_is_not_understood_wants_something_unknown(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read here, so what it requires is unknown"):
        list(wanted_lines("/nb/a.txt", {"/nb/a.txt": text}.get))


def test_the_hashes_of_a_project_are_those_of_all_files() -> None:
    """Constraints files too; a line without one, or without a name, has none."""
    files = {
        "/nb/a.txt": f"six==1.16 --hash={HASH}a --hash={HASH}b\nrich\n./x.whl --hash={HASH}c\nx==${{V}} --hash={HASH}e\n",
        "/nb/c.txt": f"Six==1.16 --hash={HASH}d\n",
    }
    request = parse_request(("install", "-r", "a.txt", "-c", "c.txt"))
    assert hashes_of_files(request, "/nb", files.get, environ={"V": "1"}) == {
        "six": (f"{HASH}a", f"{HASH}b", f"{HASH}d"),
        "x": (f"{HASH}e",),
    }
    assert hashes_of_files(request, "/nb", files.get)["six"] == (f"{HASH}a", f"{HASH}b", f"{HASH}d")


def test_a_marker_is_set_off_once_and_a_url_stays(tmp_path: Path) -> None:
    """A semicolon in a URL begins no marker; neither does the second one of a line."""
    (tmp_path / "a.txt").write_text("six;python_version>'3'\nrich ; extra == 'a;b'\nx @ https://h.example/a;b/x.zip\n")
    taken = with_files_taken_in(parse_request(("install", "-r", "a.txt")), str(tmp_path))
    assert taken.requirements == (
        "six ; python_version>'3'",
        "rich ; extra == 'a;b'",
        "x @ https://h.example/a;b/x.zip",
    )


def test_the_options_of_every_line_count(tmp_path: Path) -> None:
    """What one line switches on, none switches off; a line that `%safepip` refuses is left to the installer."""
    (tmp_path / "wheels").mkdir()
    text = (
        "six\n--no-index\n--install-option=x\n--pre\n--find-links wheels\n--find-links elsewhere\n"
        "--find-links https://h.example/wheels\n--extra-index-url https://h.example\n--index-url https://first.example\n"
        "--only-binary six\n--no-binary rich\n--use-feature fast-deps\n--trusted-host h.example\n"
    )
    (tmp_path / "a.txt").write_text(text)
    asked = parse_request(("install", "-r", "a.txt"))
    expected = replace(
        asked,
        no_index=True,
        pre=True,
        find_links=(str(tmp_path / "wheels"), "elsewhere", "https://h.example/wheels"),
        extra_index_urls=("https://h.example",),
        index_url="https://first.example",
        only_binary=("six",),
        no_binary=("rich",),
    )
    found = with_files_taken_in(asked, str(tmp_path))
    assert replace(found, passed=()) == expected
    assert "--trusted-host=h.example" in found.passed
