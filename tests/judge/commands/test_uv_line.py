"""The arguments of a uv, against what that uv tells of itself."""

from __future__ import annotations

import re

import pytest

from ipython_where.judge.commands.shell.expansion import Field
from ipython_where.judge.commands.uv_line import parse_uv
from tests import environments

COMMANDS = (
    "pip install",
    "pip sync",
    "pip uninstall",
    "pip compile",
    "pip list",
    "add",
    "remove",
    "sync",
    "lock",
    "export",
    "tree",
    "run",
    "tool install",
    "tool upgrade",
    "tool run",
)


def options_of(command: str) -> list[tuple[str | None, str, bool]]:
    """The short and the long name of each option, and whether a value follows."""
    shown = environments.call(environments.uv(), "help", *command.split(), NO_COLOR="1", PAGER="cat")
    found = re.findall(r"^ +(?:(-\w), |    )(--[\w-]+)( <\S+>)?", shown, re.MULTILINE)
    return [(short or None, name, bool(value)) for short, name, value in found]


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_this_uv_tells_of_is_known(command: str) -> None:
    """Whether a value follows decides which word is a requirement, and what `run` starts."""
    options = options_of(command)
    assert ("-v", "--verbose", False) in options and (None, "--config-file", True) in options
    for short, name, takes_value in options:
        for spelled in filter(None, (short, name)):
            words = [*command.split(), spelled, *(["given"] if takes_value else []), "behind"]
            line, started = parse_uv([Field(word) for word in words])
            known = {key: value for key, value in line.options.items() if value == ("given" if takes_value else "")}
            assert len(line.options) == len(known) == 1, (command, spelled, line)
            assert line.command == command
            assert [field.text for field in started] == (["behind"] if command in ("run", "tool run") else [])
            if line.requirements is not None and command.split()[-1] in ("install", "add", "remove", "uninstall"):
                assert line.requirements[-1] == "behind", (command, spelled)
            else:
                assert line.requirements is not None, (command, spelled)


def test_a_short_option_means_what_its_command_has_it_for() -> None:
    """`-m` is a marker behind `add`, and a module behind `run`."""
    line, _ = parse_uv([Field(word) for word in ("add", "-m", "sys_platform == 'linux'", "six")])
    assert (line.requirements, line.options) == (("six",), {"--marker": "sys_platform == 'linux'"})
    line, started = parse_uv([Field(word) for word in ("run", "-m", "pip", "install", "six")])
    assert (line.options, [field.text for field in started]) == ({"--module": ""}, ["pip", "install", "six"])


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize(
    ("command", "spelled", "takes_value"),
    [
        ("pip install", "--requirement", True),
        ("pip install", "--constraint", True),
        ("pip install", "--override", True),
        ("pip install", "--build-constraint", True),
        ("pip install", "--config-settings", True),
        ("pip install", "--compile", False),
        ("pip install", "--force-reinstall", False),
        ("pip install", "--native-tls", False),
        ("pip install", "--preview", False),
        ("pip uninstall", "-y", False),
        ("pip uninstall", "--yes", False),
    ],
)
def test_names_that_uv_takes_and_does_not_tell_of_are_known(command: str, spelled: str, takes_value: bool) -> None:
    """That it takes them is asked of it: one that it does not know ends it before the help is shown."""
    words = [*command.split(), spelled, *(["giv=en"] if takes_value else []), "behind"]
    assert environments.call(environments.uv(), *words, "--help")
    line, _ = parse_uv([Field(word) for word in words])
    assert line.requirements is not None and line.requirements[-1] == "behind"
    assert list(line.options.values()) == ["giv=en" if takes_value else ""]


@pytest.mark.parametrize(
    ("line", "requirements", "refusal"),
    [
        ("pip install -qrreq.txt six", ("-r req.txt", "six"), None),
        ("pip install -r=req.txt six", ("-r req.txt", "six"), None),
        ("pip install -xv six", None, None),
        ("pip install --unknown six", None, None),
        ("pip install --no-unknown six", ("six",), None),
        ("pip install -", ("-",), "`-` is not a requirement"),
        ("pip sync -", ("-r -",), None),
        ("pip install --help -", ("-",), None),
        ("add -", ("-",), None),
        ("pip install", (), "`uv pip install` has no requirement"),
        ("pip install --user six", ("six",), "`uv` does not know user installs"),
        ("pip", (), None),
    ],
)
def test_what_a_line_wants_and_what_every_uv_refuses(
    line: str, requirements: tuple[str, ...] | None, refusal: str | None
) -> None:
    """Short options run together, the last with its value; behind one that is unknown, a word may be its value."""
    found, _ = parse_uv([Field(word) for word in line.split()])
    assert (found.requirements, found.refusal) == (requirements, refusal)
