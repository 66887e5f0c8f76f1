"""What the names in a directory tell."""

from __future__ import annotations

import itertools

import pytest

from ipython_where.facts.distributions.directory import Directory
from ipython_where.facts.distributions.leftovers import could_be


def test_what_pip_put_aside_is_no_metadata_directory() -> None:
    names = ["six-1.dist-info", "~ix-1.dist-info", "~ix", "~~x.egg-info", "six", "a~b-1.dist-info"]
    listing = Directory("/site", 0, names, settled=True)
    assert listing.metadata == ["six-1.dist-info", "a~b-1.dist-info"]
    assert listing.leftovers == ["~ix", "~ix-1.dist-info", "~~x.egg-info"]
    assert sorted(listing.projects) == ["a~b", "six"]


def test_names_that_no_import_statement_can_spell_are_no_modules() -> None:
    names = [
        "six.py",
        "_cffi.cpython-311-x86_64-linux-gnu.so",
        "numpy",
        "numpy.libs",
        "six-1.16.dist-info",
        "a-b.py",
        "x.txt",
    ]
    assert Directory("/site", 0, names, settled=True).modules == ("six", "_cffi", "numpy")


def set_aside_by_pip(name: str) -> list[str]:
    """The first names that pip itself would take, one for each number of letters replaced, and two longer ones."""
    pip = pytest.importorskip("pip._internal.utils.temp_dir")
    names = list(itertools.islice(pip.AdjacentTempDirectory._generate_names(name), 200))
    return [names[0], *names[1:30], *(each for each in names if len(each) > len(name))][:40]


@pytest.mark.parametrize("name", ["numpy", "six", "ruamel_yaml", "PIL", "x2", "numpy-2.1.0.dist-info", "pyzmq.libs"])
def test_every_name_that_pip_takes_is_known_again(name: str) -> None:
    module = name.partition("-")[0].partition(".")[0]
    for aside in set_aside_by_pip(name):
        assert could_be(aside, module), aside


@pytest.mark.parametrize("aside", ["~andas-1.dist-info", "~", "~-", "~umpyx", "~ump", "~numpyx-1.dist-info", "~~~py-x"])
def test_another_name_is_not_taken_for_it(aside: str) -> None:
    assert not could_be(aside, "numpy")
