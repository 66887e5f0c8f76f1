"""Who owns a file by conda's records: as parsing all of them says, whatever they hold, and without parsing them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.conda.inventory import CondaInventory
from ipython_where.facts.conda.records import CondaMeta, CondaRecords, parse_name, parse_record
from ipython_where.facts.distributions.integrity import has_its_sizes, look_at
from ipython_where.facts.distributions.inventory import Claims, Inventory
from tests import conda_prefix


def record(prefix: Path, name: str, *files: str, indent: int | None = 2, **more: Any) -> Path:
    """A record as conda writes it."""
    folder = prefix / "conda-meta"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [{"_path": each, "path_type": "hardlink", "size_in_bytes": 1} for each in files]
    said = {"depends": [], "files": list(files), "name": name.split("-")[0], "paths_data": {"paths": paths}, **more}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(said, indent=indent))
    return path


def names(found: object) -> list[str]:
    """The packages of some records."""
    return [each.name for each in found]  # type: ignore[attr-defined]


def test_each_file_of_a_real_prefix() -> None:
    """The owners are those that a parser finds, for each file by itself and for all of them at once."""
    prefix = conda_prefix.kept()
    records = CondaMeta(str(prefix)).records()
    said: dict[bytes, list[str]] = {}
    for path in sorted((prefix / "conda-meta").glob("*.json")):
        for file in json.loads(path.read_text())["files"]:
            said.setdefault(file.encode(), []).append(str(path))
    assert len(records.all) == len(list((prefix / "conda-meta").glob("*.json"))) > 40
    assert len(said) > 8_000
    some = list(said)[::37]
    assert {path: [each.file for each in records.owners(path)] for path in some} == {path: said[path] for path in some}
    every = records.owners_of([*said, b"lib/no/such/file.py"])
    assert {path: [each.file for each in found] for path, found in every.items()} == said
    assert records.unread == ()


def test_a_file_is_found_by_its_whole_path(tmp_path: Path) -> None:
    """Neither a part of a path nor what stands between two of them is one."""
    record(tmp_path, "a-1-0", "lib/a.py", "lib/a/b.py", "x")
    record(tmp_path, "b-1-0", "lib/a.py.orig", "sub/lib/a.py")
    record(tmp_path, "none-1-0")
    records = CondaMeta(str(tmp_path)).records()
    asked = (b"lib/a.py", b"a.py", b"lib/a", b",\n    ", b", ", b"", b"x", b"files", b"depends")
    assert {path: names(records.owners(path)) for path in asked if records.owners(path)} == {
        b"lib/a.py": ["a"],
        b"x": ["a"],
    }
    assert names(records.owners_below(b"lib/a")) == ["a"]
    assert names(records.owners_below(b"lib")) == ["a", "b"]


@pytest.mark.parametrize("indent", [2, None])
def test_any_spelling(tmp_path: Path, indent: int | None) -> None:
    """Files whose names JSON spells otherwise than they are, or that look like its marks, in lines or in one line."""
    odd = (
        "a b.py",
        'quo"ted',
        "back\\slash",
        "ünï.py",
        "日本.py",
        "[list].py",
        "]begin",
        '"],"files":[',
        "comma,",
        "\udc80raw",
        "tab\t",
    )
    record(tmp_path, "odd-1-0", *odd, "last.py", indent=indent)
    record(tmp_path, "raw-1-0", "[list].py", "]begin", "comma,", " ", "last.py", indent=indent)
    utf8 = record(tmp_path, "utf8-1-0", indent=indent)
    utf8.write_text(json.dumps({"files": ["ünï.py", "日本.py"]}, ensure_ascii=False), "utf-8")
    records = CondaMeta(str(tmp_path)).records()
    assert records.unread == ()
    for each in odd:
        assert "odd" in names(records.owners(os.fsencode(each))), each
    assert names(records.owners("日本.py".encode())) == ["odd", "utf8"]
    assert names(records.owners(b"last.py")) == ["odd", "raw"]
    assert names(records.owners(b" ")) == ["raw"]
    few, many = [os.fsencode(each) for each in odd], [*map(os.fsencode, odd), *(b"%d" % each for each in range(50))]
    assert records.owners_of(few) == records.owners_of(many)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"files": null}',
        b'{"files": {"a": 1}}',
        b'{"files": ["a.py", "b.p',
        b'{"name": "x"}',
        b"\x00\xff" * 40_000,
        b"[" * 100_000,
        b'{"files": ["\\ud8',
    ],
)
def test_a_broken_record_may_own_anything(tmp_path: Path, content: bytes) -> None:
    """It is told, and no error: what it lists is unknown, not nothing."""
    record(tmp_path, "good-1-0", "good.py")
    (tmp_path / "conda-meta" / "bad-1-0.json").write_bytes(content)
    records = CondaMeta(str(tmp_path)).records()
    assert names(records.owners(b"good.py")) == ["good"]
    bad = parse_name(f"{tmp_path}/conda-meta/bad-1-0.json")
    assert (records.unread, records.files(bad)) == ((bad,), None)
    claims = CondaInventory(records).claims([each.file for each in records.all], b"other.py")
    assert claims == Claims(listing=(), silent=tuple(each.file for each in records.unread))
    records.details(bad)


def test_a_record_that_was_cut_off_is_told_and_still_protects(tmp_path: Path) -> None:
    """Its list stands before what is missing."""
    path = record(tmp_path, "cut-1-0", "a.py", "b.py")
    path.write_bytes(path.read_bytes()[:-40])
    records = CondaMeta(str(tmp_path)).records()
    assert (names(records.owners(b"b.py")), names(records.unread)) == (["cut"], ["cut"])


def test_what_is_no_record(tmp_path: Path) -> None:
    """A pipe doesn't block, a link to nothing, a folder and a file that may not be read are unread, an odd name too."""
    folder = record(tmp_path, "good-1-0", "good.py").parent
    os.mkfifo(folder / "pipe-1-0.json")
    (folder / "link-1-0.json").symlink_to("nothing")
    (folder / "folder-1-0.json").mkdir()
    (folder / "odd.json").write_text('{"files": []}')
    (folder / ".hidden-1-0.json").write_text("")
    (folder / "history").write_text("")
    records = CondaMeta(str(tmp_path)).records()
    assert names(records.unread) == ["folder", "link", "odd", "pipe"]
    assert CondaMeta(str(tmp_path / "no")).records().all == ()


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    """A record that is rewritten in place is, which its folder's time doesn't show; nothing changed: the very same value."""
    path = record(tmp_path, "a-1-0", "a.py")
    record(tmp_path, "b-1-0", "b.py")
    meta = CondaMeta(str(tmp_path))
    first = meta.records()
    assert meta.records() is first
    with open(path, "r+") as file:  # the same inode
        file.write(json.dumps({"files": ["aa.py"]}).ljust(path.stat().st_size))
    os.utime(path, ns=(1, 1))
    assert names(meta.records().owners(b"aa.py")) == ["a"]
    assert names(first.owners(b"a.py")) == ["a"], "a value stays as it was"
    path.unlink()
    assert names(meta.records().all) == ["b"]


