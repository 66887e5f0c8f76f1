"""The entry of a change in conda's `conda-meta/history`.

conda takes the wishes that its next solve keeps from there, and rattler writes nothing into it (conda/history.py, `History`).

Tested in `tests/change/conda/test_conda_history.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from .conda_plan import CondaDifference, channel_name
from .public_address import spec_without_token
from .rattler_engine import RattlerPackage


def entry(
    command: str, different: CondaDifference, *, wishes: Sequence[str], removed: Sequence[str], when: float
) -> str:
    """The lines of a change, as conda writes them."""
    lines = [time.strftime("==> %Y-%m-%d %H:%M:%S <==", time.localtime(when)), f"# cmd: {command}"]
    lines += [f"-{_distribution(each)}" for each in _sorted(different.out)]
    lines += [f"+{_distribution(each)}" for each in _sorted(different.brought)]
    lines += [f"# update specs: {[*map(spec_without_token, wishes)]!r}"] if wishes else []
    lines += [f"# remove specs: {list(removed)!r}"] if removed else []
    return "\n".join(lines) + "\n"


def _sorted(packages: Mapping[str, RattlerPackage]) -> list[RattlerPackage]:
    return [packages[name] for name in sorted(packages)]


def _distribution(package: RattlerPackage) -> str:
    return f"{channel_name(package.channel)}/{package.subdir}::{package.stem}"
