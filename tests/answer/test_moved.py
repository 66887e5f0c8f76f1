"""What is said about modules and names that moved, in folders laid out for it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.judge.failure import FailedImport

from .test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures

PYTHON = sys.version.split()[0]


def said(world: World, failed: FailedImport) -> str:
    finding = explain_failure(failed, world)
    if finding is None:
        return ""
    text = f"{finding.message} · {finding.hint}" if finding.hint else finding.message
    return text.replace(str(world.interpreter["prefix"]), "PREFIX")


def missing(asked: str, *names: str, at: str | None = None) -> FailedImport:
    """`from ASKED import NAMES`, or `import ASKED`, of which ``at`` was not found."""
    return FailedImport(missing=at or asked, asked=asked, names=names)


def test_a_module_that_its_project_dropped(world: World, site: Path) -> None:
    """The line has the names if the new place has them; older releases have the module, so nothing of the kind is said."""
    metadata = install(site, "scikit_learn", "1.5", "sklearn/__init__.py", "sklearn/model_selection.py")
    write(site / "sklearn" / "model_selection.py", "def train_test_split(): ...\nclass KFold: ...\n")
    gone = "`scikit_learn` 1.5 has no module `sklearn.cross_validation`: `sklearn.model_selection` replaces it · "
    split = missing("sklearn.cross_validation", "train_test_split", "KFold")
    assert said(world, split) == gone + "`from sklearn.model_selection import train_test_split, KFold`"
    assert said(world, missing("sklearn.cross_validation", "LabelKFold")) == gone + "`import sklearn.model_selection`"
    assert said(world, missing("sklearn.cross_validation")) == gone + "`import sklearn.model_selection`"
    attribute = FailedImport(source="sklearn", names=("cross_validation",), attribute=True)
    assert said(world, attribute) == gone + "`import sklearn.model_selection`"
    write(metadata / "METADATA", "Metadata-Version: 2.1\nName: scikit_learn\nVersion: 0.19\n")
    older = replace(world, distributions=type(world.distributions)())
    assert "replaces" not in said(older, split)


def test_a_module_that_became_a_project(world: World, site: Path) -> None:
    """It is to be installed only if it isn't."""
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py", "sklearn/externals/__init__.py")
    gone = "`scikit_learn` 1.5 has no module `sklearn.externals.joblib`: `joblib` replaces it · "
    both = (
        FailedImport(source="sklearn.externals", names=("joblib",)),
        missing("sklearn.externals.joblib", "dump", "load"),
    )
    for failed in both:
        assert said(world, failed) == gone + "`%safepip install joblib`, then `import joblib`"
    install(site, "joblib", "1", "joblib/__init__.py")
    write(site / "joblib" / "__init__.py", "from .numpy_pickle import dump, load\n")
    assert [said(world, failed) for failed in both] == [
        gone + "`import joblib`",
        gone + "`from joblib import dump, load`",
    ]


def test_a_finder_that_may_have_anything(world: World, site: Path) -> None:
    """Nobody knows what it would find, so the project that provides the new place has to be installed."""

    class Odd:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None: ...

    install(site, "ipython", "9.1", "IPython/__init__.py")
    odd = replace(world, system=replace(world.system, meta_path=[*world.system.meta_path, Odd()]))
    gone = "`ipython` 9.1 has no module `IPython.parallel`: `ipyparallel` replaces it · "
    assert said(odd, missing("IPython.parallel")) == gone + "`%safepip install ipyparallel`, then `import ipyparallel`"


def test_a_package_that_decides_by_its_own_code_where_its_modules_are(world: World, site: Path) -> None:
    """Where an import would look is unknown then, but this one failed."""
    install(site, "keras", "3.9", "keras/__init__.py", "keras/utils.py")
    write(site / "keras" / "__init__.py", "__path__.append('/elsewhere')\n")
    assert said(world, missing("keras.utils.np_utils", "to_categorical")) == (
        "`keras` 3.9 has no module `keras.utils.np_utils`: `keras.utils` replaces it · `import keras.utils`"
    )
    assert said(world, missing("keras.utils.never_there")) == ""


def test_a_question_about_what_moved(world: World, site: Path) -> None:
    """`%where` says the same as a failed import does."""
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py", "sklearn/model_selection.py", "sklearn/metrics.py")
    for name, expected in {
        "sklearn.grid_search": "`scikit_learn` 1.5 has no module `sklearn.grid_search`: `sklearn.model_selection` replaces it",
        "sklearn.metrics.plot_roc_curve": "`scikit_learn` 1.5 has no `plot_roc_curve` in `sklearn.metrics`: "
        "`sklearn.metrics.RocCurveDisplay` replaces it",
        "google.colab": "`google.colab` exists only on Google Colab",
        "pythoncom": "`pythoncom` exists only on Windows",
        "msvcrt": "`msvcrt` exists only on Windows",
    }.items():
        assert [each.message for each in where(name, world).findings] == [expected]


