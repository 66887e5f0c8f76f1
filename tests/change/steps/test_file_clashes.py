"""The files that a wheel brings: the kernel's, the environment's, those of others; told before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import environments
from tests.change.sessions import Session, clean_world, make_environment, session
from tests.change.transaction.worlds import snapshot
from tests.faults.wheels import write_wheel

pytestmark = pytest.mark.usefixtures("installer")

KERNEL = ("-c", "import ipykernel, IPython; from tests.change.driver import main; main()")

OF_THE_KERNEL = {
    "a module of IPython": {"IPython/__init__.py": "raise SystemExit\n"},
    "a module of ipykernel": {"ipykernel/kernelapp.py": "raise SystemExit\n"},
    "a new file in its package": {"ipykernel/more.py": ""},
    "a new package in its package": {"IPython/core/__init__.py": ""},
    "a package in front of a module": {"sixty/__init__.py": ""},
    "an extension in front of a module": {"sixty.abi3.so": ""},
    "by the data of a wheel": {"bad-1.0.data/purelib/zmq/__init__.py": "broken\n"},
    "by its platform's data": {"bad-1.0.data/platlib/zmq/__init__.py": "broken\n"},
    "a folder named like a file": {"sixty.py/__init__.py": ""},
    "the kernel's description": {"bad-1.0.data/data/share/jupyter/kernels/python3/kernel.json": "{}"},
}

NEVER = {
    "this package": {"ipython_where/__init__.py": ""},
    "a new file in this package": {"ipython_where/more.py": ""},
    "the interpreter": {"bad-1.0.data/scripts/python": "#!python\n"},
    "the interpreter by its version": {"bad-1.0.data/scripts/python3.11": "#!python\n"},
    "the interpreter of a version that is not there": {"bad-1.0.data/scripts/python3.99": "#!python\n"},
    "the interpreter as data": {"bad-1.0.data/data/bin/python3": "#!python\n"},
    "its activation": {"bad-1.0.data/scripts/activate": "exit\n"},
    "what makes it an environment": {"bad-1.0.data/data/pyvenv.cfg": "home = /nowhere\n"},
    "the lock that uv takes for it": {"bad-1.0.data/data/.lock": ""},
}


def make_kernel(wheels: Path) -> None:
    """The distributions that run a kernel, as small as can be."""
    needs = ["ipython", "sixty", "zmq"]
    files = {"ipykernel/kernelapp.py": "", "ipykernel-1.0.data/data/share/jupyter/kernels/python3/kernel.json": "{}\n"}
    write_wheel(wheels, "ipykernel", "1.0", files, requires=needs)
    write_wheel(wheels, "ipykernel", "1.1", {"ipykernel/kernelapp.py": "new\n"}, requires=needs)
    write_wheel(wheels, "ipython", "1.0", {"IPython/__init__.py": "", "IPython/core.py": ""})
    write_wheel(wheels, "zmq", "1.0", {"ns_of_many/zmq_part.py": ""})
    write_wheel(wheels, "sixty", "1.0", {"sixty.py": ""}, package=False)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A process that is a kernel by what it has loaded; each test installs projects of its own."""
    folder = tmp_path_factory.mktemp("kernel")
    prefix = make_environment(folder / "env")
    make_kernel(folder / "wheels")
    line = (
        environments.uv(),
        "pip",
        "install",
        "-q",
        "--no-config",
        "--no-index",
        "-f",
        folder / "wheels",
        "ipykernel==1.0",
    )
    environments.call(*line, "--python", prefix / "bin" / "python")
    with session(prefix, clean_world(folder / "home"), folder, start=KERNEL) as run:
        yield run


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


def refused(run: Session, line: str) -> str:
    """What is said of a line that changes nothing."""
    before = snapshot(run.prefix)
    said: str | None = run(line)["error"]
    assert said is not None, f"{line} was carried out"
    assert snapshot(run.prefix) == before
    return said


@pytest.mark.parametrize("what", OF_THE_KERNEL)
def test_files_of_the_kernel_are_refused(running: Session, wheels: Path, what: str) -> None:
    write_wheel(wheels, "bad", "1.0", OF_THE_KERNEL[what])
    line = f"install --with uv --no-index -f {wheels} bad"
    for each in (f"{line} --dry-run", line):
        said = refused(running, each).splitlines()
        assert said[0].startswith("nothing was changed: `bad` contains files of `"), said
        assert said[0].endswith("`, which this kernel runs on")
        assert said[-1] == "hint: `--allow-kernel` allows it"


