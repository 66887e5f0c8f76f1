"""Installing and removing without a kernel: what is refused, what fails, and what the messages say."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.faults.wheels import write_wheel

from .installers import local
from .sessions import Session, clean_world, make_environment, session
from .transaction.worlds import snapshot

pytestmark = pytest.mark.usefixtures("installer")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A process in an environment of its own; each test installs projects of its own."""
    folder = tmp_path_factory.mktemp("install")
    prefix = make_environment(folder / "env")
    with session(prefix, clean_world(folder / "home"), folder) as run:
        yield run


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """An empty folder for wheels."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


def failed(run: Session, line: str) -> str:
    """The error of a line that must change nothing."""
    before = snapshot(run.prefix)
    answer = run(line)
    assert answer["error"] is not None, answer["answer"]
    assert snapshot(run.prefix) == before
    return str(answer["error"])


def test_what_is_satisfied_starts_nothing(shared: Session, wheels: Path) -> None:
    """The proof is made in the process."""
    local.wheel(wheels, "proven", "1.5")
    assert shared(f"install --no-index -f {wheels} proven")["started"] != []
    done = shared("install proven>=1 proven<2")
    assert done["started"] == []
    assert done["answer"]["plan"]["satisfied"] == ["proven>=1 by proven 1.5", "proven<2 by proven 1.5"]


@pytest.mark.parametrize("line", ["--dry-run dry", "dry==9", "dry needs-nothing-there"])
def test_what_changes_nothing_leaves_nothing(tmp_path: Path, wheels: Path, line: str) -> None:
    """Not even a lock: a dry run, what is not found, what is refused."""
    prefix = make_environment(tmp_path / "env")
    local.wheel(wheels, "dry", "1.0")
    before = sorted(os.listdir(prefix))
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        done = run(f"install --with pip --no-index -f {wheels} {line}")
    assert (done["error"] is None) is line.startswith("--dry-run")
    assert sorted(os.listdir(prefix)) == before


BROKEN = """
def build_wheel(*arguments, **more):
    raise RuntimeError("there is no compiler")
"""


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_build_that_fails(shared: Session, tmp_path: Path, installer: str) -> None:
    """The installer's own last words are there, all of them with `-v`, and the stage is gone."""
    project = local.project(tmp_path / "broken", "broken")
    (project / "backend.py").write_text(BROKEN)
    said = failed(shared, f"install --with {installer} {project}")
    assert said.splitlines()[0] in [
        f"nothing was changed: {installer} could not {verb} this" for verb in ("install", "resolve")
    ]
    assert said.splitlines()[-1] == "hint: `-v` shows its whole output"
    loud = failed(shared, f"install -v --with {installer} {project}")
    assert "there is no compiler" in loud
    assert "`-v` shows its whole output" not in loud
    kept = shared.changed("history")["transactions"]
    assert len(kept) == len([*shared.prefix.glob(".safepip/tx-*")])


WRITES_INTO_THE_ENVIRONMENT = """
import os, sysconfig
def build_wheel(*arguments, **more):
    site = {site!r}
    with open(os.path.join(site, "left_behind.py"), "w") as file:
        file.write("x = 1")
    os.makedirs(os.path.join(site, "left_folder", "empty"))
    raise RuntimeError("there is no compiler")
"""


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_what_a_build_wrote_before_it_failed(tmp_path: Path, installer: str) -> None:
    """Code of a project may write where it likes: then nobody says that nothing was changed, and the files are named."""
    prefix = make_environment(tmp_path / "env")
    site = environments.site_packages(prefix)
    project = local.project(tmp_path / "messy", "messy")
    (project / "backend.py").write_text(WRITES_INTO_THE_ENVIRONMENT.format(site=str(site)))
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        said = run(f"install --with {installer} {project}")["error"]
    assert "nothing was changed" not in said
    assert said.splitlines()[-5:] == [
        "  files were written into this environment meanwhile, possibly by a build:",
        f"  written  {site}/left_behind.py",
        f"  written  {site}/left_folder/empty/",
        "",
        "hint: they are still there: delete those that you do not want; `-v` shows its whole output",
    ]


