"""What a `%safepip` line asks for: its words understood once, so that pip and uv can each be told in their own way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from ipython_where.errors import UsageError
from ipython_where.facts.settings.pip_option import CarriedOut, Passed, Refused, Treatment
from ipython_where.facts.settings.pip_options import effect_of, install_options
from ipython_where.judge.names import near
from ipython_where.redact import learn, masked, masked_setting
from ipython_where.value import dataclass

from .safepip_line import NO_SHELL, marker_error, typed
from .shell_words import refuse_shell_words, separated

READING = ("list", "show", "freeze", "check", "tree", "index", "inspect", "hash", "cache", "config", "debug")
FETCHING = ("download", "wheel")
OWN = ("undo", "history", "lock", "sync", "page", "help")
COMMANDS = ("install", "uninstall", *READING, *FETCHING, *OWN)
"""All that `%safepip` knows. The reading and fetching ones are the installer's own; their words are passed on as they
are.
"""

_UVS_NAMES = {
    "--requirements": "--requirement",
    "--constraints": "--constraint",
    "--default-index": "--index-url",
    "--index": "--extra-index-url",
    "--reinstall": "--force-reinstall",
    "--config-setting": "--config-settings",
    "--no-cache": "--no-cache-dir",
}
"""What uv calls the same."""

CHANGING = ("install", "uninstall", "sync", "undo")

ALLOWABLE = ("kernel", "server", "workers", "conda", "frozen", "conflicts")
"""What `--allow-…` names: changing the kernel's, the server's or the workers' own packages, changing what conda or pixi owns, an
environment that conda is told to leave as it is, leaving requirements unmet.
"""

_OWN: dict[str, Treatment] = {
    "--with": CarriedOut(field="installer", how="value"),
    "--server": CarriedOut(field="server", how="flag"),
    "--on": CarriedOut(field="on", how="value"),
    "--and-here": CarriedOut(field="and_here", how="flag"),
    "--no-raise": CarriedOut(field="raises", how="unset"),
    "--system": Refused(why="it would change another interpreter's environment"),
    **{f"--allow-{each}": CarriedOut(field="allow", how="list") for each in ALLOWABLE},
}


ON_WORKERS = ("install", "uninstall", "undo")
"""What can be done in the environments of a cluster's workers."""

_OWN_ELSEWHERE = {
    "--with": ("install", "sync", "lock"),
    **dict.fromkeys(("--on", "--and-here"), ON_WORKERS),
    **{f"--allow-{each}": CHANGING for each in ALLOWABLE},
    "--allow-workers": ON_WORKERS,
}
"""The commands that have an option of ours; any other of ours is for all."""

_MORE = {"--dry-run": ("lock", *CHANGING), "--user": (*CHANGING, "history"), "--yes": (*CHANGING, *OWN)}
"""More commands that have an option of pip's. `lock` says why it takes no ``--dry-run``; no command asks before it acts."""

_WANTING = ("--group", "--requirements-from-script")
_INPUTS = ("--requirement", "--constraint", "--editable", "--only-deps", *_WANTING)
NOT_OF = {"sync": _INPUTS, "lock": (*_INPUTS, "--no-deps", "--output")}
"""The file of a `sync` names all that stays; and `lock` locks all that is installed, into the file that it is given."""

AS_PIPS = {"sync": "install"}
"""A command that pip doesn't have takes the options of one that it has."""


_CLAUSE = r"(?:(?:[<>=!~]=|[<>])\s*v?\d[\w.*+!-]*|===\s*\S+)"
_BY_NAME = re.compile(
    rf"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\s*(?:\[[\w\s.,-]*\])?\s*"
    rf"(?:\(?\s*{_CLAUSE}\s*(?:,\s*{_CLAUSE}\s*)*,?\s*\)?|@.+)?(?:;.*)?",
    re.ASCII,
)
_IS_PATH_OR_URL = re.compile(
    r"[A-Za-z][\w+.-]*://|[^*]*(?:[/\\][^*]*|^[.~][^*]*|\.(?:whl|zip|tar(?:\.\w+)?|tgz|tbz|txz)(?:\[.*\])?)$"
)


_SHELLS = re.compile(r"[;&|<>*?$`{}()!]")
"""What a shell would take for more than text."""

