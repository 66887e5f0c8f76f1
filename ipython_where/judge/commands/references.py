"""What was typed for a secret: IPython's `{token}`, a shell's `$GH`. A hint to paste contains that, not the secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from ipython_where.model import Value
from ipython_where.redact import masked
from ipython_where.secret_forms import is_secret_variable, trust_reference

_IPYTHON = re.compile(r"(?P<brace>\{\{|\}\})|(?P<dollar>\$\$)|(?P<reference>\{[^{}]+\}|\$[\w.]+)")
_SHELL = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<bare>[A-Za-z_]\w*))")
_PROBE = "Zq0Zq"
"""A word that is not a secret by itself: it is masked only because of where it stands."""

_MOST = 12
"""The most references that are matched in a line: with more, the regular expression would take too long."""


class Reference(NamedTuple):
    """What was typed, and the value that it stood for."""

    typed: str
    value: str


class Typed(NamedTuple):
    """A line with placeholders for its secrets, and what was typed for each; in ``variables`` they replace values."""

    text: str
    variables: Mapping[str, str]
    stand_ins: Mapping[str, str]


def with_stand_ins(text: str, typed: str | None, environ: Mapping[str, str]) -> Typed | None:
    """The line ``text``, for which a person typed ``typed``, without the secrets that it names; None where it names none."""
    pieces = expansions(typed, text) if typed is not None and typed != text else (text,)
    stand_ins: dict[str, str] = {}
    parts = [each if isinstance(each, str) else each.value for each in pieces]
    for at, each in enumerate(pieces):
        if isinstance(each, Reference) and _is_secret(each, "".join((*parts[:at], _PROBE, *parts[at + 1 :]))):
            trust_reference(each.typed)
            parts[at] = _stand_in(stand_ins, each)
    line = "".join(parts)
    variables = {
        name: _stand_in(stand_ins, Reference(spelled, environ[name]))
        for name, spelled in _variables(line, environ).items()
        if _is_secret(Reference(spelled, environ[name]), _with_probe(line, spelled))
    }
    return Typed(text=line, variables={**environ, **variables}, stand_ins=stand_ins) if stand_ins else None


def expansions(typed: str, text: str) -> tuple[str | Reference, ...]:
    """The pieces of ``text``: as they were typed, or what IPython put in place of a reference.

    One piece, the whole text, if the match is ambiguous. Nothing is evaluated again: that could have side effects.
    """
    pieces = list(_pieces(typed))
    groups: dict[str, str] = {}
    for piece in pieces:
        if isinstance(piece, Reference):
            groups.setdefault(piece.typed, f"r{len(groups)}")
    if not groups or len(groups) > _MOST:
        return (text,)
    found = [re.fullmatch(_pattern(pieces, groups, any_text), text, re.DOTALL) for any_text in (".*?", ".*")]
    lazy, greedy = (each.groupdict() if each is not None else None for each in found)
    if lazy is None or lazy != greedy:
        return (text,)
    return tuple(each if isinstance(each, str) else each._replace(value=lazy[groups[each.typed]]) for each in pieces)


def _pieces(typed: str) -> Iterator[str | Reference]:
    at = 0
    for found in _IPYTHON.finditer(typed):
        yield typed[at : found.start()]
        at = found.end()
        if found["reference"]:
            yield Reference(found[0], "")
        else:
            yield found[0][1:]
    yield typed[at:]


def _pattern(pieces: list[str | Reference], groups: Mapping[str, str], any_text: str) -> str:
    seen: set[str] = set()
    parts = []
    for each in pieces:
        if isinstance(each, str):
            parts.append(re.escape(each))
            continue
        name = groups[each.typed]
        parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{any_text})")
        seen.add(name)
    return "".join(parts)


def _variables(line: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a line names, each as it spells it first."""
    named: dict[str, str] = {}
    for found in _SHELL.finditer(line):
        name = found["braced"] or found["bare"]
        if environ.get(name):
            named.setdefault(name, found[0])
    return named


def _with_probe(line: str, spelled: str) -> str:
    return _SHELL.sub(lambda found: _PROBE if found[0] == spelled else found[0], line)


def _is_secret(reference: Reference, line_with_probe: str) -> bool:
    """Whether a value is one by its form or its variable's name, or stands in the line where a secret does."""
    if not reference.value or reference.value == reference.typed:
        return False
    if is_secret_variable(reference.typed.strip("${}")) or masked(reference.value) != reference.value:
        return True
    return _PROBE not in masked(line_with_probe)


def _stand_in(stand_ins: dict[str, str], reference: Reference) -> str:
    """A word of the same kind that every shell takes as it is: Unicode leaves its first letter to private use."""
    known = next((each for each, typed in stand_ins.items() if typed == reference.typed), None)
    if known is not None:
        return known
    scheme = re.match(r"(?:[\w.-]+ *@ *)?[A-Za-z][\w+.-]*://", reference.value)
    stand_in = f"\ue000{len(stand_ins)}\ue001"
    if scheme is not None:
        stand_in = f"{scheme[0]}{stand_in}/"
    stand_ins[stand_in] = reference.typed
    return stand_in


def as_typed(value: Any, stand_ins: Mapping[str, str]) -> Any:
    """A value with what was typed in place of each placeholder, in all of its strings."""
    if isinstance(value, str):
        for stand_in, typed in stand_ins.items():
            value = value.replace(stand_in, typed)
        return value
    if isinstance(value, tuple):
        return tuple(as_typed(each, stand_ins) for each in value)
    if isinstance(value, Value):
        given = {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
        return replace(value, **{name: as_typed(each, stand_ins) for name, each in given.items()})  # type: ignore[type-var]
    return value
