"""What a command starts in the end: behind `command`, `exec`, `env`, `nohup`, and shells with `-c`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
from dataclasses import replace

from ipython_where.judge.commands.reader import Reader

from .dialects import DASH, Dialect, dialect_of
from .expansion import Field
from .script_files import shell_of
from .state import State
from .wrapped import Options, Wrapped, behind, inner
from .wrapper_programs import SHELLS, is_missing, unwrap_program

__all__ = ["SHELLS", "Wrapped", "is_missing", "unwrap"]

_KEYWORDS = ("command", "exec", "builtin")
_MODIFIERS = ("noglob", "nocorrect", "-")
_LONGEST = 12


def unwrap(
    fields: tuple[Field, ...], state: State, reader: Reader, dialect: Dialect, *, is_assigned: bool = False
) -> Wrapped:
    """What a command starts in the end. ``is_assigned``: assignments precede it, after which `time` is not a keyword."""
    seen = Wrapped(fields, state)
    is_shells = True  # `env` starts a program, even if a builtin has the same name
    for at in range(_LONGEST):
        name = seen.fields[0].text if seen.fields else None
        if name is None:
            return seen._replace(is_lost=True)
        if name == "time" and at == 0 and not is_assigned and "time" in dialect.keywords:
            after = _timed(seen, dialect)
        elif name == "time" and at == 0 and dialect.name == "sh":
            after = seen._replace(is_lost=True, builtin=True)  # a keyword in some shells, and a program in others
        elif is_shells and name in _MODIFIERS and name in dialect.keywords:
            after = inner(seen, seen.fields[1:])
            after = after and _carried_out(after, dialect)
        elif is_shells and name in _KEYWORDS and name in dialect.builtins:
            after = _keyword(name, seen, dialect)
            is_shells = name != "exec" and not (name == "command" and dialect.name == "zsh")
        else:
            after = _program(os.path.basename(name), seen, reader)
            is_shells = False
        if after is None:
            return seen
        if after.is_done:
            return after
        seen = after
    return seen._replace(is_lost=True)


def _program(name: str, seen: Wrapped, reader: Reader) -> Wrapped | None:
    if name in SHELLS:
        if is_missing(seen.fields[0].text or "", seen.state, reader):
            return None
        return _shell(seen, reader)
    path = seen.state.path_of(seen.fields[0].text or "") if "/" in (seen.fields[0].text or "") else None
    if path is not None and not seen.state.is_touched and reader.finds(path, "", "/"):
        shell = shell_of(path, reader.text(path) or "")
        if shell is not None:
            return _shell(seen._replace(fields=(Field(shell), Field(path), *seen.fields[1:])), reader)
    return unwrap_program(name, seen, reader)


def _carried_out(seen: Wrapped, dialect: Dialect) -> Wrapped:
    """Mark a command that the shell itself may run: a function or a builtin."""
    name = seen.fields[0].text
    functions = seen.state.functions
    is_own = name is None or name in functions or (name in dialect.builtins and name not in _KEYWORDS)
    return seen._replace(builtin=is_own)


def _timed(seen: Wrapped, dialect: Dialect) -> Wrapped | None:
    """`time` as a keyword: it knows no option but bash's `-p` and `--`, and reads any other as the command."""
    rest = seen.fields[1:]
    words = [field.text for field in rest[:2]]
    if dialect.name == "bash" and words[:1] == ["-p"]:
        rest = rest[1:]
    if dialect.name == "bash" and rest and rest[0].text == "--":
        rest = rest[1:]
    words = [field.text for field in rest[:1]]
    if words and words[0] is not None and words[0].startswith("-"):
        return seen._replace(missing=words[0])
    if words and (words[0] == "!" or "=" in (words[0] or "")):
        # the grammar reads these as words, but a command starts after them
        return seen._replace(is_lost=True, builtin=True)
    after = inner(seen, rest)
    return after and _carried_out(after, dialect)


def _keyword(name: str, seen: Wrapped, dialect: Dialect) -> Wrapped | None:
    words = [field.text for field in seen.fields[1:]]
    first = words[0] if words else ""
    if first is None:
        return seen._replace(is_lost=True)
    if name == "builtin":
        is_own = first in dialect.builtins
        return seen._replace(fields=seen.fields[1:], builtin=True) if is_own else seen._replace(missing=first or name)
    if name == "command":
        return _command(first, seen)
    return _exec(first, seen, dialect)


def _command(first: str, seen: Wrapped) -> Wrapped | None:
    if first in ("-v", "-V", "-pv", "-pV"):
        return None
    if first == "-p":
        return seen._replace(is_lost=True)  # uses the system's default PATH
    if first[:1] == "-" and first not in ("--", "-"):
        return seen._replace(missing=first)
    return inner(seen, behind(seen.fields[1:], Options()))


