"""What an install means for the process that made it, held against the imports of that process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.environments import ROOT, call, site_packages
from tests.faults.wheels import write_wheel

from .sessions import clean_world, make_environment

pytestmark = pytest.mark.usefixtures("installer")

INSIDE = """
import json, os, sys
from tests.change.driver import carry_out
from ipython_where import where
wheels, site = sys.argv[1], sys.argv[2]
found = {}
def install(name, *more):
    done = carry_out(" ".join(["install", "--no-index", "--find-links", wheels, *more, name]))
    assert done["error"] is None, done["error"]
    verdict = done["answer"]["verdict"]
    return [verdict["importable"], [each["name"] for each in verdict["restart"]], [each["name"] for each in verdict["invisible"]]]
def stale(name):
    return where(name).stale
def link(name):
    os.link(os.path.join(site, name), os.path.join(wheels, "linked"))

found["new"] = install("fresh==1")
import fresh, fresh.sub
found["loaded after it"] = [stale("fresh"), stale("fresh.sub")]
found["another"] = install("other==1")
found["loaded before another"] = [stale("fresh"), stale("fresh.sub")]
found["upgraded"] = install("fresh==2")
found["loaded before it"] = [stale("fresh"), stale("fresh.sub")]
import settled, settled.sub
link("settled/sub.py")
found["linked elsewhere"] = [stale("settled"), stale("settled.sub")]
os.mkdir(os.path.join(site, "spaced"))
import spaced
found["a folder before"] = install("spaced==1")
found["the folder"] = stale("spaced")
found["an egg before"] = install("egged==1")
found["removed and back"] = [carry_out("uninstall other")["error"], install("other==1")]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process is told while it installs, imports and installs again."""
    folder = tmp_path_factory.mktemp("process")
    prefix, wheels = make_environment(folder / "env"), folder / "wheels"
    wheels.mkdir()
    for name, version in (
        ("fresh", "1"),
        ("fresh", "2"),
        ("other", "1"),
        ("spaced", "1"),
        ("egged", "1"),
        ("settled", "1"),
    ):
        code = f"__version__ = '.'.join(('{version}', '0'))\n"
        write_wheel(wheels, name, version, {f"{name}/__init__.py": code, f"{name}/sub.py": f"x = {version}\n"})
    site = site_packages(prefix)
    call(prefix / "bin" / "python", "-m", "pip", "install", "-q", "--no-index", "--find-links", wheels, "settled")
    egg = site / "egged-0.9-py3.egg"
    (egg / "egged").mkdir(parents=True)
    (egg / "egged" / "__init__.py").touch()
    (site / "easy-install.pth").write_text("import sys; sys.__plen = len(sys.path)\n./egged-0.9-py3.egg\n")
    (site / "zz.pth").write_text(f"import sys; sys.path.insert(1, {str(egg)!r})\n")
    environ = {**clean_world(folder / "home"), "PYTHONPATH": str(ROOT)}
    return dict(json.loads(call(prefix / "bin" / "python", "-c", INSIDE, wheels, site, cwd=folder, **environ)))


def test_what_is_new_can_be_imported(found: dict[str, Any]) -> None:
    assert found["new"] == [["fresh"], [], []]


def test_what_was_loaded_after_the_change_is_what_is_installed(found: dict[str, Any]) -> None:
    """This process saw the change, so it is no question; nor is it after another one."""
    assert found["loaded after it"] == [False, False]
    assert found["loaded before another"] == [False, False]


def test_what_was_loaded_before_it_needs_a_restart(found: dict[str, Any]) -> None:
    """And is not called what is installed; its version is computed, so that nothing more is proven."""
    assert found["upgraded"] == [[], ["fresh", "fresh.sub"], []]
    assert True not in found["loaded before it"] and False not in found["loaded before it"]


def test_a_file_that_was_linked_elsewhere_is_what_is_installed(found: dict[str, Any]) -> None:
    assert found["linked elsewhere"] == [False, False]


def test_a_folder_that_was_imported_before_it_became_a_package(found: dict[str, Any]) -> None:
    """An import goes on giving the folder."""
    assert found["a folder before"] == [[], ["spaced"], []]
    assert found["the folder"] is True


def test_an_egg_that_comes_first(found: dict[str, Any]) -> None:
    assert found["an egg before"] == [[], [], ["egged"]]


def test_what_comes_back_and_was_never_loaded(found: dict[str, Any]) -> None:
    assert found["removed and back"] == [None, [["other"], [], []]]
