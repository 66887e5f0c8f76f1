"""What `%where` and ``python -m ipython_where`` take on their line: the same options, the same errors."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .errors import UsageError
from .value import dataclass

OPTIONS = ("-v", "--verbose", "--json", "-h", "--help")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The names asked about, and how to show the answer."""

    names: tuple[str, ...]
    verbose: bool
    json: bool
    help: bool


def parse_arguments(words: Sequence[str], *, command: str, help_command: str) -> Arguments:
    """Read the words of a line. Raises `UsageError` for an option that there is not."""
    names = []
    given = set()
    for word in words:
        if not word.startswith("-"):
            names.append(word)
        elif word in OPTIONS:
            given.add(word)
        else:
            raise UsageError(f"`{command}` has no option `{word}`", hint=f"`{help_command}` shows what it takes")
    return Arguments(
        names=tuple(names),
        verbose=bool(given & {"-v", "--verbose"}),
        json="--json" in given,
        help=bool(given & {"-h", "--help"}),
    )


def split_command(line: str) -> tuple[str, str | None]:
    """A line of `%where` divided at the `!` that begins a command: the options before it, the command behind it."""
    found = re.fullmatch(r"((?:\s*-\S+)*)\s*!(.*)", line, re.DOTALL)
    return (found[1], found[2].strip()) if found else (line, None)