def _exec(first: str, seen: Wrapped, dialect: Dialect) -> Wrapped | None:
    if first[:1] == "-" and dialect.name == "dash":
        return seen._replace(missing=first, replaces=True)  # dash's `exec` has no options
    rest = behind(seen.fields[1:], Options("cl", "a"))
    if rest is None and first[:1] == "-" and dialect.name == "bash":
        return seen._replace(missing=first)
    after = inner(seen, rest)
    if after is None:
        return seen._replace(missing=first, replaces=True) if dialect.name == "zsh" and first[:1] == "-" else None
    state = seen.state
    if rest and any("c" in (each.text or "")[1:] for each in seen.fields[1 : -len(rest)] if _is_option(each)):
        state = replace(state, variables={}, is_blurred=False)
    is_renamed = rest and any(_is_option(each) and "a" in (each.text or "") for each in seen.fields[1 : -len(rest)])
    called = os.path.basename((rest[0].text if rest else "") or "")
    if is_renamed and (called in SHELLS or called.startswith(("python", "pypy"))):
        # a Python finds its environment by its name, and a bash that is called `sh` follows POSIX
        return after._replace(is_lost=True, replaces=True)
    after = after._replace(replaces=True, state=state)
    if dialect.name == "zsh" or (dialect.name == "sh"):
        return _carried_out(after, dialect)
    return after


def _is_option(field: Field) -> bool:
    return (field.text or "").startswith("-")


# -- shells ------------------------------------------------------------------------------------------------------------

_LONG_FLAGS = ("--norc", "--noprofile", "--noediting", "--verbose")
_LETTERS = {"bash": "euxvhBmbT", "dash": "euxvmb", "zsh": "euxvf"}


def _shell(seen: Wrapped, reader: Reader) -> Wrapped | None:
    """`sh -c TEXT`, or a shell that reads its input; a shell that runs a script file is a program like any other."""
    kind = _kind(seen, reader)
    letters, options, at, fields = "", [], 1, seen.fields
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return seen._replace(is_lost=True)
        if word in ("--", "-"):
            at += 1
            break
        if word[:1] not in ("-", "+"):
            break
        at += 1
        if word.startswith("--"):
            if word in ("--version", "--help"):
                return None
            if word not in _LONG_FLAGS or kind == DASH.name:
                return seen._replace(is_lost=True)
            continue
        letters += "".join(word[0] + letter for letter in word[1:])
        for _ in range(word.count("o")):
            options.append(word[0] + ((fields[at].text if at < len(fields) else None) or "?"))
            at += 1
    return _given(seen, kind, letters.replace("-o", "").replace("+o", ""), options, fields[at:])


def _kind(seen: Wrapped, reader: Reader) -> str:
    environ = {name: each.value for name, each in seen.state.variables.items() if each.value is not None}
    found = None
    if seen.state.cwd is not None:
        found = reader.of_shell(seen.fields[0].text or "", environ, seen.state.cwd)
    return dialect_of(found.kind).name if found else "?"


def _given(seen: Wrapped, kind: str, letters: str, options: list[str], rest: tuple[Field, ...]) -> Wrapped | None:
    """A shell with its options and the arguments after them."""
    given = {letters[at + 1] for at in range(0, len(letters), 2) if letters[at] == "-"}
    known = set(_LETTERS.get(kind, "eux")) | {"c", "s"}
    is_known = given <= known and "+" not in letters and _can_follow(kind, options)
    if not is_known or _reads_files(seen, kind, given):
        is_plain = "c" in given or "s" in given or not rest
        return seen._replace(is_lost=True) if is_plain else None
    state = _inside(seen, given, options)
    if "c" in given:
        text = rest[0].text if rest else None
        if not rest:
            return seen._replace(missing="-c")
        if text is None:
            return seen._replace(is_lost=True)
        arguments = [each.text for each in rest[2:]]
        state = replace(state, arguments=None if None in arguments else tuple(each or "" for each in arguments))
        return seen._replace(script=text, state=state, shell=seen.fields[0].text)
    file = rest[0].text if rest and "s" not in given else None
    arguments = [each.text for each in rest[file is not None :]]
    state = replace(state, arguments=None if None in arguments else tuple(each or "" for each in arguments))
    is_input = file is None and not (rest and "s" not in given)
    return seen._replace(reads_input=is_input, file=file, state=state, shell=seen.fields[0].text)


def _can_follow(kind: str, options: list[str]) -> bool:
    names = ("errexit", "nounset", "xtrace", "verbose") + (("pipefail",) if kind in ("bash", "zsh") else ())
    return all(each[0] == "-" and each[1:] in names for each in options)


def _reads_files(seen: Wrapped, kind: str, given: set[str]) -> bool:
    """Whether it first reads a start-up file that may set anything."""
    if kind == "bash":
        return seen.state.value("BASH_ENV") != "" or bool(
            {"SHELLOPTS", "BASHOPTS", "POSIXLY_CORRECT"} & _exported(seen.state)
        )
    return kind == "?" or (kind == "zsh" and "f" not in given) or (kind == "sh" and seen.state.value("ENV") != "")


def _exported(state: State) -> set[str]:
    return {name for name, each in state.variables.items() if each.is_exported}


def _inside(seen: Wrapped, given: set[str], options: list[str]) -> State:
    return replace(
        seen.state.inherited(),
        exits_on_error="e" in given or "-errexit" in options,
        exits_on_unset="u" in given or "-nounset" in options,
        has_pipefail="-pipefail" in options,
    )
