"""The commands that a shell runs itself: their effect on its state, as far as it matters to a package manager.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace

from ipython_where.judge.commands import conda_shell
from ipython_where.judge.commands.reader import Reader
from ipython_where.judge.commands.written_files import is_changed

from .activation import OLD_PATH, activated, activated_at, deactivated
from .arithmetic import read_arithmetic
from .builtin_call import Breaks, Call, Done, Exits, Result, Returns, Trapped, done, maybe
from .declarations import DECLARING, declare, get_options, map_file, print_formatted, read_input, unset
from .dialects import Dialect
from .expansion import Expander
from .options import set_options, shopt
from .script import Arithmetic
from .script_files import is_stream
from .state import Evaluated, Outcome, State, either

HARMLESS = frozenset(
    "cat date df du egrep fgrep free grep head hostname id ls lscpu nproc nvidia-smi printenv ps seq sleep sort tail "
    "uname uniq uptime wc which whoami".split()
)
"""Programs that change no files, unless `changes` knows an argument of theirs that does (`sort -o FILE`)."""

_QUIET = frozenset(
    ": echo pwd true type wait jobs umask times bg fg unalias caller dirs disown history help where which whence "
    "zstyle bindkey zmodload".split()
)


_OF_SOME = frozenset("builtin declare local typeset".split())
"""Builtins that POSIX lacks: some shells don't have them, or give them another meaning."""


def run(call: Call) -> Done | None:
    """What a builtin does; None if this kind of shell has no builtin of that name."""
    name, state = call.name, call.state
    if name == "deactivate" and OLD_PATH in state.variables:
        return done(deactivated(state))
    if name in state.condas:
        return _followed(conda_shell.run(call.fields, state, call.reader))
    if name not in call.dialect.builtins:
        return None
    if call.dialect.name == "sh" and (name in _OF_SOME or (name == "printf" and call.known[:1] == ["-v"])):
        return Result(either(state.lost()), may_end=True, is_dark=True)
    rule = _RULES.get(name)
    if rule is not None:
        return rule(call)
    if name in DECLARING:
        return declare(call)
    if name in _QUIET:
        return done(state) if name in (":", "true", "echo") else maybe(state)
    if name == "exec" and len(call.fields) == 1:
        return done(state)
    if name in ("exec", "builtin"):
        return None  # they start another command
    if name == "command":
        return _command(call)
    return Result(either(state.lost()), may_end=True, is_dark=True)  # not modelled, so it may do anything


def _followed(after: State | Outcome | Evaluated | None) -> Result | Evaluated | None:
    """The result of one of conda's shell functions."""
    if isinstance(after, State):
        return done(after)
    return Result(after) if isinstance(after, Outcome) else after


def _command(call: Call) -> Done | None:
    """`command -v`, which reports whether a command exists; None for `command NAME`, which only starts NAME."""
    known = call.known
    if known[:1] not in (["-v"], ["-V"]):
        return None
    path = call.state.value("PATH")
    names, cwd = known[1:], call.state.cwd
    there = len(names) == 1 and bool(path) and cwd is not None and call.reader.finds(names[0], path or "", cwd)
    return done(call.state) if there and len(known) == len(call.fields) - 1 else maybe(call.state)


# -- directories -------------------------------------------------------------------------------------------------------


def _cd(call: Call) -> Result:
    state, reader = call.state, call.reader
    away = Result(Outcome(state.at(None), state))
    options = ("-L", "-P", "-e", "--") if call.dialect.name == "bash" else ("-L", "-P", "--")
    places = [word for word in call.known if word not in options]
    if call.words is None or state.is_lost or "-P" in call.known or len(places) > 1:
        return away if len(places) < 2 or call.dialect.name == "zsh" else maybe(state.at(None))
    place = places[0] if places else state.value("HOME")
    if place == "-":
        place = state.value("OLDPWD")
    if not place or (places and places[0][:1] == "-" and places[0] != "-") or place[:1] == "+":
        return away
    if state.value("CDPATH") != "" and not place.startswith(("/", "./", "../")):
        return away
    if state.cwd is None and not os.path.isabs(place):
        return away
    there = os.path.normpath(os.path.join(state.cwd or "/", place))  # shells resolve `..` lexically
    moved = state.at(there)
    if state.is_touched:
        return Result(Outcome(moved, state))
    return Result(Outcome(moved, None) if reader.is_directory(there) else Outcome(None, state))


def _pushd(call: Call) -> Result:
    return _cd(call) if call.words and call.words[0][:1] not in ("-", "+") else _popd(call)


def _popd(call: Call) -> Result:
    return Result(Outcome(call.state.at(None), call.state))


# -- other texts -------------------------------------------------------------------------------------------------------


def _eval(call: Call) -> Done:
    words = call.words
    if words is None:
        return Result(either(call.state.lost()), may_end=True, is_dark=True)
    if words[:1] == ["--"] and call.dialect.name != "dash":
        words = words[1:]
    text = " ".join(words)
    defined = conda_shell.defined(text, call.state)
    if isinstance(defined, State):
        return Result(Outcome(defined, call.state.lost()), is_dark=True)
    return defined._replace(may_be_empty=True) if defined is not None else Evaluated(text, call.state)


