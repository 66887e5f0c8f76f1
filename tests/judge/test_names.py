"""Projects for import names, and names that are nearly the same."""

from __future__ import annotations

import importlib.metadata
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.judge import names
from ipython_where.judge.names import (
    imported_as,
    is_project,
    near,
    project_for,
    project_meant,
    projects_for,
    removed_in,
)
from ipython_where.judge.providers import PROVIDERS


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("module", "project"),
    [
        ("cv2", "opencv-python"),
        ("sklearn", "scikit-learn"),
        ("sklearn.svm", "scikit-learn"),
        ("google.protobuf.message", "protobuf"),
        ("google.auth", "google-auth"),
        ("google", None),
        ("google.unheard_of", None),
        ("airflow.models", "apache-airflow"),
        ("airflow.providers.google.cloud", "apache-airflow-providers-google"),
        ("airflow.providers.unheard_of", None),
        ("numpy", "numpy"),
        ("huggingface_hub", "huggingface-hub"),
        ("Sklearn", None),
        ("my_own_module", None),
        ("", None),
        ("..", None),
    ],
)
def test_a_project_is_named_only_where_it_is_certain(module: str, project: str | None) -> None:
    """The longest dotted prefix in the table decides; anything else is unknown."""
    assert project_for(module) == project


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sklearn", ("scikit-learn", True)),
        ("SKLearn", ("scikit-learn", True)),
        ("cv2", ("opencv-python", False)),
        ("CV2", ("opencv-python", False)),
        ("scikit-learn", None),
        ("my_own_module", None),
        ("", None),
    ],
)
def test_the_project_that_a_name_stands_for(name: str, meant: tuple[str, bool] | None) -> None:
    """And whether the name is a placeholder on PyPI, or no project at all."""
    assert project_meant(name) == meant


def test_a_name_is_a_project_however_it_is_spelled() -> None:
    assert [is_project(name) for name in ("numpy", "Scikit_Learn", "scikit.learn")] == [True] * 3
    assert [is_project(name) for name in ("num", "umpy", "numpy x", "my-own", "")] == [False] * 5


def test_the_table_agrees_with_what_is_installed() -> None:
    """For every import name of the table that this environment has, the named project is what provides it."""
    owners = dict(importlib.metadata.packages_distributions())
    if owners.get("debian") == ["setuptools"]:
        del owners["debian"]  # the setuptools of Debian's `venv` carries the folder that it is packaged with
    checked = 0
    for module in (line.split()[0] for line in PROVIDERS.splitlines() if line):
        found = owners.get(module)
        if found:
            assert {normalised(each) for each in projects_for(module)} & {normalised(owner) for owner in found}, module
            checked += 1
    assert checked >= 40


def test_two_projects_are_named_if_both_are_usual() -> None:
    """The first is the one for beginners."""
    assert projects_for("cv2.aruco") == ("opencv-python", "opencv-python-headless")
    assert projects_for("psycopg2") == ("psycopg2-binary", "psycopg2")
    assert projects_for("opencv_python") == ("opencv-python",)


@pytest.mark.parametrize(
    "module", ["config", "utils", "tests", "pipeline", "cPickle", "typing", "numpyy", "a\nnumpy", "cv2 "]
)
def test_the_list_of_what_may_be_proposed_is_closed(module: str) -> None:
    """Neither a name that people give their own files, nor one of the standard library, nor one that resembles another."""
    assert projects_for(module) == ()


KNOWN = ("IPython", "PIL", "Pandas", "jupyter_client", "matplotlib", "numpy", "pandas", "requests", "sklearn", "yaml")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("pandsa", ("pandas", "Pandas")),
        ("numppy", ("numpy",)),
        ("nunpy", ("numpy",)),
        ("sklaern", ("sklearn",)),
        ("matplolib", ("matplotlib",)),
        ("matplotllibb", ("matplotlib",)),
        ("pil", ("PIL",)),
        ("ipython", ("IPython",)),
        ("jupyter-client", ("jupyter_client",)),
        ("pandas", ("Pandas",)),
        ("polars", ()),
        ("xml", ()),
        ("np", ()),
        ("", ()),
    ],
)
def test_near_names(name: str, found: tuple[str, ...]) -> None:
    """One slip, two in long names, a difference in case before all; nothing for other words."""
    assert set(near(name, KNOWN)) == set(found)


def test_a_difference_in_case_comes_first() -> None:
    """It is the likeliest, whatever else is near."""
    assert near("Pandas", ["pandsa", "panda", "pandas"]) == ("pandas", "panda", "pandsa")


def test_at_most_limit_names() -> None:
    """The nearest are kept."""
    assert near("numpy", ["numpyy", "nump", "nunpy", "NumPy"], limit=2) == ("NumPy", "nump")


@given(st.text("abc-", max_size=10), st.text("abc-", max_size=10))
def test_the_distance_is_the_textbook_one(a: str, b: str) -> None:
    """Up to the limit it equals the plain recursion of optimal string alignment."""

    def plain(i: int, j: int) -> int:
        if min(i, j) == 0:
            return max(i, j)
        row = table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])
        swap = i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]
        return min(*row, table[i - 2][j - 2] + 1) if swap else min(row)

    table: list[list[int]] = [[] for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            table[i].append(plain(i, j))
    wanted = table[-1][-1]
    got = names._distance(a, b, 2)
    assert got == wanted if wanted <= 2 else got > 2


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("beautifulsoup4", "bs4"),
        ("scikit_learn", "sklearn"),
        ("PyYAML", "yaml"),
        ("protobuf", "google.protobuf"),
        ("Numpy", "numpy"),
        ("Flask", "flask"),
        ("numpy", None),
        ("yaml", None),
        ("pymongo", None),
        ("google_auth", None),  # two modules: which of them is meant?
        ("my_own_module", None),
        ("pil", "PIL"),
        ("Sklearn", "sklearn"),
        ("crypto", "Crypto"),
        ("PiL.Image", None),
    ],
)
def test_a_projects_name_is_imported_as_another_where_there_is_just_one(name: str, module: str | None) -> None:
    assert imported_as(name) == module


def test_what_left_the_standard_library_is_in_none_of_this_pythons() -> None:
    """The releases up to this interpreter's have taken away what the table says, the later ones not yet."""
    for name in sorted(sys.stdlib_module_names):
        release = removed_in(name)
        assert release is None or tuple(map(int, release.split("."))) > sys.version_info[:2], name
    assert (removed_in("distutils.core"), removed_in("telnetlib"), removed_in("json")) == ("3.12", "3.13", None)
