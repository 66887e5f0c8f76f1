"""Programs that start another one: `env`, `sudo`, `nohup`, `xargs`, and the shells with `-c`."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import NamedTuple

from .expansion import Field
from .reading import Reader
from .state import State, Variable


class Wrapped(NamedTuple):
    """What is started in the end. ``script``: a text that a shell of the kind ``shell`` is given (`sh -c`).

    ``is_lost``: what is started is not known. ``missing`` is a wrapper that is not there, so that nothing is started.
    ``replaces``: the shell itself ends with it (`exec`). ``repeats``: it is started once for each of some input.
    """

    fields: tuple[Field, ...]
    state: State
    script: str | None = None
    shell: str | None = None
    is_lost: bool = False
    missing: str | None = None
    replaces: bool = False
    repeats: bool = False


_PLAIN = {
    "nohup": "",
    "setsid": "",
    "nice": "n",
    "ionice": "cnp",
    "stdbuf": "ioe",
    "time": "fo",
    "timeout": "ks",
    "unbuffer": "",
}
"""Programs that only start another, with the letters of their options that take a value."""

_KEYWORDS = ("command", "exec", "builtin")
SHELLS = ("sh", "bash", "dash", "zsh", "ksh")
LEADING = (*_KEYWORDS, *_PLAIN, "env", "sudo", "xargs", "eval", "source", ".", "trap")
"""What runs something else, and leaves a judgement with nothing where that is not known."""

_SUDO_KEEPS = frozenset(("TERM", "LANG", "HOME", "USER", "LOGNAME", "SHELL", "MAIL", "PWD"))


def unwrap(fields: tuple[Field, ...], state: State, reader: Reader, *, is_assigned: bool = False) -> Wrapped:
    """What a command starts in the end. ``is_assigned``: assignments stand before it, behind which `time` is no keyword."""
    seen = Wrapped(fields, state)
    is_shells = True  # what `env` starts is a program, though it may be called like a builtin
    for at in range(12):
        name = seen.fields[0].text if seen.fields else None
        if name is None or seen.state.is_lost:
            return seen._replace(is_lost=True)
        if name == "time" and at == 0 and not is_assigned and reader.kind in ("bash", "zsh"):
            after = _timed(seen, reader)
        elif is_shells and name in _KEYWORDS and (name != "builtin" or reader.kind in ("bash", "zsh")):
            after = _keyword(name, seen, reader)
            is_shells = name != "exec"
        else:
            after = _unwrapped(os.path.basename(name), seen, reader)
            is_shells = False
        if after is None:
            return seen
        if after.script is not None or after.is_lost or after.missing:
            return after
        seen = after
    return seen._replace(is_lost=True)


def _timed(seen: Wrapped, reader: Reader) -> Wrapped | None:
    """`time` as a keyword: it knows no option but bash's `-p`, and takes another one for the command."""
    rest = seen.fields[1:]
    words = [field.text for field in rest[:2]]
    if reader.kind == "bash" and words[:1] == ["-p"]:
        rest, words = rest[1:], words[1:]
    if words and words[0] is not None and words[0].startswith("-"):
        return seen._replace(missing=words[0])
    if words and (words[0] == "!" or "=" in (words[0] or "")):
        return seen._replace(is_lost=True)  # what the grammar takes for words goes on as a command does
    return _inner(seen, rest)


def _unwrapped(name: str, seen: Wrapped, reader: Reader) -> Wrapped | None:
    """One program that starts another taken off; None where it is none."""
    words = [field.text for field in seen.fields]
    if name in SHELLS:
        return _shell(name, seen)
    if name not in ("env", "sudo", "xargs", *_KEYWORDS, *_PLAIN):
        return None
    if is_missing(words[0] or "", seen.state, reader):
        return seen._replace(missing=name)
    if name in _KEYWORDS:  # POSIX wants programs of these names, which few systems have
        return seen._replace(is_lost=True)
    if name == "env":
        return _env(seen, reader)
    if name == "sudo":
        return _sudo(seen)
    if name == "xargs":
        return _xargs(seen)
    rest = _after_options(seen.fields[1:], _PLAIN[name])
    if name == "timeout":
        rest = rest[1:] if rest else rest
    return _inner(seen, rest)


def _inner(seen: Wrapped, rest: tuple[Field, ...] | None) -> Wrapped | None:
    if rest is None:
        return seen._replace(is_lost=True)
    return seen._replace(fields=rest) if rest else None


def is_missing(name: str, state: State, reader: Reader) -> bool:
    """Whether there is surely no program of that name when it is called; a shell that knows it as a function aside."""
    path = state.value("PATH")
    if state.is_touched or state.is_lost or not path or state.cwd is None or f"BASH_FUNC_{name}%%" in state.variables:
        return False
    return not reader.finds(name, path, state.cwd)


