"""`-e git+…`: pip checks a repository out beside the packages, and nothing of it stays when nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import environments
from tests.actions.sessions import Session, clean_world, make_environment, session, versions
from tests.install.installers import local
from tests.install.worlds import snapshot

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """An environment, and a repository."""

    run: Session
    repository: Path

    @property
    def url(self) -> str:
        return f"git+{self.repository.as_uri()}#egg=epsilon"

    def git(self, *words: str) -> str:
        """Run git in the repository."""
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-C", str(self.repository)]
        return subprocess.run([*git, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A repository with the project `epsilon` in it."""
    repository = local.project(tmp_path / "repository", "epsilon", "0.2")
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as run:
        found = Bench(run=run, repository=repository)
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
            found.git(*words)
        yield found


def test_an_editable_repository_is_installed_and_taken_back(bench: Bench) -> None:
    """The checkout is of the commit, the kernel imports from it, and an undo leaves it to its owner."""
    prefix = bench.run.prefix
    before = snapshot(prefix)
    done = bench.run.changed(f"install -e {bench.url}")
    assert done["plan"]["installer"] == "pip"
    assert done["verdict"]["importable"] == ["epsilon"]
    assert versions(prefix) == {"epsilon": "0.2"}
    checkout = prefix / "src" / "epsilon"
    head = subprocess.run(["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert head.stdout.strip() == bench.git("rev-parse", "HEAD")
    found = environments.call(prefix / "bin" / "python", "-c", "import epsilon; print(epsilon.__file__)").strip()
    assert found == str(checkout / "epsilon.py")
    bench.run.changed("undo")
    assert (checkout / "epsilon.py").exists()
    shutil.rmtree(prefix / "src")
    assert snapshot(prefix) == before


def test_a_dry_run_leaves_no_checkout(bench: Bench) -> None:
    """Nor does a plan that is refused."""
    before = sorted(os.listdir(bench.run.prefix))
    done = bench.run.changed(f"install --dry-run -e {bench.url}")
    assert [(each["name"], each["editable"]) for each in done["plan"]["changes"]] == [("epsilon", True)]
    assert sorted(os.listdir(bench.run.prefix)) == before


def test_a_checkout_goes_with_an_install_that_fails(bench: Bench) -> None:
    """Others beside it stay."""
    prefix = bench.run.prefix
    other = prefix / "src" / "other"
    other.mkdir(parents=True)
    (bench.repository / "backend.py").write_text(
        "def build_editable(*arguments, **more):\n    raise RuntimeError('no')\n"
    )
    bench.git("commit", "-qam", "broken")
    before = snapshot(prefix)
    assert bench.run(f"install -e {bench.url}")["error"] is not None
    assert snapshot(prefix) == before
    assert other.is_dir()


def test_a_checkout_that_is_there_is_not_touched(bench: Bench) -> None:
    """What its owner changed in it would be lost."""
    checkout = bench.run.prefix / "src" / "epsilon"
    checkout.mkdir(parents=True)
    (checkout / "mine.txt").write_text("mine")
    for spelled in (bench.url, f"'epsilon @ git+{bench.repository.as_uri()}'"):
        said = bench.run(f"install -e {spelled}")["error"]
        assert said == (
            f"`{checkout}` is there already, and pip would change it in place\n\n"
            f"hint: `%safepip install -e {checkout}` installs it as it is; `git -C {checkout} pull` updates it"
        )
    assert os.listdir(checkout) == ["mine.txt"]
