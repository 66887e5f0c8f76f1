"""A conda environment as `%where` tells it: its name, maker, channels and pins, whether it is activated, and what is wrong."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ipython_where.answer.conda_environment import read_conda_environment
from ipython_where.answer.environment import environment
from ipython_where.answer.world import World
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.model import CondaEnvironment
from ipython_where.runner import execute
from tests import conda_prefix
from tests.environments import clean_environ


def world_of(prefix: Path, home: Path, **more: str) -> World:
    """The world of a prefix's interpreter, with these variables."""
    home.mkdir(exist_ok=True, parents=True)
    environ = clean_environ(**{"HOME": str(home), "PATH": "/usr/bin:/bin", **more})
    for name in ("CONDA_EXE", "CONDA_PREFIX", "MAMBA_ROOT_PREFIX", "CONDARC", "XDG_CONFIG_HOME"):
        environ.pop(name, None) if name not in more else None
    described = ask_interpreter(str(prefix / "bin" / "python"), environ=environ, run=execute)
    return World.of(described, environ=environ, home=str(home), cwd=str(home))


def small(prefix: Path, *specs: str) -> Path:
    """A prefix of one's own with few packages."""
    return conda_prefix.prefix_in(prefix, "python", "proj", "plainmod", *specs)


def told(world: World, *, verbose: bool = False) -> list[str]:
    return [each.id for each in read_conda_environment(world, verbose=verbose)[1]]


