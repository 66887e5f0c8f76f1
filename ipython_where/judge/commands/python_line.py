"""What a command line gives a Python to run: a module, code, a script or its input; or something that it only prints."""

from __future__ import annotations

import ast
import os
import re
from typing import Literal, NamedTuple

from .reader import Reader
from .shell.expansion import Field
from .shell.launch import Launch
from .shell.script_files import is_stream
from .written_files import is_changed

Kind = Literal["module", "code", "script", "input", "prints", "unknown"]


class PythonLine(NamedTuple):
    """``given`` is the module, the code or the script, None if unknown; ``behind`` are its arguments.

    ``options`` are the letters of the options before it.
    """

    kind: Kind
    given: str | None
    behind: tuple[Field, ...]
    options: str


_FLAGS = "bBdEiIOPqRsSuvx"
_PRINTING = re.compile(r"--(?:version|help(?:-\w+)?)")
_LAUNCHER = re.compile(r"-(?:V:\S+|\d[\d.]*(?:-\d+)?)")


def read_python(fields: tuple[Field, ...], *, is_launcher: bool) -> PythonLine:
    """The arguments of a Python, as CPython 3 reads them (`python --help`); ``is_launcher``: they belong to `py`."""
    options, at = "", 0
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return PythonLine("unknown", None, fields[at:], options)
        if not word.startswith("-") or word == "-":
            break
        at += 1
        if word == "--check-hash-based-pycs":
            at += 1
        elif is_launcher and _LAUNCHER.fullmatch(word):
            continue
        elif word.startswith("--"):
            return PythonLine("prints" if _PRINTING.fullmatch(word) else "unknown", None, (), options)
        else:
            found, options, at = _cluster(word, fields, at, options)
            if found is not None:
                return found
    if at < len(fields) and fields[at].text != "-":
        return PythonLine("script", fields[at].text, fields[at + 1 :], options)
    return PythonLine("input", None, fields[at + 1 :], options)


def _cluster(word: str, fields: tuple[Field, ...], at: int, options: str) -> tuple[PythonLine | None, str, int]:
    """Read the letters of one argument, and what they lead to if they end the options."""
    for position, letter in enumerate(word[1:], start=1):
        rest = word[position + 1 :]
        if letter in "mc":
            given = rest or (fields[at].text if at < len(fields) else None)
            behind = fields[at if rest else at + 1 :]
            return PythonLine("module" if letter == "m" else "code", given, behind, options), options, at
        if letter in "WX":
            return None, options, at + (not rest)
        if letter in "Vh?":
            return PythonLine("prints", None, (), options), options, at
        if letter not in _FLAGS:
            return PythonLine("unknown", None, (), options), options, at
        options += letter
    return None, options, at


# -- code --------------------------------------------------------------------------------------------------------------

MENTION = re.compile(
    r"(?<![\w.-])(?:pip[\d.]*|uvx?|pipx|conda|mamba|micromamba|pixi|poetry|pdm|hatch|easy_install|pipenv)(?![\w-])"
)
"""A mention of a package manager in a text."""

_STARTING = re.compile(
    r"subprocess|system|popen|run|call|check_call|check_output|getoutput|getstatusoutput|exec\w*|spawn\w*|posix_spawn\w*|"
    r"runpy|run_\w+|_?main|_internal|__import__|import_module|importlib|eval|compile|getattr|globals|locals|vars|__dict__|"
    r"__builtins__|fork\w*|pty|ensurepip|create_subprocess_\w+|get_ipython|plumbum|pexpect|sh",
    re.IGNORECASE,
)
_ARCHIVE = "PK\x03\x04"
"""The start of the first file in a zip (PKWARE's APPNOTE, 4.3.7); a shebang line may precede it."""

MOST = 50_000


def may_start(code: str) -> bool:
    """Whether Python code mentions a package manager and something that could start it."""
    if not MENTION.search(code):
        return False
    if len(code) > MOST:
        return True
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(_STARTING.fullmatch(name) for node in ast.walk(tree) for name in _names(node))


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return [name]
        case ast.Import(names=names):
            return [part for each in names for part in each.name.split(".")]
        case ast.ImportFrom(module=module, names=names):
            return [*(module or "").split("."), *(each.name for each in names)]
        case _:
            return []


RUNNERS = frozenset(
    "runpy pdb cProfile profile trace coverage IPython debugpy viztracer memory_profiler kernprof line_profiler scalene "
    "timeit code doctest unittest pytest mpi4py torch accelerate asyncio sh invoke nox tox".split()
)
"""Modules that run what their arguments name."""


def runs_unknown(launch: Launch, reader: Reader, *, is_launcher: bool) -> bool | None:
    """Whether what a Python is given may start a package manager, judging by its text; None if it only prints."""
    line = read_python(launch.fields[1:], is_launcher=is_launcher)
    given = line.given
    if line.kind == "prints":
        return None
    if line.kind == "module":
        package = (given or "pip").partition(".")[0]
        is_named = any(field.text is None or MENTION.search(field.text) for field in line.behind)
        return package == "pip" or (package in RUNNERS and is_named)
    if line.kind == "code":
        return given is None or may_start(given)
    if line.kind == "input":
        path = _input(launch)
        return launch.input is None or may_start((reader.text(path) or "") if path else launch.input)
    if line.kind == "script" and given is not None:
        is_pip = re.match(r"(?:get-)?pip\b", os.path.basename(given)) is not None
        path = launch.state.path_of(given)
        return (
            is_pip
            or path is None
            or is_stream(path)
            or is_changed(path, launch.state)
            or _script_may_start(path, reader)
        )
    return True


def _script_may_start(path: str, reader: Reader) -> bool:
    """The same for a script: a file, a folder with a `__main__.py`, or an archive, whose contents aren't examined."""
    file = os.path.join(path, "__main__.py") if reader.is_directory(path) else path
    text = reader.text(file)
    if text is None:  # too large to read, or missing, and then nothing runs
        return reader.is_file(file)
    return _ARCHIVE in text or may_start(text)


def _input(launch: Launch) -> str | None:
    """The file that a program reads as its input."""
    for each in reversed(launch.redirects):
        if each.operator == "<" and each.word is not None:
            return launch.state.path_of(each.word.text)
    return None