KILLED_BUILD = """
import os, signal
def build_wheel(*arguments, **more):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_build_that_is_killed(shared: Session, tmp_path: Path, installer: str) -> None:
    """The installer itself goes on, and says it in its own words; what to do is said in ours."""
    project = local.project(tmp_path / "hungry", "hungry")
    (project / "backend.py").write_text(KILLED_BUILD)
    said = failed(shared, f"install --with {installer} {project}")
    assert said.splitlines()[-1] == (
        "hint: `-v` shows its whole output; a build ran out of memory, or was killed: "
        "free some memory (other kernels hold most of it), then run this again"
    )


KILLS_ITS_INSTALLER = """
import os, signal
def build_wheel(*arguments, **more):
    installer = os.getsid(0)  # it leads a session of its own
    while True:  # Rust's own handler swallows the first SIGSEGV that another process sends
        try:
            os.kill(installer, signal.{name})
        except ProcessLookupError:
            break
"""


@pytest.mark.parametrize("installer", ["uv", "pip"])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_an_installer_that_is_killed(shared: Session, tmp_path: Path, installer: str, name: str) -> None:
    """It is told as that, with its signal, and not as a request for which there is no solution."""
    project = local.project(tmp_path / "deadly", "deadly")
    (project / "backend.py").write_text(KILLS_ITS_INSTALLER.format(name=name))
    said = failed(shared, f"install --with {installer} {project}")
    crashed = "crashed" if name == "SIGSEGV" else "was killed"
    assert said.splitlines()[0] == f"the installer {crashed} ({name}), before anything was changed"
    assert (
        said.splitlines()[-1]
        == {
            "SIGKILL": "hint: too little memory is the usual cause: free some memory (other kernels hold most of it), "
            "then run this again",
            "SIGSEGV": "hint: `--with pip` or `--with uv` selects the other installer",
            "SIGTERM": "hint: something on this machine killed it; run this again",
        }[name]
    )


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_file_that_is_not_what_its_hash_says(shared: Session, wheels: Path, tmp_path: Path, installer: str) -> None:
    """A requirements file with a hash that is another's."""
    name = f"hashed{installer}"
    found = hashlib.sha256(local.wheel(wheels, name, "1.0").read_bytes()).hexdigest()
    file = tmp_path / "r.txt"
    for option in ("", "--dry-run "):
        file.write_text(f"--no-index\n-f {wheels}\n{name}==1.0 \\\n  --hash=sha256:{'0' * 64}\n")
        said = failed(shared, f"install {option}--with {installer} -r {file}")
        assert "0" * 64 in said
        assert found in said
        assert said.startswith("nothing was changed: ")
    file.write_text(f"--no-index\n-f {wheels}\n{name}==1.0 --hash=sha256:{'0' * 64} --hash=sha256:{found}\n")
    shared.changed(f"install --with {installer} -r {file}")


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_the_options_of_a_requirements_file_count_to_the_end(
    shared: Session, wheels: Path, tmp_path: Path, installer: str
) -> None:
    """The staging knows where the plan's files come from, though it reads no requirements file; links are beside the file."""
    name = f"listed{installer}"
    local.wheel(wheels, name, "1.0")
    (tmp_path / "more.txt").write_text(f"{name} >= 0.5\n")
    (tmp_path / "r.txt").write_text("--no-index\n--find-links wheels\n-r more.txt\n")
    done = shared.changed(f"install --with {installer} -r {tmp_path / 'r.txt'}")
    assert [each["name"] for each in done["plan"]["changes"]] == [name]


def test_a_requirements_file_that_is_not_there(shared: Session, tmp_path: Path) -> None:
    """It is an error for both commands, and nothing is done without it."""
    assert "No such file" in failed(shared, f"install -r {tmp_path}/none.txt")
    assert failed(shared, f"uninstall -r {tmp_path}/none.txt") == (
        f"nothing was changed: `{tmp_path}/none.txt` cannot be read as a list of distributions to remove\n\n"
        "hint: `-r` takes one requirement per line here, without options or hashes"
    )


