"""The options of pip's commands, each with the versions of pip that know it.

Taken from the parsers of pip 20.3 to 26.3 (`pip._internal.commands`), hidden options included; a test holds them against
the pip that is installed. `NAME` is a flag, `NAME=` takes a value, `@21.1:25.2` are the first and the last version with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

OLDEST, NEWEST = (20, 3), (26, 3)
"""What no version between these knows is no option; of another pip that cannot be said."""

_GENERAL = """
--cache-dir= --cert= --client-cert= --debug@21.3 --default-timeout= --disable-pip-version-check --exists-action= -h --help
--isolated --keyring-provider=@23.1 --local-log= --log= --log-file= --no-cache-dir --no-color --no-input --no-proxy-env@26.2
--no-python-version-warning --proxy= --python=@22.3 -q --quiet --require-venv --require-virtualenv --resume-retries=@25.1
--retries= --timeout= --trusted-host= --use-deprecated= --use-feature= -V -v --verbose --version
"""
_INSTALL = """
--abi= --all-releases=@26.0 -b=@:21.2 --break-system-packages@23.0.1 --build=@:21.2 --build-constraint=@25.3 --build-dir=@:21.2
--build-directory=@:21.2 -C=@23.1 -c= --check-build-dependencies@22.1 --compile --config-settings=@22.1 --constraint=
--dry-run@22.2 -e= --editable= --extra-index-url= -f= --find-links= --force-reinstall --global-option=@:25.2 --group=@25.1 -I
-i= --ignore-installed --ignore-requires-python --implementation= --index-url= --install-option=@:23.0 --no-binary=
--no-build-isolation --no-clean --no-compile --no-dependencies --no-deps --no-index --no-require-hashes@26.2
--no-use-pep517@:25.2 --no-user --no-warn-conflicts --no-warn-script-location --only-binary= --only-dependencies@26.2
--only-deps@26.2 --only-final=@26.0 --platform= --pre --prefer-binary --prefix= --progress-bar= --pypi-url= --python-version=
-r= --refresh-package=@26.2 --report=@22.2 --require-hashes --requirement= --requirements-from-script=@26.0 --root=
--root-user-action=@22.1 --source= --source-dir= --source-directory= --src= -t= --target= -U --upgrade --upgrade-strategy=
--uploaded-prior-to=@26.0 --use-pep517 --user
"""
_COMMANDS = {
    "install": _INSTALL,
    "uninstall": "--break-system-packages@23.0.1 -r= --requirement= --root-user-action=@22.1 -y --yes",
    # of Setuptools before 52, which brought the program
    "easy_install": """
-z --zip-ok -m --multi-version -U --upgrade -d= --install-dir= -s= --script-dir= -x --exclude-scripts -a --always-copy -i=
--index-url= -f= --find-links= -b= --build-directory= -O= --optimize= --record= -Z --always-unzip -S= --site-dirs= -e --editable
-N --no-deps -H= --allow-hosts= -l --local-snapshots-ok --version --no-find-links --user --prefix= -q --quiet -v --verbose -n
--dry-run -h --help
""",
}
_NAMES = {
    "-h": "--help", "-q": "--quiet", "-v": "--verbose", "-V": "--version", "-U": "--upgrade", "-I": "--ignore-installed",
    "-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-t": "--target", "-i": "--index-url",
    "-f": "--find-links", "-C": "--config-settings", "-y": "--yes", "--pypi-url": "--index-url", "-n": "--dry-run",
}  # fmt: skip
"""What an option is called here where it has several names."""

_CHOICES = {
    "--exists-action": "s i w b a",
    "--keyring-provider": "auto disabled import subprocess",
    "--upgrade-strategy": "only-if-needed eager",
    "--root-user-action": "warn ignore",
    "--progress-bar": "on off ascii@:22.0 pretty@:22.0 emoji@:22.0 raw@24.1 auto@25.2",
}
_NUMBERS = {"--timeout": float, "--default-timeout": float, "--retries": int, "--resume-retries": int}

Version = tuple[int, ...]


class Option(NamedTuple):
    """A name of an option as a command line has it; ``name`` is the one that is told."""

    spelling: str
    name: str
    takes_value: bool
    first: Version
    last: Version

    def is_known(self, version: Version | None) -> bool | None:
        """Whether a pip knows it; None where that depends on its version, and this is not known."""
        if version is None:
            return True if (self.first, self.last) == (OLDEST, NEWEST) else None
        # a micro release brings what its minor release did, unless it is named itself
        return version >= self.first and (version[: len(self.last)] <= self.last or self.last == NEWEST)


class Table(NamedTuple):
    """The options of one command by their names; ``is_exact``: no other is known to the versions between."""

    options: dict[str, Option]
    is_exact: bool

    def knows_all(self, version: Version | None) -> bool:
        """Whether an option that is not here is none."""
        return self.is_exact and version is not None and version >= OLDEST and version[: len(NEWEST)] <= NEWEST


_ENTRY = re.compile(r"([^=@\s]+)(=?)(?:@([\d.]*)(?::([\d.]+))?)?")


def as_version(text: str) -> Version | None:
    """The numbers of a pip's version: `24.1b2` is taken for 24.1."""
    numbers = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, numbers[0].split("."))) if numbers else None


def _version(text: str | None, otherwise: Version) -> Version:
    return tuple(map(int, text.split("."))) if text else otherwise


def _read(text: str) -> dict[str, Option]:
    found = {}
    for spelling, equals, first, last in _ENTRY.findall(text):
        name = _NAMES.get(spelling, spelling)
        found[spelling] = Option(spelling, name, bool(equals), _version(first, OLDEST), _version(last, NEWEST))
    return found


@lru_cache
def table(command: str | None) -> Table:
    """The options of a command, the general ones with them; of None the general ones alone."""
    general = _read(_GENERAL)
    if command is None:
        return Table(general, True)
    general |= _read("-V@:26.2 --version@:26.2")
    if command == "easy_install":
        return Table(_read(_COMMANDS[command]), True)
    if command in _COMMANDS:
        return Table({**general, **_read(_COMMANDS[command])}, True)
    return Table({**general, **_read(_INSTALL), **_read("-d= --dest= -w= --wheel-dir= -o= --output=")}, False)


def is_accepted(option: Option, value: str, version: Version | None) -> bool | None:
    """Whether pip takes the value for the option: a number where one is wanted, one of a few words."""
    number = _NUMBERS.get(option.name)
    if number is not None:
        return _is_number(value, number)
    if option.name == "--config-settings":
        return "=" in value
    if option.name in ("--no-binary", "--only-binary"):
        return not value.startswith("-")
    if option.name == "--python-version":
        return re.fullmatch(r"\d+(\.\d+){0,2}", value) is not None
    if option.name not in _CHOICES:
        return True
    choice = _read(_CHOICES[option.name]).get(value)
    return choice is not None and choice.is_known(version)


def _is_number(value: str, number: type[int] | type[float]) -> bool | None:
    try:
        number(value)
    except ValueError:
        return number is int and re.fullmatch(r"[-+]?0[box]?[\da-f]+", value, re.IGNORECASE) is not None  # optparse
    return True
