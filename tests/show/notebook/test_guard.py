"""The guard in a real IPython shell: it is asked for shell commands alone, and changes nothing that it lets through."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from ipython_where import magics
from ipython_where.errors import BlockedError
from ipython_where.judge.commands import judgement
from ipython_where.magics import Guard
from tests.environments import kept


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell with the extension, in whose PATH another environment's pip comes first."""
    monkeypatch.setenv("PATH", f"{kept('pip-venv', maker='venv')}/bin{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell.instance()
    shell.reset()
    shell.run_line_magic("load_ext", "ipython_where")
    yield shell
    shell.run_line_magic("config", "PipGuard.mode = 'warn'")
    shell.run_line_magic("unload_ext", "ipython_where")


def ran(shell: InteractiveShell, cell: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What a cell that must succeed leaves on both streams."""
    shell.run_cell(cell, store_history=True).raise_error()
    captured = capsys.readouterr()
    return captured.out, captured.err


def mode(shell: InteractiveShell, mode: str) -> None:
    shell.run_line_magic("config", f"PipGuard.mode = {mode!r}")


def warning(shell: InteractiveShell, line: str) -> str:
    return f"`{line}` would install into a different environment than this kernel's\n"


def test_every_manager_that_is_judged_is_looked_for() -> None:
    """The guard's own list is short, so that nothing has to be imported for it; it must leave none out."""
    assert [tool for tool in judgement.WORDS if not any(word in tool for word in magics.WORDS)] == []


def test_it_is_put_there_once_and_taken_away(shell: InteractiveShell) -> None:
    assert isinstance(shell.var_expand, Guard)
    shell.run_line_magic("reload_ext", "ipython_where")
    assert isinstance(shell.var_expand, Guard) and not isinstance(shell.var_expand.expand, Guard)
    shell.run_line_magic("unload_ext", "ipython_where")
    assert "var_expand" not in vars(shell)


def test_what_stood_there_before_comes_back() -> None:
    shell = InteractiveShell.instance()
    mine: Any = shell.var_expand
    own = lambda cmd, depth=0: mine(cmd, depth + 1)  # noqa: E731 - somebody's own function
    vars(shell)["var_expand"] = own
    shell.run_line_magic("load_ext", "ipython_where")
    shell.run_line_magic("unload_ext", "ipython_where")
    assert shell.var_expand is own
    del shell.var_expand


@pytest.mark.usefixtures("shells")
def test_the_values_are_those_of_the_caller(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.user_ns["inner"] = "global"
    cell = "def f():\n    inner, depth, text = 'local', 'd', 't'\n    !echo {inner} $depth {text}\nf()\n!echo {inner}"
    assert ran(shell, cell, capsys)[0].split() == ["local", "d", "t", "global"]


@pytest.mark.usefixtures("shells")
def test_a_warning_comes_before_the_command_which_runs_as_written(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = ran(shell, "x = !pip install --no-index no-such-thing\nprint(x[-1])", capsys)
    assert err.startswith(warning(shell, "pip install --no-index no-such-thing"))
    assert "No matching distribution found for no-such-thing" in out


@pytest.mark.usefixtures("shells")
def test_it_is_said_once_in_a_cell_for_a_line_in_a_loop(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = "for each in ('a', 'b', 'c'):\n    x = !pip install --no-index no-{each}"
    assert ran(shell, cell, capsys)[1].count("would install") == 1
    assert ran(shell, cell, capsys)[1].count("would install") == 1


@pytest.mark.usefixtures("shells")
def test_a_script_magic_is_looked_into(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    cell = "%%bash\ncd /\npip install --no-index no-such-thing 2> /dev/null || true"
    assert warning(shell, "pip install --no-index no-such-thing 2> /dev/null") in ran(shell, cell, capsys)[1]
    assert ran(shell, "%%script python3\nprint('pip install x')", capsys) == ("pip install x\n", "")


@pytest.mark.usefixtures("shells")
@pytest.mark.parametrize("line", ["script env bash", "script env -u X nice sh -e", "bash -o pipefail", "bash --norc"])
def test_a_shell_behind_another_program_or_other_options_is_looked_into(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    install = "pip install --no-index no-such-thing 2> /dev/null"
    assert warning(shell, install) in ran(shell, f"%%{line}\ncd /\n{install} || echo END", capsys)[1]


@pytest.mark.usefixtures("shells")
@pytest.mark.parametrize(("cell", "fed"), [("", ""), ("nothing of this", " <<'END' nothing of this END")])
def test_a_manager_that_the_line_of_a_script_magic_names_is_seen(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, fed: str
) -> None:
    """Though the cell is blank, or says nothing of it."""
    line = "pip install --no-index no-such-thing"
    assert warning(shell, line + fed) in ran(shell, f"%%script --no-raise-error {line}\n{cell}\n", capsys)[1]


@pytest.mark.usefixtures("shells")
def test_nothing_is_said_of_what_is_right_or_reads_only(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = "import sys\nx = !{sys.executable} -m pip install --no-index no-such\ny = !pip --version\nz = !echo pip install x"
    assert ran(shell, cell, capsys) == ("", "")


def test_block_does_not_run_it(shell: InteractiveShell, tmp_path: Path) -> None:
    mode(shell, "block")
    done = shell.run_cell("x = !touch ran; pip install no-such-thing", store_history=True)
    assert isinstance(done.error_in_exec, BlockedError)
    assert done.error_in_exec.message.startswith("not run: `pip install no-such-thing` would install into")
    assert not (tmp_path / "ran").exists()


@pytest.mark.usefixtures("shells")
def test_off_is_off(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    mode(shell, "off")
    assert ran(shell, "x = !pip install --no-index no-such-thing", capsys) == ("", "")


def test_a_mode_that_there_is_not_is_refused(shell: InteractiveShell, caplog: pytest.LogCaptureFixture) -> None:
    shell.run_line_magic("config", "PipGuard.mode = 'loud'")
    assert "expected any of ['warn', 'redirect', 'block', 'off'], not the str 'loud'" in caplog.text
    assert [getattr(each, "mode", None) for each in shell.configurables if each.__class__.__name__ == "PipGuard"] == [
        "warn"
    ]


@pytest.mark.usefixtures("shells")
def test_a_failure_of_its_own_is_a_line_and_the_command_runs(
    shell: InteractiveShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a working directory that is gone, much of what it asks has no answer."""
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    out, err = ran(shell, "x = !echo pip install y\nprint(x[-1])", capsys)
    os.chdir(tmp_path)
    assert out.endswith("pip install y\n")
    assert len(err.splitlines()) <= 1


@pytest.mark.usefixtures("shells")
def test_ipythons_own_note_does_not_follow(shell: InteractiveShell) -> None:
    """Terminal IPython's `!` says the same of every `!pip`; where nothing else is said, it stays, and no filter is left."""
    notes = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        for command in ("pip install -q --no-index pip", "pip --version", "pip install -q --no-index pip"):
            shell.run_cell(f"get_ipython().system_raw({command!r})").raise_error()
            notes.append([str(each.message)[:35] for each in caught])
            caught.clear()
        shell.run_line_magic("unload_ext", "ipython_where")
        assert list(warnings.filters) == before
    assert notes == [[], ["You executed the system command !pi"], []]
