"""uv's settings: compared with what a real uv does with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.facts.installing import Case, World, broken, named

MASK = "****"
FAILS = "every `uv` command fails until you fix it"
GOES_ON = "uv ignores its settings until you fix it"

CASES: list[Case] = [
    ({}, {}),
    ({"VIRTUAL_ENV": "{b}"}, {}),
    ({"VIRTUAL_ENV": "{b}", "UV_PYTHON": "{a}/bin/python"}, {}),
    ({"VIRTUAL_ENV": "", "CONDA_PREFIX": "{b}"}, {}),
    ({"UV_PYTHON": "{b}/bin/python"}, {}),
    ({"UV_PYTHON": "{b}"}, {}),
    ({"UV_PYTHON": "{a}"}, {}),
    ({"UV_PYTHON": ""}, {}),
    ({"UV_PYTHON": "3.1"}, {}),
    ({"UV_SYSTEM_PYTHON": "1"}, {}),
    ({"UV_SYSTEM_PYTHON": "false"}, {}),
    ({"UV_SYSTEM_PYTHON": "true", "UV_PYTHON": "{a}"}, {}),
    ({"UV_TARGET": "{root}/out"}, {}),
    ({"UV_PROJECT_ENVIRONMENT": "{b}"}, {}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\ntarget=''\n"}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\nprefix='{root}/out'\n"}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\npython='{b}'\n"}),
    ({"UV_PYTHON": "{a}"}, {"home/.config/uv/uv.toml": "[pip]\npython='{b}'\n"}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\nsystem=true\n"}),
    ({}, {"home/.config/uv/uv.toml": "[pip]\nsystem=false\n"}),
    ({"XDG_CONFIG_HOME": "{root}/ch"}, {"ch/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({"XDG_CONFIG_HOME": "ch"}, {"work/sub/ch/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({}, {"xdg/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({"UV_NO_SYSTEM_CONFIG": "1"}, {"xdg/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({"UV_NO_CONFIG": "1"}, {"home/.config/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({"UV_CONFIG_FILE": "../../c.toml"}, {"c.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({"UV_CONFIG_FILE": "/dev/null"}, {"home/.config/uv/uv.toml": "[pip]\ntarget='{root}/out'\n"}),
    ({}, {"work/pyproject.toml": "[tool.uv.pip]\ntarget='out'\n"}),
    ({}, {"work/pyproject.toml": "[tool.uv.pip]\ntarget='out'\n", "work/sub/uv.toml": ""}),
    ({}, {"work/pyproject.toml": "[tool.uv.pip]\ntarget='out'\n", "work/uv.toml": ""}),
    ({}, {"work/pyproject.toml": "[project]\nname='p'\nversion='1'\n", "work/sub/uv.toml": "[pip]\ntarget='out'\n"}),
    ({}, {"pyproject.toml": "[tool.uv.pip]\ntarget='out'\n", "work/pyproject.toml": "[tool.other]\n"}),
    ({}, {"pyproject.toml": "[tool.uv.pip]\ntarget='out'\n", "work/pyproject.toml": "[bro"}),
    (
        {},
        {
            "pyproject.toml": "[tool.uv.workspace]\nmembers=['wor*']\n",
            "work/pyproject.toml": "[project]\nname='p'\nversion='1'\n[tool.uv.pip]\ntarget='out'\n",
        },
    ),
    (
        {},
        {
            "pyproject.toml": "[tool.uv.workspace]\nmembers=['other']\n",
            "work/pyproject.toml": "[project]\nname='p'\nversion='1'\n[tool.uv.pip]\ntarget='out'\n",
        },
    ),
    ({"UV_PROJECT": "{root}/else"}, {"else/uv.toml": "[pip]\ntarget='out'\n"}),
    ({"UV_WORKING_DIR": "{root}/else"}, {"work/uv.toml": "[pip]\ntarget='out'\n", "else/x": ""}),
]


@pytest.mark.parametrize("case", CASES, ids=named)
@pytest.mark.usefixtures("installer")
def test_what_diverts(case: Case, world: World, wheel: Path) -> None:
    """A setting is said to divert exactly when a real uv's install does not land in the environment."""
    world.lay(case)
    world.environ.setdefault("VIRTUAL_ENV", str(world.a))
    world.uv("install", "--quiet", "--no-index", "--no-deps", wheel)
    assert world.landed() == (not world.diverting()), world.diverting()


@pytest.mark.parametrize(
    ("path", "text", "reason", "hint"),
    [
        (
            "home/.config/uv/uv.toml",
            "[pip\n",
            "Expected ']' at the end of a table declaration (at line 1, column 5)",
            FAILS,
        ),
        ("work/uv.toml", "x\n", "Expected '=' after a key in a key/value pair (at line 1, column 2)", FAILS),
        ("work/pyproject.toml", "x\n", "Expected '=' after a key in a key/value pair (at line 1, column 2)", GOES_ON),
    ],
)
@pytest.mark.usefixtures("installer")
def test_a_broken_file_is_a_finding(path: str, text: str, reason: str, hint: str, world: World) -> None:
    """It names the file and the reason, and the rest still stands; uv itself refuses it too."""
    file = world.write(path, text)
    world.environ |= {"UV_OFFLINE": "1"}
    settings, findings = world.read()
    assert findings == (broken("uv", file, reason, hint),)
    assert [s.name for s in settings if s.source == "environment"] == ["UV_OFFLINE"]
    assert (world.uv("list", "-p", world.a) == 0) == (hint == GOES_ON)


@pytest.mark.usefixtures("installer")
def test_bytes_that_are_no_text(world: World) -> None:
    """uv does not read them; the answer says so."""
    file = world.write("home/.config/uv/uv.toml", "")
    file.write_bytes(b"x = '\xff'\n")
    assert world.read()[1] == (broken("uv", file, "byte 5 is not UTF-8", FAILS),)
    assert world.uv("list", "-p", world.a) == 2


@pytest.mark.usefixtures("installer")
def test_a_missing_file_that_a_variable_names_is_a_finding(world: World) -> None:
    """uv fails when `UV_CONFIG_FILE` names no file."""
    world.environ |= {"UV_CONFIG_FILE": "nope.toml"}
    reason = "`UV_CONFIG_FILE` names it, but it does not exist"
    assert world.read()[1] == (broken("uv", world.cwd / "nope.toml", reason, FAILS),)
    assert world.uv("list", "-p", world.a) == 2


def test_tables_in_odd_places_do_no_harm(world: World) -> None:
    """What uv refuses for its type is no crash here."""
    world.write("pyproject.toml", "tool = 3\n")
    world.write("work/pyproject.toml", "[project]\n[tool]\nuv = []\n")
    world.write("home/.config/uv/uv.toml", "pip = 3\n[[index]]\nurl = 'https://u:p@h.example'\nwhen = 2020-01-01\n")
    settings, findings = world.read()
    assert findings == ()
    values = {s.name: s.value for s in settings if s.source.startswith(str(world.home))}
    assert values == {"pip": "3", "index": f'[{{"url": "https://{MASK}@h.example", "when": "2020-01-01"}}]'}
