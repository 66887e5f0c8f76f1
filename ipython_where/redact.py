"""Credentials taken out of text before anybody sees it: better a harmless word masked than a secret shown."""

from __future__ import annotations

import re
from typing import Any

MASK = "****"

_SECRET_WORDS = r"token|passw|pwd|passphrase|secret|credential|keyring|api[-_.]?key|access[-_.]?key|private[-_.]?key"
_SECRET_NAME = re.compile(rf"{_SECRET_WORDS}|user[-_]?name|authoriz|[-_](?:key|auth|pat)$", re.IGNORECASE)

_URL = re.compile(r"(?<=://)\S+")
# An unescaped slash, blank, `?` or `#` in a password ends the authority for a URL parser. So a colon that starts no
# port number is taken for a password's, and everything up to the `@` for the password.
_USER_INFO = re.compile(r"(://)(?!(?:git|hg|svn)@)(?:[^/?#\s]*@|[^/?#\s:@\[]*:(?!\d*(?:[/?#\s]|$))(?:(?!://).)*@)")
_BARE_USER_INFO = re.compile(r"(?<![^\s\"'=,(])[^\s/@:\"'=]+:(?!\\)[^\s/@]+@")
_PIN = r"===?\s*v?\d+(?:[.!]\d+)*(?:\.\*|(?:[.-]?(?:a|b|c|rc|post|dev)\d*)*)(?:\+[\w.]+)?(?=[\s,;)\]\"'`]|$)"
"""`asttokens==3.0.2` is a project and its version."""
_NAMED = re.compile(
    rf"([\w.-]*(?:{_SECRET_WORDS}|authorization)[\w.-]*[\"']?\s*(?!{_PIN})[=:]\s*)"
    r"(?!\*\*\*\*(?:[#&;\s]|$))(?:(?:bearer|basic|token)\s+)?"
    r"(?:\"[^\"]*\"?|'[^']*'?|[^\s&]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(bearer|basic)(\s+)[\w+/.~-]{12,}=*", re.IGNORECASE)


def masked(text: str) -> str:
    """The text without its credentials: user names and passwords in URLs, values in a query, `token=…` and its like.

    Every value of a URL's query is masked, whatever its name: signed links spell their signature in many ways.
    """
    if not _suspicious(text):
        return text
    text = _USER_INFO.sub(rf"\1{MASK}@", text)
    text = _URL.sub(lambda url: _without_query_values(url[0]), text)
    text = _BARE_USER_INFO.sub(f"{MASK}@", text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    return _SCHEME.sub(rf"\1\2{MASK}", text)


def masked_setting(name: str, value: Any) -> Any:
    """The value of a variable or a configuration key; all of it is masked when the name says that it is a secret.

    Lists and tables keep their shape, and each text in them is masked under its own key.
    """
    if isinstance(value, dict):
        return {key: masked_setting(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_setting(name, item) for item in value]
    if _SECRET_NAME.search(name) and value not in ("", None):
        return MASK
    return masked(value) if isinstance(value, str) else value


def _suspicious(text: str) -> bool:
    return any(mark in text for mark in "@=:?") or "asic" in text.lower() or "earer" in text.lower()


def _without_query_values(url: str) -> str:
    head, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    parts = (_without_value(part) for part in re.split("([&;])", query))
    return head + mark + "".join(parts) + hash_mark + fragment


def _without_value(part: str) -> str:
    if part in ("", "&", ";"):
        return part
    name, equals, _ = part.partition("=")
    return f"{name}={MASK}" if equals else MASK
