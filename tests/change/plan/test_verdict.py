"""What a change means for a process that runs: importable, stale, or not visible."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from ipython_where.change.plan.verdict import StaleModules, judge_verdict, read_loaded_modules
from ipython_where.change.values import ChangedModule, Invisible, Verdict
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem
from tests.change.transaction.worlds import install, lay_out
from tests.environments import ROOT, call


def system(*path: Path) -> ImportSystem:
    """An import system with these entries on its path, and nothing loaded."""
    return ImportSystem(
        path=[str(each) for each in path],
        meta_path=[PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules={},
        cwd="/",
    )


def module(name: str, file: Path | None, *, package: bool = False) -> ModuleType:
    """A module as an import leaves it."""
    made = ModuleType(name)
    if file is not None:
        made.__file__ = str(file)
    if package:
        made.__path__ = []
    return made


def test_modules_by_the_files_that_a_distribution_lists(tmp_path: Path) -> None:
    """Its modules and submodules, native code marked, and what its code made; not a neighbour's, nor a namespace package."""
    files = {f"site/{each}": "" for each in ("one/__init__.py", "one/deep/x.py", "one/fast.so", "space/part.py")}
    metadata = install(tmp_path, "one", "1", files, site="site")
    site = tmp_path / "site"
    loaded = {
        "one": module("one", site / "one/__init__.py", package=True),
        "one.deep.x": module("one.deep.x", site / "one/deep/x.py"),
        "one.fast": module("one.fast", site / "one/fast.so"),
        "one.made": module("one.made", None),
        "one.notes": module("one.notes", site / "one/notes.py"),
        "space": module("space", None, package=True),
        "space.part": module("space.part", site / "space/part.py"),
        "space.other": module("space.other", site / "space/other.py"),
        "sys": sys,
        **cast("dict[str, ModuleType]", {None: None, 3: "no module"}),
    }
    found = read_loaded_modules([str(metadata)], Distributions(), loaded)
    assert [(each.name, each.distribution, each.extension) for each in found] == [
        ("one", "one", False),
        ("one.deep.x", "one", False),
        ("one.fast", "one", True),
        ("one.made", "one", False),
        ("space.part", "one", False),
    ]


def test_modules_of_an_editable_project_are_those_in_its_folder(tmp_path: Path) -> None:
    """RECORD lists none of them; the folder is told by direct_url.json."""
    source = tmp_path / "source"
    files = {
        "site/mine.pth": str(source),
        "site/mine-1.dist-info/direct_url.json": f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}',
    }
    metadata = install(tmp_path, "mine", "1", files, site="site")
    loaded = {"mine": module("mine", source / "mine.py"), "other": module("other", tmp_path / "source2/other.py")}
    found = read_loaded_modules([str(metadata)], Distributions(), loaded)
    assert found == (ChangedModule(name="mine", distribution="mine", extension=False),)


def test_what_is_found_on_the_path_is_importable(tmp_path: Path) -> None:
    """By the name of its modules, not of the project; what begins with an underscore is not told where there is more."""
    files = {"site/public.py": "", "site/_private.py": "", "site/pack/__init__.py": ""}
    metadata = install(tmp_path, "project", "1", files, site="site")
    verdict = judge_verdict([str(metadata)], (), system=system(tmp_path / "site"), distributions=Distributions())
    assert verdict == Verdict(importable=("public", "pack"), restart=(), invisible=())


def test_what_is_loaded_in_an_older_version_is_not_called_importable(tmp_path: Path) -> None:
    """The name would give the old module."""
    metadata = install(tmp_path, "old", "2", {"site/old.py": ""}, site="site")
    stale = (ChangedModule(name="old.sub", distribution="old", extension=False),)
    verdict = judge_verdict([str(metadata)], stale, system=system(tmp_path / "site"), distributions=Distributions())
    assert verdict == Verdict(importable=(), restart=stale, invisible=())


def editable(root: Path, name: str, added: str) -> Path:
    """An editable installation of `root`/project, whose ``.pth`` adds a folder of it; its metadata directory."""
    metadata = install(root, name, "1", {f"site/_{name}.pth": f"{root / added}\n"}, site="site")
    url = {"url": (root / "project").as_uri(), "dir_info": {"editable": True}}
    (metadata / "direct_url.json").write_text(json.dumps(url))
    return metadata


def test_an_editable_project_is_importable_by_what_its_folder_holds(tmp_path: Path) -> None:
    """By its own name where all of the folder is added, by what lies in a folder for its source alone; found, not listed."""
    lay_out(
        tmp_path,
        {
            "project/flat_one.py": "",
            "project/setup.py": "",
            "project/tests/__init__.py": "",
            "project/src/other/__init__.py": "",
            "project/src/module.py": "",
            "project/src/data/x.txt": "",
            "project/src/hidden.py": "",
            "first/hidden.py": "",
        },
    )
    flat, source = editable(tmp_path, "flat-one", "project"), editable(tmp_path, "named_otherwise", "project/src")
    found = [tmp_path / each for each in ("first", "site", "project", "project/src")]
    judged = judge_verdict([str(flat), str(source)], (), system=system(*found), distributions=Distributions())
    assert judged == Verdict(importable=("flat_one", "module", "other"), restart=(), invisible=())
    stale = (ChangedModule(name="other.sub", distribution="named_otherwise", extension=False),)
    judged = judge_verdict([str(source)], stale, system=system(*found), distributions=Distributions())
    assert judged == Verdict(importable=("module",), restart=stale, invisible=())
    assert judge_verdict([str(flat)], (), system=system(tmp_path / "site"), distributions=Distributions()) == Verdict(
        importable=(), restart=(), invisible=()
    )