def test_uninstall_takes_requirements_and_a_file_of_them(shared: Session, wheels: Path, tmp_path: Path) -> None:
    """The versions in it do not matter."""
    for name in ("goneone", "gonetwo"):
        local.wheel(wheels, name, "1.0")
    shared.changed(f"install --no-index -f {wheels} goneone gonetwo")
    (tmp_path / "r.txt").write_text("goneone>=7  # whatever\ngonetwo ; python_version > '3'\n")
    done = shared.changed(f"uninstall -r {tmp_path / 'r.txt'}")
    assert [(each["name"], each["kind"]) for each in done["plan"]["changes"]] == [
        ("goneone", "removed"),
        ("gonetwo", "removed"),
    ]


def test_uninstall_of_what_names_nothing(shared: Session, tmp_path: Path) -> None:
    """A file of comments, and one with a folder's project, whose name it does not say."""
    for text in ("# nothing\n", "-e ./proj\n"):
        (tmp_path / "r.txt").write_text(text)
        assert failed(shared, f"uninstall -r {tmp_path}/r.txt") == (
            f"`{tmp_path}/r.txt` names no distribution that can be removed\n\n"
            "hint: remove a project in a folder by its name: `%safepip uninstall NAME`"
        )


def test_a_requirements_file_without_its_option(shared: Session, tmp_path: Path) -> None:
    """Nothing is started."""
    (tmp_path / "requirements.txt").write_text("six\n")
    done = shared(f"install {tmp_path}/requirements.txt")
    assert done["error"].endswith(f"hint: `%safepip install -r {tmp_path}/requirements.txt`")
    assert done["started"] == []


def test_files_of_another_distribution_are_said_to_be(shared: Session, tmp_path: Path) -> None:
    """Whose they are, and which were nobody's."""
    for name in ("firstowner", "secondowner"):
        project = local.project(tmp_path / name, name)
        backend = (project / "backend.py").read_text()
        more = '{NAME + ".py": "", "shared_by_two.py": "mine = 2", "of_nobody.py": ""}' if name == "secondowner" else ""
        more = more or '{NAME + ".py": "", "shared_by_two.py": ""}'
        (project / "backend.py").write_text(backend.replace('{NAME + ".py": open(NAME + ".py").read()}', more))
    shared.changed(f"install {tmp_path}/firstowner")
    (environments.site_packages(shared.prefix) / "of_nobody.py").write_text("mine = True\n")
    said = failed(shared, f"install {tmp_path}/secondowner").splitlines()
    assert (
        said[0]
        == "nothing was changed: `secondowner` contains a file that `firstowner` also contains, with different content"
    )
    assert said[-1] == "hint: `--allow-conflicts` allows it, but may break `firstowner`"
    done = shared.changed(f"install {tmp_path}/secondowner --allow-conflicts")
    kept = [each for each in done["plan"]["findings"] if each["id"] == "foreign-files"]
    assert [(each["message"], Path(each["evidence"][0]["value"]).name) for each in kept] == [
        ("files that no distribution lists were in the way: they were moved aside", "of_nobody.py"),
        ("files of `firstowner` were in the way: they were moved aside", "shared_by_two.py"),
    ]
    shared.changed("uninstall firstowner secondowner")


def test_a_file_that_another_distribution_lists_too_stays_where_it_is_as_listed(shared: Session, wheels: Path) -> None:
    """An upgrade and an uninstall leave it, and nothing is said."""
    files = {"common/__init__.py": "", "common/data.txt": ""}
    write_wheel(wheels, "staying", "1.0", {**files, "common/staying.py": ""})
    write_wheel(wheels, "going", "1.0", {**files, "common/going.py": ""})
    write_wheel(wheels, "going", "2.0", {"common/__init__.py": ""})
    site, line = environments.site_packages(shared.prefix), f"install --no-index -f {wheels}"
    shared.changed(f"{line} staying")
    before = snapshot(shared.prefix)
    for command in (f"{line} going==1.0", f"{line} going==2.0", "uninstall going"):
        assert shared.changed(command)["plan"]["findings"] == []
        assert all((site / each).exists() for each in files)
    assert snapshot(shared.prefix) == before
    shared.changed("uninstall staying")


