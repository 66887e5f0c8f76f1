"""`%safepip lock` writes what other installers accept; `%safepip sync` makes an environment match a file, whole or not."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import environments

from .installers.local import project, standard_wheels, wheel
from .sessions import Session, clean_world, make_environment, session, versions
from .transaction.worlds import snapshot

pytestmark = pytest.mark.usefixtures("installer")

Pylock = pytest.importorskip("packaging.pylock", reason="lock files need packaging 26.1 or newer").Pylock
OPTIONS = "--no-index --find-links wheels"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A folder with wheels and an environment, and a process in it."""

    folder: Path
    run: Session

    @property
    def prefix(self) -> Path:
        """The environment."""
        return self.run.prefix

    def kinds(self, line: str) -> dict[str, str]:
        """What a line that must succeed changed: the kind by name."""
        return {each["name"]: each["kind"] for each in self.run.changed(line)["plan"]["changes"]}

    def transactions(self) -> int:
        """How many there were."""
        return len(self.run.changed("history")["transactions"])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    standard_wheels(tmp_path / "wheels")
    prefix = make_environment(tmp_path / "env")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        yield Bench(folder=tmp_path, run=run)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_lock_names_exactly_what_is_installed_and_pip_and_uv_take_it(bench: Bench, installer: str) -> None:
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    said = bench.run(f"lock {OPTIONS} --with {installer}")
    path = bench.folder / "pylock.toml"
    assert said["shown"] == f"locked 2 distributions in `{path}`, with the versions that {installer} finds today"
    file = bench.folder / "pylock.toml"
    lock = Pylock.from_dict(tomllib.loads(file.read_text()))
    assert [(str(each.name), str(each.version)) for each, _ in lock.select()] == [("alpha", "1.0"), ("beta", "2.0")]
    other = environments.make_in(bench.folder / "other")
    python = other / "bin" / "python"
    uv = (environments.uv(), "pip", "sync", "--no-config", "--offline", "--python", python, file)
    dry = subprocess.run([*uv, "--dry-run"], capture_output=True, text=True, env=environments.clean_environ())
    assert dry.returncode == 0 and " + alpha==1.0\n + beta==2.0" in dry.stderr
    pip = (bench.prefix / "bin" / "python", "-m", "pip", "--python", python, "install", "--no-index", "-r", file)
    environments.call(*pip, PIP_CONFIG_FILE="/dev/null", PIP_FIND_LINKS="")
    assert versions(other) == versions(bench.prefix) == {"alpha": "1.0", "beta": "2.0"}


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_sync_from_a_lock_installs_changes_and_removes_in_one_transaction(bench: Bench, installer: str) -> None:
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    bench.run(f"lock {OPTIONS} --with uv")
    bench.run.changed(f"install {OPTIONS} --with uv gamma")
    bench.run.changed("uninstall alpha")
    before, count = snapshot(bench.prefix), bench.transactions()
    assert versions(bench.prefix) == {"beta": "1.0", "gamma": "1.0"}
    wanted = {"alpha": "added", "beta": "upgraded", "gamma": "removed"}
    assert bench.kinds(f"sync pylock.toml --dry-run --with {installer}") == wanted
    assert (snapshot(bench.prefix), bench.transactions()) == (before, count)
    assert bench.kinds(f"sync pylock.toml --with {installer}") == wanted
    assert versions(bench.prefix) == {"alpha": "1.0", "beta": "2.0"}
    assert bench.transactions() == count + 1
    assert bench.kinds(f"sync pylock.toml --with {installer}") == {}
    bench.run.changed("undo")
    assert snapshot(bench.prefix) == before


def test_lock_and_sync_without_a_file_mean_the_one_in_the_working_directory(bench: Bench) -> None:
    """Where there is none, the line that makes one is in the error."""
    path = bench.folder / "pylock.toml"
    assert bench.run("sync")["error"].splitlines() == [
        "there is no `pylock.toml` in the working directory, and no other file was named",
        f"  {path}",
        "",
        "hint: `%safepip lock` makes it from what is installed here; `%safepip sync FILE` takes another file",
    ]
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    said = bench.run(f"lock {OPTIONS} --with uv")["shown"]
    assert said == f"locked 2 distributions in `{path}`, with the versions that uv finds today"
    bench.run.changed(f"install {OPTIONS} --with uv gamma")
    assert bench.kinds("sync --dry-run") == {"beta": "upgraded", "gamma": "removed"}
    assert bench.kinds("sync") == {"beta": "upgraded", "gamma": "removed"}


