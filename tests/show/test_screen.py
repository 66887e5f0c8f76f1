"""How values are spelled before any face draws them."""

from __future__ import annotations

import pytest

from ipython_where.show.screen import legible, plain, proof


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


KERNEL = "62fe5751-b798-4091-853a-a87d4b07ebc4"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("shebang of /srv/a/bin/pip", "shebang of `/srv/a/bin/pip`"),
        ("shebang of /srv/a/bin/pip: `python` on PATH", "shebang of `/srv/a/bin/pip`: `python` on `PATH`"),
        ("shebang of /srv/my own/bin/pip, relocatable", "shebang of `/srv/my own/bin/pip`, relocatable"),
        (f"it answered for kernel {KERNEL} at http://h:1/", f"it answered for kernel `{KERNEL}` at `http://h:1/`"),
        ("http://h:1/: it did not answer in time", "`http://h:1/`: it did not answer in time"),
        (r"shebang of C:\a\pip.exe", r"shebang of `C:\a\pip.exe`"),
        ("`/srv/b/kernel.json` is no JSON", "`/srv/b/kernel.json` is no JSON"),
        ("UV_PYTHON is 3.12: uv looks for it", "`UV_PYTHON` is 3.12: uv looks for it"),
        ("asked and/or told, as its file does not tell", "asked and/or told, as its file does not tell"),
        ("the first one", "the first one"),
    ],
)
def test_a_proof_has_its_paths_and_addresses_in_backticks(text: str, quoted: str) -> None:
    """Readers write them as they are; a face shows them as it shows every other path. A known one may have spaces."""
    assert proof(text, "/srv/my own/bin/pip", "/srv", None) == plain(quoted)
