"""The arguments of a `uv`: its command in one or two words, its options, and what it is to install."""

from __future__ import annotations

from collections.abc import Sequence

from .expansion import Field
from .line import Line, Reading
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


def parse_uv(fields: Sequence[Field]) -> Line:
    """Understand the arguments of a uv; ``command`` is one word or two, as in `pip install`."""
    reading = _Reading(fields)
    command = " ".join(reading.command)
    return reading.line(command, _ACTIONS.get(command, "other") if command else "read")


class _Reading(Reading):
    """One walk along the arguments."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__(fields)
        self.command: list[str] = []
        while self.rest and self.command != ["run"]:  # what follows `run` is another program's
            self._take(self.rest.pop(0))

    def _names_command(self) -> bool:
        return not self.command or (self.command[0] in _GROUPS and len(self.command) == 1)

    def _take(self, field: Field) -> None:
        word = field.text
        if word is None:
            self.meet_unknown(field)
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
            value_given = given if given is not None else self.next()
            self.options[name] = value_given
            if name in _LISTED:
                self.requirements.append(None if value_given is None else f"{_LISTED[name]} {value_given}")
        else:
            self.options[name] = ""
            if name not in _FLAGS and not name.startswith("--no-"):
                self.is_complete = False  # one that takes a value, perhaps