def _sourced(name: str, call: Call) -> str | None:
    """The file that `source` reads: a name without a slash is searched on PATH, where `activate` sits next to `pip`."""
    state, reader = call.state, call.reader
    if "/" in name:
        return state.path_of(name)
    if call.dialect.name == "zsh" and call.name == "source":  # it looks into the working directory first
        here = state.path_of(name)
        if here is None or state.is_touched or reader.is_file(here):
            return None if state.is_touched else here
    entries = (state.value("PATH") or "").split(":")
    if state.is_touched or not all(map(os.path.isabs, entries)):
        return None
    return next((file for entry in entries if reader.is_file(file := os.path.join(entry, name))), None)


def _source(call: Call) -> Done:
    state, reader, words = call.state, call.reader, call.words
    lost = Result(either(state.lost()), may_end=True, is_dark=True)
    path = _sourced(words[0], call) if words else None
    if path is not None and (is_stream(path) or is_changed(path, state)):
        return lost
    text = None if path is None else reader.text(path)
    made = os.path.dirname(os.path.dirname(path or ""))
    if text is None and made in state.made and path == f"{made}/bin/activate":
        return Result(Outcome(activated_at(made, state), state))
    if words is None or not words or (path is None and "/" in words[0]) or (text is None and state.is_touched):
        return lost
    if path is None and not _surely_missing(words[0], call):
        return lost
    if text is None or path is None:
        ends = call.is_special and call.dialect.ends_on_special  # a failing special builtin ends a POSIX shell
        return Exits(False) if ends else Result(Outcome(None, state), may_end=ends is None)
    root = conda_shell.activates(text)
    if root is not None:  # in a POSIX shell, `.` passes no arguments
        given = words[1:] if call.dialect.has_bash_grammar else state.arguments
        return lost if given is None else Evaluated(conda_shell.activating(root, list(given)), state)
    functions = _followed(conda_shell.defined(text, state))
    if functions is not None:
        return functions
    after = activated(path, text, state, is_bash=call.dialect.has_bash_grammar)
    if after is not None:
        return Result(either(after) if state.is_touched else Outcome(after, None))
    if state.is_touched or len(words) > 1:
        return lost
    return Evaluated(text, state, is_file=True)


def _surely_missing(name: str, call: Call) -> bool:
    """Whether no file of that name exists to be sourced: bash and zsh also search the working directory."""
    state = call.state
    return not state.is_touched and state.cwd is not None and not call.reader.is_file(os.path.join(state.cwd, name))


# -- leaving -----------------------------------------------------------------------------------------------------------


def _exit(call: Call) -> Done:
    return Exits(_status(call)) if _is_understood(call) else maybe(call.state, may_end=True)


def _return(call: Call) -> Done:
    return Returns(_status(call), call.state) if _is_understood(call) else maybe(call.state, may_end=True)


def _is_understood(call: Call) -> bool:
    """Whether it certainly leaves: shells disagree about extra arguments and non-numeric ones."""
    words = call.words
    return words is not None and len(words) < 2


def _status(call: Call) -> bool | None:
    words = call.words
    return int(words[0]) % 256 == 0 if words and re.fullmatch(r"\d{1,8}", words[0]) else None


def _break(call: Call) -> Done:
    words = call.words
    if words is None or len(words) > 1 or (words and not re.fullmatch(r"[1-9]\d?", words[0])):
        return maybe(call.state, may_end=True)
    return Breaks(int(words[0]) if words else 1, call.name == "continue", call.state)


def _kill(call: Call) -> Done:
    words = call.words
    if words is not None and words[:1] in (["-l"], ["-L"], ["-0"]):
        return maybe(call.state)
    return Result(either(call.state), may_end=True, kills=True)


def _trap(call: Call) -> Done:
    words = call.words
    if words is None:
        return Trapped("", ("?",), call.state)
    words = words[1:] if words[:1] == ["--"] else words
    if len(words) < 2 or words[0] in ("", "-", "-p", "-l") or words[0].isdigit():
        return maybe(call.state)
    return Trapped(words[0], tuple(words[1:]), call.state)


def _ulimit(call: Call) -> Done:
    return maybe(call.state, may_end=any(not word.startswith("-") for word in call.known))


# -- names -------------------------------------------------------------------------------------------------------------


def _alias(call: Call) -> Done:
    if call.dialect.expands_aliases is False:
        return maybe(call.state)
    names = {word.partition("=")[0] for word in call.known if "=" in word}
    is_plain = all(re.fullmatch(r"[\w.-]+", name) for name in names) and not any(w[:1] in "-+" for w in call.known)
    if call.words is None or not is_plain:
        return Result(either(call.state.lost()), may_end=True, is_dark=True)
    return maybe(replace(call.state, aliases=call.state.aliases | names))