def test_an_undo_says_what_it_brings_back_and_the_history_what_is_kept(bench: Bench) -> None:
    """In bytes; and a dry run of an undo changes nothing."""
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    bench.run.changed(f"install {OPTIONS} --with uv alpha==2.0")
    newest, oldest = bench.run.changed("history")["transactions"]
    assert newest["size"] > 0 and oldest["size"] == 0
    before, count = snapshot(bench.prefix), bench.transactions()
    planned = bench.run.changed("undo --dry-run")
    assert (planned["dry_run"], planned["transaction"], planned["restored"]) == (True, None, newest["size"])
    assert [(each["name"], each["old"], each["new"]) for each in planned["plan"]["changes"]] == [
        ("alpha", "2.0", "1.0")
    ]
    assert (snapshot(bench.prefix), bench.transactions()) == (before, count)
    undone = bench.run.changed("undo")
    assert undone["restored"] == newest["size"] and undone["plan"]["changes"] == planned["plan"]["changes"]
    assert [each["size"] is None for each in bench.run.changed("history")["transactions"]] == [False, True, False]


def test_a_dry_run_of_an_undo_is_refused_like_the_undo(bench: Bench) -> None:
    """Where a file was changed since, it would not be undone."""
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    (environments.site_packages(bench.prefix) / "alpha.py").write_text("mine\n")
    planned, undone = bench.run("undo --dry-run"), bench.run("undo")
    assert planned["error"] == undone["error"]
    assert planned["error"].startswith("nothing was changed: `tx-1` cannot be undone: its files have changed since\n")


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_sync_from_requirements_keeps_what_they_need_and_the_installers(bench: Bench, installer: str) -> None:
    """What is there and accepted stays as it is; a line for another platform asks for nothing."""
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0 beta==1.0")
    (bench.folder / "more.txt").write_text("gamma  # needs an old beta\n")
    (bench.folder / "wanted.txt").write_text("-r more.txt\nalpha==1.0; sys_platform == 'nowhere'\n")
    assert bench.kinds(f"sync {OPTIONS} --with {installer} wanted.txt") == {"gamma": "added", "alpha": "removed"}
    assert versions(bench.prefix) == {"beta": "1.0", "gamma": "1.0"}
    assert (environments.site_packages(bench.prefix) / "pip").is_dir()


def test_a_failed_sync_changes_nothing(bench: Bench) -> None:
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0")
    bench.run(f"lock {OPTIONS} --with uv")
    bench.run.changed(f"install {OPTIONS} --with uv alpha==2.0")
    wheel = bench.folder / "wheels" / "alpha-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes() + b"another file than the one that was locked")
    before = snapshot(bench.prefix)
    for installer in ("pip", "uv"):
        error = bench.run(f"sync pylock.toml --with {installer}")["error"]
        assert error.startswith(f"nothing was changed: {installer} could not install this\n")
        assert snapshot(bench.prefix) == before


def test_a_lock_of_another_platform_is_refused(bench: Bench) -> None:
    text = 'lock-version = "1.0"\ncreated-by = "x"\nenvironments = ["sys_platform == \'nowhere\'"]\npackages = []\n'
    (bench.folder / "pylock.other.toml").write_text(text)
    assert bench.run("sync pylock.other.toml")["error"].splitlines() == [
        f"`{bench.folder}/pylock.other.toml` was not made for this interpreter",
        "  Provided environment does not satisfy any of the environments specified in the lock file",
    ]


