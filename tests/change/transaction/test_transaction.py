"""Transactions: whole or not at all, what is refused and why, history, undo, and the fate of files of the user's."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ipython_where.change.transaction.disk import RealDisk
from ipython_where.change.transaction.locks import locked
from ipython_where.change.transaction.stage import settle_requested
from ipython_where.change.transaction.transaction import Committed, Recovered, Staging, Store
from ipython_where.change.values import Change, Transaction
from ipython_where.errors import WhereError
from tests import environments

from .worlds import (
    CHANGES,
    SITE,
    Content,
    Fault,
    FaultyDisk,
    QuickDisk,
    broken_disk,
    install,
    lay_out,
    make_world,
    open_store,
    row,
    snapshot,
    upgrade,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small environment with something of everything."""
    make_world(tmp_path / "env")
    return tmp_path / "env"


def change(
    root: Path,
    store: Store,
    name: str,
    version: str,
    files: dict[str, Content],
    *,
    replaced: tuple[str, ...] = (),
    meanwhile: Callable[[Staging], object] = lambda staging: None,
) -> Committed:
    """Install one distribution, in place of others; ``meanwhile`` happens after it was staged."""
    staging = store.begin(f"%safepip install {name}")
    before = store.snapshot()
    install(Path(staging.stage), name, version, files)
    meanwhile(staging)
    return store.commit(
        staging,
        changes=(Change(name=name, kind="added", old=None, new=version, asked_for=True),),
        replaced=[str(root / SITE / each) for each in replaced],
        expected={name: version},
        unchanged=before,
    )


def refused(root: Path, work: Callable[[], object]) -> list[str]:
    """The lines of the error that ``work`` must end with, having changed nothing and left nothing behind."""
    before = snapshot(root)
    ids = sorted(os.listdir(root / ".safepip")) if (root / ".safepip").exists() else []
    with pytest.raises(WhereError) as caught:
        work()
    assert snapshot(root) == before
    assert [name for name in sorted(os.listdir(root / ".safepip")) if name != "lock"] == ids
    return [line.replace(str(root), "/env") for line in caught.value.lines()]


def test_an_upgrade_is_what_an_installer_would_have_done(root: Path) -> None:
    """The new files are there, the old are not, others' are; the edited and the displaced are named and kept."""
    old = snapshot(root)
    done = upgrade(root, open_store(root))
    site = root / SITE
    assert sorted(p.name for p in site.glob("*.dist-info")) == [
        "alpha-2.dist-info",
        "beta-2.dist-info",
        "delta-1.dist-info",
        "gamma-1.dist-info",
    ]
    new = snapshot(root)
    kept = (
        f"{SITE}/gamma",
        f"{SITE}/ns/gamma",
        f"{SITE}/beta/notes",
        "bin/gamma",
        f"{SITE}/__pycache__/gamma",
        "elsewhere",
    )
    assert all(new[path] == old[path] for path in old if path.startswith(kept))
    gone = (f"{SITE}/alpha/gone.py", f"{SITE}/epsilon", f"{SITE}/ns/eps", f"{SITE}/alpha.pth", "etc/alpha.conf")
    assert not [path for path in new if path.startswith((*gone, f"{SITE}/__pycache__/single"))]
    assert not (site / "beta/__pycache__/__init__.cpython-311.pyc").exists()
    assert (site / "beta/__pycache__/old.cpython-311.pyc").exists()
    assert (site / "linked/__init__.py").read_text() == "in the place of a link"
    assert (root / "share/fresh/f.txt").read_text() == "fresh"
    assert done == Committed(
        transaction=Transaction(
            id="tx-1",
            when=1e9,
            command="%safepip install -U alpha",
            changes=CHANGES,
            undoable=True,
            size=done.transaction.size,
        ),
        edited=(f"{SITE}/beta/data.bin",),
        in_the_way=(f"{SITE}/linked", f"{SITE}/newcomer.py"),
        gone=done.gone,
        trash=str(root / ".safepip/tx-1/trash"),
        interrupted=False,
    )
    went = {path for path, entry in old.items() if path not in new and entry[0] != "directory"}
    assert set(done.gone) == {*went, f"{SITE}/linked"}  # the link went, a directory came
    assert (Path(done.trash) / SITE / "beta/data.bin").read_text() == "EDITED by the user"
    assert sorted(os.listdir(root / ".safepip/tx-1")) == ["journal.json", "manifest.json", "trash"]


