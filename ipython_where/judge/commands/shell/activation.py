"""What sourcing `bin/activate` of a virtual environment does, read from the script that venv, virtualenv or uv wrote.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import os
import re
import shlex

from .state import State

_PLAIN = re.compile(r"^\s*(?:export )?VIRTUAL_ENV=(?!\$\(cygpath)(.*)$", re.MULTILINE)
_PATH = re.compile(r"""^\s*PATH="\$VIRTUAL_ENV/(?:bin|"bin"):\$PATH"$""", re.MULTILINE)
_RELOCATABLE = """''"$(dirname -- "$(dirname -- "$(realpath -- "$SCRIPT_PATH")")")"''"""
OLD_PATH = "_OLD_VIRTUAL_PATH"


def activated(script: str, text: str, state: State, *, is_bash: bool) -> State | None:
    """The state after the script at the absolute path ``script`` was sourced; None where its text does not prove it.

    The path that counts is the one in the text: an environment that was moved still activates its old place.
    """
    found = set(_PLAIN.findall(text))
    if len(found) != 1 or "deactivate ()" not in text or not _PATH.search(text):
        return None
    written = found.pop()
    prefix = _prefix(written, script) if written != _RELOCATABLE or is_bash else None
    return None if prefix is None else activated_at(prefix, state)


def activated_at(prefix: str, state: State) -> State:
    """The state after the activation of the environment at ``prefix``."""
    state = deactivated(state)
    path = state.value("PATH")
    state = state.with_variable(OLD_PATH, path, exported=False).without_variable("PYTHONHOME")
    state = state.with_variable("VIRTUAL_ENV", prefix, exported=True)
    state = state.with_variable("VIRTUAL_ENV_PROMPT", None, exported=True)
    return state.with_variable("PATH", None if path is None else f"{prefix}/bin:{path}", exported=True)


def deactivated(state: State) -> State:
    """The state after `deactivate`, the same where nothing was activated by this shell."""
    if OLD_PATH not in state.variables:
        return state
    path = state.value(OLD_PATH)
    state = state.without_variable(OLD_PATH).without_variable("VIRTUAL_ENV").without_variable("VIRTUAL_ENV_PROMPT")
    return state.with_variable("PATH", path, exported=True)


def _prefix(written: str, script: str) -> str | None:
    if written == _RELOCATABLE:
        return os.path.dirname(os.path.dirname(script))
    if "$" in written or "`" in written:
        return None
    try:
        words = shlex.split(written)
    except ValueError:
        return None
    return words[0] if len(words) == 1 and os.path.isabs(words[0]) else None
