"""`conda-meta/history`: what was asked for, and what each change brought, as conda itself reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ipython_where.facts.files import read_text
from ipython_where.judge.conda_spec import name_in
from ipython_where.value import dataclass

_HEAD = re.compile(r"==>\s*(.+?)\s*<==")
_SPECS = re.compile(r"#\s*(\w+)\s*specs:\s*(.+)?")
_COMMAND = re.compile(r"#\s*cmd:\s*(.+)")
_VERSION = re.compile(r"#\s*conda version:\s*(.+)")
_RELATION = re.compile(r"[<>=!~]")  # a version in conda's oldest format continues the spec before its comma
_PATTERN = re.compile(r"(?:.*::)?[\w.-]*\*(?!.*::)")  # conda reads `num*` and `*[md5=…]` as wishes that name no package
_LIMIT = 16_000_000
_ASKING = ("update", "install", "create")
_REMOVING = ("remove", "uninstall")


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaRevision:
    """One change of a prefix: ``added`` and ``removed`` are packages as `CHANNEL::NAME-VERSION-BUILD`.

    ``command`` may hold a token: show it in a `Value` alone. ``specs`` are the last ones of each action.
    """

    date: str
    command: str | None
    conda_version: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    specs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CondaHistory:
    """The changes of a prefix, the oldest first; ``asked`` maps each package that was asked for by name to its spec.

    ``asked`` is None if no change names a spec: rattler and pixi write none.
    """

    revisions: tuple[CondaRevision, ...]
    asked: Mapping[str, str] | None


NOTHING = CondaHistory(revisions=(), asked=None)


def read_history(file: str) -> CondaHistory:
    """The history in a file; an empty one if it can't be read."""
    return parse_history(read_text(file, _LIMIT) or "")


def parse_history(text: str) -> CondaHistory:
    """The history that a text is. A line that isn't understood is skipped, and what stands above the first change."""
    revisions: list[tuple[str, list[str]]] = []
    for line in map(str.strip, text.splitlines()):
        head = _HEAD.match(line)
        if head is not None:
            revisions.append((head[1], []))
        elif line and revisions:
            revisions[-1][1].append(line)
    parsed = tuple(_revision(date, lines) for date, lines in revisions)
    return CondaHistory(revisions=parsed, asked=_asked(parsed))


def _revision(date: str, lines: Sequence[str]) -> CondaRevision:
    comments = [line for line in lines if line.startswith("#")]
    specs: dict[str, tuple[str, ...]] = {}
    for line in comments:
        found = _SPECS.match(line)
        if found is not None and (said := _specs(found[2] or "")):
            action = "asked" if found[1] in _ASKING else "removed" if found[1] in _REMOVING else found[1]
            specs[action] = said
    return CondaRevision(
        date=date,
        command=_last(_COMMAND, comments),
        conda_version=_last(_VERSION, comments),
        # the first change of an old conda lists what there is, without a sign
        added=tuple(line.removeprefix("+") for line in lines if line[0] not in "#-"),
        removed=tuple(line[1:] for line in lines if line.startswith("-")),
        specs=specs,
    )


def _last(pattern: re.Pattern[str], lines: Iterable[str]) -> str | None:
    found = [match[1] for line in lines if (match := pattern.match(line))]
    return found[-1] if found else None


def _specs(text: str) -> tuple[str, ...]:
    """The specs in a comment: a Python list, or before conda 4.5 separated by commas."""
    if text.startswith("["):
        found = _literal(text)
    elif "[" in text:
        return ()
    else:
        found = []
        for part in text.split(","):
            if found and _RELATION.match(part):
                found[-1] += f",{part}"
            else:
                found.append(part)
    return tuple(each for each in found if each and not each.endswith("@"))


def _literal(text: str) -> list[str]:
    import ast

    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _asked(revisions: Iterable[CondaRevision]) -> Mapping[str, str] | None:
    """conda's own rule: a change without a command doesn't count, removals come first, and `neutered` specs last."""
    asked: dict[str, str] = {}
    is_told = False
    for each in revisions:
        if each.command is None:
            continue
        is_told = is_told or bool(each.specs)
        for spec in each.specs.get("removed", ()):
            asked.pop(name_in(spec) or "", None)
        for action in ("asked", "neutered"):
            named = [spec for spec in each.specs.get(action, ()) if _PATTERN.match(spec) is None]
            asked.update((name, spec) for spec in named if (name := name_in(spec)))
    return asked if is_told else None
