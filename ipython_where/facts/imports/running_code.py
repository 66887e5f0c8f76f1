"""Which functions and classes a package calls while it is imported, judged from the text of its files.

Tested in `tests/facts/imports/test_package_code.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ipython_where.value import dataclass

_SILENT = re.compile(rb'(?s)""".*?"""|\'\'\'.*?\'\'\'|(?m:^[ \t]*#[^\n]*$)|(?m:[ \t]{2,}#[^\n]*$)')
"""Docstrings and comments, which mention names without calling them."""

_BEGIN = re.compile(rb"(?m)^(?=[^\s#)\]}])")
_DEFINITION = re.compile(rb"(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
_CALL = re.compile(rb"(?:(\w+)[ \t]*\.[ \t]*)?\b(\w+)[ \t]*\(")
_OFF = re.compile(rb"(?m)^(\w+)[ \t]*=[ \t]*False[ \t]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A top-level block of source, from one unindented line to the next; ``name`` if it is a function or class."""

    text: bytes
    name: bytes | None = None
    decorators: bytes = b""


def blocks(code: bytes) -> Iterator[Block]:
    """The blocks of a source, without those behind a disabled switch (``if DEBUNDLED:`` with ``DEBUNDLED = False``)."""
    code = _SILENT.sub(b"", code)
    off = {name for name in _OFF.findall(code) if len(re.findall(rb"(?m)^[ \t]*" + name + rb"[ \t]*=", code)) == 1}
    decorators = b""
    for text in _BEGIN.split(code):
        if text.startswith(b"@"):
            decorators += text
            continue
        found = _DEFINITION.match(text)
        if not any(text.startswith(b"if " + name + b":") for name in off):
            yield Block(text=text, name=found[2] if found else None, decorators=decorators)
        decorators = b""


def called(sources: Iterable[bytes]) -> frozenset[str]:
    """The functions and classes that importing all ``sources`` calls, directly or through other calls.

    Text can't tell apart several functions of one name. ``Class.method`` stands for a method called without an
    instance.
    """
    units = [block for code in sources for block in blocks(code)]
    defined: dict[bytes, list[Block]] = {}
    for each in units:
        if each.name is not None:
            defined.setdefault(each.name, []).append(each)
    found: dict[bytes, None] = {}
    for each in units:
        found.update(dict.fromkeys(_decorated(each, defined) if each.name is not None else _calls(each.text)))
    todo = list(found)
    for name in todo:
        new = [call for each in defined.get(name, ()) for call in _calls(each.text) if call not in found]
        found.update(dict.fromkeys(new))
        todo += dict.fromkeys(new)
    return frozenset(name.decode() for name in found)


def _calls(text: bytes) -> Iterator[bytes]:
    own = _DEFINITION.match(text)
    for holder, name in _CALL.findall(text, own.end() if own else 0):
        yield name
        if holder:
            yield holder + b"." + name


def _decorated(block: Block, defined: dict[bytes, list[Block]]) -> Iterator[bytes]:
    """The decorators, and the decorated function if one of the package's own decorators calls it at once."""
    words = set(re.findall(rb"\w+", block.decorators))
    yield from words
    makers = (each for word in words for each in defined.get(word, ()))
    if block.name is not None and any(map(_calls_at_once, makers)):
        yield block.name


def _calls_at_once(maker: Block) -> bool:
    """Whether a decorator calls its argument at once (pkg_resources' `_call_aside`); a wrapper calls it later."""
    taken = re.match(rb"(?:async[ \t]+)?def[ \t]+\w+\([ \t\n]*(\w+)", maker.text)
    if taken is None or re.search(rb"\n[ \t]+(?:async[ \t]+)?def[ \t]", maker.text):
        return False
    return re.search(rb"\b" + taken[1] + rb"[ \t]*(?:\.[ \t]*\w+[ \t]*)?\(", maker.text[taken.end() :]) is not None
