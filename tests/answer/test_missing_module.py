"""What explains that a module was not found, read in folders laid out for it."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.machinery import PathFinder
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import ModuleType

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.judge.failure import FailedImport
from tests.facts.imports.finder_files import editable_finder, loaded

from .test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures


def said(world: World, name: str, *packages: str, asked: str | None = None) -> str:
    finding = explain_failure(FailedImport(missing=name, asked=asked or name, packages=packages), world)
    if finding is None:
        return ""
    text = f"{finding.message} · {finding.hint}" if finding.hint else finding.message
    return text.replace(str(world.interpreter["prefix"]), "PREFIX")


def test_a_portion_of_a_namespace_is_missing_by_itself(world: World, site: Path) -> None:
    """The package that is there is many projects': neither it nor its version says anything."""
    install(site, "shared_one", "1", "google/one.py")
    assert said(world, "google.protobuf") == (
        "`google.protobuf` is not installed in this kernel's environment (`PREFIX`) · `%safepip install protobuf`"
    )
    assert said(world, "google.auth", asked="google.auth.transport") == (
        "`google.auth` is not installed in this kernel's environment (`PREFIX`) · `%safepip install google-auth`"
    )
    assert said(world, "google.cloud") == ""


@pytest.mark.parametrize(
    ("failed", "module", "project"),
    [
        (FailedImport(missing="zope", asked="zope.interface"), "zope.interface", "zope.interface"),
        (FailedImport(missing="mpl_toolkits", asked="mpl_toolkits"), "mpl_toolkits", "matplotlib"),
        (FailedImport(missing="mpl_toolkits", asked="mpl_toolkits.mplot3d"), "mpl_toolkits", "matplotlib"),
        (FailedImport(missing="mpl_toolkits", asked="mpl_toolkits.basemap"), "mpl_toolkits.basemap", "basemap"),
        (
            FailedImport(missing="mpl_toolkits", asked="mpl_toolkits.basemap.cm", names=("s3pcpn",)),
            "mpl_toolkits.basemap",
            "basemap",
        ),
        (
            FailedImport(missing="mpl_toolkits", asked="mpl_toolkits", names=("basemap",)),
            "mpl_toolkits.basemap",
            "basemap",
        ),
        (FailedImport(missing="google", asked="google", names=("protobuf",)), "google.protobuf", "protobuf"),
        (
            FailedImport(missing="google", asked="google.cloud", names=("exceptions", "storage")),
            "google.cloud.storage",
            "google-cloud-storage",
        ),
        (FailedImport(missing="azure", asked="azure.storage.blob"), "azure.storage.blob", "azure-storage-blob"),
        (FailedImport(source="google", names=("protobuf",)), "google.protobuf", "protobuf"),
    ],
)
def test_the_name_that_the_table_has_is_found_in_the_whole_statement(
    world: World, site: Path, failed: FailedImport, module: str, project: str
) -> None:
    """The error names the first part alone, which many projects share; where one of them is there, it names that."""
    if failed.missing is None:
        install(site, "google_thing", "1", "google/thing.py")
    finding = explain_failure(failed, world)
    assert finding is not None
    assert (finding.message, finding.hint) == (
        f"`{module}` is not installed in this kernel's environment (`{world.interpreter['prefix']}`)",
        f"`%safepip install {project}`",
    )


def test_bytecode_that_another_python_wrote(world: World, site: Path) -> None:
    """Without its source nothing can import it; beside a source it is only a cache."""
    install(site, "sealed", "1.0", "sealed/__init__.pyc")
    (site / "sealed/__init__.pyc").write_bytes((3439).to_bytes(2, "little") + b"\r\n" + bytes(12))
    version = ".".join(world.interpreter["version"].split(".")[:2])
    expected = f"`{site}/sealed/__init__.pyc` was built for Python 3.10, but this kernel runs Python {version}"
    finding = explain_failure(FailedImport(source="sealed"), world)
    assert finding is not None
    assert finding.message == expected
    assert [each.message for each in where("sealed", world).findings] == [expected]
    (site / "sealed/__init__.pyc").write_bytes(MAGIC_NUMBER + bytes(12))
    assert explain_failure(FailedImport(source="sealed"), world) is None
    assert where("sealed", world).findings == ()


