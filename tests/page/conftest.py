from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.frontends.home import Home

from .servers import Page, furnish, serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of one file's tests; its servers take turns."""
    return furnish(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def page(home: Home, server: None, kernel: None) -> Iterator[Page]:
    """A JupyterLab that runs in it, as it is when nothing is configured."""
    with serving(home) as started:
        yield started
