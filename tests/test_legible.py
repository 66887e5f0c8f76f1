"""How any text is spelled before a person sees it."""

from __future__ import annotations

import pytest

from ipython_where.legible import legible


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("/home/ada", "~"),
        ("/home/ada/x", "~/x"),
        ("/home/ada2/x", "/home/ada2/x"),
        ("/home/ada.old/x", "/home/ada.old/x"),
        ("/mnt/home/ada/x", "/mnt/home/ada/x"),
        ("file:///home/ada/x", "file://~/x"),
        ("`PYTHONPATH` has `/home/ada/a:/home/ada/b`", "`PYTHONPATH` has `~/a:~/b`"),
        ("", ""),
    ],
)
def test_home_is_a_tilde_where_it_is_home(text: str, spelled: str) -> None:
    """Only the home directory itself is shortened, wherever it stands in a sentence."""
    assert legible(text, "/home/ada") == spelled


def test_a_home_of_windows() -> None:
    """Backslashes are no escapes."""
    assert legible("C:\\Users\\ada\\x", "C:\\Users\\ada") == "~\\x"


def test_without_a_home_nothing_is_shortened() -> None:
    """A process may have no home."""
    assert legible("/home/ada/x", None) == "/home/ada/x"


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("a\u202eb", "a\\u202eb"),
        ("caf\udce9", "caf\\udce9"),
        ("a\u200bb", "a\\u200bb"),
        ("été · 研究/数据", "été · 研究/数据"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, spelled: str) -> None:
    """A file name can neither move the cursor, nor hide, nor break the output's encoding."""
    assert legible(text, None) == spelled
