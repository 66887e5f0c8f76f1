"""The shadow of a prefix, on small ones made by hand: what is shared, what is copied, and what is seen to differ afterwards.

The tests do what rattler does in it: it unlinks what goes, and writes what comes, in place in `bin`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from ipython_where.change.conda.claims import read_claims
from ipython_where.change.conda.shadow import (
    Difference,
    PrefixShadow,
    difference,
    keep_only,
    made_again,
    make_shadow,
    read_linked,
    unforeseen,
)
from ipython_where.errors import WhereError
from ipython_where.facts.conda.records import CondaMeta
from tests.faults.trees import read_tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`%safeconda` refuses to run there")

SITE = "lib/python3.12/site-packages"
OWN = "conda-meta/pkg-1-0.json"


def put(root: Path, path: str, content: str | bytes = "x") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def record(root: Path, stem: str, files: Iterable[str], **others: object) -> str:
    put(root, f"conda-meta/{stem}.json", json.dumps({"files": [*files], **others}))
    return stem


FILES = (
    "bin/link",
    "bin/out",
    "bin/small",
    "lib/dangling",
    "lib/gone.txt",
    "lib/link",
    "lib/plain.txt",
    f"{SITE}/mod.py",
)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A package with every kind of file, and what conda doesn't list."""
    root = tmp_path / "env"
    put(root, "lib/plain.txt", "plain")
    put(root, "bin/small", "small").chmod(0o755)
    put(root, f"{SITE}/mod.py", "VERSION = 1\n")
    put(root, f"{SITE}/__pycache__/mod.cpython-312.pyc", "compiled")
    put(root, f"{SITE}/mine.py", "the user's")
    put(root, "conda-meta/history", "")
    put(root, "conda-meta/conda-meta.lock", "")
    put(root, "conda-meta/deep/file", "")
    (root / "lib" / "link").symlink_to("plain.txt")
    (root / "lib" / "dangling").symlink_to("nowhere")
    (root / "bin" / "link").symlink_to("small")
    (root / "bin" / "out").symlink_to("../lib/plain.txt")
    record(root, "pkg-1-0", FILES)
    return root


def shadow_of(prefix: Path, *, leaving: Iterable[str] = ()) -> PrefixShadow:
    stage = prefix.parent / "stage"
    stage.mkdir()
    return make_shadow(str(prefix), str(stage), read_claims(CondaMeta(str(prefix)).records()), leaving=[*leaving])


def contested_shadow(prefix: Path) -> PrefixShadow:
    """One in which another package claims all that the first has."""
    record(prefix, "other-1-0", FILES)
    return shadow_of(prefix)


def seen(shadow: PrefixShadow, *linked: str) -> Difference:
    found = difference(read_linked(shadow), linked)
    return Difference(brought=found.brought, taken_out=found.taken_out, records=found.records)


def test_what_is_in_a_shadow(prefix: Path) -> None:
    """The records, and no file of a package that meets no other."""
    assert sorted(shadow_of(prefix).marks) == ["conda-meta/history", OWN]


def test_what_two_packages_claim_is_in_it(prefix: Path) -> None:
    """Hard links, but for what rattler writes in place: records and files in `bin`, with their modes and times."""
    shadow = contested_shadow(prefix)
    linked = ["bin/link", "lib/dangling", "lib/link", "lib/plain.txt", f"{SITE}/mod.py"]
    copied = ["bin/small", "conda-meta/history", "conda-meta/other-1-0.json", OWN]
    assert sorted(shadow.marks) == sorted([*linked, *copied])  # not `bin/out`, which leads out of `bin`
    stage = Path(shadow.stage)
    for path in linked:
        assert (stage / path).lstat().st_ino == (prefix / path).lstat().st_ino, path
    for path in copied:
        here, there = (stage / path).stat(), (prefix / path).stat()
        assert here.st_ino != there.st_ino, path
        assert (here.st_mode, here.st_mtime_ns) == (there.st_mode, there.st_mtime_ns), path


