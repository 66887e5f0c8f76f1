"""Fifty random changes of a real environment, taken back one by one and out of order: each time byte for byte."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests import environments

from .sessions import Session, clean_world, make_environment, session, versions
from .transaction.worlds import Snapshot, snapshot

pytestmark = pytest.mark.usefixtures("installer")

REQUIRES: dict[tuple[str, str], tuple[str, ...]] = {
    ("base", "1"): (),
    ("base", "2"): (),
    ("base", "3"): (),
    ("tool", "1"): ("base",),
    ("tool", "2"): ("base>=2",),
    ("plug", "1"): ("tool",),
    ("plug", "2"): ("tool>=2", "solo"),
    ("solo", "1"): (),
    ("solo", "2"): (),
    ("extra", "1"): ("solo", "base<3"),
    **{(f"lone{number}", version): () for number in range(12) for version in "12"},
    **{(f"user{number}", "1"): (f"lone{number}",) for number in range(12)},
}
OPTIONS = "--no-index --find-links wheels --with uv"


def make_wheel(folder: Path, name: str, version: str) -> None:
    """A package with a part of a shared namespace, a script, data, odd modes, and files that come and go by version."""
    data, info = f"{name}-{version}.data", f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": (f"__version__ = {version!r}\n", 0o644),
        f"{name}/same.txt": ("the same in all versions\n", 0o644),
        f"{name}/only_in_{version}/deep/x.py": (f"x = {version}\n", 0o644),
        f"{name}/run.sh": ("#!/bin/sh\n", 0o755 if version == "1" else 0o644),
        f"shared/{name}_part.py": (f"# {version}\n", 0o644),
        f"{name}_single.py": (f"# {version}\n", 0o644),
        f"{data}/scripts/{name}-cli": ("#!python\nprint()\n", 0o755),
        f"{data}/data/share/things/{name}-{version}.txt": (name, 0o644),
        f"{data}/data/etc/{name}.conf": (version, 0o644),
        f"{info}/METADATA": (_metadata(name, version), 0o644),
        f"{info}/WHEEL": ("Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n", 0o644),
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        record = []
        for path, (text, mode) in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(text)}\n")
        archive.writestr(f"{info}/RECORD", "".join(record) + f"{info}/RECORD,,\n")


def _metadata(name: str, version: str) -> str:
    requires = "".join(f"Requires-Dist: {each}\n" for each in REQUIRES[name, version])
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"


def make_world(folder: Path) -> Path:
    """An environment in which somebody has changed modes and put links and files of his own before anything else."""
    for name, version in REQUIRES:
        make_wheel(folder / "wheels", name, version)
    prefix = make_environment(folder / "env")
    site = environments.site_packages(prefix)
    for each in site.glob("pip*"):
        shutil.rmtree(each)
    environments.call(
        environments.uv(), "pip", "install", "-q", "--no-config", "--no-index", "-f", folder / "wheels", "base==1",
        "--python", prefix / "bin" / "python",
    )  # fmt: skip
    (site / "base" / "same.txt").chmod(0o600)
    (site / "base" / "run.sh").unlink()
    (site / "base" / "run.sh").symlink_to("same.txt")
    (site / "base" / "only_in_1").chmod(0o750)
    (site / "base" / "empty").mkdir(mode=0o700)
    (site / "shared" / "mine.py").symlink_to("../base/__init__.py")
    (site / "shared" / "nowhere").symlink_to("/nonexistent")
    (prefix / "share" / "things" / "mine.txt").write_text("mine")
    (prefix / "bin" / "mine").symlink_to("base-cli")
    return prefix


def is_whole(installed: Mapping[str, str]) -> bool:
    """Whether every requirement of what is installed is met: told from the table above, not by the code under test."""
    for name, version in installed.items():
        for requirement in REQUIRES[name, version]:
            found = re.fullmatch(r"(\w+)(?:(>=|<)(\d))?", requirement)
            assert found is not None
            other = installed.get(found[1])
            if other is None or (found[2] and not (other >= found[3] if found[2] == ">=" else other < found[3])):
                return False
    return True


def random_line(chance: random.Random, installed: Mapping[str, str]) -> str:
    """A line that installs, changes or removes something."""
    name = chance.choice(sorted({name for name, _ in REQUIRES}))
    version = chance.choice([version for each, version in REQUIRES if each == name])
    kind = chance.random()
    if kind < 0.25 and installed:
        gone = chance.sample(sorted(installed), min(len(installed), chance.choice((1, 1, 2, 3))))
        return f"uninstall {' '.join(gone)}"
    if kind < 0.35:
        return f"install {OPTIONS} -U {name}"
    return f"install {OPTIONS} {name}=={version}"


def taken_back(now: Snapshot, before: Snapshot, after: Snapshot) -> Snapshot:
    """What a tree comes to when a change from ``before`` to ``after`` is taken back in it."""
    kept = {path: each for path, each in now.items() if not (path in after and before.get(path) != after[path])}
    return {**kept, **{path: each for path, each in before.items() if after.get(path) != each}}


def change_fifty_times(run: Session, chance: random.Random) -> tuple[list[str], list[Snapshot]]:
    """The ids of the transactions, and the tree before the first and after each."""
    ids: list[str] = []
    trees = [snapshot(run.prefix)]
    while len(ids) < 50:
        done = run(random_line(chance, versions(run.prefix)))
        now = snapshot(run.prefix)
        if done["answer"] is None or done["answer"]["transaction"] is None:
            assert now == trees[-1]
            continue
        assert is_whole(versions(run.prefix))
        ids.append(done["answer"]["transaction"]["id"])
        trees.append(now)
    return ids, trees


def undo_from_the_middle(run: Session, ids: Sequence[str], trees: Sequence[Snapshot]) -> dict[str, int]:
    """Try to take back each transaction while all the others stand, and redo it; how that ended."""
    ended = {"undone": 0, "files": 0, "requirements": 0}
    now = snapshot(run.prefix)
    for number, id in enumerate(ids):
        done = run(f"undo {id}")
        if done["error"] is None:
            ended["undone"] += 1
            assert snapshot(run.prefix) == taken_back(now, trees[number], trees[number + 1])
            assert is_whole(versions(run.prefix))
            run.changed(f"undo {done['answer']['transaction']['id']}")
        elif f"`{id}` cannot be undone before `tx-" in done["error"]:
            ended["files"] += 1
        else:
            assert re.match(
                r"nothing was changed: .* would (?:no longer|not) have what (it needs|they need)\n", done["error"]
            )
            ended["requirements"] += 1
        assert snapshot(run.prefix) == now
    return ended


@pytest.mark.parametrize("seed", [1])
def test_fifty_changes_are_taken_back_byte_for_byte_in_reverse_and_from_the_middle(tmp_path: Path, seed: int) -> None:
    prefix = make_world(tmp_path)
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        ids, trees = change_fifty_times(run, random.Random(seed))
        assert len({*map(repr, trees)}) > 15, "the walk went nowhere"
        ended = undo_from_the_middle(run, ids, trees)
        assert min(ended.values()) > 0, f"not all kinds of endings came up: {ended}"
        redone = {each["id"] for each in run.changed("history")["transactions"]} - {*ids}
        for id, before in zip(reversed(ids), reversed(trees[:-1]), strict=True):
            last = _standing(run, id, redone)
            run.changed(f"undo {last} --allow-conflicts")
            assert snapshot(prefix) == before
    assert (tmp_path / "errors.txt").read_text() == ""


def _standing(run: Session, id: str, redone: set[str]) -> str:
    """The transaction by which the change of another stands: itself, or the youngest that redid it."""
    by_id = {each["id"]: each for each in run.changed("history")["transactions"]}
    if by_id[id]["undoable"]:
        return id
    wanted = by_id[id]["changes"]
    redo = [each for each in by_id.values() if each["id"] in redone and each["undoable"] and each["changes"] == wanted]
    assert redo, f"{id} can neither be undone nor was it redone"
    return str(redo[0]["id"])


def test_an_undo_that_would_break_what_came_later_names_it(tmp_path: Path) -> None:
    """The files do not touch each other: only the requirement speaks against it, and an option allows it."""
    prefix = make_world(tmp_path)
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        first = run.changed(f"install {OPTIONS} base==2")["transaction"]["id"]
        run.changed(f"install {OPTIONS} tool==2")
        before = snapshot(prefix)
        error = re.sub(
            r" +\(", "  (", run(f"undo {first}")["error"]
        )  # notes stand in a column, as wide as the prefix is long
        assert error.splitlines() == [
            "nothing was changed: `tool` would no longer have what it needs",
            f"  kernel  {prefix}/bin/python  (3.11.7)".replace("3.11.7", _version(prefix)),
            "  tool 2  requires base>=2  (1 would be installed)",
            "",
            "hint: `--allow-conflicts` allows it",
        ]
        assert snapshot(prefix) == before
        answer = run.changed(f"undo {first} --allow-conflicts")
        assert versions(prefix) == {"base": "1", "tool": "2"}
        assert [each["id"] for each in answer["plan"]["findings"]] == ["conflict"]


def _version(prefix: Path) -> str:
    return environments.call(
        prefix / "bin" / "python", "-c", "import platform; print(platform.python_version())"
    ).strip()
