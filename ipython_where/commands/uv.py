"""What a `uv` would change: an environment that it looks for by itself, or the one of the project that it stands in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from ..model import Interpreter
from .expansion import Field
from .kernel import Kernel
from .line import Line
from .located import Judged, Located
from .reading import Reader
from .uv_line import parse_uv
from .values import Invocation, Target


def judge_uv(fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader) -> Invocation:
    """The invocation of a uv with the arguments ``fields``."""
    line = parse_uv(fields)
    return located.invocation("uv", line.action, line.requirements, _target(line, located, kernel, reader))


def _target(line: Line, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    if located.reached is None:
        return None, None, located.reason
    if not line.is_sure:
        return None, None, "an argument that is not known may be an option"
    cwd = located.path(line.options.get("--directory") or ".")
    if cwd is None:
        return None, None, "the working directory is not known here"
    if line.command.startswith("pip "):
        return _pip_target(line, cwd, located, kernel, reader)
    if line.command in ("add", "remove", "sync", "run"):
        return _project_target(line, cwd, located, kernel, reader)
    if line.command.startswith("tool "):
        return None, False, "`uv tool` gives each tool an environment of its own"
    return None, None, "it changes no environment of its own accord"


def _pip_target(line: Line, cwd: str, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    options, environ = line.options, dict(located.environ)
    reason = None
    for option, variable in (("--python", "UV_PYTHON"), ("--config-file", "UV_CONFIG_FILE")):
        if option in options:
            value = options[option]
            if value is None:
                return None, None, f"`{option}` has a value that is not known"
            environ[variable] = value
            reason = f"`{option}`" if option == "--python" else reason
    if "--system" in options:
        environ = {**environ, "UV_SYSTEM_PYTHON": "1"}
        environ.pop("UV_PYTHON", None)
        reason = "`--system`"
    if "--no-config" in options:
        environ["UV_NO_CONFIG"] = "1"
    python, evidence = _python(environ, options.get("--python"), cwd, located, reader)
    if python is None:
        return _configured(environ, cwd, located, kernel, reader) or (None, None, evidence)
    target = Target(interpreter=python.executable, prefix=python.prefix)
    for option in ("--target", "--prefix"):
        if option in options:
            directory = located.path(options[option]) if options[option] else None
            if directory is None:
                return None, None, f"`{option}` names a directory that is not known"
            target = Target(interpreter=python.executable, prefix=python.prefix, directory=directory)
            is_here = kernel.has_prefix if option == "--prefix" else kernel.imports_from
            return target, is_here(directory, reader), f"`{option}`"
    diverting = [each for each in reader.settings("uv", environ, cwd, python.prefix) if each.diverts]
    if diverting:
        return None, None, f"`{diverting[0].name}` may send it elsewhere"
    return target, kernel.has_prefix(python.prefix, reader), reason or evidence


def _configured(
    environ: Mapping[str, str], cwd: str, located: Located, kernel: Kernel, reader: Reader
) -> Judged | None:
    """A directory that a configuration file sends every `uv pip install` to; None where none does."""
    for setting in reader.settings("uv", environ, cwd, kernel.prefix):
        key = setting.name.rpartition(".")[2]
        directory = located.path(setting.value)
        if setting.diverts and key in ("target", "prefix") and directory is not None:
            is_here = kernel.has_prefix if key == "prefix" else kernel.imports_from
            return Target(directory=directory), is_here(directory, reader), f"`{setting.name}` in {setting.source}"
    return None


def _python(
    environ: Mapping[str, str], given: str | None, cwd: str, located: Located, reader: Reader
) -> tuple[Interpreter | None, str]:
    """The Python that uv would choose, by its own file's rules; a folder of an environment will do, too."""
    if given and "/" not in given and reader.is_directory(os.path.join(cwd, given)):
        environ = {**environ, "UV_PYTHON": f"./{given}"}
    path = located.reached.path if located.reached else None
    reached = reader.reach(path or "uv", environ, cwd)
    return reached.interpreter, reached.evidence


def _project_target(line: Line, cwd: str, located: Located, kernel: Kernel, reader: Reader) -> Judged:
    """`uv add` and its like work on the project around the working directory, and on its `.venv`."""
    start = os.path.normpath(
        os.path.join(cwd, line.options.get("--project") or located.environ.get("UV_PROJECT") or "")
    )
    roots = [folder for folder in _upward(start) if reader.is_file(os.path.join(folder, "pyproject.toml"))]
    if not roots:
        return None, None, f"there is no `pyproject.toml` in {start} or above it"
    if "--active" in line.options or "--script" in line.options:
        return None, None, "its options choose the environment"
    if len(roots) > 1 or "[tool.uv.workspace]" in (reader.text(os.path.join(roots[0], "pyproject.toml")) or ""):
        return None, None, "the project may be part of a workspace"
    where = located.environ.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    prefix = os.path.join(roots[0], where)
    python = f"{prefix}/bin/python"
    target = Target(interpreter=python if reader.is_file(python) else None, prefix=prefix)
    return target, kernel.has_prefix(prefix, reader), f"the environment of the project in {roots[0]}"


def _upward(directory: str) -> Iterator[str]:
    yield directory
    while (parent := os.path.dirname(directory)) != directory:
        yield parent
        directory = parent
