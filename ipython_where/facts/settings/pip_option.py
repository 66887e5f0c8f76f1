"""An option of pip's as the table of them has it: `pip_options`.

Tested in `tests/facts/settings/test_pip_options.py`.
"""

from __future__ import annotations

from typing import Literal

from ipython_where.value import dataclass

Version = tuple[int, ...]
OLDEST, NEWEST = (20, 3), (26, 3)
"""What no version between these knows is no option; of another pip that cannot be said."""

Effect = Literal["none", "source", "connection", "place", "plan"]
"""`source`: which candidates there are. `connection`: how they are fetched. `place`: where files go. `plan`: which are
taken.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportedBy:
    """A word, and the first and the last pip that knows it: an option's name, one of its values, or a command that has it."""

    word: str
    first: Version
    last: Version

    def is_known(self, version: Version | None) -> bool | None:
        """Whether a pip knows it; None where that depends on its version, and this is not known."""
        if version is None:
            return True if (self.first, self.last) == (OLDEST, NEWEST) else None
        # a micro release brings what its minor release did, unless it is named itself
        return version >= self.first and (version[: len(self.last)] <= self.last or self.last == NEWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """`%safepip` carries it out: it sets that field of a request."""

    field: str
    how: Literal["flag", "unset", "count", "value", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The installer is given it. ``in_plan``: for the plan alone, since the staging takes exactly the plan's pins.

    ``wants``: it names what is to be installed. ``by_pip``: only pip carries it out, though no plan depends on it.
    """

    in_plan: bool = False
    wants: bool = False
    by_pip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """It changes nothing of what `%safepip` does anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`%safepip` does not take it."""

    why: str
    instead: str | None = None


Treatment = CarriedOut | Passed | Ignored | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PipOption:
    """An option. ``commands`` are those that have it: `main` is before the command, `all` is each of them.

    ``file`` is whether a requirements file may hold it: for `all` of it, or for one `line`. ``uv`` is what says the same to
    uv: an option, or variables. ``variable`` is what becomes of its `PIP_*` variables for an installer of ours: one that
    `diverts` is taken away and told, one that would only disturb is `dropped`. ``choices``: none are known where any value is
    taken.
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
        """The name that is told."""
        return self.names[0].word

    @property
    def is_of_install(self) -> bool:
        """Whether `pip install` has it: only then its settings count for an install."""
        return any(each.word in ("install", "all") for each in self.commands)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that set it."""
        long = (each.word for each in self.names if each.word.startswith("--"))
        return tuple("PIP_" + name[2:].upper().replace("-", "_") for name in long)

    @property
    def is_pips_alone(self) -> bool:
        """Whether a request that passes it on has to go to pip: its answer depends on it, and uv cannot be told the same."""
        by_pip = isinstance(self.safepip, Passed) and self.safepip.by_pip
        return by_pip or (self.uv is None and self.steers in ("plan", "source", "connection"))


def _numbers(text: str, otherwise: Version) -> Version:
    return tuple(map(int, text.split("."))) if text else otherwise


def spans(text: str) -> tuple[SupportedBy, ...]:
    """The words of a row, each with its versions: `--name@22.1:25.2`."""
    found = []
    for each in text.split():
        word, _, versions = each.partition("@")
        first, _, last = versions.partition(":")
        found.append(SupportedBy(word=word, first=_numbers(first, OLDEST), last=_numbers(last, NEWEST)))
    return tuple(found)