def test_a_file_that_is_found_first_is_named(tmp_path: Path) -> None:
    """A module of the notebook's folder, or another installation of it."""
    metadata = install(tmp_path, "hidden", "1", {"site/hidden.py": ""}, site="site")
    first = tmp_path / "first"
    first.mkdir()
    (first / "hidden.py").touch()
    verdict = judge_verdict([str(metadata)], (), system=system(first, tmp_path / "site"), distributions=Distributions())
    reason = f"`{first}/hidden.py` is found before it"
    assert verdict == Verdict(importable=(), restart=(), invisible=(Invisible(name="hidden", reason=reason),))


def test_a_directory_that_is_not_on_the_path_is_named(tmp_path: Path) -> None:
    """What is installed there is not visible."""
    metadata = install(tmp_path, "away", "1", {"site/away.py": ""}, site="site")
    verdict = judge_verdict([str(metadata)], (), system=system(), distributions=Distributions())
    reason = f"`{tmp_path}/site` is not on this kernel's `sys.path`"
    assert verdict == Verdict(importable=(), restart=(), invisible=(Invisible(name="away", reason=reason),))


class Hook:
    """Somebody's finder: what it has, only asking it would tell."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        raise AssertionError("it may import")


def test_what_a_finder_of_somebodys_may_bring_is_neither_importable_nor_hidden(tmp_path: Path) -> None:
    metadata = install(tmp_path, "plain", "1", {"site/plain.py": ""}, site="site")
    hooked = replace(system(tmp_path / "site"), meta_path=[Hook(), PathFinder])
    verdict = judge_verdict([str(metadata)], (), system=hooked, distributions=Distributions())
    assert verdict == Verdict(importable=(), restart=(), invisible=())


ACTIVATE = """
import sys
from pathlib import Path
from ipython_where.change.plan.verdict import activate
site = Path(sys.argv[1])
born = site / "born"
born.mkdir(parents=True)
(born / "old.pth").write_text("import sys; sys.ran = getattr(sys, 'ran', 0) + 1")
print(activate(str(born), []) == (str(born),), sys.ran)
(site / "source").mkdir()
(born / "new.pth").write_text(str(site / "source"))
print(activate(str(born), ["new.pth"]) == (str(site / "source"),), sys.ran)
print(activate(str(born), ["missing.pth"]), sys.ran)
"""


def test_a_site_that_is_just_born_and_new_pth_files_count(tmp_path: Path) -> None:
    """The path gains them; the code of a `.pth` file that counted before does not run again."""
    printed = call(sys.executable, "-c", ACTIVATE, tmp_path, cwd=ROOT)
    assert printed.splitlines() == ["True 1", "True 1", "() 1"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe,,", b'"open,quote\nx.py,,\n'])
def test_a_broken_record_owns_nothing_that_it_does_not_list(tmp_path: Path, content: bytes) -> None:
    """It is read as far as it goes."""
    metadata = install(tmp_path, "torn", "1", {"site/torn.py": ""}, site="site")
    (metadata / "RECORD").write_bytes(content)
    loaded = {"torn": module("torn", tmp_path / "site/torn.py")}
    assert read_loaded_modules([str(metadata)], Distributions(), loaded) == ()


def loaded(*names: str) -> tuple[ChangedModule, ...]:
    return tuple(ChangedModule(name=name, distribution="pack", extension=False) for name in names)


def test_an_undo_brings_loaded_modules_and_the_disk_together_again() -> None:
    """What was loaded before the transaction agrees again; what was loaded since, or changed by another one, does not."""
    outdated, before, since = StaleModules(), ModuleType("before"), ModuleType("since")
    modules = {"before": before}
    assert outdated.after("tx-1", loaded("before"), modules) == loaded("before")
    modules["since"] = since
    assert outdated.after("tx-2", loaded("before", "since"), modules, undone="tx-1") == loaded("since")
    assert outdated.after("tx-3", loaded("before", "since"), modules, undone="tx-2") == loaded("before")


def test_an_undo_of_one_of_two_changes_leaves_a_module_outdated() -> None:
    outdated, modules = StaleModules(), {"old": ModuleType("old")}
    for transaction in ("tx-1", "tx-2"):
        outdated.after(transaction, loaded("old"), modules)
    assert outdated.after("tx-3", loaded("old"), modules, undone="tx-2") == loaded("old")
    assert outdated.after("tx-4", loaded("old"), modules, undone="tx-1") == ()


def test_what_is_no_module_counts_as_outdated() -> None:
    assert StaleModules().after("tx-1", loaded("odd"), {"odd": 5}, undone="tx-0") == loaded("odd")
