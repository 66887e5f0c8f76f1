"""Whether a module can be imported now, held against an import in the same process: what is found, what is loaded, what hides."""

from __future__ import annotations

import json
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from tests.change.transaction.worlds import install, lay_out
from tests.environments import ROOT, call

MINOR = sys.version_info[1]
FOREIGN = EXTENSION_SUFFIXES[0].replace(f"-3{MINOR}-", f"-3{MINOR - 1}-")
"""How a compiled module's file ends that is for the Python before this one, on this machine."""

CASES: dict[str, dict[str, Any]] = {
    "plain": {"brings": ["plain.py"], "importable": ["plain"]},
    "package": {"brings": ["package/__init__.py", "package/sub.py"], "importable": ["package"]},
    "space": {"brings": ["space/part/__init__.py", "space/single.py"], "importable": ["space.part", "space.single"]},
    "bytecode": {"brings": ["bytecode.pyc"], "importable": ["bytecode"]},
    "again": {"brings": ["again.py"], "importable": ["again"], "before": "sys.path_importer_cache.pop(site, None)"},
    "egg": {
        "brings": ["egg/__init__.py"],
        "there": ["site/egg-1.egg/egg/__init__.py"],
        "first": ["site/egg-1.egg"],
        "invisible": {
            "egg": "`{root}/site/egg-1.egg/egg/__init__.py` is found before it: code put `{root}/site/egg-1.egg` on `sys.path`"
        },
    },
    "other_build": {
        "brings": ["other_build/__init__.py"],
        "there": ["pythonpath/other_build/__init__.py", f"pythonpath/other_build/_core{FOREIGN}"],
        "invisible": {
            "other_build": "`{root}/pythonpath/other_build/__init__.py` is found before it: `PYTHONPATH` has `{root}/pythonpath`"
        },
    },
    "beside": {
        "brings": ["beside.py"],
        "there": ["work/beside.py"],
        "invisible": {"beside": "`{root}/work/beside.py` is found before it"},
    },
    "folder_first": {
        "brings": ["folder_first/__init__.py"],
        "there": ["work/folder_first/data.txt"],
        "before": "import folder_first",
        "restart": {"folder_first": "{root}/work/folder_first"},
    },
    "own_folder": {
        "brings": ["own_folder/__init__.py"],
        "there": ["site/own_folder/data.txt"],
        "before": "import own_folder",
        "restart": {"own_folder": "{root}/site/own_folder"},
    },
    "loaded_other": {
        "brings": ["loaded_other.py"],
        "there": ["gone/loaded_other.py"],
        "before": "sys.path.insert(0, root + '/gone'); import loaded_other; sys.path.pop(0)",
        "restart": {"loaded_other": "{root}/gone/loaded_other.py"},
    },
    "loaded_parent": {
        "brings": ["loaded_parent/part/__init__.py"],
        "there": ["gone/loaded_parent/__init__.py"],
        "before": "sys.path.insert(0, root + '/gone'); import loaded_parent; sys.path.pop(0)",
        "restart": {"loaded_parent": "{root}/gone/loaded_parent/__init__.py"},
    },
    "loaded_space": {
        "brings": ["loaded_space/part/__init__.py"],
        "there": ["work/loaded_space/old.py"],
        "before": "import loaded_space.old",
        "importable": ["loaded_space.part"],
    },
    "halted": {
        "brings": ["halted.py"],
        "before": "sys.modules['halted'] = None",
        "invisible": {"halted": "`sys.modules` has None for `halted`"},
    },
    "another_python": {
        "brings": [f"another_python{FOREIGN}"],
        "invisible": {"another_python": f"`{{root}}/site/another_python{FOREIGN}` is built for another Python"},
    },
    "with_core": {
        "brings": ["with_core/__init__.py", f"with_core/_core{FOREIGN}"],
        "importable": ["with_core"],
        "invisible": {"with_core._core": f"`{{root}}/site/with_core/_core{FOREIGN}` is built for another Python"},
    },
    "many_builds": {
        "brings": ["many_builds/__init__.py", f"many_builds/_core{FOREIGN}", "many_builds/_core.py"],
        "importable": ["many_builds"],
    },
    "time": {"brings": ["time.py"], "invisible": {"time": "the built-in module is found before it"}},
    "hidden_space": {
        "brings": ["hidden_space/part/__init__.py"],
        "there": ["work/hidden_space/__init__.py"],
        "invisible": {
            "hidden_space.part": "`hidden_space` is imported from `{root}/work/hidden_space/__init__.py`, "
            "which does not contain it"
        },
    },
    "moved_parent": {
        "brings": ["moved_parent/part/__init__.py"],
        "there": ["site/moved_parent/__init__.py:__path__ = []"],
    },
}

