"""conda's environments, found without the list that conda keeps of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ipython_where.facts.environments.conda_environments import conda_environments, parse_envs_dirs


def made(prefix: Path) -> Path:
    (prefix / "conda-meta").mkdir(parents=True)
    return prefix


def found(tmp_path: Path, kernel: str = "/usr", **environ: str) -> list[tuple[str, str]]:
    answer = conda_environments(environ, str(tmp_path / "home"), kernel)
    return [(os.path.relpath(c.prefix, tmp_path), c.why) for c in answer if c.prefix.startswith(str(tmp_path))]


def test_a_usual_root_and_its_environments(tmp_path: Path) -> None:
    root = made(tmp_path / "home/miniforge3")
    made(root / "envs/ml")
    (root / "envs/.conda_envs_dir_test").mkdir()
    made(tmp_path / "home/.conda/envs/own")
    assert found(tmp_path) == [
        ("home/miniforge3", "conda miniforge3"),
        ("home/miniforge3/envs/ml", "conda ml"),
        ("home/.conda/envs/own", "conda own"),
    ]


@pytest.mark.parametrize("how", ["CONDA_EXE", "MAMBA_ROOT_PREFIX", "CONDA_PREFIX", "kernel"])
def test_the_root_is_found_by_what_is_active(tmp_path: Path, how: str) -> None:
    root = made(tmp_path / "anywhere")
    ml, used = made(root / "envs/ml"), made(root / "envs/used")
    environ = {"CONDA_EXE": f"{root}/bin/conda", "MAMBA_ROOT_PREFIX": str(root), "CONDA_PREFIX": str(used)}
    given = {how: environ[how]} if how in environ else {}
    answer = found(tmp_path, str(used) if how == "kernel" else "/usr", **given)
    assert ("anywhere", "conda anywhere") in answer
    assert (os.path.relpath(ml, tmp_path), "conda ml") in answer
    assert (answer[0] == ("anywhere/envs/used", "`CONDA_PREFIX`")) is (how == "CONDA_PREFIX")


def test_folders_of_environments_that_are_set(tmp_path: Path) -> None:
    for place in ("one/a", "two/b", "home/three/c", "four/d"):
        made(tmp_path / place)
    (tmp_path / "home/.condarc").write_text(
        f"channels:\n  - conda-forge\nenvs_dirs:\n  - ~/three\n  - {tmp_path}/four\n"
    )
    answer = found(tmp_path, CONDA_ENVS_DIRS=f"{tmp_path}/one:{tmp_path}/two")
    assert answer == [("one/a", "conda a"), ("two/b", "conda b"), ("home/three/c", "conda c"), ("four/d", "conda d")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("envs_dirs:\n  - /a\n  - '/b c'\nchannels:\n  - x\n", ("/a", "/b c")),
        ("envs_dirs:\n- /a # mine\n\n# more\n- /b\n", ("/a", "/b")),
        ('envs_dirs: [/a, "/b"]\n', ("/a", "/b")),
        ("envs_path: /a\n", ("/a",)),
        ("pkgs_dirs:\n  - /a\n", ()),
        ("# envs_dirs:\n#  - /a\n", ()),
        ("envs_dirs:\n", ()),
        ("", ()),
    ],
)
def test_what_a_condarc_names(text: str, expected: tuple[str, ...]) -> None:
    assert parse_envs_dirs(text) == expected
