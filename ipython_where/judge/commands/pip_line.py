"""The arguments of a `pip`, read as pip reads them: its command, requirements, redirecting options, and errors.

pip reads them twice with `optparse`: the general options up to the command's name, and then all but that name.
"""

from __future__ import annotations

from collections.abc import Sequence

from ipython_where.facts.settings.pip_option import NEWEST, Version

from .invocations import Action
from .manager_line import ManagerLine, Reading
from .pip_spellings import Option, is_accepted, table
from .requirement_words import refusal_of
from .shell.expansion import Field

_READS = "list show freeze check search index inspect hash completion debug help download wheel lock".split()
_ACTIONS: dict[str, Action] = {
    "install": "install",
    "uninstall": "uninstall",
    "easy_install": "install",
    **dict.fromkeys(_READS, "read"),
}
_WITHIN = {
    "cache": ("dir", "info", "list"),
    "config": ("list", "get", "debug"),
}
"""Subcommands that change no file."""

_TAKING = ("install", "uninstall", "download", "wheel", "lock", "easy_install")
"""Commands whose words are requirements."""

_LISTED = {"--requirement": "-r", "--editable": "-e", "--group": "--group"}


def parse_pip(fields: Sequence[Field], version: Version | None = None) -> ManagerLine:
    """Understand the arguments of a pip of that version."""
    general = _PipReading(fields, None, version)
    general.walk()
    if (
        general.refusal
        or general.is_over
        or "--version" in general.options
        or general.command is None
        or not general.is_sure
    ):
        return general.line("", "read")
    command = general.command
    reading = _PipReading(_without(fields, command), command, version, is_passed_on="--python" in general.options)
    reading.walk()
    return reading.line(command, _action(reading))


def parse_easy_install(fields: Sequence[Field]) -> ManagerLine:
    """Understand the arguments of an easy_install."""
    reading = _PipReading(fields, "easy_install", NEWEST)
    reading.walk()
    return reading.line("install", _action(reading))


def _without(fields: Sequence[Field], command: str) -> list[Field]:
    """All but the first field that equals the command, even if that is an option's value: pip calls `args.remove(name)`."""
    at = next(at for at, field in enumerate(fields) if field.text == command)
    return [*fields[:at], *fields[at + 1 :]]


def _action(reading: _PipReading) -> Action:
    command = reading.command or ""
    if command in _WITHIN:
        return "read" if not reading.words or reading.words[0] in _WITHIN[command] else "other"
    return "read" if reading.is_over else _ACTIONS.get(command, "other")