INSIDE = """
import importlib, json, os, sys
root, repository, cases = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
site = root + "/site"
sys.path[:0] = [root + "/work", root + "/pythonpath"]
sys.path += [site, repository]
for case in cases.values():
    sys.path[:0] = [root + "/" + each for each in case.get("first", ())]
for case in cases.values():
    exec(case.get("before", ""))
for old, new in json.loads(sys.argv[4]):
    os.rename(old, new)
importlib.invalidate_caches()
from ipython_where.answer.world import World
from ipython_where.change.plan.verdict import judge_verdict
from ipython_where.facts.distributions.distributions import Distributions
from dataclasses import replace
world = World.here()
world = replace(world, system=replace(world.system, cwd=root + "/work"), environ={})
rules = replace(world.rules, pythonpath=(root + "/pythonpath",), cwd=root + "/work")
judged = {}
for name in cases:
    metadata = site + "/" + name + "-1.dist-info"
    verdict = judge_verdict([metadata], (), system=world.system, distributions=Distributions(), rules=rules)
    judged[name] = verdict.to_dict()
truth = {}
def attempt(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        return None
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "built in")
for name, verdict in judged.items():
    names = [*verdict["importable"], *(each["name"] for each in verdict["invisible"] + verdict["restart"])]
    truth.update({each: attempt(each) for each in names})
print(json.dumps([judged, truth]))
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, str | None]]:
    """What one process says of all cases, with what it had loaded before they were installed; then what its imports give."""
    import py_compile

    root = tmp_path_factory.mktemp("found")
    for folder in ("site", "work", "pythonpath", "gone", "later"):
        (root / folder).mkdir()
    moves = []
    for name, case in CASES.items():
        for file in case.get("there", ()):
            path, _, code = file.partition(":")
            lay_out(root, {path: code})
        metadata = install(root, name, "1", {f"site/{each}": "" for each in case["brings"]}, site="site")
        for file in case["brings"]:
            late = root / "later" / file
            late.parent.mkdir(parents=True, exist_ok=True)
            (root / "site" / file).rename(late)
            moves.append((str(late), str(root / "site" / file)))
        assert metadata.is_dir()
    source = root / "source.py"
    source.touch()
    py_compile.compile(str(source), cfile=str(root / "later" / "bytecode.pyc"))
    cases = {name: {key: case[key] for key in ("before", "first") if key in case} for name, case in CASES.items()}
    for folder in {str(Path(new).parent) for _, new in moves}:
        Path(folder).mkdir(parents=True, exist_ok=True)
    repository = ROOT
    printed = call(sys.executable, "-I", "-c", INSIDE, root, repository, json.dumps(cases), json.dumps(moves))
    found, truth = json.loads(printed)
    return root, found, truth


@pytest.mark.parametrize("name", CASES)
def test_what_an_install_came_to(name: str, judged: tuple[Path, dict[str, Any], dict[str, str | None]]) -> None:
    """What can be imported now, what needs a restart, and what is not visible and why."""
    root, found, _ = judged
    case, verdict = CASES[name], found[name]
    assert verdict["importable"] == case.get("importable", [])
    restart = {each["name"]: each["loaded_from"] for each in verdict["restart"]}
    assert restart == {each: origin.format(root=root) for each, origin in case.get("restart", {}).items()}
    invisible = {each["name"]: each["reason"] for each in verdict["invisible"]}
    expected = {each: reason.format(root=root) for each, reason in case.get("invisible", {}).items()}
    assert invisible == expected


def test_the_imports_of_that_process_agree(judged: tuple[Path, dict[str, Any], dict[str, str | None]]) -> None:
    """What is called importable comes from a file that was brought; what is not, does not."""
    root, found, truth = judged
    for name, verdict in found.items():
        brought = {str(root / "site" / each) for each in CASES[name]["brings"]}
        assert all(truth[each] in brought for each in verdict["importable"]), name
        others = [each["name"] for each in verdict["invisible"] + verdict["restart"]]
        assert not any(truth[each] in brought for each in others), name
