"""Metadata that is on the path and no installation of this environment, or one that is not ours to change."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import environments
from tests.change.installers import local
from tests.change.sessions import AS_JUPYTER_DOES, Session, clean_world, make_environment, session, versions
from tests.change.transaction.worlds import snapshot

pytestmark = pytest.mark.usefixtures("installer")


def egg_info(folder: Path, name: str, version: str = "1.0") -> Path:
    """What a build with setuptools leaves in a project's folder."""
    made = folder / f"{name}.egg-info"
    made.mkdir(parents=True)
    (made / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return made


def refused(run: Session, line: str) -> str:
    """The error of a line that changes nothing and leaves no transaction."""
    before = snapshot(run.prefix)
    answer = run(line)
    assert answer["error"] is not None, answer["answer"]
    assert snapshot(run.prefix) == before
    return str(answer["error"])


def changes(answer: Mapping[str, object]) -> list[tuple[str, str]]:
    plan = answer["plan"]
    assert isinstance(plan, dict)
    return [(each["name"], each["kind"]) for each in plan["changes"]]


def test_a_project_that_was_uninstalled_is_not_installed_by_what_its_build_left(tmp_path: Path) -> None:
    """This process still has the folder on its path, with the metadata in it."""
    prefix = make_environment(tmp_path / "env")
    local.wheel(tmp_path / "wheels", "sourced", "2.0")
    metadata = egg_info(local.project(tmp_path / "project", "sourced"), "sourced", "0.1")
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        run.changed("install -e ./project")
        run.changed("uninstall sourced")
        assert refused(run, "uninstall sourced") == (
            f"`sourced` is not installed\n  on the path, but not installed  {metadata}"
        )
        assert changes(run.changed("install --no-index -f wheels sourced")) == [("sourced", "added")]
        assert versions(prefix) == {"sourced": "2.0"}
        assert changes(run.changed("uninstall sourced")) == [("sourced", "removed")]
        assert len(run.changed("history")["transactions"]) == 4


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_metadata_beside_the_notebook_satisfies_nothing(tmp_path: Path, installer: str) -> None:
    """Neither what is asked for nor what that needs; and it is not there to be removed, or listed."""
    prefix = make_environment(tmp_path / "env")
    local.wheel(tmp_path / "wheels", "ghost", "2.0")
    local.wheel(tmp_path / "wheels", "needy", "1.0", ["ghost"])
    metadata = egg_info(tmp_path, "ghost")
    (tmp_path / "spirit-1.0.dist-info").mkdir()
    with session(prefix, clean_world(tmp_path / "home"), tmp_path, start=AS_JUPYTER_DOES) as run:
        assert refused(run, "uninstall ghost") == (
            f"`ghost` is not installed\n  on the path, but not installed  {metadata}"
        )
        assert "spirit" not in run("tree")["shown"]
        options = f"--with {installer} --no-index -f wheels"
        done = run.changed(f"install {options} needy")
        assert changes(done) == [("needy", "added"), ("ghost", "added")]
        run.changed("undo")
        assert changes(run.changed(f"install {options} ghost")) == [("ghost", "added")]
        assert versions(prefix) == {"ghost": "2.0"}
        assert run("install ghost")["started"] == []


def test_what_pythonpath_has_is_installed_and_not_ours_to_remove(tmp_path: Path) -> None:
    """Every start of this environment has it."""
    prefix = make_environment(tmp_path / "env")
    metadata = egg_info(tmp_path / "extra", "handmade")
    world = clean_world(tmp_path / "home", PYTHONPATH=f"{environments.ROOT}:{tmp_path}/extra")
    with session(prefix, world, tmp_path, start=AS_JUPYTER_DOES) as run:
        done = run("install handmade")
        assert (done["started"], done["answer"]["plan"]["satisfied"]) == ([], ["handmade by handmade 1.0"])
        assert refused(run, "uninstall handmade") == (
            "nothing was changed: `handmade` 1.0 is not in this kernel's environment, so it cannot be removed from there\n"
            f"  found   {metadata}\n"
            f"  prefix  {prefix}\n\n"
            "hint: remove it with the tool that installed it"
        )


def test_what_uv_does_not_see_counts(tmp_path: Path) -> None:
    """The user site of an environment that is open to the system: pip's answers count there, also where it was not asked for."""
    prefix = make_environment(tmp_path / "env")
    configuration = prefix / "pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("packages = false", "packages = true"))
    (site := tmp_path / "home" / ".local" / environments.site_packages(prefix).relative_to(prefix)).mkdir(parents=True)
    local.wheel(tmp_path / "wheels", "outer", "1.0")
    local.wheel(tmp_path / "wheels", "outer", "2.0")
    local.wheel(tmp_path / "wheels", "needy", "1.0", ["outer"])
    line = "--no-index -f wheels needy"
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        done = run.changed("install --user --no-index -f wheels outer==1.0")
        assert done["verdict"]["importable"] == ["outer"]
        assert [each.name for each in site.glob("*.dist-info")] == ["outer-1.0.dist-info"]
    with session(prefix, clean_world(tmp_path / "home"), tmp_path) as run:
        plans = [
            run.changed(f"install --dry-run {option} {line}")["plan"] for option in ("", "--with pip", "--with uv")
        ]
        assert [each["installer"] for each in plans] == ["pip", "pip", "uv"]
        names = [[each["name"] for each in plan["changes"]] for plan in plans]
        assert names == [["needy"], ["needy"], ["needy", "outer"]]
        assert "outer" in run("list")["shown"]
        assert "outer==1.0" in run("freeze")["shown"]
        done = run.changed(f"install {line}")
        assert done["plan"]["installer_reason"] == f"uv does not see what is in `{site}`"
        assert versions(prefix) == {"needy": "1.0"}


def test_a_copy_that_another_hides_is_told(tmp_path: Path) -> None:
    """It is the other one that counts: to remove what it hides would change nothing for an import."""
    prefix = make_environment(tmp_path / "env")
    metadata = egg_info(tmp_path / "extra", "twofold")
    hidden = environments.site_packages(prefix) / "twofold-2.0.dist-info"
    hidden.mkdir()
    world = clean_world(tmp_path / "home", PYTHONPATH=f"{environments.ROOT}:{tmp_path}/extra")
    with session(prefix, world, tmp_path) as run:
        said = refused(run, "uninstall twofold").splitlines()
    assert said[1:4] == [f"  found   {metadata}", f"  hides   {hidden}", f"  prefix  {prefix}"]


def test_what_setup_py_develop_installed_is_left_to_pip(tmp_path: Path) -> None:
    """It counts as installed; what would remove or replace it says which command does, and that one does."""
    prefix = make_environment(tmp_path / "env")
    site = environments.site_packages(prefix)
    local.wheel(tmp_path / "wheels", "leg_acy", "2.0")
    local.wheel(tmp_path / "wheels", "needy", "1.0", ["leg_acy>=2"])
    metadata = egg_info(tmp_path / "old", "leg_acy")
    (link := site / "leg-acy.egg-link").write_text(f"{tmp_path}/old\n.")
    (site / "easy-install.pth").write_text(f"{tmp_path}/old\n")
    world = clean_world(tmp_path / "home")
    with session(prefix, world, tmp_path) as run:
        assert run("install leg-acy")["started"] == []
        command = f"{prefix}/bin/python -m pip uninstall leg_acy"
        said = (
            "nothing was changed: `leg_acy` 1.0 was installed by `setup.py develop`, so it cannot be {} from here\n"
            f"  found      {metadata}\n"
            f"  .pth file  {site}/easy-install.pth\n"
            f"  link       {link}\n\n"
            f"hint: `{command}` removes it"
        )
        assert refused(run, "uninstall leg-acy") == said.format("removed")
        for line in ("-U leg-acy", "needy", "--dry-run --with pip needy"):
            assert refused(run, f"install --no-index -f wheels {line}") == said.format("replaced")
        (tmp_path / "requirements.txt").write_text("needy\n")
        assert refused(run, "sync --no-index -f wheels requirements.txt") == said.format("replaced")
        subprocess.run([*shlex.split(command), "-y"], env=world, cwd=tmp_path, check=True, capture_output=True)
        assert not link.exists()
        assert refused(run, "uninstall leg_acy").startswith("`leg_acy` is not installed\n")
        done = run.changed("install --no-index -f wheels needy")
        assert changes(done) == [("needy", "added"), ("leg_acy", "added")]


def test_what_the_base_has_is_hidden_but_not_removed(tmp_path: Path) -> None:
    """A virtual environment that sees its base's packages, and the user's."""
    prefix = make_environment(tmp_path / "env")
    config = prefix / "pyvenv.cfg"
    config.write_text(config.read_text().replace("site-packages = false", "site-packages = true"))
    shutil.rmtree(next(environments.site_packages(prefix).glob("pip-*.dist-info")))
    local.wheel(tmp_path / "wheels", "mine", "2.0")
    world = clean_world(tmp_path / "home")
    library = environments.site_packages(prefix).parent.name
    user = tmp_path / "home" / ".local" / "lib" / library / "site-packages"
    metadata = egg_info(user, "mine")
    (metadata / "installed-files.txt").write_text("PKG-INFO\ninstalled-files.txt\n")
    with session(prefix, world, tmp_path) as run:
        assert refused(run, "uninstall mine") == (
            "nothing was changed: `mine` 1.0 is not in this kernel's environment, so it cannot be removed from there\n"
            f"  found   {metadata}\n"
            f"  prefix  {prefix}\n\n"
            "hint: `%safepip uninstall --user mine` removes it"
        )
        said = refused(run, "uninstall pip").splitlines()
        assert said[0].startswith("nothing was changed: `pip` ")
        assert said[0].endswith(" is not in this kernel's environment, so it cannot be removed from there")
        assert said[-1] == "hint: remove it with the tool that installed it"
        done = run.changed("install --with uv --no-index -f wheels mine==2.0")
        (change,) = done["plan"]["changes"]
        assert (change["kind"], change["old"], change["new"]) == ("upgraded", "1.0", "2.0")
        run.changed("uninstall mine")
        assert refused(run, "uninstall mine").splitlines()[1] == f"  found   {metadata}"
        assert changes(run.changed("uninstall --user mine")) == [("mine", "removed")]
        assert refused(run, "uninstall mine") == "`mine` is not installed"
