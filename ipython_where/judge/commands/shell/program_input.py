"""What a program reads: the text of its input, and the script that a shell takes from there, from a file or from `-c`.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

from .expansion import Expander
from .follower import Follower
from .script import Literal, Simple
from .script_files import is_stream
from .state import State
from .unwrapping import Wrapped


def input_of(simple: Simple, expander: Expander, *, is_piped: bool) -> str | None:
    """The input of a program: the text of a here-document; None if another program writes it, or if it is unknown."""
    for each in reversed(simple.redirects):
        word = each.body or (each.word if each.operator == "<<<" else None)
        if word is not None:
            return expander.value(word)
        if each.operator == "<":
            return ""
    return None if is_piped else ""


def script_of(seen: Wrapped, simple: Simple, outside: State | None, walk: Follower) -> str | None:
    """The text that a shell runs: from `-c`, or from a here-document, which the shell in state ``outside`` expands."""
    if seen.script is not None:
        return seen.script
    if seen.file is not None:
        path = seen.state.path_of(seen.file)
        is_known = path is not None and not seen.state.is_touched and not is_stream(path)
        return walk.reader.text(path or "") if is_known else None
    if not seen.reads_input or seen.is_lost:
        return None
    last = next((each for each in reversed(simple.redirects) if each.operator.startswith("<")), None)
    word = last and (last.body or (last.word if last.operator == "<<<" else None))
    if word is None:
        return None
    if outside is None:
        return word.parts[0].text if len(word.parts) == 1 and isinstance(word.parts[0], Literal) else None
    return walk.expander(outside, False).value(word)
