"""What can go wrong in a question: one root, a few kinds, each carrying the facts that its message is made of."""

from __future__ import annotations

from typing import Any

from .redact import masked, masked_field


class _Clean:
    """Takes the credentials out of every text that an error keeps, whatever it is kept for."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, masked_field(name, value))


class WhereError(_Clean, Exception):
    """The root of all errors that this package raises on purpose.

    ``message`` is one sentence without a full stop, ``evidence`` its indented lines, ``hint`` what to do next: credentials
    are taken out of each.
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
        """An error that is returned and not raised (``--no-raise``) is shown as it would be.

        ``_repr_mimebundle_`` would not do: IPython has a printer of its own for exceptions, which goes before it.
        """
        printer.text("\n".join(self.shown()))

    def _render_traceback_(self) -> list[str]:
        return self.shown()

    def shown(self) -> list[str]:
        """The lines as answers spell them: home as `~`, and nothing in them that could move a cursor or hide."""
        return _legible(self.lines())


class Interrupted(_Clean, KeyboardInterrupt):
    """An interrupt, still a `KeyboardInterrupt`: nothing may take it for a failure to be handled, ``--no-raise`` either."""

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
    """A program that was not run to answer a question: others could have put it there, or the time was over."""


class BlockedError(WhereError):
    """A shell command that was not run, for it would have changed another environment."""
