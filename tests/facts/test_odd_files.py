"""Where a file is expected, others may have put what a reader would wait for, or never be done with: it is not read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ipython_where import probe
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.requirement_lines import read_requirements
from ipython_where.facts.environments.others import find_environments
from ipython_where.facts.imports.path_entries import read_pth_lines
from ipython_where.facts.imports.source_version import read_version_on_disk
from ipython_where.facts.interpreters.executables import read_interpreter
from ipython_where.facts.interpreters.pyvenv_cfg import read_pyvenv_cfg
from ipython_where.facts.jupyter.kernelspec import kernel_name
from ipython_where.facts.jupyter.server_files import read_server_files
from ipython_where.facts.settings.configuration import SettingsContext
from ipython_where.facts.settings.pip_settings import read_pip_settings
from ipython_where.facts.settings.uv_settings import read_uv_settings

Put = Callable[[Path], None]


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10_000_000_000)


REASONS = {
    fifo: "it is a FIFO, not a file",
    device: "it is a device, not a file",
    sparse: "it has more than 16,000,000 bytes",
}
ODD = pytest.mark.parametrize("put", [fifo, device, sparse])


def place(put: Put, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    put(file)
    return file


def world(folder: Path) -> SettingsContext:
    return SettingsContext(environ={}, cwd=str(folder), prefix=str(folder / "env"), home=str(folder), platform="linux")


@ODD
def test_a_setting_file_that_is_none_is_a_finding(put: Put, tmp_path: Path) -> None:
    pip = place(put, tmp_path / ".config" / "pip" / "pip.conf")
    uv = place(put, tmp_path / "uv.toml")
    for path, tool, (settings, findings) in (
        (pip, "pip", read_pip_settings(world(tmp_path))),
        (uv, "uv", read_uv_settings(world(tmp_path))),
    ):
        assert [each for each in settings if each.source == str(path)] == []
        (finding,) = findings
        assert (finding.id, finding.message) == (
            f"broken-{tool}-config",
            f"{tool} cannot read its configuration file `{path}`",
        )
        assert [each.value for each in finding.evidence] == [REASONS[put]]  # type: ignore[index]
        assert finding.hint == f"every `{tool}` command hangs on it: replace it with a file"


def test_a_folder_in_the_place_of_pips_file_is_passed_over_as_pip_does(tmp_path: Path) -> None:
    (tmp_path / ".config" / "pip" / "pip.conf").mkdir(parents=True)
    assert read_pip_settings(world(tmp_path))[1] == ()


@ODD
def test_what_describes_an_environment(put: Put, tmp_path: Path) -> None:
    place(put, tmp_path / "env" / "pyvenv.cfg")
    place(put, tmp_path / ".conda" / "environments.txt")
    place(put, tmp_path / "env" / "share" / "jupyter" / "kernels" / "python3" / "kernel.json")
    place(put, tmp_path / "env" / "bin" / "python")
    assert read_pyvenv_cfg(str(tmp_path / "env")) is None
    assert read_interpreter(str(tmp_path / "env" / "bin" / "python"), environ={}) is None
    assert probe._text(str(tmp_path / "env" / "pyvenv.cfg")) is None or put is sparse
    found = find_environments(environ={}, cwd="/", home=str(tmp_path), kernel_prefix=str(tmp_path / "env"))
    assert [each for each in found.found if each.prefix.startswith(str(tmp_path))] == []


@ODD
def test_what_jupyter_writes(put: Put, tmp_path: Path) -> None:
    connection = place(put, tmp_path / "kernel-1.json")
    place(put, tmp_path / "jpserver-1.json")
    assert kernel_name(str(connection)) is None
    assert read_server_files(str(connection), {"HOME": str(tmp_path)}) == []


@ODD
def test_what_is_installed(put: Put, tmp_path: Path) -> None:
    metadata = tmp_path / "pack-1.0.dist-info"
    for name in ("METADATA", "RECORD", "INSTALLER", "direct_url.json"):
        place(put, metadata / name)
    broken = place(put, tmp_path / "x.pth")
    module = place(put, tmp_path / "pack.py")
    read = Distributions()
    assert read.content(str(metadata), "RECORD") is None
    assert read.metadata(str(metadata)).version in (None, "1.0")
    assert read.row(str(metadata), str(module), str(tmp_path)) is None
    assert read_pth_lines([str(tmp_path)], read) == ({}, ((str(broken), REASONS[put]),))  # type: ignore[index]
    assert read_version_on_disk(str(module), None) is None


@ODD
def test_a_requirements_file_that_is_none(put: Put, tmp_path: Path) -> None:
    assert read_requirements(str(place(put, tmp_path / "requirements.txt"))) is None
