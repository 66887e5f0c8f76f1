"""A project's name as indexes and lock files compare it.

Tested in `tests/facts/distributions/test_distributions.py`.
"""

from __future__ import annotations

import re


def canonical_name(name: str) -> str:
    """The name in small letters, with one `-` for each run of separators (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
