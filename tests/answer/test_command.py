"""Where a command line would install, asked of real shells and real environments; nothing is run to find out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.command import judge_command
from ipython_where.answer.world import World
from ipython_where.change.request.request import is_accepted
from ipython_where.runner import Completed, never
from tests.environments import kept
from tests.facts.shell.shells import BASH, DASH, script


def world(path: str, cwd: Path, **more: str) -> World:
    """This process, with a PATH and a working directory of its own."""
    current = World.here()
    environ = {"PATH": path, "SHELL": BASH, "HOME": str(cwd), "PIP_CONFIG_FILE": os.devnull, **more}
    return replace(current, environ=environ, system=replace(current.system, cwd=str(cwd)))


@pytest.fixture
def other() -> Path:
    return kept("pip-venv", maker="venv")


def test_another_environment_on_path(other: Path, tmp_path: Path) -> None:
    answer = judge_command("pip install pandas", world(f"{other}/bin", tmp_path), run=never, accepts=is_accepted)
    (found,) = answer.invocations
    assert found.target and (found.target.prefix, found.same_environment) == (str(other), False)
    assert answer.safepip == (("install", "pandas"),)
    assert [each.id for each in answer.findings] == ["other-environment"]


def test_a_line_is_proposed_where_safepip_takes_it(other: Path, tmp_path: Path) -> None:
    there = world(f"{other}/bin", tmp_path)
    answer = judge_command("pip install --target x pandas", there, run=never, accepts=is_accepted)
    assert [each.action for each in answer.invocations] == ["install"]
    assert answer.safepip == ()
    assert judge_command("pip install pandas", there, run=never).safepip == ()


def test_several_lines_are_proposed_where_one_install_follows_another(other: Path, tmp_path: Path) -> None:
    there = world(f"{other}/bin", tmp_path)
    line = "pip -q install pandas && pip install six | tail -n 1 || true"
    answer = judge_command(line, there, run=never, accepts=is_accepted)
    assert answer.safepip == (("install", "-q", "pandas"), ("install", "six"))
    assert [(each["tool"], each["same_environment"], each["runs"]) for each in answer.to_dict()] == [
        ("pip", False, True),
        ("pip", False, None),
    ]
    assert judge_command("pip install six && pip install -t x y", there, run=never, accepts=is_accepted).safepip == ()


def test_this_interpreter_is_right_as_it_stands(tmp_path: Path) -> None:
    answer = judge_command(f"'{sys.executable}' -m pip install pandas", world("/nowhere", tmp_path), run=never)
    assert [each.same_environment for each in answer.invocations] == [True]
    assert answer.findings == ()


def test_a_variable_that_diverts_pip_is_seen(tmp_path: Path) -> None:
    there = world("/nowhere", tmp_path, PIP_TARGET="vendored")
    (found,) = judge_command(f"{sys.executable} -m pip install pandas", there, run=never).invocations
    assert found.target and found.target.directory == str(tmp_path / "vendored")
    assert (found.same_environment, found.reason) == (False, "`PIP_TARGET`")


@pytest.mark.usefixtures("shells")
def test_a_wrapper_of_ones_own_is_unknown_unless_it_may_be_run(other: Path, tmp_path: Path) -> None:
    pip = script(tmp_path / "bin" / "pip", "#!/bin/sh", f'exec {other}/bin/python -m pip "$@"')
    (tmp_path / "here").mkdir()
    there = world(str(pip.parent), tmp_path / "here")
    assert judge_command("pip install x", there, run=never).invocations[0].same_environment is None
    assert judge_command("pip install x", there).invocations[0].same_environment is False


def test_the_shell_that_reads_it_decides_what_it_means(other: Path, tmp_path: Path) -> None:
    """dash knows no `source`, so what `&&` joins to it is not run."""
    text, there = f"source {other}/bin/activate && pip install x", world("/usr/bin:/bin", tmp_path)
    assert [each.runs for each in judge_command(text, there, program=BASH, run=never).invocations] == [True]
    assert [each.runs for each in judge_command(text, there, program=DASH, run=never).invocations] == [False]


@pytest.mark.parametrize("mode", ["by its name", "by a variable"])
@pytest.mark.usefixtures("shells")
def test_a_bash_in_its_posix_mode_has_other_rules(other: Path, tmp_path: Path, mode: str) -> None:
    """There an assignment outlasts a special builtin: what the shell itself says is the measure."""
    (tmp_path / "sh").symlink_to(BASH)
    program, more = (str(tmp_path / "sh"), {}) if mode == "by its name" else (BASH, {"POSIXLY_CORRECT": "1"})
    text, path = f"PATH={other}/bin : ; pip install x", "/usr/bin:/bin"
    told = subprocess.run(
        [program, "-c", f"PATH={other}/bin : ; echo $PATH"], env={"PATH": path, **more}, capture_output=True, text=True
    )
    assert told.stdout.strip() == f"{other}/bin"
    found = judge_command(text, world(path, tmp_path, **more), program=program, run=never).invocations
    assert [each.same_environment for each in found] == [None]
    assert all(each.target is None for each in found)


def test_an_archive_or_a_folder_that_a_python_is_given(tmp_path: Path) -> None:
    """A folder's own code is read, an archive is not looked into: whatever may install is unknown, not nothing."""
    code = "import runpy\nrunpy.run_module('pip', run_name='__main__')\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(code)
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "__main__.py").write_text("print(1)\n")
    with zipfile.ZipFile(tmp_path / "tool.pyz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__main__.py", code)
    (tmp_path / "run.pyz").write_bytes(b"#!/usr/bin/env python3\n" + (tmp_path / "tool.pyz").read_bytes())
    (tmp_path / "large.py").write_bytes(b"#" * 300_000)
    (tmp_path / "train.py").write_text("import numpy\n")

    def actions(script: str) -> list[str]:
        answer = judge_command(f"{sys.executable} {script} install six", world("/usr/bin", tmp_path), run=never)
        return [each.action for each in answer.invocations]

    assert [actions(name) for name in ("app", "tool.pyz", "run.pyz", "large.py")] == [["unknown"]] * 4
    assert [actions(name) for name in ("calm", "train.py", "none.pyz")] == [[], [], []]


