"""The words of a command as the shell passes them on: after expansion, word splitting and globbing.

Tested in `tests/judge/commands/test_differential.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ipython_where.judge.commands.reader import Reader

from .arithmetic import INTEGER, evaluated
from .dialects import Dialect
from .script import Arithmetic, Dark, Literal, Output, Parameter, Part, Script, Word
from .state import LONGEST, State

Outputs = Callable[[Script, State], str | None]
"""What a script in `$( … )` prints; None if unknown."""

_BLANKS = frozenset(" \t\n")

_MOST = 2_000
"""How many arguments are listed one by one."""


class Field(NamedTuple):
    """One argument. If ``text`` is None, only how it ``begins`` is known; ``is_many``: it may be none, or several.

    ``pattern`` is the glob that was replaced by matching files.
    """

    text: str | None
    begins: str = ""
    is_many: bool = False
    pattern: str | None = None


class Piece(NamedTuple):
    """A part of a field; if ``text`` is None, it is unknown."""

    text: str | None
    quoted: bool
    may_split: bool = False


class Expander:
    """Expands words one after the other, as one kind of shell does.

    ``state`` is the starting state as changed by the expansions (`${x:=word}`, `$((x=1))`). ``ends``: whether an
    expansion fails and ends the shell (`${x:?}`, `set -u`); None if it may.
    """

    def __init__(self, state: State, reader: Reader, dialect: Dialect, outputs: Outputs) -> None:
        self.state = state
        self.reader = reader
        self.dialect = dialect
        self.outputs = outputs
        self.ends: bool | None = False

    def fields(self, words: tuple[Word, ...]) -> tuple[Field, ...]:
        """The arguments that the words expand to."""
        found: list[Field] = []
        for word in words:
            found += self._fields(word)
            if len(found) > _MOST:
                return (*found[:1], Field(None, is_many=True))
        return tuple(found)

    def value(self, word: Word, *, is_assignment: bool = False) -> str | None:
        """The value of a word that is neither split nor globbed: an assigned value, or the target of a redirection."""
        found: str | None = ""
        for at, part in enumerate(word.parts):
            for piece in self._unsplit(part):
                text = piece.text
                if self._is_modified(word, at):
                    text = None
                if text is not None and found is not None and _is_bare(part):
                    text = self._homes(text, before=found, is_assignment=is_assignment)
                found = None if text is None or found is None or len(found) > LONGEST else found + text
        return found

    def effects(self, parts: tuple[Part, ...]) -> None:
        """Apply parts whose text doesn't matter: what they set, and whether they fail."""
        for part in parts:
            for _ in self._unsplit(part):
                pass

    # -- fields --------------------------------------------------------------------------------------------------------

    def _fields(self, word: Word) -> Iterator[Field]:
        if self._is_like_assignment(word):
            text = self._like_assignment(word)
            yield Field(text, "" if text is not None else word.text.partition("=")[0])
            return
        fields: list[list[Piece]] = []
        current: list[Piece] | None = None
        for at, part in enumerate(word.parts):
            for piece, begins_new in self._split(part, is_modified=self._is_modified(word, at)):
                if begins_new and current is not None:
                    fields.append(current)
                    current = None
                if piece is not None:
                    current = current or []
                    current.append(piece)
        if current is not None and not (_is_all(word) and all(piece.text == "" for piece in current)):
            fields.append(current)  # without parameters, `"$@"` expands to nothing, not to an empty argument
        for index, pieces in enumerate(fields):
            yield from self._finished(pieces, tilde=index == 0 and _is_bare(word.parts[0]))

    def _is_like_assignment(self, word: Word) -> bool:
        """`env PATH=~/bin:$PATH`: in an argument that looks like an assignment, bash expands the `~` as it does in one."""
        first = word.parts[0] if word.parts else None
        is_one = first is not None and _is_bare(first) and re.match(r"[A-Za-z_]\w*\+?=", word.text) is not None
        return is_one and self.dialect.name in ("bash", "sh") and re.search(r"[=:]~", word.text) is not None

    def _like_assignment(self, word: Word) -> str | None:
        """The text of such an argument, if nothing else in it would be expanded."""
        first, others = word.parts[0], word.parts[1:]
        assert isinstance(first, Literal)
        name, _, begins = first.text.partition("=")
        value = self.value(Word((Literal(begins, False), *others), word.text), is_assignment=True)
        is_open = value is None or bool(set(value) & set("*?[ \t\n"))
        return None if is_open or self.dialect.name != "bash" else f"{name}={value}"

    def _is_modified(self, word: Word, at: int) -> bool:
        """Whether zsh reads the text after a parameter as part of it: `$x[1]`, `$x:h`."""
        if self.dialect.name != "zsh" or not isinstance(word.parts[at], Parameter) or at + 1 >= len(word.parts):
            return False
        behind = word.parts[at + 1]
        return isinstance(behind, Literal) and re.match(r"\[|:[a-zA-Z&]", behind.text) is not None

    def _split(self, part: Part, *, is_modified: bool) -> Iterator[tuple[Piece | None, bool]]:
        """The pieces of a part, each with whether a new field starts before it."""
        if isinstance(part, Parameter) and (part.name in ("@", "*") or part.name.endswith(("[@]", "[*]"))):
            yield from self._positional(part)
            return
        for piece in self._unsplit(part):
            is_open = piece.may_split and not piece.quoted
            if is_modified:
                yield Piece(None, piece.quoted, piece.may_split), False
                continue
            if is_open and piece.text == "":
                continue  # it disappears instead of becoming an empty argument
            if piece.text is None or not is_open or not self._splits(part):
                yield piece, False
                continue
            text, blanks = piece.text, self._separators()
            if blanks is not None and not set(blanks) & set(text):
                yield piece, False
                continue
            if blanks is None or set(blanks) & set(text) - _BLANKS or not set(text) & _BLANKS <= set(blanks):
                yield Piece(None, False, True), False  # separators other than blanks follow different rules
                continue
            for at, each in enumerate(re.findall(r"[^ \t\n]+", text)):
                yield Piece(each, False), at > 0 or text[:1] in _BLANKS
            if text[-1:] in _BLANKS:
                yield None, True

    def _separators(self) -> str | None:
        """The characters that split an unquoted value; None if unknown."""
        return " \t\n" if self.state.is_unset("IFS") else self.state.value("IFS")

    def _splits(self, part: Part) -> bool:
        """Whether an unquoted part is split; zsh splits the output of a command, but not a variable."""
        return self.dialect.splits or isinstance(part, Output)

    def _positional(self, part: Parameter) -> Iterator[tuple[Piece | None, bool]]:
        name, bracket, _ = part.name.partition("[")
        given = self.state.arrays.get(name) if bracket else self.state.arguments
        if bracket:
            self.ends = self.ends or None if given is None else self.ends  # only bash and zsh have arrays
        if given is None or self.state.is_lost or part.operator or (part.quoted and "*" in part.name):
            yield Piece(None, False, True), False
            return
        for at, each in enumerate(given):
            blanks = self._separators()
            if not part.quoted and not (each and blanks is not None and not set(each) & {*blanks, *_BLANKS}):
                yield Piece(None, False, True), at > 0  # it is split again, or disappears
            else:
                yield Piece(each, part.quoted), at > 0

    # -- parts ---------------------------------------------------------------------------------------------------------

    def _unsplit(self, part: Part) -> Iterator[Piece]:
        match part:
            case Literal(text=text, quoted=quoted):
                yield Piece(text, quoted)
            case Parameter(quoted=quoted):
                yield from self._parameter(part)
            case Output(script=script, quoted=quoted):
                printed = self.outputs(script, self.state)
                yield Piece(None if printed is None else printed.rstrip("\n"), quoted, True)
            case Arithmetic():
                yield Piece(self._number(part), True)
            case Dark(quoted=quoted):
                self._touch(part)
                yield Piece(None, quoted, not quoted)

    def _number(self, part: Arithmetic) -> str | None:
        """The value of an expression, after applying what it sets."""
        number = evaluated(part.text, self.state.value)
        if not self.dialect.has_bash_grammar and re.search(r"\+\+|--", part.text):
            self.ends = self.ends or None  # an error in dash
        for name in part.effect.reads:
            value = self.state.value(name)
            if value is None or not INTEGER.fullmatch(value):
                self.ends = self.ends or None  # not a number: an error, or another expression to evaluate
            if value is not None and not INTEGER.fullmatch(value):
                self.state = self.state.blurred()
        ends = self.ends
        self._touch(part.effect)
        if ends is not True and self.ends and self.dialect.name != "bash":
            self.ends = None  # others take a variable that isn't set for 0, or drop the command
        if assigned := re.fullmatch(r"\s*(\w+)\s*=(?!=)(.*)", part.text, re.DOTALL):
            number = evaluated(assigned[2], self.state.value) if part.effect.sets == (assigned[1],) else None
            if number is not None:
                self._set(assigned[1], str(number))
        return None if number is None else str(number)

    def _touch(self, part: Dark) -> None:
        """Apply the reads and possible assignments of an expansion that isn't followed."""
        for name in part.reads:
            self._miss(name)
        if part.sets is None:
            self.state = self.state.blurred()
        for name in part.sets or ():
            self._set(name, None)
        if part.may_end:
            self.ends = self.ends or None

    def _parameter(self, part: Parameter) -> Iterator[Piece]:
        """`$name`, with any operator applied; the word after the operator is expanded only if the operator uses it."""
        value = self._own(part.name)
        kind = part.operator.lstrip(":")
        is_there = self._is_there(part.name, value, counts_empty=not part.operator.startswith(":"))
        if not part.operator:
            self._miss(part.name)
        elif kind == "?" and is_there is not True:
            is_sure = is_there is False and self.dialect.name != "sh"  # ksh continues if a program follows
            self.ends = True if is_sure else self.ends or None
        elif kind == "+":
            is_there = None if is_there is None else not is_there
        if not part.operator or kind == "?" or (is_there is True and kind != "+"):
            yield Piece("" if value is None and is_there is False else value, part.quoted, True)
        elif kind == "+" and is_there is True:
            yield Piece("", part.quoted, True)
        else:
            yield from self._instead(part, kind, is_sure=is_there is False)

    def _instead(self, part: Parameter, kind: str, *, is_sure: bool) -> Iterator[Piece]:
        """The word of `${name:-word}`, and the assignment that `${name:=word}` makes."""
        word = part.word or Word((), "")
        before = self.state
        if kind == "=":
            value = self.value(word)
            self._set(part.name, value if is_sure else None)
            yield Piece(value if is_sure else None, part.quoted, True)
            return
        if not is_sure:
            self.value(word)
            if self.state != before:
                self.state = self.state.blurred()
            yield Piece(None, part.quoted, True)
            return
        for inner in word.parts:
            for piece in self._unsplit(inner):
                if _is_bare(inner) and (piece.text or "").startswith("~"):
                    piece = piece._replace(text=None)
                # only the unquoted parts inside are split
                yield piece._replace(quoted=piece.quoted or part.quoted, may_split=not piece.quoted)

    def _own(self, name: str) -> str | None:
        """A parameter's own value; None if it is unknown or unset."""
        if name.isdigit() and name != "0" and not self.state.is_lost:
            given = self.state.arguments
            return None if given is None else given[int(name) - 1] if int(name) <= len(given) else ""
        if name == "#" and self.state.arguments is not None and not self.state.is_lost:
            return str(len(self.state.arguments))
        array, bracket, index = name.partition("[")
        if bracket:
            given = self.state.arrays.get(array, ())
            at = int(index[:-1]) if index[:-1].isdigit() else len(given)
            self.ends = self.ends if at < len(given) else self.ends or None
            return given[at] if at < len(given) else None
        return self.state.value(name) if re.fullmatch(r"[A-Za-z_]\w*", name) else None

    def _is_there(self, name: str, value: str | None, *, counts_empty: bool) -> bool | None:
        """Whether a parameter is set, and not empty if that matters; None if unknown."""
        if value == "" and not counts_empty:
            return False
        is_unset = self._is_unset(name)
        if is_unset is not False or counts_empty:
            return None if is_unset is None else not is_unset
        return None if value is None else bool(value)

    def _is_unset(self, name: str) -> bool | None:
        if name.isdigit() and name != "0":
            given = self.state.arguments
            return None if given is None or self.state.is_lost else int(name) > len(given)
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return None if name in "@*!" or "[" in name else False
        return self.state.is_unset(name)

    def _miss(self, name: str) -> None:
        """With `set -u`, an unset variable ends the shell."""
        if self.state.exits_on_unset is False or self._is_unset(name) is False or name in ("@", "*"):
            return
        is_sure = self.state.exits_on_unset and self._is_unset(name)
        self.ends = True if is_sure else self.ends or None

    def _set(self, name: str, value: str | None) -> None:
        if name in self.state.readonly:
            self.ends = self.ends or None
        elif name.isdigit() and self.dialect.name == "zsh":
            self.state = replace(self.state, arguments=None)
        elif name.isdigit() or not re.fullmatch(r"[A-Za-z_]\w*", name):
            self.ends = True  # only variables can be assigned
        else:
            self.state = self.state.assigned(name, value)

    def _finished(self, pieces: list[Piece], *, tilde: bool) -> Iterator[Field]:
        if any(piece.text is None for piece in pieces) or sum(len(piece.text or "") for piece in pieces) > LONGEST:
            pieces = [*pieces, Piece(None, False)]
            known = next(at for at, piece in enumerate(pieces) if piece.text is None)
            begins = "".join(piece.text or "" for piece in pieces[:known])
            yield Field(None, begins, any(p.text is None and p.may_split and not p.quoted for p in pieces))
            return
        text = "".join(piece.text or "" for piece in pieces)
        if tilde and text.startswith("~"):
            expanded = self._home(text)
            if expanded is None and self.dialect.name == "zsh":
                self.ends = self.ends or None  # an error if that user doesn't exist
            if expanded is None or "/" not in (first := pieces[0].text or "") + "/" * (len(pieces) == 1):
                yield Field(None)
                return
            user = first.partition("/")[0]
            home = expanded[: len(expanded) - len(text) + len(user)]
            pieces = [Piece(home, True), pieces[0]._replace(text=first[len(user) :]), *pieces[1:]]
            text = expanded
        if self.dialect.name == "zsh" and text.startswith("=") and not pieces[0].quoted:
            self.ends = self.ends or None
            yield Field(None)  # zsh's `=name`: the path of that program, or an error if there is none
            return
        yield from self._globbed(text, pieces)

    def _globbed(self, text: str, pieces: list[Piece]) -> Iterator[Field]:
        if self.dialect.name == "zsh" and any("[" in (piece.text or "") and not piece.quoted for piece in pieces):
            self.ends = self.ends or None  # a pattern, possibly an invalid one
        pattern = "".join(_as_pattern(piece) for piece in pieces)
        if not _has_glob(pieces) or self.state.globs is False:
            yield Field(text)
            return
        if self.dialect.name == "zsh" or not self.state.globs:
            self.ends = self.ends or None  # an error there if no file matches
        is_known = self.state.cwd is not None and self.state.globs and self.dialect.name != "zsh"
        if not is_known or self.state.value("GLOBIGNORE") != "":
            yield Field(None, re.split(r"[*?\[]", text)[0], True)
            return
        assert self.state.cwd is not None
        found = self.reader.glob(pattern, self.state.cwd)
        if self.state.is_touched:
            yield Field(None, re.split(r"[*?\[]", text)[0], True)
            return
        if not found:
            yield Field(text)
        for each in sorted(found):
            yield Field(each, pattern=text)

    # -- home ----------------------------------------------------------------------------------------------------------

    def _homes(self, text: str, *, before: str, is_assignment: bool) -> str | None:
        """Unquoted text with `~` expanded: at the start, and in an assignment also after each colon."""
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


def _is_all(word: Word) -> bool:
    return any(isinstance(part, Parameter) and part.name.endswith(("@", "[@]")) for part in word.parts)


def _is_bare(part: Part) -> bool:
    return isinstance(part, Literal) and not part.quoted


def _has_glob(pieces: list[Piece]) -> bool:
    bare = "".join("\0" if piece.quoted else piece.text or "" for piece in pieces)
    return "*" in bare or "?" in bare or bool(re.search(r"\[[^\]]+\]", bare))


def _as_pattern(piece: Piece) -> str:
    text = piece.text or ""
    return re.sub(r"([*?[])", r"[\1]", text) if piece.quoted else text
