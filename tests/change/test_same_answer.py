"""Where uv would answer otherwise than pip, pip is asked: each line is carried out, and compared with `--with pip`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import environments
from tests.faults.wheels import write_wheel

from .installers import local
from .sessions import Session, clean_world, make_environment, session, versions

pytestmark = pytest.mark.usefixtures("installer")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Session]:
    """A session beside the folder `wheels`."""
    wheels = tmp_path / "wheels"
    write_wheel(wheels, "upper", "1.0")
    write_wheel(wheels, "upper", "2.0", requires_python="<3.10")
    write_wheel(wheels, "needsupper", "1.0", requires=["upper"])
    write_wheel(wheels, "lib", "1.0")
    write_wheel(wheels, "lib", "2.0rc1")
    write_wheel(wheels, "needspre", "1.0", requires=["lib>=1.0rc1"])
    write_wheel(wheels, "needsfinal", "1.0", requires=["lib>=1.0rc1 ; python_version < '3'", "lib>=1.0"])
    for version, needed in (("1.0", "shared"), ("2.0", "shared<2")):
        write_wheel(wheels, "shared", version)
        write_wheel(wheels, "picky", version, requires=[needed])
    write_wheel(wheels, "asker", "1.0", requires=["picky"])
    write_wheel(wheels, "undeclared", "1.0", requires=["lib ; extra == 'x'"])
    write_wheel(wheels, "declared", "1.0", requires=["lib ; extra == 'x'\nProvides-Extra: x"])
    target = write_wheel(tmp_path / "apart", "direct", "3.0")
    write_wheel(wheels, "needsdirect", "1.0", requires=[f"direct @ {target.as_uri()}"])
    with session(make_environment(tmp_path / "env"), clean_world(tmp_path / "home"), tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("wanted", "reason", "expected"),
    [
        ("upper", "`upper` 2.0 requires Python <3.10, which uv does not check", {"upper": "1.0"}),
        (
            "needsupper",
            "`upper` 2.0 requires Python <3.10, which uv does not check",
            {"needsupper": "1.0", "upper": "1.0"},
        ),
        ("lib>=1.0rc1", "`lib>=1.0rc1` lets in pre-releases for pip, but not for uv", {"lib": "2.0rc1"}),
        (
            "needspre",
            "`needspre` requires `lib>=1.0rc1`, which lets in pre-releases for pip, but not for uv",
            {"lib": "2.0rc1", "needspre": "1.0"},
        ),
        ("needsfinal", "the fastest that gives the same answer", {"lib": "1.0", "needsfinal": "1.0"}),
        (
            "undeclared[x]",
            "`undeclared` 1.0 declares no extra `x`, so pip ignores it, and uv does not",
            {"undeclared": "1.0"},
        ),
        (
            "shared asker",
            "uv took `picky` 1.0 although 2.0 fits, where pip may decide otherwise",
            {"asker": "1.0", "picky": "2.0", "shared": "1.0"},
        ),
        (
            "asker shared<2",
            "the fastest that gives the same answer",
            {"asker": "1.0", "picky": "2.0", "shared": "1.0"},
        ),
        ("declared[x]", "the fastest that gives the same answer", {"declared": "1.0", "lib": "1.0"}),
        ("needsdirect", "uv could not resolve this", {"direct": "3.0", "needsdirect": "1.0"}),
    ],
)
def test_what_is_installed(run: Session, wanted: str, reason: str, expected: dict[str, str]) -> None:
    """It is what pip installs, and the answer says why it was pip, or uv after all."""
    line = f"--no-index -f wheels {wanted}"
    planned = run.changed(f"install --dry-run {line}")
    done = run.changed(f"install {line}")
    assert (done["plan"]["installer_reason"], versions(run.prefix)) == (reason, expected)
    run.changed("undo")
    assert versions(run.prefix) == {}
    by_pip = run.changed(f"install --with pip {line}")
    assert versions(run.prefix) == expected
    assert described(by_pip) == described(done) == described(planned)
    assert sorted(each.name for each in (run.prefix / ".safepip").iterdir()) == [
        ".gitignore",
        "lock",
        "tx-1",
        "tx-2",
        "tx-3",
    ]


@pytest.mark.parametrize("before", ["", "app==1.0 lib==1.0", "app==1.0 lib==2.0"])
@pytest.mark.parametrize(
    "line",
    [
        "--force-reinstall app",
        "--force-reinstall --no-deps app",
        "--force-reinstall -U app 'lib<2'",
        "--force-reinstall -U --upgrade-strategy eager app==1.0",
        "-c lt2.txt app",
        "-c lt2.txt -U app",
        "-c marked.txt -U app",
        "-c lt2.txt --force-reinstall app==1.0",
        "-c lt2.txt --no-deps app",
    ],
)
def test_what_uv_is_told_in_its_own_words(run: Session, tmp_path: Path, before: str, line: str) -> None:
    """Options and constraints that it can be given mean what they mean to pip, whatever is installed."""
    wheels = tmp_path / "own"
    for version in ("1.0", "2.0"):
        write_wheel(wheels, "lib", version)
        write_wheel(wheels, "app", version, requires=["lib"])
    (tmp_path / "lt2.txt").write_text("# none newer\nlib<2  # for app\nabsent==3\n")
    (tmp_path / "marked.txt").write_text("lib!=2.0 ; python_version >= '3'\napp<2 ; python_version < '3'\n")
    if before:
        run.changed(f"install --no-index -f own {before}")
    found = []
    for option, installer in (("auto", "uv"), ("pip", "pip")):
        done = run.changed(f"install --with {option} --no-index -f own {line}")
        found.append((described(done), versions(run.prefix)))
        assert done["plan"]["installer"] == installer
        if done["plan"]["changes"]:
            run.changed("undo")
    assert found[0] == found[1]


def described(done: dict[str, Any]) -> list[Any]:
    """The changes, without the sizes, which not each installer tells."""
    return sorted((each["name"], each["kind"], each["new"], each["asked_for"]) for each in done["plan"]["changes"])


def test_what_is_no_reason(run: Session, tmp_path: Path) -> None:
    """A bound for what is there already, and a description that only looks like a header."""
    fastest = "the fastest that gives the same answer"
    write_wheel(tmp_path / "wheels", "described", "1.0", requires=["lib\n\nRequires-Python: <3"])
    for wanted in ("described", "needspre"):
        done = run.changed(f"install --no-index -f wheels {wanted}")
        assert done["plan"]["installer_reason"] == fastest, wanted
    assert versions(run.prefix) == {"described": "1.0", "lib": "1.0", "needspre": "1.0"}


def test_what_is_synchronised(run: Session, tmp_path: Path) -> None:
    """The plan is made again there, too, and the staging of the first one is gone."""
    (tmp_path / "r.txt").write_text("needsupper\n")
    done = run.changed("sync --no-index -f wheels r.txt")
    assert done["plan"]["installer_reason"] == "`upper` 2.0 requires Python <3.10, which uv does not check"
    assert versions(run.prefix) == {"needsupper": "1.0", "upper": "1.0"}
    assert sorted(each.name for each in (run.prefix / ".safepip").iterdir()) == [".gitignore", "lock", "tx-1"]


def test_what_both_refuse_is_refused_in_pips_words(run: Session) -> None:
    """With uv's alone where it was asked for."""
    errors = [run(f"install {option} --no-index -f wheels upper==2.0")["error"] for option in ("", "--with pip")]
    assert errors[0] == errors[1]
    assert errors[0].startswith("nothing was changed: pip could not resolve this")
    assert run("install --with uv --no-index -f wheels upper==3.0")["error"].startswith(
        "nothing was changed: uv could not resolve this"
    )
    assert versions(run.prefix) == {}
    assert not (run.prefix / ".safepip").exists()


