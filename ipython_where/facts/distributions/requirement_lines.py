"""Reads the lines of requirements files as pip does. pip's own parser defines the format, but has no public API.

Follows <https://pip.pypa.io/en/stable/reference/requirements-file-format/>, and pip 26.3 where that page says nothing.
"""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from ipython_where.facts.files import read_bytes
from ipython_where.facts.settings.pip_options import PIP_OPTIONS
from ipython_where.redact import learn
from ipython_where.value import dataclass

if TYPE_CHECKING:
    from optparse import OptionParser

Read = Callable[[str], str | None]
"""Reads a file: its text, or None if that can't be read."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same bytes
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTIONS = [option for option in PIP_OPTIONS if option.file is not None]
_OF_ONE = frozenset(option.name for option in _OPTIONS if option.file == "line")
"""The options that apply to one line, not to the whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """One line with variables expanded: a ``requirement``, an ``editable``, or file ``options`` (`--name=value`).

    ``folder`` is that of its file; ``is_constraint`` if that is a constraints file. ``is_plain``: the line is just a
    requirement and has no variable. ``unread``: a line that can't be parsed, or a file that can't be read.
    """

    folder: str
    is_constraint: bool = False
    requirement: str | None = None
    editable: str | None = None
    hashes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    is_plain: bool = False
    unread: str | None = None


def read_requirements(path: str) -> str | None:
    """The text of a file, decoded by its byte order mark, else by its encoding comment (PEP 263), else as UTF-8."""
    content = read_bytes(path)
    if content is None:
        return None
    try:
        for mark, encoding in _BOMS:
            if content.startswith(mark):
                return content[len(mark) :].decode(encoding)
        for line in content.split(b"\n")[:2]:
            named = re.search(rb"coding[:=]\s*([-\w.]+)", line) if line.startswith(b"#") else None
            if named is not None:
                return content.decode(named[1].decode("ascii"))
        return content.decode("utf-8")
    except (ValueError, LookupError):
        return None


def lines_of(path: str, read: Read, environ: Mapping[str, str]) -> Iterator[RequirementLine]:
    """The lines of a file and of the files that it includes, in order."""
    return _lines_of(path, read, environ, is_constraint=False, within=())


def _lines_of(
    path: str, read: Read, environ: Mapping[str, str], *, is_constraint: bool, within: tuple[str, ...]
) -> Iterator[RequirementLine]:
    folder = os.path.dirname(path)
    plain = os.path.normpath(path)  # it may be spelled in another way each time: `-r ./FILE`
    # a lock file is not a requirements file, and pip rejects a file that includes itself
    is_other = os.path.basename(path).startswith("pylock.") or plain in within
    text = read(path) if not is_other else None
    if text is None:
        yield RequirementLine(folder=folder, is_constraint=is_constraint, unread=path)
        return
    for logical in _logical_lines(text):
        line = _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], logical)
        learn(line)
        requirement, found = _parse(line)
        if found is None:
            yield RequirementLine(folder=folder, is_constraint=is_constraint, unread=line)
        elif requirement is None and not found.get("--editable") and (found.keys() & {"--requirement", "--constraint"}):
            named = (found.get("--requirement") or found["--constraint"])[0]
            inner = not found.get("--requirement")  # `-r` in a constraints file adds requirements
            yield from _lines_of(_named(named, folder), read, environ, is_constraint=inner, within=(*within, plain))
        else:
            yield _understood(line, requirement, found, folder, is_constraint, has_variable="${" in logical)


def _understood(
    line: str,
    requirement: str | None,
    found: Mapping[str, list[str]],
    folder: str,
    is_constraint: bool,
    *,
    has_variable: bool,
) -> RequirementLine:
    is_alone = requirement in (None, line) and len(found) <= 1
    editable = (requirement or found["--editable"][0]) if found.get("--editable") else None
    requirement = requirement if editable is None else None
    is_wanted = requirement is not None or editable is not None
    values = [(name, value) for name, given in found.items() if name not in _OF_ONE for value in given]
    return RequirementLine(
        folder=folder,
        is_constraint=is_constraint,
        requirement=requirement,
        editable=editable,
        hashes=tuple(found.get("--hash", ())),
        # pip ignores file-wide options on the line of a requirement
        options=() if is_wanted else tuple(f"{name}={value}" if value else name for name, value in values),
        is_plain=is_wanted and not has_variable and is_alone,
    )


def _named(path: str, folder: str) -> str:
    """The location of an included file: relative to the including one, or a URL (only `file:` URLs can be read)."""
    if path.lower().startswith("file:"):
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return url2pathname(urlsplit(path).path)
    return path if "://" in path else os.path.join(folder, path)


def _logical_lines(text: str) -> Iterator[str]:
    """The lines without comments, joined at a trailing backslash; a backslash does not continue a comment."""
    joined = ""
    for line in text.splitlines():
        is_comment = _COMMENT.match(line) is not None
        if line.endswith("\\") and not is_comment:
            joined += line.strip("\\")
            continue
        whole, joined = joined + (f" {line}" if is_comment else line), ""
        if plain := _COMMENT.sub("", whole).strip():
            yield plain
    if plain := _COMMENT.sub("", joined).strip():
        yield plain


def _parse(line: str) -> tuple[str | None, dict[str, list[str]] | None]:
    """The requirement at the start of a line, and the values of its options; None if pip does not know an option."""
    tokens = line.split(" ")
    at = next((at for at, token in enumerate(tokens) if token.startswith("-")), len(tokens))
    requirement = " ".join(tokens[:at]).strip() or None
    if at == len(tokens):
        return requirement, {}
    try:
        values, _ = _parser().parse_args(shlex.split(" ".join(tokens[at:])))
    except (ValueError, _UnknownOption):
        return requirement, None
    return requirement, {f"--{name.replace('_', '-')}": given for name, given in vars(values).items() if given}


class _UnknownOption(Exception):
    """Raised for an unknown option, because `optparse` would exit the process."""


@cache
def _parser() -> OptionParser:
    from optparse import OptionParser

    class Parser(OptionParser):
        def error(self, msg: str) -> NoReturn:
            raise _UnknownOption(msg)

    parser = Parser(add_help_option=False)
    for option in _OPTIONS:
        how: dict[str, Any] = {"action": "append"} if option.takes_value else {"action": "append_const", "const": ""}
        names = (each.word for each in option.names)
        parser.add_option(*names, dest=option.name.strip("-").replace("-", "_"), **how)
    return parser
