"""Requirements files and groups as people write them: planned, staged and synchronised as pip would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import environments

from .installers import local
from .sessions import Session, clean_world, make_environment, session, versions

pytestmark = pytest.mark.usefixtures("installer")

INSTALLERS = pytest.mark.parametrize("installer", ["pip", "uv"])


@dataclass(frozen=True, kw_only=True)
class Bench:
    """An environment, a folder to write files in, and wheels."""

    run: Session
    folder: Path

    def write(self, **files: str) -> None:
        """Write files: an underscore in a name is a blank."""
        for name, text in files.items():
            (self.folder / f"{name.replace('_', ' ')}.txt").write_text(text)

    @property
    def versions(self) -> dict[str, str]:
        """What is installed."""
        return versions(self.run.prefix)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Wheels of `alpha`, which needs `beta`, and a project `proj`."""
    (tmp_path / "wheels").mkdir()
    local.standard_wheels(tmp_path / "wheels")
    local.project(tmp_path / "proj", "proj")
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as run:
        yield Bench(run=run, folder=tmp_path)


OFFLINE = "--no-index\n--find-links wheels\n"


@pytest.mark.parametrize(
    "line", ["-r 'in ner.txt'", "-r in\\ ner.txt --pre", "--pre -r in\\ ner.txt", "--requirem in\\ ner.txt"]
)
def test_what_a_file_includes_is_wanted(bench: Bench, line: str) -> None:
    """However it is written: `sync` removes nothing of it, and its options count for the staging too."""
    bench.write(r=f"{line}\n", in_ner=f"{OFFLINE}alpha==1.0\n")
    assert bench.run.changed("install -r r.txt")["plan"]["installer"] == "pip"
    assert bench.versions == {"alpha": "1.0", "beta": "2.0"}
    assert bench.run.changed("sync r.txt")["plan"]["changes"] == []


@INSTALLERS
def test_an_editable_of_a_file_with_options(bench: Bench, installer: str) -> None:
    """It is one with uv, too, which reads the file itself."""
    bench.write(r=f"{OFFLINE}-e ./proj\n./proj2\n")
    local.project(bench.folder / "proj2", "proj2")
    done = bench.run.changed(f"install --with {installer} -r r.txt")
    changes = [(each["name"], each["editable"]) for each in done["plan"]["changes"]]
    assert sorted(changes) == [("proj", True), ("proj2", False)]
    site = environments.site_packages(bench.run.prefix)
    urls = [
        json.loads((site / f"{name}.dist-info" / "direct_url.json").read_text()) for name in ("proj-0.1", "proj2-0.1")
    ]
    assert [each["dir_info"].get("editable", False) for each in urls] == [True, False]


def test_a_file_that_is_no_text(bench: Bench) -> None:
    """pip breaks down over it: its last word is told, without the way to it."""
    (bench.folder / "r.txt").write_bytes(b"alpha\n# caf\xe9\n")
    assert bench.run("install -r r.txt")["error"] == (
        "nothing was changed: pip could not resolve this\n"
        "  pip's own code failed  UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 11: "
        "invalid continuation byte\n\n"
        "hint: `-v` shows its whole output"
    )


def test_what_cannot_be_read_is_not_unwanted(bench: Bench) -> None:
    """`sync` refuses; nothing is started, and nothing changes."""
    bench.run.changed("install --no-index -f wheels alpha==1.0")
    bench.write(r="-r https://me:secret@127.0.0.1:9/base.txt\n")
    said = bench.run("sync r.txt")["error"]
    assert said.startswith(
        f"nothing was changed: `https://****@127.0.0.1:9/base.txt` in `{bench.folder / 'r.txt'}` cannot be read here"
    )
    assert bench.versions == {"alpha": "1.0", "beta": "2.0"}


def test_a_comment_goes_no_further_than_its_line(bench: Bench) -> None:
    """A backslash at its end does not swallow the next one."""
    bench.write(r="# C:\\data\\\nbeta==1.0\n")
    bench.run.changed("install --no-index -f wheels -r r.txt")
    assert bench.versions == {"beta": "1.0"}


def test_projects_and_wheels_in_one_install(bench: Bench) -> None:
    """pip is asked twice then, and imports nothing any more once it has installed."""
    bench.write(r=f"{OFFLINE}-e ./proj\nalpha==1.0\n")
    assert bench.run.changed("install -r r.txt")["plan"]["installer"] == "pip"
    assert bench.versions == {"alpha": "1.0", "beta": "2.0", "proj": "0.1"}


@INSTALLERS
def test_a_dependency_group(bench: Bench, installer: str) -> None:
    """By itself, and beside a requirement."""
    (bench.folder / "pyproject.toml").write_text('[dependency-groups]\ndev = ["beta<2"]\nmore = ["gamma"]\n')
    line = f"install --with {installer} --no-index -f wheels"
    bench.run.changed(f"{line} --group dev")
    assert bench.versions == {"beta": "1.0"}
    bench.run.changed(f"{line} --group=more alpha==1.0")
    assert bench.versions == {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}


