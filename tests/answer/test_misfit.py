"""What is installed for another Python or machine is told as such: it may be imported, and it may not."""

from __future__ import annotations

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.facts.distributions.wheel_tags import foreign_tag
from ipython_where.facts.imports.extension_builds import is_cut_off
from ipython_where.judge.failure import FailedImport, read_failure
from ipython_where.probe import identity

from .test_name import install, site, write
from .test_name import world as world_

__all__ = ["site", "world_"]  # fixtures

RUNS = identity()["version"]
PLATFORM = "x86_64-linux-gnu"
SUFFIXES = [f".cpython-311-{PLATFORM}.so", ".abi3.so", ".so"]


@pytest.fixture
def world(world_: World) -> World:
    """A Python 3.11 for Linux, whatever runs the tests."""
    return replace(world_, interpreter={**world_.interpreter, "extension_suffixes": SUFFIXES})


def told(world: World, name: str) -> list[tuple[str, str, str | None]]:
    return [(each.severity, each.message, each.hint) for each in where(name, world).findings]


def tiny(site: Path, *files: str, head: str = "", wheel: str = "", installer: str = "pip") -> Path:
    """`tiny` 1.0 with these headers in METADATA and these lines in WHEEL."""
    metadata = install(site, "tiny", "1.0", *files)
    write(metadata / "METADATA", f"Name: tiny\nVersion: 1.0\n{head}\nRequires-Python: of the description\n")
    write(metadata / "WHEEL", wheel)
    write(metadata / "INSTALLER", f"{installer}\n")
    return metadata


NEWEST = (
    "`%safepip install --force-reinstall --no-deps tiny` installs the newest version for this Python, if there is one"
)
AGAIN = "`%safepip install --force-reinstall --no-deps tiny==1.0`"


@pytest.mark.parametrize("wanted", [">=3.8", "<4,>=3", "!=3.0.*,>=2.7", "nonsense", ""])
def test_what_accepts_this_python_or_says_nothing_clear_has_no_finding(world: World, site: Path, wanted: str) -> None:
    tiny(site, "tiny/__init__.py", head=f"Requires-Python: {wanted}\n")
    assert told(world, "tiny") == []


@pytest.mark.parametrize("wanted", ["<3.9", ">=3.99", "==2.7.*"])
def test_what_excludes_this_python(world: World, site: Path, wanted: str) -> None:
    tiny(site, "tiny/__init__.py", head=f"requires-python:   {wanted}  \n")
    message = f"`tiny` 1.0 requires Python {wanted}, but this kernel runs {RUNS}"
    assert told(world, "tiny") == told(world, "Tiny") == [("warning", message, NEWEST)]


def test_what_lies_on_pythonpath_is_not_installed_over(world: World, site: Path, tmp_path: Path) -> None:
    """Whatever is installed, PYTHONPATH's copy comes first: the way out is to start without it."""
    extra = tmp_path / "extra"
    tiny(extra, "tiny/__init__.py", f"tiny/a.cpython-38-{PLATFORM}.so", head="Requires-Python: <3.9\n")
    world = replace(world, pythonpath=str(extra), system=replace(world.system, path=[str(extra), str(site)]))
    without = f"start the kernel without `{extra}` in `PYTHONPATH`"
    assert told(world, "tiny") == [
        ("warning", f"`tiny` 1.0 requires Python <3.9, but this kernel runs {RUNS}", without),
        ("warning", "`tiny` 1.0 was built for Python 3.8, but this kernel runs Python 3.11", without),
    ]


def test_what_another_tool_installed_gets_no_line(world: World, site: Path) -> None:
    tiny(site, "tiny/__init__.py", head="Requires-Python: <3\n", installer="conda")
    message = f"`tiny` 1.0 requires Python <3, but this kernel runs {RUNS}"
    assert told(world, "tiny") == [("warning", message, None)]


PYTHON_2 = f"`tiny` 1.0 is written for Python 2: its code has a `print` statement that Python {RUNS} cannot read"


def test_code_for_python_2(world: World, site: Path) -> None:
    """Of the file that is asked about, and below a failed import; the package's other files may never be imported."""
    tiny(site, "tiny/__init__.py", "tiny/old.py")
    write(site / "tiny/old.py", 'def f(x):\n    print "x", x\n')
    assert told(world, "tiny") == []
    assert told(world, "tiny.old") == [("warning", PYTHON_2, NEWEST)]
    (evidence,) = where("tiny.old", world).findings[0].evidence
    assert (evidence.label, evidence.value) == ("file", f"{site}/tiny/old.py:2")
    assert evidence.note is not None and evidence.note.startswith("Missing parentheses in call to 'print'")


