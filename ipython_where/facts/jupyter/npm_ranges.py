"""npm version ranges, which widgets use to say what they need from the page: `^0.12`, `~5.0.1`, `>=1 <3`, `1.x || 2.x`."""

from __future__ import annotations

import re

Release = tuple[int, int, int]

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_PARTIAL = r"v?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?"
_COMPARATOR = re.compile(rf"(\^|~>?|[<>]=?|=|)\s*({_PARTIAL})", re.ASCII)
_HYPHEN = re.compile(rf"({_PARTIAL})\s+-\s+({_PARTIAL})", re.ASCII)


def satisfies(version: str, wanted: str) -> bool | None:
    """Whether a version is in a range, as npm's own `semver.satisfies` decides it; None if either is invalid.

    A pre-release is compared only with ranges of plain releases with other numbers, and is in none of them; a range that
    names a pre-release is left undecided.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    release = (int(found[1]), int(found[2]), int(found[3]))
    verdicts = [_lies_in(release, each) for each in wanted.split("||")]
    if None in verdicts:
        return None
    return any(verdicts) if found[4] is None else (None if version.strip() == wanted.strip() else False)


def _lies_in(release: Release, alternative: str) -> bool | None:
    text = _HYPHEN.sub(r">=\1 <=\2", alternative.strip())
    if not text:
        return True
    bounds = []
    at = 0
    while at < len(text):
        found = _COMPARATOR.match(text, at)
        if found is None or (interval := _interval(found[1], found[2])) is None:
            return None
        bounds.append(interval)
        rest = text[found.end() :]
        if rest and not rest[0].isspace():
            return None
        at = len(text) - len(rest.lstrip())
    return all(low <= release and (high is None or release < high) for low, high in bounds)


def _interval(operator: str, partial: str) -> tuple[Release, Release | None] | None:
    """The releases that a comparator allows, from the first up to but excluding the second; None if undecided."""
    if "-" in partial:
        return None
    numbers: list[int] = []
    for part in partial.lstrip("v").split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    low = _padded(numbers)
    after = _next(numbers)
    if operator in ("", "="):
        return low, after
    if operator == "^":
        return low, _next(_significant(numbers))
    if operator.startswith("~"):
        return low, _next(numbers[:2])
    if operator == ">=":
        return low, None
    if operator == ">":
        return ((after or (0, 0, 0)), None if after else (0, 0, 0))
    return (0, 0, 0), after if operator == "<=" else low


def _padded(numbers: list[int]) -> Release:
    major, minor, patch = [*numbers, 0, 0, 0][:3]
    return major, minor, patch


def _next(numbers: list[int]) -> Release | None:
    """The first release after all that begin with these numbers; None if there is none."""
    return _padded([*numbers[:-1], numbers[-1] + 1]) if numbers else None


def _significant(numbers: list[int]) -> list[int]:
    """Up to the first nonzero number: the part that `^` keeps fixed."""
    for length, number in enumerate(numbers, 1):
        if number:
            return numbers[:length]
    return numbers
