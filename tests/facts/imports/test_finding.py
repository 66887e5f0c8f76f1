"""Finding a module without importing it: each kind, each loser, and what cannot be decided."""

from __future__ import annotations

import os
import sys
import zipfile
from dataclasses import replace
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    BuiltinImporter,
    FileFinder,
    FrozenImporter,
    PathFinder,
    SourceFileLoader,
)
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipython_where.facts.imports.finding import ImportSystem, find, find_afresh, find_each


def system(
    *path: Path, meta_path: tuple[Any, ...] = (), modules: dict[str, Any] | None = None, cwd: str = "/"
) -> ImportSystem:
    return ImportSystem(
        path=[str(entry) for entry in path],
        meta_path=[BuiltinImporter, FrozenImporter, PathFinder, *meta_path],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules=modules or {},
        cwd=cwd,
    )


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_a_package_and_its_submodule_are_found_and_neither_is_imported(tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    code = f"open({str(mark)!r}, 'w').close()"
    write(tmp_path / "pack" / "__init__.py", code)
    inner = write(tmp_path / "pack" / "sub" / "deep.py", code)
    write(tmp_path / "pack" / "sub" / "__init__.py", code)
    found = find("pack.sub.deep", system(tmp_path)).found
    assert found is not None
    assert (found.kind, found.file, found.entry) == ("source", str(inner), str(tmp_path / "pack" / "sub"))
    assert not mark.exists()
    assert not {"pack", "pack.sub", "pack.sub.deep"} & set(sys.modules)


def test_many_modules_are_found_as_each_alone(tmp_path: Path) -> None:
    """Whatever their files are called: a listing of the folder only rules out what can't be in it."""
    for file in (
        "plain.py",
        "pack/__init__.py",
        "pack/inner.py",
        "space/part.py",
        f"built{EXTENSION_SUFFIXES[0]}",
        "old.pyc",
    ):
        write(tmp_path / file)
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("inside.py", "")
    path = [str(tmp_path / "gone"), str(tmp_path / "zipped.zip"), "", str(tmp_path)]
    given = replace(system(cwd=str(tmp_path / "space")), path=path)
    names = [
        "plain",
        "pack",
        "pack.inner",
        "pack.gone",
        "space",
        "space.part",
        "built",
        "old",
        "inside",
        "part",
        "sys",
        "gone",
    ]
    here = ImportSystem.current()
    for asked, of in ((names, given), ([*names, *list(sys.modules)], here)):
        assert find_each(asked, of) == tuple(find(name, of, losers=False) for name in asked)
    assert [each.found is not None for each in find_each(names, given)] == [*[True] * 3, False, *[True] * 7, False]


def test_a_listing_rules_out_nothing_where_a_suffix_does_not_begin_with_a_dot(tmp_path: Path) -> None:
    """A debug build on Windows has `_d.pyd`."""
    write(tmp_path / "built_debug.py")
    given = replace(
        system(tmp_path), importer_cache={str(tmp_path): FileFinder(str(tmp_path), (SourceFileLoader, ["_debug.py"]))}
    )
    (search,) = find_each(["built"], given)
    assert search.found is not None and search.found.file == str(tmp_path / "built_debug.py")


def test_the_first_entry_wins_and_the_others_are_its_losers_in_order(tmp_path: Path) -> None:
    files = [write(tmp_path / name / "twin.py") for name in ("a", "b", "c")]
    search = find("twin", system(*(file.parent for file in files)))
    assert search.found is not None
    assert [search.found.file, *(loser.file for loser in search.losers)] == [str(file) for file in files]


def test_a_regular_package_wins_over_a_namespace_portion_before_it(tmp_path: Path) -> None:
    (tmp_path / "a" / "pack").mkdir(parents=True)
    file = write(tmp_path / "b" / "pack" / "__init__.py")
    search = find("pack", system(tmp_path / "a", tmp_path / "b"))
    assert search.found is not None
    assert (search.found.kind, search.found.file) == ("package", str(file))
    assert [(each.kind, each.locations) for each in search.losers] == [("namespace", (str(tmp_path / "a" / "pack"),))]


def test_a_namespace_package_has_all_its_portions(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name / "space" / "inner" / f"{name}.py")
    found = find("space.inner", system(tmp_path / "a", tmp_path / "b")).found
    assert found is not None
    assert (found.kind, found.file) == ("namespace", None)
    assert found.locations == (str(tmp_path / "a/space/inner"), str(tmp_path / "b/space/inner"))


def test_built_in_and_frozen_modules_are_told_apart() -> None:
    kinds = {name: found.kind for name in ("sys", "os", "zipimport") if (found := find(name, system()).found)}
    assert kinds == {"sys": "builtin", "os": "frozen", "zipimport": "frozen"}


def test_a_module_in_a_zip_is_found_there(tmp_path: Path) -> None:
    archive = tmp_path / "lib.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("zipped/__init__.py", "")
    found = find("zipped", system(archive)).found
    assert found is not None
    assert (found.kind, found.file, found.zipped) == ("package", f"{archive}/zipped/__init__.py", True)


def test_sourceless_bytecode_is_a_kind_of_its_own(tmp_path: Path) -> None:
    import py_compile

    source = write(tmp_path / "src" / "only.py", "x = 1")
    py_compile.compile(str(source), cfile=str(tmp_path / "only.pyc"))
    found = find("only", system(tmp_path)).found
    assert found is not None
    assert (found.kind, found.file) == ("bytecode", str(tmp_path / "only.pyc"))


def test_the_path_of_a_loaded_parent_counts_for_its_submodules(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py")
    moved = write(tmp_path / "moved" / "sub.py")
    parent = ModuleType("pack")
    parent.__path__ = [str(tmp_path / "moved")]
    found = find("pack.sub", system(tmp_path, modules={"pack": parent})).found
    assert found is not None and found.file == str(moved)


def test_a_parent_that_changes_its_path_leaves_a_missing_submodule_undecided(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py", "__path__.append('/elsewhere')")
    search = find("pack.sub", system(tmp_path))
    assert (search.found, search.undecided) == (
        None,
        "`pack` may change where its submodules come from when it is imported",
    )


def test_a_submodule_that_no_code_could_bring_is_not_found(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py", "x = 1")
    search = find("pack.sub", system(tmp_path))
    assert (search.found, search.undecided) == (None, None)


def test_a_loaded_module_that_is_no_package_has_no_submodules(tmp_path: Path) -> None:
    """Whatever folder of that name stands on the path; where it computes its attributes, that may be a path as well."""
    write(tmp_path / "pack" / "__init__.py")
    write(tmp_path / "pack" / "sub.py")
    plain, computing = ModuleType("pack"), ModuleType("pack")
    computing.__getattr__ = lambda name: None  # type: ignore[method-assign]
    search = find("pack.sub", system(tmp_path, modules={"pack": plain}))
    assert (search.found, search.undecided) == (None, None)
    search = find("pack.sub", system(tmp_path, modules={"pack": computing}))
    assert (search.found, search.undecided) == (None, "the loaded `pack` computes its attributes")


def test_none_in_sys_modules_halts_the_import(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "__init__.py")
    write(tmp_path / "pack" / "sub.py")
    for stopped in ("pack", "pack.sub"):
        search = find("pack.sub", system(tmp_path, modules={stopped: None}))
        assert (search.found, search.halted) == (None, stopped)


@pytest.mark.parametrize("entry", ["missing", "file", "loop"])
def test_an_entry_that_is_no_directory_is_passed_over(tmp_path: Path, entry: str) -> None:
    write(tmp_path / "file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    file = write(tmp_path / "good" / "mod.py")
    found = find("mod", system(tmp_path / entry, tmp_path / "good")).found
    assert found is not None and found.file == str(file)


def test_an_empty_entry_is_the_working_directory(tmp_path: Path) -> None:
    file = write(tmp_path / "here.py")
    empty = ImportSystem(
        path=[""],
        meta_path=[PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules={},
        cwd=str(tmp_path),
    )
    found = find("here", empty).found
    assert found is not None
    assert (found.file, found.entry) == (str(file), "")


def test_what_was_found_is_looked_for_again_after_a_change(tmp_path: Path) -> None:
    """A copy that comes before, and an `__init__.py` that turns a namespace portion into a package, are seen at once."""
    late = write(tmp_path / "late" / "again.py")
    first = tmp_path / "first"
    (first / "again").mkdir(parents=True)
    for folder in (first, first / "again", late.parent):
        os.utime(folder, ns=(1, 1))
    path = system(first, late.parent)
    for _ in range(2):
        assert (found := find("again", path).found) is not None and found.file == str(late)
    package = write(first / "again" / "__init__.py")
    os.utime(first, ns=(1, 1))
    assert (found := find("again", path).found) is not None and found.file == str(package)


def test_a_new_process_would_find_what_the_finders_have_not_seen_and_what_is_loaded_does_not_count(
    tmp_path: Path,
) -> None:
    late = tmp_path / "late"
    memory: dict[str, Any] = {str(late): None}  # as the import system keeps a folder that was not there
    here = replace(system(late, modules={"pack": ModuleType("pack")}), importer_cache=memory)
    file = write(late / "pack" / "sub" / "deep.py")
    write(late / "pack" / "__init__.py")
    assert find("pack", here).found is None
    found = find_afresh("pack.sub.deep", here.path, here)
    assert found is not None
    assert (found.kind, found.file) == ("source", str(file))
    assert find_afresh("pack.nothing", here.path, here) is None
    assert find_afresh("pack.sub.deep.more", here.path, here) is None
    assert find_afresh("pack", [], here) is None
