"""The arguments of a `pip`, read as pip reads them (optparse): what it would do, for what, and what diverts it."""

from __future__ import annotations

from collections.abc import Sequence

from .expansion import Field
from .line import Line, Reading
from .values import Action

_READS = (
    "list show freeze check config search cache index inspect hash completion debug help download wheel lock".split()
)
_ACTIONS: dict[str, Action] = {"install": "install", "uninstall": "uninstall", **dict.fromkeys(_READS, "read")}
_SHORT_VALUES = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-t": "--target", "-i": "--index-url",
                 "-f": "--find-links", "-C": "--config-settings", "-b": "--build", "-d": "--dest"}  # fmt: skip
_SHORT_FLAGS = {"-q", "-v", "-U", "-I", "-y", "-h", "-V"}
_VALUES = (
    *_SHORT_VALUES.values(),
    *("--requirements", "--constraints", "--build-constraint", "--prefix", "--root", "--src", "--platform"),
    *("--python-version", "--implementation", "--abi", "--upgrade-strategy", "--config-setting", "--global-option"),
    *("--install-option", "--build-option", "--no-binary", "--only-binary", "--progress-bar", "--root-user-action"),
    *("--report", "--pypi-url", "--extra-index-url", "--hash", "--group", "--python", "--log", "--proxy", "--retries"),
    *("--timeout", "--exists-action", "--trusted-host", "--cert", "--client-cert", "--cache-dir", "--use-feature"),
    *("--use-deprecated", "--keyring-provider", "--resume-retries", "--uploaded-prior-to"),
    *("--requirements-from-script", "--all-releases", "--only-final"),
)
_FLAGS = (
    *(
        "--upgrade",
        "--user",
        "--no-user",
        "--pre",
        "--no-deps",
        "--dry-run",
        "--force-reinstall",
        "--no-index",
        "--yes",
    ),
    *("--ignore-installed", "--ignore-requires-python", "--no-build-isolation", "--use-pep517", "--no-use-pep517"),
    *(
        "--check-build-dependencies",
        "--break-system-packages",
        "--compile",
        "--no-compile",
        "--no-warn-script-location",
    ),
    *("--no-warn-conflicts", "--prefer-binary", "--require-hashes", "--no-clean", "--help", "--debug", "--isolated"),
    *("--require-virtualenv", "--verbose", "--version", "--quiet", "--no-input", "--no-cache-dir", "--no-color"),
    *("--disable-pip-version-check", "--no-python-version-warning", "--process-dependency-links", "--egg"),
)
_LISTED = {"--requirement": "-r", "--requirements": "-r", "--editable": "-e", "--group": "--group"}


def parse_pip(fields: Sequence[Field]) -> Line:
    """Understand the arguments of a pip."""
    reading = _Reading(fields)
    command = reading.command or ""
    return reading.line(command, _ACTIONS.get(command, "other") if command else "read")


class _Reading(Reading):
    """One walk along the arguments, options and others mixed."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__(fields)
        self.command: str | None = None
        while self.rest:
            self._take(self.rest.pop(0))

    def _take(self, field: Field) -> None:
        word = field.text
        if word is None:
            self.meet_unknown(field)
        elif word == "--":
            while self.rest:
                self._positional(self.next())
        elif word.startswith("--"):
            self._long(word)
        elif word.startswith("-") and len(word) > 1:
            self._cluster(word)
        else:
            self._positional(word)

    def _positional(self, word: str | None) -> None:
        if self.command is None:
            self.command = word
            self.behind = list(self.rest)
        else:
            self.requirements.append(word)

    def _long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if name not in _VALUES and name not in _FLAGS:
            begun = [each for each in (*_VALUES, *_FLAGS) if each.startswith(name)]  # pip takes a unique beginning
            if len(begun) != 1:
                self.is_complete = self.is_complete and bool(equals)
                return
            name = begun[0]
        if name in _FLAGS:
            self.options[name] = ""
        else:
            self._option(name, value if equals else self.next())

    def _cluster(self, word: str) -> None:
        for at in range(1, len(word)):
            short = f"-{word[at]}"
            if short in _SHORT_VALUES:
                self._option(_SHORT_VALUES[short], word[at + 1 :] or self.next())
                return
            if short == "-h":
                self.options["--help"] = ""
            elif short not in _SHORT_FLAGS:
                self.is_complete = False
                return

    def _option(self, name: str, value: str | None) -> None:
        self.options[name] = value
        if name in _LISTED:
            self.requirements.append(None if value is None else f"{_LISTED[name]} {value}")
