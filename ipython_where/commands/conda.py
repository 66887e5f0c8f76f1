"""What a `conda`, `mamba` or `micromamba` would change: the environment that it is told, else the active one."""

from __future__ import annotations

import os

from .expansion import Field
from .kernel import Kernel
from .located import Located
from .reading import Reader
from .values import Action, Invocation, Target

_ACTIONS: dict[str, Action] = {
    **dict.fromkeys(("install", "update", "upgrade", "env update"), "install"),
    **dict.fromkeys(("remove", "uninstall"), "uninstall"),
    **dict.fromkeys(("list", "info", "search", "repoquery", "package", "env list"), "read"),
}
_VALUES = ("-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "--experimental-solver",
           "--repodata-fn", "--subdir", "--platform", "--cwd", "-r", "--root-prefix", "--rc-file")  # fmt: skip


def judge_conda(
    tool: str, fields: tuple[Field, ...], located: Located, kernel: Kernel, reader: Reader
) -> tuple[Invocation, tuple[Field, ...] | None, str | None]:
    """The invocation of a conda; for a `conda run` also the command that it starts, and the prefix that this runs in."""
    words, options, rest, is_sure = _split(fields)
    command = " ".join(words[:2]) if words[:1] == ["env"] else words[0] if words else ""
    action: Action = _ACTIONS.get(command, "other" if command else "read")
    if "--dry-run" in options or "--help" in options or "-h" in options:
        action = "read"
    prefix, reason = (
        _prefix(options, located, reader) if is_sure else (None, "an argument that is not known may be an option")
    )
    python = f"{prefix}/bin/python" if prefix and reader.is_file(f"{prefix}/bin/python") else None
    wanted = words[len(command.split()) :]
    files = [f"--file {options[name]}" for name in ("-f", "--file") if options.get(name)]
    target = Target(interpreter=python, prefix=prefix) if prefix else None
    judged = (target, kernel.has_prefix(prefix, reader), reason)
    invocation = located.invocation(tool, action, (*files, *wanted) if is_sure else None, judged)
    return invocation, rest if command == "run" else None, prefix


def _split(fields: tuple[Field, ...]) -> tuple[list[str], dict[str, str | None], tuple[Field, ...], bool]:
    """The words, the options with their values, what stands behind `run` and its options, whether all is known."""
    words: list[str] = []
    options: dict[str, str | None] = {}
    at = 0
    while at < len(fields):
        word = fields[at].text
        if word is None:
            return words, options, (), False
        if words[:1] == ["run"] and not word.startswith("-"):
            return words, options, fields[at:], True
        if not word.startswith("-"):
            words.append(word)
        elif "=" in word:
            name, _, value = word.partition("=")
            options[name] = value
        elif word in _VALUES:
            at += 1
            options[word] = fields[at].text if at < len(fields) else None
        else:
            options[word] = ""
        at += 1
    return words, options, (), True


def _prefix(options: dict[str, str | None], located: Located, reader: Reader) -> tuple[str | None, str]:
    reached = located.reached
    if reached is None:
        return None, located.reason
    for option in ("-p", "--prefix"):
        if option in options:
            return located.path(options[option]), f"`{option}`"
    name = options.get("-n") or options.get("--name")
    root = reached.interpreter.prefix if reached.interpreter else located.environ.get("MAMBA_ROOT_PREFIX")
    if "-n" not in options and "--name" not in options:
        return reached.prefix, reached.evidence
    if root is None or name is None:
        return None, f"where the environment `{name}` is is not known" if name else "its name is not known"
    if name in ("base", "root"):
        return root, "`-n`"
    prefix = os.path.join(root, "envs", name)
    if reader.is_directory(prefix):
        return prefix, "`-n`"
    return None, f"there is no environment `{name}` in {root}/envs"
