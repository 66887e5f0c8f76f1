"""From the programs that a script starts to the package managers among them, and what each of them would change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from .conda import judge_conda
from .conda_shell import anywhere, in_environment
from .expansion import Field
from .kernel import Kernel
from .located import Located, locate, unfilled
from .pip import judge_easy_install, judge_pip
from .pip_line import parse_pip
from .projects import TOOLS, judge_project
from .reading import Reader
from .uv import judge_uv, started_by_run
from .values import Invocation
from .walk import Launch
from .wrappers import LEADING, SHELLS

_PIP = re.compile(r"pip[\d.]*(?:\.exe)?")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?")
_EASY_INSTALL = re.compile(r"easy_install(?:-[\d.]+)?")
_CONDAS = ("conda", "mamba", "micromamba")
WORDS = ("pip", "uv", *_CONDAS, "pixi", "poetry", "pdm", "hatch", "easy_install")
"""A text with none of them starts no package manager by its name."""


def judge(launch: Launch, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    """The package managers that a launch starts: none for any other program."""
    name = launch.name
    base = os.path.basename(name or "")
    if name is None:
        yield _unknown(launch, "its command is only known when it runs")
    elif (word := unfilled(launch)) is not None:
        yield from _unfilled(word, launch)
    elif launch.is_lost and base in LEADING:
        yield _unknown(launch, f"`{base}` starts what is not known")
    elif base in SHELLS:
        yield from _script(base, launch)
    elif _PYTHON.fullmatch(base) or base == "py":
        yield from _python(base, launch, kernel, reader)
    elif _PIP.fullmatch(base):
        located = locate(launch, reader)
        python = located.reached.interpreter if located.reached else None
        yield judge_pip(launch.fields[1:], python, located, kernel, reader)
    elif base == "uv":
        yield from _uv(launch, locate(launch, reader), kernel, reader)
    elif base == "uvx":
        yield _apart("uv", locate(launch, reader), "`uvx` runs a tool in an environment of its own")
    elif base in _CONDAS:
        yield from _conda(base, launch, kernel, reader)
    elif base in TOOLS:
        yield judge_project(base, launch.fields[1:], locate(launch, reader), kernel, reader)
    elif _EASY_INSTALL.fullmatch(base):
        located = locate(launch, reader)
        python = located.reached.interpreter if located.reached else None
        yield judge_easy_install(launch.fields[1:], python, located, kernel, reader)


def _apart(tool: str, located: Located, reason: str) -> Invocation:
    same = False if located.reached else None
    return located.invocation(tool, "other", None, (None, same, reason if located.reached else located.reason))


def _script(shell: str, launch: Launch) -> Iterator[Invocation]:
    """A shell that is given a file, or its input: it may start anything."""
    words = [field.text for field in launch.fields[1:]]
    file = next((word for word in words if word is not None and not word.startswith("-")), None)
    if file is None and any(word in ("--version", "--help") for word in words):
        return
    what = f"`{file}`" if file else "the script that it is given"
    yield _unknown(launch, f"{what} is not looked into", tool=shell)


def _unknown(launch: Launch, reason: str, *, tool: str | None = None) -> Invocation:
    """What may start anything. Its tool is called as the command line calls it."""
    return Invocation(
        text=launch.text,
        tool=tool or launch.name or launch.text.split(None, 1)[0],
        action="unknown",
        requirements=None,
        target=None,
        same_environment=None,
        reason=reason,
        started=None,
        runs=launch.runs,
    )


def _unfilled(word: str, launch: Launch) -> Iterator[Invocation]:
    """`{sys.executable} -m pip install x` as the shell gets it where `sys` is not imported: no program is called so."""
    if [field.text for field in launch.fields[1:3]] == ["-m", "pip"]:
        line = parse_pip(launch.fields[3:])
        found = _unknown(launch, f"`{word}` was not filled in, and is no program", tool="pip")
        yield replace(found, action=line.action, requirements=line.requirements, runs=False)


# -- python -m ---------------------------------------------------------------------------------------------------------

_WITH_VALUE = "WX"


def _python(base: str, launch: Launch, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    """`python -m pip`, and other package managers that are started so."""
    module, behind, options = _module(launch.fields[1:], is_launcher=base == "py")
    if module is None and behind and _is_pip(behind[0].text, launch, reader):
        module, behind, options = "pip", behind[1:], options + "I"  # the script's folder is searched, and has no pip
    if module not in ("pip", "uv", "pipx", "easy_install", "conda"):
        return
    located = locate(launch, reader)
    python = located.reached.interpreter if located.reached else None
    if python is None:
        found = judge_pip(behind, None, located, kernel, reader)
        yield replace(found, tool=module)
        return
    steered = {name: value for name, value in located.environ.items() if name != "PYTHONSAFEPATH"}
    is_isolated = bool(set(options) & set("IP")) or steered != located.environ
    cwd = located.cwd if not is_isolated else None
    environ = {} if {"I", "E"} & set(options) else located.environ
    is_made = module == "pip" and launch.state.made.get(python.prefix)
    there = True if is_made else reader.imports(module, python, environ, cwd)
    if there is False and not launch.state.is_touched:
        reason = f"`{python.executable}` has no module `{module}`, so that nothing is done"
        yield replace(_apart(module, located, ""), action="other", reason=reason, same_environment=None, runs=False)
        return
    if there is None or not (there or not launch.state.is_touched):
        reason = f"which `{module}` that Python would import is not known"
        located = replace(located, reached=None, reason=reason, runs=None if located.runs else located.runs)
        python = None
    if module == "uv":
        yield replace(judge_uv(behind, located, kernel, reader), same_environment=None, target=None)
    elif module == "pip":
        yield judge_pip(behind, python, located, kernel, reader)
    else:
        yield replace(_apart(module, located, "it is started as a module"), same_environment=None)


_ENTRY_POINT = re.compile(r"^\s*(?:from|import) pip\b", re.MULTILINE)


def _is_pip(script: str | None, launch: Launch, reader: Reader) -> bool:
    """Whether the script that a Python is given is a pip's: it then serves that Python, whatever its shebang says."""
    path = launch.state.path_of(script) if script and _PIP.fullmatch(os.path.basename(script)) else None
    return path is not None and bool(_ENTRY_POINT.search(reader.text(path) or ""))


