"""What is said of a module that was not found, from values alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.foreign_build import ForeignBuild
from ipython_where.judge.diagnose.missing_module import (
    DamagedDistribution,
    ImportingDistribution,
    Lacking,
    MissingModule,
    Parent,
    Unseen,
    diagnose_missing,
)
from ipython_where.judge.diagnose.shadowing import Hidden, Outdated
from ipython_where.model import Elsewhere, Evidence

FACTS = MissingModule(module="sklearn", prefix="/env", python="3.13.0")
HIDDEN = Hidden(module="sklearn", file="/here/sklearn.py", distribution="scikit-learn", version="1.5")
OUTDATED = Outdated(module="sklearn", loaded_file="/old/sklearn/__init__.py", loaded_version="1.4", version="1.5")
UNSEEN = Unseen(location="/late", since_start=False, on_path=False)
OWN = Parent(module="mine", file="/here/mine.py", is_package=False, distribution=None, version=None)
FOREIGN = ForeignBuild(
    file="/site/x.cpython-312.so", built_for="Python 3.12", kernel="Python 3.13", distribution=None, version=None
)
PYTHON = Parent(module="os", file=None, is_package=True, distribution=None, version="3.13.0")


def said(facts: MissingModule) -> str:
    finding = diagnose_missing(facts)
    assert finding is not None
    return f"{finding.message} · {finding.hint}" if finding.hint else finding.message


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            replace(FACTS, install="scikit-learn"),
            "`sklearn` is not installed in this kernel's environment (`/env`) · `%safepip install scikit-learn`",
        ),
        (
            replace(FACTS, near="sklean"),
            "`sklearn` is not installed in this kernel's environment (`/env`); it has `sklean`",
        ),
        (
            replace(
                FACTS,
                wanted=ImportingDistribution(distribution="umap-learn", version="0.5", requirement="scikit-learn>=1"),
            ),
            "`sklearn`, which `umap-learn` 0.5 requires, is not installed in this kernel's environment (`/env`)",
        ),
        (
            replace(FACTS, wanted=ImportingDistribution(distribution="umap-learn", version=None)),
            "`sklearn`, which `umap-learn` imports, is not installed in this kernel's environment (`/env`)",
        ),
        (
            replace(FACTS, hidden=HIDDEN),
            "your `/here/sklearn.py` hides the installed `scikit-learn` 1.5 · rename it, then restart the kernel",
        ),
        (
            replace(FACTS, hidden=replace(HIDDEN, module="random", distribution=None, version=None)),
            "your `/here/sklearn.py` hides the standard library's module `random` · rename it, then restart the kernel",
        ),
        (replace(FACTS, outdated=OUTDATED), "`sklearn` 1.4 is loaded, but 1.5 is installed · restart the kernel"),
        (
            replace(FACTS, outdated=replace(OUTDATED, loaded_version=None, version=None)),
            "`sklearn` from `/old/sklearn/__init__.py` is loaded, but is no longer installed · restart the kernel",
        ),
        (
            replace(FACTS, unseen=UNSEEN),
            "`sklearn` is installed in `/late`, which this kernel does not search yet · restart the kernel",
        ),
        (
            replace(FACTS, unseen=replace(UNSEEN, since_start=True)),
            "`sklearn` was installed after this kernel started, in `/late`, which it does not search yet "
            "· restart the kernel",
        ),
        (
            replace(FACTS, unseen=replace(UNSEEN, on_path=True)),
            "`sklearn` was added to `/late` after this kernel cached that directory "
            "· `import importlib; importlib.invalidate_caches()`, then run the cell again",
        ),
        (
            replace(FACTS, module="_tkinter", standard_library=True),
            "`_tkinter` belongs to the standard library, but this kernel's Python 3.13.0 came without it",
        ),
        (
            replace(
                FACTS, module="cgi", removed_in="3.13", wanted=ImportingDistribution(distribution="web", version="1")
            ),
            "`cgi`, which `web` 1 imports, was removed from the standard library in Python 3.13, and this kernel runs 3.13.0",
        ),
        (
            replace(FACTS, module="distutils", removed_in="3.12"),
            "`distutils` was removed from the standard library in Python 3.12, and this kernel runs 3.13.0 "
            "· `%safepip install setuptools` provides a copy; `import setuptools` before importing it",
        ),
        (
            replace(
                FACTS, module="distutils", removed_in="3.12", lacking=Lacking(distribution="setuptools", version="80")
            ),
            "`distutils` was removed from the standard library in Python 3.12, and this kernel runs 3.13.0 "
            "· `import setuptools` first: it provides a copy",
        ),
        (
            replace(
                FACTS,
                module="pkg_resources",
                wanted=ImportingDistribution(distribution="old", version="1"),
                lacking=Lacking(distribution="setuptools", version="84.2", left_in="82", fits="setuptools<82"),
            ),
            "`pkg_resources`, which `old` 1 imports, was removed from `setuptools` in version 82, and 84.2 is installed "
            "· `%safepip install setuptools<82`",
        ),
        (
            replace(FACTS, module="bson", lacking=Lacking(distribution="pymongo", version="9")),
            "`bson` is not in `pymongo` 9, which is installed",
        ),
        (
            replace(FACTS, module="pandas.DataFrame", folder="/here/pandas", install="pandas"),
            "`import pandas` finds the folder `/here/pandas`, which has no `__init__.py`, and `pandas` is not installed "
            "· `%safepip install pandas`, then restart the kernel",
        ),
        (
            replace(FACTS, module="data.load.more", folder="/here/data"),
            "`import data` finds the folder `/here/data`, which has no `__init__.py`",
        ),
        (
            replace(FACTS, module="mine.part", parent=OWN),
            "`mine` of `/here/mine.py` is not a package",
        ),
        (
            replace(FACTS, module="os.part", parent=PYTHON, near="os.path"),
            "Python 3.13.0 has no module `os.part`; it has `os.path`",
        ),
        (
            replace(FACTS, module="bs5.x", parent=replace(OWN, is_package=True, distribution="bs5", version="5")),
            "`bs5` 5 has no module `bs5.x`",
        ),
        (
            replace(FACTS, module="yml", imported_as="yaml", project="PyYAML", install="PyYAML"),
            "`PyYAML` is imported as `yaml` · `%safepip install PyYAML`",
        ),
        (
            replace(FACTS, module="Pandas", imported_as="pandas", project="pandas"),
            "`Pandas` is imported as `pandas`",
        ),
        (
            replace(
                FACTS, damaged=DamagedDistribution(distribution="scikit-learn", version="1.5", again="conda install x")
            ),
            "`scikit-learn` 1.5 is recorded as installed, but its `sklearn` is missing · `conda install x`",
        ),
        (
            replace(
                FACTS,
                damaged=DamagedDistribution(distribution="x", version=None, again="%safepip install x", loaded=True),
            ),
            "`x` is recorded as installed, but its `sklearn` is missing · `%safepip install x`, then restart the kernel",
        ),
        (
            replace(
                FACTS, damaged=DamagedDistribution(distribution="x", version="1", again="pip install x", emptied="y")
            ),
            "`x` 1 is recorded as installed, but only a folder is left of its `y` "
            "· `pip install x`, then restart the kernel",
        ),
        (
            replace(FACTS, damaged=DamagedDistribution(distribution="x", version="1", emptied="y")),
            "`x` 1 is recorded as installed, but only a folder is left of its `y`",
        ),
        (
            replace(FACTS, damaged=DamagedDistribution(distribution="mine", version="1", folder="/gone/mine")),
            "`mine` 1 is installed from `/gone/mine`, which does not exist",
        ),
        (
            replace(FACTS, foreign_build=FOREIGN),
            "`/site/x.cpython-312.so` was built for Python 3.12, but this kernel runs Python 3.13",
        ),
        (
            replace(FACTS, foreign_build=replace(FOREIGN, pythonpath="/site", kernel=None)),
            "`/site/x.cpython-312.so` was built for Python 3.12 · start the kernel without `/site` in `PYTHONPATH`",
        ),
        (
            replace(FACTS, foreign_build=replace(FOREIGN, distribution="x", version="1")),
            "`/site/x.cpython-312.so` was built for Python 3.12, but this kernel runs Python 3.13 "
            "· `%safepip install --force-reinstall --no-deps x==1`, then restart the kernel",
        ),
    ],
)
def test_one_sentence_and_what_to_do(facts: MissingModule, expected: str) -> None:
    assert said(facts) == expected


DAMAGED = DamagedDistribution(distribution="scikit-learn", version="1.5", again="conda install x")


@pytest.mark.parametrize(
    ("facts", "severity", "id"),
    [
        (replace(FACTS, install="scikit-learn"), "note", "not-installed"),
        (replace(FACTS, hidden=HIDDEN), "warning", "hidden-by-own-file"),
        (replace(FACTS, outdated=OUTDATED), "warning", "outdated"),
        (replace(FACTS, unseen=UNSEEN), "note", "unseen"),
        (replace(FACTS, standard_library=True), "note", "not-in-python"),
        (replace(FACTS, removed_in="3.13"), "note", "not-in-python"),
        (replace(FACTS, lacking=Lacking(distribution="pymongo", version="9")), "note", "not-in-version"),
        (replace(FACTS, folder="/here/pandas", install="pandas"), "warning", "only-a-folder"),
        (replace(FACTS, folder="/here/data"), "note", "only-a-folder"),
        (replace(FACTS, parent=OWN), "note", "no-submodule"),
        (replace(FACTS, parent=PYTHON, near="os.path"), "note", "no-submodule"),
        (replace(FACTS, imported_as="yaml"), "note", "imported-as"),
        (replace(FACTS, damaged=DAMAGED), "warning", "files-missing"),
        (replace(FACTS, damaged=replace(DAMAGED, folder="/gone")), "warning", "files-missing"),
        (replace(FACTS, foreign_build=FOREIGN), "warning", "built-for-another-python"),
    ],
)
def test_the_kind_of_each_finding(facts: MissingModule, severity: str, id: str) -> None:
    """What the user has to do something about is a warning."""
    finding = diagnose_missing(facts)
    assert finding is not None
    assert (finding.severity, finding.id) == (severity, id)


def test_what_the_traceback_has_said_is_not_said_again() -> None:
    assert diagnose_missing(FACTS) is None
    for is_package in (True, False):
        assert diagnose_missing(replace(FACTS, module="os.part", parent=replace(PYTHON, is_package=is_package))) is None


def test_three_other_environments_are_shown_and_of_more_the_first_two() -> None:
    places = tuple(
        Elsewhere(
            prefix=f"/env{number}",
            interpreter=f"/env{number}/bin/python" if number else None,
            why="`!python`" if number == 0 else f"kernelspec {number}",
            file="/x.py",
            distribution="scikit-learn" if number else None,
            version="1.5",
        )
        for number in range(4)
    )
    rows = (
        Evidence(label="!python", value="/env0", note=None),
        Evidence(label="kernelspec 1", value="/env1/bin/python", note="scikit-learn 1.5"),
    )
    third = Evidence(label="kernelspec 2", value="/env2/bin/python", note="scikit-learn 1.5")
    more = Evidence(label="and", value="2 other environments")
    for facts in (FACTS, replace(FACTS, lacking=Lacking(distribution="x", version="1")), replace(FACTS, folder="/x")):
        shown = [diagnose_missing(replace(facts, elsewhere=places[:count])) for count in (3, 4)]
        assert [each.evidence for each in shown if each] == [(*rows, third), (*rows, more)]


def test_environments_that_nobody_looked_into_in_time_are_said_to_be_unknown() -> None:
    """Beside what is said anyway: by itself it explains nothing."""
    for unsearched, row in (
        (1, "1 environment was not searched: time ran out"),
        (12, "12 environments were not searched: time ran out"),
        (None, "some environments were not searched: time ran out"),
    ):
        for some in (replace(FACTS, install="scikit-learn"), replace(FACTS, folder="/here/sklearn")):
            finding = diagnose_missing(replace(some, unsearched=unsearched))
            assert finding is not None
            assert finding.evidence == (Evidence(label="unknown", value=row),)
    assert diagnose_missing(replace(FACTS, unsearched=3)) is None
