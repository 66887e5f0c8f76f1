"""What a crash left in a server's environment, as the notes about it in the kernel's tell."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.world import World
from ipython_where.change.commands.dispatch import place_of
from ipython_where.change.commands.recovery import recover, recover_servers
from ipython_where.change.installers.progress import Silent
from ipython_where.change.transaction.locks import locked
from ipython_where.change.transaction.unfinished import is_anything_left
from ipython_where.errors import WhereError
from tests.change.transaction.worlds import open_store


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A server's environment."""
    folder = tmp_path / "server"
    folder.mkdir()
    return folder


@pytest.fixture
def own(tmp_path: Path, other: Path) -> Path:
    """A kernel's environment with a note about that of the server."""
    (tmp_path / "kernel" / ".safepip").mkdir(parents=True)
    (tmp_path / "kernel" / ".safepip" / "server-0123456789ab").write_bytes(os.fsencode(other))
    return tmp_path / "kernel"


def recovered(own: Path) -> list[str]:
    """The ids of what was recovered."""
    return [each.id for each in recover_servers(str(own))]


def test_what_was_left_there_is_dropped_and_the_note_with_it(own: Path, other: Path) -> None:
    """Once."""
    open_store(other).begin("%safepip install --server x")
    assert is_anything_left(str(own))
    assert recovered(own) == ["tx-1"]
    assert not is_anything_left(str(own))
    assert os.listdir(other) == []


def test_a_note_without_anything_left(own: Path, other: Path) -> None:
    """The crash came before the transaction, or another kernel recovered it: the note goes, nothing else is touched."""
    assert recovered(own) == []
    assert not is_anything_left(str(own))
    assert os.listdir(other) == []


def test_a_note_of_what_is_not_there(own: Path, other: Path) -> None:
    """The environment was removed, or its disk is not there now: that cannot be told apart, so the note stays."""
    other.rmdir()
    assert recovered(own) == []
    assert is_anything_left(str(own))


def test_trouble_with_a_server_does_not_keep_the_kernel_from_its_own(own: Path, other: Path) -> None:
    """What the crash left here has been taken back, before that of the server says why it cannot be."""
    store = open_store(own)
    store.begin("%safepip install x")
    broken = open_store(other).begin("%safepip install --server x")
    Path(broken.folder, "journal.json").write_text("{")
    place = place_of(World.here(), Silent())
    vars(place).update(kernel=replace(place.kernel, prefix=str(own)), store=store)
    found = recover(place)
    assert next(found).id == "tx-1"
    assert not store.is_unfinished()
    with pytest.raises(WhereError, match=r"tx-1/journal\.json` is broken"):
        list(found)


def test_what_another_kernel_is_at_is_left_to_it(own: Path, other: Path) -> None:
    """Its transaction and its note."""
    store = open_store(other)
    with locked(store.lock_path, command="%safepip install --server x"):
        staging = store.begin("%safepip install --server x")
        assert recovered(own) == []
        assert os.path.isdir(staging.stage)
        assert is_anything_left(str(own))


@pytest.mark.parametrize("name", ["tx-0", "tx-01", "tx-", "tx-1.old", "tx-²", "lock", "notes"])
def test_what_is_no_transaction(tmp_path: Path, name: str) -> None:
    """Whatever else lies in the store."""
    (tmp_path / ".safepip" / name).mkdir(parents=True)
    assert not is_anything_left(str(tmp_path))


def test_no_store(tmp_path: Path) -> None:
    """None, or a file in its place."""
    assert not is_anything_left(str(tmp_path))
    (tmp_path / ".safepip").touch()
    assert not is_anything_left(str(tmp_path))
