"""The environments of the project around a notebook, as the tools lay them; the hashes are those that the tools made."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest

from ipython_where.facts.environments.candidates import Environments
from ipython_where.facts.environments.contents import search
from ipython_where.facts.environments.project_environments import project_environments
from ipython_where.judge.commands.project_places import slug

from .laid_out import bare

NO_ENVIRON = {"PATH": "/nonexistent"}


def found(tmp_path: Path, cwd: Path, **environ: str) -> list[tuple[str, str]]:
    answer = project_environments({**NO_ENVIRON, **environ}, str(tmp_path / "home"), str(cwd))
    return [(os.path.relpath(each.prefix, tmp_path), each.why) for each in answer]


def hashed(path: Path, length: int = 32) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(str(path).encode()).digest()[:length]).decode()[:8]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in whose folder for notebooks the kernel runs."""
    (tmp_path / "work" / "notebooks").mkdir(parents=True)
    (tmp_path / "work" / "pyproject.toml").write_text("")
    return tmp_path / "work"


def test_the_hashes_are_those_of_poetry_hatch_and_pipenv() -> None:
    """What poetry 2.5.1 and hatch 1.18.2 (of a folder) and pipenv 2026.10.3 (of a Pipfile) made for these paths."""
    assert slug("/srv/project") == "Tz-R9rC0"
    assert slug("/srv/project/Pipfile") == "PsmxMw5C"


def test_poetrys_is_found_from_a_folder_of_the_project(tmp_path: Path, project: Path) -> None:
    cache = tmp_path / "home/.cache/pypoetry/virtualenvs"
    name = f"my-proj-{hashed(project)}-py3.12"
    bare(cache / name)
    bare(cache / "another-aaaaaaaa-py3.12")
    (cache / f"broken-{hashed(project)}-py3.11").mkdir()
    expected = [(f"home/.cache/pypoetry/virtualenvs/{name}", f"poetry {name}")]
    assert found(tmp_path, project / "notebooks") == expected
    assert found(tmp_path, tmp_path) == []


@pytest.mark.parametrize(
    "how", ["POETRY_VIRTUALENVS_PATH", "POETRY_CACHE_DIR", "poetry.toml", "config.toml", "cache-dir"]
)
def test_poetrys_settings_are_followed(tmp_path: Path, project: Path, how: str) -> None:
    name = f"p-{hashed(project)}-py3.12"
    bare(tmp_path / "moved/virtualenvs" / name)
    settings = tmp_path / "home/.config/pypoetry/config.toml"
    settings.parent.mkdir(parents=True)
    path = f"{tmp_path}/moved/virtualenvs"
    environ = {"POETRY_VIRTUALENVS_PATH": path, "POETRY_CACHE_DIR": f"{tmp_path}/moved"}
    if how == "poetry.toml":
        (project / "poetry.toml").write_text(f'[virtualenvs]\npath = "{path}"\n')
        settings.write_text('[virtualenvs]\npath = "/nowhere"\n')
    elif how == "config.toml":
        settings.write_text(f'cache-dir = "{tmp_path}/moved"\n[virtualenvs]\npath = "{{cache-dir}}/virtualenvs"\n')
    elif how == "cache-dir":
        settings.write_text(f'cache-dir = "{tmp_path}/moved"\n')
    given = {how: environ[how]} if how in environ else {}
    assert found(tmp_path, project, **given) == [(f"moved/virtualenvs/{name}", f"poetry {name}")]


def test_a_broken_setting_is_passed_over(tmp_path: Path, project: Path) -> None:
    (project / "poetry.toml").write_text("[virtualenvs\n")
    assert found(tmp_path, project) == []


