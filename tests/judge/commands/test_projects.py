"""Where the tools of projects keep an environment, by their own rules, and what their `run` starts in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.commands.project_places import pipenv_name, poetry_name
from ipython_where.model import Interpreter

from .files import Files, programs
from .test_judgement import judged, only

POETRY = "/home/ada/.cache/pypoetry/virtualenvs/" + poetry_name("My_Proj.x", "/here")
PIPENV = "/home/ada/.local/share/virtualenvs/" + pipenv_name("/here")
PROJECT = '[project]\nname = "My_Proj.x"\n'


def world(*prefixes: str, **texts: str) -> Files:
    """A project in `/here`, and environments; texts by a file's name, `pyproject.toml` written `pyproject_toml`."""
    tools = {
        f"/usr/bin/{name}": "" for name in ("poetry", "pdm", "pipenv", "pixi", "hatch", "rye", "pipx", "tox", "nox")
    }
    known = {**Files().programs, **tools}
    pythons = {**Files().pythons}
    for prefix in prefixes:
        known |= programs(prefix)
        pythons[prefix] = Interpreter(
            executable=f"{prefix}/bin/python", prefix=prefix, base_prefix="/usr", version="3.12.4"
        )
    files = {f"/here/{name.replace('_', '.')}": text for name, text in texts.items()}
    return Files(programs=known, pythons=pythons, texts=files, directories=Files().directories | set(prefixes))


def told(found: Invocation) -> tuple[str | None, bool | None]:
    return found.target.prefix if found.target else None, found.same_environment


def test_the_names_are_those_that_poetry_and_pipenv_give() -> None:
    """As poetry 2.4 and pipenv 2026 named them for these folders."""
    assert poetry_name("My_Proj.x", "/tmp/managers/proj") == "my-proj-x-t1_2V98o"
    assert pipenv_name("/tmp/managers/pp") == "pp-_CKuvf8e"


@pytest.mark.parametrize("command", ["add x", "install", "update", "sync", "remove x"])
def test_poetry_works_on_its_own_environment(command: str) -> None:
    files = world(f"{POETRY}-py3.12", pyproject_toml=PROJECT)
    found = only(f"poetry {command}", files)
    assert (*told(found), found.changes) == (f"{POETRY}-py3.12", False, True)


def test_what_poetry_run_starts_is_judged_there() -> None:
    files = world(f"{POETRY}-py3.12", pyproject_toml=PROJECT)
    for text in ("poetry run pip install x", "poetry run python -m pip install x", "poetry run -- pip install x"):
        found = only(text, files)
        assert (found.tool, found.requirements, *told(found)) == ("pip", ("x",), f"{POETRY}-py3.12", False), text
        assert found.started and found.started.file == "/usr/bin/poetry"
    assert only("poetry run python x.py", files).action == "other"


@pytest.mark.parametrize(
    ("files", "environ", "prefix", "same"),
    [
        (world("/here/.venv", pyproject_toml=PROJECT), {}, "/here/.venv", False),
        (world("/env", pyproject_toml=PROJECT), {"VIRTUAL_ENV": "/env"}, "/env", True),
        (world(pyproject_toml=PROJECT), {}, None, False),
        (
            world("/here/.venv", pyproject_toml=PROJECT, poetry_toml="[virtualenvs]\nin-project = false\n"),
            {},
            None,
            False,
        ),
        (world(pyproject_toml=PROJECT, poetry_toml="[virtualenvs]\nin-project = true\n"), {}, "/here/.venv", False),
        (world(pyproject_toml=PROJECT, poetry_toml="[virtualenvs]\ncreate = false\n"), {}, None, None),
        (world(pyproject_toml=PROJECT, poetry_toml="broken"), {}, None, None),
        (
            world("/kept/" + poetry_name("My_Proj.x", "/here") + "-py3.12", pyproject_toml=PROJECT),
            {"POETRY_VIRTUALENVS_PATH": "/kept"},
            "/kept/" + poetry_name("My_Proj.x", "/here") + "-py3.12",
            False,
        ),
        (world(), {}, None, None),
    ],
)
def test_which_environment_poetry_takes(
    files: Files, environ: dict[str, str], prefix: str | None, same: bool | None
) -> None:
    assert told(only("poetry add x", files, **environ)) == (prefix, same)


NAMED = poetry_name("My_Proj.x", "/here")