def test_what_was_made_is_said_where_nothing_can_be_tidied_up(root: Path) -> None:
    """An older journal that cannot be read stops the look back, not the change, which is there by then."""
    change(root, open_store(root), "first", "1", {f"{SITE}/first.py": "x"})
    (root / ".safepip/tx-1/journal.json").write_text("broken")
    done = change(root, open_store(root), "second", "1", {f"{SITE}/second.py": "x"})
    assert (done.transaction.id, done.transaction.undoable) == ("tx-2", True)
    assert (root / SITE / "second.py").exists()


def test_whole_directories_move_in_one_rename(root: Path) -> None:
    """The number of renames does not grow with the number of files."""
    files: dict[str, Content] = {f"{SITE}/big/{i}/{j}.py": "x" for i in range(5) for j in range(20)}
    change(root, open_store(root), "big", "1", files)
    disk = FaultyDisk()
    change(root, open_store(root, disk), "big", "2", files, replaced=("big-1.dist-info",))
    swapped = [line for line in disk.log if line.startswith("rename") and "journal" not in line]
    assert len(swapped) == 4


def test_undo_and_redo_are_byte_identical(root: Path) -> None:
    """Modes, links and empty directories too; each is a transaction of its own in the history."""
    store = open_store(root)
    before = snapshot(root)
    upgrade(root, store)
    after = snapshot(root)
    undone = store.undo("tx-1", command="%safepip undo")
    assert snapshot(root) == before
    assert [(c.name, c.kind, c.old, c.new) for c in undone.transaction.changes] == [
        ("alpha", "downgraded", "2", "1"),
        ("beta", "downgraded", "2", "1"),
        ("delta", "removed", "1", None),
        ("epsilon", "added", None, "1"),
    ]
    assert [(t.id, t.undoable) for t in store.history()] == [("tx-1", False), ("tx-2", True)]
    store.undo("tx-2", command="%safepip undo")
    assert snapshot(root) == after
    store.undo("tx-3", command="%safepip undo")
    assert snapshot(root) == before
    assert [(t.id, t.undoable) for t in store.history()] == [
        ("tx-1", False), ("tx-2", False), ("tx-3", False), ("tx-4", True),
    ]  # fmt: skip


def test_undo_from_the_middle(root: Path) -> None:
    """Allowed where nothing later touched the same paths; else the later one is named, and has to go first."""
    store = open_store(root)
    trees = [snapshot(root)]
    change(root, store, "one", "1", {f"{SITE}/one/a.py": "1"})
    trees.append(snapshot(root))
    change(root, store, "two", "1", {f"{SITE}/two.py": "2", "share/two/x": "2"})
    change(root, store, "one", "2", {f"{SITE}/one/a.py": "2"}, replaced=("one-1.dist-info",))
    assert refused(root, lambda: store.undo("tx-1", command="undo")) == [
        "nothing was changed: `tx-1` cannot be undone before `tx-3`, which changed the same files later",
        f"  {SITE}/one",
        f"  {SITE}/one-1.dist-info",
        "",
        "hint: run `%safepip undo tx-3` first",
    ]
    store.undo("tx-2", command="undo")
    assert not (root / "share/two").exists()
    store.undo("tx-3", command="undo")
    assert snapshot(root) == trees[1]
    store.undo("tx-5", command="redo")  # the undo of tx-3, so tx-3 holds again
    assert refused(root, lambda: store.undo("tx-1", command="undo"))[0] == (
        "nothing was changed: `tx-1` cannot be undone before `tx-6`, which changed the same files later"
    )
    store.undo("tx-6", command="undo")
    store.undo("tx-1", command="undo")
    assert snapshot(root) == trees[0]