def test_code_that_is_too_new(world: World, site: Path) -> None:
    tiny(site, "tiny/__init__.py", head="Requires-Python: >=3.99\n")
    write(site / "tiny/__init__.py", "x = 1\nfrom future import ease !\n")
    assert told(world, "tiny") == [("warning", f"`tiny` 1.0 has code that Python {RUNS} cannot read", NEWEST)]
    rows = [(each.label, each.value, each.note) for each in where("tiny", world).findings[0].evidence]
    assert rows == [
        ("file", f"{site}/tiny/__init__.py:2", "invalid syntax"),
        ("requires", "Python >=3.99", None),
    ]


def test_code_that_somebody_changed(world: World, site: Path) -> None:
    metadata = tiny(site, "tiny.py")
    write(metadata / "RECORD", "tiny.py,,5\n")
    write(site / "tiny.py", "def broken(:\n")
    message = f"a file of `tiny` 1.0 was changed since its install, and Python {RUNS} cannot read it"
    assert ("warning", message, AGAIN) in told(world, "tiny")


def test_your_own_code_and_another_pythons_is_not_judged(world: World, site: Path) -> None:
    write(site / "mine.py", 'print "x"\n')
    assert told(world, "mine") == []
    tiny(site, "tiny.py")
    write(site / "tiny.py", 'print "x"\n')
    assert told(replace(world, interpreter={**world.interpreter, "version": "3.1.0"}), "tiny") == []


def test_code_with_bytecode_is_not_parsed_again(world: World, site: Path) -> None:
    """It was compiled as it is; what the bytecode has is not looked at."""
    tiny(site, "tiny.py")
    file = write(site / "tiny.py", "x = 'x\n")
    assert len(told(world, "tiny")) == 1
    status, digits = file.stat(), "".join(RUNS.split(".")[:2])
    header = struct.pack("<4sIII", b"abcd", 0, int(status.st_mtime), status.st_size)
    (site / "__pycache__").mkdir()
    (site / f"__pycache__/tiny.cpython-{digits}.pyc").write_bytes(header)
    assert told(world, "tiny") == []


