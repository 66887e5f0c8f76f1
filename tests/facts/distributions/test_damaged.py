"""Damaged input: an answer still comes, it names the broken file, and what stands beside the damage stays as it was."""

from __future__ import annotations

import importlib.machinery
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipython_where import probe
from ipython_where.answer.environment import environment
from ipython_where.answer.name import where
from ipython_where.answer.world import World
from ipython_where.console import Console
from ipython_where.errors import WhereError
from ipython_where.facts.distributions.distributions import Distributions
from ipython_where.facts.imports.finding import ImportSystem
from ipython_where.model import Answer, ModuleAnswer
from ipython_where.runner import never
from ipython_where.show.faces import html, text
from tests.big_environment import write

FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,  # a failure is everybody's, and again the same
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def scratch(site: Path, *, path: Sequence[Any] | None = None, **more: Any) -> World:
    """A world of its own around ``site``, which has read nothing yet."""
    machinery = importlib.machinery
    system = ImportSystem(
        path=[str(site)] if path is None else path,
        meta_path=[machinery.BuiltinImporter, machinery.FrozenImporter, machinery.PathFinder],
        path_hooks=sys.path_hooks,
        importer_cache={},
        modules={},
        cwd=str(site.parent),
    )
    described = {**probe.describe(), "site_directories": [str(site)], "user_site_enabled": False}
    own = {"environ": {}, "home": None, "distributions": Distributions(), "run": never, **more}
    return replace(World.here(), system=system, interpreter=described, describe=lambda: described, **own)


ALPHA = {
    "METADATA": b"Metadata-Version: 2.1\nName: Alpha-Project\nVersion: 1.0\nRequires-Dist: gamma>=1; extra == 'x'\n\nText\n",
    "RECORD": b'alpha/__init__.py,sha256=x,20\nalpha/leaf.py,,\n"alpha/a,b.txt",,\nalpha_project-1.0.dist-info/RECORD,,\n',
    "INSTALLER": b"pip\n",
    "REQUESTED": b"",
    "top_level.txt": b"alpha\n",
    "entry_points.txt": b"[console_scripts]\nalpha = alpha:main\n",
    "direct_url.json": b'{"url": "file:///src/alpha", "dir_info": {"editable": false}}',
}


def make_site(site: Path) -> Path:
    """Two undamaged distributions side by side; the metadata directory of the first."""
    shutil.rmtree(site, ignore_errors=True)
    for name in ("alpha", "beta"):
        write(site / name / "__init__.py", "__version__ = '1.0'\n")
        write(site / name / "leaf.py")
    write(site / "alpha" / "a,b.txt")
    info = site / "beta-2.0.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: beta\nVersion: 2.0\nRequires-Dist: alpha-project\n")
    write(info / "RECORD", "beta/__init__.py,,\nbeta/leaf.py,,\nbeta-2.0.dist-info/RECORD,,\n")
    write(info / "INSTALLER", "uv\n")
    damaged = site / "alpha_project-1.0.dist-info"
    damaged.mkdir()
    for file, content in ALPHA.items():
        (damaged / file).write_bytes(content)
    return damaged


# -- kinds of damage ---------------------------------------------------------------------------------------------------

Damage = Callable[[Path], None]


def missing(file: Path) -> None:
    file.unlink()


def folder(file: Path) -> None:
    file.unlink()
    write(file / "inside", "x")


def loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def pipe(file: Path) -> None:
    """Nobody writes into it: opening it would wait for ever."""
    file.unlink()
    os.mkfifo(file)


def becomes(content: bytes) -> Damage:
    def damage(file: Path) -> None:
        file.write_bytes(content)

    damage.__qualname__ = f"becomes({content[:20]!r})"
    return damage


def changed(change: Callable[[bytes], bytes]) -> Damage:
    return lambda file: (file.write_bytes(change(file.read_bytes())), None)[1]


