"""What a uv changes, what it refuses, and what `uv run` starts where."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ipython_where.judge.commands.invocations import Target
from ipython_where.judge.commands.reader import Reached
from ipython_where.judge.commands.shell.expansion import Field
from ipython_where.judge.commands.uv_line import parse_uv
from ipython_where.model import Setting
from tests.environments import clean_environ, uv

from .files import Files, programs
from .test_judgement import judged, only


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
    "pip install numpy=1.2": "`numpy=1.2` is not a requirement: write `==` before a version",
    "pip install x \u2013U": "`\u2013U` is not a requirement",
    "pip install \u201cx\u201d": "`\u201cx\u201d` is not a requirement",
    "pip install": "`uv pip install` has no requirement",
    "pip uninstall": "`uv pip uninstall` has no requirement",
    "pip sync": "`uv pip sync` has no requirement",
}


@pytest.mark.parametrize("line", REFUSED)
@pytest.mark.usefixtures("installer")
def test_what_uv_refuses_changes_nothing(line: str, tmp_path: Path) -> None:
    """As the real uv says: it ends with 2 before it looks for anything."""
    words = line.split()
    done = subprocess.run(
        [uv(), *words, "--offline"], cwd=tmp_path, env=clean_environ(UV_NO_CONFIG="1"), capture_output=True
    )
    assert done.returncode == 2, done.stderr
    found = only(f"uv {line}")
    assert (found.action, found.same_environment) == ("read", None)
    assert found.reason == f"{REFUSED[line]}, so `uv` changes nothing"


@pytest.mark.parametrize(
    "line", ["sync", "add x", "remove x", "lock", "tree", "export", "pip install -p ./no/python x"]
)
@pytest.mark.usefixtures("installer")
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
        assert found.reason == "it is unknown in which environment `uv run` starts `pip`"
    assert only("uv run pip install x", NOWHERE).same_environment is None


def test_another_program_that_uv_run_starts_changes_nothing_by_itself() -> None:
    found = only("uv run python x.py --config y", PROJECT)
    assert (found.tool, found.action, found.requirements, found.runs) == ("uv", "other", (), True)


SITE = "/env/lib/python3.12/site-packages"
CONFIGURED = {
    "target.toml": Setting(name="pip.target", value=SITE, source="target.toml", diverts=True),
    "prefix.toml": Setting(name="pip.prefix", value="/env", source="prefix.toml", diverts=True),
    "index.toml": Setting(name="pip.index-url", value="/env", source="index.toml", diverts=False),
    "python.toml": Setting(name="pip.python", value="/env", source="python.toml", diverts=True),
    "here.toml": Setting(name="pip.target", value="/env", source="here.toml", diverts=False),
}


@dataclass(frozen=True, kw_only=True)
class Configured(Files):
    """A uv that its variables lead to a Python and to a configuration file."""

    found: str = "/env"

    def reach(self, name: str, environ: Mapping[str, str], cwd: str) -> Reached:
        reached = super().reach(name, environ, cwd)
        prefix = "/usr" if environ.get("UV_SYSTEM_PYTHON") else self.found
        prefix = environ.get("UV_PYTHON", prefix)
        return replace(reached, interpreter=self.pythons.get({"./inner": "/other"}.get(prefix, prefix)))

    def settings(self, tool: str, environ: Mapping[str, str], cwd: str, prefix: str) -> tuple[Setting, ...]:
        setting = CONFIGURED.get(environ.get("UV_CONFIG_FILE", ""))
        return (setting,) if setting and not environ.get("UV_NO_CONFIG") else ()


@pytest.mark.parametrize(
    ("text", "same", "reason"),
    [
        ("uv pip install x", True, "as told"),
        ("uv pip install --config-file target.toml x", None, "`pip.target` may redirect the install"),
        ("uv pip install --config-file=target.toml x", None, "`pip.target` may redirect the install"),
        ("uv --config-file target.toml pip install x", None, "`pip.target` may redirect the install"),
        ("UV_CONFIG_FILE=target.toml uv pip install x", None, "`pip.target` may redirect the install"),
        ("UV_CONFIG_FILE=target.toml uv pip install --config-file index.toml x", True, "as told"),
        ("UV_CONFIG_FILE=target.toml uv pip install --no-config x", True, "as told"),
        ("uv pip install --config-file $(y) x", None, "`--config-file` has a value that is not known"),
        ("uv pip install -p $(y) x", None, "`--python` has a value that is not known"),
        ("uv pip install -p /other x", False, "`--python`"),
        ("uv pip install -p inner x", False, "`--python`"),
        ("UV_PYTHON=/other uv pip install x", False, "as told"),
        ("UV_PYTHON=/other uv pip install -p /env x", True, "`--python`"),
        ("uv pip install --system x", False, "`--system`"),
        ("UV_PYTHON=/env uv pip install --system x", False, "`--system`"),
        (f"uv pip install --target {SITE} x", True, "`--target`"),
        ("uv pip install --target /env x", False, "`--target`"),
        ("uv pip install --prefix /env x", True, "`--prefix`"),
        ("uv pip install --prefix /other x", False, "`--prefix`"),
        ("uv pip install --target $(y) x", None, "`--target` names a directory that is not known"),
        ("uv --directory $(y) pip install x", None, "the working directory is not known here"),
        ("uv pip install $(y)", None, "an unknown argument may be an option"),
        ("uv tool install x", False, "`uv tool` gives each tool an environment of its own"),
    ],
)
def test_what_leads_an_install_of_uvs(text: str, same: bool | None, reason: str) -> None:
    """Its options, its variables, and the configuration file that one of them names."""
    found = only(text, Configured())
    assert (found.same_environment, found.reason) == (same, reason)


@pytest.mark.parametrize(
    ("file", "target", "same", "reason"),
    [
        ("target.toml", Target(directory=SITE), True, "`pip.target` in target.toml"),
        ("prefix.toml", Target(directory="/env"), True, "`pip.prefix` in prefix.toml"),
        ("index.toml", None, None, "as told"),
        ("python.toml", None, None, "as told"),
        ("here.toml", None, None, "as told"),
    ],
)
def test_a_configuration_leads_also_where_no_python_is_found(
    file: str, target: Target | None, same: bool | None, reason: str
) -> None:
    found = only(f"uv pip install --config-file {file} x", Configured(found="/nowhere"))
    assert (found.target, found.same_environment, found.reason) == (target, same, reason)


@pytest.mark.parametrize(
    ("text", "texts", "prefix"),
    [
        ("uv sync", {"/here/pyproject.toml": ""}, "/here/.venv"),
        ("uv --directory inner sync", {"/here/pyproject.toml": ""}, "/here/.venv"),
        ("uv sync --project inner", {"/here/inner/pyproject.toml": ""}, "/here/inner/.venv"),
        ("UV_PROJECT=inner uv sync", {"/here/inner/pyproject.toml": ""}, "/here/inner/.venv"),
        ("UV_PROJECT_ENVIRONMENT=/env uv sync", {"/here/pyproject.toml": ""}, "/env"),
        ("uv sync --project $(y)", {"/here/pyproject.toml": ""}, None),
        ("uv --directory $(y) sync", {"/here/pyproject.toml": ""}, None),
        ("uv sync --active", {"/here/pyproject.toml": ""}, None),
        ("uv add --script y.py x", {"/here/pyproject.toml": ""}, None),
        ("uv sync", {"/here/pyproject.toml": "[tool.uv.workspace]\n"}, None),
        ("uv --directory inner sync", {"/here/pyproject.toml": "", "/here/inner/pyproject.toml": ""}, None),
    ],
)
def test_which_projects_environment_a_uv_changes(text: str, texts: dict[str, str], prefix: str | None) -> None:
    """The one around the working directory, unless something else may choose it."""
    found = only(text, Files(texts=texts))
    assert (found.target.prefix if found.target else None) == prefix
    assert found.same_environment is (None if prefix is None else prefix == "/env")


def test_uv_run_starts_a_program_in_its_directory() -> None:
    """And one that a path names is the same whatever the project brings."""
    found = only("uv run --directory inner ../../env/bin/pip install -r ../r.txt", PROJECT)
    assert (found.same_environment, found.started and found.started.directory) == (True, "/here")
