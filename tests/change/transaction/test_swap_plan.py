"""Operations: which paths move, whole or one by one; carried out and taken back, nothing is lost."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipython_where.change.transaction.listed_paths import (
    RecordError,
    RecordRow,
    UnlistedError,
    mended,
    parse_installed_files,
    parse_record,
)
from ipython_where.change.transaction.reversal import plan_reversal
from ipython_where.change.transaction.swap import Roots, carry_out, prepare_trash, take_back
from ipython_where.change.transaction.swap_plan import (
    In,
    Operation,
    Out,
    edited_files,
    file_by_file,
    manifest_of,
    overlap,
    owned_files,
    plan_swap,
    source_of,
    touched,
)
from ipython_where.facts.distributions.listing import Tree, read_all, read_around

from .worlds import Content, QuickDisk, lay_out, snapshot

S = "site"


def plan(
    tmp_path: Path, live: dict[str, Content], staged: dict[str, Content], owned: set[str]
) -> tuple[list[str], tuple[str, ...]]:
    """The operations in short, and what is in the way, for a small environment whose only fixed directory is `site`."""
    lay_out(tmp_path / "live", {S: "/", **live})
    lay_out(tmp_path / "stage", {S: "/", **staged})
    tree = read_all(str(tmp_path / "stage"))
    around = read_around(str(tmp_path / "live"), {*owned, *tree.entries}, fixed={S})
    swap = plan_swap(staged=tree, live=around, owned=owned, fixed={S}, stage="t/stage", trash="t/trash")
    for each in swap.operations:
        assert not isinstance(each, Out) or each.trash == f"t/trash/{each.path}"
        assert not isinstance(each, In) or each.source == f"t/stage/{each.path}"
    return [f"{type(each).__name__.lower()} {each.path}" for each in swap.operations], swap.in_the_way


def test_a_directory_moves_whole_where_every_file_is_owned(tmp_path: Path) -> None:
    """One rename out, one in, however many files; an empty directory in it goes along."""
    live: dict[str, Content] = {f"{S}/a/x": "1", f"{S}/a/b/y": "1", f"{S}/a/empty/deep": "/"}
    assert plan(tmp_path, live, {f"{S}/a/x": "2"}, {f"{S}/a/x", f"{S}/a/b/y"}) == (["out site/a", "in site/a"], ())


def test_beside_a_file_of_the_users_files_move_one_by_one(tmp_path: Path) -> None:
    """The directory stays, and so does the file; directories in it still move whole where they can."""
    live: dict[str, Content] = {f"{S}/a/x": "1", f"{S}/a/mine": "mine", f"{S}/a/b/y": "1", f"{S}/a/b/z": "1"}
    operations = plan(tmp_path, live, {f"{S}/a/x": "2"}, {f"{S}/a/x", f"{S}/a/b/y", f"{S}/a/b/z"})
    assert operations == (["out site/a/b", "out site/a/x", "in site/a/x"], ())


def test_a_file_in_the_way_goes_to_the_trash_and_is_named(tmp_path: Path) -> None:
    """A file, a directory with files where a file is to be, and a link where a directory is to be."""
    live: dict[str, Content] = {f"{S}/f": "mine", f"{S}/d/x": "mine", f"{S}/d/e/y": "mine", f"{S}/l": "-> /elsewhere"}
    staged: dict[str, Content] = {f"{S}/f": "2", f"{S}/d": "2", f"{S}/l/x": "2"}
    operations, in_the_way = plan(tmp_path, live, staged, set())
    assert operations == ["out site/d", "in site/d", "out site/f", "in site/f", "out site/l", "in site/l"]
    assert in_the_way == ("site/d", "site/f", "site/l")


def test_a_shared_directory_never_moves(tmp_path: Path) -> None:
    """Even when the last distribution leaves it, site-packages stays."""
    assert plan(tmp_path, {f"{S}/x": "1"}, {}, {f"{S}/x"}) == (["out site/x"], ())


def test_a_directory_of_others_is_left_alone(tmp_path: Path) -> None:
    """A directory with nothing owned in it is not even looked into."""
    live: dict[str, Content] = {f"{S}/other/x": "1", f"{S}/a/x": "1", f"{S}/hollow/empty": "/"}
    assert plan(tmp_path, live, {}, {f"{S}/a/x"}) == (["out site/a"], ())


def test_a_namespace_is_merged(tmp_path: Path) -> None:
    """Two distributions in one directory: only the one's files move."""
    live: dict[str, Content] = {f"{S}/ns/a/x": "1", f"{S}/ns/b/y": "other's"}
    operations = plan(tmp_path, live, {f"{S}/ns/a/x": "2", f"{S}/ns/c/z": "2"}, {f"{S}/ns/a/x"})
    assert operations == (["out site/ns/a", "in site/ns/a", "in site/ns/c"], ())


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a/__pycache__/b.cpython-311.pyc", "a/b.py"),
        ("a/__pycache__/b.cpython-311.opt-2.pyc", "a/b.py"),
        ("__pycache__/b.pypy39.pyc", "b.py"),
        ("a/__pycache__/b.c.cpython-311.pyc", "a/b.c.py"),
        ("a/b.pyc", None),
        ("a/__pycache__/b.txt", None),
    ],
)
def test_the_source_of_a_pyc(path: str, source: str | None) -> None:
    """By its name (PEP 3147, PEP 488)."""
    assert source_of(path) == source


