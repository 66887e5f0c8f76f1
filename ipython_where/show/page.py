"""What `%safepip page` shows: the extensions of this kernel's environment, and what the page has of each.

Tested in `tests/test_page_kernel.py`.
"""

from __future__ import annotations

from ipython_where.model import PageAnswer, PagePart

from .screen import Line, Row, Screen, Span, plain

_SOURCES = {"server": "from the server's environment", "kernel": "from a kernel"}


def page_screen(answer: PageAnswer) -> Screen:
    """The layout of a page's extensions."""
    loaded = sum(each.state == "loaded" for each in answer.parts)
    counts = (
        f"{loaded} of {len(answer.parts)} extensions loaded" if answer.parts else "no extensions in this environment"
    )
    rows = tuple(Row(each.name, (_line(each),)) for each in answer.parts)
    return Screen(
        (plain(f"this page is {answer.application}"), plain(counts)), rows, (), answer.findings, answer.verbose
    )


def _line(part: PagePart) -> Line:
    in_kernel = f"{part.in_kernel} here" if part.in_kernel is not None else "not in this environment"
    return (plain(in_kernel), *page_part(part))


def page_part(part: PagePart) -> Line:
    """What the page has of an extension, and what to type where it hasn't got the kernel's own."""
    source = (plain(_SOURCES[part.source]),) if part.source else ()
    version = part.version or "(version unknown)"
    match part.state:
        case "loaded":
            return ((Span(f"loaded: {version}", "good"),), *source)
        case "next page":
            return ((Span(f"the page has {version} after a reload", "warn"),), *source)
        case "available":
            line = (Span(f"`%safepip page load {part.name}`", "command"),)
            return ((Span("available from this kernel", "warn"),), line)
        case "other version":
            return ((Span(f"another version is loaded: {version}", "warn"),), *source, *_why(part))
        case "refused":
            return ((Span("refused", "warn"),), *_why(part))
        case "missing":
            return ((Span("not loaded", "warn"),),)


def _why(part: PagePart) -> Line:
    hint = ((Span(as_hint(part.hint), "command"),),) if part.hint else ()
    return (*((plain(part.reason),) if part.reason else ()), *hint)


def as_hint(hint: str) -> str:
    """A line to run in backticks; a sentence has its own."""
    return f"`{hint}`" if hint.startswith("%") else hint
