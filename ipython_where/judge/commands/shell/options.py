"""The options of a shell: `set`, and bash's `shopt`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .builtin_call import Call, Done, Exits, Result, maybe
from .state import Outcome, State, either

_LETTERS = {"e": "errexit", "u": "nounset", "a": "allexport", "f": "noglob", "n": "noexec", "C": "noclobber", "k": "keyword",
            "P": "physical", "t": "onecmd", "p": "privileged"}  # fmt: skip
_QUIET_LETTERS = "xvbhmBETHi"
_OF_ZSH = {"e": "errexit", "u": "nounset", "a": "allexport", "n": "noexec", "C": "noclobber", "F": "noglob"}
_QUIET = frozenset(
    "xtrace verbose notify hashall monitor braceexpand errtrace functrace histexpand history ignoreeof nolog "
    "interactive-comments vi emacs".split()
)
_STATES: dict[str, Callable[[bool], dict[str, Any]]] = {
    "errexit": lambda on: {"exits_on_error": on},
    "nounset": lambda on: {"exits_on_unset": on},
    "allexport": lambda on: {"exports_all": on},
    "noglob": lambda on: {"globs": not on},
    "noclobber": lambda on: {"overwrites": not on},
    "pipefail": lambda on: {"has_pipefail": on},
}


class _OptionReading:
    """Reads the words of a `set` one by one."""

    def __init__(self, call: Call) -> None:
        self.state = call.state
        self.is_zsh = call.dialect.name == "zsh"
        self.has_pipefail = {"bash": True, "zsh": True}.get(call.dialect.name)
        self.may_end = self.is_lost = self.stops = False

    def switch(self, name: str, *, on: bool) -> None:
        """Set or clear one option by its name."""
        name = name.lower().replace("_", "") if self.is_zsh else name
        if name == "noexec":
            self.stops = self.stops or on
        elif name == "pipefail" and not self.has_pipefail:
            self.state, self.may_end = replace(self.state, has_pipefail=None), True
        elif name in _STATES:
            self.state = replace(self.state, **_STATES[name](on))
        elif name == "onecmd":
            self.may_end = True
        elif (
            (name == "hashall" and not on)
            or name in ("keyword", "physical", "privileged", "posix")
            or (self.is_zsh and name not in _QUIET)
        ):
            self.is_lost = self.may_end = True
        elif name not in _QUIET:
            self.may_end = True  # it has no such option

    def letter(self, letter: str, *, on: bool) -> None:
        """Set or clear one option by its letter."""
        if self.is_zsh and letter not in "xv":
            self.switch(_OF_ZSH.get(letter, "" if letter != "f" else "history"), on=on)
        elif letter == "h" and not on:
            self.switch("hashall", on=False)
        elif letter not in _QUIET_LETTERS:
            self.switch(_LETTERS.get(letter, "?"), on=on)


def set_options(call: Call) -> Done:
    """`set`: options and positional parameters."""
    words = call.words
    if words is None:
        return _set_unknown(call)
    reading, at = _OptionReading(call), 0
    while at < len(words) and words[at][:1] in ("-", "+") and words[at] not in ("--", "-", "+"):
        word, on = words[at], words[at][0] == "-"
        at += 1
        for letter in word[1:]:
            if letter != "o":
                reading.letter(letter, on=on)
            elif at < len(words):
                reading.switch(words[at], on=on)
                at += 1
    if reading.stops:
        return Exits(None)
    state = reading.state
    if at < len(words):
        given = words[at + 1 :] if words[at] in ("--", "-", "+") else words[at:]
        if given or words[at] == "--":
            state = replace(state, arguments=tuple(given))
    if reading.is_lost:
        return Result(either(state.lost()), may_end=True, is_dark=True)
    return Result(either(state) if reading.may_end else Outcome(state, None), reading.may_end)


def _set_unknown(call: Call) -> Result:
    """`set -- $(…)`: the options are known, but the parameters are not."""
    if call.fields[1].text == "--":
        return maybe(replace(call.state, arguments=None))
    return Result(either(call.state.lost()), may_end=True, is_dark=True)


_GLOBBING = frozenset("nullglob failglob dotglob extglob globstar nocaseglob globasciiranges".split())
_OF_PROMPTS = frozenset(
    "autocd cdspell checkhash checkjobs checkwinsize cmdhist complete_fullquote direxpand dirspell execfail "
    "gnu_errfmt histappend histreedit histverify hostcomplete huponexit interactive_comments lithist "
    "login_shell mailwarn no_empty_cmd_completion progcomp progcomp_alias promptvars shift_verbose "
    "sourcepath".split()
)


def shopt(call: Call) -> Done:
    """`shopt`: only a few of its options matter here."""
    words = call.words
    if words is None:
        return Result(either(call.state.lost()), is_dark=True)
    names = {word for word in words if not word.startswith("-")}
    state: State = call.state
    if names & _GLOBBING:
        state = replace(state, globs=None)
    if "execfail" in names or names - _GLOBBING - _OF_PROMPTS:
        return Result(either(state.lost()), is_dark=True, may_end=True)
    return maybe(state)
