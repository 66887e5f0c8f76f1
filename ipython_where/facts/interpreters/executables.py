"""What a Python executable is: read from the files around it, and run only if reading can't prove it.

Reading repeats the search that CPython's ``getpath`` and ``site`` do at start-up: `pyvenv.cfg` one directory up
(PEP 405), else the standard library upward from where the executable's symlinks lead. A virtual environment's
``python`` is such a symlink, so the path is reported as given: resolved, it would be the base interpreter's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ipython_where import probe
from ipython_where.errors import CommandError
from ipython_where.facts.files import list_directory, read_bytes, read_text
from ipython_where.judge.pyvenv_cfg import parse_pyvenv_cfg
from ipython_where.model import Interpreter
from ipython_where.runner import Runner

STEERING = ("PYTHONHOME", "PYTHONPLATLIBDIR")
"""Variables that change the start-up search itself: if one is set, reading proves nothing."""

_MAGIC = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")  # ELF, Mach-O, universal Mach-O
_PYTHON_NAME = re.compile(r"python(?:(\d+)(?:\.(\d+)(t?)[dm]*)?)?")
_STDLIB_NAME = re.compile(r"python(\d+)\.(\d+)(t?)")
_PY_VERSION = rb'(?m)^#define\s+PY_VERSION\s+"([^"]+)"'


class Stdlib(NamedTuple):
    """The standard library that a landmark search found: the prefix above it, and its Python's version and ABI."""

    prefix: str
    series: tuple[int, int]
    threading: str

    @property
    def name(self) -> str:
        return f"python{self.series[0]}.{self.series[1]}{self.threading}"


# -- reading -----------------------------------------------------------------------------------------------------------


def read_interpreter(executable: str, *, environ: Mapping[str, str]) -> Interpreter | None:
    """What the interpreter at the absolute path ``executable`` would report; None if files don't prove it.

    ``version`` is None if no file that ships with the binary records it; `version_of` then asks.
    """
    if any(environ.get(name) for name in STEERING) or not os.path.isabs(executable):
        return None
    real = _follow(executable)
    named = _PYTHON_NAME.fullmatch(os.path.basename(real))
    if named is None or not _searches_landmarks(real) or not _is_program(real):
        return None
    bin_directory = os.path.dirname(os.path.abspath(executable))
    if os.path.isfile(os.path.join(bin_directory, "pyvenv.cfg")):
        return None  # which of the two directories is then the prefix depends on the release
    above = os.path.dirname(bin_directory)
    configuration = read_text(os.path.join(above, "pyvenv.cfg"))
    if configuration is None:
        base = _find_stdlib(os.path.dirname(real), named)
        return base and Interpreter(
            executable=executable, prefix=base.prefix, base_prefix=base.prefix, version=_read_version(base, real)
        )
    home = parse_home(configuration)
    if home is None:
        return None
    base = _find_base(home, real, named)
    return Interpreter(
        executable=executable,
        prefix=above,
        base_prefix=base and base.prefix,
        version=base and _read_version(base, real),
    )


def parse_home(configuration: str) -> str | None:
    """The base interpreter's directory, as named in the text of a `pyvenv.cfg` (PEP 405)."""
    # the first one, as CPython's `getpath` takes it; of any other key, ``site`` takes the last
    lines = (parse_pyvenv_cfg(line) or {} for line in configuration.splitlines())
    return next(filter(None, (line.get("home") for line in lines)), None)


def _follow(executable: str) -> str:
    """Where the executable's own symlinks lead; like ``getpath``, it ignores symlinks in the folders above."""
    for _ in range(40):
        try:
            link = os.readlink(executable)
        except OSError:
            break
        executable = os.path.normpath(os.path.join(os.path.dirname(executable), link))
    return executable


def _searches_landmarks(real: str) -> bool:
    # A macOS framework knows its prefix from its library, Nix wraps the binary and sets the prefix in a variable, and a
    # build tree (`pybuilddir.txt`) uses the prefix that was compiled in.
    if ".framework/" in real or real.startswith("/nix/store/"):
        return False
    return not os.path.exists(os.path.join(os.path.dirname(real), "pybuilddir.txt"))


def _is_program(real: str) -> bool:
    return read_bytes(real, 4) in _MAGIC and os.access(real, os.X_OK)


def _find_base(home: str, real: str, named: re.Match[str]) -> Stdlib | None:
    # Up to 3.10 the search starts where the symlink leads; from 3.11 on, at `home` as written.
    by_home = _find_stdlib(home, named)
    same = os.path.dirname(real) == home
    by_link = by_home if same else _find_stdlib(os.path.dirname(real), named)
    found = by_link or by_home
    return by_home if found and found.series >= (3, 11) else found


def _find_stdlib(directory: str, named: re.Match[str]) -> Stdlib | None:
    """The nearest standard library at or above ``directory``, excluding the root as ``getpath`` does."""
    while directory.strip("/"):
        found = _stdlibs_in(directory, named)
        if found:
            return found[0] if len(found) == 1 else None
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return None


def _stdlibs_in(prefix: str, named: re.Match[str]) -> list[Stdlib]:
    major, minor, threading = named.groups()
    if minor:
        names = [f"python{major}.{minor}{threading}"]
    else:
        # A copied `python` does not show its version: then only a single standard library is proof.
        names = [
            name for name in list_directory(os.path.join(prefix, "lib")) if name.startswith(f"python{major or ''}")
        ]
    return [
        Stdlib(prefix, (int(match[1]), int(match[2])), match[3])
        for name in names
        if (match := _STDLIB_NAME.fullmatch(name)) and _is_stdlib(prefix, name)
    ]


