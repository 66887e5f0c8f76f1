"""The help of `%safeconda`'s commands.

Tested in `tests/change/conda/test_conda_request.py`.
"""

from __future__ import annotations

from .conda_request import ALIASES, options_of

OVERVIEW = """\
%safeconda install SPEC …    install conda packages into this kernel's environment: planned, all or nothing, with an undo
%safeconda update NAME …     update them to the newest versions that fit; `--all` updates everything
%safeconda remove NAME …     remove them
%safeconda sync [FILE]       follow a file: `environment.yml`, an `@EXPLICIT` list, a lock file
%safeconda export [FILE]     write down what is here, in the same formats
%safeconda list [WORD …]     list what conda has here
%safeconda history           list the changes that can be undone, `%safepip`'s too
%safeconda undo [ID]         undo the last change, or a named one

`%safeconda COMMAND --help` lists the options of a command."""

_TEXTS = {
    "--channel": "take packages from this channel first; may be given more than once",
    "--override-channels": "take them from these channels alone",
    "--freeze-installed": "change nothing that is installed",
    "--no-update-deps": "the same as `--freeze-installed`",
    "--force-reinstall": "link what is named again, though it is there: its files are then what the package has",
    "--no-pin": "do not keep to the pinned versions",
    "--strict-channel-priority": "take each package from the first channel that has it",
    "--no-channel-priority": "take the newest version, from whatever channel",
    "--offline": "use only what was downloaded before: indexes and packages",
    "--all": "update everything",
    "--update-all": "the same as `--all`",
    "--dry-run": "show what would change",
    "--allow-kernel": "let what this kernel runs on be removed or downgraded",
    "--allow-conflicts": "leave requirements unmet, and let packages go that you did not name",
    "--allow-frozen": "change a frozen environment",
    "--override-frozen": "the same as `--allow-frozen`",
    "--file": "the file; the option may be left out",
    "--prune": "remove what the file does not need; a lock file always does, and what this kernel runs on stays",
    "--format": "`environment-yaml`, `explicit`, `conda-lock` or `rattler-lock` (pixi's); the file's name says it, too",
    "--from-history": "only what was asked for, as it was asked for",
    "--no-builds": "leave out the builds",
    "--no-build": "the same as `--no-builds`",
    "--ignore-channels": "leave out the channels that the packages came from",
    "--no-raise": "return an error instead of raising it",
    "--verbose": "show everything that is known",
}


def conda_help(command: str) -> str:
    """What a command does, and its options."""
    command = ALIASES.get(command, command)
    lines = [line for line in OVERVIEW.splitlines() if line.startswith(f"%safeconda {command} ")]
    if not lines:
        return OVERVIEW
    options = [(name, _TEXTS[name]) for name in options_of(command) if name in _TEXTS]
    width = max(len(name) for name, _ in options)
    return "\n".join([*lines, "", *(f"  {name:{width}}  {text}" for name, text in options)])
