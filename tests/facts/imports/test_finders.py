"""Finders of other projects: those that only look are asked, and of those that would act it is known what they have."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.abc import MetaPathFinder
from importlib.machinery import BuiltinImporter, FileFinder, FrozenImporter, ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipython_where.facts.imports.finding import ImportSystem, Search, find, find_afresh
from tests.environments import call

from .finder_files import MESON, SCIKIT, VIRTUALENV, editable_finder, finders, loaded


def system(*meta_path: Any, path: Path | str = "/gone", hooks: Any = None, cache: Any = None) -> ImportSystem:
    """Finders that are asked before the standard library's."""
    return ImportSystem(
        path=[str(path)],
        meta_path=[*meta_path, BuiltinImporter, FrozenImporter, PathFinder],
        path_hooks=sys.path_hooks if hooks is None else hooks,
        importer_cache=cache or {},
        modules={},
        cwd="/",
    )


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def unasked(finder: str) -> str:
    return f"the finder `{finder}` would have to be called, and may have side effects"


def outcome(search: Search) -> tuple[str | None, str | None]:
    return (search.found.file if search.found else None), search.undecided


# -- those that nobody has read ----------------------------------------------------------------------------------------


class Acting(MetaPathFinder):
    """Acts when it is asked."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        raise AssertionError("it was asked")


class Legacy:
    def find_module(self, name: str, path: object = None) -> None:
        raise AssertionError("it was asked")


class Forwarding:
    """Whatever is read of it runs its code."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("it was asked")


class Searching(PathFinder):
    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        raise AssertionError("it was asked")


class Standing(type):
    def __getattribute__(cls, name: str) -> Any:
        raise AssertionError("it was asked")


class Guarded(metaclass=Standing):
    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> None:
        return None


class Silent(MetaPathFinder):
    """As importlib_metadata's, which finds distributions alone."""

    def find_spec(self, *args: object, **kwargs: object) -> None:
        return None


@pytest.mark.parametrize("finder", [Acting(), Forwarding(), Searching], ids=["acting", "forwarding", "searching"])
def test_a_finder_that_nobody_knows_is_not_asked(tmp_path: Path, finder: Any) -> None:
    """What stands before another may have the module; what stands behind it only where nothing was found."""
    file = write(tmp_path / "mod.py")
    cls = finder if isinstance(finder, type) else type(finder)
    reason = unasked(f"{__name__}.{type.__dict__['__name__'].__get__(cls)}")
    assert outcome(find("mod", system(finder, path=tmp_path))) == (None, reason)
    behind = system(path=tmp_path)
    behind = replace(behind, meta_path=[*behind.meta_path, finder])
    assert outcome(find("mod", behind)) == (str(file), None)
    assert outcome(find("nowhere", behind)) == (None, reason)


def test_a_class_whose_own_class_answers_for_it_is_not_asked() -> None:
    assert find("nowhere", system(Guarded)).undecided == unasked(f"{__name__}.Guarded")


def test_a_finder_of_the_old_kind_counts_as_long_as_import_asks_it() -> None:
    reason = unasked(f"{__name__}.Legacy") if sys.version_info < (3, 12) else None
    assert find("nowhere", system(Legacy())).undecided == reason


def test_a_finder_whose_code_can_only_say_nothing_hides_nothing() -> None:
    assert find("nowhere", system(Silent())).undecided is None
    import importlib_metadata  # noqa: F401  it puts its finder of distributions among those of modules

    installed = [each for each in sys.meta_path if type(each).__module__ == "importlib_metadata"]
    assert [find("nowhere", system(each)).undecided for each in installed] == [None] * len(installed)


# -- those that are known ----------------------------------------------------------------------------------------------


def test_an_older_virtualenvs_finder_imports_and_is_not_asked(tmp_path: Path) -> None:
    """It wraps what the finders behind it have, and asks them by way of an import."""
    file = write(tmp_path / "setuptools" / "dist.py")
    write(tmp_path / "setuptools" / "__init__.py", "raise SystemExit('it was imported')")
    with loaded("_virtualenv", finders() / VIRTUALENV) as module:
        asked = system(module._Finder(), path=tmp_path)
        assert outcome(find("setuptools.dist", asked)) == (str(file), None)
        assert outcome(find("nowhere", asked)) == (None, None)


def test_a_question_about_a_module_that_an_older_virtualenv_patches_imports_nothing(tmp_path: Path) -> None:
    write(tmp_path / "distutils" / "dist.py")
    write(tmp_path / "distutils" / "__init__.py")
    code = (
        f"import sys; sys.path.insert(0, {str((finders() / VIRTUALENV).parent)!r}); import _virtualenv, ipython_where\n"
        f"sys.path[0] = {str(tmp_path)!r}\n"
        "answer = ipython_where.where('distutils.dist')\n"
        "print(answer.file, ipython_where.where('nowhere').found, {'setuptools', 'distutils'} & {*sys.modules})"
    )
    told = call(sys.executable, "-c", code, SETUPTOOLS_USE_DISTUTILS="stdlib")
    assert told.strip() == f"{tmp_path}/distutils/dist.py False set()"


