"""What an exception tells of the import that failed: real ones, from imports that fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path

import pytest

from ipython_where.judge.failure import FailedImport, read_failure


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is on the path; what is imported from it is forgotten."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def failing(code: str) -> FailedImport | None:
    """What is read from the error of a cell."""
    with pytest.raises(Exception) as caught:
        exec(compile(code, "<cell>", "exec"), {"__name__": "__main__"})
    error = caught.value
    assert error.__traceback__ is not None
    return read_failure(error.with_traceback(error.__traceback__.tb_next))  # without this frame


def test_a_missing_module_and_the_whole_name_that_was_asked_for() -> None:
    assert failing("import nowhere_1") == FailedImport(missing="nowhere_1", asked="nowhere_1")
    assert failing("from nowhere_1.b.c import d") == FailedImport(
        missing="nowhere_1", asked="nowhere_1.b.c", names=("d",)
    )
    assert failing("x = 1\nimport json, nowhere_1.b") == FailedImport(missing="nowhere_1", asked="nowhere_1.b")
    assert failing("import json.b.c") == FailedImport(missing="json.b", asked="json.b.c")
    assert failing("__import__('nowhere_1.b')") == FailedImport(missing="nowhere_1", asked="nowhere_1.b")


def test_whose_code_asked_for_it_innermost_first(folder: Path) -> None:
    (folder / "outer_1.py").write_text("import inner_1\n")
    (folder / "inner_1").mkdir()
    (folder / "inner_1" / "__init__.py").write_text("from . import deep\n")
    (folder / "inner_1" / "deep.py").write_text("import importlib\nimportlib.import_module('nowhere_1.b')\n")
    assert failing("import outer_1") == FailedImport(
        missing="nowhere_1", asked="nowhere_1.b", packages=("inner_1", "outer_1")
    )


def test_a_name_that_a_module_has_not(folder: Path) -> None:
    (folder / "middle_1.py").write_text("from json.decoder import nothing_like_it\n")
    assert failing("import middle_1") == FailedImport(
        source="json.decoder", names=("nothing_like_it",), packages=("middle_1",)
    )


@pytest.mark.parametrize(
    "tail",
    [
        "except ImportError as e: raise ImportError('in own words') from e",
        "except ImportError: raise ImportError('in own words')",
        "except ImportError as e: raise ValueError('in own words') from e",
        "except ImportError: raise ModuleNotFoundError('in own words')",
    ],
)
def test_an_error_in_own_words_has_the_failed_import_as_its_cause(tail: str) -> None:
    assert failing(f"try: import nowhere_1\n{tail}") == FailedImport(missing="nowhere_1", asked="nowhere_1")


RAISED = (
    "raise ImportError('x')",
    "raise ModuleNotFoundError('x')",
    "raise ModuleNotFoundError('x', name='nowhere_1')",
    "try: import nowhere_1\nexcept ImportError: raise ImportError('x') from None",
    "import pickle; raise pickle.loads(pickle.dumps(ModuleNotFoundError('x', name='nowhere_1')))",
    "import pickle; pickle.loads(b'cnowhere_1\\nf\\n.')",
    "import importlib.metadata; importlib.metadata.version('nowhere_1')",
    "import runpy; runpy.run_module('nowhere_1')",
    "def wait(): yield\nstarted = wait(); next(started); started.throw(ModuleNotFoundError('x', name='nowhere_1'))",
    "try: import nowhere_1\nexcept ImportError as e: kept = e.with_traceback(None)\nraise kept",
    "def __import__(name): raise ModuleNotFoundError('x', name=name)\n__import__('nowhere_1')",
    "raise ValueError('numpy.dtype size changed, may indicate binary incompatibility.')",
    "raise ImportError('numpy.core.multiarray failed to import')",
)
"""Errors in whose last frame stands no import: raised by hand, from another process, thrown in, stripped."""


@pytest.mark.parametrize(
    "code",
    [
        "1 / 0",
        "try: import nowhere_1\nexcept ImportError: 1 / 0",
        "try: import nowhere_1\nexcept ImportError: raise ValueError from None",
        "raise ValueError('the size changed')",
        "raise SystemError('numpy.dtype size changed, may indicate binary incompatibility')",
    ],
)
def test_other_errors_tell_of_no_import(code: str) -> None:
    assert failing(code) is None


@pytest.mark.parametrize("error", RAISED)
def test_an_error_that_no_import_raised_tells_nothing(error: str) -> None:
    assert failing(error) is None


def test_an_error_by_hand_tells_of_the_import_that_it_repeats_and_of_no_other() -> None:
    tried = "try: import nowhere_1\nexcept ImportError: raise ModuleNotFoundError('by hand', name={!r})"
    assert failing(tried.format("nowhere_1")) == FailedImport(missing="nowhere_1", asked="nowhere_1")
    assert failing(tried.format("nowhere_2")) is None


@pytest.mark.parametrize(
    ("error", "package"),
    [
        ("ValueError('numpy.dtype size changed, may indicate binary incompatibility. Expected 96', 'got 88')", "numpy"),
        ("ValueError('scipy.special._x.T size changed, may indicate binary incompatibility.')", "scipy"),
        (
            "RuntimeError('module compiled against ABI version 0x1000009 but this version of numpy is 0x2000000')",
            "numpy",
        ),
        ("ImportError('numpy.core.multiarray failed to import')", "numpy"),
        ("ImportError('numpy._core.umath failed to import')", "numpy"),
        ("ImportError('A module that was compiled using NumPy 1.x cannot be run in NumPy 2.3.5')", "numpy"),
    ],
)
def test_what_compiled_parts_were_not_built_for(error: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Compiled(eval(error)), *sys.meta_path])
    assert failing("import compiled_1") == FailedImport(mismatch=package, packages=("tests",))


def test_a_module_that_compiled_code_asks_for_is_not_the_one_of_the_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it known that the error comes from an import at all."""
    error = ModuleNotFoundError("No module named 'compiled_1'", name="compiled_1")
    monkeypatch.setattr(sys, "meta_path", [Compiled(error), *sys.meta_path])
    assert failing("import compiled_1") is None


