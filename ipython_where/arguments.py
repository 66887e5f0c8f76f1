"""The arguments of `%where` and ``python -m ipython_where``: the same options, the same errors.

Tested in `tests/test_magics.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .errors import UsageError
from .value import dataclass

if TYPE_CHECKING:
    from argparse import ArgumentParser

_FLAGS = (("-v", "--verbose"), ("--json",), ("-h", "--help"))
OPTIONS = tuple(name for names in _FLAGS for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The names in question, and how to show the answer. ``command`` is the value of `--command`."""

    names: tuple[str, ...]
    verbose: bool
    json: bool
    help: bool
    command: str | None


def parse_arguments(words: Sequence[str], *, command: str, help_command: str, takes_command: bool = False) -> Arguments:
    """Read the words of a line; only a terminal ``takes_command``. Raises `UsageError` for an unknown option."""
    from argparse import ArgumentError

    try:
        given, names = _parser(takes_command).parse_known_args(words)
    except ArgumentError as error:  # nothing else can be wrong with these options
        needs = "needs a value" if error.argument_name == "--command" else "takes no value"
        raise UsageError(f"option `{error.argument_name}` {needs}", hint=f"`{help_command}` shows how") from None
    for word in names:
        if word.startswith("-"):
            raise UsageError(f"`{command}` has no option `{word}`", hint=f"`{help_command}` shows what it takes")
    return Arguments(names=tuple(names), **vars(given))


def _parser(takes_command: bool) -> ArgumentParser:
    """It declares no positional arguments, because those may not come between options: names are what is left over."""
    from argparse import ArgumentParser

    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for names in _FLAGS:
        parser.add_argument(*names, action="store_true")
    parser.add_argument("--command") if takes_command else parser.set_defaults(command=None)
    return parser


def split_command(line: str) -> tuple[str, str | None]:
    """A line of `%where` split at the `!` before a command: the options before it, the command after it."""
    found = re.fullmatch(r"((?:\s*-\S+)*)\s*!(.*)", line, re.DOTALL)
    return (found[1], found[2].strip()) if found else (line, None)
