"""pip's settings: compared with what a real pip does with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipython_where.facts.settings.configuration import SettingsContext as SettingsWorld
from ipython_where.facts.settings.pip_config import judge_pip_config
from ipython_where.facts.settings.pip_settings import judge_pip_settings, pip_files, read_pip_entries
from tests.facts.installing import Case, Pip, World, broken, named

INSTALL = ("install", "--quiet", "--no-index", "--no-deps", "--no-compile")

CASES: list[Case] = [
    ({}, {}),
    ({"PIP_TARGET": "{root}/out"}, {}),
    ({"PIP_PREFIX": "{root}/out"}, {}),
    ({"PIP_PREFIX": "{a}"}, {}),
    ({"PIP_ROOT": "{root}/out"}, {}),
    ({"PIP_USER": "yes"}, {}),
    ({"PIP_USER": "off"}, {}),
    ({"PIP_NO_USER": "1"}, {}),
    ({"PIP_DRY_RUN": "1"}, {}),
    ({"PIP_PYTHON": "{b}/bin/python"}, {}),
    ({"PIP_PYTHON": "{a}"}, {}),
    ({"PIP_NO_USER": "0"}, {"home/.pip/pip.conf": "[global]\nuser=true\n"}),
    ({}, {"home/.config/pip/pip.conf": "[global]\ntarget={root}/out\n"}),
    ({}, {"home/.pip/pip.conf": "[install]\nprefix={root}/out\n"}),
    ({}, {"home/.pip/pip.conf": "[global]\nuser=true\n", "home/.config/pip/pip.conf": "[global]\nuser=false\n"}),
    ({"PIP_USER": "0"}, {"home/.pip/pip.conf": "[install]\nuser=true\n"}),
    ({"PIP_TARGET": ""}, {"home/.pip/pip.conf": "[global]\ntarget={root}/out\n"}),
    ({}, {"home/.pip/pip.conf": "[install]\nuser=true\n", "{a}/pip.conf": "[global]\nuser=false\n"}),
    ({}, {"xdg/pip/pip.conf": "[global]\ndry_run=on\n"}),
    ({"PIP_CONFIG_FILE": "/dev/null"}, {"home/.pip/pip.conf": "[global]\ntarget={root}/out\n"}),
    ({"PIP_CONFIG_FILE": "{root}/mine"}, {"home/.pip/pip.conf": "[global]\ntarget={root}/out\n", "mine": "[global]\n"}),
    ({"PIP_CONFIG_FILE": "../../mine"}, {"mine": "[global]\ntarget={root}/out\n"}),
    ({}, {"home/.pip/pip.conf": "[list]\ntarget={root}/out\n"}),
]


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.usefixtures("installer")
def test_what_diverts(case: Case, world: World, pip: Pip, wheel: Path) -> None:
    """A setting is said to divert exactly when a real pip's install does not land in the environment."""
    world.lay(case)
    pip(*INSTALL, wheel, environ=world.environ, cwd=world.cwd)
    assert world.landed() == (not world.diverting()), world.diverting()


@pytest.mark.parametrize("case", [CASES[0], CASES[1], CASES[-2]], ids=named)
@pytest.mark.usefixtures("installer")
def test_a_pip_of_its_own_does_the_same(case: Case, world: World, wheel: Path) -> None:
    """The pip that the other tests ask was started once for all of them: some of it again with a new one."""
    world.lay(case)
    world.run(world.a / "bin/python", "-m", "pip", *INSTALL, wheel)
    assert world.landed() == (not world.diverting()), world.diverting()


