"""What to type where `%safepip` does not work: `%pip` on Windows, `%pip` or micropip in a browser, where no program starts."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from ipython_where.errors import WhereError
from ipython_where.model import Finding

Way = Literal["safepip", "windows", "lite", "micropip"]
"""``lite``: a kernel of JupyterLite, which has a `%pip` of its own; ``micropip``: any other Pyodide."""

_COMMAND = r"`([^`]+)`"
_STARTS_A_PROGRAM = r"!|(?:python[\d.]*|pip|uv|conda|mamba) "
_FREE = frozenset(("-U", "--upgrade"))
"""Options that may be left out: nothing is installed yet, or the newest comes anyway."""


def way_of(platform: str, modules: Container[str]) -> Way:
    """How packages get into this process, by its platform and the modules that are loaded."""
    if platform == "win32":
        return "windows"
    if platform != "emscripten":
        return "safepip"
    return "micropip" if "pyodide" in modules and "piplite" not in modules else "lite"


def refusal(way: Way, magic: str = "%safepip") -> WhereError | None:
    """What `%safepip` or `%safeconda` says where it does not work, with what does."""
    if way == "safepip":
        return None
    if way == "windows":  # transactions need POSIX locks and renames
        instead = _install(way) if magic == "%safepip" else "`%conda install NAME` installs"
        return WhereError(f"`{magic}` does not work on Windows yet", hint=f"{instead} into this kernel's environment")
    message = f"`{magic}` does not work in a browser's Python (Pyodide, JupyterLite), where no program can be started"
    return WhereError(message, hint=f"{_install(way)} into this kernel")


def _install(way: Way) -> str:
    return f"`{_line('%safepip install NAME', way)}` installs"


def fitting(findings: Iterable[Finding], way: Way) -> tuple[Finding, ...]:
    """The findings with hints that work here; a hint that can't be carried out is left out."""
    if way == "safepip":
        return tuple(findings)
    return tuple(replace(each, hint=_hint(each.hint, way)) for each in findings)


def _hint(hint: str | None, way: Way) -> str | None:
    commands = re.findall(_COMMAND, hint or "")
    lines = {each: _line(each, way) for each in commands}
    if hint is None or None in lines.values():
        return None
    return re.sub(_COMMAND, lambda found: f"`{lines[found[1]]}`", hint)


def _line(command: str, way: Way) -> str | None:
    """The line to type instead of a command in a hint; None if there is none."""
    if command.startswith("%safeconda "):
        # `%conda` knows no name for what only `%safeconda` has
        return command.replace("%safeconda", "%conda", 1) if way == "windows" and " sync" not in command else None
    if not command.startswith("%safepip "):
        return None if way != "windows" and re.match(_STARTS_A_PROGRAM, command) else command
    _, action, *words = command.split()
    if action not in ("install", "uninstall") or "--server" in words:
        return None
    if way == "windows":
        return " ".join(["%pip", action, *(["-y"] if action == "uninstall" else []), *map(_quoted, words)])
    names = [each for each in words if each not in _FREE]
    if any(each.startswith("-") for each in names):
        return None
    if way == "lite":
        return " ".join(["%pip", action, *map(_quoted, names)]) if action == "install" else None
    call = f"micropip.{action}({_literal(names)})"
    return f"import micropip; {'await ' if action == 'install' else ''}{call}"


def _plain(word: str) -> str:
    return word.strip("'\"")


def _quoted(word: str) -> str:
    """A word as every shell reads it: `cmd` knows double quotes only."""
    word = _plain(word)
    return f'"{word}"' if re.search(r"[<>!~;&|*\[\] ]", word) else word


def _literal(names: Sequence[str]) -> str:
    plain = [_plain(each) for each in names]
    return repr(plain[0]) if len(plain) == 1 else repr(plain)
