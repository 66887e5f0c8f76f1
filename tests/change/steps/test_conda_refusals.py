"""What conda owns in a real prefix is not overwritten, removed or hidden, whatever its metadata says, unless that is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import conda_prefix, environments
from tests.change.sessions import Session, clean_world, session
from tests.change.transaction.worlds import snapshot
from tests.faults.wheels import write_wheel

pytestmark = pytest.mark.usefixtures("installer")

SPECS = (
    "python",
    "pip",
    "six",
    "numpy <2.2",
    "plainmod",
    "eggy",
    "saidpip",
    "pytorch",
    "py-opencv",
    "libthing",
    "packaging",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A process in a prefix of its own; what a test changes, it takes back."""
    folder = tmp_path_factory.mktemp("conda")
    prefix = conda_prefix.prefix_in(folder / "env", *SPECS)
    with session(prefix, clean_world(folder / "home"), folder) as run:
        yield run


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


def refused(run: Session, line: str) -> dict[str, Any]:
    """What was said and started for a line that changes nothing."""
    before = snapshot(run.prefix)
    found = run(line)
    assert found["error"] is not None, f"{line} was carried out"
    assert snapshot(run.prefix) == before
    return found


def said(run: Session, line: str) -> str:
    """The message of a line that changes nothing, without the prefix's name."""
    return str(refused(run, line)["error"]).replace(str(run.prefix), "PREFIX")


BY_NAME = {
    "six==1.16.0": ("six", "conda installed `six` and", '`%safeconda install "six==1.16.0"`'),
    "eggy>1": ("eggy", "conda installed `eggy` and", '`%safeconda install "eggy>1"`'),
    "saidpip==2": ("saidpip", "conda installed `saidpip` and", '`%safeconda install "saidpip==2"`'),
    "torch>=2.2": (
        "torch",
        "conda installed `torch` as `pytorch` and",
        '`%safeconda install "pytorch>=2.2"`',
    ),
    "plainmod": ("plainmod", "conda installed `plainmod` and", "`%safeconda install plainmod`"),
    "opencv-python": (
        "opencv-python",
        "conda installed `opencv-python` as `py-opencv` and",
        "`%safeconda install py-opencv`",
    ),
    "-U numpy": ("numpy", "conda installed `numpy` and", "`%safeconda update numpy`"),
    "--force-reinstall six": ("six", "conda installed `six` and", "`%safeconda install six`"),
}


@pytest.mark.parametrize("line", BY_NAME)
def test_what_is_named_is_refused_before_anything_is_started(running: Session, line: str) -> None:
    """By conda's records alone: with INSTALLER pip, as an egg-info, without metadata, under another name."""
    _, message, hint = BY_NAME[line]
    for each in (f"install {line}", f"install --dry-run {line}"):
        found = refused(running, each)
        told = str(found["error"]).replace(str(running.prefix), "PREFIX").splitlines()
        assert told[0].startswith(f"nothing was changed: {message} would not know about the change")
        assert told[-1] == f"hint: {hint}, or allow it with `--allow-conda`"
        assert found["started"] == [], found


@pytest.mark.parametrize("name", ["six", "eggy", "saidpip", "torch"])
def test_nothing_of_condas_is_removed(running: Session, name: str) -> None:
    told = said(running, f"uninstall {name}").splitlines()
    assert told[0].endswith("would not know about the change")
    conda = {"torch": "pytorch"}.get(name, name)
    assert told[-1] == f"hint: `%safeconda remove {conda}`, or allow it with `--allow-conda`"


BY_FILES = {
    "a plain module": ({"plainmod.py": "x"}, "overwrite a file of `plainmod`"),
    "a package in front of a module": ({"plainmod/__init__.py": ""}, "hide a module of `plainmod`"),
    "an extension in front of a module": ({"eggy.abi3.so": ""}, "hide a module of `eggy`"),
    "a module beside a package": ({"cv2.py": ""}, "hide a module of `py-opencv`"),
    "a C library": ({"bad-1.0.data/data/lib/libthing.so.3": ""}, "overwrite a file of `libthing`"),
    "a link to it": ({"bad-1.0.data/data/lib/libthing.so": ""}, "overwrite a file of `libthing`"),
    "a program": ({"bad-1.0.data/scripts/thing": "#!python\n"}, "overwrite a file of `libthing`"),
    "an entry point": (
        {"bad-1.0.dist-info/entry_points.txt": "[console_scripts]\nthing = bad:main\n"},
        "overwrite a file of `libthing`",
    ),
    "a folder in the place of a file": ({"plainmod.py/__init__.py": ""}, "overwrite a file of `plainmod`"),
    "a file of a package": ({"cv2/__init__.py": ""}, "overwrite a file of `py-opencv`"),
}


