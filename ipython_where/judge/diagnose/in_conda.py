"""A conda command for another environment, worded for this kernel's, in conda's own language: names are never translated.

conda's `graphviz` is a C program and PyPI's another project, so no `%safepip` line does the same.

Tested in `tests/judge/diagnose/test_command.py`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from ipython_where.judge.commands.invocations import Invocation
from ipython_where.judge.commands.kernel import Kernel

CONDAS = ("conda", "mamba", "micromamba")

_PLACE = ("-n", "--name", "-p", "--prefix")
_COMMANDS = {"install": "install", "update": "update", "upgrade": "update", "remove": "remove", "uninstall": "remove"}
"""conda's commands that `%safeconda` has, by its names for them."""

_SHARED = ("-c", "--channel", "--override-channels", "--freeze-installed", "--no-pin", "--offline", "--all")
"""The options that mean the same to both."""


def is_condas(each: Invocation) -> bool:
    """Whether a command is in conda's language."""
    return each.tool in CONDAS


def conda_hint(group: Sequence[Invocation], kernel: Kernel) -> str:
    """The lines that do for this kernel's environment what these would do elsewhere."""
    first = group[0]
    does = "installs into" if first.action == "install" else "uninstalls from"
    if kernel.manager is None:
        return f"conda does not manage this kernel's environment: `%safepip {first.action} NAME` takes a project's name on PyPI"
    if kernel.manager == "pixi":
        verb = "add" if first.action == "install" else "remove"
        names = [word for each in group for word in each.requirements or () if not word.startswith("--file")]
        return (
            f"`pixi {verb} {' '.join(map(_quoted, dict.fromkeys(names))) or 'NAME'}` {does} this kernel's environment"
        )
    lines = dict.fromkeys(_line(each, kernel.prefix) for each in group)
    return f"{', then '.join(f'`{line}`' for line in lines)} {does} this kernel's environment"


def _line(each: Invocation, prefix: str) -> str:
    """The command for this kernel: by `%safeconda` where that takes its options, else with this prefix in place of its own."""
    started = each.started.arguments if each.started is not None else None
    words = list(started) if started is not None else _split(each.text)
    kept = list(_without_place(words))
    return _in_safeconda(kept) or _with_prefix(each.tool, kept, prefix)


def _in_safeconda(words: Sequence[str]) -> str | None:
    """The `%safeconda` line; it asks nothing, so that it needs no `--yes`. None where it has no such command or option."""
    verb, *rest = [word for word in words if word not in ("-y", "--yes")] or [""]
    of_file = _of_file(verb, rest)
    if of_file is not None:
        return of_file
    options = [word for word in rest if word.startswith("-")]
    shared = _SHARED if _COMMANDS.get(verb) != "remove" else ()  # a removal takes nothing from a channel
    if verb not in _COMMANDS or not all(word.partition("=")[0] in shared for word in options):
        return None
    return " ".join(("%safeconda", _COMMANDS[verb], *map(_quoted, rest)))


def _of_file(verb: str, rest: Sequence[str]) -> str | None:
    """The `sync` line for `env update -f FILE` and `install --file FILE`; None for any other line, and one with more in it."""
    names: tuple[str, ...]
    shared: tuple[str, ...]
    if verb == "env" and rest[:1] == ["update"]:
        names, shared, rest = ("-f", "--file"), ("--prune",), rest[1:]
    elif verb == "install":
        names, shared = ("--file",), _SHARED
    else:
        return None
    files: list[str] = []
    kept: list[str] = []
    words = iter(rest)
    for word in words:
        name, equals, value = word.partition("=")
        if name in names:
            files.append(value if equals else next(words, ""))
        elif name in ("-c", "--channel") and name in shared:
            kept += [word] if equals else [word, next(words, "")]
        elif name in shared and name != "--all":
            kept.append(word)
        else:
            return None
    if len(files) > 1 or (verb == "install" and not files) or any("://" in each or not each for each in files):
        return None
    return " ".join(("%safeconda sync", *map(_quoted, (*files, *kept))))


def _with_prefix(tool: str, words: Sequence[str], prefix: str) -> str:
    at = next((number for number, word in enumerate(words) if word in _COMMANDS), -1) + 1
    return " ".join((tool, *map(_quoted, (*words[:at], "--prefix", prefix, *words[at:]))))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)[1:]
    except ValueError:  # an open quote
        return text.split()[1:]


def _without_place(words: Sequence[str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word in _PLACE:
            next(rest, None)
        elif not word.startswith(("--name=", "--prefix=")) and not re.match(r"-[np][^-]", word):
            yield word


def _quoted(word: str) -> str:
    return (
        f'"{word}"' if re.search(r"[<>=*\s|&;\[\]]", word) and not re.search(r'["$`\\!]', word) else shlex.quote(word)
    )
