"""What the code of packages may do to their submodules, held against the import system: nothing wrong, little unknown."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ipython_where.facts.imports.finding import ImportSystem, Search, find
from tests.environments import call


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package by the code of its `__init__.py`, and its other files; `{name}` is its name."""

    code: str
    files: dict[str, str] = field(default_factory=dict)


def package(code: str, **files: str) -> Package:
    return Package(code=code, files=files)


REPLACES = {
    "sets": package("__path__ = [__path__[0] + '_other']"),
    "inserts": package("__path__.insert(0, __path__[0] + '_other')"),
    "slices": package("__path__[:] = [__path__[0] + '_other']"),
    "prepends": package("__path__ = [__path__[0] + '_other'] + __path__"),
    "global_name": package("globals()['__path__'] = [__path__[0] + '_other']"),
    "variables": package("vars()['__path__'] = [__path__[0] + '_other']"),
    "attribute": package("import sys\nsys.modules[__name__].__path__ = [__path__[0] + '_other']"),
    "set_attribute": package("import sys\nsetattr(sys.modules[__name__], '__path__', [__path__[0] + '_other'])"),
    "spec": package("__spec__.submodule_search_locations.insert(0, __path__[0] + '_other')"),
    "another_name": package("path = __path__\npath.insert(0, path[0] + '_other')"),
    "in_function": package("def f():\n    global __path__\n    __path__ = [__path__[0] + '_other']\nf()"),
    "annotated": package("__path__: list = [__path__[0] + '_other']"),
    "imported_path": package("from ._paths import __path__", _paths="__path__ = [__file__[:-10] + '_other']"),
    "executed": package("exec('__pa' 'th__.insert(0, __pa' 'th__[0] + \"_other\")')"),
    "swaps": package(
        "import sys, types\nnew = types.ModuleType(__name__)\nnew.__path__ = []\nsys.modules[__name__] = new"
    ),
    "swaps_by_alias": package(
        "import sys as system\nfrom types import ModuleType\nsystem.modules[__name__] = ModuleType(__name__)"
    ),
    "child": package("import sys, json\nsys.modules[__name__ + '.sub'] = json"),
    "child_by_update": package("import sys, json\nsys.modules.update({f'{__name__}.sub': json})"),
    "child_by_setdefault": package("from sys import modules\nimport json\nmodules.setdefault(__name__ + '.sub', json)"),
    "child_without_import": package("import json\n__import__('sys').modules[__name__ + '.sub'] = json"),
    "computed": package(
        "import sys, json\nfor part in ('a', 'sub'):\n    sys.modules['.'.join((__name__, part))] = json"
    ),
    "finder": package(
        "import sys, importlib.util as util\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == __name__ + '.sub':\n"
        "            return util.spec_from_file_location(name, __path__[0] + '_other/sub.py')\n"
        "sys.meta_path.insert(0, Finder())"
    ),
    "sibling": package(
        "from . import _fix", _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')"
    ),
    "sibling_star": package("from ._fix import *", _fix="import sys\nsys.modules[__package__].__path__[:] = []"),
    "sibling_absolute": package(
        "import {name}._fix", _fix="import {name}\n{name}.__path__.insert(0, __file__[:-8] + '_other')"
    ),
    "sibling_by_name": package(
        "from importlib import import_module\nimport_module('._fix', __name__)",
        _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')",
    ),
    "sibling_of_sibling": package(
        "from ._first import x",
        _first="from . import _fix\nx = 1",
        _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')",
    ),
    "sibling_function": package(
        "from ._fix import install\ninstall(__name__)",
        _fix="import sys\ndef install(name):\n    sys.modules[name].__path__.insert(0, __file__[:-8] + '_other')",
    ),
    "sibling_method": package(
        "from ._fix import Fix\nFix(__name__).install()",
        _fix=(
            "import sys\nclass Fix:\n    def __init__(self, name):\n        self.name = name\n"
            "    def install(self):\n        sys.modules[self.name].__path__.insert(0, __file__[:-8] + '_other')"
        ),
    ),
    "decorated": package(
        "import sys\ndef at_once(f):\n    f()\n    return f\n"
        "@at_once\ndef install():\n    sys.modules[__name__].__path__.insert(0, __path__[0] + '_other')"
    ),
    "indirectly": package(
        "import sys\ndef deep():\n    sys.modules[__name__].__path__.insert(0, __path__[0] + '_other')\n"
        "def outer():\n    deep()\nouter()"
    ),
    "neighbour": package("import {name}_fix"),
    "many_lines": package(
        "from sys import (\n    path,\n    modules,\n)\nimport json\nmodules[__name__ + '.sub'] = json"
    ),
    "sys_by_call": package("import json\ns = __import__('sys')\ns.modules[__name__ + '.sub'] = json"),
    "sys_of_another": package("import os, json\nos.sys.modules[__name__ + '.sub'] = json"),
    "sys_again": package("import sys, json\nagain = sys\nagain.modules[__name__ + '.sub'] = json"),
    "sys_from": package("from os import sys as system\nimport json\nsystem.modules[__name__ + '.sub'] = json"),
    "asked_by_name": package("import sys, json\ngetattr(sys, 'modules')[__name__ + '.sub'] = json"),
    "by_variables": package("import sys, json\nvars(sys)['modules'][__name__ + '.sub'] = json"),
    "merged": package("import sys, json\nsys.modules |= {__name__ + '.sub': json}"),
    "set_item": package("import sys, json\ndict.__setitem__(sys.modules, __name__ + '.sub', json)"),
    "reversed": package("__path__.append(__path__[0] + '_other')\n__path__.reverse()"),
    "from_nothing": package(
        "from pkgutil import extend_path\n__path__ = extend_path([__path__[0] + '_other'], __name__)"
    ),
    "executed_later": package(
        "def run():\n    exec('__pa' 'th__.insert(0, __pa' 'th__[0] + \"_other\")', globals())\nrun()"
    ),
    "lambda": package("import sys, json\n(lambda: sys.modules.update({__name__ + '.sub': json}))()"),
    "in_class": package("import sys, json\nclass C:\n    sys.modules[__name__ + '.sub'] = json"),
    "in_try": package(
        "try:\n    import sys, json\n    sys.modules[__name__ + '.sub'] = json\nexcept ImportError:\n    pass"
    ),
    "latin": package("# -*- coding: latin-1 -*-\nimport sys, json\nsys.modules[__name__ + '.sub'] = json"),
    "plugins": package(
        "import pkgutil\nfrom importlib import import_module\n"
        "for each in pkgutil.iter_modules(__path__):\n    import_module('.' + each.name, __name__) if each.name != 'sub' else 0",
        _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')",
    ),
    "plugins_by_name": package(
        "from importlib import import_module\nimport_module(f'{__name__}._fix')",
        _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')",
    ),
    "late_import": package(
        "def install():\n    from . import _fix\ninstall()",
        _fix="import sys\nsys.modules[__package__].__path__.insert(0, __file__[:-8] + '_other')",
    ),
}
"""Another module may be in the place of the one beside it."""

