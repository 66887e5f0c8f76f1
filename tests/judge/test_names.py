"""Projects for import names, and names that are nearly the same."""

from __future__ import annotations

import importlib.metadata
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.judge import names
from ipython_where.judge.names import imported_as, near, project_for, removed_in


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


def test_the_table_agrees_with_what_is_installed() -> None:
    """For every import name of the table that this environment has, the named project is what provides it."""
    owners = importlib.metadata.packages_distributions()
    checked = 0
    for module in {*names._PROJECTS, *names._SAME_NAME}:
        found = owners.get(module)
        if found:
            assert normalised(str(project_for(module))) in {normalised(owner) for owner in found}, module
            checked += 1
    assert checked >= 10


def test_no_name_is_listed_twice() -> None:
    """An entry in both parts would have two meanings; a line that says nothing new is left out."""
    assert not set(names._PROJECTS) & names._SAME_NAME
    assert len(names._ALIKE.split()) == len(names._SAME_NAME)


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