def test_what_is_not_understood_is_unknown(tmp_path: Path) -> None:
    (found,) = judge_command('pip install "x', world("/usr/bin", tmp_path), run=never).invocations
    assert (found.tool, found.action, found.same_environment) == ("pip", "unknown", None)
    assert judge_command('echo "x', world("/usr/bin", tmp_path), run=never).invocations == ()


def test_a_shell_with_a_grammar_of_its_own(other: Path, tmp_path: Path) -> None:
    """Only a plain line reads the same everywhere. The shell is asked for its variables, which its files may set."""

    def tell(argv: Sequence[str], *, env: Mapping[str, str], cwd: str, timeout: float) -> Completed:
        return Completed(argv=tuple(argv), returncode=0, stdout=f"\0PATH={other}/bin\0", stderr="")

    fish = tmp_path / "fish"
    shutil.copy(DASH, fish)
    (tmp_path / "here").mkdir()
    there = replace(world("/usr/bin", tmp_path / "here", SHELL=str(fish)), run=tell)
    assert judge_command("pip install x", there, run=never).invocations[0].same_environment is False
    assert judge_command("pip install x; and true", there, run=never).invocations[0].same_environment is None


def test_without_a_shell_nothing_is_known(tmp_path: Path) -> None:
    (found,) = judge_command("pip install x", world("/usr/bin", tmp_path, SHELL="/no/shell"), run=never).invocations
    assert (found.same_environment, found.reason) == (None, "`!` cannot run: the shell `/no/shell` is missing")
