"""`-e git+…` is refused before anything is started; what an older version had checked out is told where it stays."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .installers import local
from .sessions import Session, clean_world, make_environment, session, versions
from .transaction.worlds import snapshot

pytestmark = [
    pytest.mark.usefixtures("installer"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here"),
]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """An environment, and a repository."""

    run: Session
    repository: Path

    @property
    def url(self) -> str:
        return f"git+{self.repository.as_uri()}#egg=epsilon"


def commit(repository: Path) -> None:
    """Make a repository of a folder."""
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(repository)]
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run([*git, *words], check=True, capture_output=True)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A repository with the project `epsilon` in it."""
    repository = local.project(tmp_path / "repository", "epsilon", "0.2")
    commit(repository)
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as run:
        yield Bench(run=run, repository=repository)


def refusal(bench: Bench, then: str) -> str:
    """What is said, ending in what to paste."""
    return (
        "`%safepip` does not install a repository with `-e`: pip would check it out into the environment while it plans\n"
        f"  -e {bench.url}\n"
        "\n"
        f"hint: `!git clone {bench.repository.as_uri()} epsilon`, then {then}"
    )


def test_an_editable_repository_is_refused(bench: Bench) -> None:
    """In a line and in a file that a file names, whatever else is asked for: nothing is started or made."""
    folder = bench.run.prefix.parent
    (folder / "in ner.txt").write_text(f"--pre --editable={bench.url}\n")
    (folder / "outer.txt").write_text("--prefer-binary\n-r 'in ner.txt'\n")
    before = snapshot(bench.run.prefix)
    by_line = refusal(bench, "`%safepip install -e ./epsilon`")
    by_file = refusal(bench, "write `-e ./epsilon` in the file instead")
    for line, error in (
        (f"install -e {bench.url}", by_line),
        (f"install --dry-run -e {bench.url}", by_line),
        ("install -r outer.txt", by_file),
        ("sync outer.txt", by_file),
    ):
        done = bench.run(line)
        assert (done["error"], done["told"]) == (error, [])
    assert snapshot(bench.run.prefix) == before
    assert not (bench.run.prefix / ".safepip").exists()


@pytest.mark.usefixtures("shells")
def test_what_is_to_be_pasted_works(bench: Bench) -> None:
    """The folder is installed from where it was cloned to."""
    folder = bench.run.prefix.parent
    subprocess.run(f"git clone -q {bench.repository.as_uri()} epsilon", shell=True, check=True, cwd=folder)
    done = bench.run.changed("install --no-build-isolation -e ./epsilon")
    assert done["verdict"]["importable"] == ["epsilon"]
    assert versions(bench.run.prefix) == {"epsilon": "0.2"}


def test_what_is_only_fetched_is_checked_out_elsewhere(bench: Bench) -> None:
    """`download` and `wheel` change nothing here."""
    before = snapshot(bench.run.prefix)
    assert bench.run(f"wheel --no-deps -w wheels -e {bench.url}")["error"] is None
    assert [each.name for each in (bench.run.prefix.parent / "wheels").iterdir()] == ["epsilon-0.2-py3-none-any.whl"]
    assert snapshot(bench.run.prefix) == before


def test_an_undo_leaves_the_checkout_of_an_older_version(bench: Bench) -> None:
    """It lies in the environment's `src`: what that transaction brought goes, the folder stays and is named."""
    checkout = local.project(bench.run.prefix / "src" / "epsilon", "epsilon", "0.2")
    commit(checkout)
    bench.run.changed(f"install --no-build-isolation -e {checkout}")
    done = bench.run.changed("undo")
    assert [(each["message"], each["evidence"][0]["value"], each["hint"]) for each in done["plan"]["findings"]] == [
        (
            "the repository of `epsilon` stays where it was checked out",
            str(checkout),
            f"`!rm -r {checkout}` deletes it and your changes in it",
        )
    ]
    assert versions(bench.run.prefix) == {}
    assert (checkout / "epsilon.py").exists()


def test_a_crash_of_an_older_version_leaves_its_checkout(bench: Bench) -> None:
    """The note in its folder says what it was: it is dropped, and the checkout named."""
    checkout = bench.run.prefix / "src" / "epsilon"
    checkout.mkdir(parents=True)
    (bench.run.prefix / ".safepip" / "tx-1" / "stage").mkdir(parents=True)
    note = {"command": "%safepip install -e <URL>", "folder": "src", "names": ["epsilon", "gone"], "is_new": True}
    (bench.run.prefix / ".safepip" / "tx-1" / "checkouts.json").write_text(json.dumps(note))
    assert bench.run("uninstall nothing")["told"] == [
        "`%safepip install -e <URL>` did not finish: nothing was installed",
        f"  left there  {checkout}  (delete it unless you use it)",
    ]
    assert checkout.is_dir()
    assert not (bench.run.prefix / ".safepip" / "tx-1").exists()