def failure(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FailedImport | None:
    """What is read from the exception that some code raises, with a folder on the path."""
    monkeypatch.syspath_prepend(str(folder))
    try:
        exec(compile(code, "<cell>", "exec"), {})
    except Exception as error:
        return read_failure(error)
    return None


def test_the_hint_after_an_import_of_code_that_python_cannot_read(
    world: World, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny(site, "tiny_two/__init__.py", "tiny_two/old.py")
    write(site / "tiny_two/__init__.py", "from . import old\n")
    write(site / "tiny_two/old.py", 'print "x"\n')
    failed = failure("import tiny_two", site, monkeypatch)
    assert failed is not None and failed.unparsed is not None
    assert failed.unparsed[:2] == (f"{site}/tiny_two/old.py", 1)
    finding = explain_failure(failed, world)
    assert finding is not None
    assert (finding.message, finding.hint) == (PYTHON_2, NEWEST)
    assert failure("compile('x =', 'f', 'exec')", site, monkeypatch) is None
    write(site / "own_file.py", "x = = 1\n")
    failed = failure("import own_file", site, monkeypatch)
    assert failed is not None and explain_failure(failed, world) is None


def test_the_hint_where_the_failing_package_excludes_this_python(world: World, site: Path) -> None:
    """As an older one does that imports what a newer Python has dropped."""
    tiny(site, "tiny/__init__.py", head="Requires-Python: <3.9\n")
    failed = FailedImport(source="collections", names=("gone",), packages=("tiny",))
    finding = explain_failure(failed, world)
    assert finding is not None
    message = f"`tiny` 1.0 requires Python <3.9, but this kernel runs {RUNS}"
    assert (finding.message, finding.hint) == (message, f"{NEWEST}, then restart the kernel")
    tiny(site, "tiny/__init__.py")
    assert explain_failure(failed, world) is None


@pytest.mark.parametrize(
    ("suffix", "theirs", "ours"),
    [
        (f".cpython-310-{PLATFORM}.so", "Python 3.10", "Python 3.11"),
        (".cpython-311-darwin.so", "darwin", PLATFORM),
        (".cp311-win_amd64.pyd", "win_amd64", PLATFORM),
        (".cpython-311-x86_64-linux-musl.so", "x86_64-linux-musl", PLATFORM),
        (".cpython-311-aarch64-linux-gnu.so", "aarch64-linux-gnu", PLATFORM),
    ],
)
def test_compiled_files_for_another_python(world: World, site: Path, suffix: str, theirs: str, ours: str) -> None:
    tiny(site, "tiny/__init__.py", f"tiny/_core{suffix}")
    assert told(world, "tiny") == [
        ("warning", f"`tiny` 1.0 was built for {theirs}, but this kernel runs {ours}", AGAIN)
    ]
    assert [each.value for each in where("tiny", world).findings[0].evidence] == [f"{site}/tiny/_core{suffix}"]
    tiny(site, "tiny/__init__.py", f"tiny/_core{suffix}", f"tiny/_core{SUFFIXES[0]}")
    assert told(world, "tiny") == []


@pytest.mark.skipif(os.uname().machine == "s390x", reason="the other machine is this one")
def test_a_compiled_file_for_another_machine(world: World, site: Path) -> None:
    """Where its name tells none."""
    tiny(site, "tiny/__init__.py", "tiny/_core.abi3.so")
    header = b"\x7fELF\x02\x01" + bytes(10) + struct.pack("<HH", 3, 22)
    (site / "tiny/_core.abi3.so").write_bytes(header + bytes(64))
    ((_, message, hint),) = told(world, "tiny")
    assert message.startswith("`tiny` 1.0 was built for Linux on s390x, but this kernel runs ")
    assert hint == AGAIN


def test_a_wheel_for_another_python_without_compiled_files(world: World, site: Path) -> None:
    tiny(site, "tiny/__init__.py", wheel="Root-Is-Purelib: false\nTag: cp39-cp39-win32\n")
    message = "`tiny` 1.0 was installed from a wheel for `cp39-cp39-win32`, which is not this kernel's Python"
    assert told(world, "tiny") == [("note", message, AGAIN)]


@pytest.mark.parametrize(
    ("tags", "platform", "expected"),
    [
        ("", PLATFORM, None),
        ("py3-none-any", PLATFORM, None),
        ("py2.py3-none-any", PLATFORM, None),
        ("py2-none-any", PLATFORM, "py2-none-any"),
        ("py2-none-any py3-none-any", PLATFORM, None),
        ("py310-none-any", PLATFORM, None),
        ("cp311-cp311-manylinux_2_17_x86_64", PLATFORM, None),
        ("cp311-cp311-manylinux_2_17_aarch64", PLATFORM, "cp311-cp311-manylinux_2_17_aarch64"),
        ("cp310-cp310-manylinux_2_17_x86_64", PLATFORM, "cp310-cp310-manylinux_2_17_x86_64"),
        ("cp37-abi3-manylinux2014_x86_64", PLATFORM, None),
        ("cp311-cp311-linux_x86_64.manylinux1_x86_64", PLATFORM, None),
        ("cp311-cp311-macosx_11_0_arm64", PLATFORM, "cp311-cp311-macosx_11_0_arm64"),
        ("cp311-cp311-macosx_11_0_arm64", "darwin", None),
        ("cp311-cp311-win_amd64", "win_amd64", None),
        ("cp311-cp311-win_amd64", "darwin", "cp311-cp311-win_amd64"),
        ("cp311-cp311-linux_armv7l", "arm-linux-gnueabihf", None),
        ("pp39-pypy39_pp73-win32", "win32", None),
        ("strange", PLATFORM, None),
    ],
)
def test_the_tags_of_a_wheel(tags: str, platform: str, expected: str | None) -> None:
    wheel = "".join(f"Tag: {each}\n" for each in tags.split()).encode()
    assert foreign_tag(wheel, version="3.11.2", platform=platform) == expected


@pytest.mark.parametrize("bits", [1, 2])
def test_a_compiled_file_that_is_shorter_than_its_header(bits: int) -> None:
    """The loader says `file too short`."""
    length = 52 if bits == 1 else 64
    header = (b"\x7fELF" + bytes([bits, 1]) + bytes(58))[:length]
    assert is_cut_off(header[:40], 40)
    assert not is_cut_off(header, length)
