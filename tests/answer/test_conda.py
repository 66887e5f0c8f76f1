"""The conda package behind a name, in real prefixes: asked through an interpreter's probe, as for another kernel."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ipython_where.answer.conda import channel_name
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.facts.interpreters.executables import ask_interpreter
from ipython_where.model import CondaPackage, ModuleAnswer
from ipython_where.runner import execute
from tests import conda_prefix, environments
from tests.environments import clean_environ
from tests.faults.wheels import write_wheel


def world_of(prefix: Path, home: Path) -> World:
    """The world of a prefix's interpreter."""
    home.mkdir(exist_ok=True)
    environ = clean_environ(HOME=str(home), PATH="/usr/bin:/bin")
    described = ask_interpreter(str(prefix / "bin" / "python"), environ=environ, run=execute)
    return World.of(described, environ=environ, home=str(home), cwd=str(home))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The prefix that no test changes."""
    return world_of(conda_prefix.kept(), tmp_path_factory.mktemp("home"))


def package(answer: ModuleAnswer) -> CondaPackage:
    assert answer.conda is not None, answer
    return answer.conda


@pytest.mark.parametrize(
    ("name", "conda", "distribution", "requested", "spec"),
    [
        ("numpy", "numpy", "numpy", True, "numpy <2.2"),
        ("numpy.linalg", "numpy", "numpy", True, "numpy <2.2"),
        ("zipp", "zipp", "zipp", False, None),
        ("torch", "pytorch", "torch", True, "pytorch"),
        ("cv2", "py-opencv", None, True, "py-opencv"),
        ("eggy", "eggy", "eggy", True, "eggy"),
        ("plainmod", "plainmod", None, True, "plainmod"),
        ("saidpip", "saidpip", "saidpip", True, "saidpip"),
        ("json", "python", None, True, "python"),
    ],
)
def test_whose_it_is(
    kept: World, name: str, conda: str, distribution: str | None, requested: bool, spec: str | None
) -> None:
    """By conda's records, whatever its metadata says, and asked for or not by conda's history (REQUESTED is everywhere)."""
    answer = where(name, kept)
    found = package(answer)
    assert (found.name, found.requested, found.spec) == (conda, requested, spec)
    assert (found.replaced, found.hidden, found.pinned) == (False, False, None)
    assert found.channel == f"file://{conda_prefix.lab()}/channel"
    assert found.record.endswith(f"/conda-meta/{conda}-{found.version}-{found.build}.json")
    owner = answer.distribution
    assert (owner.name if owner else None) == distribution
    if owner is not None:
        assert (owner.installer, owner.requested, owner.origin) == ("conda", requested, None)
    assert answer.findings == ()


def test_nothing_of_the_machine_that_built_it_is_shown(kept: World) -> None:
    """`direct_url.json` of a conda package names the folder where conda-build ran."""
    answer = where("saidpip", kept, verbose=True)
    assert "feedstock_root" not in str(answer) + json.dumps(answer.to_dict()) + answer._repr_mimebundle_()["text/html"]


def test_a_name_of_condas_that_is_no_module(kept: World) -> None:
    """A C library; and a package that is imported by another name."""
    library, torch, none = (where(name, kept) for name in ("libthing", "pytorch", "nosuchthing"))
    assert (library.found, package(library).version) == (False, "3.2")
    assert [each.message for each in library.findings] == [
        "conda's package `libthing` is installed, and has no Python module"
    ]
    (told,) = torch.findings
    assert (told.message, told.hint) == ("conda's package `pytorch` provides `torch`", "`import torch` imports it")
    assert none.conda is None


def test_the_faces(kept: World) -> None:
    """One row, which says that it was asked for, in conda's own words; the distribution's doesn't say it again."""
    text = str(where("torch", kept))
    assert "  distribution  torch 2.1.0 · installed by conda\n" in text
    assert re.search(
        r"(?m)^  conda         pytorch 2\.1\.0 · h0_0(?: · |$)", text
    )  # a long channel has a line of its own
    assert " asked for\n" in text
    assert "pulled in by others" in str(where("zipp", kept))
    assert "pytorch 2.1.0" in where("torch", kept)._repr_mimebundle_()["text/html"]


def test_pinned_replaced_and_hidden(tmp_path: Path) -> None:
    """What pip put over it is told with both versions; a copy in the user site hides conda's, and changes nothing of it."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "pip", "saidpip", "plainmod", "six")
    (prefix / "conda-meta" / "pinned").write_text("# why\nsaidpip 1.*\n")
    minor = environments.site_packages(prefix).parent.name
    user = tmp_path / "home" / ".local" / "lib" / minor / "site-packages"
    user.mkdir(parents=True)
    (user / "plainmod.py").write_text("OWNER = 'me'\n")
    write_wheel(tmp_path / "wheels", "saidpip", "2.0")
    conda_prefix.pip_puts(prefix, "--no-index", "-f", str(tmp_path / "wheels"), "saidpip==2.0")
    world = world_of(prefix, tmp_path / "home")
    answer = where("saidpip", world)
    found = package(answer)
    assert (answer.version, found.version, found.pinned, found.replaced) == ("2.0", "1.0", "saidpip 1.*", True)
    assert answer.distribution is not None and answer.distribution.installer == "uv"
    assert [each.message for each in answer.findings] == ["conda records `saidpip` 1.0, but uv installed 2.0 over it"]
    assert "pinned to `saidpip 1.*` · another installer put a distribution over it" in " ".join(str(answer).split())
    hidden = where("plainmod", world)
    assert hidden.file == str(user / "plainmod.py")
    assert (package(hidden).name, package(hidden).hidden) == ("plainmod", True)
    assert "hidden by the copy that an import finds" in str(hidden)


def test_a_file_that_was_changed_is_told(tmp_path: Path) -> None:
    """By its length, which conda's record has; a file in which conda replaced its prefix may have any."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "plainmod", "eggy")
    site = environments.site_packages(prefix)
    assert where("plainmod", world_of(prefix, tmp_path / "home")).findings == ()
    file = site / "plainmod.py"
    file.unlink()  # it is a hard link of the package cache
    file.write_text("OWNER = 'me and you'\n")
    (finding,) = where("plainmod", world_of(prefix, tmp_path / "home")).findings
    assert (finding.id, finding.message) == (
        "conda-file-altered",
        "the file was changed since conda installed `plainmod`",
    )
    assert [(each.value, each.note) for each in finding.evidence] == [(str(file), "21 bytes"), ("16 bytes", None)]
    (record,) = (prefix / "conda-meta").glob("plainmod-*.json")
    said = json.loads(record.read_text())
    said["paths_data"]["paths"][0]["prefix_placeholder"] = "/opt/placeholder"
    record.write_text(json.dumps(said))
    assert where("plainmod", world_of(prefix, tmp_path / "home")).findings == ()


