"""The words of a `%safepip` line: no shell reads it, so `>`, `;`, `*`, `&&`, `$` and backticks are plain text.

Quotes group words as usual. A requirement may contain spaces without quotes (`numpy >= 1.0`, `six [extra]`,
`tomli; python_version < "3.12"`, `x @ https://…`): a word that cannot start a requirement continues the one before it. After
a `;`, the marker ends where PEP 508's grammar ends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ipython_where.errors import UsageError
from ipython_where.redact import learn, masked

_MARKER_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<value>"[^"]*"|'[^']*'|(?!(?:and|or|not|in)\b)[A-Za-z_][\w.]*)"""
    r"""|(?P<operator>===|[<>=!~]=|[<>]|not\s+in\b|in\b)|(?P<join>(?:and|or)\b))"""
)
_CONTINUES = re.compile(r"[<>]=?\s*v?[\d.*]|[=!~]=|,|\[|\(|@(?:\s|$)")
"""What continues a requirement. A `>` before a file name is a shell redirection."""

_IS_CONTINUED = re.compile(r"(?:[\w\])*,](?<!^\d)[<>=!~]*[<>=]|,|(?:^|\s)@|\[|\()$")
_VARIABLE = re.compile(r"\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))")
_BY_NAME = re.compile(r"[A-Za-z0-9][^;/\"'\s]*(?=;)")
NO_SHELL = "no shell is involved: `;`, `&&`, `>` and `*` are plain text here"


def split_line(line: str) -> tuple[str, ...]:
    """The words of a line, each requirement as one word. Raises `UsageError` for an unclosed quote or an invalid marker."""
    learn(line)
    found: list[str] = []
    at = _skip_blanks(line, 0)
    while at < len(line):
        if line[at] == "#":  # one word, whatever quotes are in it; `refuse_shell_words` names it
            return (*found, line[at:].rstrip())
        before = found[-1] if len(found) > 1 and not found[-1].startswith("-") else None
        if line[at] == ";":
            if not line[at + 1 :].strip():  # IPython: a trailing `;` suppresses the output
                break
            end = _marker_end(line, at + 1)
            if before is None or end is None:
                raise _no_marker(line[at + 1 :])
            found[-1] = f"{before} ; {line[at + 1 : end].strip()}"
        else:
            text, end = _word(line, at)
            if before is not None and _belongs(before, line[at:], quoted=line[at] in "\"'"):
                found[-1] = f"{before} {text}" if "@" in (before[-1:], text[:1]) else before + text
            else:
                found.append(text)
        at = _skip_blanks(line, end)
    return tuple(found)


def _skip_blanks(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _belongs(before: str, text: str, *, quoted: bool) -> bool:
    """Whether the rest of the line, ``text``, continues the requirement ``before``."""
    if quoted or text.startswith("-") or " ; " in before:
        return False
    return _CONTINUES.match(text) is not None or _IS_CONTINUED.search(before) is not None


def marker_error(requirement: str) -> UsageError | None:
    """The error for an invalid marker in a named requirement that was typed as one word; None if it is valid."""
    named = re.match(r"[A-Za-z0-9][^;/\\\"'\s]*\s*;", requirement)
    if named is None or _marker_end(requirement, named.end()) == len(requirement.rstrip()):
        return None
    return _no_marker(requirement[named.end() :])


def _no_marker(text: str) -> UsageError:
    hint = f'{NO_SHELL}; a marker looks like `; python_version < "3.12"`'
    if re.fullmatch(r"\s*[A-Za-z][\w.-]*\s*", text):
        hint = "separate requirements with a space, as in `%safepip install six rich`"
    return UsageError(f"the text after `;` is not an environment marker: `{masked(text.strip())}`", hint=hint)


def _word(line: str, at: int) -> tuple[str, int]:
    """The word at ``at`` without its quotes, and where it ends; a name ends before the `;` of its marker."""
    by_name = _BY_NAME.match(line, at)
    if by_name is not None:
        return by_name[0], by_name.end()
    parts: list[str] = []
    while at < len(line) and not line[at].isspace():
        letter = line[at]
        if letter in "\"'":
            quoted, at = _quoted(line, at)
            parts.append(quoted)
        elif letter == "\\" and line[at + 1 : at + 2] in (
            " ",
            "\t",
            '"',
            "'",
        ):  # any other backslash is part of a Windows path
            parts.append(line[at + 1])
            at += 2
        else:
            parts.append(letter)
            at += 1
    return "".join(parts), at


def _quoted(line: str, at: int) -> tuple[str, int]:
    quote = line[at]
    parts: list[str] = []
    position = at + 1
    while position < len(line):
        letter = line[position]
        if letter == quote:
            return "".join(parts), position + 1
        if letter == "\\" and quote == '"' and line[position + 1 : position + 2] in ('"', "\\"):
            position += 1
            letter = line[position]
        parts.append(letter)
        position += 1
    raise UsageError(f"unclosed quote: `{masked(line[at:])}`")


def _marker_end(line: str, start: int) -> int | None:
    """Where the marker that starts at ``start`` ends; None if there is none. It must end at a word boundary."""
    end = _expression(line, start)
    while end is not None:
        token = _MARKER_TOKEN.match(line, end)
        if token is None or token["join"] is None:
            break
        end = _expression(line, token.end())
    if end is None or (end < len(line) and not line[end].isspace()):
        return None
    return end


def _expression(line: str, start: int) -> int | None:
    token = _MARKER_TOKEN.match(line, start)
    if token is None:
        return None
    if token["open"]:
        return _parenthesis(line, token.end())
    operator = _MARKER_TOKEN.match(line, token.end()) if token["value"] else None
    value = _MARKER_TOKEN.match(line, operator.end()) if operator and operator["operator"] else None
    return value.end() if value and value["value"] else None


def _parenthesis(line: str, start: int) -> int | None:
    end = _expression(line, start)
    while end is not None:
        token = _MARKER_TOKEN.match(line, end)
        if token is not None and token["close"]:
            return token.end()
        end = _expression(line, token.end()) if token is not None and token["join"] else None
    return None


def with_variables(words: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The words with `$VARIABLE` expanded, as pip does in a requirements file and a shell does anywhere.

    So nobody has to type a credential: `git+https://$GH@host/x`. An unset variable stays as typed.
    """
    return tuple(_VARIABLE.sub(lambda found: environ.get(found[1] or found[2]) or found[0], word) for word in words)


def typed(command: str, *words: str) -> str:
    """A `%safepip` line to paste; empty words are omitted."""
    return " ".join(("%safepip", command, *filter(None, words)))
