"""What is said of a command equals what the shell, given the command, then really does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from ipython_where.facts.shell.shell import find_shell, read_shell
from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Shell, ShellCommand
from ipython_where.runner import run
from tests.environments import base_python, call, kept, make_in, uv

from .shells import (
    BASH,
    DASH,
    SYSTEM_PATH,
    assert_pip_is_as_told,
    no_run,
    really,
    script,
    shell_environ,
    told,
    who_runs,
    with_pip,
)

# -- pip and python ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shells")
def test_the_pip_of_an_environment(tmp_path: Path) -> None:
    environ = shell_environ(f"{with_pip()}/bin:{SYSTEM_PATH}")
    for name in ("pip", "pip3", str(with_pip() / "bin" / "pip")):
        reached = assert_pip_is_as_told(name, environ, tmp_path)
        assert reached.prefix == str(with_pip())
        assert reached.evidence == f"shebang of {reached.path}"
    assert f" from {with_pip()}/lib/" in really("pip --version", environ, tmp_path)


@pytest.mark.usefixtures("shells")
def test_the_pip_of_a_virtualenv(tmp_path: Path) -> None:
    prefix = kept("pip-virtualenv", maker="virtualenv")
    assert assert_pip_is_as_told("pip", shell_environ(f"{prefix}/bin:{SYSTEM_PATH}"), tmp_path).prefix == str(prefix)


@pytest.mark.parametrize("folder", ["a b", "long" * 35, "it's"])
@pytest.mark.usefixtures("shells")
def test_the_pip_of_an_environment_whose_path_fits_no_shebang(tmp_path: Path, folder: str) -> None:
    prefix = make_in(tmp_path / folder, ["pip"], python=base_python())
    assert assert_pip_is_as_told("pip", shell_environ(f"{prefix}/bin:{SYSTEM_PATH}"), tmp_path).prefix == str(prefix)
    if folder == "a b":  # uv writes single quotes, pip double ones
        pip = prefix / "bin" / "pip"
        first, call_of_python, rest = pip.read_text().split("\n", 2)
        script(pip, first, call_of_python.replace(f"'{prefix}/bin/python'", f'"{prefix}/bin/python3"'), rest)
        reached = assert_pip_is_as_told("pip", shell_environ(f"{prefix}/bin:{SYSTEM_PATH}"), tmp_path)
        assert reached.interpreter and reached.interpreter.executable == f"{prefix}/bin/python3"


@pytest.mark.usefixtures("shells", "installer")
def test_the_pip_of_a_relocatable_environment_follows_it(tmp_path: Path) -> None:
    call(uv(), "venv", "--quiet", "--no-config", "--relocatable", "--python", base_python(), tmp_path / "made")
    python = tmp_path / "made" / "bin" / "python"
    call(uv(), "pip", "install", "--quiet", "--no-config", "--python", python, "pip")
    (tmp_path / "made").rename(tmp_path / "moved")
    reached = assert_pip_is_as_told("pip", shell_environ(f"{tmp_path}/moved/bin:{SYSTEM_PATH}"), tmp_path)
    assert reached.prefix == str(tmp_path / "moved")
    assert reached.evidence == f"shebang of {tmp_path}/moved/bin/pip, relocatable"


@pytest.mark.usefixtures("shells")
def test_a_symlink_to_a_pip(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip").symlink_to(with_pip() / "bin" / "pip3")
    reached = assert_pip_is_as_told("pip", shell_environ(f"{tmp_path}/bin:{SYSTEM_PATH}"), tmp_path)
    assert reached.prefix == str(with_pip())


@pytest.mark.usefixtures("shells")
def test_debians_pip(tmp_path: Path) -> None:
    if not os.path.exists("/usr/bin/pip"):
        pytest.skip("needs /usr/bin/pip")
    assert assert_pip_is_as_told("pip", shell_environ(SYSTEM_PATH), tmp_path).prefix == "/usr"


@pytest.mark.usefixtures("shells")
def test_an_env_shebang_means_the_first_python_on_path(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "pip", "#!/usr/bin/env python3", "from pip._internal.cli.main import main", "main()")
    environ = shell_environ(f"{tmp_path}/bin:{with_pip()}/bin:{SYSTEM_PATH}")
    reached = assert_pip_is_as_told("pip", environ, tmp_path)
    assert reached.prefix == str(with_pip())
    assert reached.evidence == f"shebang of {tmp_path}/bin/pip: `python3` on PATH"
    assert told("pip", shell_environ(f"{tmp_path}/bin"), tmp_path) == Reached(
        path=f"{tmp_path}/bin/pip", evidence="its shebang wants `python3`, which is not on PATH"
    )


@pytest.mark.usefixtures("shells")
def test_a_script_that_moved_away_from_its_interpreter(tmp_path: Path) -> None:
    pip = script(tmp_path / "bin" / "pip", "#!/gone/bin/python", "from pip import main")
    environ = shell_environ(f"{tmp_path}/bin:{with_pip()}/bin:{SYSTEM_PATH}")
    assert told("pip", environ, tmp_path) == Reached(
        path=str(pip), evidence="its shebang names a missing file, /gone/bin/python", runs=False
    )
    assert really("pip --version", environ, tmp_path) == ""


@pytest.mark.skipif(not DASH, reason="needs dash")
@pytest.mark.usefixtures("shells")
def test_dash_goes_on_to_the_next_pip_where_bash_stops(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "pip", "#!/gone/bin/python", "from pip import main")
    environ = shell_environ(f"{tmp_path}/bin:{with_pip()}/bin:{SYSTEM_PATH}", SHELL=DASH)
    reached = told("pip", environ, tmp_path)
    found = who_runs("pip", environ, tmp_path)
    assert found and found[1].prefix == reached.prefix == str(with_pip())


@pytest.mark.usefixtures("shells")
def test_a_wrapper_of_the_users_own_is_run_and_asked(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "pip", "#!/bin/bash", f'exec "{with_pip()}/bin/python" -m pip "$@"')
    reached = assert_pip_is_as_told("pip", shell_environ(f"{tmp_path}/bin:{SYSTEM_PATH}"), tmp_path, running=run)
    assert (reached.prefix, reached.evidence) == (str(with_pip()), "asked, because its file does not say")
    script(tmp_path / "bin" / "pip", "echo pip 1.0 from somewhere")
    silent = told("pip", shell_environ(f"{tmp_path}/bin:{SYSTEM_PATH}"), tmp_path, running=run)
    assert silent == Reached(
        path=f"{tmp_path}/bin/pip", evidence="a script of an unknown kind, which does not name its interpreter"
    )


@pytest.mark.usefixtures("shells")
def test_a_python_script_of_the_users_own_does_not_pass_for_pip(tmp_path: Path) -> None:
    """Its shebang names the interpreter of the script, not of the pip that the script calls."""
    body = f"import subprocess, sys; sys.exit(subprocess.call(['{with_pip()}/bin/pip', *sys.argv[1:]]))"
    script(tmp_path / "bin" / "pip", f"#!{os.path.realpath(sys.executable)}", body)
    reached = assert_pip_is_as_told("pip", shell_environ(f"{tmp_path}/bin:{SYSTEM_PATH}"), tmp_path, running=run)
    assert reached.prefix == str(with_pip())


def test_a_python_that_is_a_wrapper_is_run_and_asked(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "python", "#!/bin/sh", f'exec "{with_pip()}/bin/python" "$@"')
    reached = told("python", shell_environ(f"{tmp_path}/bin"), tmp_path, running=run)
    assert reached.interpreter and reached.interpreter.executable == f"{with_pip()}/bin/python"
    assert reached.prefix == str(with_pip())
    script(tmp_path / "bin" / "python", "#!/bin/sh", "exit 4")
    broken = told("python", shell_environ(f"{tmp_path}/bin"), tmp_path, running=run)
    assert broken.evidence == f"`{tmp_path}/bin/python` ended with 4 and gave no answer"


# -- PATH and the shell ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", ":/usr/bin", "/usr/bin/:", ".:/usr/bin", "../here:/bin", "/missing::/usr/bin"])
@pytest.mark.usefixtures("shells")
def test_path_is_searched_as_the_shell_does(tmp_path: Path, path: str) -> None:
    """An empty entry is the working directory, a relative one starts there; folders and plain files do not count."""
    here = tmp_path / "here"
    script(here / "pip-7", "#!/gone/python", "import pip")
    (tmp_path / "first" / "pip-7").mkdir(parents=True)
    script(tmp_path / "second" / "pip-7", "x").chmod(0o644)
    environ = shell_environ(f"{tmp_path}/first:{tmp_path}/second:{path}" if path else "")
    seen = really("command -v pip-7", environ, here).strip()
    found = told("pip-7", environ, here).path
    assert found and seen
    assert os.path.samefile(found, here / seen)


@pytest.mark.usefixtures("shells")
def test_bash_alone_expands_a_tilde_in_path(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "pip", "#!/gone/python", "import pip")
    for shell in filter(None, (BASH, DASH)):
        environ = shell_environ("~/bin", HOME=str(tmp_path), SHELL=shell)
        assert (told("pip", environ, tmp_path).path or "") == really("command -v pip", environ, tmp_path).strip()
    assert told("pip", shell_environ("~/bin", HOME=str(tmp_path)), tmp_path).path == f"{tmp_path}/bin/pip"


def test_a_name_that_path_does_not_have(tmp_path: Path) -> None:
    assert told("pip", shell_environ(str(tmp_path)), tmp_path) == Reached(path=None, evidence="not on PATH")
    assert told("./pip", shell_environ(str(tmp_path)), tmp_path) == Reached(path=None, evidence="no such file")
    environ = shell_environ("")
    del environ["PATH"]
    assert told("pip", environ, tmp_path) == Reached(path=None, evidence="PATH is not set: the shell uses its default")


@pytest.mark.usefixtures("shells")
def test_an_exported_bash_function_hides_the_file(tmp_path: Path) -> None:
    environ = shell_environ(f"{with_pip()}/bin", **{"BASH_FUNC_pip%%": "() { echo mine; }"})
    assert told("pip", environ, tmp_path) == Reached(path=None, evidence="an exported bash function has that name")
    assert really("pip --version", environ, tmp_path) == "mine\n"


@pytest.mark.usefixtures("shells")
def test_a_startup_file_that_changes_path_is_heeded(tmp_path: Path) -> None:
    """bash reads BASH_ENV also for `-c`, as zsh its `.zshenv`: then the shell itself is asked for its variables."""
    script(tmp_path / "env.sh", "echo noise", f"export PATH={with_pip()}/bin:$PATH")
    (tmp_path / "here").mkdir()
    environ = shell_environ(SYSTEM_PATH, BASH_ENV=str(tmp_path / "env.sh"))
    assert assert_pip_is_as_told("pip", environ, tmp_path / "here", running=run).prefix == str(with_pip())
    gone = shell_environ(f"{with_pip()}/bin", BASH_ENV=str(tmp_path / "gone.sh"))
    assert assert_pip_is_as_told("pip", gone, tmp_path / "here").prefix == str(with_pip())


def test_a_missing_shell_and_one_that_runs_nothing_are_said(tmp_path: Path) -> None:
    environ = shell_environ(SYSTEM_PATH, SHELL="/gone/fish")
    assert find_shell(environ, str(tmp_path)) is None
    shell = read_shell(kernel_prefix=sys.prefix, environ=environ, cwd=str(tmp_path), run=no_run)
    assert shell.program is None
    assert {command.evidence for command in shell.commands} == {"`!` cannot run: the shell `/gone/fish` is missing"}
    nologin = script(tmp_path / "nologin", "#!/bin/sh", "echo This account is not available; exit 1")
    (tmp_path / "here").mkdir()
    environ = shell_environ(SYSTEM_PATH, SHELL=str(nologin))
    shell = read_shell(kernel_prefix=sys.prefix, environ=environ, cwd=str(tmp_path / "here"), run=run)
    assert shell.program == str(nologin)
    assert {command.evidence for command in shell.commands} == {f"the shell `{nologin}` runs no commands"}


def test_without_a_shell_variable_it_is_sh(tmp_path: Path) -> None:
    assert find_shell({"PATH": "/missing:/bin"}, str(tmp_path)) == "/bin/sh"
    assert find_shell({"SHELL": "bash", "PATH": os.path.dirname(BASH)}, str(tmp_path)) == BASH


# -- conda -------------------------------------------------------------------------------------------------------------


def test_conda_changes_the_active_environment_else_its_root(tmp_path: Path) -> None:
    root = make_in(tmp_path / "root", python=base_python())
    conda = script(root / "bin" / "conda", f"#!{root}/bin/python", "import sys", "from conda.cli import main")
    environ = shell_environ(f"{root}/bin:{SYSTEM_PATH}")
    reached = told("conda", environ, tmp_path)
    assert (reached.path, reached.prefix) == (str(conda), str(root))
    assert reached.evidence == f"the root environment, from the shebang of {conda}"
    active = told("conda", {**environ, "CONDA_PREFIX": "/envs/a"}, tmp_path)
    assert (active.prefix, active.evidence) == ("/envs/a", "CONDA_PREFIX")
    assert told("conda", {**environ, "CONDA_DEFAULT_ENV": "named"}, tmp_path).prefix is None
    script(root / "bin" / "micromamba", "whatever")
    assert told("micromamba", environ, tmp_path) == Reached(
        path=f"{root}/bin/micromamba", evidence="not a script of conda's Python"
    )


# -- the whole ---------------------------------------------------------------------------------------------------------


def test_the_shell_of_a_kernel_whose_environment_is_not_on_path(tmp_path: Path) -> None:
    """The classical case: `!pip` is another environment's, and nothing is run to learn it."""
    other, python = with_pip(), with_pip() / "bin" / "python"
    environ = shell_environ(f"{other}/bin")
    version = call(python, "-c", "import sys; print(sys.version.split()[0])").strip()
    shell = read_shell(kernel_prefix=str(tmp_path), environ=environ, cwd=str(tmp_path), run=no_run)

    def command(name: str, **more: Any) -> ShellCommand:
        empty = dict.fromkeys(("path", "interpreter", "version", "prefix", "same_environment"))
        return ShellCommand(**{"name": name, **empty, "evidence": "not on PATH", **more})

    found = {"version": version, "prefix": str(other), "same_environment": False}
    pip, shebang = f"{other}/bin/pip", (other / "bin" / "pip").read_text().partition("\n")[0][2:]
    assert shell == Shell(
        program=BASH,
        pip=command("pip", path=pip, interpreter=shebang, evidence=f"shebang of {pip}", **found),
        python=command("python", path=str(python), interpreter=str(python), evidence="on PATH", **found),
        uv=command("uv"),
        conda=command("conda"),
    )


def test_the_kernels_own_environment_is_known_by_the_file_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(with_pip())
    shell = read_shell(
        kernel_prefix=str(tmp_path / "link"), environ=shell_environ(f"{with_pip()}/bin"), cwd=str(tmp_path), run=no_run
    )
    assert (shell.pip.same_environment, shell.python.same_environment, shell.uv.same_environment) == (True, True, None)


def test_a_version_that_no_file_proves_is_asked(tmp_path: Path) -> None:
    call(base_python(), "-m", "venv", "--without-pip", "--copies", tmp_path / "copied")
    environ = shell_environ(f"{tmp_path}/copied/bin")
    shell = read_shell(kernel_prefix=sys.prefix, environ=environ, cwd=str(tmp_path), run=run)
    assert shell.python.version == sys.version.split()[0]


def test_any_name_is_answered(tmp_path: Path) -> None:
    script(tmp_path / "pipx", "#!/gone/python", "import pipx")
    unknown = told("pipx", shell_environ(str(tmp_path)), tmp_path)
    assert unknown == Reached(path=f"{tmp_path}/pipx", evidence="not a known package manager")
    assert told("", shell_environ(str(tmp_path)), tmp_path).path is None