def _hash(call: Call) -> Done:
    state, words = call.state, call.words
    if words is None:
        return Result(either(state.lost()), is_dark=True)
    if call.dialect.name == "dash":
        return maybe(state)
    if words == ["-r"] or call.name == "rehash":
        return maybe(replace(state, programs={}))
    if words[:1] == ["-d"]:
        kept = {name: path for name, path in state.programs.items() if name not in words}
        return maybe(replace(state, programs=kept))
    named = [word.partition("=") for word in words if "=" in word and call.dialect.name != "bash"]
    given = {name: path for name, _, path in named}
    if words[:1] == ["-p"] and len(words) == 3 and call.dialect.name == "bash":
        given = {words[2]: words[1]}
    elif any(word[:1] == "-" for word in words):
        return maybe(replace(state, programs=dict.fromkeys((*state.programs, *words))))
    is_known = all(os.path.isabs(path) for path in given.values())
    programs = {name: path if is_known else None for name, path in given.items()}
    sought = () if words[:1] == ["-p"] else words  # the shell searches PATH for them again
    kept = {name: path for name, path in state.programs.items() if name not in sought}
    return maybe(replace(state, programs={**kept, **programs}))


def _autoload(call: Call) -> Done:
    return maybe(replace(call.state, functions={**call.state.functions, **dict.fromkeys(call.known)}))


def _print(call: Call) -> Done:
    if call.words is not None and not any(word.startswith("-") for word in call.words):
        return maybe(call.state)
    return Result(either(call.state.lost()), is_dark=True)


def _test(call: Call) -> Done:
    return maybe(call.state)


def _false(call: Call) -> Done:
    return Result(Outcome(None, call.state))


def _shift(call: Call) -> Done:
    given, words, state = call.state.arguments, call.words, call.state
    by = int(words[0]) if words and words[0].isdigit() and len(words[0]) < 6 else 1 if words == [] else None
    if given is None or by is None:
        return maybe(replace(state, arguments=None), may_end=True)
    if by <= len(given):
        return done(replace(state, arguments=given[by:]))
    ends = call.is_special and call.dialect.ends_on_special
    return Exits(False) if ends else Result(Outcome(None, state), may_end=ends is None)


def _let(call: Call) -> Done:
    """`let`: each argument is an expression."""
    words = call.words
    if words is None:
        return Result(either(call.state.blurred()), may_end=True)
    parts = tuple(Arithmetic(word, read_arithmetic(word)) for word in words)
    expander = Expander(call.state, call.reader, call.dialect, lambda *_: None)
    expander.effects(parts)
    return maybe(expander.state, may_end=expander.ends is not False)


_RULES: dict[str, Callable[[Call], Done]] = {
    **dict.fromkeys(("cd", "chdir"), _cd),
    **dict.fromkeys((".", "source"), _source),
    **dict.fromkeys(("exit", "bye"), _exit),
    **dict.fromkeys(("break", "continue"), _break),
    **dict.fromkeys(("mapfile", "readarray"), map_file),
    **dict.fromkeys(("unset", "unfunction"), unset),
    **dict.fromkeys(("test", "["), _test),
    "let": _let,
    "pushd": _pushd,
    "popd": _popd,
    "set": set_options,
    "shift": _shift,
    "eval": _eval,
    "alias": _alias,
    "shopt": shopt,
    "return": _return,
    "read": read_input,
    "getopts": get_options,
    "printf": print_formatted,
    "print": _print,
    "trap": _trap,
    "false": _false,
    "kill": _kill,
    "ulimit": _ulimit,
    **dict.fromkeys(("hash", "rehash"), _hash),
    "autoload": _autoload,
}


def printed(words: tuple[str, ...], state: State, reader: Reader, dialect: Dialect) -> str | None:
    """What a command inside `$( … )` prints, if that can be determined without running it."""
    if state.is_lost or not words or words[0] in state.functions or words[0] in state.aliases:
        return None
    name, arguments = words[0], words[1:]
    hook = conda_shell.hook(words, state, reader)
    if hook is not None:
        return hook
    if name in ("which", "command", "type"):
        if name == "type" and dialect.name != "bash":
            return None  # only bash's has `-p`
        option = {"which": (), "command": ("-v",), "type": ("-p",)}[name]
        if len(arguments) == len(option) + 1 and arguments[:-1] == option:
            return _found(arguments[-1], state, reader, dialect)
    if name == "pwd" and not arguments:
        return state.cwd
    if name == "echo" and not any(each.startswith("-") or "\\" in each for each in arguments):
        return " ".join(arguments)
    return None


def _found(name: str, state: State, reader: Reader, dialect: Dialect) -> str | None:
    """The path of a program on PATH; None if it isn't there, or if the shell gives the name a meaning of its own."""
    path = state.value("PATH")
    own = (state.functions, state.aliases, state.programs, dialect.builtins, dialect.keywords)
    if any(name in each for each in own) or not path or state.cwd is None or "/" in name:
        return None
    if any(not os.path.isabs(entry) for entry in path.split(":")):
        return None
    return reader.reach(name, {"PATH": path}, state.cwd).path
