"""The `%safepip` line that does in the kernel's environment what a command would do elsewhere."""

from __future__ import annotations

import os

from .pip_line import parse_pip
from .script import Redirect
from .uv_line import parse_uv
from .values import Invocation
from .walk import Launch


def as_safepip(launch: Launch, invocation: Invocation) -> tuple[str, ...] | None:
    """The words behind `%safepip`, None where it could not do the same.

    The command has to stand alone: in a chain or a loop, with variables set for it or its output sent somewhere, more is
    meant than an installation.
    """
    if not launch.is_alone or not invocation.changes or invocation.started is None:
        return None
    if not all(map(_is_silencing, launch.redirects)) or launch.name is None:
        return None
    name = os.path.basename(launch.name)
    fields = launch.fields[1:]
    if name.startswith("python"):
        fields = fields[[field.text for field in fields].index("pip") + 1 :] if _is_plain_module(launch) else ()
    if invocation.tool == "pip" and fields:
        line = parse_pip(fields)
        command = line.command
    elif invocation.tool == "uv" and name == "uv":
        line = parse_uv(fields)  # type: ignore[assignment]
        command = {"pip install": "install", "pip uninstall": "uninstall"}.get(line.command or "")
    else:
        return None
    first = fields[0].text if invocation.tool == "pip" else "pip"
    if command is None or line.words is None or line.requirements is None or "--user" in line.options:
        return None
    return (command, *line.words) if first == (fields[0].text if invocation.tool == "uv" else command) else None


def _is_plain_module(launch: Launch) -> bool:
    words = [field.text for field in launch.fields[1:]]
    return "pip" in words and words[: words.index("pip")] in (["-m"], ["-u", "-m"])


def _is_silencing(redirect: Redirect) -> bool:
    """`>/dev/null` and `2>&1`: they only keep the output away."""
    target = redirect.word.text if redirect.word else None
    return redirect.operator in (">", ">&", "&>") and target in (os.devnull, "1", "2")