_TAKEN = "a requirement is a name (`six`, `six>=1.16`), a path (`./folder`) or a URL"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """A `%safepip` line understood. It may hold credentials: only `shown` is fit for output, a journal or an error.

    ``passed`` are options of pip that the installer is given, spelled ``--name`` or ``--name=value``. ``arguments`` are the
    words of a command that is passed on or is `%safepip`'s own. ``allow`` names from `ALLOWABLE`. ``installer``: ``auto``, or
    the name that was asked for, whether there is one of it or not. ``server``: the environment of the Jupyter server is
    meant, not the kernel's; ``on``: those of the workers of the client that the notebook calls so, ``and_here``: and the
    kernel's, too. ``magic``: whose line it is.
    """

    command: str
    requirements: tuple[str, ...] = ()
    requirement_files: tuple[str, ...] = ()
    constraint_files: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    only_binary: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    upgrade: bool = False
    upgrade_strategy: str | None = None
    pre: bool = False
    no_deps: bool = False
    force_reinstall: bool = False
    require_hashes: bool = False
    user: bool = False
    server: bool = False
    on: str | None = None
    and_here: bool = False
    dry_run: bool = False
    installer: str = "auto"
    quiet: int = 0
    verbose: int = 0
    allow: tuple[str, ...] = ()
    raises: bool = True
    help: bool = False
    passed: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), compare=False)
    magic: str = "%safepip"

    def shown(self) -> str:
        """The command line as it may be shown and kept: credentials masked, words with blanks quoted."""
        return " ".join([self.magic, *self.shown_words()])

    def shown_words(self) -> Iterator[str]:
        """The words of that line."""
        return _shown_words(self.words)

    def __repr__(self) -> str:
        return f"Request({self.shown()!r})"

    def has(self, option: str) -> bool:
        """Whether an option among ``passed`` was given."""
        return any(each.partition("=")[0] == option for each in self.passed)

    @property
    def for_plan(self) -> tuple[str, ...]:
        """Those among ``passed`` that are for the plan alone."""
        return tuple(each for each in self.passed if _passing(each).in_plan)

    @property
    def throughout(self) -> tuple[str, ...]:
        """Those among ``passed`` that are for the plan and its staging."""
        return tuple(each for each in self.passed if not _passing(each).in_plan)

    @property
    def wanting(self) -> tuple[str, ...]:
        """Those among ``passed`` that name what is to be installed."""
        return tuple(each for each in self.passed if _passing(each).wants)

    def value(self, option: str) -> str | None:
        """The last value of an option among ``passed``."""
        found = [each.partition("=")[2] for each in self.passed if each.startswith(f"{option}=")]
        return found[-1] if found else None


def _passing(passed: str) -> Passed:
    option = install_options().get(passed.partition("=")[0])
    return option.safepip if option is not None and isinstance(option.safepip, Passed) else Passed()


def _shown_words(words: Sequence[str]) -> Iterator[str]:
    name = ""
    for word in words:
        if name and not word.startswith("-"):
            shown = str(masked_setting(name, word))
        elif word.startswith("--") and "=" in word:
            option, _, value = word.partition("=")
            shown = f"{option}={masked_setting(option, value)}"
        else:
            shown = masked(word)
        name = word if word.startswith("--") and "=" not in word else ""
        yield f'"{shown}"' if any(c.isspace() for c in shown) and '"' not in shown else shown


def parse_request(words: Sequence[str]) -> Request:
    """Understand the words of a line (see `split_line`). Raises `UsageError` for unknown, refused or missing ones."""
    learn(" ".join(words))
    if not words or words[0] in ("-h", "--help", "help"):
        return _help(words)
    command = words[0]
    if command not in COMMANDS:
        raise _unknown_command(command, *words[1:])
    refuse_shell_words(words)
    if command in (*READING, *FETCHING):
        return _passed_on(command, tuple(words))
    reading = _RequestReading(command, words[1:])
    fields = reading.fields
    others = reading.others
    if command in ("install", "uninstall"):
        fields["requirements"] = tuple(others)
    else:
        fields["arguments"] = tuple(others)
    request = replace(Request(command=command, words=tuple(words)), **fields)
    _check(request)
    return request


