"""The parsed arguments of an installer: what the command lines of pip, uv and conda have in common.

Tested in `tests/judge/commands/test_pip_line.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar

from ipython_where.value import dataclass

from .invocations import Action
from .shell.expansion import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerLine:
    """What a command line asks of an installer. ``command`` is empty if it names none.

    ``options`` holds the last value of each option that takes one, and each flag with an empty value. ``requirements``
    is None if not all are known. ``is_sure`` is False if an unknown argument could be an option; ``is_complete`` is
    then False, too, and also if an argument or option is unknown. ``refusal`` is why the installer rejects the line and
    does nothing; ``doubt`` is what only some of its versions do.
    """

    command: str
    action: Action
    requirements: tuple[str, ...] | None
    options: dict[str, str | None]
    is_sure: bool
    is_complete: bool = True
    refusal: str | None = None
    doubt: str | None = None


class Reading:
    """What one pass over the arguments has read so far."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.requirements: list[str | None] = []
        self.options: dict[str, str | None] = {}
        self.is_sure = self.is_complete = True
        self.rest = list(fields)
        self.refusal: str | None = None
        self.doubt: str | None = None

    def meet_unknown(self, field: Field) -> None:
        """Note an unknown argument: it may be an option, and then anything is possible."""
        if field.is_many or field.begins[:1] in ("", "-"):
            self.is_sure = False
        self.is_complete = False

    def next(self) -> str | None:
        """The argument that an option takes; None if it is unknown or missing."""
        return self.rest.pop(0).text if self.rest else None

    def line(self, command: str, action: Action) -> ManagerLine:
        """The result of the pass."""
        if action in ("install", "uninstall") and {"--dry-run", "--help"} & set(self.options):
            action = "read"
        if not command and not self.is_sure:
            action = "unknown"
        return ManagerLine(
            command=command,
            action=action,
            requirements=known(self.requirements) if self.is_complete else None,
            options=self.options,
            is_sure=self.is_sure,
            is_complete=self.is_complete,
            refusal=self.refusal,
            doubt=self.doubt,
        )


class CommandReading(Reading):
    """A pass over the arguments of a program whose first words name a command; it stops at the program that this starts."""

    groups: ClassVar[Collection[str]]
    """First words that need a second one, as in `pip install`."""

    starters: ClassVar[Collection[str]]
    """The commands that start a program."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__(fields)
        self.command: list[str] = []
        self.started: list[Field] = []
        while self.rest and not self.started:
            self._take(self.rest.pop(0))

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return " ".join(self.command)

    def take_long(self, word: str) -> None:
        """Note an option such as `--name` or `--name=value`."""
        raise NotImplementedError

    def take_short(self, word: str) -> None:
        """Note short options, which may stand together."""
        raise NotImplementedError

    def take_argument(self, word: str) -> None:
        """Note what the command is given."""
        self.requirements.append(word)

    def _take(self, field: Field) -> None:
        word = field.text
        if self.name in self.starters and (word is None or not word.startswith("-") or word in ("-", "--")):
            self.started = self.rest if word == "--" else [field, *self.rest]
        elif word is None:
            self.meet_unknown(field)
        elif word.startswith("--") and len(word) > 2:
            self.take_long(word)
        elif word.startswith("-") and len(word) > 1:
            self.take_short(word)
        elif not self.command or (self.command[0] in self.groups and len(self.command) == 1):
            self.command.append(word)
        elif word != "--":
            self.take_argument(word)


def known(texts: Iterable[str | None]) -> tuple[str, ...] | None:
    """All of the texts; None if any of them is unknown."""
    found = tuple(texts)
    return None if None in found else tuple(each or "" for each in found)
