"""Changes that share folders, taken back in any order: what conflicts are files."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ipython_where.change.transaction.reversal import plan_reversal
from ipython_where.change.transaction.swap_plan import In, MakeDirectory, Operation, Out, RemoveDirectory
from ipython_where.change.transaction.transaction import Store
from ipython_where.change.values import Change, ChangeKind
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.listing import DirectoryEntry, Tree

from .worlds import SITE, Content, FaultyDisk, Snapshot, install, lay_out, open_store, snapshot

NAMES = ("a", "b", "c", "d")


def files_of(name: str, version: str) -> dict[str, Content]:
    """A part of a namespace, of a folder of data and of one of the site's; more than one file in some."""
    return {
        f"{SITE}/google/cloud/{name}/__init__.py": f"{name} {version}",
        f"{SITE}/google/cloud/{name}_part.py": f"{name} {version}",
        f"{SITE}/google/{name}/deep/{version}.py": name,
        f"share/jupyter/labextensions/{name}.json": version,
        f"etc/things/{name}/{version}/x": "x",
        **({f"{SITE}/google/cloud/__pycache__/{name}_part.cpython-311.pyc": version} if name in "ab" else {}),
    }


def expected(folder: Path, installed: Mapping[str, str]) -> Snapshot:
    """What an environment with just these looks like, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    start(folder)
    for name, version in installed.items():
        install(folder, name, version, files_of(name, version))
    return snapshot(folder)


def start(root: Path) -> None:
    lay_out(root, {SITE: "/", "etc": "/", "share": "/"})


def change(store: Store, root: Path, name: str, old: str | None, new: str | None) -> str:
    """Add, change or remove a distribution; the transaction."""
    staging = store.begin(f"change {name}")
    if new is not None:
        install(Path(staging.stage), name, new, files_of(name, new))
    kind: ChangeKind = "added" if old is None else "removed" if new is None else "upgraded"
    done = store.commit(
        staging,
        changes=(Change(name=name, kind=kind, old=old, new=new, asked_for=True),),
        replaced=[str(root / SITE / f"{name}-{old}.dist-info")] if old else [],
        expected={name: new} if new else {},
    )
    return done.transaction.id


def test_the_first_of_two_that_share_a_folder_is_taken_back(tmp_path: Path) -> None:
    root = tmp_path / "root"
    start(root)
    store = open_store(root)
    for name in "ab":
        change(store, root, name, None, "1")
    store.undo("tx-1", command="undo")
    assert snapshot(root) == expected(tmp_path / "other", {"b": "1"})
    store.undo("tx-2", command="undo")
    assert snapshot(root) == expected(tmp_path / "other", {})
    store.undo("tx-3", command="redo")
    assert snapshot(root) == expected(tmp_path / "other", {"a": "1"})


def test_what_was_removed_comes_back_beside_what_came_later(tmp_path: Path) -> None:
    root = tmp_path / "root"
    start(root)
    store = open_store(root)
    change(store, root, "a", None, "1")
    change(store, root, "a", "1", None)
    change(store, root, "b", None, "1")
    store.undo("tx-2", command="undo")
    assert snapshot(root) == expected(tmp_path / "other", {"a": "1", "b": "1"})
    store.undo("tx-4", command="redo")
    store.undo("tx-3", command="undo")
    assert snapshot(root) == expected(tmp_path / "other", {})


@pytest.mark.parametrize(("seed", "overlay"), [(0, False), (5, False), (1, True)])
def test_whatever_is_changed_and_taken_back_the_rest_stands(tmp_path: Path, seed: int, overlay: bool) -> None:
    """Random changes of four that share folders: the tree is always that of what is installed, no folder more or less."""
    root, chance = tmp_path / "root", random.Random(seed)
    start(root)
    store = open_store(root, FaultyDisk(overlay=overlay), keep=1000)
    installed: dict[str, str] = {}
    done: dict[str, tuple[str, str | None, str | None]] = {}
    refused = undone = 0
    for _ in range(40):
        undoable = [each.id for each in store.history() if each.undoable]
        if undoable and chance.random() < 0.6:
            id = chance.choice(undoable)
            name, old, new = done[id]
            try:
                taken = store.undo(id, command="undo").transaction.id
            except WhereError as error:
                assert "cannot be undone before `tx-" in error.message
                assert installed.get(name) != new or _changed_since(id, done, store)
                refused += 1
            else:
                undone += 1
                done[taken] = (name, new, old)
                _set(installed, name, old)
        else:
            name = chance.choice(NAMES)
            old, new = installed.get(name), chance.choice([None, "1", "2"])
            if old != new:
                done[change(store, root, name, old, new)] = (name, old, new)
                _set(installed, name, new)
        assert snapshot(root) == expected(tmp_path / "other", installed)
    assert undone > 5, (refused, undone)


def _set(installed: dict[str, str], name: str, version: str | None) -> None:
    installed.pop(name, None)
    if version is not None:
        installed[name] = version


def _changed_since(id: str, done: Mapping[str, tuple[str, str | None, str | None]], store: Store) -> bool:
    """Whether the same distribution was changed by a later transaction."""
    later = [each.id for each in store.history() if int(each.id[3:]) > int(id[3:])]
    return any(done[each][0] == done[id][0] for each in later)


def test_a_folder_that_holds_files_of_others_is_left_to_the_last() -> None:
    """Of a folder that came as one, the files go one by one; a later undo removes what was left."""
    file, folder = _entry(False), _entry(True)
    live = Tree({"s": folder, "s/ns": folder, "s/ns/mine.py": file, "s/ns/theirs": folder, "s/ns/theirs/x.py": file})
    done: tuple[Operation, ...] = (In(path="s/ns", source="tx-1/stage/s/ns"),)
    plan = _plan(done, live, others={"s/ns/theirs/x.py"})
    assert plan == ((Out(path="s/ns/mine.py", trash="tx-3/trash/s/ns/mine.py"),), {"s/ns": 0o755})
    live = Tree({"s": folder, "s/ns": folder, "s/ns/theirs": folder, "s/ns/theirs/x.py": file})
    done = (In(path="s/ns/theirs", source="tx-2/stage/s/ns/theirs"),)
    assert _plan(done, live, leftovers={"s/ns": 0o755}) == (
        (Out(path="s/ns/theirs", trash="tx-3/trash/s/ns/theirs"), RemoveDirectory(path="s/ns", mode=0o755)),
        {},
    )


def test_an_undo_is_the_same_change_backwards() -> None:
    """What came in goes out to a trash of its own, what went out comes in from where it is kept."""
    done: tuple[Operation, ...] = (
        Out(path="a", trash="tx-1/trash/a"),
        RemoveDirectory(path="d", mode=0o700),
        MakeDirectory(path="e", mode=0o750),
        In(path="a", source="tx-1/stage/a"),
    )
    live = Tree({"a": _entry(False), "e": _entry(True)._replace(mode=0o750)})
    assert _plan(done, live)[0] == (
        Out(path="a", trash="tx-3/trash/a"),
        RemoveDirectory(path="e", mode=0o750),
        MakeDirectory(path="d", mode=0o700),
        In(path="a", source="tx-1/trash/a"),
    )


def _entry(directory: bool) -> DirectoryEntry:
    return DirectoryEntry(directory=directory, mode=0o755, size=1, mtime_ns=1, links=1)


def _plan(
    done: tuple[Operation, ...],
    live: Tree,
    others: set[str] = frozenset(),  # type: ignore[assignment]
    leftovers: Mapping[str, int] | None = None,
) -> tuple[tuple[Operation, ...], dict[str, int]]:
    plan = plan_reversal(
        done,
        live=live,
        kept=lambda path: Tree({}),
        others=others,
        compiled=(),
        leftovers=leftovers or {},
        modes={},
        trash="tx-3/trash",
    )
    assert plan.in_the_way == ()
    return plan.operations, dict(plan.left)