def test_what_was_changed_is_found_by_its_hash(tmp_path: Path) -> None:
    """Also a file of the same size, where all that is known is asked for; bytecode, links and shared files don't count."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "plainmod", "text", "links")
    world = world_of(prefix, tmp_path / "home")
    assert where("plainmod", world, verbose=True).findings == ()
    site = environments.site_packages(prefix)
    (site / "plainmod.py").unlink()  # it is a hard link of the package cache
    (site / "plainmod.py").write_text("OWNER = 'other'\n")
    assert where("plainmod", world).findings == ()
    (finding,) = where("plainmod", world, verbose=True).findings
    assert finding.message == "1 file of `plainmod` was changed since conda installed it"
    assert finding.evidence[0].value == str((site / "plainmod.py").relative_to(prefix))
    assert finding.hint == "`%safeconda install --force-reinstall plainmod` restores it"
    config = prefix / "etc" / "text.cfg"
    assert [each.id for each in where("text", world, verbose=True).findings] == ["conda-no-module"]
    config.write_text(config.read_text().replace("/x", "/y"))
    assert [each.id for each in where("text", world, verbose=True).findings] == [
        "conda-no-module",
        "conda-files-altered",
    ]


def test_who_asked_for_it_where_no_history_is(tmp_path: Path) -> None:
    """rattler and pixi write it into the records; without either it is unknown."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "plainmod")
    (prefix / "conda-meta" / "history").write_text("")
    world = world_of(prefix, tmp_path / "home")
    assert (package(where("plainmod", world)).requested, package(where("plainmod", world)).spec) == (True, "plainmod")
    (record,) = (prefix / "conda-meta").glob("plainmod-*.json")
    said = json.loads(record.read_text())
    del said["requested_specs"]
    record.write_text(json.dumps(said))
    answer = where("plainmod", world_of(prefix, tmp_path / "home"))
    assert package(answer).requested is None
    assert "unknown whether it was asked for" in str(answer)


def test_no_token_of_a_channel_is_shown(tmp_path: Path) -> None:
    """Neither in text, HTML nor JSON."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "plainmod")
    (record,) = (prefix / "conda-meta").glob("plainmod-*.json")
    said = json.loads(record.read_text())
    for channel in (
        "https://conda.example/t/tk-sEcReT-9/main/linux-64",
        "https://me:sEcReT@conda.example/main/linux-64",
    ):
        record.write_text(json.dumps({**said, "channel": channel, "subdir": "linux-64"}))
        answer = where("plainmod", world_of(prefix, tmp_path / "home"), verbose=True)
        faces = str(answer) + json.dumps(answer.to_dict()) + answer._repr_mimebundle_()["text/html"]
        assert "sEcReT" not in faces
        assert (package(answer).channel or "").endswith(
            "conda.example/main" if "@" in channel else "conda.example/t/****/main"
        )


@pytest.mark.parametrize("content", ["", "[]", '{"files": ["x"], "channel": 3}'])
def test_a_broken_record_is_no_error(tmp_path: Path, content: str) -> None:
    """Then what it says is unknown; that it is the distribution's is known by its name alone."""
    prefix = conda_prefix.prefix_in(tmp_path / "env", "python", "saidpip")
    (record,) = (prefix / "conda-meta").glob("saidpip-*.json")
    record.write_text(content)
    answer = where("saidpip", world_of(prefix, tmp_path / "home"))
    assert answer.found
    assert str(answer)


@pytest.mark.parametrize(
    ("channel", "subdir", "name"),
    [
        ("https://conda.anaconda.org/conda-forge/linux-64", "linux-64", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge/noarch/", "noarch", "conda-forge"),
        ("https://repo.anaconda.com/pkgs/main/linux-64", "linux-64", "pkgs/main"),
        ("https://conda.example/conda-forge/linux-64", "linux-64", "https://conda.example/conda-forge"),
        ("file:///channel/", "noarch", "file:///channel"),
        ("conda-forge", "linux-64", "conda-forge"),
        ("pkgs/main/linux-64", "linux-64", "pkgs/main"),
    ],
)
def test_a_channel_as_people_write_it(channel: str, subdir: str, name: str) -> None:
    assert channel_name(channel, subdir) == name