def _after_options(
    fields: tuple[Field, ...], with_value: str, long_value: tuple[str, ...] = ()
) -> tuple[Field, ...] | None:
    """What stands behind the options; None where they cannot be told from it."""
    at = 0
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return None
        if word == "--":
            return fields[at + 1 :]
        if not word.startswith("-") or word == "-":
            return fields[at:]
        at += 2 if word in long_value or (len(word) == 2 and word[1] in with_value) else 1
    return ()


def _keyword(name: str, seen: Wrapped, reader: Reader) -> Wrapped | None:
    words = [field.text for field in seen.fields[1:]]
    if name == "builtin":
        return seen._replace(fields=seen.fields[1:], is_lost=words[:1] not in (["command"], ["exec"]))
    if name == "command" and words and words[0] in ("-v", "-V"):
        return None
    if name == "command" and words and words[0] == "-p":
        return seen._replace(is_lost=True)
    if name == "exec" and words and words[0] is not None and words[0].startswith("-") and reader.kind in ("dash", "sh"):
        return seen._replace(missing=words[0])  # it knows no options
    rest = _after_options(seen.fields[1:], "a")
    after = _inner(seen, rest)
    return after._replace(replaces=seen.replaces or name == "exec") if after else None


def _env(seen: Wrapped, reader: Reader) -> Wrapped | None:
    state, fields, at = seen.state, seen.fields[1:], 0
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return seen._replace(is_lost=True)
        if word in ("-i", "-", "--ignore-environment"):
            state = replace(state, variables={})
        elif word in ("-u", "--unset") and at + 1 < len(fields):
            at += 1
            state = state.without_variable(fields[at].text or "")
        elif word.startswith("--unset="):
            state = state.without_variable(word.partition("=")[2])
        elif word in ("-C", "--chdir") or word.startswith("--chdir="):
            at += word in ("-C", "--chdir")
            folder = word.partition("=")[2] if "=" in word else fields[at].text if at < len(fields) else None
            there = None if folder is None else state.path_of(folder)
            if there is not None and not reader.is_directory(there) and not state.is_touched:
                return seen._replace(missing=folder)
            state = replace(state, cwd=there)
        elif word in ("-S", "--split-string") and (split := _split(fields[at + 1 :])) is not None:
            fields, at = split, -1
        elif word.startswith("-") and word not in ("--", "-v", "--debug"):
            return seen._replace(is_lost=True)
        elif re.match(r"[^=]+=", word):
            name, _, value = word.partition("=")
            state = state.with_variable(name, value, exported=True)
        elif word != "--" and not word.startswith("-"):
            return seen._replace(fields=fields[at:], state=state)
        at += 1
    return None


def _split(fields: tuple[Field, ...]) -> tuple[Field, ...] | None:
    """`env -S`: the words of its first argument before the others; None where its own escapes are in it."""
    text = fields[0].text if fields else None
    if text is None or set(text) & set("\\$'\"#"):
        return None
    return (*map(Field, text.split()), *fields[1:])


def _sudo(seen: Wrapped) -> Wrapped | None:
    """`sudo` has a PATH and variables of its own, which only its configuration knows."""
    rest = _after_options(seen.fields[1:], "ugCpDRTUrth", ("--user", "--group", "--chdir"))
    if rest is None:
        return seen._replace(is_lost=True)
    variables = {
        name: each if name in _SUDO_KEEPS else Variable(None, True) for name, each in seen.state.variables.items()
    }
    state = replace(seen.state, variables=variables)
    while rest and (assignment := re.fullmatch(r"(\w+)=(.*)", rest[0].text or "", re.DOTALL)):
        state = state.with_variable(assignment[1], assignment[2], exported=True)
        rest = rest[1:]
    return seen._replace(fields=rest, state=state) if rest else None


def _xargs(seen: Wrapped) -> Wrapped | None:
    rest = _after_options(seen.fields[1:], "adEeILlnPs", ("--max-args", "--delimiter", "--arg-file", "--max-procs"))
    if rest is None or not rest:
        return _inner(seen, rest)
    return seen._replace(fields=(*rest, Field(None, is_many=True)), repeats=True)


def _shell(name: str, seen: Wrapped) -> Wrapped | None:
    """`sh -c TEXT`; a shell that is given a file, or its input, is a program like any other."""
    fields = seen.fields[1:]
    for at, field in enumerate(fields):
        word = field.text
        if word is None or not word.startswith(("-", "+")) or word.startswith("--"):
            return None
        if "c" in word and word.startswith("-"):
            text = fields[at + 1].text if at + 1 < len(fields) else None
            reads_files = "l" in word or "i" in word
            if text is None or reads_files or seen.state.value("BASH_ENV") != "":
                return seen._replace(is_lost=True)
            given = [each.text for each in fields[at + 3 :]]
            arguments = None if None in given else tuple(each or "" for each in given)
            state = replace(seen.state.inherited(), arguments=arguments, exits_on_error="e" in word)
            return seen._replace(script=text, state=state, shell=seen.fields[0].text)
        if word == "-o":
            return seen._replace(is_lost=True)
    return None
