"""A compiled file that was built for a different Python, or a different machine, than the one that should load it.

Tested in `tests/judge/diagnose/test_missing_module.py`.
"""

from __future__ import annotations

from ipython_where.model import Finding
from ipython_where.value import dataclass

from .shadowing import RESTART


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignBuild:
    """A compiled file, what it was ``built_for``, and the kernel's own counterpart, if known.

    ``distribution`` is the one of this environment that installed it: reinstalling that replaces the file. ``pythonpath`` is
    the entry of `PYTHONPATH` that it comes from.
    """

    file: str
    built_for: str
    kernel: str | None
    distribution: str | None
    version: str | None
    pythonpath: str | None = None


def foreign_build_finding(foreign: ForeignBuild) -> Finding:
    runs = f", but this kernel runs {foreign.kernel}" if foreign.kernel else ""
    hint = f"start the kernel without `{foreign.pythonpath}` in `PYTHONPATH`" if foreign.pythonpath else None
    again = f"{foreign.distribution}=={foreign.version}" if foreign.version else foreign.distribution
    return Finding(
        id="built-for-another-python",
        severity="warning",
        message=f"`{foreign.file}` was built for {foreign.built_for}{runs}",
        hint=f"`%safepip install --force-reinstall --no-deps {again}`, then {RESTART}" if again else hint,
    )
