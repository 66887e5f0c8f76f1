"""What a `%safeconda` line asks for, in conda's own words: match specs, channels, and the options that count here."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal, NoReturn

from ipython_where.change.request.request import Request
from ipython_where.errors import UsageError
from ipython_where.judge.names import near
from ipython_where.redact import learn, masked
from ipython_where.value import dataclass

CHANGING = ("install", "update", "remove", "sync")
COMMANDS = (*CHANGING, "export", "undo", "history", "list", "help")
FILES = ("sync", "export")
"""The commands that take a file."""

ALIASES = {"upgrade": "update", "uninstall": "remove"}

Effect = Literal["flag", "value", "list", "ignored"]

_OF_CHANNELS: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    ("--channel", "-c"): ("channels", "list"),
    ("--override-channels", "-O"): ("override_channels", "flag"),
}
_OF_INSTALL: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    **_OF_CHANNELS,
    ("--freeze-installed", "--no-update-deps"): ("frozen", "flag"),
    ("--force-reinstall",): ("reinstall", "flag"),
    ("--no-pin",): ("no_pin", "flag"),
    ("--strict-channel-priority",): ("strict", "flag"),
    ("--no-channel-priority",): ("no_priority", "flag"),
    ("--offline",): ("offline", "flag"),
    ("--update-specs", "-S", "--satisfied-skip-solve"): ("", "ignored"),
}
_OF_SYNC: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    ("--file", "-f"): ("files", "list"),
    ("--prune",): ("prune", "flag"),
    **{names: effect for names, effect in _OF_INSTALL.items() if "--force-reinstall" not in names},
}
_OF_EXPORT: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    ("--file", "-f"): ("files", "list"),
    ("--format",): ("format", "value"),
    ("--from-history",): ("from_history", "flag"),
    ("--no-builds", "--no-build"): ("no_builds", "flag"),
    ("--ignore-channels",): ("ignore_channels", "flag"),
    **_OF_CHANNELS,
    ("--yes", "-y"): ("yes", "flag"),
}
_OF_UPDATE: Mapping[tuple[str, ...], tuple[str, Effect]] = {("--all", "--update-all"): ("all", "flag")}
_OF_CHANGES: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    ("--dry-run", "-d"): ("dry_run", "flag"),
    ("--yes", "-y"): ("", "ignored"),
    ("--allow-kernel",): ("allow_kernel", "flag"),
    ("--allow-conflicts",): ("allow_conflicts", "flag"),
    ("--allow-frozen", "--override-frozen"): ("allow_frozen", "flag"),
}
_OF_ALL: Mapping[tuple[str, ...], tuple[str, Effect]] = {
    ("--no-raise",): ("no_raise", "flag"),
    ("--help", "-h"): ("help", "flag"),
    ("--quiet", "-q"): ("", "ignored"),
    ("--verbose", "-v"): ("verbose", "flag"),
}
_ELSEWHERE = {
    **dict.fromkeys(("--name", "-n", "--prefix", "-p"), "it always means this kernel's environment"),
    **dict.fromkeys(("--copy", "--always-copy"), "a package is linked as its files allow"),
    **dict.fromkeys(("--use-local",), "name the folder: `-c file:///…/conda-bld`"),
    **dict.fromkeys(("--force-remove", "--force"), "`--allow-conflicts` leaves what needs it without it"),
    **dict.fromkeys(("--no-deps", "--only-deps"), "an environment without what its packages need is broken"),
    **dict.fromkeys(("--json",), "the answer is a value: `r = %safeconda …`, then `r.to_dict()`"),
}
"""Options of conda's that are refused, and why."""

