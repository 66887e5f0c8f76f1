"""What lost its files, its list of files or its metadata is not installed: asking for it brings it back, whole."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import environments
from tests.change.installers.local import project
from tests.change.sessions import Session, clean_world, make_environment, session
from tests.change.transaction.worlds import snapshot
from tests.faults.wheels import write_wheel
from tests.recorded import files_of, recorded

pytestmark = pytest.mark.usefixtures("installer")

PI = "install --no-index --find-links wheels"
FILES = {"tiny/__init__.py": "#\n", "tiny/a.py": "a = 1\n", "tiny/data/text.txt": "x", "tiny/native.abi3.so": "x"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """`tiny` 1.0 and `user` 1.0, which needs it, in an environment, and their wheels with a `tiny` 2.0 beside it."""
    folder = tmp_path_factory.mktemp("repairs")
    wheels = folder / "wheels"
    wheels.mkdir()
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "tiny", version, FILES)
    write_wheel(wheels, "user", "1.0", {"user.py": ""}, requires=("tiny",))
    write_wheel(wheels, "later", "1.0", {"later.py": ""}, requires=("user",))
    prefix = make_environment(folder / "env")
    with session(prefix, clean_world(folder / "home"), folder) as process:
        yield process


@pytest.fixture
def site(run: Session) -> Path:
    """Its site-packages, with both undamaged."""
    run.changed(f"{PI} --force-reinstall tiny==1.0 user")
    return environments.site_packages(run.prefix)


def without(*names: str) -> Callable[[Path], None]:
    """Files and folders that are not there."""

    def damage(site: Path) -> None:
        for name in names:
            (shutil.rmtree if (site / name).is_dir() else Path.unlink)(site / name)

    return damage


def write_anew(file: Path, content: bytes) -> None:
    """Give a file other content: written in place, it would change in uv's cache as well, by the hard link."""
    file.unlink()
    file.write_bytes(content)


def with_record(content: bytes) -> Callable[[Path], None]:
    def damage(site: Path) -> None:
        write_anew(site / "tiny-1.0.dist-info/RECORD", content)

    return damage


def with_metadata(text: str) -> Callable[[Path], None]:
    def damage(site: Path) -> None:
        write_anew(site / "tiny-1.0.dist-info/METADATA", text.encode())

    return damage


def a_folder_for_a_file(site: Path) -> None:
    (site / "tiny/a.py").unlink()
    (site / "tiny/a.py").mkdir()


def a_file_for_a_folder(site: Path) -> None:
    shutil.rmtree(site / "tiny/data")
    (site / "tiny/data").write_text("")


def links_to_nowhere(site: Path) -> None:
    """What `uv pip install --link-mode symlink` leaves when its cache is cleaned."""
    for name in ("__init__.py", "a.py"):
        (site / "tiny" / name).unlink()
        (site / "tiny" / name).symlink_to(site / "nowhere" / name)


def emptied(name: str) -> Callable[[Path], None]:
    """What a full disk, or a power that went, leaves of a file."""

    def empty(site: Path) -> None:
        write_anew(site / "tiny" / name, b"")

    return empty


def only_requested(site: Path) -> None:
    shutil.rmtree(site / "tiny-1.0.dist-info")
    (site / "tiny-1.0.dist-info").mkdir()
    (site / "tiny-1.0.dist-info/REQUESTED").touch()


DAMAGE = {
    "folder": without("tiny"),
    "init": without("tiny/__init__.py"),
    "module": without("tiny/a.py"),
    "native": without("tiny/native.abi3.so"),
    "data": without("tiny/data/text.txt"),
    "directory": a_folder_for_a_file,
    "file": a_file_for_a_folder,
    "links": links_to_nowhere,
    "empty init": emptied("__init__.py"),
    "empty module": emptied("a.py"),
    "empty native": emptied("native.abi3.so"),
    "no RECORD": without("tiny-1.0.dist-info/RECORD"),
    "empty RECORD": with_record(b""),
    "no text": with_record(b"\0\0"),
    "no METADATA": without("tiny-1.0.dist-info/METADATA"),
    "empty METADATA": with_metadata(""),
    "another's METADATA": with_metadata("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n"),
    "another version's METADATA": with_metadata("Metadata-Version: 2.1\nName: tiny\nVersion: 0.9\n"),
    "only REQUESTED": only_requested,
}


def is_whole(site: Path) -> bool:
    """As the standard library reads it: one `tiny` 1.0, whose files are all there."""
    found = [each for each in recorded(site) if each.metadata["Name"] == "tiny"]
    files = [file for each in found for file in files_of(each)]
    return [each.version for each in found] == ["1.0"] and len(files) > 4 and all(map(_is_full, files))


