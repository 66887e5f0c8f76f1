"""Other environments are found as their makers lay them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

from ipython_where.facts.environments.candidates import Environments
from ipython_where.facts.environments.contents import Searched, search
from ipython_where.facts.environments.others import find_environments
from ipython_where.runner import Deadline

from .laid_out import bare

NO_ENVIRON = {"PATH": "/nonexistent"}


def found(tmp_path: Path, **given: object) -> list[tuple[str, str]]:
    """Prefix (below ``tmp_path``) and why, of those that the test made itself."""
    world = {"environ": NO_ENVIRON, "cwd": "/", "home": str(tmp_path / "home"), "kernel_prefix": sys.prefix, **given}
    answer = find_environments(**world)  # type: ignore[arg-type]
    return [(os.path.relpath(c.prefix, tmp_path), c.why) for c in answer.found if c.prefix.startswith(str(tmp_path))]


def test_every_place_where_environments_are_kept(tmp_path: Path) -> None:
    """One of each kind, with the reason that a reader would recognise."""
    home = tmp_path / "home"
    for place in (
        ".pyenv/versions/3.11.9",
        ".virtualenvs/v",
        ".local/share/virtualenvs/p-x1",
        ".local/share/pipx/venvs/black",
    ):
        bare(home / place)
    bare(home / ".local/share/uv/tools/ruff")
    conda = bare(tmp_path / "miniconda/envs/ml")
    (conda / "pyvenv.cfg").unlink()
    (conda / "conda-meta").mkdir()
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{conda}\n\n{tmp_path}/gone\nrelative\n")
    assert found(tmp_path) == [
        ("miniconda/envs/ml", "conda ml"),
        ("home/.pyenv/versions/3.11.9", "pyenv 3.11.9"),
        ("home/.virtualenvs/v", "virtualenv v"),
        ("home/.local/share/virtualenvs/p-x1", "pipenv p-x1"),
        ("home/.local/share/pipx/venvs/black", "pipx black"),
        ("home/.local/share/uv/tools/ruff", "uv tool ruff"),
    ]


def test_the_variables_that_move_those_places(tmp_path: Path) -> None:
    """`PYENV_ROOT`, `WORKON_HOME`, `PIPX_HOME`, `UV_TOOL_DIR`, `VIRTUAL_ENV` and the PATH are followed."""
    environ = {
        "PATH": f"{tmp_path}/nothing:{bare(tmp_path / 'onpath')}/bin",
        "PYENV_ROOT": str(bare(tmp_path / "py/versions/3.9").parent.parent),
        "WORKON_HOME": str(bare(tmp_path / "work/w").parent),
        "PIPX_HOME": str(bare(tmp_path / "pipx/venvs/nox").parent.parent),
        "UV_TOOL_DIR": str(bare(tmp_path / "tools/t").parent),
        "VIRTUAL_ENV": str(bare(tmp_path / "active")),
    }
    bare(tmp_path / "home/.local/share/pipx/venvs/not-looked-at")
    assert found(tmp_path, environ=environ) == [
        ("onpath", "`!python`"),
        ("active", "`VIRTUAL_ENV`"),
        ("py/versions/3.9", "pyenv 3.9"),
        ("work/w", "virtualenv w"),
        ("pipx/venvs/nox", "pipx nox"),
        ("tools/t", "uv tool t"),
    ]


def test_beside_and_above_the_notebook(tmp_path: Path) -> None:
    """Any folder with a `pyvenv.cfg`, whatever its name; above, and among very many folders, only the usual names."""
    bare(tmp_path / "a/b/.venv")
    bare(tmp_path / "a/somebody-elses")
    bare(tmp_path / "a/b/my-env")
    bare(tmp_path / "a/venv")
    crowded = tmp_path / "a/b"
    assert found(tmp_path, cwd=str(crowded)) == [
        ("a/b/.venv", "beside the notebook"),
        ("a/b/my-env", "beside the notebook"),
        ("a/venv", "above the notebook"),
    ]
    for number in range(501):
        (crowded / f"data{number}").touch()
    assert [prefix for prefix, _ in found(tmp_path, cwd=str(crowded))] == ["a/b/.venv", "a/venv"]


def test_what_the_projects_own_tools_keep(tmp_path: Path) -> None:
    """pixi's lies deeper than anything beside the notebook that is looked at, and uv's where a variable says."""
    project = tmp_path / "work"
    (project / ".pixi/envs/default/conda-meta").mkdir(parents=True)
    bare(project / "kept/venv")
    environ = {**NO_ENVIRON, "UV_PROJECT_ENVIRONMENT": "kept/venv"}
    (project / "pyproject.toml").write_text("")
    assert found(tmp_path, cwd=str(project), environ=environ) == [
        ("work/.pixi/envs/default", "pixi default"),
        ("work/kept/venv", "`UV_PROJECT_ENVIRONMENT`"),
    ]


def test_kernelspecs_over_jupyters_path(tmp_path: Path) -> None:
    """The user's, the kernel's, `JUPYTER_PATH`'s; other languages, wrappers and broken files are passed over."""

    def spec(folder: str, name: str, text: str) -> None:
        file = tmp_path / folder / "kernels" / name / "kernel.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)

    for name in "abcd":
        bare(tmp_path / f"env-{name}")
    for folder, name in (
        ("home/.local/share/jupyter", "a"),
        ("kernel/share/jupyter", "b"),
        ("extra", "c"),
        ("home/.ipython", "d"),
    ):
        spec(folder, name, json.dumps({"argv": [f"{tmp_path}/env-{name}/bin/python", "-m", "ipykernel"]}))
    broken = (
        "",
        "[]",
        '{"argv": []}',
        '{"argv": "x"}',
        '{"argv": [3]}',
        '{"argv": ["python"]}',
        '{"argv": ["/usr/bin/R"]}',
    )
    for number, text in enumerate((*broken, '{"argv": ["/gone/bin/python"]}', '{"argv": ["/a\\u0000/python"]}')):
        spec("extra", f"x{number}", text)
    kernel = str(tmp_path / "kernel")
    assert found(tmp_path, environ={**NO_ENVIRON, "JUPYTER_PATH": f"{tmp_path}/extra"}, kernel_prefix=kernel) == [
        ("env-c", "kernelspec c"),
        ("env-a", "kernelspec a"),
        ("env-b", "kernelspec b"),
        ("env-d", "kernelspec d"),
    ]