def test_a_name_that_differs_from_its_module_in_case_alone(world: World, site: Path) -> None:
    """The table has one module that differs in case alone, and its project is certain."""
    assert said(world, "pil") == "`pillow` is imported as `PIL` · `%safepip install pillow`"
    install(site, "pillow", "1", "PIL/__init__.py")
    assert said(world, "pil") == "`pillow` is imported as `PIL`"


def test_packages_that_an_upgrade_of_python_in_its_place_left_behind(world: World, site: Path) -> None:
    """They are in the kernel's prefix, for another Python; a second name of the kernel's own library is no other one."""
    version = ".".join(world.interpreter["version"].split(".")[:2])
    here = replace(world, system=replace(world.system, path=[str(site / f"lib/python{version}/site-packages")]))
    install(site / f"lib/python{version}/site-packages", "here", "1", "here.py")
    install(site / "lib/python3.7/site-packages", "seaborn", "2.20", "seaborn/__init__.py")
    (site / "lib/python3.1").symlink_to(f"python{version}")
    finding = explain_failure(FailedImport(missing="seaborn", asked="seaborn"), here)
    assert finding is not None
    assert (finding.message, finding.hint) == (
        f"`seaborn` is not installed in this kernel's environment (`{site}`)",
        "`%safepip install seaborn`",
    )
    why = f"for Python 3.7, not this kernel's {version}"
    assert [(each.label, each.value, each.note) for each in finding.evidence] == [(why, str(site), "seaborn 2.20")]
    (place,) = where("seaborn", here).elsewhere
    assert (place.why, place.file) == (why, str(site / "lib/python3.7/site-packages/seaborn/__init__.py"))
    assert where("seabor", here).elsewhere == ()


@pytest.mark.parametrize("name", ["zope", "google", "azure", "nowhere_at_all", "json6", "utils"])
def test_nothing_is_said_that_the_traceback_has_said(world: World, name: str) -> None:
    assert said(world, name) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "cv2",
            "`cv2` is not installed in this kernel's environment (`PREFIX`) "
            "· `%safepip install opencv-python` or `%safepip install opencv-python-headless`",
        ),
        ("gensim", "`gensim` is not installed in this kernel's environment (`PREFIX`) · `%safepip install gensim`"),
        ("cython", "`cython` is not installed in this kernel's environment (`PREFIX`) · `%safepip install Cython`"),
        ("Cython", "`Cython` is not installed in this kernel's environment (`PREFIX`) · `%safepip install Cython`"),
        ("levenshtein", "`levenshtein` is imported as `Levenshtein` · `%safepip install Levenshtein`"),
        ("Numpy", "`Numpy` is imported as `numpy` · `%safepip install numpy`"),
        ("Pillow", "`pillow` is imported as `PIL` · `%safepip install pillow`"),
    ],
)
def test_a_name_in_other_letters_than_its_module(world: World, name: str, expected: str) -> None:
    assert said(world, name) == expected


def test_a_project_that_is_installed_is_not_to_be_installed(world: World, site: Path) -> None:
    """Its version came without the module, which another one may have; a line that changes nothing is no hint."""
    install(site, "pymongo", "9", "pymongo/__init__.py")
    assert said(world, "bson") == "`bson` is not in `pymongo` 9, which is installed"
    install(site, "opencv_python_headless", "4", "other.py")
    assert said(world, "cv2") == "`cv2` is not in `opencv_python_headless` 4, which is installed"
    install(site, "PyYAML", "6", "_yaml/__init__.py")
    assert said(world, "pyyaml") == "`PyYAML` is imported as `yaml`"


def test_a_folder_of_the_users_own_is_taken_for_a_package(world: World, site: Path, tmp_path: Path) -> None:
    """A folder of data beside the notebook, where the project of that name is not installed; and one that only looks alike."""
    for name in ("pandas", "data"):
        write(tmp_path / name / "table.csv")
    here = replace(world, system=replace(world.system, path=[str(tmp_path), str(site)]))
    pandas = (
        f"`import pandas` finds the folder `{tmp_path}/pandas`, which has no `__init__.py`, and `pandas` is not installed "
        "· `%safepip install pandas`, then restart the kernel"
    )
    assert of_names(here, "pandas", "DataFrame") == pandas
    assert said(here, "pandas.core", asked="pandas.core.frame") == pandas
    assert (
        of_names(here, "data", "load")
        == f"`import data` finds the folder `{tmp_path}/data`, which has no `__init__.py`"
    )
    install(site, "shared", "1", "spread/one.py")
    assert of_names(here, "spread", "two") == ""


