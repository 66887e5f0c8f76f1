"""`%safeconda` where a prefix, its records or the package cache are not as they should be: it is right, or changes nothing.

The prefix of all these tests has a space and a letter beyond ASCII in its path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.trees import differences

from .prefixes import Conda, make
from .random_changes import MEMORY, state

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(sys.platform != "linux", reason="the channel is made for Linux"),
]


@pytest.fixture(scope="module")
def made() -> Iterator[Conda]:
    """A prefix with two packages, and a package cache beside it; in memory, if there is some."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        conda = make(Path(folder, "with space ü"), "generic=1.0", "modes=1.0")
        conda.environ["RATTLER_CACHE_DIR"] = str(conda.home / "cache")
        yield conda


@pytest.fixture
def conda(made: Conda) -> Iterator[Conda]:
    """The prefix as it was, after each test."""
    kept = made.prefix.with_name("kept")
    subprocess.run(["cp", "-a", made.prefix, kept], check=True)
    yield made
    subprocess.run(["chmod", "-R", "u+w", made.prefix], check=True)
    shutil.rmtree(made.prefix)
    os.rename(kept, made.prefix)


def record_of(conda: Conda, stem: str) -> Path:
    return conda.prefix / "conda-meta" / f"{stem}.json"


def edit(record: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads(record.read_text())
    change(data)
    record.write_text(json.dumps(data))


def and_back(conda: Conda, line: str, *, then: Callable[[], object] = lambda: None) -> dict[str, Any]:
    """What a line says, after whose undo all is as it was: every file, its inode, its time."""
    before = state(conda.prefix)
    done = conda.must(line)
    then()
    conda.must("%safeconda undo")
    assert state(conda.prefix) == before
    return done


def test_spaces_and_other_letters(conda: Conda) -> None:
    """The prefix stands in files, in programs' first lines, and in binaries; what it links runs."""

    def check() -> None:
        assert (conda.prefix / "etc" / "text.cfg").read_text() == f"at {conda.prefix}/x 2.0\n"
        assert os.fsencode(conda.prefix) + b"/share\0" in (conda.prefix / "lib" / "binary.bin").read_bytes()
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        assert subprocess.check_output([conda.prefix / "bin" / "thing2"], text=True, env=environ) == "2.0\n"

    and_back(conda, "%safeconda install text binary entry", then=check)


def test_a_prefix_behind_a_link(conda: Conda, tmp_path: Path) -> None:
    """By either path; an undo by the other one."""
    link = tmp_path / "link"
    link.symlink_to(conda.prefix)
    before = state(conda.prefix)
    behind = Conda(prefix=link, home=conda.home, environ=conda.environ)
    behind.must("%safeconda install text")
    conda.must("%safeconda undo")
    conda.must("%safeconda update generic")
    behind.must("%safeconda undo")
    assert state(conda.prefix) == before


def test_a_path_that_is_too_long_for_a_binary(made: Conda) -> None:
    """conda reserves 255 bytes for the path of a prefix: nothing is linked, and nothing changes."""
    folder = made.home / ("d" * 100)
    folder /= "e" * (260 - len(str(folder)) - len("//env"))
    conda = make(folder)
    assert len(str(conda.prefix)) == 260
    before = state(conda.prefix)
    assert "rattler failed" in conda.refused("%safeconda install text binary")
    assert state(conda.prefix) == before
    and_back(conda, "%safeconda install text pure")


def test_a_package_cache_on_another_disk(conda: Conda, tmp_path: Path) -> None:
    """Then files are copies, and records say so."""
    if os.stat(tmp_path).st_dev == os.stat(conda.prefix).st_dev:
        pytest.skip("there is no other disk")
    elsewhere = Conda(prefix=conda.prefix, home=conda.home, environ={"RATTLER_CACHE_DIR": str(tmp_path / "cache")})
    and_back(elsewhere, "%safeconda update modes", then=lambda: _expect_copies(conda))


def _expect_copies(conda: Conda) -> None:
    assert json.loads(record_of(conda, "modes-2.0-h1_0").read_text())["link"]["type"] == 3
    assert (conda.prefix / "share" / "modes" / "secret").stat().st_nlink == 1


@pytest.mark.parametrize("what", ["missing", "a file", "gone meanwhile"])
def test_a_package_cache_that_cannot_be_used(conda: Conda, what: str) -> None:
    """It is made; or it can't be, which is said; what is no longer there is fetched again."""
    cache = conda.home / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    if what == "a file":
        cache.touch()
        before = state(conda.prefix)
        assert "rattler failed" in conda.refused("%safeconda update modes")
        assert state(conda.prefix) == before
        cache.unlink()
        return
    and_back(conda, "%safeconda update modes")
    if what == "gone meanwhile":
        shutil.rmtree(cache)
        and_back(conda, "%safeconda update modes")


def test_read_only_folders_and_files(conda: Conda) -> None:
    """Renames go by the folder above; its mode comes back with an undo."""
    (conda.prefix / "share" / "modes").chmod(0o555)
    history = conda.prefix / "conda-meta" / "history"
    history.chmod(0o444)
    and_back(conda, "%safeconda update modes", then=lambda: _expect_mode(history, 0o444))


def _expect_mode(path: Path, mode: int) -> None:
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("what", ["missing", "a link", "a folder"])
def test_a_history_that_is_not_there(conda: Conda, what: str) -> None:
    """It is begun; one behind a link is not written to; what stands in its place comes back."""
    history = conda.prefix / "conda-meta" / "history"
    old = conda.home / "history"
    os.rename(history, old)
    if what == "a link":
        history.symlink_to(old)
    elif what == "a folder":
        (history / "mine").mkdir(parents=True)
    before = old.read_bytes()
    and_back(conda, "%safeconda update modes", then=lambda: _expect_entry(history))
    assert old.read_bytes() == before


def _expect_entry(history: Path) -> None:
    assert "modes-2.0-h1_0" in history.read_text() and not history.is_symlink()


@pytest.mark.parametrize("kind", ["a file for a folder", "a folder for a file", "another case"])
def test_what_stands_in_the_way(conda: Conda, kind: str) -> None:
    """It is kept, said, and comes back; what differs in case alone is another file, as far as the disk goes."""
    folder = conda.prefix / "share" / "generic"
    if kind == "a file for a folder":
        shutil.rmtree(folder)
        folder.write_text("mine")
    elif kind == "a folder for a file":
        (folder / "file").unlink()
        (folder / "file").mkdir()
        (folder / "file" / "mine").write_text("mine")
    else:
        folder.with_name("Generic").mkdir()
        (folder.with_name("Generic") / "FILE").write_text("mine")
    done = and_back(conda, "%safeconda update generic", then=lambda: _expect_file(folder / "file"))
    named = [each["id"] for each in done["plan"]["findings"]]
    assert ("foreign-files" in named) == (kind != "another case")


def _expect_file(path: Path) -> None:
    assert path.read_text() == "2.0\n"


def test_a_link_of_the_users_for_a_folder(conda: Conda) -> None:
    """Nothing is linked through it."""
    folder = conda.prefix / "share" / "generic"
    os.rename(folder, conda.prefix / "elsewhere")
    folder.symlink_to("../elsewhere")
    before = state(conda.prefix)
    assert "is a link to a directory, and files would be installed through it" in conda.refused(
        "%safeconda update generic"
    )
    assert state(conda.prefix) == before


def test_a_record_that_lists_what_is_not_its_own(conda: Conda) -> None:
    """What another record lists, too, stays; the rest goes, as with conda, and comes back."""
    mine, secret = conda.prefix / "share" / "mine.txt", conda.prefix / "share" / "modes" / "secret"
    mine.write_text("mine")
    others = ["share/mine.txt", "share/modes/secret", "no/such/file", "bin/python", "share"]
    edit(record_of(conda, "generic-1.0-h1_0"), lambda data: data["files"].extend(others))

    def check() -> None:
        assert [mine.exists(), secret.exists(), conda.python.exists()] == [False, True, True]

    and_back(conda, "%safeconda remove generic", then=check)


@pytest.mark.parametrize("kind", ["old", "with folders"])
def test_a_record_as_conda_writes_it(conda: Conda, kind: str) -> None:
    """Without `paths_data`; with folders in it, which rattler can't unlink where they are."""

    def change(data: dict[str, Any]) -> None:
        if kind == "old":
            del data["paths_data"]
        else:
            data["paths_data"]["paths"] += [{"_path": "share/generic", "path_type": "directory"}]

    edit(record_of(conda, "generic-1.0-h1_0"), change)
    folder = conda.prefix / "share" / "generic"
    and_back(conda, "%safeconda update generic", then=lambda: _expect_file(folder / "file"))
    and_back(conda, "%safeconda remove generic", then=lambda: _expect_none(folder))


def _expect_none(path: Path) -> None:
    assert not path.exists()


def test_three_at_once(conda: Conda) -> None:
    """They take turns, each with a plan of its own."""
    before = conda.tree()
    started = [conda.start(f"%safeconda {line}") for line in ("update generic", "update modes", "install pure")]
    for process in started:
        output, errors = process.communicate()
        assert json.loads(output.splitlines()[-1]).get("transaction"), (output, errors)
    for _ in started:
        conda.must("%safeconda undo")
    assert differences(conda.tree(), before) == []
