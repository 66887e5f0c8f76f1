"""Shell arithmetic in `$(( … ))`, `(( … ))` and `let`: which variables it sets, and its value if it is simple.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from .script import Dark

_NAME = r"[A-Za-z_]\w*"
_TERM = rf"(?:\$?{_NAME}|\$\{{{_NAME}\}}|0|[1-9]\d{{0,8}})"
_SUM = rf"\s*{_TERM}(?:\s*(?:[-+*]|[<>]=?|[!=]=|&&|\|\|)\s*{_TERM}){{0,20}}\s*"
_PLAIN = re.compile(rf"\s*(?:{_SUM}|{_NAME}\s*[-+*]?={_SUM}|{_NAME}\s*(?:\+\+|--)|(?:\+\+|--)\s*{_NAME})\s*")
_SETS = re.compile(rf"({_NAME})\s*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)\s*({_NAME})")
INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})|")
"""A variable's value that is a plain integer; a shell evaluates any other as an expression (`x='PATH=1'; $((x))`)."""


def read_arithmetic(text: str) -> Dark:
    """What an expression reads and sets; unless it is simple, it may set anything and may end the shell with an error."""
    if not text.strip():
        return Dark(True)
    plain = text.replace("${", "").replace("}", "").replace("$", "")
    names = tuple(dict.fromkeys(re.findall(rf"\b{_NAME}", plain)))
    if _PLAIN.fullmatch(text):
        return Dark(True, names, set_by(plain))
    is_followed = re.fullmatch(r"[\w\s()+\-*/%<>=!&|^~?:,$]*", text) is not None
    return Dark(True, names, set_by(plain) if is_followed else None, may_end=True)


def set_by(text: str) -> tuple[str, ...]:
    """The variables that an expression sets."""
    return tuple(found[1] or found[2] for found in _SETS.finditer(text))


def evaluated(text: str, value: Callable[[str], str | None]) -> int | None:
    """The value of a sum of integers and variables; None for any other expression."""
    plain = re.sub(r"\$\{?(\w+)\}?", r"\1", text).strip()
    if not re.fullmatch(_SUM, plain) or re.search(r"[<>=!&|]", plain):
        return None
    try:
        found = _sum(ast.parse(plain, mode="eval").body, value)
    except SyntaxError:
        return None
    return found if found is not None and abs(found) < 2**62 else None  # beyond this, shell integers overflow


def _sum(node: ast.expr, value: Callable[[str], str | None]) -> int | None:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name):
            text = value(name)
            return None if text is None or not INTEGER.fullmatch(text) else int(text or "0")
        case ast.BinOp(left=left, op=operator, right=right):
            one, other = _sum(left, value), _sum(right, value)
            if one is None or other is None or max(abs(one), abs(other)) > 2**62:
                return None
            if isinstance(operator, ast.Mult):
                return one * other
            return one + other if isinstance(operator, ast.Add) else one - other
        case _:
            return None