def test_compiled_files_belong_to_the_owner_of_the_source(tmp_path: Path) -> None:
    """And a whole metadata directory to its distribution; what is listed and not there belongs to nobody."""
    lay_out(
        tmp_path,
        {
            "a.py": "",
            "b.py": "",
            "__pycache__/a.cpython-311.pyc": "",
            "__pycache__/b.cpython-311.pyc": "",
            "a-1.dist-info/NOTES/n": "",
        },
    )
    owned = owned_files([RecordRow(path="a.py"), RecordRow(path="gone.py")], ["a-1.dist-info"], read_all(str(tmp_path)))
    assert owned == {"a.py", "__pycache__/a.cpython-311.pyc", "a-1.dist-info/NOTES/n"}


def test_an_edit_is_noticed_by_size_or_by_content(tmp_path: Path) -> None:
    """A file as old as its RECORD is not read; a younger one is, and only another content counts."""
    lay_out(tmp_path, {"same": "12345", "longer": "123456", "other": "abcde", "touched": "12345", "bare": "x"})
    tree = read_all(str(tmp_path))
    rows = [RecordRow(path=p, digest="sha256=good", size=5) for p in ("same", "longer", "other", "touched", "gone")]
    read: list[str] = []

    def digest(path: str) -> str:
        read.append(path)
        return "sha256=bad" if path == "other" else "sha256=good"

    assert edited_files([*rows, RecordRow(path="bare")], tree, since=0, digest=digest) == ("longer", "other")
    assert read == ["same", "other", "touched"]
    read.clear()
    assert edited_files(rows, tree, since=1 << 62, digest=digest) == ("longer",)
    assert read == []


def test_paths_that_overlap() -> None:
    """The same path, one above, one below; not one that only begins with the same letters."""
    assert list(overlap(["a/b", "c", "d/e", "f"], ["a/b", "c/x", "d", "ff"])) == ["a/b", "c", "d/e"]


@pytest.mark.parametrize(
    "line",
    [
        "../../../etc/passwd,,",
        "/etc/passwd,,",
        "../../.safepip/tx-1/journal.json,,",
        "../..,,",
        '"../../../a,b",,',
        "x/../../../../y,,",
    ],
)
def test_a_record_that_leads_outside_is_refused(line: str) -> None:
    """Nothing outside the environment is ever touched, nor the store itself."""
    with pytest.raises(RecordError) as caught:
        parse_record(f"a.py,,\n{line}\n".encode(), metadata="lib/site/a-1.dist-info", root="/env")
    assert caught.value.message == "nothing was changed: `a-1.dist-info` lists a file outside the environment"


def test_the_ways_to_spell_a_path_in_a_record() -> None:
    """Relative to the site directory, absolute, quoted; with and without hash and size."""
    content = b'a.py,sha256=x,3\n../../bin/a,,\n/env/etc/a,,\n"odd,name",sha256=y,0\r\nbare\n'
    assert parse_record(content, metadata="lib/site/a-1.dist-info", root="/env") == (
        RecordRow(path="lib/site/a.py", digest="sha256=x", size=3),
        RecordRow(path="bin/a"),
        RecordRow(path="etc/a"),
        RecordRow(path="lib/site/odd,name", digest="sha256=y", size=0),
        RecordRow(path="lib/site/bare"),
    )
    files = parse_installed_files(b"../a.py\nPKG-INFO\n", metadata="site/a-1.egg-info", root="/env")
    assert files == (RecordRow(path="site/a.py"), RecordRow(path="site/a-1.egg-info/PKG-INFO"))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe", b"a\0b,,\n", b",,\n", b"a,sha256=x,many\n", b"a,b\n"])
def test_a_broken_record_is_an_error(content: bytes) -> None:
    """Nobody guesses which files belong to a distribution."""
    with pytest.raises(RecordError) as caught:
        parse_record(content, metadata="site/a-1.dist-info", root="/env")
    assert (
        caught.value.message
        == "nothing was changed: `site/a-1.dist-info/RECORD` is broken, so its files can't be determined"
    )


def test_a_second_recovery_does_not_take_the_old_file_out_again(tmp_path: Path) -> None:
    """The new file was deleted by somebody: then nothing but a sign in the stage tells that its *in* is undone."""
    lay_out(tmp_path, {"a": "old", ".safepip/stage/a": "new"})
    places, disk = Roots(root=str(tmp_path), store=str(tmp_path / ".safepip")), QuickDisk()
    operations = (Out(path="a", trash="trash/a"), In(path="a", source="stage/a"))
    prepare_trash(disk, places, operations)
    carry_out(disk, places, operations)
    (tmp_path / "a").unlink()
    for _ in range(2):
        assert take_back(disk, places, operations, aside="aside") == []
        assert (tmp_path / "a").read_text() == "old"


