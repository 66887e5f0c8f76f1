"""`-e git+…`: pip checks a repository out beside the packages, and nothing of it stays when nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ipython_where.actions.command import place_of
from ipython_where.actions.install import begun
from ipython_where.ask.world import World
from ipython_where.install.progress import Silent
from ipython_where.install.request import parse_request
from tests import environments
from tests.actions.sessions import Session, clean_world, make_environment, session, versions
from tests.install.installers import local
from tests.install.worlds import Fault, FaultyDisk, broken_disk, lay_out, make_world, open_store, snapshot

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


def spelled(bench: Bench, how: str) -> str:
    """A line that asks for the repository: by an option, in a file that is taken in, in one whose options pip reads.

    ``beside``: another option stands before it.
    """
    if how == "option":
        return f"-e {bench.url}"
    folder = bench.run.prefix.parent
    (folder / "in ner.txt").write_text(f"{'--pre ' if how == 'beside' else ''}--editable={bench.url}\n")
    (folder / "outer.txt").write_text(f"{'--prefer-binary' if how == 'options' else ''}\n-r 'in ner.txt'\n")
    return f"-r {folder / 'outer.txt'}"


WAYS = pytest.mark.parametrize("how", ["option", "file", "options", "beside"])


@WAYS
def test_a_dry_run_leaves_no_checkout(bench: Bench, how: str) -> None:
    """Nor does a plan that is refused."""
    before = snapshot(bench.run.prefix)
    done = bench.run.changed(f"install --dry-run {spelled(bench, how)}")
    assert [(each["name"], each["editable"]) for each in done["plan"]["changes"]] == [("epsilon", True)]
    assert snapshot(bench.run.prefix) == before
    assert not (bench.run.prefix / ".safepip").exists()


@WAYS
def test_a_checkout_goes_with_an_install_that_fails(bench: Bench, how: str) -> None:
    """Others beside it stay."""
    prefix = bench.run.prefix
    other = prefix / "src" / "other"
    other.mkdir(parents=True)
    break_build(bench)
    before = snapshot(prefix)
    assert "no such build" in bench.run(f"install {spelled(bench, how)}")["error"]
    assert snapshot(prefix) == before
    assert other.is_dir()


def break_build(bench: Bench) -> None:
    """Let the repository be planned with, and fail when it is staged."""
    (bench.repository / "backend.py").write_text(
        "def build_editable(*arguments, **more):\n    raise RuntimeError('no such build')\n"
    )
    bench.git("commit", "-qam", "broken")


def test_a_sync_that_is_not_made_leaves_no_checkout(bench: Bench) -> None:
    """A dry run, and one that fails; one that is made keeps it, and is refused where it would change it."""
    before = snapshot(bench.run.prefix)
    spelled(bench, "file")
    bench.run.changed("sync --dry-run outer.txt")
    assert snapshot(bench.run.prefix) == before
    bench.run.changed("sync outer.txt")
    assert versions(bench.run.prefix) == {"epsilon": "0.2"}
    assert "is there already, and pip would change it" in bench.run("sync outer.txt")["error"]


def test_what_freeze_wrote_can_be_synchronised_again(bench: Bench) -> None:
    """A checkout that is at the very commit stays as it is, with what its owner changed in it; at another it is refused."""
    prefix = bench.run.prefix
    checkout = prefix / "src" / "epsilon"
    bench.run.changed(f"install -e {bench.url}")
    frozen = bench.run("freeze")["shown"]
    commit = bench.git("rev-parse", "HEAD")
    assert f"-e {bench.url.replace('#', f'@{commit}#')}" in frozen
    (prefix.parent / "frozen.txt").write_text(frozen)
    (checkout / "epsilon.py").write_text("mine = True\n")
    before = snapshot(checkout)
    for line in ("sync frozen.txt", "install -r frozen.txt", f"install -e {bench.url.replace('#', f'@{commit}#')}"):
        assert bench.run(line)["error"] is None
        assert (versions(prefix), snapshot(checkout)) == ({"epsilon": "0.2"}, before)
    bench.git("commit", "-qm", "next", "--allow-empty")
    (prefix.parent / "next.txt").write_text(frozen.replace(commit, bench.git("rev-parse", "HEAD")))
    assert "is there already, and pip would change it" in bench.run("sync next.txt")["error"]
    assert snapshot(checkout) == before


def test_what_is_only_fetched_is_checked_out_elsewhere(bench: Bench) -> None:
    """`download` and `wheel` change nothing here."""
    before = snapshot(bench.run.prefix)
    assert bench.run(f"wheel --no-deps -w wheels -e {bench.url}")["error"] is None
    assert [each.name for each in (bench.run.prefix.parent / "wheels").iterdir()] == ["epsilon-0.2-py3-none-any.whl"]
    assert snapshot(bench.run.prefix) == before


@WAYS
def test_a_checkout_that_is_there_is_not_touched(bench: Bench, how: str) -> None:
    """What its owner changed in it would be lost. Its name is the project's, however that is written."""
    checkout = bench.run.prefix / "src" / "epsilon"
    checkout.mkdir(parents=True)
    (checkout / "mine.txt").write_text("mine")
    refusal = (
        f"`{checkout}` is there already, and pip would change it in place\n\n"
        f"hint: `-e {checkout}` takes it as it is, and so does its URL with `@` and its whole commit; "
        f"`git -C {checkout} pull` updates it"
    )
    url = bench.url
    lines = [spelled(bench, how), f"-e {url.replace('epsilon', 'Epsilon')}", f"-e {url.replace('git+', 'GIT+')}"]
    for line in (*lines, f"-e 'epsilon @ git+{bench.repository.as_uri()}'"):
        assert bench.run(f"install {line}")["error"] == refusal
    assert os.listdir(checkout) == ["mine.txt"]