def test_a_file_that_another_had_overwritten_is_named_before_it_goes(shared: Session, wheels: Path) -> None:
    """What the hint says repairs the one that stays."""
    write_wheel(wheels, "staying", "1.0", {"common/data.py": "of staying"})
    write_wheel(wheels, "going", "1.0", {"common/data.py": "of going"})
    file, line = environments.site_packages(shared.prefix) / "common/data.py", f"install --no-index -f {wheels}"
    shared.changed(f"{line} staying")
    shared.changed(f"{line} going --allow-conflicts")
    for command in ("uninstall going --dry-run", "uninstall going"):
        (finding,) = shared.changed(command)["plan"]["findings"]
        assert finding["message"] == "`going` had overwritten a file of `staying`, and removes it"
        assert [shared.prefix / each["value"] for each in finding["evidence"]] == [file]
        assert finding["hint"] == (
            "`%safepip install --force-reinstall --no-deps staying==1.0` repairs `staying` afterwards"
        )
    assert not file.exists()
    shared.changed(f"{line} --force-reinstall --no-deps staying==1.0")
    assert file.read_text() == "of staying"
    shared.changed("uninstall staying")


def test_uninstall_says_what_is_not_there(shared: Session, wheels: Path) -> None:
    """An error when it is all that was named, else a warning."""
    assert failed(shared, "uninstall nobody") == "`nobody` is not installed"
    assert failed(shared, "uninstall nobody noone") == "`nobody`, `noone` are not installed"
    local.wheel(wheels, "somebody", "1.0")
    shared.changed(f"install --no-index -f {wheels} somebody")
    done = shared.changed("uninstall somebody nobody")
    assert [(each["severity"], each["message"]) for each in done["plan"]["findings"]] == [
        ("warning", "`nobody` is not installed")
    ]


def test_a_file_that_the_user_edited_is_kept_aside(shared: Session, wheels: Path) -> None:
    """An upgrade replaces it, says so, and its undo brings it back."""
    for version in ("1.0", "2.0"):
        local.wheel(wheels, "patched", version)
    shared.changed(f"install --no-index -f {wheels} patched==1.0")
    file = environments.site_packages(shared.prefix) / "patched.py"
    file.write_text("# mine\n")
    done = shared.changed(f"install --no-index -f {wheels} -U patched")
    (finding,) = done["plan"]["findings"]
    assert finding["message"] == "files had been edited since they were installed: they were moved aside"
    assert finding["hint"] == f"`%safepip undo {done['transaction']['id']}` brings them back"
    shared.changed(f"undo {done['transaction']['id']}")
    assert file.read_text() == "# mine\n"


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_an_environment_that_cannot_be_written_to(tmp_path: Path) -> None:
    """It is refused before anything is fetched."""
    prefix = make_environment(tmp_path / "env")
    site = environments.site_packages(prefix)
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        site.chmod(0o555)
        try:
            said = failed(run, "install never")
        finally:
            site.chmod(0o755)
    assert said == (
        "this kernel's environment is not writable\n"
        f"  kernel  {prefix}/bin/python  ({sys.version.split()[0]})\n"
        f"  prefix  {prefix}\n\n"
        "hint: `%where` shows who owns it; `python -m venv` creates one of your own"
    )


def test_reading_commands(shared: Session, wheels: Path) -> None:
    """They print what the installer prints; names that look like secrets stay readable."""
    local.wheel(wheels, "asttokens", "3.0.2")
    shared.changed(f"install --no-index -f {wheels} asttokens")
    assert "asttokens==3.0.2" in shared("freeze")["shown"]
    assert "ompatible" in shared("check")["shown"] or "No broken" in shared("check")["shown"]
    assert shared("show nobody")["error"] == "`%safepip show nobody` failed\n  WARNING: Package(s) not found: nobody"