def test_a_named_environment(tmp_path: Path) -> None:
    """In a folder `envs`, with a `.condarc` of its own and one of the user's, pins, and the variables of being activated."""
    prefix = small(tmp_path / "conda" / "envs" / "lab")
    (prefix / ".condarc").write_text("channels: [own, conda-forge]\n")
    (prefix / "conda-meta" / "pinned").write_text("plainmod 1.*\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".condarc").write_text("channels:\n  - conda-forge\n  - https://conda.example/t/tk-sEcReT/x\n")
    world = world_of(prefix, home, CONDA_PREFIX=str(prefix), PROJ_DATA=f"{prefix}/share/proj")
    found, findings = read_conda_environment(world, verbose=True)
    assert found == CondaEnvironment(
        name="lab",
        base=False,
        packages=3,
        channels=("own", "conda-forge", "https://conda.example/t/****/x"),
        pinned=("plainmod 1.*",),
        frozen=False,
        pixi=False,
        manifest=None,
        activated=True,
    )
    assert findings == ()
    answer = environment(world)
    assert (answer.conda, answer.kernel.kind, answer.kernel.made_by) == (found, "conda", "conda")
    text = " ".join(str(answer).replace(" · ", " ").split())
    row = (
        "conda lab 3 packages channels own, conda-forge, https://conda.example/t/****/x pinned `plainmod 1.*` activated"
    )
    assert row in text
    assert f"hint: `conda install --prefix {prefix} pip` installs pip there" in text
    assert "no conda, mamba, micromamba or pixi found" in text
    assert "sEcReT" not in json.dumps(answer.to_dict()) + answer._repr_mimebundle_()["text/html"]


def test_an_environment_without_a_name_and_a_base(tmp_path: Path) -> None:
    """Elsewhere it has none; the one that has conda's programs is an installation's own, and so is mamba's root."""
    prefix = small(tmp_path / "env")
    assert _name(world_of(prefix, tmp_path / "home")) == (None, None)
    assert _name(world_of(prefix, tmp_path / "home", MAMBA_ROOT_PREFIX=str(prefix))) == ("base", True)
    (tmp_path / "home" / ".condarc").write_text(f"envs_dirs: [{tmp_path}]\n")
    assert _name(world_of(prefix, tmp_path / "home")) == ("env", False)
    (prefix / "condabin").mkdir()
    assert _name(world_of(prefix, tmp_path / "home")) == ("base", True)


def _name(world: World) -> tuple[str | None, bool | None]:
    found, _ = read_conda_environment(world, verbose=False)
    return found.name, found.base


def test_who_made_it_and_who_serves_it(tmp_path: Path) -> None:
    """pixi by its marks, with its project; its program is found where its installer puts it."""
    prefix = small(tmp_path / "work" / ".pixi" / "envs" / "test")
    (prefix / "conda-meta" / "pixi").write_text(
        json.dumps({"manifest_path": "/work/pixi.toml", "environment_name": "test"})
    )
    program = tmp_path / "home" / ".pixi" / "bin" / "pixi"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    answer = environment(world_of(prefix, tmp_path / "home"))
    assert answer.conda is not None
    assert (answer.kernel.made_by, answer.conda.pixi, answer.conda.manifest) == ("pixi", True, "/work/pixi.toml")
    assert [(each.name, each.path) for each in answer.kernel.installers if each.name == "pixi"] == [
        ("pixi", str(program))
    ]
    assert "managed by pixi: /work/pixi.toml not activated" in " ".join(str(answer).replace(" · ", " ").split())


@pytest.mark.parametrize("maker", ["mamba", "micromamba"])
def test_the_maker_by_the_history(tmp_path: Path, maker: str) -> None:
    prefix = small(tmp_path / "env")
    history = prefix / "conda-meta" / "history"
    history.write_text(history.read_text().replace("/opt/conda/bin/conda install", f"{maker} create"))
    answer = environment(world_of(prefix, tmp_path / "home"))
    assert answer.kernel.made_by == maker
    assert f"conda environment by `{maker}`" in str(answer)


def test_what_is_not_activated_lacks_variables(tmp_path: Path) -> None:
    """Those that its scripts set; where another environment is active, those that lead there."""
    prefix, other = small(tmp_path / "env"), tmp_path / "other"
    (other / "conda-meta").mkdir(parents=True)
    found, (finding,) = read_conda_environment(world_of(prefix, tmp_path / "home"), verbose=False)
    assert (found.activated, finding.id, finding.severity) == (False, "conda-not-activated", "note")
    assert finding.message == "this environment is not activated, so `PROJ_DATA` is not set"
    assert finding.evidence[0].value == f"{prefix}/etc/conda/activate.d/proj-activate.sh"
    assert (finding.hint or "").startswith(
        f"`conda run -p {prefix} --no-capture-output jupyter lab` starts Jupyter with them"
    )
    led = world_of(prefix, tmp_path / "home", CONDA_PREFIX=str(other), PROJ_DATA=f"{other}/share/proj")
    (finding,) = read_conda_environment(led, verbose=False)[1]
    assert (
        finding.message == "`PROJ_DATA` leads into another conda environment, which is active in place of this kernel's"
    )
    assert finding.evidence[0].value == f"{other}/share/proj"
    assert told(world_of(prefix, tmp_path / "home", PROJ_DATA="/mine")) == []


def test_files_and_records_that_disagree(tmp_path: Path) -> None:
    """Each missing file of each package, as `conda doctor` finds them, where a verbose answer is asked for."""
    prefix = small(tmp_path / "env")
    world = world_of(prefix, tmp_path / "home", CONDA_PREFIX=str(prefix), PROJ_DATA="/x")
    assert told(world, verbose=True) == []
    (prefix / "share" / "proj" / "proj.db").unlink()
    (site,) = prefix.glob("lib/python3*/site-packages")
    (site / "plainmod.py").unlink()
    assert told(world) == []
    (finding,) = read_conda_environment(world, verbose=True)[1]
    assert finding.message == "2 files of conda packages are gone"
    assert [(each.label, each.value) for each in finding.evidence] == [
        ("plainmod", str((site / "plainmod.py").relative_to(prefix))),
        ("proj", "share/proj/proj.db"),
    ]
    assert finding.hint == "`%safeconda install --force-reinstall plainmod proj` restores them"


def rewritten(path: Path, text: str) -> None:
    """Write a new file in the place of one that is a hard link of the package cache, which other prefixes share."""
    path.unlink()
    path.write_text(text)


def test_what_conda_doctor_looks_at(tmp_path: Path) -> None:
    """Files of another size, what packages depend on, pins, certificates, and conda's own list: most where it is asked for."""
    prefix = small(tmp_path / "env", "needs=1.0", "modes=1.0")
    home = tmp_path / "home"
    known = {"CONDA_PREFIX": str(prefix), "PROJ_DATA": "/x"}
    assert told(world_of(prefix, home, **known), verbose=True) == []
    rewritten(prefix / "share" / "proj" / "proj.db", "longer than it was")
    rewritten(prefix / "share" / "modes" / "program", "2.0\n")  # of the same size
    for record in (prefix / "conda-meta").glob("shared-a-*.json"):
        record.rename(record.with_name("shared-a-2.0-h1_0.json"))
    for record in (prefix / "conda-meta").glob("modes-*.json"):
        record.write_text(
            record.read_text().replace('"depends": []', '"depends": ["nosuch >=1", "__unix", "python >=3"]')
        )
    (prefix / "conda-meta" / "pinned").write_text("plainmod 1.*\nnosuch 1\n>=2\n")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text("/elsewhere\n")
    world = world_of(prefix, home, **known, REQUESTS_CA_BUNDLE=f"{tmp_path}/gone.pem")
    assert told(world) == ["conda-pin-malformed", "certificates-gone"]
    found = {each.id: each for each in read_conda_environment(world, verbose=True)[1]}
    assert list(found) == [
        "conda-files-altered",
        "conda-inconsistent",
        "conda-pin-malformed",
        "conda-pin-unused",
        "certificates-gone",
        "conda-unlisted",
    ]
    altered, unmet = found["conda-files-altered"], found["conda-inconsistent"]
    assert [(each.label, each.value) for each in altered.evidence] == [("proj", "share/proj/proj.db")]
    assert altered.hint == "`%safeconda install --force-reinstall proj` restores it"
    assert [(each.label, each.value, each.note) for each in unmet.evidence] == [
        ("modes", "needs nosuch >=1", "not installed"),
        ("needs", "needs shared-a 1.*", "2.0 is there"),
    ]
    assert unmet.hint == "`%safeconda install nosuch`"
    assert "`>=2` in `pinned` is no spec" in found["conda-pin-malformed"].message
    assert found["conda-pin-unused"].message == "`nosuch` is pinned and not installed"
    assert found["conda-unlisted"].evidence[0].value == str(home / ".conda" / "environments.txt")
    with open(home / ".conda" / "environments.txt", "a") as file:
        file.write(f"{prefix}/\n")
    assert "conda-unlisted" not in told(world, verbose=True)


def test_a_broken_record_a_dead_change_and_a_freeze_are_told(tmp_path: Path) -> None:
    prefix = small(tmp_path / "env")
    meta = prefix / "conda-meta"
    (record,) = meta.glob("plainmod-*.json")
    record.write_text("{")
    (meta / "prefix_record_x").touch()
    (meta / "frozen").write_text('{"message": "ask first"}')
    world = world_of(prefix, tmp_path / "home", CONDA_PREFIX=str(prefix), PROJ_DATA="/x")
    dead, broken, frozen = read_conda_environment(world, verbose=True)[1]
    assert [each.value for each in dead.evidence] == [str(meta / "prefix_record_x")]
    assert broken.message.startswith("conda's record of `plainmod` can't be read: which files it has is unknown")
    assert broken.evidence[0].value == str(record)
    assert (frozen.id, [each.value for each in frozen.evidence]) == (
        "conda-frozen",
        [str(meta / "frozen"), "ask first"],
    )


def test_no_conda_no_answer(tmp_path: Path) -> None:
    """Where conda made nothing, nothing is told of it."""
    world = replace(World.here(), interpreter={**World.here().interpreter, "prefix": str(tmp_path)})
    assert world.conda.all == ()
    assert environment(replace(world, environ=dict(os.environ))).conda is None