NAMES = st.sampled_from(["a", "b", "c", "__pycache__", "a.py", "a.cpython-311.pyc"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
KINDS = st.sampled_from(["file", "owned", "directory", "link"])


def tree_of(chosen: dict[str, str], text: str) -> dict[str, Content]:
    """The choices as files, without those below a file."""
    found: dict[str, Content] = {}
    for path, kind in sorted(chosen.items()):
        parents = [path[:i] for i, letter in enumerate(path) if letter == "/"]
        if not any(parent in found and found[parent] != ("/", 0o750) for parent in parents):
            content: dict[str, Content] = {"directory": ("/", 0o750), "link": "-> nowhere"}
            found[path] = content.get(kind, (text + path, 0o640))
    return found


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    old=st.dictionaries(PATHS, KINDS, max_size=12),
    new=st.dictionaries(PATHS, KINDS, max_size=8),
    stop=st.integers(0, 40),
    by_file=st.booleans(),
)
def test_done_and_taken_back_is_nothing_done(
    old: dict[str, str], new: dict[str, str], stop: int, by_file: bool
) -> None:
    """For any two trees: carried out, new files and those of others are there; undone, or stopped, all is as before."""
    folder = Path(tempfile.mkdtemp())
    try:
        _round_trip(folder, old, new, stop, by_file)
    finally:
        shutil.rmtree(folder)


def _round_trip(folder: Path, old: dict[str, str], new: dict[str, str], stop: int, by_file: bool) -> None:
    root, store = folder / "root", folder / "root" / ".safepip"
    lay_out(root, {f"{S}/{path}": content for path, content in tree_of(old, "old ").items()})
    lay_out(store / "tx-1/stage", {f"{S}/{path}": content for path, content in tree_of(new, "new ").items()})
    (root / S).mkdir(exist_ok=True, parents=True)
    (store / "tx-1/stage" / S).mkdir(exist_ok=True, parents=True)
    before, arriving = snapshot(root), snapshot(store / "tx-1/stage")
    listed = [RecordRow(path=f"{S}/{path}") for path, kind in old.items() if kind == "owned"]
    staged = read_all(str(store / "tx-1/stage"))
    live = read_around(str(root), {*(row.path for row in listed), *staged.entries}, fixed={S})
    owned = owned_files(listed, [], live)
    swap = plan_swap(staged=staged, live=live, owned=owned, fixed={S}, stage="tx-1/stage", trash="tx-1/trash")
    places, disk = Roots(root=str(root), store=str(store)), QuickDisk()
    operations = swap.operations
    if by_file:
        operations = file_by_file(operations, live=_lister(root), kept=_lister(store))

    prepare_trash(disk, places, operations)
    carry_out(disk, places, operations[:stop])
    assert take_back(disk, places, operations, aside="aside") == []
    assert take_back(disk, places, operations, aside="aside") == []
    assert snapshot(root) == before

    carry_out(disk, places, operations)
    after = snapshot(root)
    missing = {p: e for p, e in arriving.items() if e[0] != "directory" and after.get(p) != e}
    assert missing == {}
    gone = {p for p, e in before.items() if e[0] != "directory" and p not in after}
    assert gone <= owned | set(swap.in_the_way) | _below(swap.in_the_way, before)
    assert owned & after.keys() <= arriving.keys()
    assert set(manifest_of(swap.operations, live=live, staged=staged).brought_in) <= arriving.keys()

    undo = _taking_back(root, store, operations)
    prepare_trash(disk, places, undo)
    carry_out(disk, places, undo[:stop])
    take_back(disk, places, undo, aside="aside")
    assert snapshot(root) == after
    carry_out(disk, places, undo)
    assert snapshot(root) == before
    assert not (store / "aside").exists()


def _taking_back(root: Path, store: Path, done: tuple[Operation, ...]) -> tuple[Operation, ...]:
    paths = touched(done)
    live = read_around(str(root), paths, whole=paths, fixed={S})
    plan = plan_reversal(
        done, live=live, kept=_lister(store), others=(), compiled=(), leftovers={}, modes={}, trash="tx-2/trash"
    )
    assert (plan.in_the_way, plan.left) == ((), {})
    return plan.operations


def _below(paths: tuple[str, ...], tree: dict[str, tuple[str, int, bytes]]) -> set[str]:
    return {path for path in tree if any(path.startswith(f"{each}/") for each in paths)}


class _lister:
    """Lists what is at a path below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, path: str) -> Tree:
        return read_all(str(self.root), path)


@pytest.mark.parametrize(
    ("installer", "way"),
    [
        ("pip", "`%safepip install --force-reinstall --no-deps six==1.0` writes a new one; then run this again"),
        (None, "`%safepip install --force-reinstall --no-deps six==1.0` writes a new one; then run this again"),
        ("conda", "`conda` installed it, so change it with that tool"),
    ],
)
def test_what_no_record_lists_is_changed_by_what_installed_it(installer: str | None, way: str) -> None:
    error = mended(UnlistedError("`six` has no RECORD"), project="six", version="1.0", installer=installer)
    assert error.hint == way
    assert [(each.label, each.value) for each in error.evidence] == [("installed by", installer or "unknown")]