def test_a_class_of_a_known_name_with_other_code_is_another_finder() -> None:
    """The name, a base class, an attribute, a global name: nothing that was replaced is asked."""
    with loaded("_virtualenv", finders() / VIRTUALENV) as module:
        known = module._Finder

        class _Finder(known):  # type: ignore[misc, valid-type]
            pass

        _Finder.__module__, _Finder.__qualname__ = "_virtualenv", "_Finder"
        patched = known()
        patched.find_spec = Acting().find_spec
        for finder in (_Finder(), patched):
            assert find("nowhere", system(finder)).undecided == unasked("_virtualenv._Finder")
        known.find_spec = lambda self, name, path, target=None: __import__(name)
        assert find("nowhere", system(known())).undecided == unasked("_virtualenv._Finder")
    text = "class _Finder:\n    def find_spec(self, name, path, target=None):\n        __import__(name)"
    with loaded("_virtualenv", text) as module:
        assert find("nowhere", system(module._Finder())).undecided == unasked("_virtualenv._Finder")


def test_setuptools_editable_finder_is_asked(tmp_path: Path) -> None:
    file, child = write(tmp_path / "src" / "tool" / "__init__.py"), write(tmp_path / "src" / "tool" / "part.py")
    text = editable_finder("tool-1", (("tool", str(tmp_path / "src" / "tool")),), ("spread",))
    with loaded("__editable___tool_1_finder", text) as module:
        asked = system(module._EditableFinder)
        assert outcome(find("tool", asked)) == (str(file), None)
        assert outcome(find("tool.part", asked)) == (str(child), None)
        assert outcome(find("nowhere", asked)) == (None, None)
        vars(module)["spec_from_file_location"] = Acting().find_spec
        label = "__editable___tool_1_finder._EditableFinder"
        assert find("tool", asked).undecided == unasked(label)


def test_the_mark_of_setuptools_namespaces_is_asked_and_its_hook_called(tmp_path: Path) -> None:
    text = editable_finder("tool-2", (("spread.tool", str(tmp_path / "src")),), ("spread",))
    with loaded("__editable___tool_2_finder", text) as module:
        hooks = [module._EditableNamespaceFinder._path_hook, *sys.path_hooks]
        found = find("spread", system(path=module.PATH_PLACEHOLDER, hooks=hooks)).found
        assert found is not None
        assert (found.kind, found.locations) == ("namespace", (module.PATH_PLACEHOLDER,))
        write(tmp_path / "site" / "mod.py")
        assert find("mod", system(path=tmp_path / "site", hooks=hooks)).undecided is None


def test_sixs_lazy_modules_are_not_woken() -> None:
    """To say whether one is a package, six imports it."""
    with loaded("six", finders() / "six.py") as six:
        moves = ModuleType("six.moves")
        moves.__path__ = []
        asked = replace(system(six._importer), modules={"six": six, "six.moves": moves})
        found = find("six.moves.tkinter", asked).found
        assert found is not None
        assert (found.finder, found.file) == ("six._SixMetaPathImporter", None)
        assert find("nowhere", asked).undecided is None
    assert "tkinter" not in sys.modules


def test_editables_finder_is_asked(tmp_path: Path) -> None:
    file = write(tmp_path / "one.py")
    with loaded("editables.redirector", finders() / "editables" / "redirector.py") as module:
        module.RedirectingFinder.map_module("one", str(file))
        assert outcome(find("one", system(module.RedirectingFinder))) == (str(file), None)
        assert outcome(find("nowhere", system(module.RedirectingFinder))) == (None, None)


def test_a_finder_that_is_asked_and_fails_leaves_the_answer_undecided() -> None:
    class Failing(dict[str, str]):
        def __missing__(self, name: str) -> str:
            raise RuntimeError("out of order")

    with loaded("editables.redirector", finders() / "editables" / "redirector.py") as module:
        module.RedirectingFinder._redirections = Failing()
        reason = "the finder `editables.redirector.RedirectingFinder` failed: RuntimeError: out of order"
        assert find("nowhere", system(module.RedirectingFinder)).undecided == reason


