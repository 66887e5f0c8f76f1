"""How shells differ: facts from their manuals, each confirmed by running the shell.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple


class Dialect(NamedTuple):
    """One kind of shell; None marks what is unknown, or differs between shells of that name.

    ``keeps_special``: an assignment before a special builtin persists after it (POSIX 2.14). ``keeps_called``: so does
    one before a function. ``local``: what `local x` does to an existing value of `x`. ``expands_aliases``: even in a
    non-interactive shell. ``is_last_part_own``: the last command of a pipeline runs in the shell itself.
    ``ends_on_special``: the shell exits if a special builtin, or a redirection on one, fails. ``splits``: an unquoted
    `$x` is split into words.
    """

    name: str
    has_bash_grammar: bool
    keeps_special: bool | None
    keeps_called: bool | None
    local: Literal["unset", "kept", "unknown"]
    expands_aliases: bool | None
    is_last_part_own: bool | None
    ends_on_special: bool | None
    splits: bool
    builtins: frozenset[str]
    keywords: frozenset[str] = frozenset()


HOOK = re.compile(r"TRAP[A-Z]\w*|chpwd|zshexit|command_not_found_handler|zsh_directory_name")
"""The names of functions that zsh calls by itself, at a signal, an error, a change of directory or its end (zshmisc)."""

SPECIAL = frozenset(
    ": . source break continue eval exec exit export readonly return set shift times trap unset".split()
)
"""POSIX's special builtins, and `source`, bash's name for `.`."""

_POSIX = frozenset(
    ". : [ alias bg break cd chdir command continue echo eval exec exit export false fg getopts hash jobs kill local "
    "printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait".split()
)
_BASH = _POSIX - {"chdir"} | frozenset(
    "bind builtin caller compgen complete compopt declare dirs disown enable fc help history let logout mapfile popd "
    "pushd readarray shopt source suspend typeset".split()
)
_ZSH = _POSIX | frozenset(
    "- autoload bindkey builtin bye compadd compctl declare dirs disable disown echotc echoti emulate enable fc float "
    "functions getln hashinfo history integer let limit log logout noglob popd print private pushd pushln r rehash sched "
    "setopt source stat strftime suspend sysopen sysread syswrite ttyctl typeset unfunction unhash unlimit unsetopt vared "
    "where whence which zcompile zformat zle zmodload zparseopts zpty zregexparse zsocket zstyle zsystem ztcp".split()
)
_KEYWORDS = frozenset("coproc time".split())

BASH = Dialect("bash", True, False, False, "unset", False, False, False, True, _BASH, _KEYWORDS)
DASH = Dialect("dash", False, True, False, "kept", True, False, True, True, _POSIX)
ZSH = Dialect(
    "zsh", True, False, False, "unset", True, True, False, False, _ZSH,
    _KEYWORDS | frozenset("repeat foreach end nocorrect noglob -".split()),
)  # fmt: skip
OTHER = Dialect(
    "sh",
    False,
    None,
    None,
    "unknown",
    None,
    None,
    None,
    True,
    _POSIX | _BASH | frozenset(("print", "whence", "nameref")),
)
"""A shell assumed to follow only POSIX: `ksh`, `mksh`, busybox's, and a bash that is called as `sh`."""

_KNOWN = {each.name: each for each in (BASH, DASH, ZSH)}


def dialect_of(kind: str) -> Dialect:
    """The dialect of this kind of shell."""
    return _KNOWN.get(kind, OTHER)
