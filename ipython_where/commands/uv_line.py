"""The arguments of a `uv`: its command in one or two words, its options, and what it is to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .expansion import Field
from .values import Action

_ACTIONS: dict[str, Action] = {
    "pip install": "install",
    "pip sync": "install",
    "pip uninstall": "uninstall",
    **dict.fromkeys(("pip list", "pip show", "pip freeze", "pip check", "pip tree", "pip compile"), "read"),
    "add": "install",
    "sync": "install",
    "remove": "uninstall",
    "tool install": "install",
    "tool upgrade": "install",
    "tool uninstall": "uninstall",
    **dict.fromkeys(("tree", "version", "help", "tool list", "tool dir"), "read"),
}
_GROUPS = ("pip", "tool", "python", "cache", "self", "auth")
_SHORT = {"-p": "--python", "-r": "--requirements", "-c": "--constraints", "-e": "--editable", "-t": "--target",
          "-i": "--index-url", "-f": "--find-links", "-C": "--config-setting", "-P": "--upgrade-package",
          "-b": "--build-constraints", "-w": "--with", "-m": "--module", "-o": "--output-file"}  # fmt: skip
_LONG = (
    *_SHORT.values(),
    *(
        "--cache-dir",
        "--color",
        "--directory",
        "--project",
        "--config-file",
        "--allow-insecure-host",
        "--python-preference",
    ),
    *("--extra-index-url", "--index", "--default-index", "--overrides", "--extra", "--group", "--reinstall-package"),
    *("--resolution", "--prerelease", "--exclude-newer", "--exclude-newer-package", "--link-mode", "--prefix"),
    *("--python-version", "--python-platform", "--torch-backend", "--no-binary", "--only-binary", "--keyring-provider"),
    *("--index-strategy", "--refresh-package", "--fork-strategy", "--no-build-isolation-package", "--no-build-package"),
    *("--no-binary-package", "--requirement", "--constraint", "--override", "--excludes", "--with-requirements"),
    *(
        "--with-editable",
        "--from",
        "--package",
        "--only-group",
        "--no-group",
        "--optional",
        "--tag",
        "--branch",
        "--rev",
    ),
    *("--marker", "--script", "--bounds", "--no-extra", "--env-file", "--color"),
)
_LISTED = {"--requirements": "-r", "--requirement": "-r", "--editable": "-e", "--group": "--group"}
_FLAGS = (
    *(
        "--system",
        "--dry-run",
        "--active",
        "--help",
        "--user",
        "--upgrade",
        "--pre",
        "--quiet",
        "--verbose",
        "--offline",
    ),
    *("--reinstall", "--refresh", "--compile-bytecode", "--require-hashes", "--verify-hashes", "--strict", "--exact"),
    *(
        "--break-system-packages",
        "--all-extras",
        "--all-groups",
        "--frozen",
        "--locked",
        "--dev",
        "--editable",
        "--raw",
    ),
    *(
        "--native-tls",
        "--preview",
        "--force",
        "--only-dev",
        "--all-packages",
        "--inexact",
        "--system-certs",
        "--isolated",
    ),
    *("--managed-python", "--only-deps", "--version"),
)
"""Flags; those that begin with `--no-` are flags too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UvLine:
    """What a line asks of uv; the fields mean what they mean in `PipLine`."""

    command: str
    action: Action
    requirements: tuple[str, ...] | None
    options: dict[str, str | None]
    is_sure: bool
    words: tuple[str, ...] | None


def parse_uv(fields: Sequence[Field]) -> UvLine:
    """Understand the arguments of a uv."""
    reading = _Reading(fields)
    command = " ".join(reading.command)
    action: Action = _ACTIONS.get(command, "other" if command else "read")
    if action in ("install", "uninstall") and {"--dry-run", "--help"} & set(reading.options):
        action = "read"
    if not reading.is_sure and not command:
        action = "unknown"
    known = reading.is_complete and not any(each is None for each in reading.requirements)
    return UvLine(
        command=command,
        action=action,
        requirements=tuple(each or "" for each in reading.requirements) if known else None,
        options=reading.options,
        is_sure=reading.is_sure,
        words=reading.words,
    )


class _Reading:
    """One walk along the arguments."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.command: list[str] = []
        self.requirements: list[str | None] = []
        self.options: dict[str, str | None] = {}
        self.is_sure = self.is_complete = True
        self._rest = list(fields)
        behind: list[Field] = []
        while self._rest:
            is_naming = self._names_command()
            self._take(self._rest.pop(0))
            behind = list(self._rest) if is_naming else behind
            if self.command == ["run"]:  # the rest is another program's
                break
        self.words = tuple(each.text or "" for each in behind) if all(e.text is not None for e in behind) else None

    def _names_command(self) -> bool:
        return not self.command or (self.command[0] in _GROUPS and len(self.command) == 1)

    def _take(self, field: Field) -> None:
        word = field.text
        if word is None:
            may_be_option = field.is_many or field.begins[:1] in ("", "-")
            self.is_sure = self.is_sure and not may_be_option
            self.is_complete = False
        elif word.startswith("-") and len(word) > 1:
            self._option(word)
        elif self._names_command():
            self.command.append(word)
        else:
            self.requirements.append(word)

    def _option(self, word: str) -> None:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            given = value if equals else None
        else:
            name, given = _SHORT.get(word[:2], word[:2]), word[2:] or None
        if name in ("-h", "-n", "-q", "-v", "-U", "-V"):
            self.options["--help" if name == "-h" else name] = ""
        elif name in _LONG:
            value_given = given if given is not None else self._rest.pop(0).text if self._rest else None
            self.options[name] = value_given
            if name in _LISTED:
                self.requirements.append(None if value_given is None else f"{_LISTED[name]} {value_given}")
        else:
            self.options[name] = ""
            if name not in _FLAGS and not name.startswith("--no-"):
                self.is_complete = False  # one that takes a value, perhaps