class _PipReading(Reading):
    """One walk along the arguments: up to the command if that is not yet known, else options and words in any order."""

    def __init__(
        self, fields: Sequence[Field], command: str | None, version: Version | None, *, is_passed_on: bool = False
    ) -> None:
        super().__init__(fields)
        self.command = command
        self.words: list[str | None] = []
        self.is_over = False
        """Whether `--help` ended it."""
        self._is_general = command is None
        self._is_passed_on = is_passed_on
        self._version = version
        self._table = table(command)

    def walk(self) -> None:
        """Read all of it."""
        while self.rest and not self.refusal and not self.is_over and not (self._is_general and self.command):
            self._take(self.rest.pop(0))
        if not self._is_general and not self.is_over:
            self._judge_words()

    def _take(self, field: Field) -> None:
        word = field.text
        if word is None:
            self.meet_unknown(field)
        elif word == "--":
            for each in self.rest:
                self._positional(each.text)
            self.rest = []
        elif word.startswith("--"):
            self._long(word)
        elif word.startswith("-") and len(word) > 1:
            self._cluster(word)
        else:
            self._positional(word)

    def _positional(self, word: str | None) -> None:
        if self._is_general:
            self.command = self.command or word
            self.is_sure = self.is_sure and word is not None
            return
        self.words.append(word)
        if self.command in _TAKING:
            self.requirements.append(word)

    def _judge_words(self) -> None:
        """Whether pip rejects the words, once it has read all of them."""
        self.is_complete = self.is_complete or self.command not in _TAKING
        if self.command not in ("install", "uninstall"):
            return
        for word in self.words:
            slip = refusal_of(word) if word is not None else None
            if slip:
                self._refuse(slip)
        if self.is_complete and not self.requirements and "--requirements-from-script" not in self.options:
            self._refuse(f"`pip {self.command}` has no requirement")

    # -- options -------------------------------------------------------------------------------------------------------

    def _long(self, word: str) -> None:
        spelling, equals, value = word.partition("=")
        option = self._meant(spelling)
        if option is None:
            self.is_complete = self.is_complete and bool(equals)
        elif not option.takes_value:
            if equals:
                self._refuse(f"`{option.spelling}` takes no value")
            self._set(option, "")
        elif equals:
            self._set(option, value)
        else:
            self._set_next(option)

    def _meant(self, spelling: str) -> Option | None:
        """The option of that name, or the only one with that prefix; None if it is unknown which, or whether there is one."""
        # optparse takes any unambiguous beginning of a long option (`_match_abbrev`)
        known = {name: option.is_known(self._version) for name, option in self._table.options.items()}
        if known.get(spelling) is not None and known[spelling]:
            return self._table.options[spelling]
        begun = [name for name, is_known in known.items() if name.startswith(spelling) and is_known is not False]
        certain = [name for name in begun if known[name]]
        if spelling in begun or len(begun) == 1:
            self._doubt_unless(certain == begun, f"not every pip knows `{begun[0]}`")
            return self._table.options[spelling if spelling in begun else begun[0]]
        if len(certain) > 1:
            self._refuse(f"`{spelling}` is ambiguous: {' or '.join(f'`{name}`' for name in certain[:3])}")
        elif not begun and self._table.knows_all(self._version):
            self._refuse(f"`pip` has no option `{spelling}`")
        elif self._table.is_exact:
            self._doubt_unless(False, f"it is unknown whether this `pip` has an option `{spelling}`")
            self.is_sure = False
        return None

    def _cluster(self, word: str) -> None:
        for at in range(1, len(word)):
            option = self._table.options.get(f"-{word[at]}")
            is_known = option.is_known(self._version) if option else False
            if option is None or is_known is False:
                if self._table.knows_all(self._version):
                    self._refuse(f"`pip` has no option `-{word[at]}`")
                elif self._table.is_exact:
                    self._doubt_unless(False, f"it is unknown whether this `pip` has an option `-{word[at]}`")
                    self.is_sure = False
                self.is_complete = False
                return
            self._doubt_unless(bool(is_known), f"not every pip knows `{option.spelling}`")
            if option.takes_value:
                # optparse: `-rfile` is `-r file`, and in `-qrfile` as well
                if word[at + 1 :]:
                    self._set(option, word[at + 1 :])
                else:
                    self._set_next(option)
                return
            self._set(option, "")

    def _doubt_unless(self, is_certain: bool, doubt: str) -> None:
        if not is_certain:
            self.doubt = self.doubt or doubt

    def _set_next(self, option: Option) -> None:
        if not self.rest:
            self._refuse(f"`{option.spelling}` needs a value")
        else:
            self._set(option, self.rest.pop(0).text)

    def _set(self, option: Option, value: str | None) -> None:
        if option.takes_value and value is not None:
            accepts = is_accepted(option, value, self._version)
            if accepts is False and self._table.knows_all(self._version):
                self._refuse(f"`{option.spelling}` does not take `{value}`")
            self._doubt_unless(bool(accepts), f"not every pip accepts `{value}` for `{option.spelling}`")
        self.options[option.name] = value
        if option.name in _LISTED and option.takes_value and self.command in _TAKING:
            self.requirements.append(None if value is None else f"{_LISTED[option.name]} {value}")
        self.is_over = option.name == "--help"
        if option.name == "--python" and not self._is_general and not self._is_passed_on:
            self._refuse("`pip` accepts `--python` only before the command")

    def _refuse(self, what: str) -> None:
        if self._table.is_exact:
            self.refusal = self.refusal or what
