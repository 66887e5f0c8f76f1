"""The options of each `%safepip` command, from the table of pip's options: what Tab offers and what its help lists.

Tested in `tests/change/request/test_command_options.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ipython_where.facts.settings.pip_option import NEWEST, PipOption, Refused
from ipython_where.facts.settings.pip_options import PIP_OPTIONS
from ipython_where.value import dataclass

from .request import ALLOWABLE, AS_PIPS, CHANGING, FETCHING, NOT_OF, ON_WORKERS, READING, is_refused_of

_TEXTS = {
    "--dry-run": "show what would change",
    "--with": "choose the installer; else the fastest that gives the same answer",
    "--server": "mean the Jupyter server's environment, where that is proven to be on this machine",
    "--on": "mean the environments of the workers of a cluster, by the variable that holds its client",
    "--and-here": "change this kernel's environment, too, with `--on`",
    "--user": "mean the user's packages (`~/.local`)",
    "--allow-kernel": "let the kernel's own packages change, though they would leave what it accepts",
    "--allow-server": "the same for the server's own packages, with `--server`",
    "--allow-workers": "the same for the workers' own packages, with `--on`",
    "--allow-conflicts": "leave requirements of other distributions unmet, or overwrite their files",
    "--allow-conda": "change what conda or pixi installed",
    "--allow-frozen": "change an environment that is frozen (`conda-meta/frozen`)",
    "--no-raise": "return an error instead of raising it",
    "--yes": "overwrite a file that is not a lock file",
    "--verbose": "show everything that is known",
    "--invert": "show what requires each",
    "--depth": "show so many levels",
}
"""What an option does, where that is `%safepip`'s own meaning of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOption:
    """An option of a command: its names, the word for its value if it takes one, and what it does if that isn't pip's."""

    names: tuple[str, ...]
    value: str | None = None
    choices: tuple[str, ...] = ()
    text: str | None = None

    @property
    def name(self) -> str:
        """The name in full."""
        return self.names[0]


@cache
def options_of(command: str) -> tuple[CommandOption, ...]:
    """The options of a command, `%safepip`'s own first. What it would refuse is left out."""
    own = tuple(_own(command))
    named = {name for each in own for name in each.names}
    of_pip = (each for each in _rows(command) if named.isdisjoint(name.word for name in each.names))
    return (*own, *map(_of_row, of_pip))


def _own(command: str) -> Iterator[CommandOption]:
    if command in ("install", "uninstall", "sync", "undo"):
        yield _with_text("--dry-run")
    if command in ("install", "sync", "lock", *FETCHING) or (command in READING and command != "tree"):
        yield _with_text("--with", value="INSTALLER")
    if command not in ("sync", "lock", "page", "help", *FETCHING):
        yield _with_text("--server")
    if command in ON_WORKERS:
        yield _with_text("--on", value="CLIENT")
        yield _with_text("--and-here")
    if command in (*CHANGING, "history"):
        yield _with_text("--user")
    if command in CHANGING:
        for each in ALLOWABLE:
            if not (each == "server" and command == "sync") and (each != "workers" or command in ON_WORKERS):
                yield _with_text(f"--allow-{each}")
    if command == "lock":
        yield _with_text("--yes", "-y")
    if command == "history":
        yield _with_text("--verbose", "-v")
    if command == "tree":
        yield _with_text("--invert")
        yield _with_text("--depth", "-d", value="N")
    if command != "help":
        yield _with_text("--no-raise")


def _with_text(*names: str, value: str | None = None) -> CommandOption:
    return CommandOption(names=names, value=value, text=_TEXTS[names[0]])


def _rows(command: str) -> Iterator[PipOption]:
    of_pip = AS_PIPS.get(command, command)
    if command in ("undo", "history", "tree", "help"):
        return
    for option in PIP_OPTIONS:
        words = {each.word for each in option.commands}
        if not words & {of_pip, "all"} or option.names[0].last != NEWEST or option.name == "--help":
            continue
        if option.name in NOT_OF.get(command, ()):
            continue
        if command in (*READING, *FETCHING):
            if not is_refused_of(command, option.name):
                yield option
        elif not isinstance(option.safepip, Refused):
            yield option


def _of_row(option: PipOption) -> CommandOption:
    names = [each.word for each in option.names]
    shown = (option.name, *(name for name in names[1:] if not name.startswith("--")))
    newest = tuple(each.word for each in option.choices if each.last == NEWEST)
    return CommandOption(names=shown, value=_value(option), choices=newest)


def _value(option: PipOption) -> str | None:
    if not option.takes_value:
        return None
    for word, names in _VALUES.items():
        if option.name in names:
            return word
    return "VALUE"


_VALUES = {
    "FILE": (
        "--requirement", "--constraint", "--build-constraint", "--requirements-from-script", "--cert", "--client-cert",
        "--output",
    ),
    "FOLDER": ("--dest", "--wheel-dir", "--cache-dir", "--path"),
    "PROJECT": ("--editable",),
    "PLACE": ("--find-links",),
    "URL": ("--index-url", "--extra-index-url", "--proxy"),
}  # fmt: skip
"""What the value of an option is, for help and Tab; any other is a `VALUE`."""
