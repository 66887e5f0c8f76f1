"""What a whole path is looked through for: hiding files, projects recorded twice, stale modules."""

from __future__ import annotations

import os
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path
from types import ModuleType

from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem
from ipython_where.facts.imports.survey import (
    read_duplicates,
    read_local_shadows,
    read_stale_modules,
    read_user_site_shadows,
)
from ipython_where.judge.diagnose.environment import LocalShadow, StaleModule, Twice
from tests.recorded import recorded


def system(*path: str, cwd: Path, modules: dict[str, ModuleType] | None = None) -> ImportSystem:
    return ImportSystem(
        path=path,
        meta_path=[BuiltinImporter, FrozenImporter, PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules=modules or {},
        cwd=str(cwd),
    )


def install(site: Path, name: str, version: str) -> Path:
    folder = site / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n\n")
    (folder / "RECORD").write_text(f"{name}.py,,\n")
    (site / f"{name}.py").write_text(f"__version__ = '{version}'\n")
    return folder


def test_a_file_of_the_working_directory_that_hides_something_is_told(tmp_path: Path) -> None:
    here, site = tmp_path / "here", tmp_path / "site"
    install(site, "six", "1.16")
    here.mkdir()
    for name in ("six", "calendar", "time", "harmless"):
        (here / f"{name}.py").write_text("")
    stdlib = os.path.dirname(os.__file__)
    found = read_local_shadows(system("", str(site), stdlib, cwd=here), Distributions(), sys.stdlib_module_names)
    assert found == (
        LocalShadow(
            module="calendar",
            file=str(here / "calendar.py"),
            hidden=os.path.join(stdlib, "calendar.py"),
            standard_library=True,
        ),
        LocalShadow(module="six", file=str(here / "six.py"), hidden=str(site / "six.py"), standard_library=False),
    )


def test_a_working_directory_that_is_not_on_the_path_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "calendar.py").write_text("")
    assert (
        read_local_shadows(system(os.path.dirname(os.__file__), cwd=tmp_path), Distributions(), sys.stdlib_module_names)
        == ()
    )


def test_a_project_with_two_metadata_folders_is_told(tmp_path: Path) -> None:
    folders = [install(tmp_path, "six", version) for version in ("1.15", "1.16")]
    install(tmp_path, "other", "1")
    found = list(read_duplicates([str(tmp_path)], Distributions()))
    in_their_order = [str(each._path) for each in recorded(tmp_path, "six")]  # type: ignore[attr-defined]
    assert sorted(in_their_order) == sorted(map(str, folders))
    assert found == [("six", tuple(in_their_order))]


def test_the_user_site_hides_what_comes_after_it_on_the_path(tmp_path: Path) -> None:
    user, site, before = tmp_path / "user", tmp_path / "site", tmp_path / "before"
    mine, hidden = install(user, "six", "1.15"), install(site, "six", "1.16")
    install(user, "own", "1")
    install(before, "early", "1")
    install(user, "early", "2")
    path = [str(before), str(user), str(site)]
    assert read_user_site_shadows(str(user), path, Distributions()) == (
        Twice(project="six", metadata=(str(mine), str(hidden))),
    )


def test_a_loaded_module_whose_distribution_changed_since_the_start_is_stale(tmp_path: Path) -> None:
    install(tmp_path, "fresh", "2.0")
    install(tmp_path, "same", "1.0")
    modules = {}
    for name in ("fresh", "same"):
        modules[name] = ModuleType(name)
        modules[name].__file__ = str(tmp_path / f"{name}.py")
        modules[name].__version__ = "1.0"  # type: ignore[attr-defined]
    world = system(str(tmp_path), cwd=tmp_path, modules=modules)
    started = tmp_path.stat().st_mtime - 60
    assert read_stale_modules(world, Distributions(), started=started, since=lambda name: started) == (
        StaleModule(module="fresh", loaded_version="1.0", distribution="fresh", version="2.0"),
    )
    assert read_stale_modules(world, Distributions(), started=started, since=lambda name: started + 3600) == ()
    assert read_stale_modules(world, Distributions(), started=None, since=lambda name: None) == ()
