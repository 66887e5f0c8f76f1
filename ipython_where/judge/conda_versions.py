"""Whether an installed version certainly meets what a conda package depends on. Pure.

conda's rules (conda/models/version.py): `>=1.2,<2` and `1.2.*`, `|` for one of several, `=1.2` and `1.2` in a dependency with an
operator of their own. Only what plain numbers decide is decided; everything else, builds too, is unknown.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_NUMBERS = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_BEGIN = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_CLAUSE = re.compile(r"(>=|<=|==|!=|>|<|=)?\s*(\d[\w.+!-]*?)(\.\*|\*)?")
_HOW: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


def meets(wanted: str, version: str) -> bool | None:
    """Whether a version meets a constraint such as `>=1.2,<2.0a0`; None where that isn't certain."""
    alternatives = [_all(each, version) for each in wanted.split("|")]
    if any(alternatives):
        return True
    return None if None in alternatives else False


def _all(wanted: str, version: str) -> bool | None:
    verdicts = [_one(each.strip(), version) for each in wanted.split(",") if each.strip()]
    if False in verdicts:
        return False
    return None if None in verdicts or not verdicts else True


def _one(clause: str, version: str) -> bool | None:
    if clause == "*":
        return True
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return None
    how, text, fuzzy = found[1] or "", found[2], found[3]
    if fuzzy or how == "=":
        is_known = how in ("", "=") or (how, fuzzy) == ("!=", ".*")  # with another operator, conda leaves the star out
        begins = _begins(text, version) if is_known else None
        return None if begins is None else begins is not (how == "!=")
    order = _order(version, text)
    return None if order is None else _HOW[how or "=="](order, 0)


def _begins(start: str, version: str) -> bool | None:
    """Whether a version is one of `start.*`."""
    wanted, there = _numbers(start), _numbers(version)
    if wanted is None:
        return None
    if there is not None:
        padded = [*there, *[0] * (len(wanted) - len(there))]
        return padded[: len(wanted)] == wanted
    order = _order(version, start)
    return False if order is not None and not version.startswith(start) else None


def _order(version: str, other: str) -> int | None:
    """Less than, equal to or more than 0, as the one stands to the other; None where letters decide."""
    mine, theirs = _leading(version), _leading(other)
    for one, another in zip(mine, theirs, strict=False):
        if one != another:
            return 1 if one > another else -1
    if _numbers(version) is None or _numbers(other) is None:
        return None
    length = max(len(mine), len(theirs))
    one_padded, other_padded = ([*each, *[0] * (length - len(each))] for each in (mine, theirs))
    return (one_padded > other_padded) - (one_padded < other_padded)


def _numbers(text: str) -> list[int] | None:
    return [int(each) for each in text.split(".")] if _NUMBERS.fullmatch(text) else None


def _leading(text: str) -> list[int]:
    """The numbers that a version begins with, up to its first letter: of `3.12.0a0`, 3, 12 and 0."""
    found = _BEGIN.match(text)
    return [int(each) for each in found[0].split(".")] if found and "!" not in text else []
