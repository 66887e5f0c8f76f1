"""What docs/workers.md shows of each engine is what a cluster answers."""

from __future__ import annotations

import shutil

import pytest

from tests.readme import filled

from .clusters import other_python
from .page import PAGE, clusters, comparable


@pytest.mark.usefixtures("workers", "kernel")
@pytest.mark.skipif(other_python() is None, reason="this machine has one Python")
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java: `apt-get install default-jre-headless`")
def test_each_answer_in_the_page_is_what_a_cluster_gives_now() -> None:
    """`python -m tests.readme workers` writes them."""
    written = PAGE.read_text(encoding="utf-8")
    with clusters() as answer:
        now = filled(written, answer)
    assert comparable(now) == comparable(written)
