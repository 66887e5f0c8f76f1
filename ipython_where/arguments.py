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
    from argparse import ArgumentParser, Namespace

_FLAGS = (("-v", "--verbose"), ("--json",), ("-h", "--help"))
_IN_A_KERNEL = ("--imported", "--markdown")
_VALUES = {"--on": "the name of a client", "--timeout": "a number of seconds"}
OPTIONS = (*(name for names in _FLAGS for name in names), *_IN_A_KERNEL, *_VALUES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The names in question, and how to show the answer. ``command`` is the value of `--command`.

    ``imported`` asks for everything that is loaded, and ``markdown`` shows the answer as Markdown. ``on`` names the client whose
    workers are asked, ``timeout`` how many seconds they have. All of these are for a kernel alone.
    """

    names: tuple[str, ...]
    verbose: bool
    json: bool
    help: bool
    command: str | None
    imported: bool
    markdown: bool
    on: str | None
    timeout: float | None


def parse_arguments(words: Sequence[str], *, command: str, help_command: str, takes_command: bool = False) -> Arguments:
    """Read the words of a line; only a terminal ``takes_command``. Raises `UsageError` for an unknown option."""
    from argparse import ArgumentError

    try:
        given, names = _parser(takes_command).parse_known_args(words)
    except ArgumentError as error:  # nothing else can be wrong with these options
        wanted = _VALUES.get(error.argument_name or "", "a value" if error.argument_name == "--command" else None)
        needs = f"needs {wanted}" if wanted else "takes no value"
        raise UsageError(f"option `{error.argument_name}` {needs}", hint=f"`{help_command}` shows how") from None
    for word in names:
        if word.startswith("-"):
            raise UsageError(f"`{command}` has no option `{word}`", hint=f"`{help_command}` lists its options")
    _check(given, names)
    return Arguments(names=tuple(names), **vars(given))


def _check(given: Namespace, names: Sequence[str]) -> None:
    if given.imported and names:
        raise UsageError("`--imported` takes no names", hint=f"`%where {' '.join(names)}`, or `%where --imported`")
    if given.imported and given.on:
        raise UsageError(
            "`--imported` and `--on` exclude each other",
            hint=f"`%where --on {given.on}` begins with what is imported here",
        )
    if given.markdown and not (given.imported or given.on):
        raise UsageError("`--markdown` needs `--imported` or `--on`", hint="`%where --imported --markdown`")
    if given.markdown and given.json:
        raise UsageError("`--markdown` and `--json` exclude each other", hint="`%where --imported --markdown`")
    if given.timeout is not None and not given.on:
        raise UsageError(
            "`--timeout` needs `--on`: nothing else waits for workers", hint="`%where --on client --timeout 30`"
        )
    check_timeout(given.timeout, hint="`--timeout 30`")


def check_timeout(seconds: float | None, *, hint: str) -> None:
    """Raise `UsageError` where nobody could wait so long."""
    if seconds is not None and not 0 < seconds <= _LONGEST:
        raise UsageError(f"{seconds:g} is not a number of seconds to wait", hint=hint)


_LONGEST = 86_400
"""Seconds that workers may have: a day."""


def _parser(takes_command: bool) -> ArgumentParser:
    """It declares no positional arguments, because those may not come between options: names are what is left over."""
    from argparse import ArgumentParser

    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for names in _FLAGS:
        parser.add_argument(*names, action="store_true")
    if takes_command:
        parser.add_argument("--command")
        parser.set_defaults(imported=False, markdown=False, on=None, timeout=None)
    else:
        for name in _IN_A_KERNEL:
            parser.add_argument(name, action="store_true")
        parser.add_argument("--on")
        parser.add_argument("--timeout", type=float)
        parser.set_defaults(command=None)
    return parser


def split_command(line: str) -> tuple[str, str | None]:
    """A line of `%where` split at the `!` before a command: the options before it, the command after it."""
    found = re.fullmatch(r"((?:\s*-\S+)*)\s*!(.*)", line, re.DOTALL)
    return (found[1], found[2].strip()) if found else (line, None)