def _is_stdlib(prefix: str, name: str) -> bool:
    # Fedora and openSUSE keep it in lib64. `orig-prefix.txt`: a copy that virtualenv before 20 made in an environment.
    if not any(os.path.isfile(os.path.join(prefix, lib, name, "os.py")) for lib in ("lib", "lib64")):
        return False
    return not os.path.exists(os.path.join(prefix, "lib", name, "orig-prefix.txt"))


def _read_version(base: Stdlib, real: str) -> str | None:
    """The version in the headers that ship with the binary; a binary copied out of its prefix may be older."""
    inside = base.prefix.rstrip("/") + "/"
    if not real.startswith(inside) and not os.path.realpath(real).startswith(
        os.path.join(os.path.realpath(inside), "")
    ):
        return None
    for abi in ("", "m", "d"):  # `m` ended with 3.8
        header = os.path.join(base.prefix, "include", base.name + abi, "patchlevel.h")
        version = re.search(_PY_VERSION, read_bytes(header) or b"")
        if version:
            return version[1].decode("ascii", "replace")
    return None


# -- asking ------------------------------------------------------------------------------------------------------------

# With `-S`, since `site` runs the code in `.pth` files, `sitecustomize` and the user site; its handling of
# a `pyvenv.cfg` is repeated here. Import nothing before the working directory is off the path.
_IDENTIFY = """\
import sys
sys.path[:1] = []
import os
prefix, folder = sys.prefix, os.path.dirname(os.path.abspath(sys.executable or os.sep))
if any(os.path.isfile(os.path.join(each, "pyvenv.cfg")) for each in (folder, os.path.dirname(folder))):
    prefix = os.path.dirname(folder)
base = getattr(sys, "base_prefix", sys.prefix)
mark = os.path.join(os.path.dirname(os.__file__), "orig-prefix.txt")  # virtualenv before 20 had a `site` of its own
if os.path.isfile(mark):
    base = open(mark).read().strip()
output = open(sys.argv[1], "w")
output.write("\\n".join([sys.executable, prefix, base, sys.version.split()[0]]))
output.close()
"""
_ONLY_LOOK = ("-B", "-s", "-S", "-c", _IDENTIFY)
_RUNS_MORE = ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONWARNINGS", "PYTHONBREAKPOINT", "PYTHONINSPECT")
"""Variables that make a Python load or run more than it is asked to. Those that steer its start-up stay."""


def ask_interpreter(executable: str, *, environ: Mapping[str, str], run: Runner, timeout: float = 10) -> dict[str, Any]:
    """Let an interpreter describe itself: the result of `probe.describe()` under ``environ``.

    Raises `CommandError` if it can't be started, does not answer in time, or returns an invalid description.
    """
    import json

    # Not `-I`: it would hide a user installation. `-B`: a question leaves no bytecode in another environment.
    answer = _run_for_file([executable, "-B", probe.__file__], environ=environ, cwd=None, run=run, timeout=timeout)
    try:
        described = json.loads(answer)
    except ValueError:
        described = None
    if not isinstance(described, dict) or "protocol" not in described:
        raise CommandError(f"`{executable}` did not describe itself", evidence=(f"it wrote {answer[:80]!r}",))
    return described


def identify_interpreter(
    executable: str, *, environ: Mapping[str, str], cwd: str | None, run: Runner, timeout: float = 5
) -> Interpreter:
    """What an unreadable executable (a wrapper, a shim) turns out to be when run in ``cwd`` (None: an empty directory).

    ``executable`` in the answer is the interpreter behind it. Raises `CommandError`.
    """
    answer = _run_for_file(
        [executable, *_ONLY_LOOK], environ=without_imports(environ), cwd=cwd, run=run, timeout=timeout
    )
    told = answer.split("\n")
    if len(told) != 4:
        raise CommandError(f"`{executable}` did not describe itself", evidence=(f"it wrote {answer[:80]!r}",))
    return Interpreter(executable=told[0] or executable, prefix=told[1], base_prefix=told[2], version=told[3])


def version_of(executable: str, *, environ: Mapping[str, str], run: Runner, timeout: float = 5) -> str | None:
    """The full version of an interpreter, read if a file proves it, else asked; None if it does not answer."""
    reading = read_interpreter(executable, environ=environ)
    if reading and reading.version:
        return reading.version
    real = os.path.realpath(executable)  # the version belongs to the binary, wherever the link to it is
    argv = [real if reading else executable, "-I", *_ONLY_LOOK]
    try:
        answer = _run_for_file(argv, environ=without_imports(environ), cwd=None, run=run, timeout=timeout)
    except CommandError:
        return None
    return answer.rpartition("\n")[2] or None


def without_imports(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for a Python that is only asked what it is, and must import nothing extra for that."""
    return {name: value for name, value in environ.items() if name not in _RUNS_MORE}


def _run_for_file(argv: list[str], *, environ: Mapping[str, str], cwd: str | None, run: Runner, timeout: float) -> str:
    """Run ``argv`` with an output file as its last argument, and return what it wrote. ``cwd`` None: an empty directory."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="ipython-where-") as directory:
        empty = os.path.join(directory, "empty")
        os.mkdir(empty)
        output = os.path.join(directory, "answer")
        done = run([*argv, output], env=environ, cwd=cwd or empty, timeout=timeout)
        written = read_text(output)
    if done.returncode != 0 or written is None:
        raise CommandError(
            f"`{argv[0]}` ended with {done.returncode} and gave no answer",
            evidence=tuple(done.stderr.strip().splitlines()[-3:]),
            hint=f"`{argv[0]} --version` shows whether it runs at all",
        )
    return written