class Compiled:
    """The finder and loader of a module that raises an error in a frame like Cython's: its code has no names and no constants."""

    def __init__(self, error: Exception) -> None:
        def run(module: object) -> None:
            raise error

        run.__code__ = run.__code__.replace(co_consts=())
        self.exec_module = run

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(name, self) if name == "compiled_1" else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """An ordinary module."""


@pytest.mark.parametrize(
    "code",
    [
        "find = __import__\nfind(name)",
        "import builtins\nbuiltins.__import__(name, level=0)",
        "def load(name): return __import__(name, globals(), None, ['x'])\nfor _ in range(50): load('json')\nload(name)",
        "import pickle; pickle._loads(b'cnowhere_1.b\\nf\\n.')",
        "import importlib.util; importlib.util.find_spec('nowhere_1.b.c')",
        "exec('import nowhere_1.b')",
        "try: import nowhere_1.b\nexcept ImportError as e: kept = e\nraise kept",
        "import threading\nkept = []\ndef work():\n    try: import nowhere_1.b\n    except ImportError as e: kept.append(e)\n"
        "thread = threading.Thread(target=work); thread.start(); thread.join(); raise kept[0]",
        "\n".join(f"v{i} = {i} + 70000{i}" for i in range(300)) + "\nimport nowhere_1.b",
    ],
)
def test_every_import_of_this_process_counts_however_it_was_written(code: str) -> None:
    found = failing(f"name = 'nowhere_1.b'\n{code}")
    assert found is not None
    assert (found.missing, found.asked) == ("nowhere_1", "nowhere_1.b")


def test_a_relative_import_asks_for_what_it_means(folder: Path) -> None:
    (folder / "pack_1" / "deep").mkdir(parents=True)
    (folder / "pack_1" / "__init__.py").write_text("")
    (folder / "pack_1" / "deep" / "__init__.py").write_text("from ..nowhere.b import c\n")
    assert failing("import pack_1.deep") == FailedImport(
        missing="pack_1.nowhere", asked="pack_1.nowhere.b", names=("c",), packages=("pack_1",)
    )


def test_a_circle_of_causes_ends() -> None:
    one, other = ImportError("one"), ImportError("other")
    one.__cause__, other.__cause__ = other, one
    assert read_failure(one) is None