def test_what_cannot_be_undone(root: Path) -> None:
    """Unknown, and undone before; undone and done again, the one that did that can be."""
    store = open_store(root)
    upgrade(root, store)
    store.undo("tx-1", command="undo")
    assert refused(root, lambda: store.undo("tx-1", command="undo")) == [
        "`tx-1` is already undone",
        "  by  `tx-2`",
        "",
        "hint: `%safepip history` shows what can be undone",
    ]
    assert refused(root, lambda: store.undo("tx-9", command="undo"))[:2] == [
        "there is no transaction `tx-9`",
        "  known  `tx-1`, `tx-2`",
    ]
    store.undo("tx-2", command="redo")
    assert refused(root, lambda: store.undo("tx-1", command="undo")) == [
        "nothing was changed: `tx-1` was undone, and done again by `tx-3`",
        "",
        "hint: `%safepip undo tx-3` undoes it",
    ]
    store.undo("tx-3", command="undo")


def test_undo_never_loses_what_was_done_since(root: Path) -> None:
    """Files changed, added or removed after a transaction stop its undo, each is named."""
    store = open_store(root)
    upgrade(root, store)
    site = root / SITE
    (site / "alpha/__init__.py").write_text("edited since")
    (site / "alpha/mine.txt").write_text("made since")
    (site / "delta.py").unlink()
    (site / "epsilon").mkdir()
    (site / "epsilon/theirs.py").write_text("in the place that the undo needs")
    assert refused(root, lambda: store.undo("tx-1", command="undo")) == [
        "nothing was changed: `tx-1` cannot be undone: its files have changed since",
        f"  changed     {SITE}/alpha/__init__.py",
        f"  gone        {SITE}/delta.py",
        f"  new         {SITE}/alpha/mine.txt",
        f"  in the way  {SITE}/epsilon",
        "",
        "hint: move these files away, or install the versions that you want instead",
    ]


def test_undo_refuses_a_kept_file_that_was_changed_through_another_link(root: Path) -> None:
    """What is in the trash may have another link, which somebody writes to."""
    os.link(root / SITE / "epsilon/__init__.py", root.parent / "cached.py")
    store = open_store(root)
    upgrade(root, store)
    (root.parent / "cached.py").write_text("other bytes")
    assert refused(root, lambda: store.undo("tx-1", command="undo"))[1] == (
        f"  changed in the saved files  {SITE}/epsilon/__init__.py"
    )


def test_undo_takes_what_python_compiled_since(root: Path) -> None:
    """A ``.pyc`` of a new module goes with it, and a `__pycache__` that was made for it."""
    before = snapshot(root)
    store = open_store(root)
    change(root, store, "one", "1", {f"{SITE}/ns/one/a.py": "1", f"{SITE}/ns/b.py": "1", f"{SITE}/single_one.py": "1"})
    compiled = ("ns/one/__pycache__/a", "ns/__pycache__/b", "__pycache__/single_one")
    lay_out(root, {f"{SITE}/{path}.cpython-311.pyc": "compiled" for path in compiled})
    store.undo("tx-1", command="undo")
    assert snapshot(root) == before


def test_an_edited_file_that_uv_shares_gets_a_copy_of_its_own(root: Path) -> None:
    """The trash must not change when somebody writes to the other link."""
    edited = root / SITE / "beta/data.bin"
    os.link(edited, root.parent / "cached")
    store = open_store(root)
    before = snapshot(root)
    done = upgrade(root, store)
    kept = Path(done.trash) / SITE / "beta/data.bin"
    assert kept.stat().st_nlink == 1
    (root.parent / "cached").write_text("changed in the cache")
    store.undo("tx-1", command="undo")
    assert snapshot(root) == before


@pytest.mark.parametrize(("keep", "budget"), [(1, 1 << 30), (9, 150)])
def test_old_trashes_are_deleted_but_never_the_users_files(root: Path, keep: int, budget: int) -> None:
    """Beyond the number or the bytes the oldest goes first; it stays in the history."""
    store = open_store(root, keep=keep, budget=budget)
    upgrade(root, store)
    change(root, store, "big", "1", {f"{SITE}/big.py": "x" * 50})
    assert [(t.id, t.undoable) for t in store.history()] == [("tx-1", False), ("tx-2", True)]
    assert refused(root, lambda: store.undo("tx-1", command="undo"))[0] == (
        "`tx-1` can no longer be undone: the files it replaced were deleted to save space"
    )
    assert os.listdir(root / ".safepip/tx-1") == ["journal.json"]
    aside = root / ".safepip/aside/tx-1" / SITE
    assert (aside / "beta/data.bin").read_text() == "EDITED by the user"
    assert (aside / "newcomer.py").read_text() == "the user's, where the new version has a file"
    assert (aside / "linked").is_symlink()


