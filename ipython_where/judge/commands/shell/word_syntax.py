"""The words of a script, from tree-sitter's nodes: quotes, parameters, and what is expanded inside them.

Tested in `tests/judge/commands/shell/test_syntax.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from .arithmetic import read_arithmetic, set_by
from .script import Arithmetic, Dark, Literal, Output, Parameter, Part, Script, Simple, Word

if TYPE_CHECKING:
    from tree_sitter import Node


class NotUnderstood(Exception):
    """The text is not a script, or contains something that isn't followed."""


class NoGrammar(NotUnderstood):
    """No text is understood: the grammar of shell commands is not installed, or does not load."""


WORDS = frozenset(
    "word number string raw_string ansi_c_string translated_string concatenation simple_expansion expansion "
    "command_substitution process_substitution arithmetic_expansion brace_expression variable_name "
    "special_variable_name regex extglob_pattern test_operator $ == =~".split()
)
"""The nodes that are words of a command: the grammar has its own for a bare `==`, as in `pip install numpy == 1.2`."""


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode("utf-8", "surrogateescape")


def is_other_in_zsh(simple: Simple) -> bool:
    """Whether zsh reads a command in a way of its own: `>! file` is its `>| file`, and a `}` without a `{` is an error."""
    return any(each.word and each.word.text[:1] == "!" for each in simple.redirects) or any(
        bare.count("}") > bare.count("{") for bare in map(_unquoted, simple.words)
    )


def _unquoted(word: Word) -> str:
    return "".join(each.text for each in word.parts if isinstance(each, Literal) and not each.quoted)


_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_SIMPLE_NAME = re.compile(r"\w+|[@*#?$!-]")
_OPERATORS = (":-", "-", ":=", "=", ":?", "?", ":+", "+")


class WordReader:
    """Reads words; ``script`` reads the commands inside `$( … )`."""

    def __init__(self, script: Callable[[Iterable[Node]], Script]) -> None:
        self._script = script

    def joined(self, nodes: list[Node]) -> tuple[Word, ...]:
        """Join nodes into words: nodes without a blank between them are one word, even if the grammar split them."""
        groups: list[list[Node]] = []
        for node in nodes:
            if groups and groups[-1][-1].end_byte == node.start_byte:
                groups[-1].append(node)
            else:
                groups.append([node])
        return tuple(self.word(each) for each in groups)

    def word(self, nodes: list[Node]) -> Word:
        """One word, from nodes that follow each other without a blank."""
        parts = tuple(part for node in nodes for part in self._parts(node))
        return Word(parts, "".join(map(text_of, nodes)))

    def inside(self, node: Node) -> Iterator[Part]:
        """Everything that is expanded anywhere inside a node, whatever its type."""
        for child in node.children:
            if child.type in ("expansion", "simple_expansion", "command_substitution", "arithmetic_expansion"):
                yield from (part for part in self._parts(child) if not isinstance(part, Literal))
            elif child.type == "process_substitution":
                yield Output(self._script(child.children[1:-1]), False)
            else:
                yield from self.inside(child)

    def here_document(self, node: Node, *, is_quoted: bool) -> Word:
        """The text of a here-document."""
        if is_quoted:
            return Word((Literal(text_of(node), True),), text_of(node))
        parts: list[Part] = []
        whole, at = node.text or b"", 0
        for child in node.children:
            if child.type == "heredoc_content":
                continue
            parts.append(_unescaped_part(whole[at : child.start_byte - node.start_byte]))
            parts.append(self._quoted(child))
            at = child.end_byte - node.start_byte
        return Word((*parts, _unescaped_part(whole[at:])), text_of(node))

    def _parts(self, node: Node) -> Iterator[Part]:
        text = text_of(node)
        match node.type:
            case "concatenation":
                yield from self._brace_or_parts(node)
            case "raw_string":
                yield Literal(text[1:-1], True)
            case "string":
                yield from self._string(node)
            case "simple_expansion" | "expansion":
                yield self._expansion(node, quoted=False)
            case "command_substitution":
                yield self._output(node, quoted=False)
            case "arithmetic_expansion":
                yield self._arithmetic(node)
            case (
                "word"
                | "number"
                | "variable_name"
                | "special_variable_name"
                | "test_operator"
                | "extglob_pattern"
                | "=="
                | "=~"
            ):
                if node.children or _has_braces(text):
                    yield from self.inside(node)
                    yield Dark(False)
                else:
                    yield from _bare(text)
            case "ansi_c_string" if "\\" not in text:
                yield Literal(text[2:-1], True)
            case "process_substitution":
                yield Output(self._script(node.children[1:-1]), False)
                yield Dark(True)
            case _:
                yield from self.inside(node)
                yield Dark(True)

    def _brace_or_parts(self, node: Node) -> Iterator[Part]:
        """The parts of a word that the grammar has split; a word with braces that would be expanded isn't followed."""
        if _has_braces(text_of(node)) and any(c.type == "word" and "{" in text_of(c) for c in node.children):
            yield from self.inside(node)
            yield Dark(False)
            return
        at = node.start_byte
        for child in node.children:
            if child.start_byte != at:
                raise NotUnderstood
            yield from self._parts(child)
            at = child.end_byte

    def _string(self, node: Node) -> Iterator[Part]:
        """A double-quoted string. The text between expansions comes from the source: the grammar drops blanks."""
        whole = (node.text or b"")[:-1]
        at = 1
        yield Literal("", True)  # even an empty string is a word
        for child in node.children:
            if child.type in ('"', "string_content"):
                continue
            begin = child.start_byte - node.start_byte
            if child.type == "$":
                if whole[begin + 1 : begin + 2] in (b"=", b"~", b"^", b"+"):
                    yield Dark(True)  # zsh's own expansions
                continue
            yield Literal(_unescaped(whole[at:begin]), True)
            yield self._quoted(child)
            at = child.end_byte - node.start_byte
        yield Literal(_unescaped(whole[at:]), True)

    def _quoted(self, node: Node) -> Part:
        if node.type in ("simple_expansion", "expansion"):
            return self._expansion(node, quoted=True)
        if node.type == "command_substitution":
            return self._output(node, quoted=True)
        if node.type == "arithmetic_expansion":
            return self._arithmetic(node)
        raise NotUnderstood

    def _output(self, node: Node, *, quoted: bool) -> Part:
        if node.children[0].type == "`" and b"\\" in (node.text or b""):
            raise NotUnderstood  # backslashes follow different rules there
        return Output(self._script(node.children[1:-1]), quoted)

    def _arithmetic(self, node: Node) -> Part:
        if any(isinstance(part, Output) for part in self.inside(node)):
            raise NotUnderstood
        text = text_of(node)
        inner = text[3:-2] if text.startswith("$((") else text[2:-1]
        return Arithmetic(inner, read_arithmetic(inner))

    def _expansion(self, node: Node, *, quoted: bool) -> Part:
        """`$name`, `${name}`, `${name:-word}` and the like; for any other form, only its side effects."""
        inside = [child for child in node.children if child.type not in ("$", "${", "}")]
        first = text_of(inside[0]) if inside else ""
        if node.type == "simple_expansion" and len(first) > 1 and first.isdigit():
            raise NotUnderstood  # `$10` is `${1}0`, or the tenth parameter
        if len(inside) == 1 and _SIMPLE_NAME.fullmatch(first):
            return Parameter(first, quoted)
        if len(inside) >= 2 and _SIMPLE_NAME.fullmatch(first) and inside[1].type in _OPERATORS:
            word = self.word(inside[2:]) if inside[2:] else Word((), "")
            if text_of(node) != f"${{{first}{inside[1].type}{word.text}}}":
                raise NotUnderstood  # the grammar has dropped blanks
            return Parameter(first, quoted, inside[1].type, word)
        if any(isinstance(part, Output) for part in self.inside(node)):
            raise NotUnderstood
        element = re.fullmatch(r"\$\{(\w+\[(?:@|\*|\d{1,4})\])\}", text_of(node))
        return Parameter(element[1], quoted) if element else _unfollowed(text_of(node), quoted)