def test_a_folder_that_an_installation_left(world: World, site: Path) -> None:
    """Two projects with one package, of which one was removed with the other's `__init__.py`; and one that left its cache."""
    metadata = install(site, "opencv_contrib", "4.9", "cv2/__init__.py", "cv2/data/x.py")
    (site / "cv2" / "__init__.py").unlink()
    assert of_names(world, "cv2", "imread") == (
        "`opencv_contrib` 4.9 is recorded as installed, but only a folder is left of its `cv2` "
        "· `%safepip install --force-reinstall --no-deps opencv_contrib==4.9`, then restart the kernel"
    )
    assert metadata.exists()
    write(site / "numpy" / "__pycache__" / "x.pyc")
    assert of_names(world, "numpy", "array") == (
        f"`import numpy` finds the folder `{site}/numpy`, which has no `__init__.py`, and `numpy` is not installed "
        "· `%safepip install numpy`, then restart the kernel"
    )


def test_a_module_that_a_project_of_another_name_lists_and_that_is_gone(
    world: World, site: Path, tmp_path: Path
) -> None:
    """Whoever imports it knows the module's name alone; a folder beside the notebook is then imported in its place."""
    install(site, "tiny_pkg", "1", "tiny/__init__.py", "tiny/data.txt")
    install(site, "PyYARN", "2", "yarn.py")
    for file in ("tiny/__init__.py", "tiny/data.txt", "yarn.py"):
        (site / file).unlink()
    (site / "tiny").rmdir()
    gone = "`tiny_pkg` 1 is recorded as installed, but its `tiny` is missing"
    again = "· `%safepip install --force-reinstall --no-deps tiny_pkg==1`"
    assert said(world, "tiny") == said(world, "tiny", asked="tiny.a") == f"{gone} {again}"
    assert said(world, "yarn") == (
        "`PyYARN` 2 is recorded as installed, but its `yarn` is missing "
        "· `%safepip install --force-reinstall --no-deps PyYARN==2`"
    )
    write(tmp_path / "tiny" / "mine.csv")
    here = replace(world, system=replace(world.system, path=[str(tmp_path), str(site)]))
    found = f"{gone}, and `import tiny` finds the folder `{tmp_path}/tiny` {again}, then restart the kernel"
    assert of_names(here, "tiny", "load") == said(here, "tiny.a") == found
    assert [each.id for each in where("tiny", here).findings] == ["files-gone"]
    install(site, "tiny_part", "1", "tiny/part/__init__.py")
    (site / "tiny" / "part" / "__init__.py").unlink()
    assert "tiny_part" not in of_names(here, "tiny", "load")


def test_a_part_that_its_record_lists_and_that_is_gone(world: World, site: Path) -> None:
    """An interrupted install or a cleaner took one file: the package is there, and what it says of itself is not so."""
    install(site, "tiny", "1", "tiny/__init__.py", "tiny/core/__init__.py", "tiny/core/a.py", "tiny/fast.so")
    for file in ("core/__init__.py", "core/a.py", "fast.so"):
        (site / "tiny" / file).unlink()
    (site / "tiny" / "core").rmdir()
    gone = (
        "`tiny` 1 is recorded as installed, but its `{}` is missing "
        "· `%safepip install --force-reinstall --no-deps tiny==1`"
    )
    assert said(world, "tiny.core", "tiny") == gone.format("tiny.core")
    assert said(world, "tiny.core.a") == gone.format("tiny.core.a")
    assert of_names(world, "tiny", "fast") == gone.format("tiny.fast")
    assert of_names(world, "tiny", "other") == ""
    assert said(world, "tiny.other") == "`tiny` 1 has no module `tiny.other`"


