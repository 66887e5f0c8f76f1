"""What a `pip` would change: the environment of the Python that runs it, unless an option or a setting says otherwise.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

import os

from ipython_where.judge.pyvenv_cfg import parse_pyvenv_cfg, sees_system
from ipython_where.model import Interpreter, Setting

from .invocations import Action, Invocation, Target
from .kernel import Kernel
from .located import Judged, Located
from .manager_line import ManagerLine
from .pip_line import parse_easy_install, parse_pip
from .pip_spellings import as_version
from .reader import Reader
from .shell.expansion import Field


def judge_pip(
    fields: tuple[Field, ...], python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Invocation:
    """The invocation of a pip that runs in ``python``, with the arguments ``fields``."""
    line = parse_pip(fields)
    version = reader.version("pip", python) if python and (line.doubt or not line.is_sure) else None
    if version is not None:
        line = parse_pip(fields, as_version(version))
    if line.refusal and located.reached:
        return located.refused("pip", line, f"{line.refusal}, so `pip` changes nothing")
    judged = pip_target(line, python, located, kernel, reader)
    action: Action = "read" if judged[2].endswith((_REFUSED, _DISABLED)) else line.action
    return located.invocation("pip", action, line.requirements, judged)


def judge_easy_install(
    fields: tuple[Field, ...], python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Invocation:
    """The invocation of an easy_install that runs in ``python``."""
    line = parse_easy_install(fields)
    if line.refusal and located.reached:
        return located.refused("easy_install", line, f"{line.refusal}, so nothing is changed")
    judged = pip_target(line, python, located, kernel, reader)
    if "--user" in line.options and located.reached:
        judged = (None, None, "it is unknown where `easy_install --user` installs")
    return located.invocation("easy_install", line.action, line.requirements, judged)


_REFUSED = "pip refuses a user install in a virtual environment, and changes nothing"
_DISABLED = "pip refuses a user install where `PYTHONNOUSERSITE` is set, and changes nothing"
_REFUSES_DISABLED = (25, 3)
"""The first pip that refuses to install into a user site which is disabled; older ones install what no Python then finds."""


def pip_target(
    line: ManagerLine, python: Interpreter | None, located: Located, kernel: Kernel, reader: Reader
) -> Judged:
    """Where a pip line installs."""
    if located.reached is None:
        return None, None, located.reason
    if not line.is_sure:
        return None, None, line.doubt or "an unknown argument may be an option"
    options = line.options
    if "--python" in options:
        python, reason = _given_python(options["--python"], located, reader), "`--python`"
    else:
        reason = located.reason
    if python is None:
        return None, None, reason if "--python" not in options else "`--python` names an interpreter that is not known"
    for option in ("--target", "--prefix", "--root"):
        if option in options:
            return _elsewhere(option, located.path(options[option]), python, kernel, reader, f"`{option}`")
    if "--user" in options:
        return _user_site(python, located, kernel, reader, "`--user`")
    diverting = _diverting(python, located, reader) if line.action in ("install", "uninstall") else None
    if diverting is not None:
        return _diverted(diverting, python, located, kernel, reader)
    return Target(interpreter=python.executable, prefix=python.prefix), kernel.has_prefix(python.prefix, reader), reason


def _given_python(value: str | None, located: Located, reader: Reader) -> Interpreter | None:
    """`--python`: an interpreter or the folder of an environment (pip 22.3 and newer)."""
    path = located.path(value) if value else None
    if path is None:
        return None
    if reader.is_directory(path):
        path = next((file for name in ("bin/python", "bin/python3") if reader.is_file(file := f"{path}/{name}")), path)
    return reader.reach(path, located.environ, located.cwd or "/").interpreter


def _elsewhere(
    option: str, directory: str | None, python: Interpreter, kernel: Kernel, reader: Reader, reason: str
) -> Judged:
    target = Target(interpreter=python.executable, prefix=python.prefix, directory=directory)
    if directory is None:
        return None, None, f"{reason} names a directory that is not known"
    if option == "--prefix":
        return target, kernel.has_prefix(directory, reader), reason
    if option == "--root" and os.path.normpath(directory) == os.sep:
        target = Target(interpreter=python.executable, prefix=python.prefix)
        return target, kernel.has_prefix(python.prefix, reader), reason
    return target, kernel.imports_from(directory, reader), reason


def _user_site(python: Interpreter, located: Located, kernel: Kernel, reader: Reader, reason: str) -> Judged:
    """The user site of a Python, by ``site``'s rule on POSIX: `PYTHONUSERBASE`, else `~/.local`."""
    if python.base_prefix is not None and python.prefix != python.base_prefix and not _sees_system(python, reader):
        return Target(interpreter=python.executable, prefix=python.prefix), None, f"{reason}: {_REFUSED}"
    if located.environ.get("PYTHONNOUSERSITE"):
        version = reader.version("pip", python)
        if version is None:
            return None, None, f"{reason}: it is unknown whether this `pip` refuses it where `PYTHONNOUSERSITE` is set"
        if (as_version(version) or ()) >= _REFUSES_DISABLED:
            return Target(interpreter=python.executable, prefix=python.prefix), None, f"{reason}: {_DISABLED}"
        reason = f"{reason}, in spite of `PYTHONNOUSERSITE`"
    base = located.environ.get("PYTHONUSERBASE") or os.path.join(located.environ.get("HOME", ""), ".local")
    if python.version is None or not os.path.isabs(base):
        return None, None, f"{reason}: the user site of `{python.executable}` is not known"
    series = ".".join(python.version.split(".")[:2])
    directory = os.path.join(base, "lib", f"python{series}", "site-packages")
    target = Target(interpreter=python.executable, prefix=python.prefix, directory=directory)
    return target, kernel.imports_from(directory, reader), reason


def _sees_system(python: Interpreter, reader: Reader) -> bool:
    """Whether a virtual environment includes its base's packages (PEP 405): only then does pip allow a user install."""
    settings = parse_pyvenv_cfg(reader.text(f"{python.prefix}/pyvenv.cfg"))
    return settings is not None and sees_system(settings)


def _diverting(python: Interpreter, located: Located, reader: Reader) -> Setting | None:
    found = reader.settings("pip", located.environ, located.cwd or "/", python.prefix)
    return next((each for each in found if each.diverts), None)


def _diverted(setting: Setting, python: Interpreter, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    reason = f"`{setting.name}`" if setting.source == "environment" else f"`{setting.name}` in {setting.source}"
    key = setting.name.lower().replace("_", "-").rpartition("." if "." in setting.name else "pip-")[2]
    if key in ("target", "prefix", "root"):
        directory = located.path(os.path.expanduser(setting.value) if setting.value.startswith("~") else setting.value)
        return _elsewhere(f"--{key}", directory, python, kernel, reader, reason)
    if key in ("user", "no-user"):
        return _user_site(python, located, kernel, reader, reason)
    if key == "dry-run":
        return Target(interpreter=python.executable, prefix=python.prefix), None, f"{reason}: nothing is installed"
    return None, None, f"{reason} may redirect the install"
