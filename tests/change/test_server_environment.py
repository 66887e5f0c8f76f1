"""The server's environment as a place, as far as values and files tell; with a real server: `tests/test_two_sided.py`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where import probe
from ipython_where.answer.world import World
from ipython_where.change.commands.dispatch import carry_out_in
from ipython_where.change.installers.progress import Silent
from ipython_where.change.request.request import parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.change.server_environment import ServerEnvironment, ServerError, server_place, server_roots
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.model import Server
from ipython_where.runner import execute
from tests.faults.wheels import write_wheel

from .sessions import clean_world, make_environment
from .transaction.worlds import QuickDisk, snapshot

pytestmark = pytest.mark.usefixtures("installer")


def distribution(site: Path, name: str, entry_points: str) -> Path:
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(entry_points)
    return folder


def test_what_starts_a_server_is_told_by_its_programs(tmp_path: Path) -> None:
    """By no list of projects: a server of another name is one too, and an extension is none."""
    distribution(tmp_path, "jupyterlab", "[console_scripts]\njlpm = jupyterlab.jlpmapp:main\njupyter-lab = a:main\n")
    distribution(tmp_path, "their_hub", "[console_scripts]\njupyterhub-singleuser=hub:main\n")
    distribution(tmp_path, "lab_git", "[console_scripts]\ngitlab = g:main\n")
    assert sorted(server_roots(InstalledDistributions(Distributions(), [str(tmp_path)]))) == ["jupyterlab", "their_hub"]


def test_what_came_after_its_start_is_nothing_that_the_server_runs_on(tmp_path: Path) -> None:
    """Else an undo of what brought it would be refused."""
    came = distribution(tmp_path, "notebook", "[console_scripts]\njupyter-notebook = a:main\n").stat().st_ctime
    installed = InstalledDistributions(Distributions(), [str(tmp_path)])
    assert server_roots(installed, started=came + 10) == ("notebook",)
    assert server_roots(installed, started=came - 10) == ()


def test_no_server_no_place() -> None:
    """This process was not started by Jupyter, and says so."""
    with pytest.raises(ServerError) as error:
        server_place(replace(World.here(), connection_file=None), Silent())
    assert error.value.lines() == [
        "no Jupyter server drives this kernel, so `--server` has no environment to install into",
        "  not started by Jupyter: this process has no connection file",
        "",
        "hint: leave out `--server` to install into this kernel's environment",
    ]


def test_all_that_a_fresh_start_of_the_servers_python_has_is_installed(tmp_path: Path) -> None:
    """A `sitecustomize` there may have put it on the path; this kernel's PYTHONPATH and site directories say nothing of it."""
    for folder in ("site", "code"):
        distribution(tmp_path / folder, f"of_{folder}", "")
    path = (f"{tmp_path}/site", f"{tmp_path}/code")
    told = {"fresh": True, "sys_path": path, "site_directories": [path[0]], "purelib": path[0], "platlib": path[0]}
    described = {**probe.tell(), **told}
    world = World.of(described, environ={}, home=None, cwd=str(tmp_path / "elsewhere"))
    server = Server(
        verdict="local",
        url=None,
        pid=None,
        version=None,
        interpreter=None,
        interpreter_version=None,
        prefix=None,
        same_environment=False,
        evidence=(),
    )
    place = ServerEnvironment(world=world, progress=Silent(), server=server, kernel_root="/", asked_from=world)
    assert sorted(place.installed.all()) == ["of_code", "of_site"]


def test_what_the_server_runs_on_is_allowed_by_name_and_its_python_never(tmp_path: Path) -> None:
    """A console script, a file of the data, and a module of one of its distributions."""
    prefix = make_environment(tmp_path / "server")
    environ = clean_world(tmp_path / "home")
    described = ask_interpreter(str(prefix / "bin" / "python"), environ=environ, run=execute)
    world = World.of(described, environ=environ, home=str(tmp_path / "home"), cwd=str(tmp_path))
    (tmp_path / "kernel").mkdir()
    place = ServerEnvironment(
        world=world,
        progress=Silent(),
        server=_of(prefix),
        kernel_root=str(tmp_path / "kernel"),
        asked_from=world,
        disk=QuickDisk(),
    )
    brings = {
        "console": {"console-1.0.dist-info/entry_points.txt": "[console_scripts]\npython = console:main\n"},
        "data": {"data-1.0.data/data/bin/python3": "#!python\n"},
        "module": {"pip/__init__.py": "broken\n"},
    }
    for name, files in brings.items():
        write_wheel(tmp_path / "wheels", name, "1.0", files)
        for option in ("--dry-run", ""):
            for allowed in ("", "--allow-server"):
                line = f"install --server --with pip --no-index -f {tmp_path}/wheels {name} {option} {allowed}"
                before, error = snapshot(prefix), None
                try:
                    carry_out_in(place.afresh(), parse_request(split_line(line)))
                except WhereError as raised:
                    error = raised.message
                if name != "module":
                    assert (
                        error == f"nothing was changed: `{name}` contains files that belong to the environment itself"
                    )
                elif not allowed:
                    assert error == "nothing was changed: `module` contains files of `pip`, which the server runs on"
                else:
                    assert error is None
                assert (snapshot(prefix) == before) is (error is not None or option == "--dry-run")


def _of(prefix: Path) -> Server:
    return Server(
        verdict="local",
        url=None,
        pid=None,
        version=None,
        interpreter=str(prefix / "bin" / "python"),
        interpreter_version=None,
        prefix=str(prefix),
        same_environment=False,
        evidence=(),
    )
