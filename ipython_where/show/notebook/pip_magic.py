"""`%pip` as `%safepip`, while `%config PipGuard.pip = True`: `install` and `uninstall`; everything else stays IPython's.

Tested in `tests/test_pip_magic.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ipython_where.errors import UsageError
from ipython_where.judge.diagnose.way import refusal, way_of

_QUIET = frozenset(("-q", "-qq", "-qqq", "-v", "-vv", "-vvv", "--quiet", "--verbose", "--no-input"))
"""Options that pip takes before a command and after it, with the same meaning."""

_CHANGING = ("install", "uninstall")


class PipMagic:
    """Install into this kernel's environment: planned first, all or nothing, with an undo.

    `%config PipGuard.pip` is on, so `%pip install` and `%pip uninstall` are `%safepip install` and `%safepip uninstall`:
    see `%safepip?`. Other commands run pip as before. `%config PipGuard.pip = False` gives IPython's `%pip` back.
    """

    def __init__(self, replaced: Callable[[str], Any]) -> None:
        self.replaced = replaced
        """IPython's own `%pip`, or whatever had the name before."""
        self.__doc__ = type(self).__doc__

    def __call__(self, line: str) -> Any:
        """Run a line: ours if it is one of ours in full, or in a shell would be, else as IPython runs it."""
        own = _own_line(line)
        if own is None:
            return self.replaced(line)
        from ipython_where.change.request.request import parse_request
        from ipython_where.change.request.safepip_line import split_line

        from .safepip import run_line, run_words

        is_first = _is_blank()
        try:
            parse_request(split_line(own))
        except UsageError:
            words = _as_in_a_shell(own)
            return self.replaced(line) if words is None else run_words(words, is_first=is_first)
        return run_line(own, None, help_text="", is_first=is_first)


def _is_blank() -> bool:
    """Whether the cell has shown nothing yet: known to the file that this one is imported for."""
    magics = sys.modules.get("ipython_where.magics")
    return magics is not None and magics.is_blank()


def _own_line(line: str) -> str | None:
    """The line with its command first; None if the command isn't one of ours, or if an option before it may matter."""
    before, rest = [], line.strip()
    while (word := rest.split(maxsplit=1)[0] if rest else "") in _QUIET:
        before.append(word)
        rest = rest[len(word) :].lstrip()
    return " ".join([rest, *before]) if word in _CHANGING and "--help" not in rest.split() else None


def _as_in_a_shell(line: str) -> tuple[str, ...] | None:
    """The words that a shell would give pip, to which IPython gives the line; None if it would do more than that."""
    import shlex

    from ipython_where.answer.command import safepip_instead
    from ipython_where.change.request.request import is_accepted
    from ipython_where.runner import never
    from ipython_where.session import current_world

    found = safepip_instead(f"{shlex.quote(sys.executable)} -m pip {line}", current_world(), is_accepted, run=never)
    is_all = found is not None and not found.then and found.otherwise is None
    return found.lines[0] if found and is_all and len(found.lines) == 1 else None


def take_over(shell: Any) -> None:
    """Put ours in the place of a shell's `%pip`, unless `%safepip` does not work here: one line says so."""
    refused = refusal(way_of(sys.platform, sys.modules))
    if refused is not None:
        print(f"`%pip` stays as it is: {refused.message}", file=sys.stderr)
        return
    found = shell.find_line_magic("pip")  # IPython 9 loads it on this first look, and `%conda` with it would undo ours
    if not isinstance(found, PipMagic):
        shell.magics_manager.magics["line"]["pip"] = PipMagic(found or _no_pip)


def give_back(shell: Any) -> None:
    """Put what was there before in its place again, unless somebody else has put in something since."""
    magics = shell.magics_manager.magics["line"]
    if isinstance(magics.get("pip"), PipMagic):
        magics["pip"] = magics["pip"].replaced


def _no_pip(line: str) -> None:
    raise UsageError(f"IPython has no `%pip` for `{line}`")
