"""What sourcing a virtual environment's `bin/activate` does, read from the script that venv, virtualenv or uv wrote.

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
_SET = frozenset(("PATH", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", OLD_PATH))
"""The variables that it sets and unsets: if one is readonly, the script stops somewhere, or goes on."""


def activated(script: str, text: str, state: State, *, is_bash: bool) -> State | None:
    """The state after sourcing the script at the absolute path ``script``; None if its text doesn't prove what it does.

    The path inside the text decides: after an environment is moved, its script still activates the old location.
    """
    found = set(_PLAIN.findall(text))
    if len(found) != 1 or "deactivate ()" not in text or not _PATH.search(text):
        return None
    written = found.pop()
    prefix = _prefix(written, script) if written != _RELOCATABLE or is_bash else None
    return None if prefix is None else activated_at(prefix, state)


def activated_at(prefix: str, state: State) -> State:
    """The state after activating the environment at ``prefix``."""
    if not _SET.isdisjoint(state.readonly):
        return state.lost()
    state = deactivated(state)
    path = state.value("PATH")
    state = state.with_variable(OLD_PATH, path, exported=False).without_variable("PYTHONHOME")
    state = state.with_variable("VIRTUAL_ENV", prefix, exported=True)
    state = state.with_variable("VIRTUAL_ENV_PROMPT", None, exported=True)
    return state.with_variable("PATH", None if path is None else f"{prefix}/bin:{path}", exported=True)


def deactivated(state: State) -> State:
    """The state after `deactivate`; unchanged if this shell activated nothing."""
    if OLD_PATH not in state.variables:
        return state
    if not _SET.isdisjoint(state.readonly):
        return state.lost()
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
