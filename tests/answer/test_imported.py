"""What is imported, against the import system, `importlib.metadata`, and the answer about each name alone."""

from __future__ import annotations

import json
import re
import sys
import types
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from ipython_where.answer.imported import imported
from ipython_where.answer.world import World
from ipython_where.model import ImportedModule
from tests.big_environment import big_environment
from tests.environments import call

COMPARE = """
import contextlib, importlib, io, json, sys
from importlib import metadata

provided = metadata.packages_distributions()
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    more = ["spread.part_0", "spread.deep.leaf_1", "google.cloud.storage", "by_finder", "by_link", "egg_file"]
    for name in [*sorted(provided), *more]:
        try:
            importlib.import_module(name)
        except BaseException:
            pass

from ipython_where.answer.imported import imported
from ipython_where.answer.name import where
from ipython_where.answer.world import World

loaded = {name.partition(".")[0] for name, module in list(sys.modules.items()) if getattr(module, "__file__", None)}
answer = imported(World.here())
differing, by_metadata = [], []
for row in answer.modules:
    alone = where(row.module)
    owner = alone.distribution
    said = (row.distribution, row.version, row.owners, row.stale, row.file, row.path_entry, row.editable)
    wanted = (owner and owner.name, owner and owner.version, alone.owners, alone.stale, alone.loaded and alone.loaded.file,
              alone.path_entry, bool(owner and owner.editable))
    if said != wanted and not alone.zipped:
        differing.append([row.module, repr(said), repr(wanted)])
    if row.distribution and not row.editable:
        by_metadata.append([row.module, row.version, metadata.version(row.distribution)])
listed = {row.module.partition(".")[0] for row in answer.modules}
with open(sys.argv[1], "w") as out:
    json.dump([len(answer.modules), differing, by_metadata, sorted(loaded - listed - set(sys.stdlib_module_names)),
               sorted(listed & set(sys.stdlib_module_names) - {"distutils", "this", "antigravity"})], out)
"""


@pytest.mark.usefixtures("installer")
def test_each_row_is_what_the_name_alone_is_answered(tmp_path: Path) -> None:
    """In a big environment with everything that makes a module hard to find, with all loaded that can be."""
    big = big_environment()
    script, out = tmp_path / "compare.py", tmp_path / "out"
    script.write_text(COMPARE)
    big.run("-W", "ignore", "-P", script, out)
    count, differing, by_metadata, missing, standard = json.loads(out.read_text())
    assert differing == []
    assert [each for each in by_metadata if each[1] != each[2]] == []
    assert count > 150 and len(by_metadata) > 100
    # Debian has a `sitecustomize` in its standard library
    assert (
        [each for each in missing if not each.startswith(("__", "_sysconfigdata", "sitecustomize"))] == standard == []
    )


def rows(namespace: dict[str, Any]) -> dict[str, ImportedModule]:
    """The answer in this process, by module."""
    return {each.module: each for each in imported(World.here(namespace=namespace)).modules}


def test_a_notebooks_own_are_what_its_import_statements_bound() -> None:
    """Also through a class or a function, under another name, and of a namespace package; not what was computed with them."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(
        "import packaging.markers as m, os, json\nfrom IPython.display import display\nfrom pytest import fixture\n"
        "from jsonschema import ValidationError\nimport traitlets as _hidden\n"
        "def own(): ...\nfrom pathlib import Path as P\nx = fixture\n",
        namespace,
    )
    namespace["get_ipython"] = namespace["In"] = display_of = namespace["display"]
    assert display_of is not None
    found = rows(namespace)
    assert {name for name, each in found.items() if each.in_notebook} == {
        "packaging",
        "IPython",
        "_pytest",
        "jsonschema",
    }
    assert found["packaging"].version == metadata.version("packaging")


def test_a_variable_of_any_kind_runs_nothing() -> None:
    """Nobody's property or `__getattr__` is called to see where an object comes from."""

    class Loud:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

        @property
        def __module__(self) -> Any:  # type: ignore[override]
            raise AssertionError

    odd = types.ModuleType("odd")
    odd.__name__ = 3  # type: ignore[assignment]
    found = rows({"loud": Loud(), "Loud": Loud, "odd": odd, "number": 3, "_": pytest})
    assert {name for name, each in found.items() if each.in_notebook} == {"tests"}  # of the class


def test_modules_that_code_made_are_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cython keeps some in `sys.modules`; a halted name and one that is no text are there as well."""
    monkeypatch.setitem(sys.modules, "made_by_code", types.ModuleType("made_by_code"))
    odd: Any = {"halted_name": None, 3: types.ModuleType("three")}
    for name, value in odd.items():
        monkeypatch.setitem(sys.modules, name, value)
    assert not {"made_by_code", "halted_name", "three"} & set(rows({}))


STALE = """
import json, os, sys, time
from pathlib import Path
site = Path(sys.argv[1])
sys.path.insert(0, str(site))

def install(version):
    (site / "tiny").mkdir(parents=True, exist_ok=True)
    (site / "tiny" / "__init__.py").write_text(f"__version__ = {version!r}\\n")
    for old in site.glob("*.dist-info"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    info = site / f"tiny-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: tiny\\nVersion: {version}\\n")
    (info / "RECORD").write_text("tiny/__init__.py,,\\n")

install("1.0")
import tiny
install("2.0")
from ipython_where import imported
answer = imported()
row = next(each for each in answer.modules if each.module == "tiny")
print(json.dumps([row.stale, row.version, row.loaded_version, [each.hint for each in answer.findings]]))
import shutil
shutil.rmtree(site)
from ipython_where import where
answer = imported()
gone = next(each for each in answer.modules if each.module == "tiny")
print(json.dumps([gone.stale, gone.version, gone.loaded_version, gone.distribution, gone.path_entry]))
print(*answer.findings[0].evidence)
named = where("tiny")
print(json.dumps([named.file, named.path_entry, named.stale, [each.value for each in named.findings[0].evidence]]))
print(named)
"""


def test_what_is_loaded_and_what_is_installed_are_both_told(tmp_path: Path) -> None:
    """A result came from the loaded version, whatever is installed since."""
    script = tmp_path / "stale.py"
    script.write_text(STALE)
    changed, gone, evidence, named, *shown = call(sys.executable, "-P", script, tmp_path / "site").splitlines()
    assert json.loads(changed) == [True, "2.0", "1.0", ["restart the kernel"]]
    assert json.loads(gone) == [True, None, "1.0", None, None]
    assert "loaded 1.0, its file is gone" in evidence
    file = str(tmp_path / "site" / "tiny" / "__init__.py")
    assert json.loads(named) == [None, None, True, [file, "the file is gone"]]
    assert any(re.fullmatch(r"  found by +\S+ · `sys.modules`, where it is loaded", line) for line in shown)
    assert any(re.match(r"  loaded +yes, but its file is gone", line) for line in shown)


@pytest.mark.parametrize("file", ["", "a\0b", "/x/\ud800"])
def test_a_file_that_cannot_be_one_spoils_no_answer(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module may set its ``__file__`` to anything, and one of them must not hide all the other ones."""
    module = types.ModuleType("odd_file")
    module.__file__ = file
    monkeypatch.setitem(sys.modules, "odd_file", module)
    found = rows({"odd_file": module})
    assert (found["odd_file"].file, found["odd_file"].in_notebook) == (None, True)
    assert found["pytest"].distribution == "pytest"
