"""An environment to search: its prefix, its Python, and how it was discovered.

Tested in `tests/facts/environments/test_others.py`.
"""

from __future__ import annotations

import os

from ipython_where.facts.files import read_bytes
from ipython_where.facts.interpreters.pyvenv_cfg import python_in
from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A discovered environment; ``why`` says how. ``interpreter`` is None if the usual places hold none.

    ``library`` is the name of its folder in `lib` (`python3.12`) if that is known without reading the disk. ``site`` is
    its package directory if that is not a usual one.
    """

    prefix: str
    interpreter: str | None
    why: str
    library: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """The environments that were discovered; ``is_all`` if discovery finished before the deadline."""

    found: tuple[Candidate, ...]
    is_all: bool = True


def candidate(prefix: str, why: str) -> Candidate:
    """The environment at a prefix, with the Python found in it."""
    return Candidate(prefix=prefix, interpreter=python_in(prefix), why=why)


def prefix_of(interpreter: str) -> str | None:
    """The `sys.prefix` of an interpreter: the folder with `pyvenv.cfg`, else two levels above the real executable."""
    prefix = os.path.dirname(os.path.dirname(interpreter))
    if os.path.exists(os.path.join(prefix, "pyvenv.cfg")):
        return prefix
    real = os.path.realpath(interpreter)
    script = read_bytes(real, 2) in (b"#!", b"", None)
    prefix = os.path.dirname(os.path.dirname(real))
    return None if script or not os.path.isdir(os.path.join(prefix, "lib")) else prefix
