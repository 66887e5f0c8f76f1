"""Credentials taken out of text before anybody sees it: better a harmless word masked than a secret shown.

`model.Value` and `errors.WhereError` call this for every text that they are made of, so no answer, error, hint or line of
JSON can be built around it. What a person typed in place of a secret (`{token}`, `$GH`) is no secret and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .secret_forms import MASK, SECRET_NAME, SECRET_VARIABLE, Hiding, is_option_with_secret, is_suspicious

IN_ITS_PLACE = "; put the credential into an environment variable, and write `$NAME` for `****`"
"""A line with a mask in it does not work when it is pasted."""

_MOST = 64
"""Known secrets that are kept: each is looked for in every text."""


class Known:
    """Secrets that were seen where only a secret stands, to be masked wherever they are seen again."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._anywhere: re.Pattern[str] | None = None
        self._seen: set[tuple[str, str]] = set()

    def masked(self, text: str) -> str:
        """The text without them, however they are percent-encoded in it."""
        return text if self._anywhere is None else self._anywhere.sub(MASK, text)

    def learn(self, *texts: str) -> None:
        """Keep the secrets in these texts in mind."""
        for text in texts:
            if is_suspicious(text):
                hiding = Hiding()
                hiding.text(text)
                self._keep(hiding.found)

    def learn_variables(self, environ: Mapping[str, str]) -> None:
        """The same for variables, whose names may say that all of the value is secret. Each is looked at once."""
        new = environ.items() - self._seen
        self._seen |= new
        for name, value in new:
            if SECRET_VARIABLE.search(name):
                self._keep([value])
            self.learn(value)

    def _keep(self, secrets: Iterable[str]) -> None:
        from urllib.parse import unquote

        found = (each for secret in secrets for each in (secret, unquote(secret)))
        new = {each for each in found if _is_telling(each)} - self._secrets.keys()
        if not new:
            return
        self._secrets.update(dict.fromkeys(new))
        for old in list(self._secrets)[:-_MOST]:
            del self._secrets[old]
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._anywhere = re.compile("|".join("".join(map(_any_spelling, each)) for each in longest_first))


def _is_telling(secret: str) -> bool:
    """Whether it can be told from other words: `admin` or `test` would be masked in half of all paths."""
    if len(secret) < 8 or secret.startswith(("/", "~", "./", "$", "{")) or MASK in secret:
        return False
    is_word = secret.isalpha() and (secret.islower() or secret.istitle())
    return not is_word or len(secret) >= 20


def _any_spelling(letter: str) -> str:
    encoded = "".join(f"%(?i:{byte:02x})" for byte in letter.encode("utf-8", "surrogatepass"))
    return f"(?:{re.escape(letter)}|{encoded})"


_known = Known()
learn = _known.learn
learn_variables = _known.learn_variables


def masked(text: str) -> str:
    """The text without its credentials: user names and passwords in URLs, values in a query, `token=…` and its like.

    Every value of a URL's query is masked, whatever its name: signed links spell their signature in many ways. What was
    learnt to be a secret (`learn`, `learn_variables`) is masked wherever it stands.
    """
    text = _known.masked(text)
    return Hiding().text(text) if is_suspicious(text) else text


def without_user(url: str) -> str:
    """A URL that others may keep: no user and password before its host, a mask where another part was secret."""
    return url if url.startswith("file:") else masked(url).replace(f"://{MASK}@", "://", 1)


def masked_words(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a command line: the one behind `--password` is masked, though nothing in it says what it is."""
    return tuple(_words(words))


def _words(words: Iterable[str]) -> Iterator[str]:
    before = ""
    for word in words:
        is_value = is_option_with_secret(before) and not word.startswith("-")
        yield Hiding().value(word) if is_value else masked(word)
        before = word


def masked_hint(text: str) -> str:
    """A hint, which is there to be pasted: where a credential had to be masked in it, it says what to write for it."""
    shown = masked(text)
    return shown + IN_ITS_PLACE if MASK in shown and IN_ITS_PLACE not in shown else shown


def masked_setting(name: str, value: Any) -> Any:
    """The value of a variable or a configuration key; all of it is masked when the name says that it is a secret.

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
    """A field of a value: texts, and tuples of them, masked; anything else as it is."""
    if isinstance(value, str):
        return masked_hint(value) if name == "hint" else masked(value)
    if isinstance(value, tuple):
        if all(isinstance(each, str) for each in value):
            return masked_words(value)
        return tuple(masked_field(name, each) for each in value)
    return value
