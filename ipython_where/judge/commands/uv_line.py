"""The arguments of a `uv`: its command of one or two words, its options, and its requirements.

The options are those of uv 0.13 (`uv help COMMAND`), with their names in older versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from .invocations import Action
from .manager_line import CommandReading, ManagerLine
from .requirement_words import refusal_of
from .shell.expansion import Field

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
    **dict.fromkeys(
        ("tree", "version", "help", "tool list", "tool dir", "python list", "python find", "python dir"), "read"
    ),
    **dict.fromkeys(("cache dir", "cache size", "export", "auth dir"), "read"),
}
_TAKING = (
    "pip install",
    "pip sync",
    "pip uninstall",
    "add",
    "remove",
    "tool install",
    "tool upgrade",
    "tool uninstall",
)
"""Commands whose words are requirements."""

_GROUPS = ("pip", "tool", "python", "cache", "self", "auth")
_SHORT = {"-p": "--python", "-r": "--requirements", "-c": "--constraints", "-e": "--editable", "-t": "--target",
          "-i": "--index-url", "-f": "--find-links", "-C": "--config-setting", "-P": "--upgrade-package",
          "-b": "--build-constraints", "-w": "--with", "-m": "--module", "-o": "--output-file", "-h": "--help",
          "-q": "--quiet", "-v": "--verbose", "-U": "--upgrade", "-n": "--no-cache", "-V": "--version", "-y": "--yes",
          "-s": "--script", "-d": "--depth"}  # fmt: skip
_OLDER = {"--requirement": "--requirements", "--constraint": "--constraints", "--override": "--overrides"}
_VALUES = frozenset(
    "--allow-insecure-host --annotation-style --author-from --bounds --branch --build-backend --build-constraint "
    "--build-constraints --cache-dir --cert --color --config-file --config-setting --config-setting-package --config-settings "
    "--config-settings-package --constraints --custom-compile-command --default-index --depth --description --directory "
    "--env-file --exclude --exclude-newer --exclude-newer-package --excludes --extra --extra-index-url --find-links "
    "--fork-strategy --format --from --group --index --index-strategy --index-url --install-dir --keyring-provider --link-mode "
    "--marker --mirror --name --no-binary-package --no-build-isolation-package --no-build-package --no-editable-package "
    "--no-emit-package --no-extra --no-group --no-install-package --no-sources-package --only-group --optional --out-dir "
    "--output-file --output-format --overrides --path --prefix --prerelease --prerelease-package --project --prompt --prune "
    "--python --python-downloads-json-url --python-platform --python-preference --python-version --refresh-package "
    "--reinstall-package --requirements --resolution --rev --tag --target --torch-backend --upgrade-group --upgrade-package "
    "--vcs --with --with-editable --with-executables-from --with-requirements".split()
)
_FLAGS = frozenset(
    "--active --all --all-extras --all-groups --all-packages --allow-empty-requirements --allow-existing "
    "--allow-python-downloads --app --bare --break-system-packages --check --check-exists --clear --compile --compile-bytecode "
    "--default --dev --dry-run --emit-build-options --emit-find-links --emit-index-annotation --emit-index-url --exact "
    "--exclude-editable --force --force-reinstall --frozen --generate-hashes --gui-script --help --inexact --invert --isolated "
    "--lfs --lib --locked --managed-python --module --native-tls --offline --only-deps --only-dev --outdated --pre --preview "
    "--quiet --raw --refresh --reinstall --relocatable --require-build-hashes --require-hashes --seed --show-settings "
    "--show-sizes --strict --system --system-certs --system-site-packages --universal --upgrade --user --verbose "
    "--verify-hashes --version --workspace --yes".split()
)
"""Flags; those that begin with `--no-` are flags too."""

_DIFFERING = {
    "--editable": ("pip install", "pip compile"),
    "--no-binary": ("pip install", "pip sync", "pip compile"),
    "--only-binary": ("pip install", "pip sync", "pip compile"),
    "--script": ("add", "remove", "sync", "lock", "export", "tree"),
    "--package": ("add", "remove", "sync", "run", "export", "tree", "build", "version", "pip tree"),
}
"""Options that take a value for these commands only."""

_LISTED = {"--requirements": "-r", "--editable": "-e", "--group": "--group"}


def parse_uv(fields: Sequence[Field]) -> tuple[ManagerLine, tuple[Field, ...]]:
    """Understand the arguments of a uv; ``command`` is one word or two, as in `pip install`. And what `run` starts."""
    reading = _UvReading(fields)
    command = reading.name
    action = _ACTIONS.get(command, "other") if command else "read"
    return reading.line(command, action), tuple(reading.started)


class _UvReading(CommandReading):
    """One walk along the arguments; it ends where `run` is given a command."""

    groups, starters = _GROUPS, ("run", "tool run")

    def __init__(self, fields: Sequence[Field]) -> None:
        self._words: list[str] = []
        super().__init__(fields)
        if self.name not in _TAKING:
            self.requirements, self.is_complete = [], True
        elif self.name.startswith("pip ") and "--help" not in self.options:
            self._judge_words()

    def _judge_words(self) -> None:
        """What every uv refuses."""
        words = [] if self.name == "pip sync" else self._words
        self.refusal = next(filter(None, map(refusal_of, words)), None)
        if "--user" in self.options and self.is_sure:
            self.refusal = "`uv` does not know user installs"
        if self.is_complete and not self.requirements:
            self.refusal = f"`uv {self.name}` has no requirement"

    def take_argument(self, word: str) -> None:
        """A requirement, or a file of them."""
        self._words.append(word)
        self.requirements.append(f"-r {word}" if self.name == "pip sync" else word)

    def _takes_value(self, name: str) -> bool:
        if name in _DIFFERING:
            return self.name in _DIFFERING[name]
        return name in _VALUES

    def take_long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        name = _OLDER.get(name, name)
        if self._takes_value(name):
            self._set(name, value if equals else self.next())
            return
        self.options[name] = ""
        if name not in _FLAGS and name not in _DIFFERING and not name.startswith("--no-"):
            self.is_complete = False  # one that takes a value, perhaps

    def take_short(self, word: str) -> None:
        for at in range(1, len(word)):
            name = self._long_name(f"-{word[at]}")
            if self._takes_value(name):
                self._set(name, word[at + 1 :].removeprefix("=") or self.next())
                return
            self.options[name] = ""
            self.is_complete = self.is_complete and name.startswith("--")

    def _long_name(self, short: str) -> str:
        if short == "-m" and self.command == ["add"]:
            return "--marker"
        return _SHORT.get(short, short)

    def _set(self, name: str, value: str | None) -> None:
        self.options[name] = value
        if name in _LISTED:
            self.requirements.append(None if value is None else f"{_LISTED[name]} {value}")
