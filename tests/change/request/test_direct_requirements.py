"""What an editable folder holds, proven by what is there; other lines without a name are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipython_where import probe
from ipython_where.change.installers.interface import Pin
from ipython_where.change.request.direct_requirements import Folder, is_unnamed, names_of, parse_folder, roots_of
from ipython_where.errors import UsageError
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.distributions.installed import InstalledDistributions
from ipython_where.facts.distributions.requirement import Markers


def installed(site: Path, name: str, direct_url: str | None = None) -> None:
    """Put a distribution into a site directory."""
    metadata = site / f"{name}-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    if direct_url is not None:
        (metadata / "direct_url.json").write_text(direct_url)


def named(line: str, folder: Path, *pins: Pin) -> tuple[str, ...]:
    """What a line in ``folder`` names, where ``folder``/site is the environment."""
    environment = InstalledDistributions(Distributions(), [str(folder / "site")])
    return names_of(parse_folder(line, str(folder)), pins, environment)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("./p", Folder(path="/w/p", extras="", marker=None)),
        (".", Folder(path="/w", extras="", marker=None)),
        ("./p [x, y] ; python_version > '3'", Folder(path="/w/p", extras="x, y", marker="python_version > '3'")),
        ("file:///a/b%20c[x]", Folder(path="/a/b c", extras="x", marker=None)),
        ("file:///a;b/c", Folder(path="/a;b/c", extras="", marker=None)),
        ("file:///a ; python_version > '3'", Folder(path="/a", extras="", marker="python_version > '3'")),
        ("./p;python_version > '3'", Folder(path="/w/p", extras="", marker="python_version > '3'")),
    ],
)
def test_a_folder_is_read_as_pip_reads_it(line: str, wanted: Folder) -> None:
    assert parse_folder(line, "/w") == wanted


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("./p", "NAME @ file:///w/p"),
        ("../a b/p[x,y]; python_version > '3'", "NAME[x,y] @ file:///a%20b/p ; python_version > '3'"),
        ("../p[x]", "NAME[x] @ file:///p"),
        ("file:///a/b", "NAME @ file:///a/b"),
        ("https://host/x-1.zip", "NAME @ https://host/x-1.zip"),
        ("git+ssh://git@host/x.git@v1", "NAME @ git+ssh://git@host/x.git@v1"),
    ],
)
def test_a_line_without_a_name_is_refused(line: str, instead: str) -> None:
    """The form that pip takes is named."""
    with pytest.raises(UsageError) as error:
        roots_of("/w/r.txt", ["six", line], [], "/w", Markers(probe.markers()))
    assert error.value.lines() == [
        "`%safepip sync` needs a project name in each line of `/w/r.txt`, to know what to keep",
        f"  {line}",
        "",
        f"hint: write `{instead}`; `%safepip install -r` accepts them as they are",
    ]


def test_what_is_wanted_by_name_and_in_folders() -> None:
    """Where its marker holds."""
    lines = ["six>1", "a @ https://host/a", "b; sys_platform == 'nowhere'", "./p[x]", "./q; sys_platform == 'nowhere'"]
    found = roots_of("/w/r.txt", lines, ["./p[x]", lines[-1]], "/w", Markers(probe.markers()))
    assert found == (("six>1", "a @ https://host/a"), (Folder(path="/w/p", extras="x", marker=None),))


def test_what_looks_like_a_name_may_be_none(tmp_path: Path) -> None:
    (tmp_path / "alpha-1-py3-none-any.whl").touch()
    lines = ["alpha", "alpha-1-py3-none-any.whl", "alpha-2-py3-none-any.whl", "mine[x]", "a @ file:///a", "./a"]
    marked = ["alpha-1-py3-none-any.whl ; extra == 'a'", "alpha-1-py3-none-any.whl[x] ; extra == 'a;b'"]
    found = [line for line in (*lines, *marked) if is_unnamed(line, ["mine[x]", "a @ file:///a"], str(tmp_path))]
    assert found == ["alpha-1-py3-none-any.whl", "mine[x]", "./a", *marked]


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


def test_what_comes_from_elsewhere_names_no_folder(tmp_path: Path) -> None:
    """Neither a pin nor an installed distribution of another folder, of an archive on the web, or with a damaged record."""
    folder = tmp_path / "p"
    folder.mkdir()
    site, other = tmp_path / "site", (tmp_path / "q").as_uri()
    installed(site, "beside", f'{{"url": "{other}", "dir_info": {{"editable": true}}}}')
    installed(site, "remote", '{"url": "https://h.example' + str(folder) + '"}')
    for number, content in enumerate(("{", "[]", "{}", '{"url": 1}', "null", "3")):
        installed(site, f"damaged{number}", content)
    pins = (
        Pin(name="other", version=None, url=other),
        Pin(name="web", version=None, url=f"https://h.example{folder}"),
        Pin(name="plain", version="1"),
    )
    assert named("./p", tmp_path, *pins) == ()
    pin = Pin(name="exact", version=None, url=f"{folder.as_uri()}#subdirectory=x")
    assert named("./p", tmp_path, *pins, pin) == ("exact",)
    installed(site, "ours", f'{{"url": "{folder.as_uri()}"}}')
    assert named("./p", tmp_path, *pins) == ("ours",)