WHOLE = [
    missing,
    folder,
    loop,
    pipe,
    becomes(b""),
    becomes(b"\0" * 300),
    becomes(b"x" * 1_000_000),
    becomes(b"\xff\xfe\x00\xd8 \xc3\x28"),
    becomes(b"[" * 100_000),
    becomes(b"Name: alpha\x1b[2Jproject\nVersion: 1\x1b[31m\nRequires-Dist: x\x1b[2J\n\n"),
    becomes(b'{"url": 3, "dir_info": {"editable": true}}'),
    becomes(b'{"url": "file://[/x", "dir_info": {"editable": true}}'),
    becomes(b'{"url": "file:///%00%ff", "dir_info": {"editable": true}, "vcs_info": []}'),
    becomes(b'{"url": "https://user:secret@[::1/x", "dir_info": []}'),
    changed(lambda content: content.replace(b"\n", b"\r\n")),
    changed(lambda content: content.decode().encode("utf-16")),
    changed(lambda content: b"\xef\xbb\xbf" + content),
    changed(lambda content: b"\n".join(b'"' + line for line in content.splitlines())),
    changed(lambda content: content * 50),
]


def damages() -> st.SearchStrategy[Damage]:
    """One of the kinds above, or bytes put in, left out or exchanged anywhere."""
    place = st.integers(0, 120)
    put_in = st.builds(
        lambda at, length, new: changed(lambda content: content[:at] + new + content[at + length :]),
        place,
        st.integers(0, 40),
        st.binary(max_size=12)
        | st.sampled_from([b"\n", b"\n\n", b"\r", b"\0", b'"', b",", b"Name:\n", b"Version:\n", b"../" * 9]),
    )
    return st.sampled_from(WHOLE) | put_in | st.builds(becomes, st.binary(max_size=200)) | put_in


def faces(answer: Answer) -> str:
    """The JSON of an answer that has all its faces: text, coloured and not, and HTML, which can be written as UTF-8."""
    plain = text(answer, home=None)
    assert "\x1b" not in plain  # what a file says must not steer the terminal
    for face in (plain, text(answer, console=Console(color=True, is_kernel=True), home=None), html(answer, home=None)):
        assert face.encode()
    return json.dumps(answer.to_dict(), allow_nan=False)


def ask_all(world: World) -> Iterator[ModuleAnswer]:
    for name in ("alpha", "alpha.leaf", "alpha-project", "Alpha_Project", "alpha.nothing", "beta.leaf", "nothing"):
        answer = where(name, world, verbose=True)
        faces(answer)
        yield answer


def beside(site: Path) -> list[dict[str, Any]]:
    """What is told about the undamaged neighbour."""
    return [where(name, scratch(site)).to_dict() for name in ("beta", "beta.leaf")]


@pytest.mark.parametrize("file", ALPHA)
def test_each_kind_of_damage_to_each_file(file: str, tmp_path: Path) -> None:
    """One damage at a time: the module is found, its neighbour's answers are untouched, and nothing is raised."""
    site = tmp_path / "site"
    make_site(site)
    before = beside(site)
    for damage in WHOLE:
        damage(make_site(site) / file)
        assert [answer.found for answer in ask_all(scratch(site))] == [True, True, True, True, False, True, False]
        assert beside(site) == before


@FUZZ
@given(st.dictionaries(st.sampled_from(sorted(ALPHA)), damages(), min_size=1, max_size=4))
def test_damaged_metadata_spoils_no_answer(tmp_path: Path, damage: dict[str, Damage]) -> None:
    """Whatever stands in the files of one distribution: every face comes, and its neighbour's answers are untouched."""
    site = tmp_path / "site"
    damaged = make_site(site)
    before = beside(site)
    for file, change in damage.items():
        change(damaged / file)
    told = list(ask_all(scratch(site)))
    found = [answer.found for answer in told]
    assert (found[:2], found[4:]) == ([True, True], [False, True, False])
    for project in told[2:4]:  # without a RECORD its top_level.txt counts, and that may name what is not there
        assert project.found or "lists files that are gone" in text(project, home=None)
    assert told[0].file == str(site / "alpha" / "__init__.py")
    assert told[0].distribution is None or told[0].distribution.metadata == str(damaged)
    assert beside(site) == before


