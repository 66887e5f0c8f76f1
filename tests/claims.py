"""The sentences of `docs/where-things-go.md`, and the tests that carry them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from . import environments

PAGE = environments.ROOT / "docs" / "where-things-go.md"
CARRIED: dict[str, list[str]] = {}
"""The names of the tests by the sentence that they carry."""

Test = TypeVar("Test", bound=Callable[..., None])


def carries(*sentences: str) -> Callable[[Test], Test]:
    """Mark a test as the one that fails when a sentence is not true."""

    def mark(test: Test) -> Test:
        for sentence in sentences:
            CARRIED.setdefault(sentence, []).append(test.__name__)
        return test

    return mark


def sentences() -> list[str]:
    """The items of the page's lists, one sentence each."""
    items = re.findall(r"^- (.*(?:\n  .*)*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [" ".join(each.split()) for each in items]
