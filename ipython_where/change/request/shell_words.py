"""Refuses shell syntax in a `%safepip` line, and names it: redirections, pipes, several commands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipython_where.errors import UsageError
from ipython_where.redact import masked

from .safepip_line import typed

_JOINS = {
    "&&": "joins two commands",
    "||": "joins two commands",
    "|": "pipes into another program",
    "|&": "pipes into another program",
    "&": "starts a command in the background",
}
_REDIRECTION = re.compile(r"(?:\d|&)?>[>|]?(?!=?\s*v?[\d.*])\S*|\d?>&?\d|<{1,3}(?!=?\s*v?[\d.*])\S*|&>>?\S*|\d>\S*")
_WITHIN = re.compile(r"([A-Za-z][\w.-]*(?:\[[\w,.-]*\])?)(>>?|<)(?![=\d\s.*v])(.+)")
_NAMES = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,.-]*\])?(?:\s*[,\s]\s*[A-Za-z][\w.-]*(?:\[[\w,.-]*\])?)+,?")


def refuse_shell_words(words: Sequence[str]) -> None:
    """Raise `UsageError` for shell syntax: a redirection, a pipe, another command, a comment.

    ``words`` begin with the command. A version comparison (`<2`, `>= 1`) is not a redirection.
    """
    for at, word in enumerate(words[1:], start=1):
        before, behind = words[:at], words[at + 1 :]
        within = _WITHIN.fullmatch(word)
        if word.startswith("#"):
            raise _refused(f"`{masked(' '.join(words[at:]))}` is a comment in a shell", before)
        if word in _JOINS:
            raise _refused(f"`{word}` {_JOINS[word]} in a shell", before, "; put what follows on a line of its own")
        if _REDIRECTION.fullmatch(word):
            targets = 1 if word.endswith((">", "<", ">|")) else 0
            what = " ".join(map(masked, (word, *behind[:targets])))
            raise _refused(f"`{what}` is a shell redirection", (*before, *behind[targets:]))
        if within is not None:
            what = within[2] + masked(within[3])
            raise _refused(f"`{what}` is a shell redirection", (*before, within[1], *behind))


def _refused(what: str, rest: Sequence[str], more: str = "") -> UsageError:
    line = typed(rest[0], *(_quoted(masked(word)) for word in rest[1:]))
    return UsageError(f"{what}, but no shell reads this line", hint=f"leave it out: `{line}`{more}")


def _quoted(word: str) -> str:
    return f'"{word}"' if re.search(r"\s", word) and '"' not in word else word


def separated(requirement: str) -> tuple[str, ...]:
    """The names in a word that holds several, such as `numpy, pandas`; empty for any other word."""
    return tuple(re.split(r"[,\s]+", requirement.strip(" ,"))) if _NAMES.fullmatch(requirement) else ()
