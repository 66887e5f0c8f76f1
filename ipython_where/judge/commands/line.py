"""The parsed arguments of an installer: what the command lines of pip and uv have in common.

Tested in `tests/judge/commands/test_pip_line.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipython_where.value import dataclass

from .shell.expansion import Field
from .values import Action


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


def known(texts: Iterable[str | None]) -> tuple[str, ...] | None:
    """All of the texts; None if any of them is unknown."""
    found = tuple(texts)
    return None if None in found else tuple(each or "" for each in found)
