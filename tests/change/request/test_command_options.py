"""The options of each command, held to the parser of its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipython_where.change.request.command_options import CommandOption, options_of
from ipython_where.change.request.request import COMMANDS, FETCHING, READING, parse_request
from ipython_where.errors import UsageError
from ipython_where.facts.settings.pip_option import NEWEST, Refused
from ipython_where.facts.settings.pip_options import install_options

WORDS = {"install": ("six",), "uninstall": ("six",), "sync": ("pylock.toml",)}
"""What a command needs beside its options."""


def line(command: str, option: CommandOption, name: str) -> tuple[str, ...]:
    """A line with one option."""
    value = (option.choices[0] if option.choices else "x",) if option.value else ()
    return (command, *WORDS.get(command, ()), name, *value)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_that_is_offered_is_understood(command: str) -> None:
    """Under each of its names, and it has the same meaning under all of them."""
    for option in options_of(command):
        understood = []
        for name in option.names:
            understood.append(replace(parse_request(line(command, option, name)), words=(), arguments=()))
        assert all(each == understood[0] for each in understood), option


def test_every_option_that_install_carries_out_is_offered() -> None:
    """Under its own name, and each short one."""
    offered = {name for option in options_of("install") for name in option.names}
    known = {
        name
        for name, option in install_options().items()
        if not isinstance(option.safepip, Refused) and option.names[0].last == NEWEST
        if any(each.word in ("install", "all") for each in option.commands)
        if name == option.name or not name.startswith("--")
    }
    assert known - offered == {"--help", "-h"}
    assert offered - known == {
        "--with", "--server", "--no-raise", "--allow-kernel", "--allow-server", "--allow-conda", "--allow-frozen",
        "--allow-conflicts", "--on", "--and-here", "--allow-workers",
    }  # fmt: skip


@pytest.mark.parametrize("command", [*READING, *FETCHING])
def test_an_option_that_is_refused_is_not_offered(command: str) -> None:
    """Such as another Python's environment."""
    offered = {name for option in options_of(command) for name in option.names}
    for name in ("--python", "--system"):
        assert name not in offered
        with pytest.raises(UsageError):
            parse_request((command, name, "x"))


def test_each_command_has_its_own() -> None:
    """No command is said to take what it would ignore."""
    names = {command: [option.name for option in options_of(command) if option.text] for command in COMMANDS}
    assert names["undo"] == [
        "--dry-run", "--server", "--on", "--and-here", "--user", "--allow-kernel", "--allow-server", "--allow-workers",
        "--allow-conda", "--allow-frozen", "--allow-conflicts", "--no-raise",
    ]  # fmt: skip
    assert names["history"] == ["--server", "--user", "--verbose", "--no-raise"]
    assert names["tree"] == ["--server", "--invert", "--depth", "--no-raise"]
    assert names["help"] == []


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("undo", "--index-url", "https://host/simple"), "--index-url"),
        (("undo", "-U"), "-U"),
        (("undo", "--with", "uv"), "--with"),
        (("history", "--upgrade"), "--upgrade"),
        (("history", "--allow-kernel"), "--allow-kernel"),
        (("uninstall", "six", "--no-deps"), "--no-deps"),
        (("lock", "--force-reinstall"), "--force-reinstall"),
    ],
)
def test_an_option_that_a_command_would_ignore_is_refused(words: tuple[str, ...], option: str) -> None:
    """With the sentence for an option that no command has."""
    with pytest.raises(UsageError) as raised:
        parse_request(words)
    assert raised.value.message == f"`%safepip {words[0]}` has no option `{option}`"
    assert raised.value.hint == f"`%safepip {words[0]} --help` lists its options"


@pytest.mark.parametrize(
    "line", ["undo -y", "undo -q --no-input", "uninstall -y six", "history --no-color", "sync -y f"]
)
def test_what_asks_for_nothing_is_taken_everywhere(line: str) -> None:
    """The options that pip has for each of its commands, and the yes to a question that no command asks."""
    assert parse_request(tuple(line.split())).command == line.split()[0]
