"""What is said where a module is there and its import fails, from values alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ipython_where.judge.diagnose.broken_module import BrokenModule, Built, Unmet, diagnose_broken
from ipython_where.judge.diagnose.foreign_build import ForeignBuild
from ipython_where.judge.diagnose.records import Claim, Record
from ipython_where.judge.diagnose.shadowing import Hidden, Outdated
from ipython_where.model import Evidence, Finding

NUMPY = Outdated(module="numpy", loaded_file="/site/numpy/__init__.py", loaded_version="1.26", version="2.3")
NUMPY_CLAIM = Claim(
    name="numpy",
    record=Record(metadata="/site/numpy-2.3.dist-info", version="2.3", installer="uv"),
    prefix="/env",
)
BEFORE = Record(metadata="/site/numpy-1.26.dist-info", version="1.26", installer="uv")
ALL = BrokenModule(
    hidden=Hidden(module="numpy", file="/here/numpy.py", distribution="numpy", version="2.3"),
    cut_off=replace(NUMPY_CLAIM, cut_off=("numpy/core.so",)),
    foreign_build=ForeignBuild(
        file="/site/x.so", built_for="Python 3.12", kernel="Python 3.13", distribution="x", version="1"
    ),
    outdated=(NUMPY, replace(NUMPY, module="pandas", loaded_version="2.0", version="2.2")),
    unmet=Unmet(distribution="pandas", version="2.2", requirement="numpy>=2", found="numpy", found_version="1.26"),
    twice=replace(NUMPY_CLAIM, twins=(BEFORE, NUMPY_CLAIM.record)),
    built=Built(distribution="pandas", version="2.0", other="numpy", other_version="2.3", loaded=True),
)


def test_nothing_certain_is_nothing_said() -> None:
    assert diagnose_broken(BrokenModule()) is None


FINDINGS = {
    "hidden": Finding(
        id="hidden-by-own-file",
        severity="warning",
        message="your `/here/numpy.py` hides the installed `numpy` 2.3",
        hint="rename it, then restart the kernel",
    ),
    "cut_off": Finding(
        id="files-cut-off",
        severity="warning",
        message="`numpy` 2.3 has truncated files: part of their content is missing",
        evidence=(
            Evidence(label="record", value="/site/numpy-2.3.dist-info"),
            Evidence(label="file", value="numpy/core.so"),
        ),
        hint="`%safepip install --force-reinstall --no-deps numpy==2.3` restores them",
    ),
    "foreign_build": Finding(
        id="built-for-another-python",
        severity="warning",
        message="`/site/x.so` was built for Python 3.12, but this kernel runs Python 3.13",
        hint="`%safepip install --force-reinstall --no-deps x==1`, then restart the kernel",
    ),
    "outdated": Finding(
        id="outdated",
        severity="warning",
        message="`numpy` 1.26 is loaded, but 2.3 is installed",
        evidence=(Evidence(label="also", value="`pandas` 2.0 is loaded, but 2.2 is installed"),),
        hint="restart the kernel",
    ),
    "unmet": Finding(
        id="requirement-unmet",
        severity="warning",
        message="`pandas` 2.2 requires `numpy>=2`, but `numpy` 1.26 is installed",
        hint="`%safepip install numpy>=2`, then restart the kernel",
    ),
    "twice": Finding(
        id="two-versions",
        severity="warning",
        message="`numpy` is recorded 2 times: an interrupted install can cause this",
        evidence=(
            Evidence(label="recorded", value="/site/numpy-1.26.dist-info"),
            Evidence(label="recorded", value="/site/numpy-2.3.dist-info"),
        ),
        hint="`%safepip install --force-reinstall --no-deps numpy==2.3`, then restart the kernel",
    ),
    "built": Finding(
        id="built-for-another",
        severity="warning",
        message="`pandas` 2.0 was built for a different version of `numpy` than the installed and loaded 2.3",
        hint="`%safepip install --upgrade pandas` installs a build that fits, if there is one",
    ),
}
"""By the fact that each is about; each comes before those that it would explain."""


def test_each_reason_comes_before_those_that_it_would_explain() -> None:
    """What hides, what is loaded, what is required, what is recorded, what was built."""
    facts = ALL
    for name, finding in FINDINGS.items():
        assert diagnose_broken(facts) == finding
        without: dict[str, Any] = {name: () if name == "outdated" else None}
        facts = replace(facts, **without)
    assert diagnose_broken(facts) is None


def test_what_another_tool_recorded_twice_comes_back_from_that_tool() -> None:
    record = replace(BEFORE, installer="rpm")
    finding = diagnose_broken(BrokenModule(twice=replace(NUMPY_CLAIM, record=record, twins=(record, BEFORE))))
    assert finding is not None
    assert finding.hint == "reinstall it with `rpm`, then restart the kernel"


def test_a_build_for_another_version_of_what_nobody_recorded_or_loaded() -> None:
    built = Built(distribution="pandas", version=None, other="numpy", other_version=None, loaded=False)
    finding = diagnose_broken(BrokenModule(built=built))
    assert finding is not None
    assert finding.message == "`pandas` was built for a different version of `numpy` than the installed one"
