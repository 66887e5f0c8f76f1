"""The options of each pip command in all their spellings, with the versions that support them.

Tested in `tests/judge/commands/test_pip_line.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ipython_where.facts.settings.pip_option import NEWEST, OLDEST, SupportedBy, Version
from ipython_where.facts.settings.pip_options import PIP_OPTIONS

_OF_EASY_INSTALL = """
-z --zip-ok -m --multi-version -U --upgrade -d= --install-dir= -s= --script-dir= -x --exclude-scripts -a --always-copy -i=
--index-url= -f= --find-links= -b= --build-directory= -O= --optimize= --record= -Z --always-unzip -S= --site-dirs= -e --editable
-N --no-deps -H= --allow-hosts= -l --local-snapshots-ok --version --no-find-links --user --prefix= -q --quiet -v --verbose -n
--dry-run -h --help
"""
"""setuptools shipped the `easy_install` program before version 52."""
_NAMES = {
    "-h": "--help", "-q": "--quiet", "-v": "--verbose", "-U": "--upgrade", "-e": "--editable", "-i": "--index-url",
    "-f": "--find-links", "-n": "--dry-run",
}  # fmt: skip
"""The name used here for each option that has several."""

_NUMBERS = {"--timeout": float, "--retries": int, "--resume-retries": int}
_COMMANDS = {each.word for option in PIP_OPTIONS for each in option.commands} - {"main", "all"} | {"check", "help"}


class Option(NamedTuple):
    """One spelling of an option, as typed on a command line; ``name`` is the one that messages use.

    ``spans`` are the versions that have this spelling, and the versions that have it for this command.
    """

    spelling: str
    name: str
    takes_value: bool
    spans: tuple[SupportedBy, ...] = ()
    choices: tuple[SupportedBy, ...] = ()

    def is_known(self, version: Version | None) -> bool | None:
        """Whether a pip supports it; None if that depends on the version and the version is unknown."""
        known = [each.is_known(version) for each in self.spans]
        return False if False in known else None if None in known else True


class Table(NamedTuple):
    """The options of one command by spelling; if ``is_exact``, the pips from `OLDEST` to `NEWEST` have no others."""

    options: dict[str, Option]
    is_exact: bool

    def knows_all(self, version: Version | None) -> bool:
        """Whether an option that is missing here doesn't exist."""
        return self.is_exact and version is not None and version >= OLDEST and version[: len(NEWEST)] <= NEWEST


def as_version(text: str) -> Version | None:
    """The numbers of a pip version: `24.1b2` counts as 24.1."""
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, numbers[0].split("."))) if numbers else None


@lru_cache
def table(command: str | None) -> Table:
    """The options of a command, including the general ones; for None, the options before the command."""
    if command == "easy_install":
        words = [(word.rstrip("="), word.endswith("=")) for word in _OF_EASY_INSTALL.split()]
        return Table({word: Option(word, _NAMES.get(word, word), takes_value) for word, takes_value in words}, True)
    if command is None:
        return Table(_options({"main"}), True)
    is_known = command in _COMMANDS
    # a command that the table doesn't have: its options most likely mean what those of `install` do
    return Table(_options({command if is_known else "install", "all"}), is_known)


def _options(commands: set[str]) -> dict[str, Option]:
    return {
        name.word: Option(name.word, option.name, option.takes_value, (name, command), option.choices)
        for option in PIP_OPTIONS
        for command in option.commands
        if command.word in commands
        for name in option.names
    }


def is_accepted(option: Option, value: str, version: Version | None) -> bool | None:
    """Whether pip accepts the value for the option, for example a number, or one of a few words; None if unknown."""
    number = _NUMBERS.get(option.name)
    if number is not None:
        return _is_number(value, number)
    if option.name == "--config-settings":
        return "=" in value
    if option.name in ("--no-binary", "--only-binary"):
        return not value.startswith("-")
    if option.name == "--python-version":
        return re.fullmatch(r"\d+(\.\d+){0,2}", value) is not None
    if not option.choices:
        return True
    choice = next((each for each in option.choices if each.word == value), None)
    return choice is not None and choice.is_known(version)


def _is_number(value: str, number: type[int] | type[float]) -> bool | None:
    try:
        number(value)
    except ValueError:
        return number is int and re.fullmatch(r"[-+]?0[box]?[\da-f]+", value, re.IGNORECASE) is not None  # optparse
    return True
