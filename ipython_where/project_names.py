"""A project's name as indexes and lock files compare it, and as metadata directories spell it.

Tested in `tests/facts/distributions/test_distributions.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache

METADATA_SUFFIXES = (".dist-info", ".egg-info")


def canonical_name(name: str) -> str:
    """The name in small letters, with one `-` for each run of separators (PEP 503)."""
    plain = name.lower().replace("_", "-").replace(".", "-")
    if "--" not in plain:  # as nearly every name is: a pattern is dear
        return plain
    return re.sub(r"-+", "-", plain)


@lru_cache(maxsize=4096)
def normalized(name: str) -> str:
    """A project's name as metadata directories spell it (PEP 503, with ``_`` for ``-``)."""
    plain = name.lower().replace("-", "_").replace(".", "_")
    if "__" not in plain:
        return plain
    return re.sub(r"_+", "_", plain)
