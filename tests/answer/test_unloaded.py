"""Compiled files that this system's loader refuses, with the loader's own words: what is said, and what is never guessed."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.failed_import import explain_failure
from ipython_where.answer.world import World
from ipython_where.facts.imports.shared_objects import read_shared_object, who_needs
from ipython_where.judge.failure import read_failure
from ipython_where.judge.loader_message import LoaderRefusal, read_refusal
from ipython_where.model import Finding

from .test_name import install, site, world, write

__all__ = ["site", "world"]  # fixtures

COMPILED = sorted(Path(sysconfig.get_config_var("DESTSHARED") or "/absent").glob("*.so"))
LIBRARY = b"libc.so.6"
NEEDS_LIBC = next((each for each in COMPILED if LIBRARY in each.read_bytes()), None)

glibc = pytest.mark.skipif(
    NEEDS_LIBC is None or not sys.platform.startswith("linux"),
    reason="needs a compiled module of this Python's own, and glibc",
)


def compiled(file: Path, old: bytes = LIBRARY, new: bytes = b"libzz.so.") -> Path:
    """A real compiled module in which one name was replaced by another of its length: `libc.so.6` by `libzz.so.`."""
    assert NEEDS_LIBC is not None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(NEEDS_LIBC.read_bytes().replace(old, new))
    return file


def failing(module: str, monkeypatch: pytest.MonkeyPatch, site: Path, world: World) -> Finding | None:
    """What is said of the failure of a real import of ``module``."""
    monkeypatch.syspath_prepend(site)
    try:
        exec(f"import {module}", {"__name__": "__main__"})
    except ImportError as error:
        failed = read_failure(error)
    finally:
        for each in [name for name in sys.modules if name.partition(".")[0] == module.partition(".")[0]]:
            del sys.modules[each]
    assert failed is not None
    return explain_failure(failed, world)


def told(finding: Finding | None, site: Path) -> list[str]:
    assert finding is not None
    rows = [" ".join(filter(None, (each.label, each.value, each.note))) for each in finding.evidence]
    return [each.replace(str(site), "SITE") for each in (finding.message, *rows, finding.hint or "")]


@glibc
def test_a_library_that_is_nowhere(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that needs it, its distribution, and no package that somebody would have to have guessed."""
    install(site, "viewer", "1.0", "viewer/__init__.py", "viewer/_core.abi3.so")
    compiled(site / "viewer/_core.abi3.so", new=b"libGL.so.")
    assert told(failing("viewer._core", monkeypatch, site, world), site) == [
        "`_core.abi3.so` of `viewer` 1.0 needs the library `libGL.so.`, and this system does not find it",
        "file SITE/viewer/_core.abi3.so",
        "install what brings `libGL.so.`; `viewer` does not, and nothing else in this environment does",
    ]


