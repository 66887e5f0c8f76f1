"""Words after `install` that are not requirements, or not the intended ones: slips of typing and pasting.

Tested in `tests/judge/commands/test_pip_line.py`.
"""

from __future__ import annotations

import re

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\s*\[[^\]]*\])?"
_ARCHIVES = (
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
)
_ONE_EQUALS = re.compile(rf"({_NAME})\s*=(?!=)\s*(.*)")
_NO_VERSION = re.compile(rf"{_NAME}\s*(?:===?|~=|!=|[<>]=?)\s*")

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u00ab\u00bb"
BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u205f\u3000\ufeff"
_PLAIN = {ord(dash): "-" for dash in DASHES} | {ord(blank): " " for blank in BLANKS}
_PLAIN |= {ord(quote): '"' if quote in "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb" else "'" for quote in QUOTES}
_LONG = re.compile("(?<!\\S)[\u2014\u2015](?=\\w)")


def refusal_of(word: str) -> str | None:
    """Why every version of pip rejects a word as a requirement; None if that is not certain."""
    if is_place(word):
        return None
    name = re.match(_NAME, word)
    if name is None or (not word.isascii() and not word[: name.end() + 1].isascii()):
        return f"`{word}` is not a requirement"
    if _ONE_EQUALS.fullmatch(word):
        return f"`{word}` is not a requirement: write `==` before a version"
    if word.endswith(",") and name.end() == len(word) - 1:
        return f"`{word}` is not a requirement: separate requirements with spaces, not commas"
    return f"`{word}` is not a requirement: its version is missing" if _NO_VERSION.fullmatch(word) else None


def is_place(word: str) -> bool:
    """Whether pip reads a word as a path or a URL."""
    return "/" in word or word.startswith(".") or "@" in word or word.lower().endswith(_ARCHIVES)


def corrected(word: str) -> str:
    """A requirement with its missing second `=`."""
    slip = None if is_place(word) else _ONE_EQUALS.fullmatch(word)
    return f"{slip[1]}=={slip[2]}" if slip else word


def typed_plainly(text: str) -> str:
    """A command line with plain dashes, quotes and spaces instead of those of word processors and web pages."""
    return _LONG.sub("--", text).translate(_PLAIN)