def _unfollowed(text: str, quoted: bool) -> Dark:
    """`${#x}`, `${x%y}`, `${x/y/z}`, `${x[1]}`: the resulting text stays unknown."""
    if "@" in text.replace("[@]", "").replace("@}", "}") or "::=" in text or "(" in text or _BACKQUOTE.search(text):
        raise NotUnderstood  # `${x@P}` and zsh's flags run the variable's contents, backquotes what is in them
    trimmed = re.fullmatch(r"\$\{(\w+)(##?|%%?)[^=`$]*\}", text)
    counted = re.fullmatch(r"\$\{#(\w+)\}", text)
    if found := trimmed or counted:
        return Dark(quoted, (found[1],))
    names = tuple(re.findall(r"\w+", text)[:1])
    return Dark(quoted, names, None if "=" in text or "++" in text or "--" in text else (), may_end=True)


_BRACES = re.compile(r"\{([^{}]*)\}")


def _has_braces(text: str) -> bool:
    """Whether a shell expands it to several words: `{a,b}`, `{1..3}`."""
    return any("," in found[1] or ".." in found[1] for found in _BRACES.finditer(text))


_BACKQUOTE = re.compile(r"(?<!\\)(?:\\\\)*`")


def _bare(text: str) -> Iterator[Part]:
    """Unquoted text: a backslash quotes the next character, and joins lines."""
    at = 0
    if text.startswith("\n"):  # `\\rm` on the next line, which the grammar reads as an argument
        raise NotUnderstood
    if _BACKQUOTE.search(text):  # `${x:-`pip list`}`: the grammar knows it as a command outside of `${…}` only
        raise NotUnderstood
    for found in _ESCAPE.finditer(text):
        if found.start() > at:
            yield Literal(text[at : found.start()], False)
        if found[1] != "\n":
            yield Literal(found[1], True)
        at = found.end()
    if text[at:].endswith("\\") or "$" in text[at:].rstrip("$"):
        raise NotUnderstood
    if text[at:] or not text:
        yield Literal(text[at:], False)


def _unescaped(source: bytes) -> str:
    return re.sub(r"\\([$`\"\\\n])", lambda m: m[1].strip("\n"), source.decode("utf-8", "surrogateescape"))


def _unescaped_part(source: bytes) -> Part:
    """Text of a here-document, in which the grammar recognizes neither `$1` nor a command in backquotes."""
    if _RUNS.search(source):
        raise NotUnderstood
    is_open = re.search(rb"[\\`]|\$[\w{(@*#?!$-]", source) is not None
    return Dark(True) if is_open else Literal(source.decode("utf-8", "surrogateescape"), True)


_RUNS = re.compile(rb"(?<!\\)(?:\\\\)*(?:`|\$[({[])")
"""An unescaped character that runs something, or may set a variable."""


def tested(text: str) -> Dark:
    """`[[ … ]]`: the operands of `-eq` and the like are arithmetic."""
    if not re.search(r"-(?:eq|ne|lt|le|gt|ge)\b", text):
        return Dark(True)
    return Dark(True, (), None if set_by(text) or "[" in text[2:-2] else (), may_end=True)