def test_hatchs_are_found(tmp_path: Path, project: Path) -> None:
    """One a name of an environment; in a folder of the project they stand side by side."""
    data = tmp_path / "home/.local/share/hatch/env/virtual"
    for name in ("my-proj", "docs"):
        bare(data / "my-proj" / hashed(project) / name)
    bare(data / "other" / "aaaaaaaa" / "other")
    assert [why for _, why in found(tmp_path, project)] == ["hatch docs", "hatch my-proj"]
    bare(tmp_path / "moved/env/virtual/my-proj" / hashed(project) / "my-proj")
    assert found(tmp_path, project, HATCH_DATA_DIR=f"{tmp_path}/moved")[0][1] == "hatch my-proj"
    settings = tmp_path / "home/.config/hatch/config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[dirs.env]\nvirtual = ".hatch"\n')
    bare(project / ".hatch/my-proj")
    assert found(tmp_path, project) == [("work/.hatch/my-proj", "hatch my-proj")]


def test_pipenvs_are_found(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "Pipfile").write_text("")
    data = tmp_path / "home/.local/share/virtualenvs"
    mark = hashed(work / "Pipfile", 6)
    for name in (f"work-{mark}", f"work-{mark}-3.12", "work-aaaaaaaa", "chosen", "named"):
        bare(data / name)
    assert [why for _, why in found(tmp_path, work)] == [f"pipenv work-{mark}", f"pipenv work-{mark}-3.12"]
    (work / ".venv").write_text("named\n")
    assert found(tmp_path, work, PIPENV_CUSTOM_VENV_NAME="chosen")[:2] == [
        ("home/.local/share/virtualenvs/named", "pipenv named"),
        ("home/.local/share/virtualenvs/chosen", "pipenv chosen"),
    ]
    bare(tmp_path / f"workon/work-{mark}")
    assert found(tmp_path, work, WORKON_HOME=f"{tmp_path}/workon")[-1] == (f"workon/work-{mark}", f"pipenv work-{mark}")


def test_pdms_choice_and_its_local_packages(tmp_path: Path, project: Path) -> None:
    """`.pdm-python` names an interpreter; `__pypackages__` holds packages and no environment (PEP 582)."""
    env = bare(tmp_path / "elsewhere")
    (project / ".pdm-python").write_text(f"{env}/bin/python\n")
    packages = project / "__pypackages__/3.11/lib"
    packages.mkdir(parents=True)
    (packages / "thing.py").touch()
    assert found(tmp_path, project / "notebooks") == [
        ("elsewhere", "pdm"),
        ("work/__pypackages__/3.11", "pdm __pypackages__"),
    ]
    candidates = Environments(found=tuple(project_environments(NO_ENVIRON, None, str(project))))
    assert [each.file for each in search(candidates, "thing", ()).found] == [str(packages / "thing.py")]
    (project / ".pdm-python").write_text("relative/python")
    assert found(tmp_path, project)[0][1] == "pdm __pypackages__"


def test_those_that_pdm_keeps(tmp_path: Path, project: Path) -> None:
    """The hash is that of PDM 2.29.4 for this path."""
    mark = base64.urlsafe_b64encode(hashlib.md5(str(project).encode()).digest()).decode()[:8]
    bare(tmp_path / f"home/.local/share/pdm/venvs/work-{mark}-3.12")
    bare(tmp_path / "home/.local/share/pdm/venvs/work-aaaaaaaa-3.12")
    assert [why for _, why in found(tmp_path, project)] == [f"pdm work-{mark}-3.12"]
    assert base64.urlsafe_b64encode(hashlib.md5(b"/srv/project").digest()).decode()[:8] == "w9ZO1Cth"


def test_pixis_and_where_uvs_was_put(tmp_path: Path, project: Path) -> None:
    for name in ("default", "docs"):
        (project / ".pixi/envs" / name / "conda-meta").mkdir(parents=True)
    bare(project / "kept/venv")
    assert found(tmp_path, project, UV_PROJECT_ENVIRONMENT="kept/venv") == [
        ("work/.pixi/envs/default", "pixi default"),
        ("work/.pixi/envs/docs", "pixi docs"),
        ("work/kept/venv", "`UV_PROJECT_ENVIRONMENT`"),
    ]
