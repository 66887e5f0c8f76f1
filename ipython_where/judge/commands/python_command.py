"""What a Python runs that installs: `python -m pip` and similar modules, a pip's own script, `setup.py`, `get-pip.py`.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from ipython_where.model import Interpreter

from .invocations import Action, Invocation
from .kernel import Kernel
from .located import Judged, Located
from .manager_line import known
from .pip_command import judge_easy_install, judge_pip, pip_target
from .pip_line import parse_pip
from .projects import TOOLS, judge_project
from .python_line import read_python
from .reader import Reader
from .shell.expansion import Field
from .shell.launch import Launch
from .uv_command import judge_uv

_PIP = re.compile(r"pip[\d.]*(?:\.exe)?")
_MODULES = ("pip", "uv", "easy_install", "conda", *TOOLS)


def judge_python(
    launch: Launch, located: Located, kernel: Kernel, reader: Reader, *, is_launcher: bool
) -> Iterator[Invocation]:
    """The package manager that a Python runs; nothing if it runs something else."""
    module, behind, options = _module(launch.fields[1:], is_launcher=is_launcher)
    script = os.path.basename(behind[0].text or "") if module is None and behind else ""
    python = located.reached.interpreter if located.reached else None
    if (
        script in ("setup.py", "get-pip.py")
        and located.runs is not False
        and _is_missing(behind[0].text, launch, reader)
    ):
        located = replace(
            located, reached=None, reason=f"there is no `{behind[0].text}`, so nothing is done", runs=False
        )
    if script == "setup.py":
        yield from _setup(behind[1:], python, located, kernel, reader)
    elif script == "get-pip.py":
        given = [each for each in behind[1:] if each.text not in ("--no-setuptools", "--no-wheel")]
        yield judge_pip((Field("install"), Field("pip"), *given), python, located, kernel, reader)
    elif module == "ensurepip":
        yield _ensurepip(behind, python, located, kernel, reader)
    elif script and _is_pip(behind[0].text, launch, reader):
        yield from _run_module(
            "pip", behind[1:], options + "I", located, kernel, reader
        )  # `sys.path[0]` is the script's folder, which has no `pip` package
    elif module is not None and module.removesuffix(".__main__") in _MODULES:
        yield from _run_module(module.removesuffix(".__main__"), behind, options, located, kernel, reader)


def _is_missing(script: str | None, launch: Launch, reader: Reader) -> bool:
    path = launch.state.path_of(script or "")
    return path is not None and not launch.state.is_touched and not reader.is_file(path)


def _run_module(
    module: str, behind: tuple[Field, ...], options: str, located: Located, kernel: Kernel, reader: Reader
) -> Iterator[Invocation]:
    """`python -m MODULE`, unless that may import a different module than the one installed for that Python."""
    launch = located.launch
    python = located.reached.interpreter if located.reached else None
    if python is None:
        yield replace(judge_pip(behind, None, located, kernel, reader), tool=module)
        return
    there = _imports(module, python, options, located, reader)
    if there is False and not launch.state.is_touched:
        reason = f"`{python.executable}` has no module `{module}`, so nothing is done"
        yield replace(located.apart(module, reason), same_environment=None, runs=False)
        return
    if there is None or not (there or not launch.state.is_touched):
        reason = f"it is unknown which `{module}` that Python would import"
        located = replace(located, reached=None, reason=reason, runs=None if located.runs else located.runs)
        python = None
    yield _of_module(module, behind, python, located, kernel, reader)


def _of_module(
    module: str, fields: tuple[Field, ...], python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Invocation:
    if module == "uv":
        return replace(judge_uv(fields, located, kernel, reader), same_environment=None, target=None)
    if module == "pip":
        return judge_pip(fields, python, located, kernel, reader)
    if module == "easy_install":
        return judge_easy_install(fields, python, located, kernel, reader)
    if module in TOOLS:
        return judge_project(module, fields, located, kernel, reader)
    return replace(located.apart(module, "it is started as a module"), same_environment=None)


def _imports(module: str, python: Interpreter, options: str, located: Located, reader: Reader) -> bool | None:
    if module == "pip" and located.launch.state.made.get(python.prefix):
        return True
    steered = {name: value for name, value in located.environ.items() if name != "PYTHONSAFEPATH"}
    is_isolated = bool(set(options) & set("IP")) or steered != located.environ
    environ = {} if {"I", "E"} & set(options) else located.environ
    found = reader.imports(module, python, environ, located.cwd if not is_isolated else None)
    if "S" in options:  # without `site`, there is no `site-packages`
        return None if found is None or environ.get("PYTHONPATH") else False
    return found


# -- bootstrapping ----------------------------------------------------------------------------------------------------


def _ensurepip(
    fields: tuple[Field, ...], python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Invocation:
    """`python -m ensurepip` installs the pip bundled with Python, by running that pip."""
    kept = ("--user", "--root", "--help", "-h")
    taken = [each for each in fields if each.text is None or each.text in kept or not each.text.startswith("-")]
    if any(each.text == "--version" for each in fields):
        taken = [Field("--help")]
    return judge_pip((Field("install"), Field("pip"), *taken), python, located, kernel, reader)


_BY_SETUP: dict[str, Action] = {"install": "install", "develop": "install", "easy_install": "install"}
_CONFIGURATION = ("setup.cfg", "{home}/.pydistutils.cfg")
_STEERS = re.compile(r"^\[(?:install|develop|easy_install|global)\]", re.MULTILINE)


def _setup(
    fields: tuple[Field, ...], python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Iterator[Invocation]:
    """`python setup.py install`: it takes several commands in a row, and only these install anything."""
    words = known(field.text for field in fields)
    commands = [word for word in words or () if word in _BY_SETUP]
    if words is not None and not commands:
        return
    requirements = ("-e .",) if "develop" in commands else (".",)
    options = words or ()
    action: Action = "read" if {"--help", "-h", "--dry-run", "-n"} & set(options) else "install"
    judged = _setup_target(words, python, located, kernel, reader)
    if "--uninstall" in options or "-u" in options:
        action = "uninstall"
    yield located.invocation("setup.py", action, requirements if words is not None else None, judged)


def _setup_target(
    words: tuple[str, ...] | None, python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Judged:
    if located.reached is None or words is None:
        return None, None, located.reason if words is not None else "an unknown argument may be an option"
    choosing = ("--install", "--home", "--prefix", "--root", "--user", "-d", "--exec")
    chosen = [word for word in words if word.startswith(choosing)]
    if len(chosen) > 1 or (chosen and not chosen[0].startswith(("--prefix=", "--root="))):
        return None, None, f"`{chosen[0]}` chooses where it installs"
    line = parse_pip([Field("install"), Field("."), *map(Field, chosen)])
    home = located.environ.get("HOME", "/")
    for name in _CONFIGURATION:
        path = located.path(name.format(home=home))
        if path and _STEERS.search(reader.text(path) or ""):
            return None, None, f"`{os.path.basename(path)}` may choose where it installs"
    target, same, reason = pip_target(line, python, located, kernel, reader)
    return (
        (target, same, reason) if "PIP_" not in reason else (None, None, "pip's variables do not apply to `setup.py`")
    )


_ENTRY_POINT = re.compile(r"^\s*(?:from|import) pip\b", re.MULTILINE)


def _is_pip(script: str | None, launch: Launch, reader: Reader) -> bool:
    """Whether the script is a pip's: it then installs for the Python that runs it, whatever its shebang says."""
    path = launch.state.path_of(script) if script and _PIP.fullmatch(os.path.basename(script)) else None
    return path is not None and bool(_ENTRY_POINT.search(reader.text(path) or ""))


def _module(fields: tuple[Field, ...], *, is_launcher: bool) -> tuple[str | None, tuple[Field, ...], str]:
    """The module after `-m`, its arguments, and the option letters before it; for a script None and its words."""
    line = read_python(fields, is_launcher=is_launcher)
    behind = (Field(line.given), *line.behind) if line.kind == "script" else line.behind
    return (
        (line.given, behind, line.options)
        if line.kind == "module"
        else (None, behind if line.kind == "script" else (), line.options)
    )
