"""Which names a name may be a misspelling of: plausible typos only, not everything that looks similar.

Edit distance alone confuses real projects: of the two thousand most downloaded ones, one in twenty is within one or two
letters of a standard library module (`ijson`, `json5`, `httpx`, `bcrypt`, `pydot`). Different projects differ at their
ends, or in a replaced letter; typos omit, double or swap letters, or hit a neighbouring key.
"""

from __future__ import annotations

from collections.abc import Iterable

from .names import folded

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def misspelt(name: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Known names that the given one may be a misspelling of, likeliest first: those that differ only in case.

    Names of four letters or more may have one slip, names of eight or more may have two; private names are left out.
    """
    typed = folded(name)
    most = 0 if len(typed) < 4 or typed.startswith("_") else 1 if len(typed) < 8 else 2
    letters = set(typed)
    ranked = []
    for other in set(known):
        if other == name or other.startswith("_") or abs(len(other) - len(typed)) > most:
            continue
        meant = folded(other)
        if len(letters.symmetric_difference(meant)) > 2 * most:
            continue
        slips = count_slips(typed, meant, most)
        if slips is not None:
            ranked.append((slips, other))
    return tuple(other for _, other in sorted(ranked)[:limit])


def count_slips(typed: str, meant: str, most: int) -> int | None:
    """How many typing slips turn ``meant`` into ``typed``; None if more than ``most``, or if they differ in another way."""
    if typed == meant:
        return 0
    if most < 1 or abs(len(typed) - len(meant)) > most:
        return None
    start, end = _same_ends(typed, meant)
    if _is_slip(typed, meant, start, end, alone=True):
        return 1
    if most < 2:
        return None
    for cut in range(start + 1, len(typed) - end):
        for shift in (-1, 0, 1):
            if _are_slips(typed, meant, cut, cut + shift):
                return 2
    return None


def _same_ends(typed: str, meant: str) -> tuple[int, int]:
    shorter = min(len(typed), len(meant))
    start = next((each for each in range(shorter) if typed[each] != meant[each]), shorter)
    return start, next(
        (each for each in range(shorter - start) if typed[-1 - each] != meant[-1 - each]), shorter - start
    )


def _are_slips(typed: str, meant: str, cut: int, other: int) -> bool:
    """Whether each half of a word, cut in two, has one slip."""
    if not 0 < other < len(meant):
        return False
    first = typed[:cut] + meant[other:]
    return all(_is_slip(a, b, *_same_ends(a, b), alone=False) for a, b in ((first, meant), (typed, first)))


def _is_slip(typed: str, meant: str, start: int, end: int, *, alone: bool) -> bool:
    """Whether one slip explains two words that are the same before ``start`` and in their last ``end`` letters.

    ``alone``: it is the word's only slip, so in a long word any replaced letter counts.
    """
    here, there = typed[start : len(typed) - end], meant[start : len(meant) - end]
    inside = start > 0 and end > 0
    if len(here) == len(there) == 2:
        return here == there[::-1]
    if not here and len(there) == 1:  # a letter left out
        return inside or (start > 0 and there.isalpha() and len(typed) > 4)
    if not there and len(here) == 1:  # an extra letter: the same key twice, or one hit along the way
        return (start > 0 and here == typed[start - 1]) or (inside and here.isalpha() and len(typed) > 4)
    if len(here) == len(there) == 1 and here.isalpha() and there.isalpha():
        return start > 0 and len(typed) > 4 and (_are_neighbours(here, there) or (alone and len(typed) >= 7))
    return False


def _are_neighbours(one: str, other: str) -> bool:
    """Whether two letters are next to each other on the keyboard."""
    at = {letter: (row, column) for row, letters in enumerate(_ROWS) for column, letter in enumerate(letters)}
    if one not in at or other not in at:
        return False
    (row, column), (other_row, other_column) = at[one], at[other]
    return row == other_row and abs(column - other_column) == 1