@pytest.mark.parametrize("name", ["_demo_editable", "_editable_skbc_demo"])
def test_scikit_build_core_s_hook_tells_what_it_maps(tmp_path: Path, name: str) -> None:
    """What the build has made may be older than its source; what lies in the source is as it is."""
    source, part = write(tmp_path / "src" / "demo" / "__init__.py"), write(tmp_path / "src" / "demo" / "part.py")
    with loaded(name, finders() / SCIKIT) as module:
        hook = f"the editable hook `{name}.ScikitBuildRedirectingFinder` builds when it is called"

        def finder(*, rebuild: bool) -> Any:
            module.install(
                {"demo": str(source), "demo.part": str(part)},
                {"demo._core": "demo/_core.abi3.so"},
                {"demo": [str(source.parent), "demo"]},
                ["demo"],
                path="/gone",
                rebuild=rebuild,
            )
            return sys.meta_path[0]

        building = system(finder(rebuild=True))
        assert outcome(find("demo", building)) == (str(source), None)
        assert outcome(find("demo.part", building)) == (str(part), None)
        assert outcome(find("demo._core", building)) == (None, hook)
        assert outcome(find("demo.nowhere", building)) == (None, None)
        assert outcome(find("nowhere", building)) == (None, None)
        sys.meta_path.pop(0)
        asked = system(finder(rebuild=False))
        found = find("demo._core", asked).found
        assert found is not None
        assert (found.kind, found.file) == ("extension", "/gone/demo/_core.abi3.so")
        package = find("demo", asked).found
        assert package is not None
        assert (package.kind, str(source.parent) in (package.locations or ())) == ("package", True)


def test_meson_pythons_hook_is_known_by_the_names_that_it_provides() -> None:
    with loaded("_demo_editable_loader", finders() / MESON) as module:
        finder = module.MesonpyMetaFinder("demo", {"demo"}, "/gone", ["/gone/ninja"])
        builds = "the editable hook `_demo_editable_loader.MesonpyMetaFinder` builds when it is called"
        for name, undecided in (("demo", builds), ("demo.part", builds), ("demos", None), ("nowhere", None)):
            assert find(name, system(finder)).undecided == undecided
        hooks = [finder._path_hook, *sys.path_hooks]
        assert find("nowhere", system(path="/usr", hooks=hooks)).undecided is None
        assert find("part", system(path=f"{module.__file__}/demo", hooks=hooks)).undecided == builds


def test_a_finder_that_only_wraps_loaders_hides_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "mod.py")
    wrapt = pytest.importorskip("_pytest.assertion.rewrite")  # pytest's own
    rewriting = [each for each in sys.meta_path if type(each) is wrapt.AssertionRewritingHook]
    assert rewriting
    assert outcome(find("mod", system(*rewriting, path=tmp_path))) == (str(file), None)
    text = (finders() / "wrapt" / "importer.py").read_text().replace("from .", "from wrapt.")
    lines = (line for line in text.splitlines() if not line.startswith("from wrapt."))
    text = "\n".join(["class BaseObjectProxy:\n    pass", *lines])
    with loaded("wrapt.importer", text) as module:
        module._post_import_hooks["mod"] = []
        assert outcome(find("mod", system(module.ImportHookFinder(), path=tmp_path))) == (str(file), None)


# -- entries of the path -----------------------------------------------------------------------------------------------


class EntryFinder:
    def find_spec(self, name: str, target: object = None) -> ModuleSpec | None:
        raise AssertionError("it was asked")


class Loader(SourceFileLoader):
    def __init__(self, *args: Any) -> None:
        raise AssertionError("it was made")


def test_a_path_hook_that_nobody_knows_is_not_called(tmp_path: Path) -> None:
    """One that stands behind the standard library's does not get to see a folder."""
    file = write(tmp_path / "mod.py")

    def hook(entry: str) -> Any:
        raise AssertionError("it was called")

    reason = (
        "the path hook `test_a_path_hook_that_nobody_knows_is_not_called.<locals>.hook` would have to be called for "
        f"`{tmp_path}`, and may have side effects"
    )
    fresh: Mapping[str, Any] = {}
    assert outcome(find("mod", system(path=tmp_path, hooks=[*sys.path_hooks, hook], cache=fresh))) == (str(file), None)
    other = tmp_path / "other"
    write(other / "mod.py")
    search = find("mod", system(path=other, hooks=[hook, *sys.path_hooks]))
    assert outcome(search) == (None, reason.replace(f"`{tmp_path}`", f"`{other}`"))
    assert find_afresh("mod", [str(other)], system(hooks=[hook])) is None


def test_the_finder_of_an_entry_that_nobody_knows_is_not_asked(tmp_path: Path) -> None:
    """Nor a loader made that somebody has put in: the file finder makes one to say what it found."""
    write(tmp_path / "mod.py")
    reason = f"the finder `{__name__}.EntryFinder` of a path entry would have to be called, and may have side effects"
    cached = {str(tmp_path): EntryFinder()}
    assert outcome(find("mod", system(path=tmp_path, cache=cached))) == (None, reason)
    making = {str(tmp_path): FileFinder(str(tmp_path), (Loader, [".py"]))}
    reason = reason.replace(f"{__name__}.EntryFinder", "_frozen_importlib_external.FileFinder")
    assert outcome(find("mod", system(path=tmp_path, cache=making))) == (None, reason)
    other = tmp_path / "other"
    write(other / "mod.py")
    hook = FileFinder.path_hook((Loader, [".py"]))
    assert find("mod", system(path=other, hooks=[hook])).undecided is not None