def _is_full(file: Path) -> bool:
    return file.is_file() and (file.suffix not in (".py", ".so") or file.stat().st_size > 0)


def brought(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["name"], each["kind"], each["new"]) for each in answer["plan"]["changes"]]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_brought_back(run: Session, site: Path, damage: Callable[[Path], None]) -> None:
    """In its own version, as it was asked for; the next time nothing is to be done. An undo damages it again."""
    assert is_whole(site)
    damage(site)
    assert not is_whole(site)
    before = snapshot(run.prefix)
    answer = run.changed(f"{PI} tiny")
    assert [(name, new) for name, _, new in brought(answer)] == [("tiny", "1.0")]
    assert answer["plan"]["findings"][0]["id"] == "files-gone"
    assert is_whole(site)
    assert run.changed(f"{PI} tiny")["plan"]["satisfied"] == ["tiny by tiny 1.0"]
    run.changed("undo")
    assert snapshot(run.prefix) == before


@pytest.mark.parametrize("line", ["install tiny", f"{PI} tiny"])
def test_what_excludes_this_python_is_installed_and_may_not_run(run: Session, site: Path, line: str) -> None:
    """As for pip, nothing is to be done; whether the installer was asked or not, what doesn't fit is told."""
    metadata = site / "tiny-1.0.dist-info/METADATA"
    assert run.changed(line)["plan"]["findings"] == []
    metadata.write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\nRequires-Python: <3\n\n")
    answer = run.changed(line)
    assert (answer["plan"]["changes"], answer["plan"]["satisfied"]) == ([], ["tiny by tiny 1.0"])
    (finding,) = answer["plan"]["findings"]
    assert finding["message"].startswith("`tiny` 1.0 requires Python <3, but this kernel runs 3.")
    assert finding["hint"] == (
        "`%safepip install --force-reinstall --no-deps tiny` installs the newest version for this Python, if there is one"
    )


@pytest.mark.parametrize("damage", ["folder", "data", "no RECORD", "only REQUESTED"])
@pytest.mark.parametrize("wanted", ["user", "later"])
def test_what_is_needed_and_damaged_is_brought_back(run: Session, site: Path, damage: str, wanted: str) -> None:
    """Whether what needs it is there already or comes now."""
    DAMAGE[damage](site)
    answer = run.changed(f"{PI} {wanted}")
    assert [name for name, _, _ in brought(answer)] == ["tiny"] if wanted == "user" else ["later", "tiny"]
    assert is_whole(site)
    assert (site / "tiny-1.0.dist-info/REQUESTED").exists()
    if wanted == "later":
        run.changed("uninstall later")


def test_what_cannot_be_brought_back_is_told(run: Session, site: Path, tmp_path: Path) -> None:
    """Asked for by name it is an error; needed by what was asked for, it does not keep that away."""
    shutil.rmtree(site / "tiny")
    write_wheel(tmp_path / "few", "alone", "1.0", {"alone.py": ""}, requires=("tiny",))
    few = f"--no-index --find-links {tmp_path}/few"
    error = str(run(f"install {few} tiny")["error"])
    assert "tiny==1.0" in error and error.splitlines()[1] == "  `tiny` 1.0: 4 of its 4 files are gone"
    answer = run.changed(f"install {few} alone")
    assert brought(answer) == [("alone", "added", "1.0")]
    (finding,) = [each for each in answer["plan"]["findings"] if each["id"] == "files-gone"]
    assert finding["message"] == "`tiny` 1.0 is needed and damaged: 4 of its 4 files are gone"
    hint = finding["hint"].strip("`").removeprefix("%safepip install")
    run.changed(f"{PI}{hint}")
    assert is_whole(site)
    run.changed("uninstall alone")


@pytest.mark.parametrize("line", ["uninstall tiny --allow-conflicts", f"{PI} tiny==2.0"])
@pytest.mark.parametrize("damage", ["no RECORD", "empty RECORD", "only REQUESTED"])
def test_the_way_out_of_a_missing_list_works(run: Session, site: Path, damage: str, line: str) -> None:
    """The hint of the refusal, pasted; and then the line itself."""
    DAMAGE[damage](site)
    error = run(line)["error"]
    hint = str(error).partition("hint: `%safepip install ")[2].partition("`")[0]
    assert hint == "--force-reinstall --no-deps tiny==1.0"
    run.changed(f"{PI} {hint}")
    run.changed(line)
    assert (site / "tiny").is_dir() is ("2.0" in line)


