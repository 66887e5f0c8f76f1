"""From the programs that a script starts to the package managers among them, and what each of them would change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from .conda_command import judge_conda
from .conda_shell import anywhere, in_environment
from .invocations import Invocation, unknown
from .kernel import Kernel
from .located import Located, locate, unfilled
from .pip_command import judge_easy_install, judge_pip
from .pip_line import parse_pip
from .projects import TOOLS, judge_project, started_by_tool
from .python_command import judge_python
from .python_line import MENTION, runs_unknown
from .reader import Reader
from .shell.expansion import Field
from .shell.launch import Launch
from .shell.state import State
from .shell.wrapper_programs import ELSEWHERE, OPAQUE, SCRIPTED, SHELLS
from .uv_command import judge_uv, started_by_run
from .written_files import is_changed

_PIP = re.compile(r"pip[\d.]*(?:\.exe)?")
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?(?:\.exe)?")
_EASY_INSTALL = re.compile(r"easy_install(?:-[\d.]+)?")
_CONDAS = ("conda", "mamba", "micromamba")
WORDS = ("pip", "uv", *_CONDAS, "easy_install", *TOOLS, "setup.py", "ensurepip")
"""A text that contains none of these does not name a package manager."""


def judge(launch: Launch, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    """The package managers that a launch starts: none for any other program."""
    if launch.missing is not None:
        launch = _behind_wrapper(launch)
    name = launch.name
    base = os.path.basename(name or "")
    if name is None:
        yield _unknown(launch, "its command is only known at run time")
    elif (word := unfilled(launch)) is not None:
        yield from _unfilled(word, launch)
    elif base in SHELLS:
        yield from _script(base, launch)
    elif _PYTHON.fullmatch(base) or base == "py":
        yield from _python(launch, kernel, reader, is_launcher=base == "py")
    elif _PIP.fullmatch(base):
        located = locate(launch, reader)
        python = located.reached.interpreter if located.reached else None
        yield judge_pip(launch.fields[1:], python, located, kernel, reader)
    elif base == "uv":
        yield from _uv(launch, locate(launch, reader), kernel, reader)
    elif base == "uvx":
        yield locate(launch, reader).apart("uv", "`uvx` runs a tool in an environment of its own", requirements=())
    elif base in _CONDAS:
        yield from _conda(base, launch, kernel, reader)
    elif base in TOOLS:
        yield from _project(base, launch, kernel, reader)
    elif _EASY_INSTALL.fullmatch(base):
        located = locate(launch, reader)
        python = located.reached.interpreter if located.reached else None
        yield judge_easy_install(launch.fields[1:], python, located, kernel, reader)
    else:
        yield from _other(base, launch, reader)


def _python(launch: Launch, kernel: Kernel, reader: Reader, *, is_launcher: bool) -> Iterator[Invocation]:
    """The package manager that a Python runs; unknown if what it runs may start one."""
    verdict = runs_unknown(launch, reader, is_launcher=is_launcher)
    if verdict is None:  # it only prints something (`--version`)
        return
    found = list(judge_python(launch, locate(launch, reader), kernel, reader, is_launcher=is_launcher))
    yield from found
    if verdict and not found:
        yield _unknown(launch, "what this Python runs is not analysed", tool="python")


def _other(base: str, launch: Launch, reader: Reader) -> Iterator[Invocation]:
    """Any other program: if it may start a package manager, its arguments or its text name it."""
    if launch.is_lost:
        yield _unknown(launch, f"it is unknown what `{base}` starts")
    elif base in OPAQUE or base in ELSEWHERE:
        is_dark = base in OPAQUE and any(_may_start(field.text, launch.state, reader) for field in launch.fields[1:])
        if is_dark or any(MENTION.search(field.text or "") for field in launch.fields[1:]):
            yield _unknown(launch, f"what `{base}` starts is not analysed")
    elif base in SCRIPTED and _is_told_to_start(launch, SCRIPTED[base]):
        yield _unknown(launch, f"what `{base}` starts is not analysed")
    elif base in ("make", "gmake"):
        yield from _make(launch, reader)
    elif "/" in (launch.name or ""):
        path = launch.state.path_of(launch.name or "")
        text = reader.text(path) if path else None
        if path is None or is_changed(path, launch.state) or (launch.state.is_touched and not reader.is_file(path)):
            yield _unknown(launch, f"an earlier command may create `{launch.name}`")
        elif text is not None and text.startswith("#!") and MENTION.search(text):
            yield _unknown(launch, f"`{launch.name}` mentions a package manager, and is not analysed")


def _is_told_to_start(launch: Launch, pattern: str) -> bool:
    """Whether a program's arguments name a package manager and have what makes it start programs."""
    words = [field.text or "" for field in launch.fields[1:]]
    return any(map(MENTION.search, words)) and any(re.search(pattern, word) for word in words)


_BETWEEN = re.compile(r"[\s;&|()]+")


def _may_start(text: str | None, state: State, reader: Reader) -> bool:
    """Whether an argument of a program that starts others may lead to a package manager: by a shell, or by a script."""
    if text is None:
        return True
    for word in filter(None, _BETWEEN.split(text)):
        path = state.path_of(word)
        if os.path.basename(word) in (*SHELLS, "make") or path is None or is_changed(path, state):
            return True
        if MENTION.search(reader.text(path) or ""):
            return True
    return False


