"""The `%safepip` line that does for the kernel's environment what a command would do elsewhere.

Tested in `tests/judge/commands/test_judgement.py`.
"""

from __future__ import annotations

import os

from .line import known
from .shell.launch import Launch
from .shell.script import Redirect
from .values import Invocation

_PREFIXES = {"pip": ((), ("-m", "pip"), ("-u", "-m", "pip")), "uv": (("pip",),)}
"""The words that may come between the program and its command, by tool."""


def as_safepip(launch: Launch, invocation: Invocation) -> tuple[str, ...] | None:
    """The words after `%safepip`, None if it could not do the same.

    The command must stand alone: a chain, a loop, variables set for it or redirected output mean more than an
    installation. `%safepip` itself decides whether it accepts the options.
    """
    words = known(field.text for field in launch.fields[1:])
    if not launch.is_alone or not invocation.changes or words is None or not all(map(_is_silencing, launch.redirects)):
        return None
    for prefix in _PREFIXES.get(invocation.tool, ()):
        wanted = words[len(prefix) :]
        if words[: len(prefix)] == prefix and wanted[:1] in (("install",), ("uninstall",)) and "--user" not in wanted:
            return wanted
    return None


def _is_silencing(redirect: Redirect) -> bool:
    """`>/dev/null` and `2>&1`: they only keep the output away."""
    target = redirect.word.text if redirect.word else None
    return redirect.operator in (">", ">&", "&>") and target in (os.devnull, "1", "2")
