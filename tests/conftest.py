"""What a test starts, as fixtures: `tests/kinds.py` makes its markers of them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from .kinds import COSTS, STARTS, mark


@pytest.fixture(scope="session")
def installer() -> None:
    """The test starts a real pip or uv, or a process that does."""


@pytest.fixture(scope="session")
def kernel() -> None:
    """The test starts a real kernel."""


@pytest.fixture(scope="session")
def server() -> None:
    """The test starts a real Jupyter server, or a front end."""


@pytest.fixture(scope="session")
def shells() -> None:
    """The test has real shells run command lines."""


@pytest.fixture(scope="session")
def faults() -> None:
    """The test kills installs, or takes their disk away."""


@pytest.fixture(scope="session")
def workers() -> None:
    """The test starts a real cluster."""


@pytest.fixture(scope="session")
def peers() -> None:
    """The test runs the tests of another project."""


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell has its background jobs ignore Ctrl-C, and all that they start: no test of an interrupt would interrupt
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.addaudithook(STARTS.hear)
    for kind in COSTS:
        config.addinivalue_line("markers", f"{kind}: uses the fixture `{kind}`")
    from hypothesis import HealthCheck, settings

    # how long an example takes says something about the machine, not about the code; the rest is as `CI` has it
    settings.register_profile("untimed", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
    config.addinivalue_line("markers", "quick: what `make test` runs")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    STARTS.begin(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    yield
    STARTS.check()