@pytest.mark.parametrize("what", NEVER)
def test_files_of_the_environment_are_refused_and_no_option_allows_them(
    running: Session, wheels: Path, what: str
) -> None:
    """uv would install no `python` either, but it is not the one to be asked."""
    write_wheel(wheels, "bad", "1.0", NEVER[what])
    tool = "pip" if "interpreter" in what else "uv"
    line = f"install --with {tool} --no-index -f {wheels} bad --allow-kernel --allow-conflicts"
    for each in (f"{line} --dry-run", line):
        said = refused(running, each).splitlines()
        assert said[0].startswith("nothing was changed: `bad` contains files "), said
        assert "no option allows this" in said[-1]


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize(
    ("name", "allow"), [("python", "--allow-kernel --allow-conflicts"), ("python3", "--allow-kernel"), ("pip3", "")]
)
def test_programs_of_entry_points_are_in_no_wheel_and_refused_all_the_same(
    running: Session, wheels: Path, name: str, allow: str, tool: str
) -> None:
    """uv refuses to make a `python`, and says so itself; `pip3` is there, and another distribution's."""
    points = {"bad-1.0.dist-info/entry_points.txt": f"[console_scripts]\n{name} = bad:main\n"}
    write_wheel(wheels, "bad", "1.0", points)
    line = f"install --with {tool} --no-index -f {wheels} bad {allow}"
    assert f"bin/{name}" in refused(running, f"{line} --dry-run")
    said = refused(running, line)
    assert f"bin/{name}" in said or (tool == "uv" and f"reserved name `{name.rstrip('3')}" in said)


def test_every_way_in_is_judged_by_its_files(running: Session, wheels: Path) -> None:
    """A file of requirements, a path, a dependency, an upgrade of what did no harm, a sync."""
    bad = {"IPython/__init__.py": "broken\n"}
    write_wheel(wheels, "bad", "1.0", bad)
    write_wheel(wheels, "needs_bad", "1.0", requires=["bad"])
    write_wheel(wheels, "innocent", "1.0")
    later = write_wheel(wheels.parent / "later", "innocent", "2.0", bad)
    (wheels.parent / "wanted.txt").write_text(f"--no-index\n-f {wheels}\nbad\n")
    line = f"--with uv --no-index -f {wheels}"
    running.changed(f"install {line} innocent")
    for each in (
        f"install --with uv -r {wheels.parent}/wanted.txt",
        f"install {line} {wheels}/bad-1.0-py3-none-any.whl",
        f"install {line} needs_bad",
        f"install {line} -U -f {later.parent} innocent",
        f"sync --with uv {wheels.parent}/wanted.txt --dry-run",
    ):
        assert "of `ipython`, which this kernel runs on" in refused(running, each).splitlines()[0], each
    running.changed("uninstall innocent")


def test_a_newer_version_of_the_kernels_own_may_bring_its_files(running: Session) -> None:
    before = snapshot(running.prefix)
    running.changed("install --with uv --no-index -f wheels ipykernel==1.1")
    running.changed("undo")
    assert snapshot(running.prefix) == before


def test_one_file_of_two_in_a_plan(running: Session, wheels: Path) -> None:
    """Code that differs is refused, with both names; what is the same, or is litter, is not."""
    for name in ("one", "two"):
        same = {"google/__init__.py": "", "tests/__init__.py": name, f"{name}-1.0.data/data/LICENSE": "free"}
        write_wheel(wheels, name, "1.0", same)
        write_wheel(wheels, name, "2.0", {"common/core.py": name})
    line = f"install --with uv --no-index -f {wheels}"
    for each in (f"{line} one two --dry-run", f"{line} one two"):
        said = refused(running, each).splitlines()
        assert said[0].startswith("nothing was changed: `") and "contains a file that" in said[0]
        assert {"`one`", "`two`"} <= set(said[0].split())
        assert said[-1].startswith("hint: `--allow-conflicts` allows it, but may break `")
    done = running.changed(f"{line} one==1.0 two==1.0")
    assert [(each["id"], each["severity"]) for each in done["plan"]["findings"]] == [("file-conflict", "warning")]
    assert (running.prefix / "LICENSE").read_text() == "free"
    running.changed("undo")
    assert not (running.prefix / "LICENSE").exists()


def test_a_file_of_nobody_is_named_by_a_dry_run_where_it_is_a_program(running: Session, wheels: Path) -> None:
    """`uv` that was copied there: it is in no list, and another project's program would take its place."""
    write_wheel(wheels, "bad", "1.0", {"bad-1.0.data/scripts/uv": "#!python\n"})
    (running.prefix / "bin" / "uv").write_text("mine")
    try:
        said = refused(running, f"install --with uv --no-index -f {wheels} bad")
    finally:
        (running.prefix / "bin" / "uv").unlink()
    assert said.startswith("nothing was changed: `bad` contains files that belong to the environment itself\n")


