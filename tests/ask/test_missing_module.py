"""What explains that a module was not found, read in folders laid out for it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from ipython_where.ask.failed_import import explain_failure
from ipython_where.ask.world import World
from ipython_where.failure import FailedImport
from tests.ask.test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures


def said(world: World, name: str, *packages: str, asked: str | None = None) -> str:
    finding = explain_failure(FailedImport(missing=name, asked=asked or name, packages=packages), world)
    if finding is None:
        return ""
    text = f"{finding.message} · {finding.hint}" if finding.hint else finding.message
    return text.replace(sys.prefix, "PREFIX")


def test_a_portion_of_a_namespace_is_missing_by_itself(world: World, site: Path) -> None:
    """The package that is there is many projects': neither it nor its version says anything."""
    install(site, "shared_one", "1", "google/one.py")
    assert said(world, "google.protobuf") == (
        "this kernel (`PREFIX`) has no `google.protobuf` · `%safepip install protobuf`"
    )
    assert said(world, "google.auth", asked="google.auth.transport") == (
        "this kernel (`PREFIX`) has no `google.auth` · `%safepip install google-auth`"
    )
    assert said(world, "google.cloud") == "this kernel (`PREFIX`) has no `google.cloud`"


def test_a_project_is_not_told_for_a_submodule_of_what_is_there(world: World, site: Path) -> None:
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py", "sklearn/svm.py")
    assert said(world, "sklearn.cross_validation") == "`scikit_learn` 1.5 has no module `sklearn.cross_validation`"
    assert said(world, "sklearn.svmm") == "`scikit_learn` 1.5 has no module `sklearn.svmm`; it has `sklearn.svm`"


def test_a_folder_of_the_users_own_hides_only_what_has_the_module(world: World, site: Path, tmp_path: Path) -> None:
    install(site, "pack", "2", "pack/__init__.py", "pack/there.py")
    write(tmp_path / "own" / "pack" / "__init__.py")
    front = replace(world, system=replace(world.system, path=[str(tmp_path / "own"), str(site)]))
    assert said(front, "pack.there") == (
        f"your `{tmp_path}/own/pack` hides the installed `pack` 2 · rename it, then restart the kernel"
    )
    assert said(front, "pack.nowhere") == f"`{tmp_path}/own/pack/__init__.py` has no module `pack.nowhere`"


def test_an_installed_copy_that_hides_another_is_nobodys_own(world: World, site: Path, tmp_path: Path) -> None:
    install(tmp_path / "newer", "pack", "1", "pack/__init__.py")
    install(site, "pack", "2", "pack/__init__.py", "pack/there.py")
    front = replace(world, system=replace(world.system, path=[str(tmp_path / "newer"), str(site)]))
    assert said(front, "pack.there") == "`pack` 1 has no module `pack.there`"


def test_a_standard_module_that_this_python_came_without(world: World) -> None:
    assert said(world, "winreg") == (
        f"`winreg` belongs to the standard library, and this kernel's Python {sys.version.split()[0]} came without it"
    )


def test_nothing_is_said_where_the_package_decides_by_its_own_code(world: World, site: Path) -> None:
    install(site, "dynamic", "1", "dynamic/__init__.py")
    write(site / "dynamic" / "__init__.py", "__path__.append('/elsewhere')\n")
    assert said(world, "dynamic.part") == ""


@pytest.mark.parametrize("loaded", [None, ModuleType("late")])
def test_nothing_is_said_of_what_is_loaded_or_blocked(world: World, loaded: ModuleType | None) -> None:
    assert said(replace(world, system=replace(world.system, modules={"late": loaded})), "late") == ""


def test_nothing_is_said_of_what_is_found_by_now(world: World, site: Path) -> None:
    write(site / "late.py")
    assert said(world, "late") == ""