def test_each_once_and_the_kernels_own_left_out(tmp_path: Path) -> None:
    """Two names of one folder are one environment; the first reason is kept."""
    one = bare(tmp_path / "work/one")
    (tmp_path / "alias").symlink_to(one)
    environ = {**NO_ENVIRON, "VIRTUAL_ENV": str(tmp_path / "alias"), "WORKON_HOME": str(tmp_path / "work")}
    assert found(tmp_path, environ=environ) == [("alias", "`VIRTUAL_ENV`")]
    assert found(tmp_path, environ=environ, kernel_prefix=str(one)) == []


def test_a_shim_on_path_names_no_environment(tmp_path: Path) -> None:
    """What a script starts is not known from its path."""
    shim = tmp_path / "shims/bin/python"
    shim.parent.mkdir(parents=True)
    (tmp_path / "shims/lib").mkdir()
    shim.write_text("#!/bin/sh\n")
    shim.chmod(0o755)
    assert found(tmp_path, environ={"PATH": str(shim.parent)}) == []


def test_no_interpreter_is_started(tmp_path: Path) -> None:
    """Each environment's `python` would leave a mark if it ran; those that have the module are told, in order."""
    for number in range(4):
        env = bare(tmp_path / f"envs/env{number}")
        (env / "bin/python").unlink()
        (env / "bin/python").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (env / "bin/python").chmod(0o755)
        if number % 2:
            (env / "lib/python3.11/site-packages/thing.py").touch()
    environ = {**NO_ENVIRON, "WORKON_HOME": str(tmp_path / "envs")}
    candidates = find_environments(environ=environ, cwd="/", home=None, kernel_prefix=sys.prefix)
    one = Environments(found=tuple(c for c in candidates.found if c.why.startswith("virtualenv")))
    answer = search(one, "thing", ()).found
    assert [(e.why, e.file) for e in answer] == [
        (f"virtualenv env{n}", f"{tmp_path}/envs/env{n}/lib/python3.11/site-packages/thing.py") for n in (1, 3)
    ]
    assert not (tmp_path / "ran").exists()


def test_what_there_was_no_time_for_is_counted_and_never_nowhere(tmp_path: Path) -> None:
    """One deadline is for finding the environments and for looking into them; without it each is searched."""
    ticks = count()  # a clock that goes on by one second whenever somebody looks at it
    for name in ("a", "b", "c"):
        packages = next(bare(tmp_path / name).glob("lib/*")) / "site-packages"
        packages.mkdir(exist_ok=True)
        (packages / "thing.py").touch()

    def searched(seconds: float, looking: float) -> Searched:
        clock = ticks.__next__
        found = find_environments(
            environ=NO_ENVIRON, cwd=str(tmp_path), home=None, kernel_prefix=sys.prefix,
            deadline=Deadline.after(looking, clock),
        )  # fmt: skip
        mine = tuple(each for each in found.found if each.why == "beside the notebook")
        return search(replace(found, found=mine), "thing", (), Deadline.after(seconds, clock))

    assert [os.path.basename(each.prefix) for each in searched(99, 99).found] == ["a", "b", "c"]
    assert searched(99, 99).unsearched == 0
    late = searched(3, 99)
    assert [os.path.basename(each.prefix) for each in late.found] == ["a", "b"]
    assert late.unsearched == 1
    cut = searched(99, 2)
    assert [os.path.basename(each.prefix) for each in cut.found] == ["a", "b"]
    assert cut.unsearched is None