_UPGRADING = ("-U", "--upgrade", "--update")
"""What pip calls an update."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CondaRequest:
    """A `%safeconda` line understood. ``channels`` may hold tokens: only `shown` is fit for output.

    ``specs`` are match specs as they were typed, or names for `remove`; ``arguments`` the words of the other commands, and
    ``files`` the file of `sync` and `export`, however it was said.
    """

    command: str
    specs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    override_channels: bool = False
    prune: bool = False
    format: str | None = None
    from_history: bool = False
    no_builds: bool = False
    ignore_channels: bool = False
    yes: bool = False
    frozen: bool = False
    reinstall: bool = False
    no_pin: bool = False
    strict: bool = False
    no_priority: bool = False
    offline: bool = False
    all: bool = False
    dry_run: bool = False
    allow_kernel: bool = False
    allow_conflicts: bool = False
    allow_frozen: bool = False
    no_raise: bool = False
    help: bool = False
    verbose: bool = False
    words: tuple[str, ...] = field(default=(), compare=False)

    @property
    def as_safepip(self) -> Request:
        """The request as the steps that both magics share take it: what it allows, and how its line is shown."""
        allowed = {"kernel": self.allow_kernel, "conflicts": self.allow_conflicts, "frozen": self.allow_frozen}
        allow = ("conda", *(name for name, is_allowed in allowed.items() if is_allowed))
        return Request(
            command={"remove": "uninstall", "update": "install"}.get(self.command, self.command),
            arguments=self.arguments or self.files,
            dry_run=self.dry_run,
            allow=allow,
            verbose=int(self.verbose),
            words=self.words,
            magic="%safeconda",
        )

    def shown(self) -> str:
        """The line as it may be shown and kept."""
        return self.as_safepip.shown()

    def __repr__(self) -> str:
        return f"CondaRequest({self.shown()!r})"


def split_conda_line(line: str) -> tuple[str, ...]:
    """The words of a line. Quotes group them as in a shell, which reads nothing of it."""
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"unclosed quote: `{masked(line.strip())}`", hint=str(error)) from None


def parse_conda_request(words: Sequence[str]) -> CondaRequest:
    """The request in the words of a `%safeconda` line. Raises `UsageError` for one that isn't understood."""
    if not words or words[0] in ("--help", "-h"):
        return CondaRequest(command="help", help=True, words=tuple(words))
    command = ALIASES.get(words[0], words[0])
    if command not in COMMANDS:
        _refuse_command(words[0], words[1:])
    fields: dict[str, object] = {}
    rest = [*words[1:]]
    plain: list[str] = []
    options = _options_of(command)
    while rest:
        word = rest.pop(0)
        if word == "--":
            plain += rest
            break
        if word.startswith("-"):
            _take(word, rest, command, options, fields)
        else:
            plain.append(word)
    placed = _placed(command, plain, fields)
    request = CondaRequest(command=command, words=(command, *words[1:]), **{**fields, **placed})  # type: ignore[arg-type]
    learn(" ".join(request.channels))
    return request if request.help else _checked(request)


def _options_of(command: str) -> dict[str, tuple[str, Effect]]:
    tables = {
        "install": (_OF_INSTALL, _OF_CHANGES),
        "update": (_OF_INSTALL, _OF_UPDATE, _OF_CHANGES),
        "remove": (_OF_CHANGES,),
        "sync": (_OF_SYNC, _OF_CHANGES),
        "export": (_OF_EXPORT,),
        "undo": (_OF_CHANGES,),
    }.get(command, ())
    return {name: effect for table in (*tables, _OF_ALL) for names, effect in table.items() for name in names}


def options_of(command: str) -> tuple[str, ...]:
    """The options of a command, as Tab offers them."""
    return tuple(name for name in _options_of(command) if name.startswith("--"))


def _take(
    word: str, rest: list[str], command: str, options: Mapping[str, tuple[str, Effect]], fields: dict[str, object]
) -> None:
    name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
    if not word.startswith("--") and len(word) > 2 and options.get(name, ("", "value"))[1] in ("flag", "ignored"):
        rest.insert(0, f"-{word[2:]}")  # `-yd` is `-y -d`
        equals = ""
    if name not in options:
        _refuse_option(name, command, options, [*([value] if equals else []), *rest])
    attribute, effect = options[name]
    if effect in ("value", "list"):
        if not equals and not rest:
            raise UsageError(f"`{name}` needs a value")
        value = value if equals else rest.pop(0)
        fields[attribute] = (*fields.get(attribute, ()), value) if effect == "list" else value  # type: ignore[misc]
    elif equals:
        raise UsageError(f"`{name}` takes no value: `{masked(word)}`")
    elif effect == "flag":
        fields[attribute] = True


def _placed(command: str, plain: Sequence[str], fields: Mapping[str, object]) -> dict[str, object]:
    if command in FILES:
        return {"files": (*fields.get("files", ()), *plain)}  # type: ignore[misc]
    return {"specs" if command in CHANGING else "arguments": tuple(plain)}


