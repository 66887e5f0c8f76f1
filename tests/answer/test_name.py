"""One name, one answer: what a query turns out to be, and what is told when it is not found."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipython_where import probe
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem
from ipython_where.model import Elsewhere, LabExtension
from ipython_where.runner import Deadline
from tests.environments import kept, site_packages
from tests.facts.imports.finder_files import editable_finder, loaded


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def install(site: Path, name: str, version: str, *files: str, requires: tuple[str, ...] = ()) -> Path:
    """A distribution as an installer leaves it: its files, METADATA, RECORD and INSTALLER."""
    folder = site / f"{name}-{version}.dist-info"
    for each in files:
        write(site / each)
    headers = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requires)]
    write(folder / "METADATA", "\n".join(headers) + "\n\n")
    write(folder / "RECORD", "".join(f"{each},,\n" for each in files))
    write(folder / "INSTALLER", "pip\n")
    return folder


@pytest.fixture
def world(tmp_path: Path) -> World:
    """This interpreter in another environment: one empty directory, with nothing else on the path and nothing loaded."""
    (tmp_path / "site").mkdir()
    (tmp_path / "home").mkdir()
    system = ImportSystem(
        path=[str(tmp_path / "site")],
        meta_path=[PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules={},
        cwd=str(tmp_path),
    )
    return replace(
        World.here(),
        system=system,
        interpreter={**probe.identity(), "prefix": str(tmp_path / "site"), "base_prefix": str(tmp_path / "site")},
        environ={"PATH": str(tmp_path / "nothing"), "SHELL": "/bin/sh", "HOME": str(tmp_path / "home")},
        home=str(tmp_path / "home"),
        distributions=Distributions(),
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_a_distribution_with_one_public_module_is_answered_by_it(world: World, site: Path) -> None:
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py", "_sk_native.py")
    answer = where("Scikit-Learn", world)
    assert (answer.found, answer.module, answer.kind, answer.version) == (True, "sklearn", "package", "1.5")
    assert answer.modules == ("sklearn", "_sk_native")


def test_a_distribution_with_several_modules_names_them_and_chooses_none(world: World, site: Path) -> None:
    install(site, "pywin", "1", "win32.py", "win64.py")
    answer = where("py-win", world)
    assert answer.found is False  # another project's name
    answer = where("pywin", world)
    assert (answer.found, answer.module, answer.modules) == (True, None, ("win32", "win64"))


def test_a_distribution_whose_module_is_hidden_says_so(world: World, site: Path, tmp_path: Path) -> None:
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py")
    mine = write(tmp_path / "sklearn.py")
    both = replace(world, system=replace(world.system, path=["", str(site)]))
    answer = where("scikit-learn", both)
    assert (answer.file, answer.version) == (str(mine), "1.5")
    assert [each.id for each in answer.findings] == ["distribution-hidden"]


def test_who_requires_it_and_what_it_requires(world: World, site: Path) -> None:
    install(site, "low", "1", "low.py")
    install(site, "high", "1", "high.py", requires=("low>=1",))
    low, high = where("low", world).distribution, where("high", world).distribution
    assert low is not None and high is not None
    assert (low.required_by, high.requires, low.installer, low.requested) == (("high",), ("low>=1",), "pip", False)


@pytest.mark.parametrize("link", ["hook", "pth"])
def test_an_egg_info_in_an_editable_projects_folder_is_not_what_is_installed(
    link: str, world: World, site: Path, tmp_path: Path
) -> None:
    """Every build leaves one there; it isn't on the path, or behind what the installer wrote."""
    source = tmp_path / "checkout"
    for name in ("tool/__init__.py", "tool/part.py"):
        write(source / name)
    write(source / "tool.egg-info" / "PKG-INFO", "Name: tool\nVersion: 0.9\n\n")
    write(source / "tool.egg-info" / "top_level.txt", "tool\n")
    finder = "__editable___tool_3_finder"
    metadata = install(site, "tool", "3", f"{finder}.py", "__editable__.tool-3.pth")
    write(metadata / "direct_url.json", json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}}))
    if link == "pth":
        write(site / "__editable__.tool-3.pth", f"{source}\n")
        world = replace(
            world,
            system=replace(world.system, path=[str(site), str(source)]),
            interpreter={**world.interpreter, "site_directories": [str(site)]},
        )
        answers = [where(each, world) for each in ("tool", "tool.part")]
    else:
        with loaded(finder, editable_finder("tool-3", (("tool", str(source / "tool")),))) as module:
            module.__file__ = str(site / f"{finder}.py")
            system = replace(world.system, meta_path=[PathFinder, module._EditableFinder], modules={finder: module})
            answers = [where(each, replace(world, system=system)) for each in ("tool", "tool.part")]
    for answer in answers:
        assert answer.found is True and answer.file and answer.file.startswith(str(source))
        assert answer.distribution is not None
        assert (answer.distribution.metadata, answer.version) == (str(metadata), "3")
        assert (answer.distribution.installer, answer.distribution.editable) == ("pip", True)
        assert (answer.owners, answer.findings) == (("tool",), ())


