"""What the entries of `PYTHONPATH` are, in folders laid out for it."""

from __future__ import annotations

import os
import sys
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.settings.pythonpath import read_pythonpath
from ipython_where.judge.diagnose.import_path import PathFolder

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
BESIDE = f"{sys.version_info[0]}.{sys.version_info[1] - 1}"
DIGITS = BESIDE.replace(".", "")


@pytest.fixture
def own(tmp_path: Path) -> dict[str, Any]:
    """What the probe says of an interpreter."""
    prefix = tmp_path / "own"
    site = prefix / "lib" / f"python{VERSION}" / "site-packages"
    site.mkdir(parents=True)
    return {
        "prefix": str(prefix),
        "base_prefix": "/usr",
        "version": f"{VERSION}.1",
        "implementation": "CPython",
        "extension_suffixes": EXTENSION_SUFFIXES,
        "site_directories": [str(site)],
    }


def read(text: str, own: dict[str, Any], tmp_path: Path) -> list[tuple[str, bool, str | None, str | None]]:
    found = read_pythonpath(text, own, [str(tmp_path), str(tmp_path / "before" / "rel")], str(tmp_path))
    return [
        (os.path.relpath(each.path, tmp_path), each.is_there, each.belongs_to, each.note)
        for each in found
        if isinstance(each, PathFolder)
    ]


def test_folders_archives_and_what_is_neither(own: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "notes.txt").write_text("no archive")
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("m.py", "")
    text = os.pathsep.join(str(tmp_path / each) for each in ("lib", "gone", "notes.txt", "code.zip", "lib"))
    assert read(text, own, tmp_path) == [
        ("lib", True, None, None),
        ("gone", False, None, "not there"),
        ("notes.txt", False, None, "a file, but not an archive of modules"),
        ("code.zip", True, None, None),
    ]


def test_relative_and_empty_entries_mean_the_folder_of_the_start(own: dict[str, Any], tmp_path: Path) -> None:
    """Python makes them absolute when it starts; by now the process may be in another folder."""
    (tmp_path / "before" / "rel").mkdir(parents=True)
    assert read(os.pathsep + "rel", own, tmp_path) == [
        (".", True, None, "an empty entry: the folder that Python started in"),
        ("before/rel", True, None, "a relative entry"),
    ]
    assert read("", own, tmp_path) == []


def test_the_own_site_directory_is_left_out(own: dict[str, Any], tmp_path: Path) -> None:
    assert read(own["site_directories"][0], own, tmp_path) == []


def test_another_pythons_site_directory(own: dict[str, Any], tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "python").write_text("")
    (other / "bin" / "python").chmod(0o755)
    sites = [other / f"lib/python{each}/site-packages" for each in (BESIDE, VERSION)]
    sites += [tmp_path / f"plain/lib/python{VERSION}/site-packages", tmp_path / "pp/lib/pypy3.10/site-packages"]
    for each in sites:
        each.mkdir(parents=True)
    found = read(os.pathsep.join(map(str, sites)), own, tmp_path)
    assert [belongs for _, _, belongs, _ in found] == [
        f"Python {BESIDE}",
        f"the environment {other}",
        None,
        "PyPy 3.10",
    ]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((f"cp{DIGITS}-cp{DIGITS}-manylinux_2_17_x86_64",), f"Python {BESIDE}"),
        ((f"cp{DIGITS}-cp{DIGITS}m-linux_x86_64", "cp36-cp36m-linux_x86_64"), f"Python {BESIDE}"),
        ((f"cp{DIGITS}-abi3-manylinux_2_17_x86_64",), None),
        (("py3-none-any",), None),
        (("py2-none-any", "py3-none-any"), None),
        ((f"cp{VERSION.replace('.', '')}-cp{VERSION.replace('.', '')}-linux_x86_64",), None),
        ((), None),
    ],
)
def test_wheels_that_were_made_for_another_python(
    own: dict[str, Any], tmp_path: Path, tags: tuple[str, ...], expected: str | None
) -> None:
    """As `pip install --target` of another Python leaves them: the path says nothing of it."""
    metadata = tmp_path / "target" / "compiled-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {each}\n" for each in tags))
    assert read(str(tmp_path / "target"), own, tmp_path) == [("target", True, expected, None)]


def test_a_compiled_module_of_another_python(own: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / f"_fast.cpython-{DIGITS}-x86_64-linux-gnu.so").write_bytes(b"")
    assert read(str(tmp_path / "built"), own, tmp_path) == [("built", True, f"Python {BESIDE}", None)]