@pytest.mark.parametrize("line", ["uninstall old", f"{PI} old==2.0"])
def test_the_way_out_of_distutils_works(run: Session, site: Path, line: str) -> None:
    """pip: "It is a distutils installed project and thus we cannot accurately determine which files belong to it"."""
    wheels = site.parents[3] / "wheels"
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "old", version, {"old/a.py": ""})
    (site / "old-1.0-py3.11.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (site / "old").mkdir()
    (site / "old/__init__.py").write_text("")
    refusal = subprocess.run(
        [run.prefix / "bin/python", "-m", "pip", "uninstall", "--yes", "old"], capture_output=True, text=True
    )
    assert refusal.returncode == 1 and "distutils" in refusal.stderr
    error = str(run(line)["error"])
    assert error.splitlines()[0] == (
        "nothing was changed: `old-1.0-py3.11.egg-info` has no installed-files.txt, so its files can't be determined"
    )
    hint = error.partition("hint: `%safepip install ")[2].partition("`")[0]
    assert hint == "--force-reinstall --no-deps old==1.0"
    run.changed(f"{PI} {hint}")
    assert [each.name for each in site.glob("old-*")] == ["old-1.0.dist-info"]
    run.changed(line)
    run("uninstall old")
    assert not (site / "old").exists()


def test_scripts_bytecode_stubs_and_tests_are_no_reason(run: Session, site: Path) -> None:
    """They are taken away on purpose: by makers of small images, by a move to another folder."""
    wheels = site.parents[3] / "wheels"
    files = {
        "thin/a.pyi": "",
        "thin/tests/b.py": "",
        "thin/c/test/d.py": "",
        "thin-1.0.data/scripts/thin": "#!python\n",
    }
    write_wheel(wheels, "thin", "1.0", files)
    run.changed(f"{PI} thin")
    for name in ("thin/a.pyi", "thin/tests", "thin/c", "../../../bin/thin"):
        without(name)(site)
    assert run.changed(f"{PI} thin")["plan"]["satisfied"] == ["thin by thin 1.0"]
    run.changed("uninstall thin")


def pip(run: Session, *words: str) -> None:
    subprocess.run(
        [run.prefix / "bin/python", "-m", "pip", "--disable-pip-version-check", *words],
        cwd=environments.site_packages(run.prefix).parents[3],
        check=True,
        capture_output=True,
    )


def both_in_one_package(run: Session, site: Path) -> None:
    """`eye` and `eye_headless` with the same package in each, as the OpenCVs are: pip lets the last one win."""
    wheels = site.parents[3] / "wheels"
    write_wheel(wheels, "eye", "1.0", {"eyes/__init__.py": "who = 'eye'\n", "eyes/core.py": ""})
    write_wheel(wheels, "eye_headless", "1.0", {"eyes/__init__.py": "who = 'headless'\n", "eyes/extra.py": ""})
    pip(run, "install", "--no-index", "--find-links", "wheels", "eye", "eye_headless")


def test_a_package_that_another_took_along_comes_back(run: Session, site: Path) -> None:
    """pip removes one of two, and with it the `__init__.py` of both."""
    both_in_one_package(run, site)
    pip(run, "uninstall", "--yes", "eye")
    assert not (site / "eyes/__init__.py").exists()
    answer = run.changed(f"{PI} eye_headless")
    assert [name for name, _, _ in brought(answer)] == ["eye_headless"]
    assert (site / "eyes/__init__.py").read_text() == "who = 'headless'\n"
    assert "eyes" in answer["verdict"]["importable"]
    run.changed("uninstall eye_headless")


def test_the_line_that_keeps_one_of_two_owners_works(run: Session, site: Path) -> None:
    """As the finding of `%where` tells it."""
    both_in_one_package(run, site)
    run.changed("uninstall eye_headless")
    run.changed(f"{PI} --force-reinstall --no-deps eye")
    assert (site / "eyes/__init__.py").read_text() == "who = 'eye'\n"
    run.changed("uninstall eye")
    assert not (site / "eyes").exists()


@pytest.mark.parametrize("spelled", ["tiny-0.9.dist-info", "Tiny-0.9.dist-info", "tiny-0.9-py3.11.egg-info"])
@pytest.mark.parametrize("has_record", [True, False])
def test_of_two_records_the_true_one_counts(run: Session, site: Path, spelled: str, has_record: bool) -> None:
    """What a cut-off upgrade left beside it satisfies nothing, hinders nothing, and goes with the next change."""
    old = site / spelled
    old.mkdir()
    (old / ("METADATA" if "dist" in spelled else "PKG-INFO")).write_text(
        "Metadata-Version: 2.1\nName: tiny\nVersion: 0.9\n"
    )
    if has_record and "dist" in spelled:
        (old / "RECORD").write_text("tiny/before.py,,\n")
    elif has_record:
        (old / "installed-files.txt").write_text("../tiny/before.py\n")
    assert run.changed(f"{PI} tiny")["plan"]["satisfied"] == ["tiny by tiny 1.0"]
    assert brought(run.changed(f"{PI} tiny==2.0")) == [("tiny", "upgraded", "2.0")]
    assert [each.version for each in recorded(site, "tiny")] == ["2.0"]


def test_of_two_records_that_may_both_be_true_neither_is_believed(run: Session, site: Path) -> None:
    """Asked for, it is installed again, and there is one."""
    shutil.copytree(site / "tiny-1.0.dist-info", site / "TINY-1.0.dist-info")
    answer = run.changed(f"{PI} tiny")
    assert answer["plan"]["findings"][0]["message"] == "`tiny` 1.0 was damaged: it is recorded 2 times in one directory"
    assert is_whole(site)


def test_a_source_that_somebody_changed_is_left_as_it_is(run: Session, site: Path) -> None:
    """It is whole, and theirs."""
    write_anew(site / "tiny/__init__.py", b"print('mine')\n")
    assert run.changed(f"{PI} tiny")["plan"]["satisfied"] == ["tiny by tiny 1.0"]


@pytest.mark.parametrize("damage", ["folder", "native", "empty native", "no RECORD"])
@pytest.mark.parametrize("form", ["requirements.txt", "pylock.toml"])
def test_sync_brings_back_what_is_damaged(run: Session, site: Path, damage: str, form: str) -> None:
    """What the file names, and what that needs."""
    folder = site.parents[3]
    (folder / "requirements.txt").write_text("user\n")
    options = PI.removeprefix("install ")
    if form == "pylock.toml":
        assert run(f"lock {options}")["error"] is None
    DAMAGE[damage](site)
    before = snapshot(run.prefix)
    answer = run.changed(f"sync {form} {options} --dry-run")
    assert brought(answer) == [("tiny", "rebuilt", "1.0")]
    assert snapshot(run.prefix) == before
    assert brought(run.changed(f"sync {form} {options}")) == [("tiny", "rebuilt", "1.0")]
    assert is_whole(site)
    assert run.changed(f"sync {form} {options}")["plan"]["changes"] == []


def test_sync_brings_back_what_only_a_staged_requirement_needs(run: Session, site: Path) -> None:
    """uv's plan names no requirements: only the staged `later` says that it needs `user`, and so the damaged `tiny`."""
    (site.parents[3] / "requirements.txt").write_text("later\n")
    DAMAGE["folder"](site)
    answer = run.changed(f"sync requirements.txt --with uv {PI.removeprefix('install ')}")
    assert brought(answer) == [("later", "added", "1.0"), ("tiny", "rebuilt", "1.0")]
    assert is_whole(site)
    run.changed("uninstall later")


def test_an_editable_whose_folder_is_gone_is_not_installed(run: Session, site: Path, tmp_path: Path) -> None:
    """Asked for by name it comes from where the line says; what only needs it never replaces it by somebody else's."""
    source = project(tmp_path / "source", "linked", "1.0")
    wheels = site.parents[3] / "wheels"
    write_wheel(wheels, "linked", "1.0", {"linked.py": ""})
    write_wheel(wheels, "linker", "1.0", {"linker.py": ""}, requires=("linked",))
    run.changed(f"{PI} -e {source} linker --no-build-isolation")
    assert run.changed(f"{PI} linked linker")["plan"]["satisfied"] == ["linked by linked 1.0", "linker by linker 1.0"]
    pth = next(site.glob("*linked*.pth"))
    content = pth.read_text()
    pth.unlink()
    run.changed(f"{PI} linked --no-build-isolation")
    assert pth.read_text() == content  # editable, as it was
    source.rename(tmp_path / "moved")
    answer = run.changed(f"{PI} linker")
    assert answer["plan"]["changes"] == []
    (finding,) = answer["plan"]["findings"]
    why = f"it is installed from `{source}`, which does not exist"
    assert finding["message"] == f"`linked` 1.0 is needed and damaged: {why}"
    answer = run.changed(f"{PI} linked")
    assert [name for name, _, _ in brought(answer)] == ["linked"]
    assert f"`linked` 1.0 was damaged: {why}" in [each["message"] for each in answer["plan"]["findings"]]
    assert (site / "linked.py").is_file()
    run.changed("uninstall linked linker")
