"""The folder of transactions in any state: damaged, with things in it that are nobody's, or another user's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipython_where.change.transaction.transaction import Store
from ipython_where.change.transaction.unfinished import is_anything_left
from ipython_where.change.values import Change
from ipython_where.errors import WhereError
from tests.users import ALONE_AS_ROOT, as_somebody

from .worlds import SITE, install, lay_out, open_store, snapshot


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An environment in which nothing was installed yet."""
    lay_out(tmp_path / "env", {SITE: "/", "bin": "/"})
    return tmp_path / "env"


def add(root: Path, name: str) -> str:
    """Install one small distribution; the id of the transaction."""
    store = open_store(root)
    staging = store.begin(f"%safepip install {name}")
    install(Path(staging.stage), name, "1", {f"{SITE}/{name}.py": name})
    change = Change(name=name, kind="added", old=None, new="1", asked_for=True)
    return store.commit(staging, changes=(change,), replaced=[], expected={name: "1"}).transaction.id


def ids(store: Store) -> list[str]:
    return [each.id for each in store.history()]


def error_of(store: Store, id: str) -> str:
    with pytest.raises(WhereError) as caught:
        store.undo(id, command=f"%safepip undo {id}")
    return "\n".join(caught.value.lines())


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 99}', "\0" * 40])
def test_a_damaged_transaction_takes_no_other_away(root: Path, content: str) -> None:
    """History, undo and further installs go on without it; it is named, and what it replaced stays."""
    for name in ("one", "two", "three"):
        add(root, name)
    journal = root / ".safepip" / "tx-2" / "journal.json"
    journal.write_text(content)
    store = open_store(root)
    assert ids(store) == ["tx-1", "tx-3"]
    assert [each.id for each in store.read().damaged] == ["tx-2"]
    assert str(journal) in error_of(store, "tx-2")
    store.undo("tx-3", command="%safepip undo tx-3")
    store.undo("tx-1", command="%safepip undo tx-1")
    assert add(root, "four") == "tx-6"
    assert journal.read_text() == content
    assert sorted(path.name for path in (root / SITE).glob("*.py")) == ["four.py", "two.py"]


def test_an_undo_before_a_damaged_transaction_looks_at_the_files(root: Path) -> None:
    """What the damaged one changed is not known: the files themselves tell that they are not those any more."""
    add(root, "one")
    add(root, "two")
    (root / SITE / "one.py").write_text("changed by tx-2, perhaps")
    (root / ".safepip" / "tx-2" / "journal.json").write_text("")
    before = snapshot(root)
    assert "one.py" in error_of(open_store(root), "tx-1")
    assert snapshot(root) == before


STRAYS = {
    "a file called as a transaction": {"tx-2": "a note"},
    "a link called as a transaction": {"tx-2": "-> tx-1"},
    "a broken link": {"tx-7": "-> nowhere"},
    "a desktop's file": {".DS_Store": "x", "Thumbs.db": "x"},
    "an editor's copy": {"tx-1/journal.json~": "{", "tx-1/.journal.json.swp": "x"},
    "a folder of somebody's": {"backup/tx-1/stage": "/", "tx-01": "/", "tx-x": "/"},
    "a folder called as a note": {"server-1": "/"},
    "a half-written note": {"server-2.new": "x"},
}


@pytest.mark.parametrize("strays", STRAYS.values(), ids=STRAYS)
def test_what_lies_in_the_store_by_chance_blocks_nothing(root: Path, strays: dict[str, str]) -> None:
    """It is neither taken for a transaction nor deleted, and the next number steps over it."""
    add(root, "one")
    lay_out(root / ".safepip", strays)
    assert not is_anything_left(str(root)) or "server-2.new" in strays
    store = open_store(root)
    assert store.recover() == ()
    second = add(root, "two")
    assert second in ("tx-2", "tx-3", "tx-8") and second not in strays
    assert ids(open_store(root)) == ["tx-1", second]
    store.undo(second, command="%safepip undo")
    assert all(os.path.lexists(root / ".safepip" / each) for each in strays)


def test_a_file_in_the_place_of_the_store(root: Path) -> None:
    """It is somebody's: named, and left alone."""
    (root / ".safepip").write_text("mine")
    assert not is_anything_left(str(root))
    with pytest.raises(WhereError) as caught:
        add(root, "one")
    assert str(root / ".safepip") in "\n".join(caught.value.lines())
    assert (root / ".safepip").read_text() == "mine"


