"""Which package managers can change an environment: found as files, in and around real environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from ipython_where import probe
from ipython_where.facts.environments.package_managers import find_installers
from ipython_where.model import PackageManager
from tests import environments


def program(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def find(tmp_path: Path, environ: dict[str, str], *, beside: str = "/none", **marks: Any) -> tuple[PackageManager, ...]:
    base = {**probe.describe(), "scripts": str(tmp_path / "env" / "bin"), "prefix": str(tmp_path / "env"), "pip": None}
    return find_installers({**base, **marks}, environ=environ, home=str(tmp_path / "home"), beside=beside)


def test_pip_inside_is_run_by_the_interpreter(tmp_path: Path) -> None:
    found = find(tmp_path, {}, pip="26.3", executable="/env/bin/python")
    assert found[0] == PackageManager(name="pip", path="/env/bin/python -m pip", version="26.3")


def test_uv_inside_the_environment_comes_before_path_and_home(tmp_path: Path) -> None:
    in_home = program(tmp_path / "home" / ".local" / "bin" / "uv")
    assert find(tmp_path, {"PATH": ""}) == (PackageManager(name="uv", path=in_home, version=None),)
    on_path = program(tmp_path / "path" / "uv")
    assert find(tmp_path, {"PATH": str(tmp_path / "path")})[0].path == on_path
    inside = program(tmp_path / "env" / "bin" / "uv")
    assert find(tmp_path, {"PATH": str(tmp_path / "path")})[0].path == inside


@pytest.mark.parametrize(
    ("site", "scripts"),
    [
        ("other/lib/python3.12/site-packages", "other/bin"),
        ("home/.local/lib/python3.12/site-packages", "home/.local/bin"),
        ("usr/local/lib/python3.12/dist-packages", "usr/local/bin"),
        ("target", "target/bin"),
    ],
)
def test_uv_beside_this_package_comes_before_path(tmp_path: Path, site: str, scripts: str) -> None:
    """It came along with it, wherever that is; a program there that no distribution put beside it is another thing."""
    on_path, own = program(tmp_path / "path" / "uv"), program(tmp_path / scripts / "uv")
    environ = {"PATH": str(tmp_path / "path")}
    assert find(tmp_path, environ, beside=str(tmp_path / site))[0].path == on_path
    (tmp_path / site / "uv").mkdir(parents=True)
    assert find(tmp_path, environ, beside=str(tmp_path / site))[0].path == own
    inside = program(tmp_path / "env" / "bin" / "uv")
    assert find(tmp_path, environ, beside=str(tmp_path / site))[0].path == inside


@pytest.mark.parametrize(
    ("system", "machine", "has_wheel"),
    [
        ("linux", "x86_64", True),
        ("linux", "riscv64", True),
        ("linux", "ppc64", False),
        ("linux", "loongarch64", False),
        ("darwin", "arm64", True),
        ("win32", "AMD64", True),
        ("emscripten", "wasm32", False),
        ("freebsd14", "amd64", False),
        ("android", "aarch64", False),
    ],
)
def test_uv_is_required_where_it_has_a_wheel(system: str, machine: str, has_wheel: bool) -> None:
    """Elsewhere pip would try to build it, and this package could not be installed."""
    (required,) = (each for each in map(Requirement, environments.requirements()) if each.name == "uv")
    assert required.marker is not None
    assert required.marker.evaluate({"sys_platform": system, "platform_machine": machine}) is has_wheel


@pytest.mark.parametrize(
    ("system", "machine", "python", "has_wheel"),
    [
        ("linux", "x86_64", "CPython", True),
        ("linux", "aarch64", "CPython", True),
        ("linux", "riscv64", "CPython", False),  # `tree-sitter` has one, `tree-sitter-bash` has not
        ("linux", "ppc64le", "CPython", False),
        ("linux", "i686", "CPython", False),
        ("linux", "x86_64", "PyPy", False),
        ("darwin", "x86_64", "CPython", True),
        ("darwin", "arm64", "CPython", True),
        ("win32", "AMD64", "CPython", True),
        ("win32", "ARM64", "CPython", True),
        ("win32", "x86", "CPython", False),
        ("emscripten", "wasm32", "CPython", False),
        ("android", "aarch64", "CPython", False),
        ("freebsd14", "amd64", "CPython", False),
    ],
)
def test_the_grammar_is_required_where_both_its_parts_have_wheels(
    system: str, machine: str, python: str, has_wheel: bool
) -> None:
    """Elsewhere micropip could not install this package at all, and pip would need a compiler."""
    values = {"sys_platform": system, "platform_machine": machine, "platform_python_implementation": python}
    required = [each for each in map(Requirement, environments.requirements()) if each.name.startswith("tree-sitter")]
    assert [each.name for each in required] == ["tree-sitter", "tree-sitter-bash"]
    assert [each.marker is None or each.marker.evaluate(values) for each in required] == [has_wheel] * 2


def test_a_uv_that_cannot_be_executed_or_that_depends_on_the_directory_is_none(tmp_path: Path) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "uv").write_text("")
    assert [
        each.path for each in find(tmp_path, {"PATH": f"{tmp_path}/path:.:"}) if each.path.startswith(str(tmp_path))
    ] == []


def test_a_uv_that_others_could_have_put_there_is_none(tmp_path: Path) -> None:
    """An install would run it: not from the working directory, and not from a folder that anybody may write to."""
    _, here, own = (program(tmp_path / name / "uv") for name in ("open", "here", "own"))
    (tmp_path / "open").chmod(0o1777)
    path = f"{tmp_path}/open:{tmp_path}/here:{tmp_path}/own"
    description = {**probe.describe(), "scripts": str(tmp_path / "env" / "bin"), "pip": None}

    def found(cwd: str) -> list[str]:
        return [each.path for each in find_installers(description, environ={"PATH": path}, home=None, cwd=cwd)]

    assert found(str(tmp_path / "here")) == [own]
    assert found(str(tmp_path)) == [here]


def test_conda_is_found_beside_its_environments(tmp_path: Path) -> None:
    conda = program(tmp_path / "root" / "condabin" / "conda")
    micromamba = program(tmp_path / "home" / "bin" / "micromamba")
    prefix = str(tmp_path / "root" / "envs" / "science")
    found = find(tmp_path, {"PATH": "", "MAMBA_EXE": micromamba}, prefix=prefix, conda_history=True)
    assert [(each.name, each.path) for each in found if each.name != "uv"] == [
        ("conda", conda),
        ("micromamba", micromamba),
    ]
