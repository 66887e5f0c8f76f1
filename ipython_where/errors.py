"""The errors of this package: one root, a few kinds, each with the facts in its message.

Tested in `tests/test_secrets_door.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from . import layouts
from .console import FRONT_END, Console, current_console, folded, painted, said
from .model import Evidence, Finding
from .redact import masked, masked_field

UNCHANGED = "nothing was changed: "
"""How the sentence begins where a change was refused, or failed and left all as it was."""


class _Clean:
    """Masks credentials in every string that is assigned to an error."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, masked_field(name, value))


class WhereError(_Clean, Exception):
    """The root of all errors that this package raises on purpose.

    ``message`` is one sentence without a full stop, ``evidence`` its indented lines, ``hint`` what to do next:
    credentials are masked in each. ``unchanged``: what was to be changed was not, and the sentence says so first.
    IPython shows what `_render_traceback_` returns instead of a traceback; a subclass of ``UsageError`` would still get one
    (ipython#14024), and ``UsageError`` itself leaves no error in the saved notebook.
    """

    def __init__(
        self,
        message: str,
        *,
        evidence: Iterable[Evidence | str] = (),
        hint: str | None = None,
        unchanged: bool = False,
    ) -> None:
        message = f"{UNCHANGED}{message.removeprefix(UNCHANGED)}" if unchanged else message
        super().__init__(masked(message))
        self.message = message
        self.evidence = tuple(Evidence(label="", value=each) if isinstance(each, str) else each for each in evidence)
        self.hint = hint

    def lines(self, console: Console = FRONT_END) -> list[str]:
        """The error's parts in order: message, evidence, an empty line, the hint."""
        evidence = [replace(each, label=said(each.label, console)) for each in self.evidence]
        shown = [said(self.message, console), *(f"  {line}" for line in evidence_lines(evidence, console))]
        if self.hint:
            shown += ["", f"hint: {said(self.hint, console)}"]
        return shown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show a returned error (``--no-raise``) like a raised one.

        ``_repr_mimebundle_`` would not work: IPython's own printer for exceptions takes precedence over it.
        """
        printer.text("\n".join(self.shown(current_console())))

    def _repr_html_(self) -> str:
        return layouts.error_html(self.finding())

    def _render_traceback_(self) -> list[str]:
        return self.shown(current_console())

    def finding(self) -> Finding:
        """The error as answers show what is wrong."""
        return Finding(id="error", severity="error", message=self.message, evidence=self.evidence, hint=self.hint)

    def shown(self, console: Console = FRONT_END) -> list[str]:
        """The lines as answers show them: home as `~`, and nothing that could move a cursor or be invisible."""
        return _shown(self.lines(console), console)


def evidence_lines(evidence: Sequence[Evidence], console: Console = FRONT_END) -> Iterator[str]:
    """Evidence as text, to be indented below a finding or an error: labels, values and notes in columns.

    A line without a label is as it is. A note for which a terminal has no room goes below its value.
    """
    room = console.width and console.width - 2
    label = max((len(each.label) for each in evidence), default=0)
    value = max((len(each.value) for each in evidence if each.note), default=0)
    for each in evidence:
        note = f"  ({each.note})" if each.note else ""
        line = f"{each.label:{label}}  {each.value:{value}}{note}".rstrip() if each.label else f"{each.value}{note}"
        if room and note and each.label and len(line) > room:
            yield f"{each.label:{label}}  {each.value}"
            line = f"{'':{label}}{note}"
        yield line


class Interrupted(_Clean, KeyboardInterrupt):
    """An interrupt, still a `KeyboardInterrupt`, so that nothing handles it as a failure, not even ``--no-raise``."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(masked(message))
        self.message = message
        self.hint = hint

    def finding(self) -> Finding:
        """The interrupt as answers show what is worth knowing."""
        return Finding(id="interrupted", severity="note", message=self.message, hint=self.hint)

    def _render_traceback_(self) -> list[str]:
        return _shown([self.message, *(("", f"hint: {self.hint}") if self.hint else ())], current_console())


def _shown(lines: list[str], console: Console) -> list[str]:
    import os

    from .legible import legible

    home = os.path.expanduser("~").rstrip("/\\")
    message, *rest = (legible(line, home if home != "~" else None) for line in lines)
    painted_rest = (each for line in rest for each in _painted_lines(line, console))
    return [*(painted(each, "error", console) for each in folded(message, console)), *painted_rest]


def _painted_lines(line: str, console: Console) -> Iterator[str]:
    if not line.startswith("hint:"):
        yield painted(line, "plain", console)
        return
    first, *others = folded(line, console, len("hint: "))
    yield painted("hint:", "label", console) + painted(first.removeprefix("hint:"), "plain", console)
    yield from (painted(each, "plain", console) for each in others)


class UsageError(WhereError):
    """An option or an argument that the command does not know."""


class CommandError(WhereError):
    """A subprocess could not be started, took too long, or gave no usable answer."""


class NotRunError(CommandError):
    """A program that was not run to answer a question: other users could have put it there, or time ran out."""


class BlockedError(WhereError):
    """A shell command that was not run because it would have changed a different environment."""
