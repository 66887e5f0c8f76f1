"""A cell with the lines of a requirements file: what it names beside itself is beside the notebook."""

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
"""A line that names another file. pip takes any beginning of an option that is no other's."""

_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


def beside_notebook(
    cell: str, cwd: str, environ: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists
) -> str:
    """The text of a cell, to be written elsewhere: its `-r` and `-c` lines name files as they are found from ``cwd``.

    Everything else stays as it is: other paths mean the notebook's folder in any file. Raises `UsageError` where that is
    gone.
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
    """The path that a line names, quotes and escapes taken away, and what stands behind it.

    A name with blanks needs no quotes where there is such a file.
    """
    if exists(os.path.join(cwd, text)):
        return text, ""
    word = re.match(r"(?:\"[^\"]*\"|'[^']*'|\\.|[^\s\"'\\])+", text)
    if word is None:
        return text, ""
    return shlex.split(word[0])[0], text[word.end() :]
