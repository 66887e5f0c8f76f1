"""What is said where a module is there and its import fails, from values alone."""

from __future__ import annotations

from dataclasses import replace

from ipython_where.judge.diagnose.broken_module import BrokenModule, Built, Unmet, diagnose_broken
from ipython_where.judge.diagnose.environment import Twice
from ipython_where.judge.diagnose.shadowing import Hidden, Outdated
from ipython_where.model import Evidence, Finding

NUMPY = Outdated(module="numpy", loaded_file="/site/numpy/__init__.py", loaded_version="1.26", version="2.3")
ALL = BrokenModule(
    hidden=Hidden(module="numpy", file="/here/numpy.py", distribution="numpy", version="2.3"),
    outdated=(NUMPY, replace(NUMPY, module="pandas", loaded_version="2.0", version="2.2")),
    unmet=Unmet(distribution="pandas", version="2.2", requirement="numpy>=2", found="numpy", found_version="1.26"),
    twice=Twice(project="numpy", metadata=("/site/numpy-1.26.dist-info", "/site/numpy-2.3.dist-info")),
    built=Built(distribution="pandas", version="2.0", other="numpy", other_version="2.3", loaded=True),
)


def test_nothing_certain_is_nothing_said() -> None:
    assert diagnose_broken(BrokenModule()) is None


def test_each_reason_comes_before_those_that_it_would_explain() -> None:
    """What hides, what is loaded, what is required, what is recorded, what was built."""
    nothing = BrokenModule()
    steps = [
        ALL,
        replace(ALL, hidden=None),
        replace(nothing, unmet=ALL.unmet, twice=ALL.twice, built=ALL.built),
        replace(nothing, twice=ALL.twice, built=ALL.built),
        replace(nothing, built=ALL.built),
    ]
    found = [diagnose_broken(facts) for facts in steps]
    assert [each.id for each in found if each] == [
        "hidden-by-own-file",
        "outdated",
        "requirement-unmet",
        "two-versions",
        "built-for-another",
    ]


def test_every_outdated_module_is_told_with_both_versions() -> None:
    assert diagnose_broken(replace(ALL, hidden=None)) == Finding(
        id="outdated",
        severity="warning",
        message="`numpy` 1.26 is loaded, but 2.3 is installed",
        evidence=(Evidence(label="also", value="`pandas` 2.0 is loaded, but 2.2 is installed"),),
        hint="restart the kernel",
    )
