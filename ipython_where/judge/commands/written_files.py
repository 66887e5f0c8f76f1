"""Files that a script changes before it uses them: their present content says nothing about that moment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from .shell.expansion import Field
from .shell.script import Redirect
from .shell.state import State

_CHANGING = frozenset(
    "rm rmdir unlink mv ln cp install rsync dd truncate shred tee sed perl chmod chown patch touch".split()
)
"""Programs that change the files that their arguments name."""

_QUIET = re.compile(r"/dev/(?:null|stdout|stderr|tty|fd/\d+)|\d*-?")


def writes(redirects: Iterable[Redirect]) -> bool:
    """Whether redirections make or change a file."""
    return any(_is_writing(each) for each in redirects)


def _is_writing(redirect: Redirect) -> bool:
    is_out = not redirect.operator.startswith("<") or redirect.operator == "<>"
    return is_out and redirect.word is not None and _QUIET.fullmatch(redirect.word.text.strip("'\"")) is None


def changed_by(fields: tuple[Field, ...], state: State) -> frozenset[str]:
    """The paths that a program changes; an empty one stands for unknown paths."""
    name, texts = os.path.basename(fields[0].text or ""), [field.text for field in fields[1:]]
    if name == "find" and "-delete" in texts:
        return frozenset(("",))
    if name not in _CHANGING and not _has_output(name, texts):
        return frozenset()
    return frozenset(_path(each, state) for text in texts for each in _named(text))


def _has_output(name: str, texts: list[str | None]) -> bool:
    """`sort -o FILE` and `uniq INPUT OUTPUT`, which otherwise only read."""
    if name == "sort":
        return any(text is None or re.match(r"-\w*o|--o", text) for text in texts)
    return name == "uniq" and sum(text is None or not text.startswith("-") for text in texts) > 1


def _named(text: str | None) -> list[str | None]:
    """What an argument may name: itself, or the value within it (`of=FILE`, `-tDIR`, `-uoFILE`, `--output=FILE`)."""
    if text is None:
        return [None]
    if text.startswith("-") and not text.startswith("--"):
        return [text[at:] for at in range(2, len(text))]
    value = text.partition("=")[2]
    return [each for each in ("" if text.startswith("-") else text, value) if each]


def written_by(names: Iterable[str | None], state: State) -> frozenset[str]:
    """The paths of files that redirections write."""
    return frozenset(_path(name, state) for name in names)


def _path(text: str | None, state: State) -> str:
    path = None if text is None else state.path_of(text)
    return "" if path is None else os.path.normpath(path)


def is_changed(path: str, state: State) -> bool:
    """Whether something on the way to a file may have been changed by what ran before."""
    if not state.changed:
        return False
    path = os.path.normpath(path)
    return "" in state.changed or any(path == each or path.startswith(f"{each.rstrip('/')}/") for each in state.changed)
