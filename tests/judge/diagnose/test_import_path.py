"""What is said of `PYTHONPATH`, of the user site, and of an environment that cannot be written to, from values alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.diagnose.import_path import PathFolder, instead_of_it, pythonpath, user_site_off
from ipython_where.model import Evidence, Finding

from .test_environment import KERNEL, SEEN_KERNEL


def test_pythonpath_is_told_by_what_its_entries_are() -> None:
    folders = (
        PathFolder(path="/extra", note="an archive"),
        PathFolder(path="/gone", is_there=False, note="not there"),
        PathFolder(path="/old/lib/python3.9/site-packages", belongs_to="Python 3.9"),
        PathFolder(path="/notes.txt", is_there=False, note="a file, but not an archive of modules"),
    )
    other, ours, missing = pythonpath(KERNEL, folders)
    assert other == Finding(
        id="pythonpath-other-python",
        severity="warning",
        message="`PYTHONPATH` puts packages of another Python ahead of this kernel's environment",
        evidence=(Evidence(label="directory", value=folders[2].path, note="Python 3.9"), SEEN_KERNEL),
        hint="start the kernel without `PYTHONPATH`, or remove that directory from it",
    )
    assert ours == Finding(
        id="pythonpath",
        severity="note",
        message="`PYTHONPATH` puts its directories ahead of this kernel's environment",
        evidence=(Evidence(label="directory", value="/extra", note="an archive"),),
    )
    assert missing == Finding(
        id="pythonpath-missing",
        severity="note",
        message="`PYTHONPATH` has 2 entries that nothing can be imported from",
        evidence=(
            Evidence(label="named", value="/gone", note="not there"),
            Evidence(label="named", value="/notes.txt", note="a file, but not an archive of modules"),
        ),
    )
    (only,) = pythonpath(KERNEL, folders[1:2])
    assert only.message == "`PYTHONPATH` has 1 entry that nothing can be imported from"
    assert list(pythonpath(KERNEL, ())) == []


def test_a_user_site_that_is_off_is_told_where_something_is_in_it() -> None:
    kernel = replace(KERNEL, user_site="/home/me/site", user_site_enabled=False)
    assert list(user_site_off(kernel, 0)) == []
    (found,) = user_site_off(kernel, 2)
    assert found == Finding(
        id="user-site-off",
        severity="note",
        message="this kernel does not search the user site, which holds 2 distributions",
        evidence=(Evidence(label="user site", value="/home/me/site"),),
        hint="start the kernel without `PYTHONNOUSERSITE`, `-s` and `-I`, or install what you need into its environment",
    )
    assert list(user_site_off(replace(kernel, user_site=None), 2)) == []


@pytest.mark.parametrize(
    ("enabled", "pips", "managed", "expected"),
    [
        (True, True, False, "pip would install into the user site instead"),
        (False, True, False, "pip would install into the user site instead, which this kernel does not search"),
        (False, False, False, "pip would fail"),
        (True, True, True, "pip would fail"),
    ],
)
def test_what_pip_does_where_it_may_not_write(enabled: bool, pips: bool, managed: bool, expected: str) -> None:
    kernel = replace(KERNEL, user_site_enabled=enabled, externally_managed=managed)
    assert instead_of_it(kernel, pips) == expected