def test_an_editable_project_is_locked_by_its_folder_and_stays(bench: Bench) -> None:
    project(bench.folder / "mine", "mine")
    bench.run.changed("install --with uv -e ./mine")
    assert bench.run("lock pylock.toml")["shown"] == "locked 1 distribution in `pylock.toml`, by direct URL"
    (package,) = tomllib.loads((bench.folder / "pylock.toml").read_text())["packages"]
    assert package == {"name": "mine", "directory": {"path": "mine", "editable": True}}
    assert bench.kinds("sync pylock.toml") == {}
    bench.run.changed("uninstall mine")
    assert bench.kinds("sync pylock.toml --with uv") == {"mine": "added"}
    direct_url = next(environments.site_packages(bench.prefix).glob("mine-*.dist-info")) / "direct_url.json"
    assert json.loads(direct_url.read_text())["dir_info"] == {"editable": True}


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_an_archive_of_this_machine_is_locked_by_its_path_and_syncs_elsewhere(bench: Bench, installer: str) -> None:
    """Relative where it is beside the lock; where it was installed and where it was synced nothing is left to be done."""
    sdist(project(bench.folder / "a b" / "mine-0.1", "mine"))
    outside = wheel(bench.folder / "wheels", "beta", "1.0")
    bench.run.changed(f"install {OPTIONS} --with {installer} {outside} 'a b/mine-0.1.tar.gz'")
    said = bench.run("lock 'a b/pylock.toml'")
    assert said["shown"] == "locked 2 distributions in `a b/pylock.toml`, by direct URL"
    file = bench.folder / "a b" / "pylock.toml"
    archives = [each["archive"] for each in tomllib.loads(file.read_text())["packages"]]
    assert [each.get("path") for each in archives] == [str(outside), "mine-0.1.tar.gz"]
    assert bench.kinds("sync 'a b/pylock.toml'") == {}
    other = make_environment(bench.folder / "other")
    with session(other, clean_world(bench.folder / "home"), bench.folder) as run:
        there = Bench(folder=bench.folder, run=run)
        added = {"beta": "added", "mine": "added"}
        for by in ("uv", "pip"):
            assert there.kinds(f"sync 'a b/pylock.toml' --with {by}") == added
            assert versions(other) == {"beta": "1.0", "mine": "0.1"}
            assert there.kinds(f"sync 'a b/pylock.toml' --with {by}") == {}
            run.changed("undo")
        file.write_text(file.read_text().replace(f'path = "{outside}"', f'url = "{outside.as_uri()}"'))
        assert there.kinds("sync 'a b/pylock.toml' --with uv") == added
        outside.write_bytes(outside.read_bytes() + b"another file than the one that was locked")
        run.changed("undo")
        assert "could not install this" in run("sync 'a b/pylock.toml' --with uv")["error"]


