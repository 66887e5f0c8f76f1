"""The arguments of a `conda`, `mamba` or `micromamba`: its command, its options, and what it should install.

Tested in `tests/judge/commands/test_conda_command.py`.
"""

from __future__ import annotations

from .invocations import Action
from .manager_line import CommandReading, ManagerLine
from .shell.expansion import Field

_ACTIONS: dict[str, Action] = {
    **dict.fromkeys(("install", "update", "upgrade", "env update"), "install"),
    **dict.fromkeys(("remove", "uninstall"), "uninstall"),
    **dict.fromkeys(("list", "info", "search", "repoquery", "package", "compare", "doctor", "notices", "help"), "read"),
    **dict.fromkeys(("export", "commands", "env list", "env export", "shell hook", "auth"), "read"),
}
_TAKING = ("install", "update", "upgrade", "remove", "uninstall", "create", "env update", "env create")
"""Commands that take packages, or a file that lists them; other commands' arguments are not packages."""

_NESTED = ("env", "shell")
_SHORT = {"-n": "--name", "-p": "--prefix", "-c": "--channel", "-f": "--file", "-r": "--root-prefix", "-s": "--shell",
          "-h": "--help", "-d": "--dry-run", "-a": "--all", "-e": "--editable"}  # fmt: skip
_VALUES = (
    "--name --prefix --channel --file --root-prefix --solver --experimental-solver --repodata-fn --subdir --platform --cwd "
    "--rc-file --revision --clone --console --format --environment-specifier --env-spec --exclude-newer --shortcuts-only "
    "--safety-checks --category --log-level --lock-timeout --download-threads --extract-threads --cacert-path --verify-ssl "
    "--ssl-verify --pyc --attach --env --shell --fields"
).split()
_FLAGS = (
    "--help --dry-run --all --yes --quiet --verbose --json --version --download-only --force-pscheck --no-show-channel-urls "
    "--show-channel-urls --override-frozen --use-local --override-channels --no-lock --strict-channel-priority "
    "--channel-priority --no-channel-priority --no-deps --only-deps --no-pin --freeze-installed --no-update-deps --update-deps "
    "--satisfied-skip-solve --update-all --update-specs --prune --use-index-cache --insecure --offline --force --copy "
    "--shortcuts --no-shortcuts --clobber --unknown --no-default-packages --debug --trace --force-reinstall --dev --features "
    "--force-remove --keep-env --no-capture-output --live-stream --debug-wrapper-scripts --mkdir --no-rc --no-env "
    "--always-softlink --always-copy --no-py-pin --no-pyc --prune-deps --no-prune-deps --clean-env --detach"
).split()


def parse_conda(fields: tuple[Field, ...]) -> tuple[ManagerLine, tuple[Field, ...]]:
    """The parsed arguments of a conda, and the command that follows `run` and its options."""
    reading = _CondaReading(fields)
    command = reading.name
    return reading.line(command, _action(command, reading)), tuple(reading.started)


def _action(command: str, reading: _CondaReading) -> Action:
    options = reading.options
    if not command or command.startswith("shell."):
        return "read"
    if command == "config":
        return "read" if {"--show", "--show-sources", "--get", "--describe", "--validate"} & set(options) else "other"
    if command in ("remove", "uninstall") and "--all" in options and "--keep-env" not in options:
        return "other"  # this removes the environment itself
    if "--dry-run" in options or "--help" in options:
        return "read"
    return _ACTIONS.get(command, "other")


class _CondaReading(CommandReading):
    """One pass over the arguments; it stops at the command that `run` is given."""

    groups, starters = _NESTED, ("run",)

    def __init__(self, fields: tuple[Field, ...]) -> None:
        super().__init__(fields)
        if self.name not in _TAKING:
            self.requirements, self.is_complete = [], True
        elif "--file" in self.options:
            self.requirements.insert(0, None if self.options["--file"] is None else f"--file {self.options['--file']}")

    def take_long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        if equals:
            self.options[name] = value
        elif name in _VALUES:
            self.options[name] = self.next()
        else:
            self.options[name] = ""
            self.is_complete = self.is_complete and name in _FLAGS  # it may take a value

    def take_short(self, word: str) -> None:
        for at in range(1, len(word)):
            name = _SHORT.get(f"-{word[at]}", f"-{word[at]}")
            if name in _VALUES and (self.command != ["list"] or name in ("--name", "--prefix")):
                self.options[name] = word[at + 1 :].removeprefix("=") or self.next()
                return
            self.options[name] = ""
