"""The type of one row in the table of pip's options (`pip_options`).

Tested in `tests/facts/settings/test_pip_options.py`.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from ipython_where.value import dataclass

Version = tuple[int, ...]
OLDEST, NEWEST = (20, 3), (26, 3)
"""The versions that the table covers. An unknown word is not an option of these; about any other pip we can't tell."""

Effect = Literal["none", "source", "connection", "place", "plan"]
"""What an option changes about an install.

`source`: which candidates exist. `connection`: how they are fetched. `place`: where files go. `plan`: which are chosen.
"""


class SupportedBy(NamedTuple):
    """A word (an option's name, one of its values, or a command) with the first and last pip that knows it."""

    word: str
    first: Version
    last: Version

    def is_known(self, version: Version | None) -> bool | None:
        """Whether this pip knows the word; None if that depends on the version and the version is unknown."""
        if version is None:
            return True if (self.first, self.last) == (OLDEST, NEWEST) else None
        # a micro release knows what its minor release does, unless the row names a micro release
        return version >= self.first and (version[: len(self.last)] <= self.last or self.last == NEWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """`%safepip` handles the option itself: it sets ``field`` of the request."""

    field: str
    how: Literal["flag", "unset", "count", "value", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """`%safepip` passes the option on to the installer.

    ``in_plan``: only for the plan, because staging installs exactly the plan's pins. ``wants``: it names what to
    install. ``by_pip``: only pip supports it, although no plan depends on it.
    """

    in_plan: bool = False
    wants: bool = False
    by_pip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """The option changes nothing about what `%safepip` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`%safepip` does not accept the option."""

    why: str
    instead: str | None = None


Treatment = CarriedOut | Passed | Ignored | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PipOption:
    """One of pip's options. ``commands`` have it; `main` stands for before the command, `all` for every command.

    ``file``: whether a requirements file may hold it, for `all` of the file or for one `line`. ``uv``: the equivalent
    for uv, an option or variables. ``variable``: what happens to its `PIP_*` variables when we run an installer. One
    that `diverts` is removed and reported, one that would only get in the way is `dropped`. ``choices`` is empty if it
    takes any value.
    """

    names: tuple[SupportedBy, ...]
    commands: tuple[SupportedBy, ...]
    takes_value: bool
    steers: Effect
    file: Literal["all", "line"] | None
    uv: str | None
    variable: Literal["kept", "diverts", "dropped"]
    choices: tuple[SupportedBy, ...]
    safepip: Treatment

    @property
    def name(self) -> str:
        """The name shown in messages."""
        return self.names[0].word

    @property
    def is_of_install(self) -> bool:
        """Whether `pip install` has the option; only then do its settings apply to an install."""
        return any(each.word in ("install", "all") for each in self.commands)

    @property
    def variables(self) -> tuple[str, ...]:
        """The `PIP_*` variables that set the option."""
        long = (each.word for each in self.names if each.word.startswith("--"))
        return tuple("PIP_" + name[2:].upper().replace("-", "_") for name in long)

    @property
    def is_pips_alone(self) -> bool:
        """Whether a request with this option needs pip: the result depends on it, and uv has no equivalent."""
        by_pip = isinstance(self.safepip, Passed) and self.safepip.by_pip
        return by_pip or (self.uv is None and self.steers in ("plan", "source", "connection"))


def _numbers(text: str, otherwise: Version) -> Version:
    return tuple(map(int, text.split("."))) if text else otherwise


@cache  # most rows have the same commands as another
def spans(text: str) -> tuple[SupportedBy, ...]:
    """The words of a row, each with its versions, as in `--name@22.1:25.2`."""
    found = []
    for each in text.split():
        word, _, versions = each.partition("@")
        first, _, last = versions.partition(":")
        found.append(SupportedBy(word=word, first=_numbers(first, OLDEST), last=_numbers(last, NEWEST)))
    return tuple(found)