def test_what_was_moved_for_another_package_is_in_it(prefix: Path) -> None:
    """rattler moves it back once the other one goes."""
    put(prefix, "__clobbers__/late/lib/plain.txt", "late")
    record(prefix, "late-1-0", ["__clobbers__/late/lib/plain.txt"])
    assert {"__clobbers__/late/lib/plain.txt", "lib/plain.txt"} <= set(shadow_of(prefix).marks)


def test_a_file_that_is_a_folder_of_another_package_is_in_it(prefix: Path) -> None:
    """Both, with all that is in the folder."""
    put(prefix, "share/both/file")
    put(prefix, "share/alone/file")
    record(prefix, "file-1-0", ["share/both"])
    record(prefix, "folder-1-0", ["share/both/file", "share/alone/file"])
    assert [path for path in shadow_of(prefix).marks if path.startswith("share")] == ["share/both/file"]


def test_a_file_in_bin_is_written_over_without_harm(prefix: Path) -> None:
    """As rattler writes an entry point: in place, whatever is linked to it, through a link too."""
    shadow = contested_shadow(prefix)
    before = read_tree(prefix)
    put(Path(shadow.stage), "bin/link", "an entry point")
    put(Path(shadow.stage), "bin/out", "an entry point")
    assert read_tree(prefix) == before
    assert seen(shadow).brought == {"bin/small", "bin/out"}


def test_nothing_differs_in_a_new_shadow(prefix: Path) -> None:
    """Not even rattler's mark."""
    nothing = Difference(brought=frozenset(), taken_out=frozenset(), records=())
    shadow = shadow_of(prefix)
    put(Path(shadow.stage), "CACHEDIR.TAG")
    assert seen(shadow) == nothing


def replaced(shadow: PrefixShadow) -> None:
    """As rattler leaves a newer version, in which `lib/link` is gone and `lib/new.txt` is new."""
    stage = Path(shadow.stage)
    (stage / OWN).unlink()
    kept = [path for path in FILES if path != "lib/link"]
    for path in (*kept, "lib/new.txt"):
        put(stage, path, "other")
    record(stage, "pkg-2-0", [*kept, "lib/new.txt"])


def test_a_package_is_replaced(prefix: Path) -> None:
    """What came takes the old one's place; what it no longer has goes; records are told."""
    shadow = shadow_of(prefix)
    replaced(shadow)
    found = seen(shadow)
    assert found.brought == {*FILES, "conda-meta/pkg-2-0.json", "lib/new.txt"} - {"lib/link"}
    compiled = f"{SITE}/__pycache__/mod.cpython-312.pyc"
    assert found.taken_out == {*FILES, OWN, compiled} - {"lib/gone.txt"}
    assert found.records == ("pkg-2-0.json",)


def test_a_package_is_removed(prefix: Path) -> None:
    """With all that its record lists in any way, but for what another record lists too."""
    put(prefix, "share/listed")
    data = {"paths": [{"_path": "share/listed", "path_type": "hardlink"}, {"_path": "share", "path_type": "directory"}]}
    record(prefix, "pkg-1-0", FILES, paths_data=data)
    record(prefix, "other-1-0", ["lib/plain.txt"])
    shadow = shadow_of(prefix)
    (Path(shadow.stage) / OWN).unlink()
    compiled = f"{SITE}/__pycache__/mod.cpython-312.pyc"
    assert seen(shadow).taken_out == {*FILES, OWN, "share/listed", compiled} - {"lib/gone.txt", "lib/plain.txt"}


def test_what_a_package_that_stays_lists_is_not_brought(prefix: Path) -> None:
    """Its record alone, where rattler wrote another wish into it."""
    shadow = shadow_of(prefix)
    record(Path(shadow.stage), "pkg-1-0", FILES, requested_specs=["pkg"])
    assert seen(shadow) == Difference(brought=frozenset([OWN]), taken_out=frozenset([OWN]), records=("pkg-1-0.json",))


def test_what_rattler_met_unforeseen(prefix: Path) -> None:
    """A new package's files, and folders, at the place of one that stays; not its entry points, which are written over all."""
    shadow = shadow_of(prefix)
    entry = {"paths": [{"_path": "bin/small", "path_type": "unix_python_entry_point"}]}
    record(Path(shadow.stage), "new-1-0", ["bin/small", "lib/plain.txt", "lib/link/x", "share/x"], paths_data=entry)
    assert unforeseen(read_linked(shadow)) == {"lib/plain.txt", "lib/link"}