def test_what_somebody_made_meanwhile_is_moved_aside(root: Path) -> None:
    """A crash in the midst; the user installs by hand and writes files; all of that is kept, and is said where."""
    before = snapshot(root)
    counting = FaultyDisk()
    done = counting.log
    shutil.copytree(root, root.parent / "other", symlinks=True)
    upgrade(root.parent / "other", open_store(root.parent / "other", counting))
    last = next(i for i, line in enumerate(done) if line.endswith("bin/alpha-new")) + 30
    with pytest.raises(WhereError) as caught:
        upgrade(root, open_store(root, FaultyDisk(Fault(at=last, strike=broken_disk, again=True))))
    assert caught.value.message == "a change failed and could not be fully rolled back yet"
    assert open_store(root).is_unfinished()
    with pytest.raises(WhereError, match="an earlier change is still unfinished"):
        open_store(root).begin("another")
    lay_out(
        root, {f"{SITE}/epsilon-1.dist-info/mine": "made again", f"{SITE}/alpha/new/mine.py": "written into the new"}
    )
    (root / SITE / "alpha/sub/x.py").write_text("edited in the new")
    shutil.rmtree(root / SITE / "alpha-2.dist-info")
    (found,) = open_store(root).recover()
    aside = root / ".safepip/aside/tx-1" / SITE
    assert found == Recovered(
        id="tx-1",
        outcome="rolled back",
        command="%safepip install -U alpha",
        when=1e9,
        aside=(
            f"{aside}/epsilon-1.dist-info",
            f"{aside}/alpha/new/mine.py",
            f"{aside}/alpha/sub/x.py",
        ),
    )
    assert (aside / "alpha/sub/x.py").read_text() == "edited in the new"
    assert snapshot(root) == before
    assert open_store(root).recover() == ()


def test_a_stage_without_a_journal_is_dropped(root: Path) -> None:
    """Killed while staging: nothing had happened yet."""
    before = snapshot(root)
    store = open_store(root)
    staging = store.begin("install")
    install(Path(staging.stage), "one", "1", {f"{SITE}/one.py": "1"})
    assert store.is_unfinished()
    assert store.recover() == (Recovered(id="tx-1", outcome="dropped", command=None, when=None, aside=()),)
    assert not store.is_unfinished()
    assert snapshot(root) == before


def test_an_installation_by_somebody_else_stops_it(root: Path) -> None:
    """The distributions are compared right before the swap."""
    store = open_store(root)
    staging = store.begin("install")
    planned = store.snapshot()
    install(Path(staging.stage), "one", "1", {f"{SITE}/one.py": "1"})
    install(root, "other", "1", {f"{SITE}/other.py": "1"})
    with pytest.raises(WhereError) as caught:
        store.commit(staging, changes=(), replaced=(), expected={"one": "1"}, unchanged=planned)
    assert caught.value.lines() == [
        "another installer changed this environment while this command ran",
        "  changed  other-1.dist-info",
        "",
        "hint: this command changed nothing; run it again",
    ]
    assert not (root / SITE / "one.py").exists()
    assert not store.is_unfinished()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            "elsewhere",
            "nothing was changed: the installer put distributions where this interpreter does not look for them",
        ),
        ("nothing", "nothing was changed: the installer did not stage what was planned"),
        ("more", "nothing was changed: the installer did not stage what was planned"),
        ("other version", "nothing was changed: the installer did not stage what was planned"),
        ("missing file", "nothing was changed: `one-1.dist-info` was staged incompletely"),
        ("short file", "nothing was changed: `one-1.dist-info` was staged incompletely"),
        ("outside", "nothing was changed: `one-1.dist-info` lists a file outside the environment"),
        ("no record", "nothing was changed: `one-1.dist-info` has no RECORD, so its files can't be determined"),
    ],
)
def test_a_stage_that_is_not_as_planned_is_refused(root: Path, spoil: str, message: str) -> None:
    """A diverted installer, another version, a wheel that is not whole: nothing is changed."""

    def meanwhile(staging: Staging) -> None:
        stage = Path(staging.stage)
        metadata = stage / SITE / "one-1.dist-info"
        match spoil:
            case "elsewhere":
                install(stage, "one", "1", {}, site="lib/python3.12/site-packages")
            case "nothing":
                shutil.rmtree(stage / "lib")
            case "more":
                install(stage, "two", "1", {})
            case "other version":
                (metadata / "METADATA").write_text("Name: one\nVersion: 1.1\n")
            case "missing file":
                (stage / SITE / "one.py").unlink()
            case "short file":
                (stage / SITE / "one.py").write_text("")
            case "outside":
                (metadata / "RECORD").write_text("../../../../one.py,,\n")
            case "no record":
                (metadata / "RECORD").unlink()

    lines = refused_by_commit(root, meanwhile)
    assert lines[0] == message