def test_the_longest_name_of_the_table_counts(world: World, site: Path) -> None:
    """`IPython.html` became the notebook, and `IPython.html.widgets` ipywidgets."""
    install(site, "ipython", "9.1", "IPython/__init__.py")
    widgets = "`ipython` 9.1 has no module `IPython.html.widgets`: `ipywidgets` replaces it · "
    install_line = "`%safepip install ipywidgets`, then `import ipywidgets`"
    assert said(world, missing("IPython.html", "widgets")) == widgets + install_line
    assert said(world, missing("IPython.html.widgets", "interact", at="IPython.html")) == widgets + install_line


def test_a_name_that_its_module_dropped(world: World, site: Path) -> None:
    install(site, "scipy", "1.17", "scipy/__init__.py", "scipy/integrate.py", "scipy/misc.py")
    assert said(world, FailedImport(source="scipy.integrate", names=("simps",))) == (
        "`scipy` 1.17 has no `simps` in `scipy.integrate`: `scipy.integrate.simpson` replaces it · "
        "`from scipy.integrate import simpson`"
    )
    assert said(world, FailedImport(source="scipy.misc", names=("imread",))) == (
        "`scipy` 1.17 has no `imread` in `scipy.misc`: `imageio.v2.imread` replaces it · "
        "`%safepip install imageio`, then `from imageio.v2 import imread`"
    )
    assert said(world, FailedImport(source="scipy.misc", names=("imresize",))) == (
        "`scipy` 1.17 has no `imresize` in `scipy.misc` any more"
    )
    assert said(world, FailedImport(source="scipy.misc", names=("never_there",))) == ""


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (
            missing("urllib2"),
            f"`urllib2` was removed in Python 3, and this kernel runs {PYTHON}: `urllib.request` replaces it "
            "· `import urllib.request`",
        ),
        (
            FailedImport(source="collections", names=("Mapping", "Iterable", "OrderedDict")),
            f"`Mapping` of `collections` was removed in Python 3.10, and this kernel runs {PYTHON}: "
            "`collections.abc.Mapping` replaces it · `from collections.abc import Mapping, Iterable`",
        ),
        (
            FailedImport(source="itertools", names=("izip",)),
            f"`izip` of `itertools` was removed in Python 3, and this kernel runs {PYTHON}: `zip` replaces it",
        ),
        (missing("google.colab", "drive"), "`google.colab` exists only on Google Colab"),
        (missing("google.colab", "drive", at="google"), "`google.colab` exists only on Google Colab"),
        (missing("pyspark.dbutils", at="pyspark"), "`pyspark.dbutils` exists only on Databricks"),
        (missing("winreg"), "`winreg` exists only on Windows"),
        (missing("win32com.client", at="win32com"), "`win32com.client` exists only on Windows"),
    ],
)
def test_python_and_platforms(world: World, failed: FailedImport, expected: str) -> None:
    """Nothing that could be installed would help."""
    assert said(world, failed) == expected


def test_on_windows_a_project_for_it_is_proposed(world: World) -> None:
    """What it lacks there can be installed."""
    markers = {**world.interpreter["markers"], "platform_system": "Windows"}
    there = replace(world, interpreter={**world.interpreter, "markers": markers})
    assert "%safepip install pywin32`" in said(there, missing("pythoncom"))


def test_what_a_newer_python_removed_keeps_its_sentence_and_gets_a_hint(world: World) -> None:
    newer = replace(world, interpreter={**world.interpreter, "version": "3.13.1"}, standard_library=frozenset())
    newer = replace(newer, system=replace(newer.system, path=[], meta_path=[]))
    assert said(newer, missing("telnetlib")) == (
        "`telnetlib` was removed from the standard library in Python 3.13, and this kernel runs 3.13.1 "
        "· `%safepip install telnetlib3`, then `import telnetlib3`"
    )


def test_what_a_message_asks_for(world: World, site: Path) -> None:
    """Either will do, so nothing is said if one is installed: its version may be what is wrong."""
    failed = FailedImport(required=("pyarrow", "fastparquet"))
    assert said(world, failed) == (
        "`pyarrow` is not installed in this kernel's environment (`PREFIX`) "
        "· `%safepip install pyarrow` or `%safepip install fastparquet`"
    )
    install(site, "fastparquet", "1", "fastparquet/__init__.py")
    assert said(world, failed) == ""