@pytest.mark.parametrize("what", BY_FILES)
def test_what_a_wheel_has_is_refused_by_its_files(running: Session, wheels: Path, what: str) -> None:
    """Under a name that conda has never heard of; with the option, it is a warning."""
    files, does = BY_FILES[what]
    message = f"`bad` would {does}, which conda installed"
    write_wheel(wheels, "bad", "1.0", files)
    line = f"install --with uv --no-index -f {wheels} bad"
    for each in (f"{line} --dry-run", line):
        told = said(running, each).splitlines()
        assert told[0] == f"nothing was changed: {message}"
        assert told[-1] == "hint: `--allow-conda` allows it"
    before = snapshot(running.prefix)
    allowed = running.changed(f"{line} --allow-conda")["plan"]["findings"]
    assert f"{message}: allowed by `--allow-conda`" in [each["message"] for each in allowed]
    running.changed("undo")
    assert snapshot(running.prefix) == before


def test_what_is_not_condas_goes_as_ever(running: Session, wheels: Path) -> None:
    """New files beside conda's, a portion of a namespace, a project called like a C library of conda's."""
    write_wheel(wheels, "libthing", "1.0")
    write_wheel(
        wheels, "newcomer", "1.0", {"cv2_more/x.py": "", "plainmodule.py": "", "bin-1.0.data/data/lib/other.so": ""}
    )
    before = snapshot(running.prefix)
    done = running.changed(f"install --with uv --no-index -f {wheels} libthing newcomer")
    assert done["plan"]["findings"] == []
    running.changed("install --dry-run six")
    assert running.changed("install six numpy")["plan"]["changes"] == []
    running.changed("uninstall libthing")
    running.changed("uninstall newcomer")
    assert snapshot(running.prefix) == before


def test_a_dependency_is_refused_once_it_is_known(running: Session, wheels: Path) -> None:
    """It stands in no request, so that the plan has to show it."""
    write_wheel(wheels, "needy", "1.0", requires=["six>=2"])
    write_wheel(wheels, "six", "2.0")
    told = said(running, f"install --with uv --no-index -f {wheels} needy")
    assert told.startswith("nothing was changed: conda installed `six` and would not know about the change")


def test_what_a_file_names_is_refused_as_early(running: Session, tmp_path: Path) -> None:
    """A requirement of a file is a requirement; with a marker that doesn't hold here it is none."""
    (tmp_path / "wanted.txt").write_text("six==1.0\ntorch==9; python_version < '3'\n")
    found = refused(running, f"install -r {tmp_path}/wanted.txt")
    assert str(found["error"]).startswith(
        "nothing was changed: conda installed `six` and would not know about the change"
    )
    assert found["started"] == []


def test_a_sync_leaves_condas_packages(running: Session, wheels: Path, tmp_path: Path) -> None:
    """It removes what it doesn't name of pip's alone."""
    for name in ("wanted", "surplus"):
        write_wheel(wheels, name, "1.0")
    line = f"--with uv --no-index -f {wheels}"
    before = snapshot(running.prefix)
    running.changed(f"install {line} surplus")
    (tmp_path / "wanted.txt").write_text(f"--no-index\n-f {wheels}\nwanted\n")
    done = running.changed(f"sync {tmp_path}/wanted.txt")
    assert [(each["name"], each["kind"]) for each in done["plan"]["changes"]] == [
        ("wanted", "added"),
        ("surplus", "removed"),
    ]
    running.changed("undo")
    running.changed("undo")
    assert snapshot(running.prefix) == before


def test_what_was_put_over_condas_is_told_as_such(running: Session, wheels: Path) -> None:
    """Neither its upgrade nor its removal goes without a word: conda's record lists the files."""
    write_wheel(wheels, "saidpip", "2.0")
    write_wheel(wheels, "saidpip", "3.0")
    before = snapshot(running.prefix)
    line = f"install --with uv --no-index -f {wheels}"
    running.changed(f"{line} --allow-conda saidpip==2.0")
    told = said(running, "uninstall saidpip")
    assert told.startswith(
        "nothing was changed: `saidpip` was installed over conda's saidpip 1.0, which lists files that would change"
    )
    assert told.endswith(
        "hint: `--allow-conda` allows it; `%safeconda install --force-reinstall saidpip` gives it back to conda"
    )
    assert "was installed over conda's" in said(running, f"{line} saidpip==3.0")
    running.changed("undo")
    assert snapshot(running.prefix) == before


