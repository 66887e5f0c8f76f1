"""What `%safepip help COMMAND` says: what the command does, and its options from the table that the parser reads too.

Tested in `tests/change/request/test_command_help.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import TextWrapper

from .command_options import CommandOption, options_of

WIDTH = 100
_NARROWEST = 24
_CHOICES = 32
"""Longer lists of an option's values would drown its name."""

COMMANDS = {
    "install": (
        "[OPTION ...] REQUIREMENT ...",
        "Install into this kernel's environment: planned first, all or nothing, with an undo. It takes what `pip install`"
        " takes, without quotes (`numpy>=2`, `six[extra]`); `-e ./FOLDER` and `-r FILE` too.",
        "install pandas>=2",
    ),
    "uninstall": (
        "[OPTION ...] NAME ...",
        "Remove what is named, all or nothing. It is refused where something installed, or the kernel, needs it.",
        "uninstall seaborn",
    ),
    "undo": (
        "[OPTION ...] [ID]",
        "Undo the last change, or the one that `%safepip history` calls ID: the files that it replaced come back, and those"
        " that it brought go.",
        "undo --dry-run",
    ),
    "history": (
        "[OPTION ...]",
        "What changed this environment, the newest first, which changes can be undone, and what is kept for that.",
        "history -v",
    ),
    "lock": (
        "[OPTION ...] [FILE]",
        "Write what is installed to a lock file, `pylock.toml` unless named: versions, files and hashes. Nothing is installed.",
        "lock",
    ),
    "sync": (
        "[OPTION ...] [FILE]",
        "Make the environment match a lock file or requirements, `pylock.toml` unless named: install what is missing, and"
        " remove what the file doesn't need, except what this kernel runs on.",
        "sync requirements.txt --dry-run",
    ),
    "page": (
        "[load NAME ... | unload NAME ...]",
        "Which JupyterLab extensions of this kernel's environment the page has: `load` takes them into the page, whose server"
        " need not have them, and `unload` takes away what came from a kernel.",
        "page load jupyter-matplotlib",
    ),
    "tree": (
        "[OPTION ...] [NAME ...]",
        "Which installed distributions require which.",
        "tree --invert numpy",
    ),
    "list": ("[OPTION ...]", "What is installed.", "list --outdated"),
    "show": ("[OPTION ...] NAME ...", "The metadata of what is installed.", "show numpy"),
    "freeze": ("[OPTION ...]", "What is installed, as a requirements file.", "freeze"),
    "check": ("[OPTION ...]", "Which installed distributions miss what they require.", "check"),
    "inspect": ("[OPTION ...]", "What is installed, in full, as JSON.", "inspect"),
    "index": ("versions NAME", "The versions that an index has.", "index versions numpy"),
    "download": (
        "[OPTION ...] REQUIREMENT ...",
        "Download into a folder, and install nothing.",
        "download -d wheels numpy",
    ),
    "wheel": (
        "[OPTION ...] REQUIREMENT ...",
        "Build wheels in a folder, and install nothing.",
        "wheel -w wheels ./project",
    ),
    "hash": ("[OPTION ...] FILE ...", "The hashes of files, for a requirements file.", "hash wheels/six.whl"),
    "cache": ("dir | info | list | remove PATTERN | purge", "pip's cache of files.", "cache info"),
    "config": ("list | get NAME | set NAME VALUE | …", "pip's settings.", "config list"),
    "debug": ("[OPTION ...]", "What pip says about itself, for a bug report.", "debug"),
    "help": ("[COMMAND]", "Explain a command; without one, all of them in brief.", "help undo"),
}
"""Each command: its arguments, what it does, and an example."""


def help_of(command: str, *, prefix: str = "%safepip", without: Sequence[str] = (), width: int | None = None) -> str:
    """The help of a command, whose lines begin with ``prefix``; ``without`` are options that do not count there.

    ``width`` is the terminal's, if it is one.
    """
    width = min(width or WIDTH, WIDTH)
    arguments, text, example = COMMANDS[command]
    options = [each for each in options_of(command) if each.name not in without]
    own, of_pip = ([each for each in options if bool(each.text) is is_own] for is_own in (True, False))
    parts = [[f"{prefix} {command} {arguments}".rstrip()], _wrapped(text, width), [f"    {prefix} {example}"]]
    if own:
        parts.append(["Options:", *_with_texts(own, width)])
    if of_pip:
        parts.append(["pip's options, with the meaning that they have in pip:", *_listed(of_pip, width)])
    return "\n\n".join(map("\n".join, parts))


def overview(*, prefix: str = "%safepip") -> str:
    """Every command in a line."""
    width = max(map(len, COMMANDS))
    lines = (f"  {command:<{width}}  {_first(text)}" for command, (_, text, _) in COMMANDS.items())
    return "\n".join((f"{prefix} COMMAND …", "", *lines, "", f"`{prefix} help COMMAND` explains one."))


def _first(text: str) -> str:
    """The first sentence, without what explains it further."""
    return text.partition(": ")[0].partition(". ")[0].removesuffix(".")


def _spelled(option: CommandOption) -> str:
    names = ", ".join(sorted(option.names, key=len))
    choices = "|".join(option.choices)
    value = choices if choices and len(choices) <= _CHOICES else option.value
    return f"{names} {value}" if value else names


def _with_texts(options: Sequence[CommandOption], width: int) -> list[str]:
    names = [_spelled(each) for each in options]
    column = max(map(len, names)) + 4
    texts = (_wrapped(each.text or "", max(width - column, _NARROWEST)) for each in options)
    return [
        f"  {name:<{column - 2}}" + ("\n" + " " * column).join(text) for name, text in zip(names, texts, strict=True)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    return TextWrapper(width, break_long_words=False, break_on_hyphens=False).wrap(text)


def _listed(options: Sequence[CommandOption], width: int) -> Iterator[str]:
    """As many in a line as fit."""
    line = ""
    for each in options:
        said = _spelled(each)
        if line and len(line) + len(said) + 4 > width:
            yield line
            line = ""
        line = f"{line}   {said}" if line else f"  {said}"
    yield line
