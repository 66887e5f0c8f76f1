"""A shim of pyenv leads where pyenv itself leads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ipython_where.facts.interpreters.pyenv import parse_version_file
from ipython_where.judge.commands.reader import Reached
from ipython_where.runner import run
from tests.environments import call, make_in
from tests.facts.shell.shells import (
    BASH,
    PYENV,
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


@pytest.fixture(scope="module")
def pyenv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pyenv root with two real versions, an environment without pip, and the shims that pyenv made for them."""
    program = PYENV / "bin" / "pyenv"
    versions = [path for path in sorted((PYENV / "versions").glob("3.1*")) if (path / "bin" / "pip").exists()]
    if not program.exists() or len(versions) < 2:
        pytest.skip("needs pyenv with two versions of Python")
    root = tmp_path_factory.mktemp("pyenv-root")
    (root / "versions").mkdir()
    for alias, version in zip(("3.98.1", "3.99.1"), versions, strict=False):
        (root / "versions" / alias).symlink_to(version)
    call(versions[0] / "bin" / "python", "-m", "venv", "--without-pip", root / "versions" / "bare")
    (root / "version").write_text("3.98.1\n")
    call(program, "rehash", PYENV_ROOT=str(root), PATH=f"{PYENV}/bin:{SYSTEM_PATH}")
    return root


@pytest.mark.parametrize(
    ("version_file", "variables", "evidence", "runs"),
    [
        ("", {}, "version 3.98.1 from {root}/version", False),
        ("", {"PYENV_VERSION": "3.99.1"}, "version 3.99.1 from PYENV_VERSION", False),
        ("3.99.1", {}, "version 3.99.1 from {cwd}/.python-version", False),
        ("3.99.1\n3.98.1", {}, "version 3.99.1:3.98.1 from {cwd}/.python-version", False),
        ("bare\n3.99.1", {}, "version bare:3.99.1 from {cwd}/.python-version", False),
        ("3.99", {}, "`pyenv which pip` is {root}/versions/3.99.1/bin/pip", True),
        ("3.99.1", {"PYENV_DIR": "/"}, "version 3.99.1 from {cwd}/.python-version", False),
        ("3.98.1", {"PYENV_DIR": "../../other"}, "version 3.99.1 from {cwd}/src/../../other/.python-version", False),
        ("3.99.1", {"PYENV_DIR": "/gone"}, "cannot change working directory to `/gone'", True),
        ("system", {}, "version system from {cwd}/.python-version", False),
        ("#", {}, "version system from {cwd}/.python-version", False),
        ("3.1.4", {}, "", True),
        ("bare", {}, "", True),
        ("../../x", {}, "", True),
    ],
)
@pytest.mark.usefixtures("shells")
def test_a_pyenv_shim_leads_where_pyenv_leads(
    pyenv: Path, tmp_path: Path, version_file: str, variables: dict[str, str], evidence: str, runs: bool
) -> None:
    below = tmp_path / "project" / "src"
    below.mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".python-version").write_text("3.99.1")
    if version_file:
        (tmp_path / "project" / ".python-version").write_text(version_file)
    environ = shell_environ(f"{pyenv}/shims:{with_pip()}/bin:{SYSTEM_PATH}", **variables)
    reached = told("pip", environ, below, running=run if runs else no_run)
    found = who_runs("pip", environ, below)
    assert reached.prefix == (found and found[1].prefix)
    assert reached.path == f"{pyenv}/shims/pip"
    expected = evidence.format(root=pyenv, cwd=tmp_path / "project")
    assert reached.evidence.startswith(f"pyenv shim: {expected}")


@pytest.mark.usefixtures("shells")
def test_a_shim_for_python_leads_where_pyenv_leads(pyenv: Path, tmp_path: Path) -> None:
    environ = shell_environ(f"{pyenv}/shims:{SYSTEM_PATH}", PYENV_VERSION="bare")
    reached = told("python", environ, tmp_path)
    assert reached.prefix == really("python -c 'import sys; print(sys.prefix)'", environ, tmp_path).strip()
    assert reached.prefix == f"{pyenv}/versions/bare"


@pytest.mark.usefixtures("shells")
def test_a_version_that_pyenv_does_not_have_and_nothing_behind_it(pyenv: Path, tmp_path: Path) -> None:
    environ = shell_environ(f"{pyenv}/shims:/bin/missing:{Path(BASH).parent}", PYENV_VERSION="3.1.4")
    reached = told("pip3.98", environ, tmp_path, running=run)
    assert reached == Reached(path=None, evidence="not on PATH")
    environ["PATH"] = f"{pyenv}/shims:{minimal_tools(tmp_path)}"
    reached = told("pip", environ, tmp_path, running=run)
    said = "pyenv shim: version `3.1.4' is not installed (set by PYENV_VERSION environment variable)"
    assert reached == Reached(path=f"{pyenv}/shims/pip", evidence=said)
    assert really("pip --version", environ, tmp_path) == ""


def minimal_tools(folder: Path) -> Path:
    """A folder with the tools that pyenv's scripts call, and no Python."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("bash", "env", "sed", "tr", "readlink", "grep", "sort", "awk", "cut", "head", "cat", "basename"):
        found = shutil.which(name, path=SYSTEM_PATH)
        if found:
            (tools / name).symlink_to(found)
    return tools


@pytest.mark.usefixtures("shells")
def test_an_env_shebang_behind_a_shim_means_the_shims_version(pyenv: Path, tmp_path: Path) -> None:
    script(tmp_path / "bin" / "pip", "#!/usr/bin/env python", "from pip._internal.cli.main import main", "main()")
    environ = shell_environ(f"{tmp_path}/bin:{pyenv}/shims:{SYSTEM_PATH}", PYENV_VERSION="3.99.1")
    reached = assert_pip_is_as_told("pip", environ, tmp_path)
    assert reached.evidence.endswith("; pyenv shim: version 3.99.1 from PYENV_VERSION")


@pytest.mark.usefixtures("shells")
def test_a_version_comes_first_on_the_path_of_what_its_shim_starts(pyenv: Path, tmp_path: Path) -> None:
    """An environment without pip stands before the shims: `env python` in the version's pip is not its python."""
    for alias in ("one", "other"):
        make_in(tmp_path / alias)
    (pyenv / "versions" / "moved").symlink_to(tmp_path / "other")
    script(tmp_path / "other" / "bin" / "pip", "#!/usr/bin/env python", "import pip")
    environ = shell_environ(f"{tmp_path}/one/bin:{pyenv}/shims:{SYSTEM_PATH}", PYENV_VERSION="moved")
    assert assert_pip_is_as_told("pip", environ, tmp_path).prefix == f"{pyenv}/versions/moved"


def test_a_version_file_is_read_as_pyenv_reads_it() -> None:
    assert parse_version_file("# mine\n\n 3.12.1  # comment\r\n3.11.7\n") == "3.12.1:3.11.7"
    assert parse_version_file("") == ""
