"""The words of a command as the shell hands them on: after its expansions, its word splitting and its globs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .reading import Reader
from .script import Dark, Literal, Output, Parameter, Part, Script, Word
from .state import State

Outputs = Callable[[Script, State], str | None]
"""What a script in `$( … )` prints; None where that is not known."""


class Field(NamedTuple):
    """One argument. ``text`` None: not known, but that it ``begins`` so; ``is_many``: it may be none, or several.

    ``pattern`` is what stood there where files were found for it.
    """

    text: str | None
    begins: str = ""
    is_many: bool = False
    pattern: str | None = None


class Piece(NamedTuple):
    """A run of a field: ``text`` None is unknown."""

    text: str | None
    quoted: bool
    may_split: bool = False


class Expander:
    """Expands words in one state, as one kind of shell does."""

    def __init__(self, state: State, reader: Reader, outputs: Outputs) -> None:
        self.state = state
        self.reader = reader
        self.outputs = outputs

    def fields(self, words: tuple[Word, ...]) -> tuple[Field, ...]:
        """The arguments that the words become."""
        return tuple(field for word in words for field in self._fields(word))

    def value(self, word: Word, *, is_assignment: bool = False) -> str | None:
        """A word that is neither split nor a pattern: an assignment's value, a file of a redirection."""
        found = ""
        for part in word.parts:
            for piece in self._unsplit(part):
                text = piece.text
                if text is not None and _is_bare(part):
                    text = self._homes(text, before=found, is_assignment=is_assignment)
                if text is None:
                    return None
                found += text
        return found

    # -- fields --------------------------------------------------------------------------------------------------------

    def _fields(self, word: Word) -> Iterator[Field]:
        fields: list[list[Piece]] = []
        current: list[Piece] | None = None
        for part in word.parts:
            for piece, begins_new in self._split(part):
                if begins_new and current is not None:
                    fields.append(current)
                    current = None
                if piece is not None:
                    current = [*(current or []), piece]
        if current is not None:
            fields.append(current)
        for index, pieces in enumerate(fields):
            yield from self._finished(pieces, tilde=index == 0 and _is_bare(word.parts[0]))

    def _split(self, part: Part) -> Iterator[tuple[Piece | None, bool]]:
        """The pieces of a part, each with whether a new field begins before it."""
        if isinstance(part, Parameter) and part.name in ("@", "*"):
            yield from self._positional(part)
            return
        for piece in self._unsplit(part):
            is_open = piece.may_split and not piece.quoted
            if is_open and piece.text == "":
                continue  # nothing, not an empty argument
            if piece.text is None or not is_open or self.reader.kind == "zsh":
                yield piece, False
                continue
            if self.state.value("IFS") != "":
                yield Piece(None, False, True), False
                continue
            text = piece.text
            for at, each in enumerate(text.split()):
                yield Piece(each, False), at > 0 or text[:1].isspace()
            if text[-1:].isspace():
                yield None, True

    def _positional(self, part: Parameter) -> Iterator[tuple[Piece | None, bool]]:
        given = self.state.arguments
        if given is None or self.state.is_lost or (part.quoted and part.name == "*"):
            yield Piece(None, False, True), False
            return
        for at, each in enumerate(given):
            yield Piece(each, part.quoted), at > 0

    def _unsplit(self, part: Part) -> Iterator[Piece]:
        match part:
            case Literal(text=text, quoted=quoted):
                yield Piece(text, quoted)
            case Parameter(name=name, quoted=quoted, default=default):
                yield Piece(self._parameter(name, default), quoted, True)
            case Output(script=script, quoted=quoted):
                printed = self.outputs(script, self.state)
                yield Piece(None if printed is None else printed.rstrip("\n"), quoted, True)
            case Dark(quoted=quoted):
                yield Piece(None, quoted, not quoted)

    def _parameter(self, name: str, default: Word | None) -> str | None:
        if name.isdigit() and name != "0" and not self.state.is_lost:
            given = self.state.arguments
            value = None if given is None else given[int(name) - 1] if int(name) <= len(given) else ""
        elif re.fullmatch(r"[A-Za-z_]\w*", name):
            value = self.state.value(name)
        else:
            return None
        return self.value(default) if default is not None and value == "" else value

    def _finished(self, pieces: list[Piece], *, tilde: bool) -> Iterator[Field]:
        if any(piece.text is None for piece in pieces):
            known = next(at for at, piece in enumerate(pieces) if piece.text is None)
            begins = "".join(piece.text or "" for piece in pieces[:known])
            yield Field(None, begins, any(p.text is None and p.may_split and not p.quoted for p in pieces))
            return
        text = "".join(piece.text or "" for piece in pieces)
        if tilde:
            expanded = self._home(text)
            if expanded is None:
                yield Field(None)
                return
            text = expanded
        if self.reader.kind == "zsh" and text.startswith("=") and not pieces[0].quoted:
            yield Field(None)  # the path of a program of that name
            return
        yield from self._globbed(text, pieces)

    def _globbed(self, text: str, pieces: list[Piece]) -> Iterator[Field]:
        pattern = "".join(_as_pattern(piece) for piece in pieces)
        if not _has_glob(pieces):
            yield Field(text)
            return
        if self.state.cwd is None or self.reader.kind not in ("bash", "dash", "sh") or text.startswith("~"):
            yield Field(None, re.split(r"[*?\[]", text)[0], True)
            return
        found = self.reader.glob(pattern, self.state.cwd)
        if not found:
            yield Field(text) if not self.state.is_touched else Field(None, re.split(r"[*?\[]", text)[0], True)
        for each in sorted(found):
            yield Field(each, pattern=text)

    # -- home ----------------------------------------------------------------------------------------------------------

    def _homes(self, text: str, *, before: str, is_assignment: bool) -> str | None:
        """Unquoted text with its `~` expanded: at the beginning, in an assignment behind each colon, too."""
        first, *others = text.split(":") if is_assignment else [text]
        starts = not before or (is_assignment and before.endswith(":"))
        parts = [self._home(first) if starts else first, *map(self._home, others)]
        return None if None in parts else ":".join(map(str, parts))

    def _home(self, text: str) -> str | None:
        if not text.startswith("~"):
            return text
        user, slash, rest = text.partition("/")
        home = self.state.value("HOME")
        return home + slash + rest if user == "~" and home else None


def _is_bare(part: Part) -> bool:
    return isinstance(part, Literal) and not part.quoted


def _has_glob(pieces: list[Piece]) -> bool:
    bare = "".join("\0" if piece.quoted else piece.text or "" for piece in pieces)
    return "*" in bare or "?" in bare or bool(re.search(r"\[[^\]]+\]", bare))


def _as_pattern(piece: Piece) -> str:
    text = piece.text or ""
    return re.sub(r"([*?[])", r"[\1]", text) if piece.quoted else text