def configured(place: str, text: str, *prefixes: str, **texts: str) -> Files:
    """The project, with a file of poetry's elsewhere."""
    files = world(*prefixes, pyproject_toml=PROJECT, **texts)
    return replace(files, texts={**files.texts, place: text})


@pytest.mark.parametrize(
    ("place", "environ"),
    [
        ("/home/ada/.config/pypoetry/config.toml", {}),
        ("/xdg/pypoetry/config.toml", {"XDG_CONFIG_HOME": "/xdg"}),
        ("/settings/config.toml", {"POETRY_CONFIG_DIR": "/settings", "XDG_CONFIG_HOME": "/xdg"}),
    ],
)
def test_poetrys_settings_are_read_where_it_reads_them(place: str, environ: dict[str, str]) -> None:
    """A variable overrides the project's file, which overrides the user's; `null` is no setting."""
    files = configured(place, "[virtualenvs]\nin-project = true\n")
    assert told(only("poetry add x", files, **environ)) == ("/here/.venv", False)
    assert told(only("poetry add x", files, **environ, POETRY_VIRTUALENVS_IN_PROJECT="NULL")) == (None, False)
    overridden = configured(
        place, "[virtualenvs]\nin-project = true\n", poetry_toml="[virtualenvs]\nin-project = false\n"
    )
    assert told(only("poetry add x", overridden, **environ)) == (None, False)
    assert told(only("poetry add x", configured(place, "broken"), **environ)) == (None, None)


@pytest.mark.parametrize(
    ("text", "environ", "kept"),
    [
        ("", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/pypoetry/virtualenvs"),
        ("cache-dir = '/cache'\n", {"XDG_CACHE_HOME": "/xdg"}, "/cache/virtualenvs"),
        ("cache-dir = '/cache'\n[virtualenvs]\npath = '/kept'\n", {}, "/kept"),
        ("cache-dir = '/cache'\n[virtualenvs]\npath = '{cache-dir}/x'\n", {}, "/cache/x"),
        ("[virtualenvs]\npath = '{project-dir}/envs'\n", {}, "/here/envs"),
        ("[virtualenvs]\npath = '~/kept'\n", {"HOME": "/home/bea"}, "/home/bea/kept"),
        ("virtualenvs = 1\ncache-dir = '/cache'\n", {}, "/cache/virtualenvs"),
    ],
)
def test_where_poetry_keeps_environments(text: str, environ: dict[str, str], kept: str) -> None:
    files = world(f"{kept}/{NAMED}-py3.12", pyproject_toml=PROJECT, poetry_toml=text)
    assert told(only("poetry add x", files, **environ)) == (f"{kept}/{NAMED}-py3.12", False)


@pytest.mark.parametrize("path", ["{user}/x", "~bea/x"])
def test_a_place_of_poetrys_that_is_not_followed_is_unknown(path: str) -> None:
    files = world("/env", pyproject_toml=PROJECT, poetry_toml=f"[virtualenvs]\npath = '{path}'\n")
    found = only("poetry add x", files)
    assert (*told(found), found.reason) == (None, None, "it is unknown where poetry keeps environments")


def test_poetry_takes_the_python_that_it_was_told_to_use() -> None:
    """By `poetry env use`, which is in `envs.toml`; with its own Python, the version is unknown."""
    place = "/home/ada/.cache/pypoetry/virtualenvs/envs.toml"
    both = (f"{POETRY}-py3.12", f"{POETRY}-py3.9")
    used = configured(place, f'[{NAMED}]\nminor = "3.9"\npatch = "3.9.1"\n', *both)
    assert told(only("poetry add x", used)) == (f"{POETRY}-py3.9", False)
    others = configured(place, '[other]\nminor = "3.9"\n', *both)
    assert told(only("poetry add x", others)) == (f"{POETRY}-py3.12", False)
    assert told(only("poetry add x", others, POETRY_VIRTUALENVS_USE_POETRY_PYTHON="1")) == (None, False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[tool.poetry]\nname = "Old"\n', "Old"),
        ("[project]\nversion = '1'\n", "non-package-mode"),
        ("", "non-package-mode"),
    ],
)
def test_the_name_of_a_project_is_where_poetry_looks_for_it(text: str, name: str) -> None:
    prefix = f"/home/ada/.cache/pypoetry/virtualenvs/{poetry_name(name, '/here')}-py3.12"
    assert told(only("poetry add x", world(prefix, pyproject_toml=text))) == (prefix, False)


