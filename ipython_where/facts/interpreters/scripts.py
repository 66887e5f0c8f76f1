"""What the first bytes of a script prove: which interpreter runs it, and which tool it starts."""

from __future__ import annotations

import os
import re
import shlex

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInterpreter:
    """The script runs under the interpreter at this path."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedInterpreter:
    """The script runs under the first program of this name on PATH (`#!/usr/bin/env python3`)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourInterpreter:
    """The script runs under this file in its own real directory (a relocatable environment)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PyenvShim:
    """The script passes its name to the pyenv at ``program``, whose versions are below ``root``."""

    root: str
    program: str


Script = NamedInterpreter | SearchedInterpreter | NeighbourInterpreter | PyenvShim

HEAD = 2048
"""How many bytes of a script `read_script` needs: a shebang takes up to 255, a trampoline more."""

# Compiled by `re` where they are used: few scripts on PATH need them all.
_RELOCATABLE = r"""'''exec' "\$\(dirname -- "\$\(realpath -- "\$0"\)"\)"/'?([^'"$/ ]+)'? "\$0" "\$@"\s*"""
_SHIM_ROOT = r'(?m)^export PYENV_ROOT="([^"$`\\]+)"$'
_SHIM_EXEC = r'(?m)^exec "([^"$`\\]+)" exec "\$program" "\$@"$'
_ENTRY_POINT = r"""(?mx)^\s*(?:from|import)\s+(pip|conda|mamba)\b  # every installer's
    |(?:load_entry_point|importlib_load_entry_point)\(\s*['"](pip|conda)\b  # setuptools'
"""


def read_script(head: bytes) -> Script | None:
    """Which interpreter the first bytes of a script lead to; None if they don't prove one."""
    text = os.fsdecode(head)
    first, _, rest = text.partition("\n")
    if not first.startswith("#!"):
        return None
    shebang = first[2:].strip().split(None, 1)
    program = os.path.basename(shebang[0]) if shebang else ""
    if program == "env" and shebang[1:] != ["bash"]:
        return _read_env(shebang[1] if len(shebang) == 2 else "")
    if program.startswith(("python", "pypy")):
        return NamedInterpreter(path=shebang[0])
    if program in ("sh", "dash", "bash") and rest.startswith("'''exec' "):
        return _read_trampoline(rest.partition("\n")[0])
    return _read_shim(text) if program in ("bash", "env") else None


def _read_env(argument: str) -> Script | None:
    if argument.startswith(("-S", "--split-string")):
        argument = argument.removeprefix("--split-string").removeprefix("-S").lstrip("=")
        words = argument.split()
    else:
        words = [argument]  # without -S the kernel passes everything after `env` as a single argument
    if words and re.fullmatch(r"(python|pypy)[\w.]*", words[0]):
        return SearchedInterpreter(name=words[0])
    return None


def _read_trampoline(line: str) -> Script | None:
    # Written if a path has a space or is too long for a shebang: `sh` sees an `exec`, Python a string.
    relocatable = re.fullmatch(_RELOCATABLE, line)
    if relocatable:
        return NeighbourInterpreter(name=relocatable[1])
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if words[0] == "exec" and words[2:] == ["$0", "$@"] and not set("$`") & set(words[1]):
        return NamedInterpreter(path=words[1])
    return None


def _read_shim(text: str) -> Script | None:
    root, program = re.search(_SHIM_ROOT, text), re.search(_SHIM_EXEC, text)
    return PyenvShim(root=root[1].rstrip("/"), program=program[1]) if root and program else None


def entry_point(head: bytes) -> str | None:
    """The tool whose entry point a Python script is: `pip`, `conda` or `mamba`; None for any other script."""
    found = re.search(_ENTRY_POINT, os.fsdecode(head))
    return found and (found[1] or found[2])