@pytest.mark.parametrize("is_in_file", [True, False])
@pytest.mark.parametrize(
    ("setting", "installed"),
    [
        ("requirement = {folder}/r.txt", {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}),
        ("editable = {folder}/proj", {"alpha": "1.0", "beta": "2.0", "proj": "0.1"}),
        ("group = dev", {"alpha": "1.0", "beta": "1.0", "gamma": "1.0"}),
        ("only-deps = yes", {"beta": "2.0"}),
        ("no-require-hashes = yes", {"alpha": "1.0", "beta": "2.0"}),
    ],
)
def test_what_settings_ask_for_is_asked_once(
    tmp_path: Path, setting: str, installed: dict[str, str], is_in_file: bool
) -> None:
    """In a variable or in a `pip.conf`, they are part of the plan. Staging and locking, told exactly what to bring, are not
    told again.
    """
    local.standard_wheels(tmp_path / "wheels")
    local.project(tmp_path / "proj", "proj")
    (tmp_path / "r.txt").write_text("gamma\n")
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ndev = ["gamma"]\n')
    setting = setting.format(folder=tmp_path)
    (tmp_path / "pip.conf").write_text(f"[install]\n{setting}\nno-index = yes\nfind-links = {tmp_path}/wheels\n")
    key, _, value = setting.partition(" = ")
    variable = {
        "PIP_" + key.upper().replace("-", "_"): value,
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_NO_INDEX": "1",
    }
    more = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")} if is_in_file else variable
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home", **more), tmp_path) as run:
        run.changed("install --with pip alpha==1.0")
        assert versions(run.prefix) == installed
        run.changed(f"uninstall {' '.join(installed)}")
        run.changed("install --with uv --no-index -f wheels beta==1.0")
        assert run("lock --with pip")["shown"] == (
            f"locked 1 distribution in `{tmp_path / 'pylock.toml'}`, with the versions that pip finds today"
        )
        run.changed("uninstall beta")
        run.changed("sync --with pip pylock.toml")
        assert versions(run.prefix) == {"beta": "1.0"}


@pytest.mark.parametrize("is_in_file", [True, False])
@pytest.mark.parametrize(
    "setting",
    ["requirement = {folder}/more.txt", "editable = {folder}/proj", "group = dev", "only-deps = yes"],
)
def test_sync_is_about_its_file_alone(tmp_path: Path, setting: str, is_in_file: bool) -> None:
    """What settings ask for beside it would come with one `sync` and go with the next."""
    local.standard_wheels(tmp_path / "wheels")
    local.project(tmp_path / "proj", "proj")
    (tmp_path / "more.txt").write_text("gamma\n")
    (tmp_path / "r.txt").write_text("alpha==1.0\n")
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ndev = ["gamma"]\n')
    key, _, value = setting.format(folder=tmp_path).partition(" = ")
    links = f"[install]\nno-index = yes\nfind-links = {tmp_path}/wheels\n"
    (tmp_path / "pip.conf").write_text(links + (f"{key} = {value}\n" if is_in_file else ""))
    more = {} if is_in_file else {"PIP_" + key.upper().replace("-", "_"): value}
    world = clean_world(tmp_path / "home", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), **more)
    with session(make_environment(tmp_path / "env"), world, tmp_path) as run:
        for kinds in ({"alpha": "added", "beta": "added"}, {}):
            plan = run.changed("sync r.txt")["plan"]
            assert {each["name"]: each["kind"] for each in plan["changes"]} == kinds
        assert versions(run.prefix) == {"alpha": "1.0", "beta": "2.0"}


@pytest.mark.parametrize("diverting", ["", "target = /nowhere\n", "group = dev\n"])
@pytest.mark.parametrize("is_in_file", [True, False])
def test_settings_that_get_in_the_way_are_dropped(tmp_path: Path, is_in_file: bool, diverting: str) -> None:
    """`ignore-installed` would replace what nobody asked for, and a log would tell of the staging: from a file or a variable."""
    local.standard_wheels(tmp_path / "wheels")
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ndev = ["beta"]\n')
    log = tmp_path / "pip.log"
    links = f"[install]\nno-index = yes\nfind-links = {tmp_path}/wheels\n{diverting}"
    dropped = {"log": str(log), "ignore-installed": "yes", "quiet": "3", "require-virtualenv": "yes"}
    lines = "".join(f"{key} = {value}\n" for key, value in dropped.items())
    (tmp_path / "pip.conf").write_text(links + (lines if is_in_file else ""))
    more = {} if is_in_file else {"PIP_" + key.upper().replace("-", "_"): value for key, value in dropped.items()}
    world = clean_world(tmp_path / "home", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"), **more)
    with session(make_environment(tmp_path / "env"), world, tmp_path) as run:
        run.changed("install --with uv --no-index -f wheels beta==1.0")
        plan = run.changed("install --with pip alpha==1.0")["plan"]
        assert [each["name"] for each in plan["changes"]] == ["alpha"]
        assert versions(run.prefix) == {"alpha": "1.0", "beta": "1.0"}
    assert not log.exists()


def test_what_uv_has_no_word_for_is_refused(bench: Bench) -> None:
    """Not left out."""
    said = bench.run("install --with uv --no-index -f wheels --ignore-requires-python alpha")["error"]
    assert said.startswith("uv has no equivalent of `--ignore-requires-python`")
