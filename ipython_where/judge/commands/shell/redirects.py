"""Whether the files of redirections can be opened: if one of them can't, the command doesn't run.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from .expansion import Expander
from .script import Literal, Redirect


def opened(redirect: Redirect, expander: Expander) -> bool | None:
    """Whether a redirection succeeds; None if unknown."""
    word, dialect, state = redirect.word, expander.dialect, expander.state
    if word is None:
        return True
    name = expander.value(word)
    if redirect.operator == "<<<":
        return True
    if redirect.operator in (">&", "<&") and name is not None and (name.isdigit() or name == "-"):
        return True if name in ("0", "1", "2", "-") else None
    if redirect.operator in (">&", "<&") and not dialect.has_bash_grammar:
        return False if name is not None and dialect.name == "dash" else None  # "bad fd number"
    is_plain = all(isinstance(part, Literal) for part in word.parts)
    if name is not None and _is_ambiguous(name, word.text, is_plain=is_plain):
        return None
    if dialect.name == "zsh" and word.text.startswith("="):
        return None  # zsh's `=name`: the path of that program
    path = None if name is None else state.path_of(name)
    if path is None or path == "/dev/tty":  # that depends on whether there is a terminal
        return None
    if redirect.operator == "<" and expander.reader.is_directory(path):
        return None  # it can be opened but not read
    opens = bool(name) and expander.reader.opens(path, writes=not redirect.operator.startswith("<"))
    if redirect.operator in ("<>", ">|") or state.is_touched:
        return opens or None
    if opens and redirect.operator == ">" and state.overwrites is not True and expander.reader.is_file(path):
        return None
    return opens


def _is_ambiguous(name: str, text: str, *, is_plain: bool) -> bool:
    """Whether some shell would take it for several files, or for none."""
    is_quoted = text[:1] in ("'", '"')
    return not is_quoted and (bool(set(name) & set("*?[")) or (not is_plain and (not name or name.split() != [name])))
