"""Parses and evaluates requirements: plain ones by hand, all others with `packaging`, imported only then (17 ms).

The answer is None if it can't tell, because of a malformed requirement or an invalid version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ipython_where.project_names import normalized
from ipython_where.value import dataclass

_PLAIN = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[A-Za-z0-9._,\s-]*)\])?\s*"
    r"(?:@\s*(?P<url>\S+)(?=\s|$)|\((?P<enclosed>[^()]*)\)|(?P<specifier>[^;@()]*))\s*(?:;\s*(?P<marker>.*))?",
    re.ASCII,
)
_RELEASE = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_CLAUSE = re.compile(r"(~=|==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?", re.ASCII)
_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<text>\"[^\"]*\"|'[^']*')|(?P<word>[a-z_.]+)|(?P<sign>[<>=!~]=|[<>]|===))", re.ASCII
)
_VERSIONS = frozenset(("python_version", "python_full_version", "implementation_version"))
_TEXTS = frozenset(
    (
        "os_name",
        "sys_platform",
        "platform_machine",
        "platform_python_implementation",
        "platform_system",
        "implementation_name",
        "extra",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement (PEP 508). ``name`` and ``extras`` are normalised; ``text`` is the original spelling."""

    text: str
    name: str
    extras: tuple[str, ...]
    specifier: str
    url: str | None
    marker: str | None

    @property
    def plain(self) -> str:
        """The project's name as spelled and its version specifier, without blanks, extras and marker."""
        found = _PLAIN.fullmatch(self.text)
        return f"{found['name'] if found else self.name}{self.specifier.replace(' ', '')}"


@lru_cache(maxsize=8192)
def parse_requirement(text: str) -> Requirement | None:
    """Parse a requirement; None if it has no name (a path, a bare URL) or is malformed."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    specifier = (found["specifier"] or found["enclosed"] or "").strip()
    if specifier and specifier[0] not in "<>=!~":
        return None
    extras = tuple(normalized(each.strip()) for each in (found["extras"] or "").split(",") if each.strip())
    marker = (found["marker"] or "").strip() or None
    return Requirement(
        text=text, name=normalized(found["name"]), extras=extras, specifier=specifier, url=found["url"], marker=marker
    )


@lru_cache(maxsize=8192)
def accepts(specifier: str, version: str) -> bool | None:
    """Whether an installed version satisfies a specifier. As in pip, an installed pre-release may."""
    if not specifier:
        return True
    release = _release(version) if _RELEASE.fullmatch(version) else None
    if release is not None:
        verdicts = [_accepts_plain(clause.strip(), release) for clause in specifier.split(",") if clause.strip()]
        if None not in verdicts:
            return all(verdicts)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _release(text: str) -> tuple[int, ...]:
    """A release without trailing zeros, so that `1.0` equals `1`."""
    parts = [int(part) for part in text.split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _accepts_plain(clause: str, version: tuple[int, ...]) -> bool | None:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return None
    operator, text, star = found.groups()
    if star:
        return _starts_with(version, text) == (operator == "==") if operator in ("==", "!=") else None
    if operator == "~=":
        head, dot, _ = text.rpartition(".")
        return (version >= _release(text) and _starts_with(version, head)) if dot else None
    return _compare(version, operator, _release(text))


def _starts_with(version: tuple[int, ...], text: str) -> bool:
    wanted = [int(part) for part in text.split(".")]
    padded = version + (0,) * (len(wanted) - len(version))
    return list(padded[: len(wanted)]) == wanted


def _compare(left: tuple[int, ...], operator: str, right: tuple[int, ...]) -> bool:
    if operator in ("==", "!="):
        return (left == right) == (operator == "==")
    if operator in (">=", "<="):
        return left == right or (left > right) == (operator == ">=")
    return left != right and (left > right) == (operator == ">")


class Markers:
    """Evaluates markers for one interpreter; ``environment`` holds PEP 508's variables except `extra`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._known: dict[tuple[str, str], bool | None] = {}

    def holds(self, marker: str | None, extras: tuple[str, ...] = ()) -> bool | None:
        """Whether a marker holds, as in pip for any of ``extras`` if given. None if it is not a valid marker."""
        if marker is None:
            return True
        verdicts = [self._holds(marker, extra) for extra in (extras if extras and "extra" in marker else ("",))]
        return None if None in verdicts else any(verdicts)

    def _holds(self, marker: str, extra: str) -> bool | None:
        key = (marker, extra)
        if key not in self._known:
            simple = _evaluate(marker, {**self._environment, "extra": extra})
            self._known[key] = self._ask_packaging(marker, extra) if simple is None else simple
        return self._known[key]

    def _ask_packaging(self, marker: str, extra: str) -> bool | None:
        from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

        try:
            return bool(Marker(marker).evaluate({**self._environment, "extra": extra}))
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return None


def _evaluate(marker: str, values: Mapping[str, str]) -> bool | None:
    """Evaluates a marker of plain comparisons, `and`, `or` and parentheses; None for any other marker."""
    tokens = []
    at = 0
    marker = marker.rstrip()
    while at < len(marker):
        found = _TOKEN.match(marker, at)
        if found is None:
            return None
        tokens.append(found[0].strip())
        at = found.end()
    tokens.reverse()
    verdict = _either(tokens, values)
    return None if tokens else verdict


def _either(tokens: list[str], values: Mapping[str, str]) -> bool | None:
    verdicts = [_both(tokens, values)]
    while tokens and tokens[-1] == "or":
        tokens.pop()
        verdicts.append(_both(tokens, values))
    return None if None in verdicts else any(verdicts)


def _both(tokens: list[str], values: Mapping[str, str]) -> bool | None:
    verdicts = [_one(tokens, values)]
    while tokens and tokens[-1] == "and":
        tokens.pop()
        verdicts.append(_one(tokens, values))
    return None if None in verdicts else all(verdicts)


def _one(tokens: list[str], values: Mapping[str, str]) -> bool | None:
    if tokens and tokens[-1] == "(":
        tokens.pop()
        verdict = _either(tokens, values)
        return verdict if tokens and tokens.pop() == ")" else None
    if len(tokens) < 3:
        return None
    variable, operator, literal = tokens.pop(), tokens.pop(), tokens.pop()
    if variable not in values or literal[0] not in "\"'":
        return None
    return _comparison(variable, values[variable], operator, literal[1:-1])


def _comparison(variable: str, value: str, operator: str, literal: str) -> bool | None:
    # as texts, `3.9` would be newer than `3.10` (PEP 508: these compare as versions)
    if variable in _VERSIONS:
        if not (_RELEASE.fullmatch(value) and operator in ("<", "<=", ">", ">=", "==", "!=")):
            return None
        return _accepts_plain(operator + literal, _release(value)) if literal else None
    if variable not in _TEXTS or operator not in ("==", "!="):
        return None
    if variable == "extra":
        value, literal = normalized(value), normalized(literal)
    return (value == literal) == (operator == "==")