@pytest.mark.usefixtures("installer")
def test_the_same_keys_and_values_as_pip(world: World) -> None:
    """Files of all kinds, both spellings, a `[DEFAULT]` section, overridden keys: names and values are pip's own."""
    world.environ |= {"PIP_NO_INPUT": "1", "PIP_Timeout": "7"}
    world.write("xdg/pip/pip.conf", "[DEFAULT]\nretries=1\n[global]\ntimeout = 5\nextra_index_url = one\n    two\n")
    world.write("home/.pip/pip.conf", "[global]\ntimeout: 6\n[install]\n--no-deps = yes\n")
    world.write("home/.config/pip/pip.conf", "[global]\nFind-Links=/wheels\n[install]\ncompile = \n")
    world.write("{a}/pip.conf", "[global]\nextra-index-url=three\n")
    # `pip config list` shows a key once a file and not which one wins, so its own reader is asked, file by file.
    code = (
        "import json; from pip._internal.configuration import Configuration as C\n"
        "c = C(isolated=False); c.load(); print(json.dumps(dict(c.items())))"
    )
    items = json.loads(world.run(world.a / "bin/python", "-c", code).stdout)
    expected: dict[str, str] = {}
    for name, value in items.items():
        expected |= value if isinstance(value, dict) else {name: value}
    ours = {}
    for setting in world.read()[0]:
        if setting.source == "environment":
            if setting.name.startswith("PIP_"):
                ours[":env:." + setting.name[4:].lower().replace("_", "-")] = setting.value
        else:
            ours[setting.name] = setting.value
    assert ours == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"password hunter2\n", "line 1 comes before any [section]"),
        (b"[global]\nhunter2\n", "no `key = value` in line 2"),
        (b"[global]\n[global]\n", "section [global] appears twice, again in line 2"),
        (b"[global]\na_b=1\na-b=2\n", "`a-b` is twice in [global], again in line 3"),
    ],
)
def test_a_broken_file_is_a_finding(text: bytes, reason: str, world: World, pip: Pip) -> None:
    """It names the file and the reason, quotes no line, and the rest still stands; pip itself refuses it too."""
    file = world.write("home/.pip/pip.conf", "")
    file.write_bytes(text)
    world.environ |= {"PIP_TARGET": "/t"}
    settings, findings = world.read()
    assert findings == (broken("pip", file, reason, "every `pip` command fails until you fix it"),)
    assert [s.name for s in settings if s.source == "environment"] == ["PIP_TARGET"]
    assert pip("list", environ=world.environ, cwd=world.cwd) != 0


def test_bytes_that_are_no_text(world: World) -> None:
    """pip does not read them as UTF-8; the answer says so."""
    file = world.write("home/.pip/pip.conf", "")
    file.write_bytes(b"[global]\nx = \xff\n")
    hint = "every `pip` command fails until you fix it"
    assert world.read()[1] == (broken("pip", file, "byte 13 is not UTF-8", hint),)


def test_a_file_that_a_variable_names_may_be_missing(world: World, pip: Pip) -> None:
    """pip does not mind."""
    world.environ |= {"PIP_CONFIG_FILE": "nope.conf"}
    assert world.read()[1] == ()
    assert pip("list", environ=world.environ, cwd=world.cwd) == 0


@pytest.mark.parametrize(
    ("platform", "files"),
    [
        (
            "darwin",
            ["/Library/Application Support/pip/pip.conf", "/h/.pip/pip.conf", "/h/.config/pip/pip.conf", "/p/pip.conf"],
        ),
        (
            "linux",
            ["/etc/xdg/pip/pip.conf", "/etc/pip.conf", "/h/.pip/pip.conf", "/h/.config/pip/pip.conf", "/p/pip.conf"],
        ),
    ],
)
def test_where_pip_looks(platform: str, files: list[str]) -> None:
    """As documented by pip; the weakest first."""
    assert pip_files(environ={}, cwd="/w", prefix="/p", home="/h", platform=platform) == tuple(files)


def test_what_an_installer_is_told_is_of_the_same_reading(tmp_path: Path) -> None:
    """By the options' own names, the variables over the files; a later empty key takes an earlier one back, as in pip."""
    (tmp_path / "etc" / "pip").mkdir(parents=True)
    (tmp_path / "etc" / "pip" / "pip.conf").write_text("[global]\nproxy = http://h\ntimeout = 5\nno-index = 1\n")
    (tmp_path / "mine").write_text("[global]\nproxy =\ntarget = out\n[install]\ndefault-timeout = 6\n")
    environ = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path / "etc"),
        "PIP_CONFIG_FILE": str(tmp_path / "mine"),
        "PIP_PYPI_URL": "https://h.example",
        "PIP_NO_USER": "1",
        "PIP_FIND_LINKS": "",
    }
    world = SettingsWorld(environ=environ, cwd="/", prefix=str(tmp_path), home=str(tmp_path), platform="linux")
    entries, findings = read_pip_entries(world)
    entries = tuple(each for each in entries if not each.source.startswith("/etc/"))  # this machine's
    config = judge_pip_config(entries)
    assert findings == ()
    diverting = [each.name for each in judge_pip_settings(world, entries) if each.diverts]
    assert diverting == ["global.target", "PIP_NO_USER"]
    assert config.values == {"timeout": "6", "no-index": "1", "index-url": "https://h.example"}
    assert config.files_divert