def test_a_dotted_name_is_a_module_and_no_project_that_only_normalises_to_it(world: World, site: Path) -> None:
    """`tinyns.cloud` is hidden by an `__init__.py`, and the project `tinyns-cloud` is another name."""
    install(site, "tinyns_cloud", "1", "tinyns/cloud.py")
    assert where("tinyns.cloud", world).found is True
    first = site.parent / "first"
    hiding = write(first / "tinyns" / "__init__.py")
    hidden = replace(world, system=replace(world.system, path=[str(first), str(site)]))
    answer = where("tinyns.cloud", hidden)
    assert (answer.found, answer.distribution, answer.module) == (False, None, "tinyns.cloud")
    assert where("tinyns-cloud", hidden).found is True
    parent = where("tinyns", hidden)
    assert parent.file == str(hiding)
    assert [(each.file, each.distribution) for each in parent.shadows] == [(str(site / "tinyns"), "tinyns_cloud")]


def test_a_project_that_is_spelled_with_dots_is_one(world: World, site: Path) -> None:
    install(site, "zope.interface", "1", "zope/interface/__init__.py")
    install(site, "Ruamel.YAML", "2", "ruamel_data.py")
    assert where("zope.interface", world).module == "zope.interface"
    answer = where("ruamel.yaml", world)
    assert (answer.found, answer.version, answer.module) == (True, "2", "ruamel_data")


def test_a_module_that_is_none_in_sys_modules_is_halted(world: World, site: Path) -> None:
    """As `import` says: not found, whatever stands on the path; and so are those below it."""
    install(site, "stopped", "1", "stopped/__init__.py", "stopped/sub.py")
    modules: dict[str, Any] = {"stopped": None}
    halted = replace(world, system=replace(world.system, modules=modules))
    for name in ("stopped", "stopped.sub"):
        answer = where(name, halted)
        assert (answer.found, [each.id for each in answer.findings]) == (False, ["halted"])


def test_two_distributions_with_the_same_file_are_both_named(world: World, site: Path) -> None:
    install(site, "one", "1", "shared.py")
    install(site, "two", "1", "shared.py")
    answer = where("shared", world)
    assert (answer.distribution, answer.owners) == (None, ("one", "two"))
    assert [each.id for each in answer.findings] == ["several-owners"]


def test_a_file_that_nobody_lists_has_an_unknown_distribution(world: World, site: Path) -> None:
    write(site / "mine.py")
    answer = where("mine", world)
    assert (answer.found, answer.distribution, answer.owners) == (True, None, ())


def test_a_copy_that_loses_is_told_with_its_version(world: World, site: Path, tmp_path: Path) -> None:
    late = tmp_path / "late"
    install(late, "six", "1.15", "six.py")
    write(site / "six.py")
    both = replace(world, system=replace(world.system, path=[str(site), str(late)]))
    (shadow,) = where("six", both).shadows
    assert (shadow.file, shadow.distribution, shadow.version) == (str(late / "six.py"), "six", "1.15")


@pytest.mark.parametrize("name", ["", "a/b", "a b", ".a", "numpy>=2", "!pip", "-", "é-x"])
def test_what_no_name_is_spelled_like_is_a_usage_error(world: World, name: str) -> None:
    with pytest.raises(UsageError, match="is not a valid name of a module or distribution"):
        where(name, world)


def test_a_name_in_another_alphabet_is_a_module(world: World, site: Path) -> None:
    write(site / "données.py")
    assert where("données", world).found is True


def test_not_found_names_the_certain_project_the_near_names_and_other_environments(
    world: World, site: Path, tmp_path: Path
) -> None:
    there = kept("six", ["six==1.16.0"])
    spec = {
        "argv": [str(there / "bin" / "python"), "-m", "ipykernel_launcher"],
        "display_name": "there",
        "language": "python",
    }
    write(tmp_path / "home" / ".local/share/jupyter/kernels/there/kernel.json", json.dumps(spec))
    install(site, "sixer", "1", "sixer.py")
    answer = where("six", world)
    assert (answer.found, answer.module, answer.distribution) == (False, "six", None)
    assert [(each.prefix, each.file, each.version) for each in answer.elsewhere if each.prefix == str(there)] == [
        (str(there), str(site_packages(there) / "six.py"), "1.16.0")
    ]
    assert where("sixre", world).near == ("sixer",)
    assert where("sklearn", world).project == "scikit-learn"
    assert where("no_such_thing_anywhere", world).project is None


