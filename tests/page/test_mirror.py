"""The folder that JupyterLab serves from: whole or not there, of this server alone, and gone with it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyterlab_server.config import get_federated_extensions

from ipython_where.page.archive import ReadyExtension
from ipython_where.page.mirror import Mirror
from ipython_where.page.policy import UNKNOWN, Present, TakenFrom
from tests.claims import carries

from .extensions import SCRIPT, files, package, write

SCOPED = "@scope/other"
ORIGIN = TakenFrom(is_local=True, digest="a" * 64)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror.make(str(tmp_path / "runtime"))
    yield made
    made.close()


def place(mirror: Mirror, name: str = "sound", version: str = "1.0.0") -> None:
    with mirror.stage() as stage:
        folder = write(Path(stage) / "filled", files(package(name, version)))
        before = served(mirror)
        assert served(mirror) == before
        mirror.place(str(folder), ReadyExtension(name=name, version=version, load=SCRIPT), ORIGIN)


def served(mirror: Mirror) -> dict[str, str]:
    """What JupyterLab finds there."""
    return {name: each["version"] for name, each in get_federated_extensions([mirror.root]).items()}


def test_what_is_placed_is_what_jupyterlab_serves(mirror: Mirror) -> None:
    place(mirror)
    place(mirror, SCOPED)
    assert served(mirror) == {"sound": "1.0.0", SCOPED: "1.0.0"}
    assert mirror.present()["sound"] == Present(name="sound", version="1.0.0", source="kernel")
    assert mirror.remove(SCOPED) and mirror.remove("sound")
    assert not mirror.remove("sound")
    assert (served(mirror), mirror.present()) == ({}, {})
    assert sorted(os.listdir(mirror.root)) == [".held", ".origins"]
    assert os.listdir(Path(mirror.root, ".origins")) == []


@pytest.mark.parametrize("name", ["sound", SCOPED])
def test_where_it_came_from_is_known_as_long_as_it_is_there(mirror: Mirror, name: str) -> None:
    assert mirror.origin(name) == UNKNOWN
    place(mirror, name)
    assert mirror.origin(name) == ORIGIN
    mirror.remove(name)
    assert mirror.origin(name) == UNKNOWN
    place(mirror, name)
    for said in ("", "[]", "{}", '{"is_local": 1, "digest": 2}'):
        for each in Path(mirror.root, ".origins").iterdir():
            each.write_text(said)
        assert not mirror.origin(name).is_local


def test_the_first_one_stays(mirror: Mirror) -> None:
    place(mirror)
    with pytest.raises(FileExistsError):
        place(mirror, version="2.0.0")
    assert served(mirror) == {"sound": "1.0.0"}


def test_nobody_else_can_read_it(mirror: Mirror) -> None:
    assert stat.S_IMODE(os.stat(mirror.root).st_mode) == 0o700


@pytest.mark.parametrize("name", ["../x", "", "@a", ".held", "a/b", "/etc"])
def test_a_name_that_leads_elsewhere_is_refused(mirror: Mirror, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        mirror.remove(name)


def test_a_stage_that_fails_leaves_nothing(mirror: Mirror) -> None:
    with pytest.raises(ZeroDivisionError), mirror.stage() as stage:
        write(Path(stage), files())
        assert served(mirror) == {}
        raise ZeroDivisionError
    assert os.listdir(mirror.root) == [".held"]


def test_it_goes_with_its_server(mirror: Mirror) -> None:
    place(mirror)
    mirror.close()
    assert not os.path.exists(mirror.root)


SERVER = """
import sys
from ipython_where.page.mirror import Mirror
mirror = Mirror.make(sys.argv[1])
print(mirror.root, flush=True)
sys.stdin.read()
"""


def test_that_of_a_server_that_was_killed_is_removed_and_no_other(tmp_path: Path) -> None:
    runtime = str(tmp_path)
    command = [sys.executable, "-c", SERVER, runtime]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            theirs = Path(other.stdout.readline().strip())
            first = Mirror.make(runtime)
            assert theirs.is_dir()
        finally:
            other.kill()
    second = Mirror.make(runtime)
    assert not theirs.exists()
    assert os.path.isdir(first.root)
    first.close()
    second.close()
    assert os.listdir(runtime) == []


@carries(
    "What came from a kernel is gone when the server ends, unless its settings say `persist`.",
)
def test_what_is_kept_is_there_for_the_next_server(tmp_path: Path) -> None:
    first = Mirror.kept(str(tmp_path))
    place(first)
    first.close()
    second = Mirror.kept(str(tmp_path))
    assert (served(second), second.origin("sound")) == ({"sound": "1.0.0"}, ORIGIN)


def test_a_kept_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "ipython_where").mkdir()
    (tmp_path / "ipython_where" / "kernel-extensions").symlink_to(elsewhere)
    with pytest.raises(PermissionError):
        Mirror.kept(str(tmp_path))