def _help(words: Sequence[str]) -> Request:
    """`help COMMAND`, under any of its names."""
    explained = next((each for each in words[1:] if not each.startswith("-")), "help")
    if explained not in COMMANDS:
        raise _unknown_command(explained, asked=("help",))
    return Request(command=explained, help=True, words=tuple(words))


def is_accepted(words: Sequence[str]) -> bool:
    """Whether a line of these words is understood."""
    try:
        parse_request(words)
    except UsageError:
        return False
    return True


def _unknown_command(command: str, *others: str, asked: Sequence[str] = ()) -> UsageError:
    """``others`` are the words after it, ``asked`` those before."""
    close = near(command, COMMANDS, limit=1)
    meant = " ".join(("%safepip", *asked, *close, *_shown_words(others)))
    hint = f"`{meant}`" if close else "`%safepip?` lists its commands and options"
    if command in ("-V", "--version"):
        hint = "`%safepip show pip` shows the version of pip in this environment"
    elif command.startswith("-"):
        hint = "the command comes first: `%safepip install " + masked(command) + " …`"
    return UsageError(f"`%safepip` has no command `{masked(command)}`", hint=hint)


def _passed_on(command: str, words: tuple[str, ...]) -> Request:
    """A command that the installer carries out by itself: only what `%safepip` must know of it is taken out."""
    arguments = []
    fields: dict[str, Any] = {}
    rest = iter(words[1:])
    for word in rest:
        option, equals, value = word.partition("=")
        if is_refused_of(command, option):
            raise _refused(option)
        if word in ("-h", "--help"):
            fields["help"] = True
        elif option == "--with":
            fields["installer"] = _given(option, value if equals else next(rest, None))
        elif word == "--no-raise":
            fields["raises"] = False
        elif word == "--server":
            fields["server"] = True
        else:
            arguments.append(word)
    request = replace(Request(command=command, words=words), arguments=tuple(arguments), **fields)
    _check(request)
    return request


def is_refused_of(command: str, spelling: str) -> bool:
    """Whether the option of a command that is passed on would ask for something else than this environment."""
    name = _own_name(spelling)
    if name is None or not isinstance(_treatment(name), Refused):
        return False
    return name in ("--python", "--system") or (command in READING and effect_of(name) in ("place", "plan"))


class _RequestReading:
    """One walk along the words of an installing command."""

    def __init__(self, command: str, words: Sequence[str]) -> None:
        self.command = command
        self.fields: dict[str, Any] = {}
        self.others: list[str] = []
        self._at = 0
        self._rest = iter(enumerate(words))
        for at, word in self._rest:
            self._at = at
            if word == "--":
                self.others += (each for _, each in self._rest)
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                self._take(self._full_name(name), value if equals else None, spelled=name)
            elif word.startswith("-") and len(word) > 1:
                self._cluster(word)
            else:
                self.others.append(word)

    def _full_name(self, name: str) -> str:
        """An option's own name: pip takes any unambiguous beginning, too."""
        own = _own_name(name)
        if own is not None:
            return own
        spellings = {*_OWN, *(each for each in install_options() if each.startswith("--"))}
        begun = {_own_name(each) for each in spellings if each.startswith(name)}
        found = begun.pop() if len(begun) == 1 and len(name) > 4 else None
        if found is not None:
            return found
        close = near(name, {*spellings, *_UVS_NAMES}, limit=1)
        hint = f"did you mean `{close[0]}`?" if close else f"`%safepip {self.command} --help` lists its options"
        raise UsageError(f"`%safepip {self.command}` has no option `{masked(name)}`", hint=hint)

    def _cluster(self, word: str) -> None:
        """`-qU`, `-rfile`, `-r file`: flags run together, the last may have a value."""
        for at in range(1, len(word)):
            short = f"-{word[at]}"
            name = _own_name(short)
            if name is None:
                hint = f"did you mean `-{word}`?" if _own_name(f"-{word}") else f"`%safepip {self.command} --help`"
                raise UsageError(f"`%safepip {self.command}` has no option `{short}`", hint=hint)
            if _takes_value(name):
                self._take(name, word[at + 1 :].removeprefix("=") or None, spelled=short)
                return
            self._take(name, None, spelled=short)

    def _take(self, name: str, value: str | None, *, spelled: str) -> None:
        if isinstance(_treatment(name), Refused):
            raise _refused(spelled)
        if not _is_for(self.command, name):
            hint = _INSTEAD.get((self.command, name), f"`%safepip {self.command} --help` lists its options")
            raise UsageError(f"`%safepip {self.command}` has no option `{spelled}`", hint=hint)
        if _takes_value(name) and value is None:
            self._at, value = next(self._rest, (self._at, None))
            value = _given(spelled, value)
        elif not _takes_value(name) and value is not None:
            raise UsageError(f"`{spelled}` takes no value")
        self._keep(name, value)

    def _keep(self, name: str, value: str | None) -> None:
        fields, treatment = self.fields, _treatment(name)
        if name.startswith("--allow-"):
            fields["allow"] = tuple(dict.fromkeys((*fields.get("allow", ()), name.removeprefix("--allow-"))))
        elif isinstance(treatment, Passed):
            fields["passed"] = (*fields.get("passed", ()), name if value is None else f"{name}={value}")
        elif isinstance(treatment, CarriedOut):
            fields[treatment.field] = _kept(name, value, treatment, fields.get(treatment.field))


