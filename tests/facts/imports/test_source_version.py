"""The version that a source would give a module: a literal, or unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.facts.imports.source_version import read_version_on_disk

LITERALS = {
    "plain": "__version__ = '1.2'",
    "annotated": "__version__: str = '1.2'",
    "chained": "__version__ = version = '1.2'",
    "commented": "__version__ = '1.2'  # keep",
    "parenthesised": "__version__ = ('1.2')",
    "joined": "__version__ = '1.' '2'",
    "indirect": "version = '1.2'\n__version__ = version",
    "declared_first": "__version__: str\n__version__ = '1.2'",
    "before_a_star": "__version__ = '1.2'\nfrom .other import *",  # which brings no name with an underscore
}

COMPUTED = {
    "join": "version_info = (0, 10, 0)\n__version__ = '.'.join(map(str, version_info))",
    "format": "__version__ = '%d.%d' % (1, 2)",
    "f_string": "x = 1\n__version__ = f'{x}'",
    "sum": "__version__ = '1.2' + '.dev'",
    "method": "__version__ = '1.2'.strip()",
    "choice": "__version__ = '1.2' if x else '1.3'",
    "twice": "__version__ = '1.2'\nif x:\n    __version__ = '1.3'",
    "grows": "__version__ = '1.2'\n__version__ += '.dev'",
    "in_function": "__version__ = '1.2'\ndef f():\n    global __version__\n    __version__ = '1.3'",
    "fallback": "try:\n    from ._version import version as __version__\nexcept ImportError:\n    __version__ = '0'",
    "conditional": "if x:\n    __version__ = '1.2'",
    "only_mentioned": '"""\n__version__ = ' + "'1.2'" + '\n"""',
    "deleted": "__version__ = '1.2'\ndel __version__",
    "native": "from .native import __version__",
    "of_another": "from numpy import __version__",
    "number": "__version__ = 1.2",
    "broken": "__version__ = '1.2",
}


def package(folder: Path, code: str, **beside: str) -> str:
    root = folder / "pack"
    root.mkdir()
    for name, text in {"__init__": code, **beside}.items():
        (root / f"{name}.py").write_text(text)
    return str(root / "__init__.py")


@pytest.mark.parametrize("name", LITERALS)
def test_a_literal_is_the_version(name: str, tmp_path: Path) -> None:
    assert read_version_on_disk(package(tmp_path, LITERALS[name]), "9") == "1.2"


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_computed_is_unknown(name: str, tmp_path: Path) -> None:
    assert read_version_on_disk(package(tmp_path, COMPUTED[name], _version="version = '1.2'"), "9") is None


@pytest.mark.parametrize(
    "code",
    [
        "from ._version import __version__",
        "from pack._version import __version__",
        "from ._version import version as __version__",
    ],
)
def test_a_version_that_is_imported_is_the_literal_of_the_module_beside_it(code: str, tmp_path: Path) -> None:
    beside = "__version__ = version = '1.2.3'\n__version_tuple__ = version_tuple = (1, 2, 3)\n"
    assert read_version_on_disk(package(tmp_path, code, _version=beside), "9") == "1.2.3"


def test_a_module_beside_it_that_is_not_imported_does_not_count(tmp_path: Path) -> None:
    assert read_version_on_disk(package(tmp_path, "x = 1", _version="__version__ = '1.2'"), "9") is None


def test_a_version_asked_of_the_metadata_is_the_installed_one(tmp_path: Path) -> None:
    code = "from importlib.metadata import version\n__version__ = version('pack')\n"
    assert read_version_on_disk(package(tmp_path, code), "9") == "9"


def test_imports_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    code = "from ._version import __version__"
    assert read_version_on_disk(package(tmp_path, code, _version="from ._version import __version__"), "9") is None
