"""The words of a screen, before any face draws them."""

from __future__ import annotations

import pytest

from ipython_where.show.screen import plain, proof

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