def _make(launch: Launch, reader: Reader) -> Iterator[Invocation]:
    """`make`: its Makefile may start anything, and an earlier command may bring it (`git clone`, `./configure`)."""
    state, words = launch.state, [field.text for field in launch.fields[1:]]
    files = _makefiles(words, state)
    if files is None:
        yield _unknown(launch, "it is unknown which Makefile it reads")
    elif any(is_changed(path, state) for path in files) or (state.is_touched and not any(map(reader.is_file, files))):
        yield _unknown(launch, "an earlier command may create its Makefile")
    elif any(MENTION.search(text or "") for text in (*words, *map(reader.text, files))):
        yield _unknown(launch, "its Makefile is not analysed")


_OF_MAKE = re.compile(
    r"-[bmBdehikLnpqrRsStvw]*(?P<letter>[Cf])(?P<value>.*)|--(?P<name>file|makefile|directory)(?:=(?P<given>.*))?"
)
"""The options of GNU make that choose its folder and its file, the short ones behind others too: `-sC DIR`."""


def _makefiles(words: list[str | None], state: State) -> list[str] | None:
    """The files that `make` may read with these arguments; None if that is unknown."""
    folder, names, rest = state.cwd, list[str](), list(words)
    while rest:
        word = rest.pop(0)
        if word is None:
            return None
        option = _OF_MAKE.fullmatch(word)
        if option is None:
            continue
        given = option["value"] or option["given"] or (rest.pop(0) if rest else None)
        if given is None or folder is None:
            return None
        if option["letter"] == "C" or option["name"] == "directory":
            folder = os.path.join(folder, given)
        else:
            names.append(given)
    wanted = names or ["GNUmakefile", "makefile", "Makefile"]
    return None if folder is None else [os.path.normpath(os.path.join(folder, name)) for name in wanted]


def _behind_wrapper(launch: Launch) -> Launch:
    """The launch of the package manager that a missing wrapper (`sudo`) would have started."""
    for at, field in enumerate(launch.fields):
        base = os.path.basename(field.text or "")
        if _PIP.fullmatch(base) or _PYTHON.fullmatch(base) or base in ("uv", "uvx", *_CONDAS, *TOOLS):
            return launch._replace(fields=launch.fields[at:])
    return launch


def _script(shell: str, launch: Launch) -> Iterator[Invocation]:
    """A shell that runs a file or its input, either of which may start anything."""
    words = [field.text for field in launch.fields[1:]]
    file = next((word for word in words if word is not None and not word.startswith("-")), None)
    if file is None and any(word in ("--version", "--help") for word in words):
        return
    what = f"`{file}`" if file else "its script"
    yield _unknown(launch, f"{what} is not analysed", tool=shell)


def _unknown(launch: Launch, reason: str, *, tool: str | None = None) -> Invocation:
    """A program that may start anything; ``tool`` is its name on the command line."""
    called = tool or launch.name or launch.text.split(None, 1)[0]
    return unknown(launch.text, tool=called, reason=reason, runs=launch.runs)


def _unfilled(word: str, launch: Launch) -> Iterator[Invocation]:
    """`{sys.executable} -m pip install x` as the shell gets it if `sys` is not imported: there is no such program."""
    if [field.text for field in launch.fields[1:3]] == ["-m", "pip"]:
        line = parse_pip(launch.fields[3:])
        found = _unknown(launch, f"`{word}` was not filled in, and is not a program", tool="pip")
        yield replace(found, action=line.action, requirements=line.requirements, runs=False)


# -- what a manager starts in an environment of its own ---------------------------------------------------------------


def _uv(launch: Launch, located: Located, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    found = judge_uv(launch.fields[1:], located, kernel, reader)
    inner = started_by_run(launch.fields[1:], located, kernel, reader) if located.reached else None
    reason = f"it is unknown in which environment `uv run` starts `{inner[0][0].text}`" if inner else ""
    started = _started(launch, (*inner, reason), kernel, reader) if inner else []
    yield from (replace(each, started=found.started) for each in started) if started else (found,)


def _project(tool: str, launch: Launch, kernel: Kernel, reader: Reader) -> Iterator[Invocation]:
    located = locate(launch, reader)
    found = judge_project(tool, launch.fields[1:], located, kernel, reader)
    inner = started_by_tool(tool, launch.fields[1:], located, kernel, reader) if located.reached else None
    started = _started(launch, inner, kernel, reader) if inner else []
    yield from (replace(each, started=found.started) for each in started) if started else (found,)


def _started(
    launch: Launch, inner: tuple[tuple[Field, ...], State | None, str], kernel: Kernel, reader: Reader
) -> list[Invocation]:
    """The package managers that a `run` starts, judged in the state in which it starts them, if that is known."""
    fields, state, reason = inner
    found = list(judge(launch._replace(fields=fields, state=state or anywhere(launch.state)), kernel, reader))
    return found if state else [replace(each, reason=reason, runs=None if each.runs else each.runs) for each in found]


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
