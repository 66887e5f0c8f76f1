"""The arguments of an installer, understood: what pip's and uv's lines have in common.

Tested in `tests/judge/commands/test_pip_line.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipython_where.value import dataclass

from .shell.expansion import Field
from .values import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerLine:
    """What a line asks of an installer. ``command`` is empty where none is named.

    ``options`` has the last value of each option that takes one, and the flags with an empty one. ``requirements`` None: not
    all are known. ``is_sure`` is False where an argument that is not known could be an option, ``is_complete`` also where an
    option is not known. ``refusal`` is why the
    installer refuses the line, and does nothing; ``doubt`` what only some of its versions do.
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
    """What one walk along the arguments has met so far."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.requirements: list[str | None] = []
        self.options: dict[str, str | None] = {}
        self.is_sure = self.is_complete = True
        self.rest = list(fields)
        self.refusal: str | None = None
        self.doubt: str | None = None

    def meet_unknown(self, field: Field) -> None:
        """An argument that is not known: it may be an option, and then anything."""
        if field.is_many or field.begins[:1] in ("", "-"):
            self.is_sure = False
        self.is_complete = False

    def next(self) -> str | None:
        """The argument that an option takes; None where it is not known or not there."""
        return self.rest.pop(0).text if self.rest else None

    def line(self, command: str, action: Action) -> ManagerLine:
        """All of it."""
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


def known(texts: Iterable[str | None]) -> tuple[str, ...] | None:
    """All of the texts; None where one of them is not known."""
    found = tuple(texts)
    return None if None in found else tuple(each or "" for each in found)