def test_a_path_of_the_prefix(tmp_path: Path) -> None:
    """Relative to it, also by another way that leads there; nothing outside has one."""
    prefix = tmp_path / "env"
    (prefix / "lib").mkdir(parents=True)
    (tmp_path / "link").symlink_to(prefix)
    records = CondaRecords(str(prefix), ())
    assert records.path_of(f"{prefix}/lib/a.py") == b"lib/a.py"
    assert records.path_of(f"{tmp_path}/link/lib/a.py") == b"lib/a.py"
    assert records.path_of("/etc/passwd") is None
    assert records.path_of(f"{prefix}more/a.py") is None


def test_conda_names_are_found_by_project(tmp_path: Path) -> None:
    """conda compares names but for case; a project's may be spelled with other marks."""
    for each in ("importlib_metadata-1-0", "Foo.Bar-1-0"):
        record(tmp_path, each)
    records = CondaMeta(str(tmp_path)).records()
    assert records.named("importlib-metadata") is None
    assert names([records.named_like("Importlib.Metadata")]) == ["importlib_metadata"]
    assert names([records.named("foo.bar"), records.named_like("foo-bar")]) == ["Foo.Bar", "Foo.Bar"]


def test_what_is_not_of_its_kind_is_left_out() -> None:
    """A hostile record is a value, too."""
    said = parse_record('{"files": ["a", 1], "channel": 3, "depends": {}, "paths_data": {"paths": [1, {"_path": []}]}}')
    assert said is not None
    assert (said.files, said.channel, said.depends, said.paths, said.requested_specs) == (("a",), None, (), {}, None)