REASONS = {
    "poetry add x": "poetry's environment of the project in /here",
    "pdm add x": "it is unknown where `pdm` keeps its project's environment",
    "pipenv install x": "pipenv's environment of the project in /here",
}


def test_a_project_is_found_above_and_why_is_said() -> None:
    files = world(pyproject_toml=PROJECT, Pipfile="")
    assert {text: only(text, files).reason for text in REASONS} == REASONS
    broken = world(pyproject_toml=PROJECT, poetry_toml="broken")
    assert only("poetry add x", broken).reason == "one of poetry's files is broken"
    off = world(pyproject_toml=PROJECT, poetry_toml="[virtualenvs]\ncreate = false\n")
    assert only("poetry add x", off).reason == ("`virtualenvs.create` is off, so poetry uses the Python that it finds")
    within = world(pyproject_toml=PROJECT, poetry_toml="[virtualenvs]\nin-project = true\n")
    assert only("poetry add x", within).reason == "the environment that poetry creates for the project in /here"
    there = world("/here/.venv", pyproject_toml=PROJECT, Pipfile="")
    for text in REASONS:
        assert only(text, there).reason == "the environment of the project in /here", text
        assert only(text, there, VIRTUAL_ENV="/env").reason == "the active environment", text
    assert only("poetry add x", world()).reason == "there is no project of `poetry` in /here or above it"


def test_pixi_has_a_file_of_its_own() -> None:
    prefix = "/here/.pixi/envs/default"
    for files in (world(prefix, pixi_toml=""), world(prefix, pyproject_toml=PROJECT)):
        assert told(only("pixi add --pypi x", files)) == (prefix, False)
    assert only("pixi add --pypi x", world()).reason == "there is no project of `pixi` in /here or above it"


def test_pipenv_works_on_its_own_environment() -> None:
    files = world(PIPENV, Pipfile="")
    for text in ("pipenv install x y", "pipenv run pip install x", "pipenv uninstall x", "pipenv sync"):
        assert told(only(text, files)) == (PIPENV, False), text
    assert only("pipenv install x y", files).requirements == ("x", "y")
    assert told(only("pipenv install x", files, PIPENV_VENV_IN_PROJECT="1")) == ("/here/.venv", False)
    assert told(only("pipenv install x", files, VIRTUAL_ENV="/env")) == ("/env", True)
    assert told(only("pipenv install x", files, PIPENV_CUSTOM_VENV_NAME="y")) == (None, None)
    assert only("pipenv graph", files).action == "read"


def test_the_environments_that_lie_in_a_project() -> None:
    files = world("/here/.venv", "/here/.pixi/envs/default", pyproject_toml=PROJECT)
    assert told(only("pdm add x", files)) == ("/here/.venv", False)
    assert told(only("pdm run pip install x", files)) == ("/here/.venv", False)
    assert told(only("pixi run pip install x", files)) == ("/here/.pixi/envs/default", False)
    assert told(only("rye sync", files)) == ("/here/.venv", False)
    assert told(only("pixi add -e other x", files)) == (None, None)


def test_what_only_the_tool_could_tell_is_unknown_and_never_this_kernels() -> None:
    files = world(pyproject_toml=PROJECT)
    for text in (
        "hatch run pip install x",
        "pdm run pip install x",
        "pdm add x",
        "pixi run pip install x",
        "rye add x",
    ):
        found = only(text, files)
        assert told(found) == (None, None), text
        assert found.action == "install", text
    for text in ("tox", "nox -s tests", "hatch env create", "pipx run x"):
        assert [(each.action, each.requirements) for each in judged(text, files)] in (
            [("other", ())],
            [("read", ())],
        ), text
    assert only("pipx install x", files).same_environment is False


@pytest.mark.parametrize(
    ("text", "action", "requirements"),
    [
        ("poetry add -G dev 'x>=1' y", "install", ("x>=1", "y")),
        ("poetry add --dry-run x", "read", ("x",)),
        ("poetry show x", "read", ()),
        ("poetry env use 3.12", "other", ()),
        ("poetry lock", "other", ()),
        ("poetry add $(cat x)", "install", None),
        ("pipx upgrade-all", "install", ()),
        ("pixi global install x", "other", ()),
        ("poetry --version", "read", ()),
    ],
)
def test_what_they_are_given(text: str, action: str, requirements: tuple[str, ...] | None) -> None:
    found = judged(text, world(pyproject_toml=PROJECT))[-1]
    assert (found.action, found.requirements) == (action, requirements)


