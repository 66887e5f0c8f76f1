"""Masks credentials in text before anyone sees it: better to mask a harmless word than to show a secret.

`model.Value` and `errors.WhereError` pass every text they are built from through this, so no answer, error, hint or line of
JSON can bypass it. A placeholder that a person typed for a secret (`{token}`, `$GH`) is not secret and stays.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from .project_names import canonical_name
from .secret_forms import MASK, SECRET_NAME, Hiding, is_option_with_secret, is_secret_variable, is_suspicious

IN_ITS_PLACE = "; put the credential into an environment variable, and write `$NAME` for `****`"
"""A command with a mask in it does not work when pasted."""

_SEPARATED = r"[\s;,=&\"'`]+"
"""What a shell may split a secret at, if it is not quoted."""

_LETTERS = r"(?s)(?:%[0-9A-Fa-f]{2})+|."

_MOST = 64
"""How many known secrets are kept: every text is searched for each of them."""


class KnownSecrets:
    """Secrets seen where only a secret can be, masked wherever they appear again."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()
        """The newest last."""
        self._longest_first: tuple[str, ...] = ()
        self._seen: set[tuple[str, str]] = set()

    def masked(self, text: str) -> str:
        """The text with them masked, however they are percent-encoded in it."""
        decoded = _decoded(text) if self._longest_first else None
        for secret in self._longest_first:
            if secret in text:
                text = text.replace(secret, MASK)
                decoded = _decoded(text)
            if decoded is not None and secret in decoded:
                text = _without_encoded(secret, text)
                decoded = _decoded(text)
        return text

    def learn(self, *texts: str) -> None:
        """Remember the secrets in these texts."""
        for text in texts:
            if is_suspicious(text):
                hiding = Hiding()
                hiding.text(text)
                self._keep(hiding.found)

    def learn_variables(self, environ: Mapping[str, str]) -> None:
        """The same for variables, whose names may mark the whole value as secret. Each is checked once."""
        new = environ.items() - self._seen
        self._seen |= new
        for name, value in new:
            if is_secret_variable(name):
                self._keep([value])
            self.learn(value)

    def _keep(self, secrets: Iterable[str]) -> None:
        from urllib.parse import unquote

        # an installer normalises a token in place of a project name as if it were one (PEP 503)
        found = [each for secret in secrets for each in (secret, unquote(secret), canonical_name(secret))]
        parts = (part for each in found for part in re.split(_SEPARATED, each) if any(map(str.isdigit, part)))
        new = tuple({each for each in (*found, *parts) if _is_telling(each)} - set(self._secrets))
        if new:
            self._secrets = (*self._secrets, *new)[-_MOST:]
            self._longest_first = tuple(sorted(self._secrets, key=len, reverse=True))


def _is_telling(secret: str) -> bool:
    """Whether it is distinctive: masking `admin` or `test` would hit half of all paths."""
    if len(secret) < 8 or secret.startswith(("/", "~", "./", "$", "{")) or MASK in secret:
        return False
    is_word = secret.isalpha() and (secret.islower() or secret.istitle())
    return not is_word or len(secret) >= 20


def _letters(text: str) -> list[tuple[str, str]]:
    """The text in pieces, each as it is spelled and decoded."""
    from urllib.parse import unquote

    return [(each, unquote(each) if each[0] == "%" else each) for each in re.findall(_LETTERS, text)]


def _decoded(text: str) -> str | None:
    """The text without percent-encoding; None if it has none. Once for all secrets: most texts contain none of them."""
    return "".join(plain for _, plain in _letters(text)) if "%" in text else None


def _without_encoded(secret: str, text: str) -> str:
    """The text with a secret masked, even if some of its letters are percent-encoded there."""
    letters = _letters(text)
    plain = "".join(each for _, each in letters)
    starts = list(accumulate((len(each) for _, each in letters), initial=0))
    shown, end = "", 0
    for found in re.finditer(re.escape(secret), plain):
        first, last = bisect_right(starts, found.start()) - 1, bisect_left(starts, found.end())
        shown += "".join(spelled for spelled, _ in letters[end:first]) + MASK
        end = max(end, last)
    return shown + "".join(spelled for spelled, _ in letters[end:])


_known = KnownSecrets()
learn = _known.learn
learn_variables = _known.learn_variables


def masked(text: str) -> str:
    """The text with its credentials masked: user names and passwords in URLs, query values, `token=…` and the like.

    Every value in a URL's query is masked, whatever its name: signed links name their signature in many ways. What was
    learnt to be a secret (`learn`, `learn_variables`) is masked everywhere.
    """
    text = _known.masked(text)
    return Hiding().text(text) if is_suspicious(text) else text


def without_user(url: str) -> str:
    """A URL that is safe to store: no user or password before its host, and a mask for any other secret part."""
    return url if url.startswith("file:") else masked(url).replace(f"://{MASK}@", "://", 1)


def masked_words(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a command line: the one after `--password` is masked, though nothing in the word itself marks it."""
    return tuple(_words(words))


def _words(words: Iterable[str]) -> Iterator[str]:
    before = ""
    for word in words:
        is_value = is_option_with_secret(before) and not word.startswith("-")
        yield Hiding().value(word) if is_value else masked(word)
        before = word


def masked_hint(text: str) -> str:
    """A hint, which is meant to be pasted: if a credential had to be masked, it says what to write instead."""
    shown = masked(text)
    return shown + IN_ITS_PLACE if MASK in shown and IN_ITS_PLACE not in shown else shown


def masked_setting(name: str, value: Any) -> Any:
    """The value of a variable or a configuration key, masked entirely if the name marks it as secret.

    Lists and tables keep their shape, and each text in them is masked under its own key.
    """
    if isinstance(value, dict):
        return {key: masked_setting(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_setting(name, item) for item in value]
    if SECRET_NAME.search(name) and value not in ("", None):
        return Hiding().value(str(value))
    return masked(value) if isinstance(value, str) else value


def masked_field(name: str, value: Any) -> Any:
    """A field of a value: texts and tuples of texts are masked, anything else is unchanged."""
    if isinstance(value, str):
        return masked_hint(value) if name == "hint" else masked(value)
    if isinstance(value, tuple):
        if all(isinstance(each, str) for each in value):
            return masked_words(value)
        return tuple(masked_field(name, each) for each in value)
    return value