KEEPS = {
    "silent": package(""),
    "appends": package("__path__.append(__path__[0] + '_other')"),
    "extends": package("__path__ += [__path__[0] + '_other']"),
    "extended": package("__path__ = __import__('pkgutil').extend_path(__path__, __name__)"),
    "extended_plainly": package("from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)"),
    "longer": package("__path__ = __path__ + [__path__[0] + '_other']"),
    "reads": package(
        "import pkgutil\nfound = [each.name for each in pkgutil.iter_modules(__path__)]\nfirst = __path__[0]"
    ),
    "mentions": package(
        "'''Sets ``__path__`` and sys.modules, says this.'''\n# __path__ = []\nwas = hasattr(object, '__path__')"
    ),
    "sets_names": package("import sys\nsys.modules[__name__].x = 1\nhere = __name__ in sys.modules"),
    "another_module": package("import sys, json\nsys.modules['some_other_name.sub'] = json"),
    "another_child": package("import sys, json\nsys.modules[__name__ + '.other'] = json"),
    "never_called": package("import sys\ndef install(name):\n    sys.modules[name] = None"),
    "never_made": package("import sys\nclass Hook:\n    def install(self):\n        sys.meta_path.insert(0, self)"),
    "own_exec": package("class Program:\n    def exec(self): pass\nProgram().exec()"),
    "asks_sys": package("import sys\nfrozen = getattr(sys, 'frozen', False)\nimport json\nexec('x = 1', {})"),
    "imports_by_name": package(
        "from importlib import import_module\nfor name in ('json', 'os'):\n    import_module(name)"
    ),
    "switched_off": package(
        "import sys\nOFF = False\ndef swap(name):\n    sys.modules[name] = sys\nif OFF:\n    swap(__name__)"
    ),
    "late_finder": package(
        "import sys\nclass Finder:\n    def find_spec(self, name, path=None, target=None):\n        return None\n"
        "sys.meta_path.append(Finder())"
    ),
    "keeps_names": package(
        "import sys, types\nold = sys.modules[__name__]\nnew = types.ModuleType(__name__)\n"
        "new.__dict__.update(old.__dict__)\nsys.modules[__name__] = new"
    ),
    "lazy": package(
        "def __getattr__(name):\n    from . import _fix\n    return _fix",
        _fix="import sys\nsys.modules[__package__] = None",
    ),
    "takes_away": package(
        "import sys\nsys.modules.pop('some_other_name', None)\nsys.modules.pop(__name__ + '.sub', None)"
    ),
}
"""What stands beside it is what an import takes."""

NEIGHBOUR = "import sys\nsys.modules['neighbour'].__path__.insert(0, sys.modules['neighbour'].__path__[0] + '_other')"

TRUTH = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
found = {}
for name in json.loads(sys.argv[2]):
    try:
        found[name] = importlib.import_module(name + '.sub').__file__
    except (ImportError, ValueError, AttributeError):
        found[name] = None
