"""IPython's own tests end with the extension, in every mode of the guard, as they do without it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .comparing import compare
from .suites import IPYTHON

pytestmark = [
    pytest.mark.usefixtures("peers"),
    pytest.mark.skipif(sys.platform == "win32", reason="their tests run under `sh` and in a pty here"),
]


@pytest.mark.parametrize("mode", ["warn", "redirect", "block", "off"])
def test_it_ends_as_without_the_extension(mode: str, tmp_path: Path) -> None:
    compare(IPYTHON, mode, tmp_path)