def test_what_the_python_of_the_shell_would_import_is_told(world: World, tmp_path: Path) -> None:
    there = kept("six", ["six==1.16.0"])
    shell = replace(world, environ={**world.environ, "PATH": str(there / "bin")})
    assert where("six", shell).shell_python == Elsewhere(
        prefix=str(there),
        interpreter=str(there / "bin" / "python"),
        why="!python",
        file=str(site_packages(there) / "six.py"),
        distribution="six",
        version="1.16.0",
    )


def test_a_jupyterlab_part_of_what_it_requires_is_told(world: World, site: Path) -> None:
    install(site, "widgets", "8.0", "widgets.py", requires=("widgets_lab~=3.0",))
    package = "share/jupyter/labextensions/@scope/widgets/package.json"
    install(site, "widgets_lab", "3.0", package)
    write(site / package, '{"name": "@scope/widgets", "version": "5.1.0"}')
    front_end = where("widgets", world).front_end
    assert front_end is not None
    assert (front_end.lab_extensions, front_end.in_server) == (
        (LabExtension(name="@scope/widgets", version="5.1.0"),),
        None,
    )


def test_an_attribute_of_a_module_variable_is_answered_by_its_class(world: World, site: Path) -> None:
    write(site / "pack.py")
    pack = ModuleType("pack")

    class Frame:
        pass

    Frame.__module__ = "pack"
    Frame.__qualname__ = "Frame"
    pack.Frame = Frame  # type: ignore[attr-defined]
    named = replace(world, namespace={"p": pack, "df": Frame()})
    for query in ("p.Frame", "df"):
        answer = where(query, named)
        assert answer.variable is not None
        assert (answer.variable.bound_to, answer.file) == ("class pack.Frame", str(site / "pack.py"))


def test_asking_about_a_variable_computes_no_attribute(world: World) -> None:
    class Trap:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError("an attribute of the user's object was asked for")

    assert where("trap", replace(world, namespace={"trap": Trap()})).variable is not None


def test_a_module_in_a_wheel_on_the_path_belongs_to_the_wheel(world: World, tmp_path: Path) -> None:
    wheel = tmp_path / "packed-2.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as opened:
        opened.writestr("packed/__init__.py", "")
        opened.writestr("packed-2.0.dist-info/METADATA", "Name: packed\nVersion: 2.0\nRequires-Dist: six\n")
        opened.writestr("packed-2.0.dist-info/RECORD", "packed/__init__.py,,\npacked-2.0.dist-info/METADATA,,\n")
    zipped = replace(world, system=replace(world.system, path=[str(wheel)]))
    answer = where("packed", zipped)
    assert (answer.zipped, answer.kind, answer.version) == (True, "package", "2.0")
    assert answer.distribution is not None
    assert (answer.distribution.location, answer.distribution.requires) == (str(wheel), ("six",))


def test_a_damaged_distribution_is_named_and_the_rest_of_the_answer_stands(world: World, site: Path) -> None:
    folder = install(site, "six", "1.16", "six.py")
    write(folder / "METADATA", "junk")
    answer = where("six", world)
    assert (answer.found, answer.version) == (True, "1.16")
    (finding,) = answer.findings
    assert finding.message == "the metadata of `six` is damaged"
    assert finding.evidence[0].value == str(folder)


def test_a_project_that_is_installed_without_the_module(world: World, site: Path) -> None:
    """Nothing says that it is not installed, nor names a line that would change nothing."""
    install(site, "setuptools", "84.2.1", "setuptools/__init__.py")
    install(site, "scikit_learn", "1.5", "sklearn/__init__.py")
    said = [
        (finding.message, finding.hint)
        for name in ("pkg_resources", "sklearn.cross_validation")
        for finding in where(name, world).findings
    ]
    assert said == [
        (
            "`pkg_resources` was removed from `setuptools` in version 82, and 84.2.1 is installed",
            "`%safepip install setuptools<82`",
        ),
        ("`sklearn.cross_validation` is not in `scikit_learn` 1.5, which is installed", None),
    ]


def test_what_was_not_searched_in_time_is_told(world: World, tmp_path: Path) -> None:
    """Whoever reads "not found" would take it for "nowhere"."""
    write(tmp_path / "another" / "pyvenv.cfg")
    answer = where("surely_not_there", world, deadline=Deadline.after(0))
    assert answer.found is False
    assert [(each.id, each.message) for each in answer.findings] == [
        ("unsearched", "some environments were not searched: time ran out")
    ]
    assert where("surely_not_there", world).findings == ()