def sdist(folder: Path) -> Path:
    """A source distribution of a project, beside its folder."""
    name, _, version = folder.name.rpartition("-")
    (folder / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    with tarfile.open(folder.with_name(f"{folder.name}.tar.gz"), "w:gz") as archive:
        archive.add(folder, folder.name)
    return folder.with_name(f"{folder.name}.tar.gz")


def with_extra(folder: Path, name: str, extra: str, requirement: str) -> Path:
    """A project with an extra, in its pyproject.toml and in what its backend writes."""
    backend = project(folder, name) / "backend.py"
    more = f"Provides-Extra: {extra}\\nRequires-Dist: {requirement} ; extra == '{extra}'\\n"
    backend.write_text(backend.read_text().replace('\\nVersion: %s\\n"', f'\\nVersion: %s\\n{more}"'))
    with open(folder / "pyproject.toml", "a") as file:
        file.write(f'[project.optional-dependencies]\n{extra} = ["{requirement}"]\n')
    return folder


@pytest.mark.parametrize("line", ["-e ./mine", "-e mine", "-e '{folder}/mine'", "named-otherwise @ {url}"])
def test_a_folder_in_a_file_can_be_synced_again(bench: Bench, line: str) -> None:
    """Its name is proven where uv, with nothing to do, says none; also when a line is added, and when one goes."""
    folder = project(bench.folder / "mine", "named_otherwise")
    line = line.format(folder=bench.folder, url=folder.as_uri())
    file = bench.folder / "wanted.txt"
    file.write_text(f"{line}\n")
    sync = f"sync {OPTIONS} --with uv wanted.txt"
    assert bench.kinds(sync) == {"named_otherwise": "added"}
    assert bench.kinds(sync) == {}
    file.write_text(f"{line}\nbeta==1.0\n")
    assert bench.kinds(sync) == {"beta": "added"}
    file.write_text(f"{line} ; sys_platform == 'nowhere'\nbeta\n" if "@" in line else "beta\n")
    assert bench.kinds(sync) == {"named_otherwise": "removed"}


def test_a_folder_whose_name_only_its_build_knows_is_told_by_what_is_installed_from_it(bench: Bench) -> None:
    folder = project(bench.folder / "mine", "named_otherwise")
    text = (folder / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(text.partition("[project]")[0])
    (bench.folder / "wanted.txt").write_text("-e ./mine\n")
    assert bench.kinds("sync --with uv wanted.txt") == {"named_otherwise": "added"}
    assert bench.kinds("sync --with uv wanted.txt") == {}


def test_lines_without_a_name_are_refused(bench: Bench) -> None:
    """Also an archive whose path looks like the name of a project. The lines to write instead work."""
    wheel(bench.folder, "beta", "1.0")
    sdist(project(bench.folder / "mine-0.1", "mine"))
    file = bench.folder / "wanted.txt"
    file.write_text("beta-1.0-py3-none-any.whl\n./mine-0.1.tar.gz\n")
    beta, mine = (f"file://{bench.folder}/{name}" for name in ("beta-1.0-py3-none-any.whl", "mine-0.1.tar.gz"))
    assert bench.run("sync wanted.txt")["error"] == (
        f"`%safepip sync` needs a project name in each line of `{file}`, to know what to keep\n"
        "  beta-1.0-py3-none-any.whl\n"
        "  ./mine-0.1.tar.gz\n"
        "\n"
        f"hint: write `NAME @ {beta}`, `NAME @ {mine}`; `%safepip install -r` accepts them as they are"
    )
    assert versions(bench.prefix) == {}
    file.write_text(f"beta @ {beta}\nmine @ {mine}\n")
    assert bench.kinds("sync --with uv wanted.txt") == {"beta": "added", "mine": "added"}
    assert bench.kinds("sync --with uv wanted.txt") == {}


def test_what_cannot_be_read_is_refused(bench: Bench) -> None:
    """Before anything is started: a file that is not there is no empty one, which would remove everything."""
    bench.run.changed(f"install {OPTIONS} --with uv beta")
    (bench.folder / "wanted.txt").write_text("-r https://example.com/more.txt\n")
    before = snapshot(bench.prefix)
    for file, error in (
        ("https://example.com/r.txt", "`%safepip sync` takes a local file, not a URL"),
        ("none.txt", f"there is no readable file `none.txt`\n  {bench.folder}/none.txt"),
        (
            "wanted.txt",
            f"nothing was changed: `https://example.com/more.txt` in `{bench.folder}/wanted.txt` cannot be read here, "
            "so what it requires is unknown\n\n"
            "hint: `%safepip install -r` lets the installer read it, and removes nothing",
        ),
    ):
        done = bench.run(f"sync {file}")
        assert (done["error"], done["started"]) == (error, [])
        assert snapshot(bench.prefix) == before


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_what_the_extras_of_a_folder_need_comes_and_stays(bench: Bench, installer: str) -> None:
    line = "-e ./mine[x]"
    with_extra(bench.folder / "mine", "mine", "x", "beta==1.0")
    file = bench.folder / "wanted.txt"
    file.write_text(f"{line}\n")
    sync = f"sync {OPTIONS} --with {installer} wanted.txt"
    assert bench.kinds(sync) == {"mine": "added", "beta": "added"}
    bench.run.changed(sync)
    assert versions(bench.prefix) == {"beta": "1.0", "mine": "0.1"}
    bench.run.changed(f"install {OPTIONS} --with uv -e ./mine[x]")
    bench.run.changed(sync)
    assert versions(bench.prefix) == {"beta": "1.0", "mine": "0.1"}
    file.write_text(f"{line.removesuffix('[x]')}\n")
    bench.run.changed(sync)
    assert versions(bench.prefix) == {"mine": "0.1"}


def test_what_has_no_file_is_named_and_nothing_is_written(bench: Bench) -> None:
    bench.run.changed(f"install {OPTIONS} --with uv alpha==1.0 gamma")
    for name in ("alpha-1.0", "gamma-1.0"):
        (bench.folder / "wheels" / f"{name}-py3-none-any.whl").unlink()
    for installer in ("pip", "uv"):
        assert bench.run(f"lock {OPTIONS} --with {installer}")["error"].splitlines() == [
            "no file of `alpha`, `gamma` was found to lock",
            "  alpha==1.0",
            "  gamma==1.0",
            "",
            "hint: nothing was written; `--find-links FOLDER` or `-i URL` adds places to look",
        ]
    assert not (bench.folder / "pylock.toml").exists()


def test_a_file_that_is_no_lock_is_not_overwritten_unasked(bench: Bench) -> None:
    file = bench.folder / "pylock.toml"
    file.write_text("my notes")
    assert bench.run("lock")["error"].splitlines() == [
        "`pylock.toml` exists and is not a lock file",
        f"  {file}",
        "",
        "hint: `%safepip lock --yes` overwrites it",
    ]
    assert file.read_text() == "my notes"
    assert bench.run("lock --yes")["shown"] == f"locked 0 distributions in `{file}`"
    assert tomllib.loads(file.read_text())["packages"] == []
    assert "is not a lock file name" in bench.run("lock requirements.txt")["error"]


def test_the_tree_needs_no_installer(bench: Bench) -> None:
    bench.run.changed(f"install {OPTIONS} --with uv alpha gamma")
    whole = bench.run("tree --with pip")
    assert whole["shown"] == "alpha 2.0\n└── beta 1.0 [>=1]\ngamma 1.0\n└── beta 1.0 [<2]\n" + _pip(bench)
    assert bench.run("tree --invert beta")["shown"] == "beta 1.0\n├── alpha 2.0 [>=1]\n└── gamma 1.0 [<2]"
    assert bench.run("tree alpha --depth 0")["shown"] == "alpha 2.0"
    bench.run.changed(f"install {OPTIONS} --with uv beta==2.0 --allow-conflicts --no-deps")
    assert bench.run("tree gamma")["shown"] == "gamma 1.0\n└── beta 2.0 [<2] [not met: 2.0]"
    assert bench.run("tree nowhere")["error"].startswith("`nowhere` is not installed")
    assert whole["started"] == []


def _pip(bench: Bench) -> str:
    (metadata,) = environments.site_packages(bench.prefix).glob("pip-*.dist-info")
    return metadata.name.removesuffix(".dist-info").replace("-", " ")


def test_the_tree_shows_rings_and_ends() -> None:
    """Two that require each other are seen, once each; what is missing is said."""
    from ipython_where.facts.distributions.installed import Installed
    from ipython_where.facts.distributions.requirement import Markers
    from ipython_where.facts.distributions.requires_tree import tree_lines

    def one(name: str, *requires: str) -> Installed:
        return Installed(name=name, project=name, version="1", requires=requires)

    ring = {each.name: each for each in (one("a", "b"), one("b", "a", "gone>1"), one("alone"))}
    markers = Markers({"sys_platform": sys.platform})
    assert tree_lines(ring, markers) == ["alone 1", "a 1", "└── b 1", "    ├── a 1 (*)", "    └── gone [not installed]"]


def test_an_overwritten_lock_stays_a_link_and_keeps_its_mode(bench: Bench) -> None:
    """No other file is touched."""
    bench.run.changed(f"install {OPTIONS} alpha==1.0")
    real = bench.folder / "kept" / "real.toml"
    real.parent.mkdir()
    real.touch(0o640)
    real.chmod(0o640)
    (bench.folder / "pylock.toml").symlink_to(real)
    beside = bench.folder / "pylock.toml.new"
    beside.write_text("mine\n")
    bench.run(f"lock {OPTIONS} --yes")
    assert (bench.folder / "pylock.toml").readlink() == real
    assert "alpha" in real.read_text() and real.stat().st_mode & 0o777 == 0o640
    assert beside.read_text() == "mine\n"
    assert [each.name for each in real.parent.iterdir()] == ["real.toml"]
