"""The table of pip's options is held against the parsers of real pips: the oldest that it speaks of, some between, the newest."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ipython_where.facts.settings.pip_option import NEWEST, Effect, PipOption, SupportedBy
from ipython_where.facts.settings.pip_options import PIP_OPTIONS, effect_of, is_pips_alone, pip_key
from ipython_where.model import Setting
from tests.environments import call, kept

WALK = """
import json, sys
from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import commands_dict, create_command
from pip._internal.req.req_file import SUPPORTED_OPTIONS, SUPPORTED_OPTIONS_REQ

def options(parser):
    return [
        [each._short_opts + each._long_opts, bool(each.takes_value()), list(each.choices or ())]
        for each in parser._get_all_options()
    ]

walked = {
    "commands": {
        "main": options(create_main_parser()), **{name: options(create_command(name).parser) for name in commands_dict}
    },
    "files": {kind: [each().get_opt_string() for each in known]
              for kind, known in (("all", SUPPORTED_OPTIONS), ("line", SUPPORTED_OPTIONS_REQ))},
}
json.dump(walked, open(sys.argv[1], "w"))
"""
PIPS = ["pip==20.3.4", "pip==22.2.2", "pip==24.0", "pip"]


@lru_cache
def walked(pip: str) -> tuple[tuple[int, ...], dict[str, Any]]:
    """The version of a real pip, and what its parsers have."""
    prefix = kept(pip, [pip])
    with TemporaryDirectory() as folder:
        script, answer = Path(folder, "walk.py"), Path(folder, "answer")
        script.write_text(WALK)
        call(prefix / "bin" / "python", script, answer, PIP_CONFIG_FILE="/dev/null")
        found = json.loads(answer.read_text())
    (record,) = prefix.glob("lib/python*/site-packages/pip-*.dist-info")
    return tuple(map(int, record.name.removeprefix("pip-").removesuffix(".dist-info").split("."))), found


def words(spans: tuple[SupportedBy, ...], version: tuple[int, ...]) -> list[str]:
    """Those that a pip knows."""
    return [each.word for each in spans if each.is_known(version)]


def known_to(command: str, version: tuple[int, ...]) -> dict[str, tuple[list[str], bool]]:
    """What the table says that a command of a pip has, by the first of its names."""
    wanted = {command} if command == "main" else {command, "all"}
    found = {}
    for option in PIP_OPTIONS:
        names = words(option.names, version)
        if names and wanted & set(words(option.commands, version)):
            found[min(names)] = (sorted(names), option.takes_value)
    return found


@pytest.mark.parametrize("pip", PIPS)
@pytest.mark.usefixtures("installer")
def test_every_option_of_that_pip_is_in_the_table(pip: str) -> None:
    """Of each of its commands: all names of an option in one row, whether it takes a value, and no option too many."""
    version, found = walked(pip)
    for command, options in found["commands"].items():
        real = {min(names): (sorted(names), takes_value) for names, takes_value, _ in options}
        assert known_to(command, version) == real, command


@pytest.mark.parametrize("pip", PIPS)
@pytest.mark.usefixtures("installer")
def test_the_values_that_an_option_takes_are_those_of_that_pip(pip: str) -> None:
    version, found = walked(pip)
    real = {name: sorted(choices) for names, _, choices in found["commands"]["install"] for name in names if choices}
    rows = [option for option in PIP_OPTIONS if option.choices]
    known = {name: sorted(words(row.choices, version)) for row in rows for name in words(row.names, version)}
    assert known == real


@pytest.mark.parametrize("pip", PIPS)
@pytest.mark.usefixtures("installer")
def test_what_a_requirements_file_may_hold_is_what_that_pip_lets_it_hold(pip: str) -> None:
    """`-r`, `-c` and `-e` are of one line here: what they name stands for itself. What an older pip does not know yet is
    read, too.
    """
    version, found = walked(pip)
    of_one_line = {"--requirement", "--constraint", "--editable"}
    real = {"all": set(found["files"]["all"]) - of_one_line, "line": set(found["files"]["line"]) | of_one_line}
    for kind, names in real.items():
        rows = [row for row in PIP_OPTIONS if row.file == kind and words(row.names, version)]
        assert names <= {row.name for row in rows}
        if version[:2] == NEWEST:
            assert {row.name for row in rows} == names


def row(name: str) -> PipOption:
    """The first row of that name."""
    return next(row for row in PIP_OPTIONS if any(each.word == name for each in row.names))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("--index-url=https://h.example/?a=b", "index-url"),
        ("--no-index", "no-index"),
        ("PIP_EXTRA_INDEX_URL", "extra-index-url"),
        ("PIP_TARGET", "target"),
        ("PIP_PYPI_URL", "index-url"),
        ("PIP_DEFAULT_TIMEOUT", "timeout"),
        ("global.index-url", "index-url"),
        ("global.source-dir", "src"),
        ("install.no.such", "no.such"),
        ("download.dest", None),
        ("global", None),
        ("UV_INDEX_URL", None),
    ],
)
def test_a_setting_has_the_name_of_its_option(name: str, key: str | None) -> None:
    """A variable, a key of a file and an option; sections of other commands say nothing of an install."""
    assert pip_key(name) == key


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("--extra-index-url=https://h.example", "source"),
        ("PIP_PROXY", "connection"),
        ("install.target", "place"),
        ("PIP_SOURCE", "place"),
        ("PIP_CONFIG_FILE", "none"),
        ("--cache-dir=x", "none"),
        ("PIP_LOG_FILE", "none"),
        ("PIP_FORMAT", "none"),
        ("PIP_EDITABLE", "plan"),
        ("UV_TARGET", "none"),
        ("PIP_CONSTRAINT", "plan"),
        ("--use-feature=x", "plan"),
        ("--of-another-year", "plan"),
    ],
)
def test_what_is_not_known_may_change_the_plan(name: str, effect: Effect) -> None:
    """Under any of an option's names; one that only other commands have changes nothing of an install."""
    assert effect_of(name) == effect
    assert effect_of(Setting(name=name, value="x", source="environment", diverts=False)) == effect


@pytest.mark.parametrize(
    ("passed", "is_so"),
    [
        ("--use-feature=x", True),
        ("--no-proxy-env", True),
        ("--keyring-provider=import", True),
        ("--require-virtualenv", True),
        ("--of-another-year", True),
        ("--no-cache-dir", False),
        ("--config-settings=a=b", False),
        ("--cert=x", False),
        ("--no-color", False),
    ],
)
def test_what_uv_cannot_be_told_is_for_pip(passed: str, is_so: bool) -> None:
    """Unless the answer is the same without it."""
    assert is_pips_alone(passed) is is_so
    assert row("--proxy").variables == ("PIP_PROXY",)
