"""What a conda prefix says of itself: its maker, pins, whether it is frozen or pixi's, and what activating it would set."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ipython_where.facts.conda.prefix import CondaPrefix, PixiProject, maker_in, parse_pinned
from tests import conda_prefix


def prefix(folder: Path, **files: str) -> CondaPrefix:
    """A prefix with these files in its `conda-meta`."""
    meta = folder / "conda-meta"
    meta.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (meta / name.replace("__", ".")).write_text(content)
    return CondaPrefix(str(folder))


def test_a_real_one() -> None:
    """Asked of the kept prefix: made by conda, for that is what its history says, and not activated here."""
    kept = CondaPrefix(str(conda_prefix.kept()))
    assert (kept.made_by, kept.pinned, kept.is_frozen, kept.pixi, kept.leftovers()) == ("conda", (), False, None, ())
    script = os.path.join(kept.prefix, "etc/conda/activate.d/proj-activate.sh")
    assert kept.unset_by({}) == {"PROJ_DATA": script}
    assert kept.unset_by({"PROJ_DATA": "/x"}) == {}


def test_nothing_is_there(tmp_path: Path) -> None:
    bare = CondaPrefix(str(tmp_path))
    assert (bare.made_by, bare.pinned, bare.is_frozen, bare.frozen_message, bare.pixi) == (None, (), False, None, None)
    assert (bare.leftovers(), bare.unset_by({})) == ((), {})


@pytest.mark.parametrize(
    ("command", "maker"),
    [
        ("/opt/conda/bin/conda create -n x", "conda"),
        (r"C:\Users\me\miniconda3\Scripts\conda.exe create", "conda"),
        ("/opt/conda/bin/conda-env create -f environment.yml", "conda"),
        ("/opt/conda/bin/mamba create", "mamba"),
        ("micromamba create -n x", "micromamba"),
        (
            "/home/u/miniforge3/_conda install --offline --file /home/u/miniforge3/pkgs/env.txt -yp /home/u/miniforge3",
            "constructor",
        ),
        ("/x/_conda.exe install --offline --file /x/conda-meta/initial-state.explicit.txt -yp /x", "constructor"),
        ("make-something", None),
        ("", None),
    ],
)
def test_the_maker_by_its_command(command: str, maker: str | None) -> None:
    assert maker_in(command) == maker


def test_the_maker_by_marks(tmp_path: Path) -> None:
    """pixi leaves files, rattler a tag; whoever changed it later didn't make it."""
    pixi = prefix(
        tmp_path / "a",
        history="==> 1 <==\n# cmd: conda create\n",
        pixi=json.dumps({"manifest_path": "/p/pixi.toml", "environment_name": "test"}),
    )
    assert (pixi.made_by, pixi.pixi) == ("pixi", PixiProject(manifest="/p/pixi.toml", environment="test"))
    rattler = prefix(tmp_path / "b", history="")
    (tmp_path / "b" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# created by rattler.\n")
    assert rattler.made_by == "rattler"
    changed = prefix(tmp_path / "c", history="==> 1 <==\n# cmd: mamba create\n==> 2 <==\n# cmd: conda install x\n")
    assert changed.made_by == "mamba"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"manifest_path": 3}'])
def test_marks_of_pixi_without_a_project(tmp_path: Path, content: str) -> None:
    assert prefix(tmp_path, pixi=content).pixi == PixiProject(manifest=None, environment=None)


def test_pixis_other_marks(tmp_path: Path) -> None:
    """Older versions leave less, and one that died says so."""
    assert prefix(tmp_path / "a", pixi_env_prefix="/x").pixi is not None
    dead = prefix(tmp_path / "b", **{"__pixi-environment-fingerprint": "pixi:installing!"})
    assert (dead.pixi is not None, [os.path.basename(each) for each in dead.leftovers()]) == (
        True,
        [".pixi-environment-fingerprint"],
    )
    assert prefix(tmp_path / "c", **{"__pixi-environment-fingerprint": "0123456789abcdef"}).leftovers() == ()


def test_what_a_dead_change_left(tmp_path: Path) -> None:
    dead = prefix(tmp_path, **{"numpy-1-0__json__c~": "", "prefix_record_abc": "", "numpy-2-0__json": ""})
    assert [os.path.basename(each) for each in dead.leftovers()] == ["numpy-1-0.json.c~", "prefix_record_abc"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", None),
        ('{"message": " do not touch "}', "do not touch"),
        ("{", None),
        ('{"message": 3}', None),
        ("plain text", None),
    ],
)
def test_frozen(tmp_path: Path, content: str, message: str | None) -> None:
    """The file alone counts, whatever it holds."""
    frozen = prefix(tmp_path, frozen=content)
    assert (frozen.is_frozen, frozen.frozen_message) == (True, message)


def test_pinned() -> None:
    assert parse_pinned("# why\n\nnumpy 1.26.*\n  python=3.12 \n") == ("numpy 1.26.*", "python=3.12")


def test_variables_that_activating_sets(tmp_path: Path) -> None:
    """From packages' scripts and files and from `conda env config vars`; no value is read into an answer."""
    env = prefix(tmp_path, state=json.dumps({"env_vars": {"API_KEY": "s3cret", "GONE": "***unset***", "SET": "1"}}))
    for folder, name, content in (
        ("env_vars.d", "pkg.json", '{"PKG_HOME": "/x"}'),
        ("env_vars.d", "broken.json", "{"),
        (
            "activate.d",
            "a.sh",
            '#!/bin/sh\nexport _CONDA_SET_X=1\nif true; then\n  export "GDAL_DATA=$CONDA_PREFIX/share"\nfi\necho export NO=1\n',
        ),
        ("activate.d", "a.csh", "setenv OTHER 1"),
    ):
        (tmp_path / "etc/conda" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "etc/conda" / folder / name).write_text(content)
    assert list(env.unset_by({"SET": "2"})) == ["API_KEY", "PKG_HOME", "GDAL_DATA"]
    assert "s3cret" not in str(env.unset_by({}))
    (tmp_path / "conda-meta" / "state").write_text("[]")
    assert "API_KEY" not in CondaPrefix(str(tmp_path)).unset_by({})