def _module(fields: tuple[Field, ...], *, is_launcher: bool) -> tuple[str | None, tuple[Field, ...], str]:
    """The module behind `-m`, what follows it, and the letters of the options before; for a script None, and its words."""
    options = ""
    at = 0
    while at < len(fields):
        word = fields[at].text
        if word is None or not word.startswith("-") or word == "-":
            break
        at += 1
        if (is_launcher and re.fullmatch(r"-\d[\d.]*(-\d+)?", word)) or word.startswith("--"):
            at += word == "--check-hash-based-pycs"
            continue
        for position, letter in enumerate(word[1:], start=1):
            rest = word[position + 1 :]
            if letter == "m":
                module = rest or (fields[at].text if at < len(fields) else None)
                return module, fields[at if rest else at + 1 :], options
            if letter == "c":
                return None, (), options
            if letter in _WITH_VALUE:
                at += not rest
                break
            options += letter
    return None, fields[at:], options


# -- what a manager starts in an environment of its own ---------------------------------------------------------------


def _uv(launch: Launch, located: Located, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    found = judge_uv(launch.fields[1:], located, kernel, reader)
    inner = started_by_run(launch.fields[1:], located, kernel, reader) if located.reached else None
    started: list[Invocation] = []
    if inner is not None:
        started = list(
            judge(launch._replace(fields=inner[0], state=inner[1] or anywhere(launch.state)), kernel, reader)
        )
        if inner[1] is None:
            reason = f"in which environment `uv run` starts `{inner[0][0].text}` is not known"
            started = [replace(each, reason=reason, runs=None if each.runs else each.runs) for each in started]
    yield from (replace(each, started=found.started) for each in started) if started else (found,)


def _conda(base: str, launch: Launch, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    located = locate(launch, reader)
    found, inner, (prefix, is_there, reason) = judge_conda(base, launch.fields[1:], located, kernel, reader)
    if not inner:
        yield found
        return
    is_missing = is_there is False and not launch.state.is_touched
    root = located.reached.interpreter.prefix if located.reached and located.reached.interpreter else None
    state = in_environment(prefix, root, launch.state, reader) if prefix and is_there else anywhere(launch.state)
    if located.reached and inner[0].text == base:  # the shell that it starts has conda's functions
        inner = (Field(located.reached.path), *inner[1:])
    started = list(judge(launch._replace(fields=inner, state=state), kernel, reader))
    for each in started:
        each = replace(each, started=found.started)
        yield replace(each, runs=False, reason=reason, same_environment=None, target=None) if is_missing else each
    if not started:
        yield replace(found, action="other", requirements=())