def test_a_file_of_nobody_is_told_by_a_dry_run_and_once_by_the_install(running: Session, wheels: Path) -> None:
    """One where a file of the same name belongs, one where a folder does, one in a folder that a file takes the place of."""
    files = {"mine/notes.py": "", "alone.py/__init__.py": "", "whole": "a file"}
    write_wheel(wheels, "newcomer", "1.0", files)
    site = environments.site_packages(running.prefix)
    for name in ("mine/notes.py", "alone.py", "whole/kept.txt"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("nobody's")
    before = snapshot(running.prefix)
    line = f"install --with uv --no-index -f {wheels} newcomer"
    (told,) = running.changed(f"{line} --dry-run")["plan"]["findings"]
    assert (told["id"], told["severity"], told["message"]) == (
        "foreign-files",
        "warning",
        "3 files are in the way of new files, and no distribution lists them: they are moved aside",
    )
    named = [each["value"] for each in told["evidence"]]
    assert named == [
        str((site / each).relative_to(running.prefix)) for each in ("alone.py", "mine/notes.py", "whole/kept.txt")
    ]
    assert snapshot(running.prefix) == before
    (told,) = running.changed(line)["plan"]["findings"]
    assert told["message"] == "files that no distribution lists were in the way: they were moved aside"
    assert [each["value"] for each in told["evidence"][:-1]] == [each.removesuffix("/kept.txt") for each in named]
    running.changed("undo")
    assert snapshot(running.prefix) == before
    for name in ("mine/notes.py", "alone.py", "whole/kept.txt"):
        (site / name).unlink()


def test_a_folder_that_became_a_link_goes_as_a_link(running: Session, wheels: Path, tmp_path: Path) -> None:
    """By an uninstall and an upgrade; what it leads to is not touched, the link is named, and the undo brings it back."""
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "moved", version)
    site, elsewhere = environments.site_packages(running.prefix), tmp_path / "elsewhere"
    line = f"install --with uv --no-index -f {wheels}"
    running.changed(f"{line} moved==1.0")
    (site / "moved").rename(elsewhere)
    (site / "moved").symlink_to(elsewhere)
    before, behind = snapshot(running.prefix), snapshot(elsewhere)
    path = str((site / "moved").relative_to(running.prefix))
    for each in ("uninstall moved", f"{line} moved==2.0"):
        found = running.changed(each)["plan"]["findings"]
        told = [one["message"] for one in found if one["id"] == "linked-folder"]
        assert told == [f"`{path}` is now a link, where a folder was installed: the link is removed, its target stays"]
        assert not (site / "moved").is_symlink()
        running.changed("undo")
        assert (snapshot(running.prefix), snapshot(elsewhere)) == (before, behind)
    running.changed("uninstall moved")


def test_a_shared_folder_that_became_a_link_is_refused(running: Session, wheels: Path, tmp_path: Path) -> None:
    """Another distribution has files there: the link can neither go nor be written through."""
    for name in ("left", "right"):
        write_wheel(wheels, name, "1.0", {f"both/{name}/x.py": ""}, package=False)
    site, elsewhere = environments.site_packages(running.prefix), tmp_path / "elsewhere"
    line = f"install --with uv --no-index -f {wheels}"
    running.changed(f"{line} left")
    (site / "both").rename(elsewhere)
    (site / "both").symlink_to(elsewhere)
    behind = snapshot(elsewhere)
    assert "is now a link to a folder in which `left` has files too" in refused(running, f"{line} right")
    assert snapshot(elsewhere) == behind
    running.changed("uninstall left")
    assert snapshot(elsewhere) == behind


def test_an_uninstall_that_is_refused_late_leaves_no_transaction(
    running: Session, wheels: Path, tmp_path: Path
) -> None:
    """The files are compared once its transaction has begun: what was begun goes, and is not counted."""
    for name in ("left", "right"):
        write_wheel(wheels, name, "1.0", {f"shared/{name}/x.py": ""}, package=False)
    site, elsewhere = environments.site_packages(running.prefix), tmp_path / "elsewhere"
    running.changed(f"install --with uv --no-index -f {wheels} left right")
    (site / "shared").rename(elsewhere)
    (site / "shared").symlink_to(elsewhere)
    kept = sorted(running.prefix.glob(".safepip/tx-*"))
    assert "is now a link to a folder in which `left` has files too" in refused(running, "uninstall right")
    assert sorted(running.prefix.glob(".safepip/tx-*")) == kept
    (site / "shared").unlink()
    elsewhere.rename(site / "shared")
    running.changed("uninstall left right")