def test_the_store_is_nothing_for_git(root: Path) -> None:
    """As in a virtual environment: an environment within a repository adds nothing to `git status`."""
    add(root, "one")
    assert (root / ".safepip" / ".gitignore").read_text().splitlines()[-1] == "*"
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    argv = ["git", "status", "--porcelain", "--untracked-files=all", "--", ".safepip"]
    assert subprocess.run(argv, cwd=root, check=True, capture_output=True).stdout == b""


def test_what_the_store_holds(root: Path) -> None:
    """The bytes that can be brought back by an undo."""
    add(root, "one")
    store = open_store(root)
    assert store.read().size == 0  # nothing was replaced
    staging = store.begin("%safepip uninstall one")
    change = Change(name="one", kind="removed", old="1", new=None, asked_for=True)
    store.commit(staging, changes=(change,), replaced=[str(root / SITE / "one-1.dist-info")], expected={})
    trash = root / ".safepip" / "tx-2" / "trash"
    assert store.read().size == sum(path.stat().st_size for path in trash.rglob("*") if path.is_file()) > 0
    store.undo("tx-2", command="%safepip undo")
    assert store.read().size == 0


@pytest.fixture
def shared() -> Iterator[Path]:
    """An environment that two users may write to, in a folder that both can reach."""
    with tempfile.TemporaryDirectory(prefix="shared-") as folder:
        os.chmod(folder, 0o755)
        prefix = Path(folder, "env")
        lay_out(prefix, {SITE: ("/", 0o777), "bin": ("/", 0o777)})
        os.chmod(prefix, 0o777)
        yield prefix


@ALONE_AS_ROOT
def test_another_users_transactions(shared: Path) -> None:
    """Whoever may write to the environment, but not look into its store, is told whose it is and what to do."""
    add(shared, "one")
    store = f"{shared}/.safepip"
    expected = (
        f"the transactions of `{shared}` belong to the user `root`\n"
        f"  store  {store}  (only that user can open it)\n\n"
        "hint: ask that user to make the change, or create your own environment: `python -m venv PATH`"
    )
    assert as_somebody(lambda: add(shared, "two")) == expected
    assert as_somebody(lambda: str(ids(open_store(shared)))) == expected
    assert as_somebody(lambda: error_of(open_store(shared), "tx-1")) == expected
    assert as_somebody(lambda: str(is_anything_left(str(shared)))) == "False"
    assert add(shared, "two") == "tx-2"


@ALONE_AS_ROOT
def test_root_in_the_store_of_a_user(shared: Path) -> None:
    """What root did there is root's; the user's own history, undo and installs go on, and it is named whose the rest is."""
    assert as_somebody(lambda: add(shared, "one")) == "tx-1"
    assert add(shared, "two") == "tx-2"
    assert as_somebody(lambda: str(ids(open_store(shared)))) == "['tx-1']"
    (found,) = eval(as_somebody(lambda: repr([each.problem for each in open_store(shared).read().damaged])))
    assert found == "belongs to the user `root`; nobody else can read it"
    assert as_somebody(lambda: add(shared, "three")) == "tx-3"
    undone = as_somebody(lambda: open_store(shared).undo("tx-1", command="%safepip undo tx-1").transaction.id)
    assert undone == "tx-4"
    assert ids(open_store(shared)) == ["tx-1", "tx-2", "tx-3", "tx-4"]


def test_what_was_undone_and_forgotten_hinders_no_undo(root: Path) -> None:
    """The undo of a change stays in the history longer than the change: together they did nothing."""
    before = snapshot(root)
    add(root, "one")
    store = open_store(root)
    staging = store.begin("%safepip uninstall one")
    gone = Change(name="one", kind="removed", old="1", new=None, asked_for=True)
    store.commit(staging, changes=(gone,), replaced=[str(root / SITE / "one-1.dist-info")], expected={})
    store.undo("tx-2", command="%safepip undo")
    shutil.rmtree(root / ".safepip" / "tx-2")
    assert ids(store) == ["tx-1", "tx-3"]
    store.undo("tx-1", command="%safepip undo tx-1")
    assert snapshot(root) == before