@glibc
def test_a_library_of_a_requirement_that_is_not_installed(
    world: World, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requires = ("nvidia-cudnn", "absent-elsewhere; python_version < '3'")
    install(site, "viewer", "1.0", "viewer/__init__.py", "viewer/_core.abi3.so", requires=requires)
    compiled(site / "viewer/_core.abi3.so", new=b"libzz.so.")
    finding = failing("viewer._core", monkeypatch, site, world)
    assert told(finding, site)[2:] == [
        "requires nvidia-cudnn not installed",
        "`%safepip install viewer` installs what it requires",
    ]


@glibc
def test_another_version_of_the_library_is_there(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is shown, with who brought it, and the one of the very name is shown before it."""
    install(site, "viewer", "1.0", "viewer/__init__.py", "viewer/_core.abi3.so")
    compiled(site / "viewer/_core.abi3.so", new=b"libz9.so.")
    install(site, "runtime", "2.0", "runtime/lib/libz9.so.7", "runtime/lib/libz99.so.1", "runtime/libz9.source")
    there = "there is SITE/runtime/lib/libz9.so.7 of `runtime`"
    assert told(failing("viewer._core", monkeypatch, site, world), site)[2:] == [there, ""]
    install(site, "exact", "2.0", "exact/libz9.so.")
    exact = replace(world, distributions=type(world.distributions)())
    assert told(failing("viewer._core", monkeypatch, site, exact), site)[2:] == [
        "there is SITE/exact/libz9.so. of `exact`",
        "",
    ]


@glibc
def test_its_own_library_is_gone(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then its distribution is damaged, and one line repairs it."""
    install(site, "viewer", "1.0", "viewer/__init__.py", "viewer/_core.abi3.so", "viewer.libs/libzz.so.")
    compiled(site / "viewer/_core.abi3.so")
    (site / "viewer.libs/libzz.so.").unlink()
    said = told(failing("viewer._core", monkeypatch, site, world), site)
    assert (said[0], said[-1]) == (
        "`viewer` 1.0 lists files that are gone",
        "`%safepip install --force-reinstall --no-deps viewer==1.0` restores them",
    )


@glibc
def test_condas_record_has_the_library(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is proven by conda's own list of its files, and only where the file is gone."""
    install(site, "viewer", "1.0", "viewer/__init__.py", "viewer/_core.abi3.so")
    compiled(site / "viewer/_core.abi3.so")
    write(site / "conda-meta/libzz-1.2-h1_0.json", '{"files": ["lib/libzz.so.", "lib/libzz.so"]}')
    write(site / "conda-meta/other-1.2-h1_0.json", '{"files": ["lib/libother.so.1"]}')
    assert told(failing("viewer._core", monkeypatch, site, world), site)[-1] == (
        "`%safeconda install --force-reinstall libzz` restores it"
    )
    write(site / "lib/libzz.so.")
    fresh = replace(world, distributions=type(world.distributions)())
    assert told(failing("viewer._core", monkeypatch, site, fresh), site)[2:] == ["there is SITE/lib/libzz.so.", ""]


@glibc
def test_a_newer_system_library_is_needed(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file needs, and which glibc this system has."""
    found = re.search(rb"GLIBC_2\.\d+(?:\.\d+)?(?=\0)", NEEDS_LIBC.read_bytes() if NEEDS_LIBC else b"")
    assert found is not None
    version = b"GLIBC_9." + b"9" * (len(found[0]) - 8)
    install(site, "newer", "1.0", "newer/__init__.py", "newer/_core.abi3.so")
    compiled(site / "newer/_core.abi3.so", found[0] + b"\0", version + b"\0")
    first, file, system, hint = told(failing("newer._core", monkeypatch, site, world), site)
    library = re.fullmatch(r"`_core.abi3.so` of `newer` 1.0 needs `(.+)`, which `(.+)` does not have", first)
    assert library is not None
    assert library[1] == version.decode()
    assert os.path.exists(library[2])
    assert (file, system) == ("file SITE/newer/_core.abi3.so", f"system {os.confstr('CS_GNU_LIBC_VERSION')}")
    line = "%safepip install --force-reinstall --no-deps --no-cache-dir newer==1.0"
    assert hint == f"`{line}` installs a build for this system, if there is one"


@glibc
def test_a_file_that_nobody_installed(world: World, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it needs is known; what would bring it is not."""
    compiled(site / "mine.abi3.so")
    assert told(failing("mine", monkeypatch, site, world), site) == [
        "`mine.abi3.so` needs the library `libzz.so.`, and this system does not find it",
        "file SITE/mine.abi3.so",
        "",
    ]


@glibc
def test_who_needs_a_library_is_followed_through_the_folders_that_a_file_names(tmp_path: Path) -> None:
    """Of this Python's modules each says what it needs; of anything else, nothing is said."""
    for each in COMPILED[:5]:
        read = read_shared_object(str(each))
        assert read is not None
        assert all(re.fullmatch(r"[\w.+-]+", name) for name in read.needed), read
    file = compiled(tmp_path / "a.so")
    assert who_needs("libzz.so.", str(file)) == str(file)
    assert who_needs("libnever.so.1", str(file)) is None
    for content in (b"", b"\x7fELF", b"text" * 99, file.read_bytes()[:100], b"\x7fELF\x02\x01" + b"\xff" * 99):
        (tmp_path / "b.so").write_bytes(content)
        assert read_shared_object(str(tmp_path / "b.so")) is None
    os.mkfifo(tmp_path / "pipe.so")
    assert read_shared_object(str(tmp_path / "pipe.so")) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "libGL.so.1: cannot open shared object file: No such file or directory",
            LoaderRefusal(library="libGL.so.1"),
        ),
        (
            "Error loading shared library libffi.so.8: No such file or directory (needed by /s/_cffi.so)",
            LoaderRefusal(library="libffi.so.8", by="/s/_cffi.so"),
        ),
        (
            "dlopen(/s/a.so, 0x0002): Library not loaded: @rpath/libomp.dylib\n  Referenced from: <1F-2A> /s/a.so\n  Reason: x",
            LoaderRefusal(library="@rpath/libomp.dylib", by="/s/a.so"),
        ),
        (
            "/lib64/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /s/a.so)",
            LoaderRefusal(library="/lib64/libstdc++.so.6", version="GLIBCXX_3.4.32", by="/s/a.so"),
        ),
        ("/s/a.so: cannot open shared object file: No such file or directory", None),
        ("/s/a.so: file too short", None),
        ("/s/a.so: undefined symbol: PyString", None),
    ],
)
def test_the_words_of_each_loader(message: str, expected: LoaderRefusal | None) -> None:
    assert read_refusal(message, "/s/a.so") == expected
