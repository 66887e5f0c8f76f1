"""Folders in the place of an index: the hashes that uv computes of their files, and when there is no need to ask it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.change.installers.interface import Pin
from ipython_where.change.plan.wheelhouse import sole_sources, with_hashes, with_own_hashes
from ipython_where.change.request.request import Request, parse_request
from ipython_where.change.request.safepip_line import split_line
from ipython_where.model import Setting
from tests.change.installers import local


def request(line: str) -> Request:
    """The request of a line."""
    return parse_request(split_line(line))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Wheels, a source distribution beside one of them, a version that is spelled in two ways, and what is none of both."""
    folder = local.standard_wheels(tmp_path / "wheels")
    local.wheel(folder, "delta", "1.0")
    local.wheel(folder, "delta", "1.0.0")
    (folder / "beta-2.0.tar.gz").write_bytes(b"not read here")
    (folder / "alpha-2.0-notes.txt").write_text("about alpha")
    (folder / "alpha-2.0-py3-none-any.whl.metadata").write_text("Name: alpha")
    return folder


@pytest.mark.usefixtures("installer")
def test_the_hashes_are_uvs_own(folder: Path, tmp_path: Path) -> None:
    """For each project and version, of all the files that it may be installed from."""
    (folder / "beta-2.0.tar.gz").unlink()  # uv would have to build it
    names = {"alpha": ("1.0", "2.0"), "beta": ("1.0", "2.0", "3.0rc1"), "gamma": ("1.0",)}
    uv = local.own_uv()
    site = local.site_for(Path(local.own_uv().path).parent.parent, tmp_path / "private", tmp_path)
    asked = request(f"install --no-index -f {folder} alpha")
    for name, versions in names.items():
        for version in versions:
            pins = (Pin(name=name, version=version),)
            command = uv.detail(pins, asked, site)
            assert command is not None
            (told,) = uv.parse_detail(pins, local.carry_out(command))
            (read,) = with_hashes(pins, [str(folder)])
            assert read.hashes == told.hashes != ()
            assert uv.detail((read,), asked, site) is None  # nothing is left to be asked


def test_every_file_of_a_version_counts_where_there_is_nothing_to_choose(folder: Path) -> None:
    """A source distribution as well as a wheel, however the version is spelled; of two wheels the installer knows better."""
    known = Pin(name="alpha", version="2.0", hashes=("sha256:0",))
    direct = Pin(name="alpha", version="2.0", url="https://h.example/alpha.whl")
    pins = (
        Pin(name="Beta", version="2.0"),
        Pin(name="delta", version="1"),
        Pin(name="alpha", version="3.0"),
        Pin(name="alpha", version=None),
        known,
        direct,
    )
    found = with_hashes(pins, [str(folder)])
    assert [len(each.hashes) for each in found] == [2, 0, 0, 0, 1, 0]
    assert found[1:] == pins[1:]
    more = [str(folder), str(local.standard_wheels(folder / "more"))]
    assert with_hashes((Pin(name="gamma", version="1"),), [more[1]])[0].hashes
    assert not with_hashes((Pin(name="gamma", version="1"),), more)[0].hashes


def test_what_cannot_be_read_is_left_to_the_installer(folder: Path) -> None:
    """The pin has no hash then, and is asked about."""
    (folder / "gamma-1.0-py3-none-any.whl").unlink()
    (folder / "gamma-1.0-py3-none-any.whl").symlink_to(folder / "gone")
    pins = (Pin(name="gamma", version="1.0"), Pin(name="beta", version="1.0"))
    assert [len(each.hashes) for each in with_hashes(pins, [str(folder)])] == [0, 1]
    assert with_hashes(pins, [str(folder / "nothing")]) == pins


def test_a_file_that_is_named_itself_is_hashed_and_a_folder_is_not(folder: Path) -> None:
    wheel = folder / "beta-1.0-py3-none-any.whl"
    pins = [Pin(name="beta", version="1.0", url=each.as_uri()) for each in (wheel, folder, folder / "gone.whl")]
    pins += [Pin(name="beta", version="1.0", url=wheel.as_uri(), hashes=("sha256:0",)), Pin(name="beta", version="1")]
    (known,) = with_hashes((Pin(name="beta", version="1.0"),), [str(folder)])
    assert [each.hashes for each in with_own_hashes(pins)] == [known.hashes, (), (), ("sha256:0",), ()]


def test_only_where_nothing_comes_from_elsewhere(folder: Path, tmp_path: Path) -> None:
    """Else a version may have files that no folder of the request shows."""
    here = (str(folder),)
    assert sole_sources(request(f"install --no-index -f {folder} alpha"), (), cwd="/") == here
    assert sole_sources(request("install --no-index --find-links wheels alpha"), (), cwd=str(tmp_path)) == here
    for line in (
        f"install -f {folder} alpha",
        "install --no-index alpha",
        f"install --no-index -f {folder} -f https://h.example/wheels alpha",
        f"install --no-index -f {folder} -r {tmp_path / 'wanted.txt'}",
        f"install --no-index -f {folder / 'nothing'} alpha",
    ):
        assert sole_sources(request(line), (), cwd="/") == (), line
    for name in ("UV_FIND_LINKS", "tool.uv.pip.find-links", "find-links"):
        more = Setting(name=name, value="/w", source="environment", diverts=False)
        assert sole_sources(request(f"install --no-index -f {folder} alpha"), (more,), cwd="/") == (), name