print(json.dumps(found))
"""


def write(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages, each with a `sub.py`, and with another in a folder beside."""
    root = tmp_path_factory.mktemp("packages")
    for name, each in {**REPLACES, **KEEPS}.items():
        for stem, code in {"__init__": each.code, **each.files, "sub": ""}.items():
            write(root / name / f"{stem}.py", code.replace("{name}", name))
        write(root / f"{name}_other" / "sub.py")
    write(root / "neighbour_fix.py", NEIGHBOUR)
    return root


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, str | None]:
    """The file that the import system finds for each package's `sub`, in an interpreter that imports the packages for it."""
    names = json.dumps([*REPLACES, *KEEPS])
    return dict(json.loads(call(sys.executable, "-I", "-c", TRUTH, folder, names)))


def search(name: str, *path: Path) -> Search:
    system = ImportSystem.current()
    return find(
        name,
        ImportSystem(
            path=[str(each) for each in path],
            meta_path=[each for each in system.meta_path if isinstance(each, type)],
            path_hooks=sys.path_hooks,
            importer_cache={},
            modules={},
            cwd="/",
        ),
    )


@pytest.mark.parametrize("name", REPLACES)
def test_what_code_may_replace_is_unknown_although_a_file_stands_beside_it(name: str, folder: Path) -> None:
    """The answer says which package it is, and what stands beside it."""
    found = search(f"{name}.sub", folder)
    beside = folder / name / "sub.py"
    reason = f"`{name}` may change where its submodules come from when it is imported; the file beside it is `{beside}`"
    assert (found.found, found.undecided) == (None, reason)


def test_the_packages_that_are_unknown_really_take_another(truth: dict[str, str | None], folder: Path) -> None:
    """Each of them would have been a wrong answer."""
    assert [name for name in REPLACES if truth[name] == str(folder / name / "sub.py")] == []


@pytest.mark.parametrize("name", KEEPS)
def test_what_no_code_can_replace_is_found_beside_it(name: str, folder: Path, truth: dict[str, str | None]) -> None:
    """And there the import system finds it."""
    found = search(f"{name}.sub", folder).found
    assert found is not None
    assert (found.file, truth[name]) == (str(folder / name / "sub.py"),) * 2


@pytest.mark.parametrize("name", ["appends", "extends", "extended", "longer", "late_finder"])
def test_a_missing_submodule_that_code_may_bring_is_unknown(name: str, folder: Path) -> None:
    """A longer path, or a finder at the end, may have it."""
    found = search(f"{name}.missing", folder)
    assert found.found is None
    assert found.undecided == f"`{name}` may change where its submodules come from when it is imported"


@pytest.mark.parametrize("name", ["silent", "reads", "mentions", "another_child", "never_called", "takes_away"])
def test_a_missing_submodule_that_no_code_can_bring_is_not_found(name: str, folder: Path) -> None:
    found = search(f"{name}.missing", folder)
    assert (found.found, found.undecided) == (None, None)


def test_a_grandparent_counts_as_a_parent_does(tmp_path: Path) -> None:
    """It runs before as well."""
    write(tmp_path / "top" / "__init__.py", "import sys, json\nsys.modules['top.middle.leaf'] = json")
    write(tmp_path / "top" / "middle" / "__init__.py")
    write(tmp_path / "top" / "middle" / "leaf.py")
    write(tmp_path / "top" / "middle" / "other.py")
    assert search("top.middle.leaf", tmp_path).undecided is not None
    assert search("top.middle.other", tmp_path).undecided is None
    assert search("top.middle", tmp_path).undecided is None


def test_the_source_in_an_archive_is_read_too(tmp_path: Path) -> None:
    archive = tmp_path / "lib.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("plain/__init__.py", "")
        opened.writestr("plain/sub.py", "")
        opened.writestr("moves/__init__.py", "__path__.insert(0, '/elsewhere')")
        opened.writestr("moves/sub.py", "")
    found = search("plain.sub", archive).found
    assert found is not None and found.file == f"{archive}/plain/sub.py"
    assert search("moves.sub", archive).undecided is not None


def test_bytecode_is_searched_for_the_names(tmp_path: Path) -> None:
    import py_compile

    swaps = "import sys\nsys.modules[__name__] = sys"
    for name, code in (("plain", "x = 1"), ("moves", "__path__.insert(0, '/elsewhere')"), ("swaps", swaps)):
        source = write(tmp_path / "src" / f"{name}.py", code)
        (tmp_path / "path" / name).mkdir(parents=True)
        py_compile.compile(str(source), cfile=str(tmp_path / "path" / name / "__init__.pyc"))
        write(tmp_path / "path" / name / "sub.py")
    assert search("plain.sub", tmp_path / "path").found is not None
    assert search("moves.sub", tmp_path / "path").undecided is not None
    assert search("swaps.sub", tmp_path / "path").undecided is not None


def test_source_that_changed_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "pack" / "sub.py")
    write(tmp_path / "pack" / "__init__.py")
    assert search("pack.sub", tmp_path).found is not None
    write(tmp_path / "pack" / "__init__.py", "__path__ = []")
    assert search("pack.sub", tmp_path).undecided is not None