def test_a_copy_in_the_user_site_hides_nothing_from_us(tmp_path: Path, wheels: Path) -> None:
    """The effective `six` is pip's, in the user's site: an install into the environment would replace conda's all the same."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "pip", "six", "plainmod")
    minor = environments.site_packages(prefix).parent.name
    user = tmp_path / "home" / ".local" / "lib" / minor / "site-packages"
    write_wheel(wheels, "six", "9.0")
    write_wheel(wheels, "hiding", "1.0", {"plainmod.py": ""})
    environments.call(
        environments.uv(), "pip", "install", "-q", "--no-config", "--no-index", "-f", wheels, "--target", user, "six"
    )
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        told = said(run, f"install --with uv --no-index -f {wheels} six==8.0")
        assert told.startswith("nothing was changed: conda installed `six` and would not know about the change")
        line = f"install --user --with pip --no-index -f {wheels}"
        assert said(run, f"{line} six==9.0 --force-reinstall").startswith(
            "nothing was changed: conda installed `six` and"
        )
        told = said(run, f"{line} hiding")
        assert told.startswith(
            "nothing was changed: `hiding` would hide a module of `plainmod`, which conda installed\n"
        )


def test_a_record_that_cannot_be_read_still_protects(tmp_path: Path) -> None:
    """By its name; the message says that it can't be read."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "pip", "saidpip")
    (record,) = (prefix / "conda-meta").glob("saidpip-*.json")
    record.write_bytes(b"")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        told = said(run, "uninstall saidpip")
    assert told.startswith("nothing was changed: conda installed `saidpip` and would not know about the change")
    assert "conda's record of it can't be read" in told


def marked(folder: Path, **files: str) -> Path:
    """A small prefix with these files in its `conda-meta`."""
    prefix = conda_prefix.prefix_in(folder / "env", "python", "pip")
    for name, content in files.items():
        (prefix / "conda-meta" / name).write_text(content)
    return prefix


def test_a_frozen_environment(tmp_path: Path, wheels: Path) -> None:
    """Every command that changes it is refused with the reason that its maker gave, unless that is allowed."""
    prefix = marked(tmp_path, frozen='{"message": "built by the image; ask the admins"}')
    write_wheel(wheels, "fine", "1.0")
    (tmp_path / "wanted.txt").write_text("fine\n")
    line = f"install --with uv --no-index -f {wheels} fine"
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        for each in (line, f"{line} --dry-run", f"{line} --allow-conda", "uninstall pip", "sync wanted.txt"):
            told = said(run, each)
            assert told.startswith(
                "nothing was changed: this environment is frozen: whoever made it wants no changes\n"
            ), each
            assert "built by the image; ask the admins" in told
            assert told.endswith("or allow it with `--allow-frozen`")
        assert run.changed("install pip")["plan"]["changes"] == [], "what is there is there"
        run.changed(f"{line} --allow-frozen")
        assert said(run, "undo").startswith("nothing was changed: this environment is frozen")
        run.changed("undo --allow-frozen")


def test_an_environment_of_pixi(tmp_path: Path, wheels: Path) -> None:
    """The line is pixi's, with its manifest, for what was asked."""
    manifest = {"manifest_path": "/work place/pixi.toml", "environment_name": "default"}
    prefix = marked(tmp_path, pixi=json.dumps(manifest))
    write_wheel(wheels, "fine", "1.0")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        told = said(run, "install fine>=1 other[x]")
        assert told.startswith(
            "nothing was changed: pixi manages this environment, and would not know about the change\n"
        )
        line = """pixi add --pypi --manifest-path '/work place/pixi.toml' "fine>=1" "other[x]\""""
        assert told.endswith(f"hint: `{line}` installs it; or allow it with `--allow-conda`")
        assert "`pixi remove --pypi --manifest-path '/work place/pixi.toml' pip` removes it" in said(
            run, "uninstall pip"
        )
        run.changed(f"install --with uv --no-index -f {wheels} fine --allow-conda")
        (prefix / "conda-meta" / "pixi").write_text(json.dumps({**manifest, "environment_name": "test"}))
        assert "installs it, with `--feature` for one of the environment `test`; or" in said(run, "install other")
        (prefix / "conda-meta" / "pixi").write_text("")
        assert "`pixi add --pypi other` installs it; or" in said(run, "install other")
