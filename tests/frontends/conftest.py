from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from . import browser as browsers

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def front_ends(installer: None, kernel: None, server: None) -> None:
    """Whatever a test here drives starts kernels and servers, and installs."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the tests that need it are skipped."""
    try:
        browsers.chromium()
    except browsers.ChromiumMissing as missing:
        pytest.skip(str(missing))
    with browsers.browser() as opened:
        yield opened
