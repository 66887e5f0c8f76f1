"""What compiled files were built for, by their names and their first bytes."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from ipython_where.facts.imports.extension_builds import Builds, built_for, compiled_by, machine_of

LINUX = (".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so")
WINDOWS = (".cp311-win_amd64.pyd", ".pyd")
THREADS = (".cpython-313t-x86_64-linux-gnu.so", ".so")


@pytest.mark.parametrize(
    ("file", "suffixes", "expected"),
    [
        ("_core.cpython-310-x86_64-linux-gnu.so", LINUX, ("Python 3.10", "Python 3.11")),
        ("_core.cpython-39-darwin.so", LINUX, ("Python 3.9", "Python 3.11")),
        ("_core.cp312-win_amd64.pyd", LINUX, ("Python 3.12", "Python 3.11")),
        ("_core.pypy310-pp73-x86_64-linux-gnu.so", LINUX, ("PyPy 3.10", "Python 3.11")),
        ("_core.graalpy241-311-native-x86_64-linux.so", LINUX, ("GraalPy", "Python 3.11")),
        ("_core.cpython-311-aarch64-linux-gnu.so", LINUX, ("aarch64-linux-gnu", "x86_64-linux-gnu")),
        ("_core.cpython-311-x86_64-linux-musl.so", LINUX, ("x86_64-linux-musl", "x86_64-linux-gnu")),
        ("_core.cpython-311-darwin.so", LINUX, ("darwin", "x86_64-linux-gnu")),
        ("_core.cp311-win_amd64.pyd", LINUX, ("win_amd64", "x86_64-linux-gnu")),
        ("_core.pyd", LINUX, ("Windows", "x86_64-linux-gnu")),
        ("_core.cpython-313-x86_64-linux-gnu.so", THREADS, ("Python 3.13", "free-threaded Python 3.13")),
        ("_core.cp313t-win_amd64.pyd", WINDOWS, ("free-threaded Python 3.13", "Python 3.11")),
        ("_core.cpython-311-x86_64-linux-gnu.so", LINUX, None),
        ("_core.abi3.so", LINUX, None),
        ("_core.so", LINUX, None),
        ("_core.py", LINUX, None),
        ("_core.libs.so", LINUX, None),
        ("_cores.cpython-310-x86_64-linux-gnu.so", LINUX, None),
    ],
)
def test_a_file_of_another_name_than_this_python_loads(
    file: str, suffixes: tuple[str, ...], expected: tuple[str, str] | None
) -> None:
    found = built_for(file, "package._core", suffixes=suffixes)
    assert found == (Builds(theirs=expected[0], ours=expected[1]) if expected else None)


def test_this_pythons_own_suffixes_are_its_own() -> None:
    assert [built_for(f"x{suffix}", "x", suffixes=EXTENSION_SUFFIXES) for suffix in EXTENSION_SUFFIXES] == [None] * len(
        EXTENSION_SUFFIXES
    )


@pytest.mark.parametrize(
    ("number", "python"),
    [
        (3413, "Python 3.8"),
        (3425, "Python 3.9"),
        (3439, "Python 3.10"),
        (3495, "Python 3.11"),
        (3531, "Python 3.12"),
        (3571, "Python 3.13"),
        (62211, "a different Python"),
    ],
)
def test_bytecode_says_which_python_wrote_it(number: int, python: str) -> None:
    """The numbers of the last releases; Python 2.7's is no other release's."""
    assert compiled_by(number.to_bytes(2, "little") + b"\r\n" + bytes(12)) == python


def test_this_pythons_own_bytecode_is_its_own() -> None:
    assert compiled_by(MAGIC_NUMBER) == f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    assert [compiled_by(each) for each in (b"", b"\xa7\r", b"\xa7\r\n", b"text")] == [None] * 4


ELF = b"\x7fELF\x02\x01" + bytes(10) + b"\x03\x00"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (ELF + b"\x3e\x00", "Linux on x86_64"),
        (ELF + b"\xb7\x00", "Linux on aarch64"),
        (b"\x7fELF\x01\x01" + bytes(10) + b"\x03\x00\x03\x00", "Linux on x86, 32 bits"),
        (b"\x7fELF\x02\x02" + bytes(10) + b"\x00\x03\x00\x16", "Linux on s390x"),
        (ELF + b"\x99\x01", "Linux on processor 409"),
        (b"\xcf\xfa\xed\xfe" + bytes(16), "macOS"),
        (b"MZ" + bytes(18), "Windows"),
        (b"#!/bin/sh", None),
        (ELF, None),
        (b"", None),
    ],
)
def test_the_machine_that_a_library_is_for(header: bytes, expected: str | None) -> None:
    assert machine_of(header) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="this Python is no ELF file")
def test_this_python_is_for_linux() -> None:
    with Path(sys.executable).open("rb") as file:
        assert str(machine_of(file.read(20))).startswith("Linux on ")