def test_metadata_that_a_distribution_has_vendored_is_one_of_its_files(root: Path) -> None:
    """bleach carries html5lib with its `.dist-info`: below the site, nothing looks for distributions."""
    vendored = f"{SITE}/one/_vendor/two-2.dist-info/METADATA"
    change(root, open_store(root), "one", "1", {f"{SITE}/one/__init__.py": "", vendored: "Name: two\nVersion: 2\n"})
    assert (root / vendored).is_file()


def refused_by_commit(root: Path, meanwhile: Callable[[Staging], None]) -> list[str]:
    """The error of an installation that goes wrong after staging."""
    lay_out(root, {".safepip": ("/", 0o700)})
    store = open_store(root)
    return refused(root, lambda: change(root, store, "one", "1", {f"{SITE}/one.py": "1"}, meanwhile=meanwhile))


def test_a_distribution_that_does_not_list_its_files_is_refused(root: Path) -> None:
    """No RECORD; an egg-info without a list; a RECORD that leads out of the environment; one outside itself."""
    lay_out(
        root,
        {
            ".safepip": ("/", 0o700),
            f"{SITE}/bare-1.dist-info/METADATA": "Name: bare\n",
            f"{SITE}/egg.egg-info/PKG-INFO": "Name: egg\n",
            f"{SITE}/file.egg-info": "Name: file\n",
            f"{SITE}/evil-1.dist-info/RECORD": "../../../../precious,,\n",
        },
    )
    (root.parent / "precious").write_text("")
    store = open_store(root)

    def take_out(name: str) -> list[str]:
        files: dict[str, Content] = {f"{SITE}/one.py": "1"}
        return refused(root, lambda: change(root, store, "one", "1", files, replaced=(name,)))

    no_record = "has no RECORD, so its files can't be determined"
    assert take_out("bare-1.dist-info")[0] == f"nothing was changed: `bare-1.dist-info` {no_record}"
    no_list = "has no installed-files.txt, so its files can't be determined"
    assert take_out("egg.egg-info")[0] == f"nothing was changed: `egg.egg-info` {no_list}"
    assert take_out("file.egg-info")[0] == f"nothing was changed: `file.egg-info` {no_list}"
    assert take_out("evil-1.dist-info")[:3] == [
        "nothing was changed: `evil-1.dist-info` lists a file outside the environment",
        "  listed  ../../../../precious",
        f"  means   {root.parent}/precious",
    ]
    assert take_out("../../../../x.dist-info")[0].endswith("is not in this environment")


def test_an_egg_info_that_lists_its_files_is_replaced(root: Path) -> None:
    """What `setup.py install` and old pips left behind."""
    egg = f"{SITE}/old-1.egg-info"
    lay_out(
        root, {f"{SITE}/old.py": "1", f"{egg}/PKG-INFO": "Name: old\n", f"{egg}/installed-files.txt": "../old.py\n"}
    )
    before = snapshot(root)
    store = open_store(root)
    change(root, store, "old", "2", {f"{SITE}/old2.py": "2"}, replaced=("old-1.egg-info",))
    assert not (root / SITE / "old.py").exists()
    assert not (root / egg).exists()
    store.undo("tx-1", command="undo")
    assert snapshot(root) == before


