"""The journal: what is put down comes back, durably, readable by its owner alone, without a secret."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.change.transaction.disk import RealDisk
from ipython_where.change.transaction.journal import (
    Journal,
    JournalError,
    draft_journal,
    dump_journal,
    load_journal,
    publish_journal,
    read_journal,
    read_manifest,
    write_journal,
    write_manifest,
)
from ipython_where.change.transaction.swap_plan import In, MakeDirectory, Manifest, Out, RemoveDirectory
from ipython_where.change.values import Change

from .worlds import FaultyDisk

JOURNAL = Journal(
    id="tx-7",
    state="swapping",
    when=12.5,
    command="%safepip install thing",
    changes=(Change(name="thing", kind="upgraded", old="1", new="2", asked_for=True, wanted_by=("a", "b")),),
    operations=(
        Out(path="lib/thing", trash="tx-7/trash/lib/thing"),
        In(path="lib/thing", source="tx-7/stage/lib/thing"),
        RemoveDirectory(path="old", mode=0o2750),
        MakeDirectory(path="new", mode=0o700),
        In(path="bytes-\udcff", source="tx-7/stage/bytes-\udcff"),
    ),
    edited=("lib/thing/edited.py",),
    in_the_way=("bin/thing",),
    undoes="tx-3",
    size=99,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """All fields, names that are no text included."""
    assert read_journal(str(tmp_path)) is None
    write_journal(RealDisk(), str(tmp_path), JOURNAL)
    assert read_journal(str(tmp_path)) == JOURNAL
    write_journal(RealDisk(), str(tmp_path), JOURNAL.in_state("committed"))
    assert read_journal(str(tmp_path)) == replace(JOURNAL, state="committed")
    assert os.listdir(tmp_path) == ["journal.json"]


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Mode 0600, whatever the umask."""
    before = os.umask(0)
    try:
        write_journal(RealDisk(), str(tmp_path), JOURNAL)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "journal.json").stat().st_mode) == 0o600


def test_it_is_renamed_into_place_and_synced(tmp_path: Path) -> None:
    """A new file, all of it on the medium, then the rename, then the directory."""
    disk = FaultyDisk()
    write_journal(disk, str(tmp_path), JOURNAL)
    assert disk.log == [
        f"write the first half of {tmp_path}/journal.json.new",
        f"write {tmp_path}/journal.json.new",
        f"rename {tmp_path}/journal.json",
        f"sync {tmp_path}",
    ]


def test_a_draft_counts_once_it_is_published(tmp_path: Path) -> None:
    """What is there until then stays: a sync of everything comes in between."""
    disk = FaultyDisk()
    write_journal(disk, str(tmp_path), JOURNAL)
    draft_journal(disk, str(tmp_path), JOURNAL.in_state("committed"))
    assert read_journal(str(tmp_path)) == JOURNAL
    publish_journal(disk, str(tmp_path))
    assert read_journal(str(tmp_path)) == JOURNAL.in_state("committed")
    assert stat.S_IMODE((tmp_path / "journal.json").stat().st_mode) == 0o600
    assert disk.log[-2:] == [f"rename {tmp_path}/journal.json", f"sync {tmp_path}"]


def test_no_url_and_no_secret_is_kept() -> None:
    """A command line and a source may hold a URL with a token that looks like nothing."""
    secret = "s3cr3t"
    change = replace(JOURNAL.changes[0], source=f"git+https://user:{secret}@host/x?sig={secret}")
    command = f"%safepip install --index-url https://u:{secret}@host/{secret} thing @ git+ssh://{secret}/x"
    content = dump_journal(replace(JOURNAL, command=command, changes=(change,)))
    assert secret.encode() not in content
    assert b"://" not in content
    assert load_journal(content, where="x").command == "%safepip install --index-url <URL> thing @ <URL>"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"format": 1}', b"null", b'{"format": 1, "state": "dancing"}', b"[" * 100_000],
)
def test_a_broken_journal_is_named(content: bytes) -> None:
    """Nothing is guessed from half a journal."""
    with pytest.raises(JournalError) as caught:
        load_journal(content, where="/e/journal.json")
    assert caught.value.message == "`/e/journal.json` is broken"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", ""])
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    """A recovery renames only within its environment."""
    data = json.loads(dump_journal(JOURNAL))
    data["operations"] = [["out", path, "tx-7/trash/x"]]
    with pytest.raises(JournalError):
        load_journal(json.dumps(data).encode(), where="x")


def test_a_newer_format_is_left_alone() -> None:
    """Another version knows what to do with it."""
    content = dump_journal(JOURNAL).replace(b'"format": 1', b'"format": 2')
    with pytest.raises(JournalError) as caught:
        load_journal(content, where="/e/journal.json")
    assert caught.value.lines() == [
        "nothing was changed: `/e/journal.json` was written by another version of `ipython_where`",
        "  format  2  (this version knows 1)",
        "",
        "hint: use the newer version of `ipython_where` here",
    ]


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    """Sizes and times of every file."""
    manifest = Manifest(taken_out={"a": (1, 2)}, brought_in={"b/c": (3, 4 << 60)})
    write_manifest(RealDisk(), str(tmp_path), manifest)
    assert read_manifest(str(tmp_path)) == manifest
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(JournalError):
        read_manifest(str(tmp_path))
