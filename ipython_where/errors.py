"""The errors of this package: one root, a few kinds, each with the facts in its message.

Tested in `tests/test_secrets_door.py`.
"""

from __future__ import annotations

from typing import Any

from .redact import masked, masked_field


class _Clean:
    """Masks credentials in every string that is assigned to an error."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, masked_field(name, value))


class WhereError(_Clean, Exception):
    """The root of all errors that this package raises on purpose.

    ``message`` is one sentence without a full stop, ``evidence`` its indented lines, ``hint`` what to do next:
    credentials are masked in each.
    IPython shows what `_render_traceback_` returns instead of a traceback; a subclass of ``UsageError`` would still get one
    (ipython#14024), and ``UsageError`` itself leaves no error in the saved notebook.
    """

    def __init__(self, message: str, *, evidence: tuple[str, ...] = (), hint: str | None = None) -> None:
        super().__init__(masked(message))
        self.message = message
        self.evidence = evidence
        self.hint = hint

    def lines(self) -> list[str]:
        """The error's parts in order: message, evidence, an empty line, the hint."""
        shown = [self.message, *(f"  {line}" for line in self.evidence)]
        if self.hint:
            shown += ["", f"hint: {self.hint}"]
        return shown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show a returned error (``--no-raise``) like a raised one.

        ``_repr_mimebundle_`` would not work: IPython's own printer for exceptions takes precedence over it.
        """
        printer.text("\n".join(self.shown()))

    def _render_traceback_(self) -> list[str]:
        return self.shown()

    def shown(self) -> list[str]:
        """The lines as answers show them: home as `~`, and nothing that could move a cursor or be invisible."""
        return _legible(self.lines())


class Interrupted(_Clean, KeyboardInterrupt):
    """An interrupt, still a `KeyboardInterrupt`, so that nothing handles it as a failure, not even ``--no-raise``."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(masked(message))
        self.message = message
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        return _legible([self.message, *(("", f"hint: {self.hint}") if self.hint else ())])


def _legible(lines: list[str]) -> list[str]:
    import os

    from .legible import legible

    home = os.path.expanduser("~").rstrip("/\\")
    return [legible(line, home if home != "~" else None) for line in lines]


class UsageError(WhereError):
    """An option or an argument that the command does not know."""


class CommandError(WhereError):
    """A subprocess could not be started, took too long, or gave no usable answer."""


class NotRunError(CommandError):
    """A program that was not run to answer a question: other users could have put it there, or time ran out."""


class BlockedError(WhereError):
    """A shell command that was not run because it would have changed a different environment."""