def test_a_portion_of_a_namespace_that_is_gone(world: World, site: Path) -> None:
    """Nothing but the folders of the namespace is left, or another project's portion."""
    install(site, "spread_one", "1", "spread/one/__init__.py")
    install(site, "spread_two", "1", "spread/two/__init__.py")
    (site / "spread" / "one" / "__init__.py").unlink()
    (site / "spread" / "one").rmdir()
    gone = (
        "`spread_one` 1 is recorded as installed, but its `spread.one` is missing "
        "· `%safepip install --force-reinstall --no-deps spread_one==1`"
    )
    assert said(world, "spread.one") == gone
    assert of_names(world, "spread", "one") == gone


def test_what_an_older_record_lists_is_not_called_gone(world: World, site: Path) -> None:
    """An upgrade that was cut off left the old record: its files are the new version's, which came without that module."""
    install(site, "tiny", "1", "tiny/__init__.py", "tiny/old.py")
    (site / "tiny" / "old.py").unlink()
    write(site / "tiny" / "__init__.py", "new = 1")
    new = install(site, "tiny", "2")
    write(new / "RECORD", "tiny/__init__.py,,7\n")
    assert said(world, "tiny.old") == "`tiny` 2 has no module `tiny.old`"


def test_a_package_of_the_users_own_hides_a_portion(world: World, site: Path, tmp_path: Path) -> None:
    """A package with code beside the notebook comes before every folder of a namespace, whoever shares it."""
    install(site, "spread_one", "1", "spread/one/__init__.py")
    install(site, "spread_two", "3", "spread/two/__init__.py")
    write(tmp_path / "spread" / "__init__.py")
    path = [str(tmp_path), str(site)]
    here = replace(world, system=replace(world.system, path=path, cwd=str(tmp_path)))
    hidden = f"your `{tmp_path}/spread` hides the installed `spread_two` 3 · rename it, then restart the kernel"
    assert said(here, "spread.two") == hidden
    assert said(here, "spread.three") == f"`{tmp_path}/spread/__init__.py` has no module `spread.three`"


def test_a_folder_of_the_users_own_hides_an_editable_installation(world: World, tmp_path: Path) -> None:
    """The folder of a checkout beside the notebook: the path comes first, and the hook of the installation after it."""
    package = write(tmp_path / "checkout" / "src" / "tool" / "__init__.py")
    write(tmp_path / "work" / "tool" / "README")
    text = editable_finder("tool-3", (("tool", str(package.parent)),))
    site = tmp_path / "hooked"
    metadata = install(site, "tool", "3", "__editable___tool_3_finder.py")
    write(metadata / "direct_url.json", f'{{"url": "file://{tmp_path}/checkout", "dir_info": {{"editable": true}}}}')
    path = [str(tmp_path / "work"), str(site)]
    with loaded("__editable___tool_3_finder", text) as module:
        finders = [PathFinder, module._EditableFinder]
        here = replace(world, system=replace(world.system, path=path, meta_path=finders, cwd=path[0]))
        assert of_names(here, "tool", "run") == (
            f"your `{tmp_path}/work/tool` hides the installed `tool` 3 · rename it, then restart the kernel"
        )


def of_names(world: World, source: str, *names: str) -> str:
    """What is said where a module that was found has not the names that a statement wants."""
    finding = explain_failure(FailedImport(source=source, names=names), world)
    return "" if finding is None else f"{finding.message} · {finding.hint}" if finding.hint else finding.message


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
    assert said(world, "_scproxy") == (
        f"`_scproxy` belongs to the standard library, but this kernel's Python {sys.version.split()[0]} came without it"
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


@pytest.mark.skipif(sys.platform != "linux", reason="the headers of ELF are compared")
def test_a_library_for_another_machine_is_named_as_that(world: World, site: Path) -> None:
    """`.abi3.so` has no platform in its name: the dynamic loader says only that there is no such file."""
    install(site, "built", "1", "built/__init__.py", "built/_core.abi3.so")
    file = site / "built" / "_core.abi3.so"
    file.write_bytes(b"\x7fELF\x02\x02" + bytes(10) + b"\x00\x03\x00\x16")
    own = explain_failure(FailedImport(source="built._core", file=str(file)), world)
    assert own is not None
    assert own.message.startswith(f"`{file}` was built for Linux on s390x, but this kernel runs Linux on ")
    file.write_bytes(Path(sys.executable).read_bytes()[:20])
    assert explain_failure(FailedImport(source="built._core", file=str(file)), world) is None