@dataclass(frozen=True, kw_only=True)
class Crash:
    """An environment whose kernel was killed when the checkout was there, and what it was before."""

    prefix: Path
    folder: Path
    before: object

    def recovered(self, line: str = "uninstall nothing") -> list[str]:
        """What the next command in this environment tells."""
        with session(self.prefix, clean_world(self.folder / "home"), self.folder) as run:
            told: list[str] = run(line)["told"]
        return [each for each in told if not each.startswith("waiting: ")]


@pytest.fixture
def crash(bench: Bench, tmp_path: Path) -> Crash:
    """The kernel was killed while pip asked the checkout's backend what it is."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    backend = bench.repository / "backend.py"
    hook = f"def get_requires_for_build_editable(settings=None):\n    open({str(gate)!r}).read()\n    return []\n"
    backend.write_text(f"{backend.read_text()}\n\n{hook}")
    bench.git("commit", "-qam", "slow")
    found = Crash(prefix=bench.run.prefix, folder=tmp_path, before=snapshot(bench.run.prefix))
    given = bench.run.process.stdin
    assert given is not None
    given.write(f"install -e {bench.url.replace('file://', 'file://me:secret@')}\n")
    given.flush()
    with open(gate, "w"):  # opens when the backend has it open, which ends when this does
        assert (bench.run.prefix / "src" / "epsilon" / "epsilon.py").exists()
        bench.run.process.kill()
        bench.run.process.wait()
    return found


def test_a_checkout_of_a_kernel_that_was_killed(crash: Crash) -> None:
    """The next command waits for pip, moves it aside, as it may be somebody's by now, and says so."""
    aside = crash.prefix / ".safepip" / "aside" / "tx-1" / "src" / "epsilon"
    assert crash.recovered() == [
        "`%safepip install -e <URL>` had not been finished: nothing was installed",
        f"  kept aside  {aside}",
    ]
    assert (aside / "epsilon.py").exists()
    assert snapshot(crash.prefix) == crash.before
    assert crash.recovered() == []


def test_a_checkout_that_somebody_uses_by_now(crash: Crash) -> None:
    """Whoever installed something since may have installed it: it is left where it is."""
    checkout = crash.prefix / "src" / "epsilon"
    pip = [str(crash.prefix / "bin" / "python"), "-m", "pip", "install", "-q", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "-e", str(bench_free(checkout))], check=True, stdin=subprocess.DEVNULL)
    assert crash.recovered() == [
        "`%safepip install -e <URL>` had not been finished: nothing was installed",
        f"  left there  {checkout}  (delete it, unless you use it)",
    ]
    found = environments.call(crash.prefix / "bin" / "python", "-c", "import epsilon; print(epsilon.__file__)").strip()
    assert found == str(checkout / "epsilon.py")


def bench_free(checkout: Path) -> Path:
    """The checkout with a backend that waits for nobody."""
    backend = checkout / "backend.py"
    backend.write_text(backend.read_text().partition("def get_requires_for_build_editable")[0])
    return checkout


def test_a_clean_up_that_fails_hides_no_error(tmp_path: Path) -> None:
    """What went wrong is told, not what went wrong with it; the next recovery takes away the rest."""
    root = tmp_path / "root"
    make_world(root)
    before = snapshot(root)
    request = parse_request(["install", "-e", "git+file:///x#egg=one"])
    disk = FaultyDisk()
    place = place_of(World.current(), Silent())
    vars(place).update(kernel=replace(place.kernel, prefix=str(root)), store=open_store(root, disk))
    with pytest.raises(ValueError, match="mine"), begun(request, place):
        lay_out(root, {"src/one/file.py": "1"})
        disk.fault = Fault(at=disk.count, strike=broken_disk, again=True)
        raise ValueError("mine")
    assert (root / "src" / "one" / "file.py").exists()
    (found,) = open_store(root).recover()
    assert len(found.aside) == 1
    assert snapshot(root) == before