def test_what_rattler_moved_unforeseen(prefix: Path) -> None:
    """What it wrote into the record of a package that stays."""
    shadow = shadow_of(prefix)
    moved = [f"__clobbers__/pkg/{path}" if path == "lib/link" else path for path in FILES]
    record(Path(shadow.stage), "pkg-1-0", [*moved, "lib/else"])
    assert unforeseen(read_linked(shadow)) == {"lib/link"}
    record(Path(shadow.stage), "pkg-1-0", [path for path in FILES if path != "lib/link"])
    assert unforeseen(read_linked(shadow)) == {"lib/link"}


def test_a_shadow_is_made_again_with_what_was_met(prefix: Path) -> None:
    """Of what rattler left there the first time, nothing is left; the links of the empty stage are there again."""
    stage = prefix.parent / "stage"
    (stage / "lib").mkdir(parents=True)
    (stage / "lib64").symlink_to("lib")
    claims = read_claims(CondaMeta(str(prefix)).records())
    shadow = make_shadow(str(prefix), str(stage), claims)
    (stage / "lib64").unlink()
    record(stage, "new-1-0", ["lib/plain.txt"])
    put(stage, "__clobbers__/new/lib/plain.txt")
    again = made_again(shadow, unforeseen(read_linked(shadow)))
    assert sorted(again.marks) == ["conda-meta/history", OWN, "lib/.kept", "lib/plain.txt", "lib64"]
    assert os.readlink(stage / "lib64") == "lib"
    assert seen(again) == Difference(brought=frozenset(), taken_out=frozenset(), records=())
    record(stage, "new-1-0", ["lib/plain.txt"])
    assert unforeseen(read_linked(again)) == set()


def test_menu_entries_of_what_goes_are_forgotten(prefix: Path) -> None:
    """rattler would take them out of the user's menus at once, before anything is decided."""
    menus = [{"linux": {"paths": ["/home/me/.local/share/applications/pkg.desktop"]}}]
    record(prefix, "pkg-1-0", FILES, installed_system_menus=menus)
    record(prefix, "other-1-0", [], installed_system_menus=menus)
    stage = Path(shadow_of(prefix, leaving=["pkg-1-0.json"]).stage)
    assert json.loads((stage / OWN).read_text()) == {"files": [*FILES]}
    assert (stage / "conda-meta" / "other-1-0.json").read_bytes() == (
        prefix / "conda-meta" / "other-1-0.json"
    ).read_bytes()


@pytest.mark.parametrize("path", ["lib/plain.txt", f"{SITE}/mod.py", "bin/small"])
def test_a_file_that_looks_the_same_is_seen(prefix: Path, path: str) -> None:
    """Of the same size and, from its archive, the same time; a copy's inode may be used again."""
    shadow = contested_shadow(prefix)
    file = Path(shadow.stage) / path
    before, content = file.stat(), file.read_bytes()
    file.unlink()
    file.write_bytes(content[::-1])
    file.chmod(before.st_mode & 0o7777)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert seen(shadow).brought == {path}


def test_a_hard_link_to_another_file_that_looks_the_same_is_seen(prefix: Path) -> None:
    """Such as rattler makes them, into its cache: the inode tells."""
    other = put(prefix.parent, "cache/plain.txt", "nialp")
    os.utime(other, ns=(0, (prefix / "lib" / "plain.txt").stat().st_mtime_ns))
    shadow = contested_shadow(prefix)
    file = Path(shadow.stage) / "lib" / "plain.txt"
    file.unlink()
    os.link(other, file)
    assert seen(shadow).brought == {"lib/plain.txt"}


def test_what_a_linked_package_lists_came_whatever_it_looks_like(prefix: Path) -> None:
    """A file that two packages share is the same hard link before and after."""
    shadow = contested_shadow(prefix)
    record(Path(shadow.stage), "new-1-0", ["lib/plain.txt", "bin/small"])
    assert seen(shadow).brought == {"conda-meta/new-1-0.json"}
    assert seen(shadow, "new-1-0").brought == {"conda-meta/new-1-0.json", "lib/plain.txt", "bin/small"}