def test_a_linked_site_packages_is_followed(root: Path) -> None:
    """And an installer that writes to `lib64` writes to `lib`."""
    (root / "real").mkdir()
    (root / SITE).rename(root / "real/site")
    (root / SITE).symlink_to("../../real/site")
    before = snapshot(root)
    store = open_store(root)
    staging = store.begin("install")
    install(Path(staging.stage), "one", "1", {"lib64/python3.11/site-packages/one/a.py": "1", "bin/one": ("x", 0o755)})
    assert os.readlink(Path(staging.stage) / "lib64") == "lib"
    store.commit(staging, changes=(), replaced=(), expected={"one": "1"})
    assert (root / "real/site/one/a.py").read_text() == "1"
    assert os.readlink(root / "lib64") == "lib"
    assert os.readlink(root / SITE) == "../../real/site"
    store.undo("tx-1", command="undo")
    assert snapshot(root) == before


def test_a_link_to_shared_data_is_not_replaced(root: Path) -> None:
    """`share/jupyter` may lead to what other environments use."""
    lay_out(root, {".safepip": ("/", 0o700), "share/jupyter": "-> ../elsewhere"})
    store = open_store(root)
    assert refused(root, lambda: change(root, store, "one", "1", {"share/jupyter/one.json": "{}"})) == [
        "nothing was changed: `/env/share/jupyter` is a link to a directory, and files would be installed through it",
        "  it points to  /env/elsewhere",
        "",
        "hint: replace the link with a directory, or remove it",
    ]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EROFS, "nothing was changed: `/env` is on a read-only file system"),
        (errno.EACCES, "nothing was changed: this user may not write to `/env`"),
        (errno.ENOSPC, "nothing was changed: the disk of `/env` is full"),
        (errno.EXDEV, "nothing was changed: `/env` spans several file systems, so it cannot be changed in one step"),
        (errno.EIO, "nothing was changed: `/env` could not be changed"),
    ],
)
def test_what_the_disk_says_comes_first(root: Path, number: int, message: str) -> None:
    """The cause in one sentence, then the system's own words."""
    lay_out(root, {".safepip": ("/", 0o700)})

    def strike() -> None:
        raise OSError(number, os.strerror(number))

    store = open_store(root, FaultyDisk(Fault(at=0, strike=strike)))
    assert refused(root, lambda: store.begin("install")) == [
        message,
        f"  [Errno {number}] {os.strerror(number)}",
    ]


def test_the_lock_of_uv_is_respected(root: Path) -> None:
    """While uv changes the environment, nothing is swapped."""
    lock = str(root / ".lock")
    store = Store(str(root), site_directories=[str(root / SITE)], uv_lock=lock, patience=0, disk=QuickDisk())
    with locked(lock, command="", timeout=0, signed=False), pytest.raises(WhereError, match="another installation"):
        upgrade(root, store)
    assert upgrade(root, store).transaction.undoable


def test_a_directory_that_cannot_be_renamed_is_moved_file_by_file(root: Path) -> None:
    """An overlay file system refuses to rename directories of its lower layers; the result is the same."""
    shutil.copytree(root, root.parent / "other", symlinks=True)
    before = snapshot(root)
    upgrade(root.parent / "other", open_store(root.parent / "other"))
    store = open_store(root, FaultyDisk(overlay=True))
    done = upgrade(root, store)
    after = snapshot(root)
    assert after == snapshot(root.parent / "other")
    assert done.edited == (f"{SITE}/beta/data.bin",)
    store.undo("tx-1", command="undo")
    assert snapshot(root) == before
    store.undo("tx-2", command="redo")
    assert snapshot(root) == after


def test_the_mark_of_being_asked_for_is_taken_from_the_rest(tmp_path: Path) -> None:
    """Its row in RECORD too; RECORD is a new file, because the old may be a link into a cache."""
    for name in ("Asked.For", "dependency"):
        install(tmp_path, name, "1", {})
    record = tmp_path / SITE / "dependency-1.dist-info/RECORD"
    os.link(record, tmp_path / "cached")
    shared = (tmp_path / "cached").read_text()
    assert settle_requested(RealDisk(), str(tmp_path / SITE), asked_for=["asked-for"]) == ("dependency-1.dist-info",)
    assert (tmp_path / SITE / "Asked.For-1.dist-info/REQUESTED").exists()
    assert not (record.parent / "REQUESTED").exists()
    assert (tmp_path / "cached").read_text() == shared
    mark = row(tmp_path, f"{SITE}/Asked.For-1.dist-info/REQUESTED").replace("Asked.For", "dependency")
    assert record.read_text() == shared.replace(mark, "")
    assert mark in shared
    assert sorted(os.listdir(record.parent)) == ["INSTALLER", "METADATA", "RECORD", "licenses"]


