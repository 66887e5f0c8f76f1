"""What a change by conda does to what another installer put into the environment: conda knows nothing of that.

Tested in `tests/facts/conda/test_pip_effects.py`.
"""

from __future__ import annotations

from typing import Literal

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PipEffect:
    """What becomes of one distribution; ``by`` is the conda package that does it, ``why`` what it requires, if it breaks.

    `overwritten`: files of conda's come over its own. `orphaned`: files of its own go, and its metadata stays. `broken`: a
    requirement of it is no longer met.
    """

    name: str
    version: str
    does: Literal["overwritten", "orphaned", "broken"]
    by: str
    why: str | None = None
