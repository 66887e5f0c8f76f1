"""What a uv changes, what it refuses, and what `uv run` starts where."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ipython_where.commands.expansion import Field
from ipython_where.commands.uv_line import parse_uv
from tests.commands.files import Files, programs
from tests.commands.test_judgement import judged, only
from tests.environments import clean_environ, uv


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("uv sync", "there is no `pyproject.toml` in /here or above it"),
        ("uv sync --extra tpu", "there is no `pyproject.toml` in /here or above it"),
        ("uv add x", "there is no `pyproject.toml` in /here or above it"),
        ("uv remove x", "there is no `pyproject.toml` in /here or above it"),
        ("uv lock", "there is no `pyproject.toml` in /here or above it"),
        ("uv --project inner sync", "there is no `pyproject.toml` in /here/inner or above it"),
        ("uv --directory inner sync", "there is no `pyproject.toml` in /here/inner or above it"),
        (
            "uv pip install -p .venv/bin/python x",
            "there is no Python at `.venv/bin/python`, which `--python` names",
        ),
        ("UV_PYTHON=./no uv pip install x", "there is no Python at `./no`, which `UV_PYTHON` names"),
    ],
)
def test_what_uv_cannot_do_here_does_not_run(text: str, reason: str) -> None:
    found = only(text, NOWHERE)
    assert (found.runs, found.same_environment, found.target, found.reason) == (False, None, None, reason)


NOWHERE = Files(programs={**Files().programs, "/usr/bin/uv": "/nowhere"})
"""Where uv finds no Python."""


def test_what_a_line_makes_before_uv_may_be_there_by_then() -> None:
    assert judged("make .venv; uv pip install -p .venv/bin/python x", NOWHERE)[-1].runs is None
    assert judged("make pyproject.toml && uv sync", NOWHERE)[-1].runs is None


def test_a_python_that_uv_has_to_look_for_is_named_by_what_names_it() -> None:
    assert only("uv pip install -p 3.12 x", NOWHERE).reason == "`--python` is 3.12: uv looks for it"
    assert only("UV_PYTHON=3.12 uv pip install x", NOWHERE).reason == "`UV_PYTHON` is 3.12: uv looks for it"


REFUSED = {
    "pip install --user x": "`uv` does not know user installs",
    "pip install numpy=1.2": "`numpy=1.2` is no requirement: a version is given with `==`",
    "pip install x \u2013U": "`\u2013U` is no requirement",
    "pip install \u201cx\u201d": "`\u201cx\u201d` is no requirement",
    "pip install": "`uv pip install` is given no requirement",
    "pip uninstall": "`uv pip uninstall` is given no requirement",
    "pip sync": "`uv pip sync` is given no requirement",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_uv_refuses_changes_nothing(line: str, tmp_path: Path) -> None:
    """As the real uv says: it ends with 2 before it looks for anything."""
    words = line.split()
    done = subprocess.run(
        [uv(), *words, "--offline"], cwd=tmp_path, env=clean_environ(UV_NO_CONFIG="1"), capture_output=True
    )
    assert done.returncode == 2, done.stderr
    found = only(f"uv {line}")
    assert (found.action, found.same_environment) == ("read", None)
    assert found.reason == f"{REFUSED[line]}, so that `uv` changes nothing"


@pytest.mark.parametrize(
    "line", ["sync", "add x", "remove x", "lock", "tree", "export", "pip install -p ./no/python x"]
)
def test_the_real_uv_ends_where_there_is_no_project_and_no_python(line: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [uv(), *line.split(), "--offline"],
        cwd=tmp_path,
        env=clean_environ(UV_NO_CONFIG="1"),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, os.listdir(tmp_path)) == (2, [])
    assert only(f"uv {line}", NOWHERE).runs is False


@pytest.mark.parametrize(
    ("line", "requirements"),
    [
        ("pip install -qU x -r y.txt -e . --group dev", ("x", "-r y.txt", "-e .", "--group dev")),
        ("pip install --requirement y.txt --no-binary :all: x", ("-r y.txt", "x")),
        ("add --editable ./x --no-binary y", ("./x", "y")),
        ("add --dev x --group docs", ("x", "--group docs")),
        ("pip sync r.txt", ("-r r.txt",)),
        ("pip install --brand-new y x", None),
        ("pip uninstall -y x", ("x",)),
        ("pip list --outdated", ()),
        ("pip show x", ()),
        ("pip compile r.in -o r.txt", ()),
        ("pip freeze", ()),
        ("python install 3.12", ()),
        ("venv --python 3.12 .venv", ()),
        ("cache clean x", ()),
        ("run x.py --user", ()),
        ("tool run ruff check", ()),
        ("tool install ruff --with x", ("ruff",)),
        ("init x", ()),
        ("lock --upgrade-package x", ()),
    ],
)
def test_what_a_uv_is_to_install(line: str, requirements: tuple[str, ...] | None) -> None:
    parsed, _ = parse_uv([Field(word) for word in line.split()])
    assert parsed.requirements == requirements


PROJECT = Files(
    programs={**Files().programs, **programs("/here/.venv"), "/usr/bin/uv": "/other"},
    texts={"/here/pyproject.toml": ""},
    directories=Files().directories | {"/here/.venv"},
    pythons={**Files().pythons, "/here/.venv": Files().pythons["/other"]},
)


def test_what_uv_run_starts_is_judged_in_the_projects_environment() -> None:
    for text in (
        "uv run pip install x",
        "uv run -q python -m pip install x",
        "uv run -m pip install x",
        "uv run -- pip install x",
    ):
        found = only(text, PROJECT)
        assert (found.tool, found.action, found.requirements, found.runs) == ("pip", "install", ("x",), True), text
        assert found.started and found.started.file == "/usr/bin/uv"
        assert found.target and found.same_environment is False


def test_where_uv_run_starts_something_may_not_be_known() -> None:
    for text in ("uv run --with pip pip install x", "uv run --isolated pip install x", "uv run -p 3.12 pip install x"):
        found = only(text, PROJECT)
        assert (found.action, found.same_environment, found.runs) == ("install", None, None), text
        assert found.reason == "in which environment `uv run` starts `pip` is not known"
    assert only("uv run pip install x", NOWHERE).same_environment is None


def test_another_program_that_uv_run_starts_changes_nothing_by_itself() -> None:
    found = only("uv run python x.py --config y", PROJECT)
    assert (found.tool, found.action, found.requirements, found.runs) == ("uv", "other", (), True)