class _ValueReading(_RequestReading):
    """The same walk, which keeps only where the values are: one may be a variable that has none here."""

    def __init__(self, command: str, words: Sequence[str]) -> None:
        self.values: dict[int, str] = {}
        super().__init__(command, words)

    def _keep(self, name: str, value: str | None) -> None:
        if value is not None:
            self.values[self._at] = name


def options_of_values(command: str, words: Sequence[str]) -> dict[int, str]:
    """By the place of a word after the command, the option whose value it is, or ends in (`-fFOLDER`, `--find-links=FOLDER`)."""
    return _ValueReading(command, words).values


def _is_for(command: str, name: str) -> bool:
    """Whether a command does anything with an option, or says itself why not. pip's for every command are for ours, too."""
    if name in _OWN:
        return command in _OWN_ELSEWHERE.get(name, COMMANDS)
    if command in _MORE.get(name, ()) or name in _TOLD_BY_CHECK.get(command, ()):
        return True
    words = {each.word for each in install_options()[name].commands}
    return bool(words & {AS_PIPS.get(command, command), "main", "all"}) and name not in NOT_OF.get(command, ())


_TOLD_BY_CHECK = {"sync": ("--requirement", *_WANTING, "--only-deps"), "lock": _WANTING, "uninstall": _WANTING}
"""`sync -r FILE` is `sync FILE`; the others get a sentence of their own."""

_INSTEAD = {("uninstall", "--editable"): "`%safepip uninstall NAME` removes an editable install, too"}
"""What does the same without an option that a command does not have."""


def _kept(name: str, value: str | None, treatment: CarriedOut, before: Any) -> Any:
    """What a field is from now on."""
    match treatment.how:
        case "list":
            return (*(before or ()), value)
        case "value":
            return _choice(name, value) if _choices(name) else value
        case "count":
            return (before or 0) + 1
        case _:
            return treatment.how == "flag"


def _own_name(spelling: str) -> str | None:
    """The canonical name of an option, whichever way it is spelled; None for a word that is not an option."""
    if spelling in _OWN:
        return spelling
    option = install_options().get(_UVS_NAMES.get(spelling, spelling))
    return option.name if option is not None else None


def _treatment(name: str) -> Treatment:
    return _OWN[name] if name in _OWN else install_options()[name].safepip


def _takes_value(name: str) -> bool:
    return name in ("--with", "--on") if name in _OWN else install_options()[name].takes_value


def _choices(name: str) -> tuple[str, ...]:
    return () if name in _OWN else tuple(each.word for each in install_options()[name].choices)


def _given(option: str, value: str | None) -> str:
    if value is None:
        raise UsageError(f"`{option}` needs a value")
    return value


def _choice(option: str, value: str | None) -> str:
    if value not in _choices(option):
        wanted = ", ".join(f"`{each}`" for each in _choices(option))
        raise UsageError(f"`{option}` takes one of {wanted}, not `{value or ''}`")
    return value


