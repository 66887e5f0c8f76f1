"""What an exception tells of the import that failed: real ones, from imports that fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipython_where.failure import FailedImport, read_failure


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
    assert failing("from nowhere_1.b.c import d") == FailedImport(missing="nowhere_1", asked="nowhere_1.b.c")
    assert failing("x = 1\nimport json, nowhere_1.b") == FailedImport(missing="nowhere_1", asked="nowhere_1.b")
    assert failing("import json.b.c") == FailedImport(missing="json.b", asked="json.b.c")
    assert failing("__import__('nowhere_1.b')") == FailedImport(missing="nowhere_1", asked="nowhere_1")


def test_whose_code_asked_for_it_innermost_first(folder: Path) -> None:
    (folder / "outer_1.py").write_text("import inner_1\n")
    (folder / "inner_1").mkdir()
    (folder / "inner_1" / "__init__.py").write_text("from . import deep\n")
    (folder / "inner_1" / "deep.py").write_text("import importlib\nimportlib.import_module('nowhere_1')\n")
    assert failing("import outer_1") == FailedImport(
        missing="nowhere_1", asked="nowhere_1", packages=("inner_1", "outer_1")
    )


def test_a_name_that_a_module_has_not(folder: Path) -> None:
    (folder / "middle_1.py").write_text("from json.decoder import nothing_like_it\n")
    assert failing("import middle_1") == FailedImport(source="json.decoder", packages=("middle_1",))


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


def test_a_raised_import_error_names_nothing() -> None:
    assert failing("raise ImportError('x')") == FailedImport()
    assert failing("raise ModuleNotFoundError('x')") == FailedImport()
    assert failing("try: import nowhere_1\nexcept ImportError: raise ImportError('x') from None") == FailedImport()


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
def test_what_compiled_parts_were_not_built_for(error: str, package: str) -> None:
    assert failing(f"raise {error}") == FailedImport(mismatch=package)


def test_a_circle_of_causes_ends() -> None:
    one, other = ImportError("one"), ImportError("other")
    one.__cause__, other.__cause__ = other, one
    assert read_failure(one) == FailedImport()