def _checked(request: CondaRequest) -> CondaRequest:
    for each in request.specs:
        if each in ("&&", "||", "|", ";", ">", "<") or each.startswith(("&", "|", ";")):
            raise UsageError(
                f"`{each}` is a shell's, but no shell reads this line",
                hint='leave it out; a version is quoted or joined: `%safeconda install "numpy<2"`',
            )
        if each[:1] in "<>=!~":
            raise UsageError(f"`{each}` names no package", hint="join name and version: `numpy>=2`, `numpy=2.1`")
    if request.command in ("install", "remove") and not request.specs:
        raise UsageError(f"name what to {request.command}: `%safeconda {request.command} NAME`")
    if request.command == "update" and not request.specs and not request.all:
        raise UsageError("name what to update, or say `--all`")
    most = {"history": 0, "undo": 1}.get(request.command)
    if most is not None and len(request.arguments) > most:
        said = " ".join(map(masked, request.arguments[most:]))
        raise UsageError(f"`%safeconda {request.command}` takes no `{said}`")
    if len(request.files) > 1:
        said = " ".join(f"`{masked(each)}`" for each in request.files)
        raise UsageError(f"`%safeconda {request.command}` takes one file: {said}")
    if request.all and request.specs:
        raise UsageError("`--all` updates everything: leave out the names, or `--all`")
    return request


def _refuse_command(word: str, rest: Sequence[str]) -> NoReturn:
    if word.startswith("-"):
        _refuse_option_first(word, rest)
    close = near(word, (*COMMANDS, *ALIASES), limit=1)
    known = ", ".join(f"`{each}`" for each in COMMANDS)
    hint = f"`%safeconda {close[0]}`" if close else f"the commands are {known}"
    if word in ("create", "env", "activate", "deactivate", "run"):
        hint = "it changes this kernel's environment only; in a terminal, conda does that"
    instead = {"update": "sync", "export": "export"}.get(next(iter(rest), "")) if word == "env" else None
    if instead is not None:
        kept = [each for each in rest if each in ("--prune", "--from-history", "--no-builds", "--ignore-channels")]
        hint = f"`{_typed(instead, _file_in(rest[1:]), *kept)}` does that here"
    raise UsageError(f"`%safeconda` has no command `{masked(word)}`", hint=hint)


def _refuse_option_first(word: str, rest: Sequence[str]) -> NoReturn:
    names = [each for each in rest if not each.startswith("-")]
    if names[:1] and ALIASES.get(names[0], names[0]) in COMMANDS:
        hint = f"`{_typed(names[0], *(each for each in (*rest, word) if each != names[0]))}`"
    else:
        hint = f"`{_typed('update' if word in _UPGRADING else 'install', *(names or ('NAME',)))}`"
    raise UsageError(f"the command comes before `{masked(word)}`", hint=hint)


def _typed(*words: str) -> str:
    """A line to be pasted."""
    return " ".join(("%safeconda", *(shlex.quote(masked(each)) for each in words if each)))


def _file_in(words: Sequence[str]) -> str:
    """The file that `-f FILE` or `--file=FILE` names."""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("-f", "--file"):
            return value if equals else next(iter(words[at + 1 :]), "")
    return ""


def _refuse_option(name: str, command: str, options: Mapping[str, object], rest: Sequence[str]) -> NoReturn:
    if name == "--file" and command in ("install", "update"):
        hint = f"`{_typed('sync', *(rest[:1] or ('FILE',)))}` follows a file"
        raise UsageError(f"`%safeconda {command}` takes no `--file`", hint=hint)
    if name in _UPGRADING and command == "install":
        names = [each for each in rest if not each.startswith("-")] or ["NAME"]
        raise UsageError(f"`%safeconda install` takes no `{name}`", hint=f"`{_typed('update', *names)}` updates")
    if name in _ELSEWHERE:
        raise UsageError(f"`%safeconda {command}` takes no `{name}`", hint=_ELSEWHERE[name])
    close = near(name, options, limit=1)
    raise UsageError(
        f"`%safeconda {command}` has no option `{masked(name)}`",
        hint=f"`{close[0]}`" if close else f"`%safeconda {command} --help` lists them",
    )
