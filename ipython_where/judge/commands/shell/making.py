"""Environments that a script creates before it uses them: `python -m venv new && . new/bin/activate && pip install x`.

They don't exist when the script is judged. If the command that creates one succeeds, its contents are known; if it
fails, nothing inside it can be started.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ipython_where.judge.commands.reader import Reached
from ipython_where.model import Interpreter

from .expansion import Field
from .state import State

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*t?")
_PROGRAMS = ("python", "python3", "pip", "pip3")
_WITH_VALUE = ("--prompt", "-p", "--python")


def making(fields: tuple[Field, ...], state: State) -> dict[str, bool]:
    """The environments that a program creates, by prefix, each with whether it gets a pip."""
    words = [field.text for field in fields]
    if None in words or not words:
        return {}
    known = [word or "" for word in words]
    name = os.path.basename(known[0])
    if _PYTHON.fullmatch(name) and known[1:3] == ["-m", "venv"]:
        return _made(known[3:], state, has_pip="--without-pip" not in known)
    if name == "virtualenv" or (_PYTHON.fullmatch(name) and known[1:3] == ["-m", "virtualenv"]):
        return _made(known[1 if name == "virtualenv" else 3 :], state, has_pip="--no-pip" not in known)
    return {}


def _made(words: list[str], state: State, *, has_pip: bool) -> dict[str, bool]:
    places, skips = [], False
    for word in words:
        if skips or word.startswith("-"):
            skips = word in _WITH_VALUE
        else:
            places.append(state.path_of(word))
    return {place: has_pip for place in places if place is not None}


def reached_in(made: Mapping[str, bool], name: str, state: State, finds: bool) -> Reached | None:
    """The program that ``name`` means in a created environment; None for any other. ``finds``: it exists already."""
    if finds or not made:
        return None
    if "/" in name:
        candidates = [state.path_of(name)]
    else:
        candidates = [os.path.join(entry, name) for entry in (state.value("PATH") or "").split(":")[:1]]
    for path in candidates:
        prefix = os.path.dirname(os.path.dirname(path or ""))
        if path and prefix in made and path == f"{prefix}/bin/{os.path.basename(path)}":
            return _reached(path, prefix, has_pip=made[prefix])
    return None


def _reached(path: str, prefix: str, *, has_pip: bool) -> Reached | None:
    name = os.path.basename(path)
    if name not in _PROGRAMS or (name.startswith("pip") and not has_pip):
        return None
    python = Interpreter(executable=f"{prefix}/bin/python", prefix=prefix, base_prefix=None, version=None)
    return Reached(path=path, interpreter=python, prefix=prefix, evidence=f"{prefix}, which is made before")
