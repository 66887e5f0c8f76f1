"""The text of a requirements file that is written elsewhere: a cell's, with paths relative to the notebook, or a file's."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping

from ipython_where.change.installers.child_environ import absolute, as_url

from .local_files import refuse_without_folder

_NAMING = re.compile(
    r"^(?P<option>[ \t]*(?:-[rc]|--(?:requirem|cons)[a-z]*(?:=|(?=[ \t\\])))(?:[ \t]|\\\r?\n)*)"
    r"(?P<path>\"[^\"\n]*\"|'[^'\n]*'|[^\s\\].*?)(?P<rest>[ \t]*(?:[ \t]#.*)?\r?)$",
    re.MULTILINE,
)
"""A line that names another file. pip accepts any unambiguous prefix of an option."""

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


def beside_notebook(
    cell: str, cwd: str, environ: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists
) -> str:
    """The text of a cell, ready to be written elsewhere: paths in its `-r` and `-c` lines are made absolute from ``cwd``.

    Everything else stays: pip resolves other paths against the working directory anyway. Raises `UsageError` if that
    directory is gone.
    """

    def absolute_of(path: str) -> str | None:
        path = _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], path)
        if re.match(r"file:|[A-Za-z][\w+.-]*://", path, re.IGNORECASE):
            return None
        if not cwd:
            refuse_without_folder(path)
        return as_url(absolute(path, cwd))

    return with_files_renamed(cell, absolute_of, cwd, exists)


def with_files_renamed(
    text: str, renamed: Callable[[str], str | None], cwd: str, exists: Callable[[str], bool] = os.path.exists
) -> str:
    """The text with other paths in its `-r` and `-c` lines: what ``renamed`` makes of each; None leaves the line as it is."""

    def named(line: re.Match[str]) -> str:
        path, more = _path(line["path"], cwd, exists)
        new = renamed(path)
        return line[0] if new is None else line["option"] + new + more + line["rest"]

    return _NAMING.sub(named, text)


def _path(text: str, cwd: str, exists: Callable[[str], bool]) -> tuple[str, str]:
    """The path in a line without quotes and escapes, and the text after it.

    A path with spaces needs no quotes if that file exists.
    """
    if exists(os.path.join(cwd, text)):
        return text, ""
    word = re.match(r"(?:\"[^\"]*\"|'[^']*'|\\.|[^\s\"'\\])+", text)
    if word is None:
        return text, ""
    return shlex.split(word[0])[0], text[word.end() :]