@FUZZ
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), max_size=20)
    | st.sampled_from(
        ["", "-", "--", "alpha", "alpha-", "~lpha-1.0", "alpha-1.0-py3.11", "beta-2.0 (copy)", "-1.0", "..", "beta"]
    ),
    st.sampled_from([".dist-info", ".egg-info"]),
    st.sampled_from(["folder", "empty file", "junk file", "loop", "nowhere"]),
)
def test_an_odd_metadata_directory_spoils_no_answer(tmp_path: Path, stem: str, suffix: str, kind: str) -> None:
    """Leftovers of interrupted installs, copies made by hand, files where folders are expected."""
    site = tmp_path / "site"
    make_site(site)
    odd = site / f"{stem}{suffix}"
    if kind == "folder":
        odd.mkdir(exist_ok=True)
    elif kind.endswith("file"):
        odd.write_bytes(b"\xff\0junk\nName: other\n" if kind == "junk file" else b"")
    else:
        odd.symlink_to(odd.name if kind == "loop" else "nowhere")
    told = list(ask_all(scratch(site)))
    assert [answer.distribution and answer.distribution.name for answer in told[:3]] == ["Alpha-Project"] * 3
    assert told[5].distribution is not None and told[5].distribution.version == "2.0"
    faces(environment(scratch(site), verbose=True))


NAMED = [
    *((file, change) for file in ("METADATA", "RECORD", "direct_url.json") for change in (folder, loop, pipe)),
    ("METADATA", missing),
    ("METADATA", becomes(b"")),
    ("METADATA", becomes(b"\0" * 300)),
    ("METADATA", becomes(b"Name: alpha-project\n")),
    ("METADATA", changed(lambda content: content.decode().encode("utf-16"))),
    ("RECORD", becomes(b"")),
    ("RECORD", changed(lambda content: content.decode().encode("utf-16"))),
    ("direct_url.json", becomes(b"")),
    ("direct_url.json", becomes(b"[" * 100_000)),
    ("direct_url.json", becomes(b'{"url": 3}')),
]


@pytest.mark.parametrize(("file", "change"), NAMED)
def test_a_finding_names_the_broken_file(file: str, change: Damage, tmp_path: Path) -> None:
    """For the distribution that is asked about: a warning, with the folder and what is wrong with which file in it."""
    damaged = make_site(tmp_path / "site")
    assert where("alpha-project", scratch(tmp_path / "site")).findings == ()
    change(damaged / file)
    answer = where("alpha-project", scratch(tmp_path / "site"))
    (finding,) = (each for each in answer.findings if each.id == "broken-metadata")
    assert finding.severity == "warning"
    assert finding.evidence[0].value == str(damaged)
    assert file in finding.evidence[1].value


ODD_LINES = (
    b"import sys\n|import  nothing\r\n|# text\n|\n|  \n|missing\n|\0\n|a\0b\n|\xff\xfe\n|../../../..\n|/\n|alpha|\xef\xbb\xbf|"
    b"loop/loop\n|caf\xc3\xa9\n|\x0c\x1c\n|" + b"x" * 5000 + b"\n"
).split(b"|")
PTH_LINES = st.lists(st.sampled_from(ODD_LINES), max_size=6)


@FUZZ
@given(PTH_LINES.map(b"".join) | st.binary(max_size=60))
def test_a_damaged_pth_file_spoils_no_answer(tmp_path: Path, content: bytes) -> None:
    """It is not run; where it cannot be read, the environment's findings name it."""
    site = tmp_path / "site"
    make_site(site)
    before = beside(site)
    (site / "odd.pth").write_bytes(content)
    list(ask_all(scratch(site)))
    assert beside(site) == before
    answer = environment(scratch(site), verbose=True)
    faces(answer)
    broken = [each.evidence[0].value for each in answer.findings if each.id == "broken-pth"]
    assert broken == ([] if _is_utf8(content) else [str(site / "odd.pth")])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("change", [folder, loop])
def test_a_pth_file_that_is_no_file(change: Damage, tmp_path: Path) -> None:
    """A folder or a symlink loop with that name: named in a finding, and the rest of the answer stands."""
    site = tmp_path / "site"
    make_site(site)
    change(write(site / "odd.pth"))
    answer = environment(scratch(site))
    assert [each.evidence[0].value for each in answer.findings if each.id == "broken-pth"] == [str(site / "odd.pth")]
    assert [told.found for told in ask_all(scratch(site))] == [True, True, True, True, False, True, False]


