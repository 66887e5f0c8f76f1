"""What the judgement of commands is told of real files; what a real Python says is the measure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ipython_where.facts.shell.shell import find_shell, read_state
from ipython_where.facts.shell.shell_reader import ShellReader
from ipython_where.facts.shell.shell_state import ShellState
from tests.environments import kept, site_packages

from .shells import BASH, DASH, no_run, shell_environ


def reader(program: str = BASH) -> ShellReader:
    environ = shell_environ("/usr/bin:/bin", SHELL=program)
    state = read_state(find_shell(environ, "/"), environ, "/", no_run)
    assert isinstance(state, ShellState)
    return ShellReader(state=state, platform="linux")


def test_the_kind_of_a_shell_and_of_one_that_is_started_from_it() -> None:
    assert reader().kind == "bash"
    inner = reader().of_shell(DASH, {"PATH": "/usr/bin"}, "/")
    assert inner is not None and inner.kind == "dash"
    assert reader().of_shell("no-such-shell", {"PATH": "/usr/bin"}, "/") is None


@pytest.mark.usefixtures("shells")
def test_patterns_mean_what_the_shell_makes_of_them(tmp_path: Path) -> None:
    for name in ("sixe", "six", "sixa", ".sixe"):
        (tmp_path / name).touch()
    for pattern in ("six[extra]", "s*", "*[!e]", "[^s]*", "six?", "nothing*", f"{tmp_path}/six?"):
        printed = subprocess.run(
            [BASH, "-c", f"printf '%s\\n' {pattern}"], cwd=tmp_path, capture_output=True, text=True
        )
        found = reader().glob(pattern, str(tmp_path))
        assert sorted(found) == ([] if printed.stdout.split() == [pattern] else printed.stdout.split()), pattern


def imports(prefix: Path, module: str, cwd: Path | None, **environ: str) -> bool | None:
    python = reader().reach(f"{prefix}/bin/python", {"PATH": ""}, "/").interpreter
    assert python is not None
    return reader().imports(module, python, environ, None if cwd is None else str(cwd))


def really(prefix: Path, module: str, cwd: Path) -> str:
    """The file that ``python -m`` would run, empty where it finds none."""
    code = (
        f"import importlib.util as u, os; s = u.find_spec({module!r}); print(os.path.realpath(s.origin) if s else '')"
    )
    environ = {"PATH": "/usr/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    told = subprocess.run([f"{prefix}/bin/python", "-c", code], cwd=cwd, env=environ, capture_output=True, text=True)
    return told.stdout.strip()


def test_whether_a_python_has_a_module_of_its_own(tmp_path: Path) -> None:
    with_pip, without = kept("pip-venv", maker="venv"), kept("empty")
    assert imports(with_pip, "pip", tmp_path) is True
    assert really(with_pip, "pip", tmp_path).startswith(str(site_packages(with_pip).resolve()))
    assert imports(without, "pip", tmp_path) is False
    assert really(without, "pip", tmp_path) == ""


def test_a_file_of_the_working_directory_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "pip.py").touch()
    prefix = kept("pip-venv", maker="venv")
    assert really(prefix, "pip", tmp_path) == os.path.realpath(tmp_path / "pip.py")
    assert imports(prefix, "pip", tmp_path) is None
    assert imports(prefix, "pip", None) is True
    assert imports(prefix, "pip", None, PYTHONPATH=str(tmp_path)) is None


def test_settings_that_divert_are_read_for_that_installer(tmp_path: Path) -> None:
    prefix = str(kept("empty"))
    told = reader().settings(
        "pip", {"PIP_TARGET": "x", "PIP_CONFIG_FILE": os.devnull, "HOME": "/"}, str(tmp_path), prefix
    )
    assert [(each.name, each.diverts) for each in told if each.diverts] == [("PIP_TARGET", True)]
    told = reader().settings("uv", {"PIP_TARGET": "x", "HOME": "/nonexistent"}, str(tmp_path), prefix)
    assert [each for each in told if each.diverts] == []
