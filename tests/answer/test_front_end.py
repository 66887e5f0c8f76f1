"""The kernel's side of a package: which parts it needs of a server, found without looking for one. Both sides together are
tried in `tests/test_two_sided.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.model import FrontEnd

from .test_name import install, world, write  # noqa: F401, the fixture


def extended(site: Path, metadata: Path, name: str, version: str, **more: object) -> None:
    """Let an installed distribution carry a prebuilt extension."""
    path = f"share/jupyter/labextensions/{name}/package.json"
    write(site / path, json.dumps({"name": name, "version": version, **more}))
    write(metadata / "RECORD", (metadata / "RECORD").read_text() + f"{path},,\n")


def needs(world: World, name: str) -> list[tuple[str, str, str, str | None]]:  # noqa: F811
    front_end = where(name, world).front_end
    assert isinstance(front_end, FrontEnd)
    assert {each.verdict for each in front_end.parts} == {"unknown"}
    return [(each.kind, each.name, each.requirement, each.accepts) for each in front_end.parts]


def test_the_parts_of_all_that_it_requires(world: World, tmp_path: Path) -> None:  # noqa: F811
    """ipympl's manager is two steps away, and what asks for a range is its own source."""
    site = tmp_path / "site"
    source = '_model_module = "js-mpl"\n    _model_module_version = "^0.12"'
    extended(site, install(site, "mpl", "1.0", "mpl.py", requires=("ipywidgets<9",)), "js-mpl", "0.12.0")
    write(site / "mpl.py", f"class Canvas:\n    {source}\n")
    install(site, "ipywidgets", "8.1.9", "ipywidgets.py", requires=("jupyterlab_widgets~=3.0.17",))
    manager = "@jupyter-widgets/jupyterlab-manager"
    extended(site, install(site, "jupyterlab_widgets", "3.0.17"), manager, "5.0.16")
    assert needs(world, "mpl") == [
        ("JupyterLab", "js-mpl", "mpl==1.0", "^0.12"),
        ("JupyterLab", manager, "jupyterlab_widgets==3.0.17", "^5.0.0"),
    ]


def test_a_manager_that_nothing_here_carries(world: World, tmp_path: Path) -> None:  # noqa: F811
    """ipywidgets installed without what it requires: the one that fits is still named."""
    install(tmp_path / "site", "ipywidgets", "7.8.5", "ipywidgets.py", requires=("jupyterlab-widgets<3,>=1.0.0",))
    assert needs(world, "ipywidgets") == [
        ("JupyterLab", "@jupyter-widgets/jupyterlab-manager", "jupyterlab_widgets~=1.0", "^3.0.0")
    ]


def test_a_server_part_that_the_extension_announces(world: World, tmp_path: Path) -> None:  # noqa: F811
    """jupyterlab-git-core does not require jupyterlab-git, which has the server's half; its `package.json` names it."""
    site = tmp_path / "site"
    discovery = {"discovery": {"server": {"base": {"name": "lab-git"}}}}
    core = install(site, "lab_git_core", "1.0", "lab_git_core.py")
    extended(site, core, "@lab/git", "1.0.0", jupyterlab=discovery)
    assert needs(world, "lab_git_core") == [("JupyterLab", "@lab/git", "lab_git_core==1.0", None)]
    install(site, "lab_git", "1.1", "lab_git.py", "etc/jupyter/jupyter_server_config.d/lab_git.json")
    assert needs(world, "lab_git_core") == [
        ("JupyterLab", "@lab/git", "lab_git_core==1.0", None),
        ("server", "lab_git", "lab_git==1.1", None),
    ]


def test_what_is_a_server_itself_is_no_part_of_what_requires_it(world: World, tmp_path: Path) -> None:  # noqa: F811
    site = tmp_path / "site"
    extended(site, install(site, "theme", "1.0", "theme.py", requires=("jupyterlab",)), "theme", "1.0.0")
    install(site, "jupyterlab", "4.6.6", "jupyterlab.py", "etc/jupyter/jupyter_server_config.d/jupyterlab.json")
    assert [each[1] for each in needs(world, "theme")] == ["theme"]
    assert [each[1] for each in needs(world, "jupyterlab")] == ["jupyterlab"]


def test_a_library_has_no_sides(world: World, tmp_path: Path) -> None:  # noqa: F811
    install(tmp_path / "site", "six", "1.16", "six.py")
    assert where("six", world).front_end is None
