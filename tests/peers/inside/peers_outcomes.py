"""A pytest plugin: how each test ended, as JSON, in the file ``PEERS_OUTCOMES``."""

from __future__ import annotations

import json
import os

import pytest

_outcomes: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of the call, unless what is before or after it failed or skipped."""
    if report.when == "call" or report.outcome != "passed":
        kind = f"{report.outcome} as expected" if hasattr(report, "wasxfail") else report.outcome
        _outcomes[report.nodeid] = kind


def pytest_sessionfinish() -> None:
    """Write them down."""
    with open(os.environ["PEERS_OUTCOMES"], "w", encoding="utf-8") as file:
        json.dump(_outcomes, file)