def test_the_bytecode_of_what_changes_goes(prefix: Path) -> None:
    """Of a replaced or removed source alone: times and sizes don't tell whether it is stale."""
    put(prefix, f"{SITE}/__pycache__/mine.cpython-312.pyc")
    put(prefix, f"{SITE}/__pycache__/mod.cpython-312.opt-1.pyc")
    put(prefix, f"{SITE}/__pycache__/notes.txt")
    shadow = shadow_of(prefix)
    expected = {f"{SITE}/mod.py", *(f"{SITE}/__pycache__/mod.cpython-312{each}.pyc" for each in ("", ".opt-1"))}
    record(Path(shadow.stage), "pkg-1-0", [])
    assert seen(shadow).taken_out >= expected
    put(Path(shadow.stage), f"{SITE}/mod.py", "VERSION = 2\n")
    record(Path(shadow.stage), "pkg-1-0", [f"{SITE}/mod.py"])
    found = seen(shadow)
    assert found.taken_out >= expected
    assert not any("mine" in each or "notes" in each for each in found.taken_out)


def test_bytecode_that_comes_along_stays(prefix: Path) -> None:
    """A package may bring its own."""
    shadow = shadow_of(prefix)
    put(Path(shadow.stage), f"{SITE}/__pycache__/mod.cpython-312.pyc", "new")
    put(Path(shadow.stage), f"{SITE}/mod.py", "VERSION = 2\n")
    found = seen(shadow)
    assert f"{SITE}/__pycache__/mod.cpython-312.pyc" in found.brought
    assert f"{SITE}/__pycache__/mod.cpython-312.pyc" not in found.taken_out


def test_a_file_of_the_users_in_the_way_is_not_taken_out(prefix: Path) -> None:
    """It comes in all the same, and the swap finds what is there: conda doesn't list it, so it is nobody's to delete."""
    shadow = shadow_of(prefix)
    put(Path(shadow.stage), f"{SITE}/mine.py", "a package's")
    assert seen(shadow) == Difference(brought=frozenset({f"{SITE}/mine.py"}), taken_out=frozenset(), records=())


def test_a_folder_of_the_users_in_place_of_a_file_is_not_taken_out(prefix: Path) -> None:
    """Nor what is in it."""
    put(prefix, "lib/gone.txt/mine")
    shadow = contested_shadow(prefix)
    assert not (Path(shadow.stage) / "lib" / "gone.txt").exists()
    put(Path(shadow.stage), "lib/gone.txt")
    assert seen(shadow).taken_out == set()


def test_two_records_may_list_one_file(prefix: Path) -> None:
    """Then it stays as long as one of them does."""
    record(prefix, "other-1-0", ["lib/plain.txt"])
    shadow = shadow_of(prefix)
    (Path(shadow.stage) / "conda-meta" / "other-1-0.json").unlink()
    (Path(shadow.stage) / "lib" / "plain.txt").unlink()
    assert seen(shadow).taken_out == {"conda-meta/other-1-0.json"}


def test_only_what_is_brought_is_left(prefix: Path) -> None:
    """Without the folders that are empty then; the prefix keeps its own links."""
    before = read_tree(prefix)
    shadow = shadow_of(prefix)
    (Path(shadow.stage) / "empty" / "folder").mkdir(parents=True)
    put(Path(shadow.stage), "share/deep/new.txt")
    keep_only(shadow, difference(read_linked(shadow), ()))
    left = sorted(str(path.relative_to(shadow.stage)) for path in Path(shadow.stage).rglob("*"))
    assert left == ["share", "share/deep", "share/deep/new.txt"]
    assert read_tree(prefix) == before


def test_what_cannot_be_staged_is_said(prefix: Path) -> None:
    """Such as a folder in the place of the records."""
    claims = read_claims(CondaMeta(str(prefix)).records())
    put(prefix, "stage/conda-meta", "a file")
    with pytest.raises(WhereError, match="cannot be staged"):
        make_shadow(str(prefix), str(prefix / "stage"), claims)
