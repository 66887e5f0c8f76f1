"""The words of a line that is being typed, as far as the cursor: quotes may still be open.

Tested in `tests/show/notebook/test_completion.py`.
"""

from __future__ import annotations

import re

from ipython_where.value import dataclass

_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|[^\s"'\\])+""")
_SPECIAL = re.compile(r"""[\s"']""")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """The whole words ``before`` the cursor, and the one that it is in: ``word`` as typed, ``plain`` without quotes.

    ``quote`` is the one that is open at the end of the word.
    """

    before: tuple[str, ...]
    word: str = ""
    plain: str = ""
    quote: str = ""

    def spelled(self, text: str) -> str:
        """A completion of ``plain`` as the line must have it: what was typed stays, and blanks are quoted as it was begun."""
        rest = text[len(self.plain) :]
        if self.quote:
            return self.word + rest + ("" if rest.endswith("/") else self.quote)
        return self.word + _SPECIAL.sub(lambda found: f"\\{found[0]}", rest)


def typed_words(text: str) -> TypedLine | None:
    """The words of ``text``; None where the line can't be continued, as after a backslash."""
    before: list[str] = []
    end = 0
    for found in _WORD.finditer(text):
        if found.end() == len(text):
            plain, quote = _unquoted(found[0])
            return TypedLine(before=tuple(before), word=found[0], plain=plain, quote=quote)
        before.append(_unquoted(found[0])[0])
        end = found.end()
    return TypedLine(before=tuple(before)) if not text[end:].strip() else None


def _unquoted(word: str) -> tuple[str, str]:
    parts: list[str] = []
    quote, at = "", 0
    while at < len(word):
        letter = word[at]
        if quote and letter == quote:
            quote = ""
        elif not quote and letter in "\"'":
            quote = letter
        elif letter == "\\" and quote != "'" and word[at + 1 : at + 2] in (" \t\"'" if not quote else '"\\'):
            parts.append(word[at + 1 : at + 2])
            at += 1
        else:
            parts.append(letter)
        at += 1
    return "".join(parts), quote
