"""A conda command for this kernel's own environment: what conda doesn't know of is told before, in a real prefix."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.answer.command import judge_command
from ipython_where.answer.world import World
from ipython_where.model import Finding
from tests import conda_prefix
from tests.answer.test_conda_environment import world_of
from tests.faults.wheels import write_wheel


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A prefix where pip put a newer version over one of conda's packages, and something beside them."""
    folder = tmp_path_factory.mktemp("conda")
    prefix = conda_prefix.prefix_in(folder / "env", "python", "pip", "saidpip", "plainmod", "pytorch")
    for name, requires in (("saidpip", []), ("alone", ["torch"])):
        write_wheel(folder / "wheels", name, "2.0", requires=requires)
    options = ("--no-index", "--no-deps", "-f", str(folder / "wheels"))
    conda_prefix.pip_puts(prefix, *options, "saidpip==2.0", "alone")
    conda = folder / "bin" / "conda"
    conda.parent.mkdir()
    conda.write_text("#!/bin/sh\n")
    conda.chmod(0o755)
    return world_of(prefix, folder / "home", CONDA_PREFIX=str(prefix), PATH=f"{conda.parent}:/usr/bin:/bin")


def told(world: World, line: str) -> list[Finding]:
    answer = judge_command(line, world, program="/bin/sh")
    return [each for each in answer.findings if each.id == "conda-pip-beneath"]


@pytest.mark.parametrize(
    ("line", "notes"),
    [
        ("conda install -y saidpip", {"saidpip": "files of `saidpip` would come over its own"}),
        ("conda install -y 'saidpip>=1'", {"saidpip": "files of `saidpip` would come over its own"}),
        ("conda install -y alone", {"alone": "files of `alone` would come over its own"}),
        ("conda update -y --all", {"saidpip": "files of `saidpip` would come over its own"}),
        ("conda remove -y saidpip", {"saidpip": "`saidpip` takes files of it along, and its metadata stays"}),
        ("conda remove -y pytorch", {"alone": "it requires `torch`, which `pytorch` no longer meets"}),
        ("conda install -y plainmod graphviz", {}),
        ("conda remove -y graphviz", {}),
        ("conda list", {}),
        ("conda install -y -p /elsewhere saidpip", {}),
    ],
)
def test_what_conda_does_not_know_of_is_told_name_by_name(world: World, line: str, notes: dict[str, str]) -> None:
    found = told(world, line)
    assert {each.label: each.note for finding in found for each in finding.evidence} == notes


def test_the_whole_finding(world: World) -> None:
    (finding,) = told(world, "conda install -y saidpip")
    assert finding.message == "conda does not know of `saidpip`, which another installer put into this environment"
    assert [(each.label, each.value) for each in finding.evidence] == [("saidpip", "2.0")]
    assert finding.hint == "`%safepip uninstall --allow-conda saidpip` removes it first"


def test_nothing_is_read_where_conda_is_not(tmp_path: Path, world: World) -> None:
    """Nor for a pip."""
    assert told(world, "pip install saidpip") == []