def _refused(spelled: str) -> UsageError:
    treatment = _treatment(_own_name(spelled) or spelled)
    assert isinstance(treatment, Refused)
    return UsageError(f"`%safepip` does not take `{spelled}`: {treatment.why}", hint=treatment.instead)


_NOT_FOR_SERVER = {
    "sync": "it would remove what the file does not list from the server's environment",
    "lock": "it locks this kernel's environment",
    "page": "it is about the page that shows this notebook",
    **dict.fromkeys(FETCHING, "it writes into a folder, not into an environment"),
}


def _check_page(arguments: Sequence[str]) -> None:
    if arguments and arguments[0] not in ("load", "unload"):
        close = near(arguments[0], ("load", "unload"), limit=1)
        hint = f"`%safepip page {close[0] if close else 'load'} NAME`; `%safepip page` lists what there is"
        raise UsageError(f"`%safepip page` has no command `{masked(arguments[0])}`", hint=hint)
    if len(arguments) == 1:
        hint = f"`%safepip page {arguments[0]} NAME`; `%safepip page` lists what there is"
        raise UsageError(f"nothing to {arguments[0]} was named", hint=hint)


def _check_server(request: Request) -> None:
    if not request.server:
        return
    if request.command in _NOT_FOR_SERVER:
        why = _NOT_FOR_SERVER[request.command]
        raise UsageError(f"`%safepip {request.command}` does not take `--server`: {why}", hint="leave out `--server`")
    if request.user:
        raise UsageError("`--server` and `--user` select different environments", hint="leave out one of them")


def _check_workers(request: Request) -> None:
    if request.on is None:
        return
    if not all(part.isidentifier() for part in request.on.split(".")):
        raise UsageError(f"`--on` takes the name of a variable, not `{masked(request.on)}`", hint="`--on client`")
    for option, given in (("--server", request.server), ("--user", request.user)):
        if given:
            raise UsageError(f"`--on` and `{option}` select different environments", hint="leave out one of them")
    if request.editables or request.wanting:
        raise UsageError(
            f"`%safepip {request.command} --on` takes no project of this kernel's: the workers may be on other machines",
            hint=f"name what to {request.command}: `{typed(request.command, 'NAME', f'--on {request.on}')}`",
        )


def _check(request: Request) -> None:
    if request.help:
        return
    _check_server(request)
    _check_workers(request)
    command = request.command
    given = (request.requirements, request.requirement_files, request.editables, request.wanting)
    if command in ("install", "uninstall") and not any(given):
        raise UsageError(f"nothing to {command} was given", hint=f"`%safepip {command} NAME`, or `-r requirements.txt`")
    if command == "sync" and len((*request.arguments, *request.requirement_files)) > 1:
        raise UsageError("`%safepip sync` takes one file", hint="`%safepip sync pylock.toml`")
    if command in ("undo", "lock") and len(request.arguments) > 1:
        raise UsageError(f"`%safepip {command}` takes at most one argument", hint=f"`%safepip {command}`")
    if command == "lock" and request.dry_run:
        raise UsageError(
            "`%safepip lock` takes no `--dry-run`: it installs nothing, and writes one file",
            hint="`%safepip lock FILE`",
        )
    if command == "page":
        _check_page(request.arguments)
    elsewhere = request.wanting if command != "install" else ()
    if command == "sync":  # what the file says would not be there afterwards
        elsewhere = (*elsewhere, *(each for each in request.passed if each == "--only-deps"))
    if elsewhere:
        option, what = elsewhere[0].partition("=")[0], "NAME" if command == "uninstall" else "FILE"
        raise UsageError(f"`%safepip {command}` takes no `{option}`", hint=f"`%safepip {command} {what}`")
    for requirement in request.requirements:
        unmarked = marker_error(requirement)
        if unmarked is not None:
            raise unmarked
        if not (_BY_NAME.fullmatch(requirement) or _IS_PATH_OR_URL.match(requirement)):
            what = f"`{masked(requirement)}`" if requirement.strip() else "an empty word"
            names = separated(requirement)
            hint = f"`{typed(command, *names)}`" if names else NO_SHELL if _SHELLS.search(requirement) else _TAKEN
            raise UsageError(f"{what} is not a requirement", hint=hint)