# -- with the real installers ------------------------------------------------------------------------------------------


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> Path:
    """A tiny real wheel."""
    info = f"{name}-{version}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    rows = ""
    for path, text in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows += f"{path},sha256={digest},{len(text)}\n"
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in {**content, f"{info}/RECORD": rows + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return target


def num(folder: Path, version: str) -> Path:
    """Two versions of one project, with code, data, a header and a script."""
    files = {f"num/core/m{i}.py": f"x = {version}\n" for i in range(30)}
    files["num/__init__.py"] = "from .core import m0\nversion = m0.x\ndef main(): print('script', version)\n"
    files[f"num/only{version}.py"] = "pass\n"
    files[f"num-{version}.data/data/share/num/d.txt"] = version
    files[f"num-{version}.data/headers/num.h"] = version
    return wheel(folder, "num", version, files)


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.usefixtures("installer")
def test_with_the_real_installers(tmp_path: Path, installer: str) -> None:
    """Staged by pip or uv, swapped in by us: it works, `pip check` agrees, and its undo is byte-identical."""
    old, new = num(tmp_path, "1"), num(tmp_path, "2")
    prefix = environments.make_in(tmp_path / "env")
    python = prefix / "bin/python"
    environments.call(environments.uv(), "pip", "install", "--no-config", "--python", python, old)
    assert environments.call(prefix / "bin/num") == "script 1\n"
    before = snapshot(prefix)
    site = environments.site_packages(prefix)
    store = Store(str(prefix), site_directories=[str(site)], uv_lock=str(prefix / ".lock"))
    with locked(store.lock_path, command="x", timeout=0):
        assert store.recover() == ()
        staging = store.begin("%safepip install -U num")
        planned = store.snapshot()
        if installer == "uv":
            argv: list[str | Path] = [environments.uv(), "pip", "install", "--no-config", "--python", python]
        else:
            argv = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install"]
            argv += ["--ignore-installed", "--no-index"]
        environments.call(*argv, "--no-deps", "--prefix", staging.stage, new)
        stage_site = Path(staging.stage) / site.relative_to(prefix)
        assert settle_requested(RealDisk(), str(stage_site), asked_for=["num"]) == ()
        done = store.commit(
            staging,
            changes=(),
            replaced=[str(site / "num-1.dist-info")],
            expected={"num": "2"},
            unchanged=planned,
        )
        assert (done.edited, done.in_the_way) == ((), ())
        assert environments.call(prefix / "bin/num") == "script 2\n"
        assert not (site / "num/only1.py").exists()
        environments.call(environments.uv(), "pip", "check", "--no-config", "--python", python)
        store.undo("tx-1", command="%safepip undo")
    assert snapshot(prefix) == before
    assert environments.call(prefix / "bin/num") == "script 1\n"


def test_on_a_real_overlay(tmp_path: Path) -> None:
    """In a container, the environment lies in a lower layer of an overlay file system."""
    lower, upper, work, merged = (tmp_path / name for name in ("lower", "upper", "work", "merged"))
    for folder in (upper, work, merged):
        folder.mkdir()
    make_world(lower)
    code = (
        "import sys; from pathlib import Path; from tests.change.transaction.worlds import *\n"
        "root = Path(sys.argv[1]); store = open_store(root); before = snapshot(root)\n"
        "upgrade(root, store); assert snapshot(root) != before\n"
        "store.undo('tx-1', command='undo'); assert snapshot(root) == before; print('whole')\n"
    )
    script = (
        f"mount -t tmpfs none {tmp_path}/work && mkdir {work}/u {work}/w && "
        f"mount -t overlay overlay -o userxattr,lowerdir={lower},upperdir={work}/u,workdir={work}/w "
        f"{merged} || exit 99; "
        f'exec "$0" -c "$1" {merged}'
    )
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, sys.executable, code],
        cwd=environments.ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode in (1, 99) and "whole" not in done.stdout and "Traceback" not in done.stderr:
        pytest.skip(f"no overlay file system can be mounted here: {done.stderr.strip()}")
    assert done.stdout == "whole\n", done.stderr
