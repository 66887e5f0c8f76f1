"""What lines without a name name: read as pip reads them, and proven by what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where.install.installed import Environment
from ipython_where.install.installers.interface import Pin
from ipython_where.install.unnamed import Source, Unnamed, is_unnamed, names_of, parse_unnamed, roots_of
from ipython_where.modules.distributions import Distributions


def installed(site: Path, name: str, direct_url: str | None = None) -> None:
    """Put a distribution into a site directory."""
    metadata = site / f"{name}-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    if direct_url is not None:
        (metadata / "direct_url.json").write_text(direct_url)


def named(line: str, folder: Path, *pins: Pin) -> tuple[str, ...]:
    """What a line in ``folder`` names, where ``folder``/site is the environment."""
    environment = Environment(Distributions(), [str(folder / "site")])
    return names_of(parse_unnamed(line, str(folder)), pins, environment)


@pytest.mark.parametrize(
    ("line", "source", "extras", "marker", "egg"),
    [
        ("./p", Source(place="/w/p"), "", None, None),
        (".", Source(place="/w"), "", None, None),
        ("./p [x, y] ; python_version > '3'", Source(place="/w/p"), "x, y", "python_version > '3'", None),
        ("file:///a/b%20c[x]", Source(place="/a/b c"), "x", None, None),
        ("file:///a/p#egg=m-y[x]&subdirectory=s/t/", Source(place="/a/p", subdirectory="s/t"), "x", None, "m-y"),
        ("git+file:///a/repo@v1#egg=mine", Source(place="/a/repo"), "", None, "mine"),
        ("git+ssh://git@host/me/repo.git@a/b", Source(place="ssh://git@host/me/repo.git"), "", None, None),
        ("https://me:secret@host/x-1.zip?token=1", Source(place="https://host/x-1.zip"), "", None, None),
    ],
)
def test_a_line_is_read_as_pip_reads_it(
    line: str, source: Source, extras: str, marker: str | None, egg: str | None
) -> None:
    wanted = Unnamed(line=line, source=source, extras=extras, marker=marker, egg=egg)
    assert parse_unnamed(line, "/w") == wanted


def test_what_looks_like_a_name_may_be_none(tmp_path: Path) -> None:
    (tmp_path / "alpha-1-py3-none-any.whl").touch()
    lines = ["alpha", "alpha-1-py3-none-any.whl", "alpha-2-py3-none-any.whl", "mine[x]", "a @ file:///a", "./a"]
    found = [line for line in lines if is_unnamed(line, ["mine[x]", "a @ file:///a"], str(tmp_path))]
    assert found == ["alpha-1-py3-none-any.whl", "mine[x]", "./a"]


def test_a_name_is_proven_by_the_folder_by_the_plan_and_by_what_is_installed(tmp_path: Path) -> None:
    """In this order; a name that is neither there nor would come proves nothing."""
    folder = tmp_path / "p"
    folder.mkdir()
    assert named("./p", tmp_path) == ()
    installed(tmp_path / "site", "Built_Name", f'{{"url": "{folder.as_uri()}", "dir_info": {{"editable": true}}}}')
    assert named("./p", tmp_path) == ("built_name",)
    assert named("./p", tmp_path, Pin(name="planned", version=None, url=folder.as_uri())) == ("planned",)
    (folder / "pyproject.toml").write_text("[project]\nname = 'static-name'\n")
    assert named("./p", tmp_path) == ("built_name",)
    installed(tmp_path / "site", "static_name")
    assert named("./p", tmp_path) == ("static_name",)
    (folder / "pyproject.toml").write_text("[project\n")
    assert named("./p", tmp_path) == ("built_name",)


def test_a_file_and_a_repository_are_named_too(tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in ("alpha", "m_y", "eggs"):
        installed(site, name)
    repository = '{"url": "https://host/repo", "subdirectory": "s", "vcs_info": {"vcs": "git", "commit_id": "0"}}'
    installed(site, "epsilon", repository)
    assert named("./alpha-2.0-py3-none-any.whl", tmp_path) == ("alpha",)
    assert named("https://host/m-y-1.0.tar.gz", tmp_path) == ("m_y",)
    assert named("https://host/other-1.0.tar.gz", tmp_path) == ()
    assert named("https://host/main.zip", tmp_path) == ()
    assert named("git+https://host/repo@main#subdirectory=s", tmp_path) == ("epsilon",)
    assert named("git+https://host/repo@main", tmp_path) == ()
    assert named("git+https://host/repo@main#egg=eggs", tmp_path) == ("eggs",)


def test_the_extras_of_a_line_are_those_of_its_project() -> None:
    lines = [(parse_unnamed("./p[x,y]", "/"), ("mine",)), (parse_unnamed("./q", "/"), ("other",))]
    assert [*roots_of(lines)] == ["mine[x,y]", "other"]
