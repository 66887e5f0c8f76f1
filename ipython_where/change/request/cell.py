"""A cell that holds a requirements file: relative paths in it are relative to the notebook."""

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

    def named(line: re.Match[str]) -> str:
        path, more = _path(line["path"], cwd, exists)
        path = _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], path)
        if re.match(r"file:|[A-Za-z][\w+.-]*://", path, re.IGNORECASE):
            return line[0]
        if not cwd:
            refuse_without_folder(path)
        return line["option"] + as_url(absolute(path, cwd)) + more + line["rest"]

    return _NAMING.sub(named, cell)


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
