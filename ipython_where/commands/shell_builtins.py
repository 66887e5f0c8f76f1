"""The commands that a shell carries out itself: what they do to its state, as far as a package manager would notice."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import NamedTuple

from . import conda_shell
from .activation import OLD_PATH, activated, activated_at, deactivated
from .expansion import Field
from .reading import Reader
from .script import Assignment
from .state import Evaluated, Outcome, State, either


class Leaves(NamedTuple):
    """A `break`, `continue` or `return`: what follows it may be left out."""

    state: State


Done = Outcome | Evaluated | Leaves

HARMLESS = frozenset(
    "cat date df du egrep fgrep free grep head hostname id ls lscpu nproc nvidia-smi printenv ps seq sleep sort tail "
    "uname uniq uptime wc which whoami".split()
)
"""Programs that leave every file as it is."""

_QUIET = frozenset(": echo printf pwd true type hash wait jobs umask ulimit times bg fg unalias".split())
ASSIGNING = frozenset("export readonly declare typeset local".split())
"""Builtins whose assignments are their arguments, and last."""

_BASH = frozenset("source pushd popd declare typeset shopt let".split())


def run(
    name: str, fields: tuple[Field, ...], assignments: tuple[Assignment, ...], state: State, reader: Reader
) -> Done | None:
    """What a builtin does; None for a name that is none, in this kind of shell."""
    if name in _BASH and reader.kind in ("dash", "sh"):
        return None
    if name in state.condas:
        return conda_shell.run(fields, state, reader)
    if name == "deactivate" and OLD_PATH in state.variables:
        return Outcome(deactivated(state), None)
    if name in _QUIET:
        return Outcome(state, None) if name in (":", "true", "echo") else either(state)
    if name in ASSIGNING:
        return _assigned(name, fields, assignments, state)
    known = [field.text for field in fields[1:] if field.text is not None]
    if name == "command" and known[:1] in (["-v"], ["-V"]):
        return _looked_up(known[1:], state, reader)
    if name in _READERS:
        if len(known) != len(fields) - 1:
            return _unknown(name, state)
        return _READERS[name](known, state, reader)
    return None


def _unknown(name: str, state: State) -> Outcome:
    """After a builtin whose arguments are not known: a `cd` goes somewhere, others may do anything."""
    if name in ("cd", "pushd"):
        return Outcome(state.at(None), state)
    return either(state if name in ("test", "[", "exit", "return", "trap", "let") else replace(state, is_lost=True))


def _assigned(name: str, fields: tuple[Field, ...], assignments: tuple[Assignment, ...], state: State) -> Outcome:
    words = [field.text for field in fields[1:]]
    if None in words:
        return either(replace(state, is_lost=True))
    options = [word for word in words if word and word.startswith("-")]
    names = [word.partition("=")[0] for word in words if word and not word.startswith("-")]
    exports = name == "export" or any("x" in option for option in options)
    if not exports:
        return Outcome(state, None)
    withdraws = name == "export" and "-n" in options
    for each in (*(assignment.name for assignment in assignments), *names):
        found = state.variables.get(each)
        if found is not None:
            state = state.with_variable(each, found.value, exported=not withdraws)
    return Outcome(state, None)


# -- one by one --------------------------------------------------------------------------------------------------------


def _cd(words: list[str], state: State, reader: Reader) -> Outcome:
    places = [word for word in words if word not in ("-L", "-P", "-e", "--")]
    if len(places) > 1:
        return Outcome(None, state)
    if not places:
        place: str | None = state.value("HOME")
    elif places[0] == "-":
        place = state.value("OLDPWD")
    else:
        place = places[0]
    if not place or state.is_lost or "-P" in words:
        return Outcome(state.at(None), state)
    if state.value("CDPATH") != "" and not place.startswith(("/", "./", "../")):
        return Outcome(state.at(None), state)
    if state.cwd is None and not os.path.isabs(place):
        return Outcome(state.at(None), state)
    there = os.path.normpath(os.path.join(state.cwd or "/", place))  # a shell takes `..` off the name
    moved = state.at(there)
    if reader.is_directory(there):
        return Outcome(moved, state) if state.is_touched else Outcome(moved, None)
    return Outcome(moved, state) if state.is_touched else Outcome(None, state)


def _popd(words: list[str], state: State, reader: Reader) -> Outcome:
    return Outcome(state.at(None), state)


def _unset(words: list[str], state: State, reader: Reader) -> Outcome:
    if "-f" in words:
        functions = {name: body for name, body in state.functions.items() if name not in words}
        return Outcome(replace(state, functions=functions), None)
    for word in words:
        state = state.without_variable(word)
    return Outcome(state, None)


def _set(words: list[str], state: State, reader: Reader) -> Outcome:
    if "--" in words:
        state = replace(state, arguments=tuple(words[words.index("--") + 1 :]))
        words = words[: words.index("--")]
    for at, word in enumerate(words):
        if word[:1] not in ("-", "+"):
            if at == 0 or words[at - 1][-1:] != "o":
                return Outcome(replace(state, arguments=tuple(words[at:])), None)
            continue
        option = words[at + 1] if word[-1:] == "o" and at + 1 < len(words) else ""
        if "e" in word or option == "errexit":
            state = replace(state, exits_on_error=word[0] == "-")
        if set(word) & set("afn") or option in ("allexport", "noglob", "noexec", "posix"):
            state = replace(state, is_lost=True)
    return Outcome(state, None)


def _shift(words: list[str], state: State, reader: Reader) -> Outcome:
    given = state.arguments
    by = int(words[0]) if words and words[0].isdigit() else 1
    return either(replace(state, arguments=None if given is None else given[by:]))


def _eval(words: list[str], state: State, reader: Reader) -> Done:
    text = " ".join(words)
    return _done(conda_shell.defined(text, state)) or Evaluated(text, state)


def _done(after: State | Evaluated | None) -> Done | None:
    return Outcome(after, None) if isinstance(after, State) else after


def _sourced(name: str, state: State, reader: Reader) -> str | None:
    """The file that is sourced: without a slash it is looked up on PATH, where `activate` stands beside the `pip`."""
    if "/" in name:
        return state.path_of(name)
    entries = (state.value("PATH") or "").split(":")
    if state.is_touched or not all(map(os.path.isabs, entries)):
        return None
    return next((file for entry in entries if reader.is_file(file := os.path.join(entry, name))), None)


def _source(words: list[str], state: State, reader: Reader) -> Done:
    lost = either(replace(state, is_lost=True))
    path = _sourced(words[0], state, reader) if words else None
    text = None if path is None else reader.text(path)
    made = os.path.dirname(os.path.dirname(path or ""))
    if text is None and made in state.made and path == f"{made}/bin/activate":
        return Outcome(activated_at(made, state), state)
    if path is None or (text is None and state.is_touched):
        return lost
    if text is None:
        # a special builtin's failure ends a POSIX shell
        return Outcome(None, None if reader.kind in ("dash", "sh") else state)
    is_bash = reader.kind in ("bash", "zsh")
    root = conda_shell.activates(text)
    if root is not None:  # a POSIX shell hands `.` no arguments
        given = words[1:] if is_bash else list(state.arguments or ())
        return Evaluated(conda_shell.activating(root, given), state) if state.arguments is not None else lost
    functions = _done(conda_shell.defined(text, state))
    if functions is not None:
        return functions
    after = activated(path, text, state, is_bash=is_bash)
    return lost if after is None else either(after) if state.is_touched else Outcome(after, None)


def _alias(words: list[str], state: State, reader: Reader) -> Outcome:
    names = {word.partition("=")[0] for word in words if "=" in word}
    return either(replace(state, aliases=state.aliases | names))


def _shopt(words: list[str], state: State, reader: Reader) -> Outcome:
    return either(replace(state, is_lost=True) if {"expand_aliases", "lastpipe"} & set(words) else state)


def _exit(words: list[str], state: State, reader: Reader) -> Outcome:
    return Outcome(None, None)


def _leave(words: list[str], state: State, reader: Reader) -> Leaves:
    return Leaves(state)


def _read(words: list[str], state: State, reader: Reader) -> Outcome:
    for word in words:
        if not word.startswith("-"):
            state = state.with_variable(word, None)
    return either(state)


def _looked_up(names: list[str], state: State, reader: Reader) -> Outcome:
    """`command -v`: it tells whether there is such a command."""
    path = state.value("PATH")
    there = len(names) == 1 and bool(path) and state.cwd is not None and reader.finds(names[0], path or "", state.cwd)
    return Outcome(state, None) if there else either(state)


def sets_trap(fields: tuple[Field, ...]) -> bool:
    """Whether it is a `trap` that runs something later on."""
    words = [field.text for field in fields]
    return words[0] == "trap" and len(words) > 2 and words[1] not in ("", "-", "-p", "-l")


def _test(words: list[str], state: State, reader: Reader) -> Outcome:
    return either(state)


def _false(words: list[str], state: State, reader: Reader) -> Outcome:
    return Outcome(None, state)


_READERS = {
    "cd": _cd,
    "chdir": _cd,
    "pushd": _cd,
    "popd": _popd,
    "unset": _unset,
    "set": _set,
    "shift": _shift,
    "eval": _eval,
    "source": _source,
    ".": _source,
    "alias": _alias,
    "shopt": _shopt,
    "exit": _exit,
    "return": _leave,
    "break": _leave,
    "continue": _leave,
    "read": _read,
    "getopts": _read,
    "mapfile": _read,
    "readarray": _read,
    "test": _test,
    "[": _test,
    "let": _test,
    "trap": _test,
    "false": _false,
}


def printed(words: tuple[str, ...], state: State, reader: Reader) -> str | None:
    """What a command of a word's `$( … )` prints, where that can be told without running it."""
    if state.is_lost or not words:
        return None
    name, arguments = words[0], words[1:]
    hook = conda_shell.hook(words, state, reader)
    if hook is not None:
        return hook
    if name in ("which", "command", "type"):
        option = {"which": (), "command": ("-v",), "type": ("-p",)}[name]
        if len(arguments) == len(option) + 1 and arguments[:-1] == option:
            return _found(arguments[-1], state, reader)
    if name == "pwd" and not arguments:
        return state.cwd
    if name == "echo" and not any(each.startswith("-") or "\\" in each for each in arguments):
        return " ".join(arguments)
    return None


def _found(name: str, state: State, reader: Reader) -> str | None:
    """The path of a program on PATH; None where it is not there, or the shell has a meaning of its own for the name."""
    path = state.value("PATH")
    if name in state.functions or name in state.aliases or not path or state.cwd is None or "/" in name:
        return None
    if any(not os.path.isabs(entry) for entry in path.split(":")):
        return None
    return reader.reach(name, {"PATH": path}, state.cwd).path
