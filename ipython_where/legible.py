"""How text is spelled for a person to read, in an answer, an error or a line of progress."""

from __future__ import annotations

import re
from functools import lru_cache


def legible(text: str, home: str | None) -> str:
    """``text`` with ``home`` as `~`, and every unprintable character written as its escape."""
    if home and home in text:
        text = _home(home).sub("~", text)
    if text.isprintable():
        return text
    # terminal escapes, line ends, direction marks; and the surrogates of undecodable names, which no stream can encode
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@lru_cache(maxsize=4)
def _home(home: str) -> re.Pattern[str]:
    # neither `/mnt/home/me` nor `/home/me2`, but `file:///home/me`, which PEP 610 records
    return re.compile(rf"(?:(?<![\w.~/\\-])|(?<=://)){re.escape(home)}(?![\w.-])")