PDM = {"pyproject_toml": PROJECT}


def saved(python: str, *prefixes: str, **texts: str) -> Files:
    """A project whose `.pdm-python` names a Python."""
    found = world(*prefixes, **PDM, **texts)
    environments = {f"{prefix}/pyvenv.cfg": "" for prefix in prefixes}
    return replace(found, texts={**found.texts, "/here/.pdm-python": f"{python}\n", **environments})


@pytest.mark.parametrize(
    ("files", "environ", "prefix", "same"),
    [
        (world("/env", **PDM), {"VIRTUAL_ENV": "/env"}, "/env", True),
        (world("/other", **PDM), {"CONDA_PREFIX": "/other"}, "/other", False),
        (world("/here/.venv", **PDM), {"CONDA_PREFIX": "/env", "CONDA_DEFAULT_ENV": "base"}, "/here/.venv", False),
        (
            world("/env", "/here/.venv", **PDM),
            {"VIRTUAL_ENV": "/env", "PDM_IGNORE_ACTIVE_VENV": "1"},
            "/here/.venv",
            False,
        ),
        (saved("/kept/bin/python", "/kept"), {}, "/kept", False),
        (saved("/kept/bin/python", "/kept", "/here/.venv"), {"VIRTUAL_ENV": "/env"}, None, None),
        (saved("/gone/bin/python", "/here/.venv"), {}, "/here/.venv", False),
        (saved("/usr/bin/python3"), {}, None, None),
        (world("/here/__pypackages__", "/here/.venv", **PDM), {}, None, None),
        (world("/here/venv", "/here/env", **PDM), {}, "/here/venv", False),
        (world("/here/env", **PDM), {}, "/here/env", False),
        (world(**PDM), {}, None, None),
    ],
)
def test_which_environment_pdm_takes(
    files: Files, environ: dict[str, str], prefix: str | None, same: bool | None
) -> None:
    """The active one, the one of the Python that it saved, or one in the project."""
    assert told(only("pdm add x", files, **environ)) == (prefix, same)


@pytest.mark.parametrize(
    ("files", "environ", "prefix", "same"),
    [
        (world("/here/.venv", Pipfile=""), {}, "/here/.venv", False),
        (world("/here/.venv", PIPENV, Pipfile=""), {}, PIPENV, False),
        (world("/here/.venv", Pipfile=""), {"PIPENV_VENV_IN_PROJECT": "0"}, None, None),
        (world("/here/.venv", Pipfile="[pipenv]\nvenv_in_project = true\n"), {}, None, None),
        (
            world("/kept/" + pipenv_name("/here"), Pipfile=""),
            {"WORKON_HOME": "/kept"},
            "/kept/" + pipenv_name("/here"),
            False,
        ),
        (
            world("/data/virtualenvs/" + pipenv_name("/here"), Pipfile=""),
            {"XDG_DATA_HOME": "/data"},
            "/data/virtualenvs/" + pipenv_name("/here"),
            False,
        ),
        (world(PIPENV, "/env", Pipfile=""), {"VIRTUAL_ENV": "/env", "PIPENV_IGNORE_VIRTUALENVS": "1"}, PIPENV, False),
        (world(PIPENV, "/env", Pipfile=""), {"VIRTUAL_ENV": "/env", "PIPENV_ACTIVE": "1"}, PIPENV, False),
        *(
            (world(PIPENV, Pipfile=""), {name: "x"}, None, None)
            for name in (
                "PIPENV_PIPFILE",
                "PIPENV_MAX_DEPTH",
                "PIPENV_NO_INHERIT",
                "PIPENV_PYTHON",
                "PIPENV_CUSTOM_VENV_NAME",
            )
        ),
    ],
)
def test_which_environment_pipenv_takes(
    files: Files, environ: dict[str, str], prefix: str | None, same: bool | None
) -> None:
    """What decides otherwise than by these rules leaves it unknown."""
    assert told(only("pipenv install x", files, **environ)) == (prefix, same)
