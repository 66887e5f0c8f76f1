"""Which version a uv is, and that one which is too old is refused before anything else."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from ipython_where.change.installers.uv import LEAST
from ipython_where.change.installers.uv_version import numbers, version_of
from tests import environments
from tests.change.sessions import clean_world, make_environment, session


def scripted(path: Path, *lines: str) -> Path:
    """A uv that is a script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def version(path: Path, **environ: str) -> str | None:
    return version_of(str(path), environ={"PATH": "/usr/bin:/bin", **environ}, cwd="/")


def test_what_brought_it_has_recorded_it() -> None:
    """It is not started for that; nor where a link leads to it."""
    (metadata,) = environments.site_packages(Path(environments.uv()).parent.parent).glob("uv-*.dist-info")
    assert version(Path(environments.uv())) == metadata.name.removesuffix(".dist-info").removeprefix("uv-")


@pytest.mark.usefixtures("installer")
def test_another_program_in_its_place_is_asked(tmp_path: Path) -> None:
    """A record tells nothing of it: not of one with another size."""
    program = scripted(tmp_path / "bin" / "uv", "echo 'uv 0.9.1 (abc 2025-01-01)'")
    metadata = tmp_path / "lib" / "python3.12" / "site-packages" / "uv-0.13.0.dist-info"
    metadata.mkdir(parents=True)
    record = metadata / "RECORD"
    record.write_text(f"../../../bin/uv,sha256=x,{program.stat().st_size + 1}\n")
    assert version(program) == "0.9.1"
    record.write_text(f"../../../bin/uv,sha256=x,{program.stat().st_size}\n")
    assert version(program) == "0.13.0"


@pytest.mark.usefixtures("installer")
def test_a_script_may_choose_each_time(tmp_path: Path) -> None:
    """By a variable, for one."""
    program = scripted(tmp_path / "uv", 'echo "uv $CHOSEN"')
    assert [version(program, CHOSEN=each) for each in ("0.12.1", "0.13.2")] == ["0.12.1", "0.13.2"]


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize("lines", [("exit 1",), ("echo nothing",)])
def test_one_that_says_nothing_has_no_version(tmp_path: Path, lines: tuple[str, ...]) -> None:
    """Nor has one that is not there."""
    assert version(scripted(tmp_path / "uv", *lines)) is None
    assert version(tmp_path / "none") is None


@pytest.mark.parametrize(("text", "found"), [("0.13.9", (0, 13)), ("1.0a1", (1, 0)), ("dev", None), (None, None)])
def test_versions_are_compared_by_two_numbers(text: str | None, found: tuple[int, int] | None) -> None:
    """What has none is not compared."""
    assert numbers(text) == found


def test_the_oldest_is_the_one_that_this_package_requires() -> None:
    """A newer one comes along."""
    project = (environments.ROOT / "pyproject.toml").read_text()
    assert set(re.findall(r"\buv>=(\d+\.\d+)", project)) == {".".join(map(str, LEAST))}


@pytest.mark.usefixtures("installer")
def test_one_that_is_too_old_is_refused_before_anything_else(tmp_path: Path) -> None:
    """Whatever it would have been asked for a change. Where nobody asked for it, pip installs."""
    prefix = make_environment(tmp_path / "env")
    older = scripted(prefix / "bin" / "uv.new", "[ $1 = --version ] || exit 7", "echo 'uv 0.8.24'")
    shutil.move(older, prefix / "bin" / "uv")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        for line in ("install", "install --dry-run", "sync wanted.txt", "sync --dry-run pylock.toml"):
            (tmp_path / "wanted.txt").write_text("nothing\n")
            (tmp_path / "pylock.toml").write_text('lock-version = "1.0"\ncreated-by = "x"\npackages = []\n')
            done = run(f"{line} --with uv {'' if 'sync' in line else 'nothing'}")
            assert done["error"] == (
                f"`{prefix}/bin/uv` is uv 0.8.24, older than 0.9, so it cannot be used here\n\n"
                "hint: leave out `--with uv`; `uv self update` or `%safepip install --with pip -U uv` brings a newer one"
            ), line
            assert [argv[1:] for argv in done["started"]] == [["--version"]]
        empty = tmp_path / "wheels"
        empty.mkdir()
        done = run(f"install --no-index --find-links {empty} nothing")
        assert done["error"].startswith("nothing was changed: pip could not resolve this")
        assert os.listdir(empty) == []