def test_a_folder_is_taken_as_it_is_now(run: Session, tmp_path: Path) -> None:
    """Also when it is installed already, and nothing that would tell of a change was changed."""
    project = local.project(tmp_path / "proj", "proj")
    run.changed("install ./proj")
    (project / "proj.py").write_text("edited = True\n")
    run.changed("install ./proj")
    assert (environments.site_packages(run.prefix) / "proj.py").read_text() == "edited = True\n"


def test_an_installed_egg_info_is_read_as_pip_does(run: Session, tmp_path: Path) -> None:
    """What setuptools installed without a wheel says what it requires in a file of its own."""
    old = environments.site_packages(run.prefix) / "old-1.0-py3.11.egg-info"
    old.mkdir()
    (old / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: old\nVersion: 1.0\n")
    (old / "requires.txt").write_text("lib\n")
    write_wheel(tmp_path / "wheels", "needsold", "1.0", requires=["old"])
    done = run.changed("install --no-index -f wheels needsold")
    assert done["plan"]["installer_reason"] == "uv reads `old-1.0-py3.11.egg-info` differently than pip"
    assert sorted(each["name"] for each in done["plan"]["changes"]) == ["lib", "needsold"]
    shutil.rmtree(old)
    (old.parent / "older-1.0-py3.11.egg").mkdir()
    reason = run.changed("install --no-index -f wheels upper==1.0")["plan"]["installer_reason"]
    assert reason == "uv reads `older-1.0-py3.11.egg` differently than pip"