@pytest.mark.parametrize("position", ["before", "after"])
@pytest.mark.parametrize(
    "entry",
    ["missing", "file", "loop", "nul", "bytes", "path", "none", "empty archive", "not utf-8", "long", "placeholder"],
)
def test_an_odd_entry_of_the_path_spoils_no_answer(entry: str, position: str, tmp_path: Path) -> None:
    """What import passes over is passed over; what stops import before a module is reached leaves it undecided."""
    site = tmp_path / "site"
    make_site(site)
    (tmp_path / "loop").symlink_to("loop")
    odd: Any = {
        "missing": str(tmp_path / "missing"),
        "file": str(write(tmp_path / "file", "text")),
        "loop": str(tmp_path / "loop"),
        "nul": f"{tmp_path}/a\0b",
        "bytes": os.fsencode(tmp_path),
        "path": tmp_path,
        "none": None,
        "empty archive": str(write(tmp_path / "empty.zip")),
        "not utf-8": os.fsdecode(b"%s/\xff" % os.fsencode(tmp_path)),
        "long": "/x" * 5000,
        "placeholder": "__editable__.x-1.0.finder.__path_hook__",
    }[entry]
    if entry == "not utf-8":
        shutil.copytree(site, odd)
    world = scratch(site, path=[odd, str(site)] if position == "before" else [str(site), odd])
    told = list(ask_all(world))
    faces(environment(world, verbose=True))
    if entry == "nul" and position == "before":  # import raises ValueError there
        assert (told[0].found, told[0].file) == (None, None)
    else:
        first = Path(odd) if entry == "not utf-8" and position == "before" else site
        assert told[0].file == str(first / "alpha" / "__init__.py")
        assert told[0].distribution is not None


JUNK = [
    b"",
    b"\0\xff\xfe",
    b"[",
    b"[global\n",
    b"=\n= =\n",
    b"x" * 300_000,
    b"[" * 100_000,
    b"\xef\xbb\xbf{}",
    b"{}",
    b"[]",
    b"3",
    b'{"argv": 3}',
]


@pytest.mark.parametrize("junk", [*map(becomes, JUNK), folder, loop], ids=lambda change: str(change.__qualname__))
def test_broken_configuration_spoils_no_answer(junk: Damage, tmp_path: Path) -> None:
    """pip.conf, uv.toml, kernel.json, pyvenv.cfg, the connection file and another environment's metadata, all at once."""
    site, home = tmp_path / "site", tmp_path / "home"
    make_site(site)
    files = [
        home / ".config" / "pip" / "pip.conf",
        home / ".config" / "uv" / "uv.toml",
        home / ".condarc",
        home / ".conda" / "environments.txt",
        home / ".local" / "share" / "jupyter" / "kernels" / "python3" / "kernel.json",
        home / "runtime" / "kernel-1.json",
        home / "runtime" / "jpserver-1.json",
        home / "env" / "pyvenv.cfg",
        home / "env" / "bin" / "python",
        home / "env" / "bin" / "pip",
        tmp_path / "uv.toml",
        tmp_path / "pyproject.toml",
        tmp_path / ".python-version",
    ]
    for file in files:
        junk(write(file))
    for program in ("python", "pip"):
        if (home / "env" / "bin" / program).is_file():
            (home / "env" / "bin" / program).chmod(0o755)
    environ = {
        "HOME": str(home),
        "PATH": str(home / "env" / "bin"),
        "VIRTUAL_ENV": str(home / "env"),
        "PIP_CONFIG_FILE": str(files[0]),
        "UV_CONFIG_FILE": str(files[1]),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / ".local" / "share" / "jupyter"),
    }
    world = scratch(site, environ=environ, home=str(home), connection_file=str(home / "runtime" / "kernel-1.json"))
    faces(environment(world, verbose=True))
    assert [told.found for told in ask_all(world)] == [True, True, True, True, False, True, False]


@FUZZ
@given(st.text(max_size=30))
def test_any_text_as_a_name_is_answered_or_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    """There is no third way out."""
    site = tmp_path / "site"
    if not site.exists():
        make_site(site)
    try:
        faces(where(name, scratch(site)))
    except WhereError as error:
        assert "\n" not in error.message and error.hint