def test_integrity_asks_them_as_record(tmp_path: Path) -> None:
    """Missing and changed files, with the sizes that linking doesn't change."""
    site = "lib/python3.12/site-packages/pkg"
    (tmp_path / site).mkdir(parents=True)
    (tmp_path / site / "__init__.py").write_text("1")
    placed = {"_path": f"{site}/p.py", "path_type": "hardlink", "size_in_bytes": 9, "prefix_placeholder": "/opt"}
    plain = [
        {"_path": f"{site}/{each}", "path_type": "hardlink", "size_in_bytes": 1} for each in ("__init__.py", "a,b.py")
    ]
    path = record(
        tmp_path,
        "pkg-1-0",
        *(f"{site}/{each}" for each in ("__init__.py", "a,b.py", "p.py")),
        paths_data={"paths": [*plain, placed]},
    )
    inventory: Inventory = CondaInventory(CondaMeta(str(tmp_path)).records())
    owner = str(path)
    files = inventory.files(owner) or b""
    assert files == f'{site}/__init__.py,,1\n"{site}/a,b.py",,1\n{site}/p.py,,\n'.encode()
    assert (inventory.base(owner), inventory.record(owner)) == (str(tmp_path), owner)
    assert (inventory.row(owner, f"{site}/a,b.py".encode()), inventory.row(owner, b"x")) == (b",1", None)
    assert (inventory.lists(owner, f"{site}/p.py".encode()), inventory.lists(owner, b"x")) == (True, False)
    gone = look_at(inventory.base(owner), files, record=owner).gone
    assert gone is not None
    assert gone.files == (f"{site}/a,b.py", f"{site}/p.py")
    (tmp_path / site / "a,b.py").write_text("1")
    (tmp_path / site / "p.py").write_text("of another length")
    assert look_at(inventory.base(owner), files, record=owner).gone is None
    assert has_its_sizes(inventory.base(owner), files, record=owner)


def test_many_records_are_read_fast(tmp_path: Path) -> None:
    """400 records of real size: in less than half the time that it takes to parse them, and hardly any when nothing changed."""
    total = 0
    for number in range(400):
        count = 15_000 if number == 0 else 2_000 if number < 6 else 60
        files = [
            f"lib/python3.12/site-packages/package_{number}/sub_{each // 20}/module_{each}.py" for each in range(count)
        ]
        paths = [
            {
                "_path": each,
                "path_type": "hardlink",
                "sha256": "0" * 64,
                "sha256_in_prefix": "1" * 64,
                "size_in_bytes": 1,
            }
            for each in files
        ]
        path = record(tmp_path, f"package{number}-1.0-py_0", *files, paths_data={"paths": paths, "paths_version": 1})
        total += path.stat().st_size
    assert total > 17_000_000
    asked = b"lib/python3.12/site-packages/none/here.py"
    parsed, first, again = [], [], []
    for _ in range(5):
        began = time.process_time()
        for path in tmp_path.glob("conda-meta/*.json"):
            json.loads(path.read_bytes())
        parsed.append(time.process_time() - began)
        meta = CondaMeta(str(tmp_path))
        began = time.process_time()
        assert meta.records().owners(asked) == ()
        first.append(time.process_time() - began)
        began = time.process_time()
        assert meta.records().owners(asked) == ()
        again.append(time.process_time() - began)
    assert min(first) * 2 < min(parsed), (first, parsed)
    assert min(again) * 2 < min(first), (again, first)
