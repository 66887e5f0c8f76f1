"""The text of a shell script as values, by way of tree-sitter's grammar of bash: the one file that knows that library.

The grammar was made for editors: it guesses where a shell would refuse, and has its own idea of some corners. So only
what is understood for certain passes; everything else raises `NotUnderstood`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .script import (
    Assignment,
    Branches,
    Chain,
    Choice,
    Command,
    Dark,
    Definition,
    For,
    Group,
    Item,
    Literal,
    Negation,
    Output,
    Parameter,
    Part,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Test,
    While,
    Word,
)

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LIMIT = 100_000
"""Characters of a script that is looked into: a longer one was made by a program."""


class NotUnderstood(Exception):
    """The text is no script, or has something in it that is not followed."""


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parse_script(text: str, *, is_bash: bool) -> Script:
    """The commands of a script, for bash or for a POSIX shell, which knows less. Raises `NotUnderstood`."""
    if len(text) > LIMIT or "\0" in text:
        raise NotUnderstood
    try:
        source = text.encode("utf-8", "surrogateescape")  # the bytes that the shell gets
    except UnicodeEncodeError:
        raise NotUnderstood from None
    root = _parser().parse(source).root_node
    if root.has_error or (not is_bash and _is_of_bash(root)):
        raise NotUnderstood
    try:
        return _script(root.children)
    except RecursionError:
        raise NotUnderstood from None


_BASH_NODES = frozenset(
    "test_command array ansi_c_string translated_string process_substitution herestring_redirect "
    "&> &>> |& function (( += select c_style_for_statement subscript".split()
)


def _is_of_bash(root: Node) -> bool:
    """Whether something in it means another thing to a POSIX shell, or nothing."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _BASH_NODES and not (node.type == "test_command" and node.children[0].type == "["):
            return True
        waiting += node.children
    return False


def _check_gaps(node: Node) -> None:
    """Nothing but blanks stands between the parts of a command: the grammar has left nothing out."""
    whole, at = node.text or b"", node.start_byte
    for child in node.children:
        between = whole[at - node.start_byte : child.start_byte - node.start_byte]
        if between.replace(b"\\\n", b"").strip() or (between and not between.replace(b"\\\n", b"")):
            raise NotUnderstood  # the second: a word that goes on in the next line
        at = child.end_byte


_WORDS = frozenset(
    "word number string raw_string ansi_c_string translated_string concatenation simple_expansion expansion "
    "command_substitution process_substitution arithmetic_expansion brace_expression variable_name "
    "special_variable_name regex extglob_pattern test_operator $".split()
)
_SEPARATORS = (";", "\n", "&", ";;")


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "surrogateescape")


# -- commands ----------------------------------------------------------------------------------------------------------


def _script(nodes: Iterable[Node]) -> Script:
    items: list[Item] = []
    for node in nodes:
        if node.type == "&":
            if not items or items[-1].is_background:
                raise NotUnderstood
            items[-1] = items[-1]._replace(is_background=True)
        elif node.type not in _SEPARATORS and node.type != "comment":
            items.append(Item(_command(node), False, node.start_point[0]))
    return tuple(items)


def _command(node: Node) -> Command:
    read = _READERS.get(node.type)
    if read is None:
        raise NotUnderstood
    command: Command = read(node)
    return command


def _simple(node: Node) -> Command:
    assignments: list[Assignment] = []
    pieces: list[Node] = []
    redirects: list[Node] = []
    _check_gaps(node)
    for child in node.children:
        if child.type == "variable_assignment" and not pieces:
            assignments.append(_assignment(child))
        elif child.type == "command_name":
            if _text(child) == "!":  # a second negation, which the grammar takes for a name
                raise NotUnderstood
            pieces += child.children
        elif child.type in _WORDS:
            pieces.append(child)
        elif child.type.endswith("_redirect"):
            redirects.append(child)
        else:
            raise NotUnderstood
    simple = Simple(tuple(assignments), _joined(pieces), (), _text(node))
    return _spelled(_with_redirects(simple, redirects), node)


def _declaration(node: Node) -> Command:
    """`export A=b C`: its words are those of a command whose assignments are expanded like assignments."""
    words = [Word((Literal(node.children[0].type, False),), node.children[0].type)]
    assignments = []
    for child in node.children[1:]:
        if child.type == "variable_assignment":
            assignments.append(_assignment(child))
        elif child.type in _WORDS:
            words.append(_word([child]))
        else:
            raise NotUnderstood
    return Simple(tuple(assignments), tuple(words), (), _text(node))


def _assignments(node: Node) -> Command:
    each = [node] if node.type == "variable_assignment" else node.children
    return Simple(tuple(map(_assignment, each)), (), (), _text(node))


def _assignment(node: Node) -> Assignment:
    name, operator, *value = node.children
    if name.type != "variable_name" or len(value) > 1:
        raise NotUnderstood
    followed = [each for each in value if each.type in _WORDS]
    word = _word(followed) if followed or not value else None
    return Assignment(_text(name), word, operator.type == "+=")


def _redirected(node: Node) -> Command:
    body, redirects = None, []
    for child in node.children:
        if child.type.endswith("_redirect"):
            redirects.append(child)
        elif body is None:
            body = _command(child)
        else:
            raise NotUnderstood
    if body is None:  # `> file` alone
        body = Simple((), (), (), "")
    return _spelled(_with_redirects(body, redirects), node, is_simple=isinstance(body, Simple))


def _spelled(command: Command, node: Node, *, is_simple: bool = True) -> Command:
    """A simple command with the source that its redirections stand in, too."""
    return command._replace(text=_text(node)) if is_simple and isinstance(command, Simple) else command


def _redirected_last(command: Command, redirect: Redirect, more: tuple[Word, ...]) -> Command:
    """The command with the redirection, and the words behind it, at its last simple command: where the shell has it.

    The grammar puts it around a whole chain.
    """
    if isinstance(command, Simple):
        text = f"{command.text}{'' if redirect.adjacent else ' '}{redirect.text}".lstrip()
        return command._replace(words=(*command.words, *more), redirects=(*command.redirects, redirect), text=text)
    if isinstance(command, Chain):
        operator, last = command.rest[-1]
        return Chain(command.first, (*command.rest[:-1], (operator, _redirected_last(last, redirect, more))))
    if isinstance(command, Pipeline):
        return Pipeline((*command.commands[:-1], _redirected_last(command.commands[-1], redirect, more)))
    if isinstance(command, Negation):
        return Negation(_redirected_last(command.command, redirect, more))
    if more:
        raise NotUnderstood
    return command


class _Redirected(NamedTuple):
    """What a redirection's node holds: itself, and what follows a here-document on its first line."""

    redirects: tuple[Redirect, ...]
    words: tuple[Word, ...]
    behind: tuple[tuple[str, Command], ...]
    piped: tuple[Command, ...]


def _with_redirects(command: Command, nodes: list[Node]) -> Command:
    """The command with its redirections."""
    behind: tuple[tuple[str, Command], ...] = ()
    piped: tuple[Command, ...] = ()
    for node in nodes:
        read = _redirect(node)
        behind += read.behind
        piped += read.piped
        for redirect in read.redirects:
            command = _redirected_last(command, redirect, read.words if redirect is read.redirects[0] else ())
    if piped:
        command = Pipeline((command, *piped))
    return Chain(command, behind) if behind else command


def _redirect(node: Node) -> _Redirected:
    descriptor, operator, pending = None, "", ""
    words: list[Node] = []
    found = _Redirected((), (), (), ())
    for child in node.children:
        if child.type == "file_descriptor":
            descriptor = _text(child)
        elif child.type in ("heredoc_start", "heredoc_end"):
            continue
        elif child.type == "heredoc_body":
            if any(True for _ in _outputs(child)):
                raise NotUnderstood
        elif child.type in ("&&", "||"):
            pending = child.type
        elif child.type == "pipeline":
            found = found._replace(piped=tuple(_command(c) for c in child.children if c.type not in ("|", "|&")))
        elif child.type == "file_redirect":
            inner = _redirect(child)
            found = found._replace(redirects=found.redirects + inner.redirects, words=found.words + inner.words)
        elif child.type in _WORDS:
            words.append(child)
        elif pending:
            found = found._replace(behind=(*found.behind, (pending, _command(child))))
            pending = ""
        elif not child.is_named and not operator:
            operator = child.type
        else:
            raise NotUnderstood
    if not operator:
        raise NotUnderstood
    read = _joined(words)
    own, more = (read[:1], read[1:]) if not operator.startswith("<<") or operator == "<<<" else ((), read)
    adjacent = node.start_byte > 0 and not _byte_before(node).isspace()
    redirect = Redirect(operator, descriptor, own[0] if own else None, _text(node), adjacent)
    return found._replace(redirects=(redirect, *found.redirects), words=(*more, *found.words))


def _byte_before(node: Node) -> str:
    previous = node.prev_sibling
    return "x" if previous is not None and previous.end_byte == node.start_byte else " "


def _list(node: Node) -> Command:
    left, operator, right = node.children
    if operator.type not in ("&&", "||"):
        raise NotUnderstood
    first, last = _command(left), _command(right)
    if left.type == "list" and isinstance(first, Chain):
        return Chain(first.first, (*first.rest, (operator.type, last)))
    return Chain(first, ((operator.type, last),))


def _negation(node: Node) -> Command:
    if len(node.children) != 2:
        raise NotUnderstood
    return Negation(_command(node.children[1]))


def _pipeline(node: Node) -> Command:
    parts = [_command(child) for child in node.children if child.type not in ("|", "|&")]
    if isinstance(parts[0], Negation):  # `!` is the whole pipeline's
        return Negation(Pipeline((parts[0].command, *parts[1:])))
    return Pipeline(tuple(parts))


def _group(node: Node) -> Command:
    if node.children[0].type == "((":
        return Test(tuple(_outputs(node)))
    return Group(_script(node.children[1:-1]), node.type == "subshell")


def _if(node: Node) -> Command:
    arms, otherwise = [_arm(node)], None
    for child in node.children:
        if child.type == "elif_clause":
            arms.append(_arm(child))
        elif child.type == "else_clause":
            otherwise = _script(child.children[1:])
    return Branches(tuple(arms), otherwise)


def _arm(node: Node) -> tuple[Script, Script]:
    kinds = [child.type for child in node.children]
    then = kinds.index("then")
    body = [c for c in node.children[then + 1 :] if c.type not in ("elif_clause", "else_clause", "fi")]
    return _script(node.children[1:then]), _script(body)


def _case(node: Node) -> Command:
    bodies = []
    for item in (child for child in node.children if child.type == "case_item"):
        kinds = [child.type for child in item.children]
        body = item.children[kinds.index(")") + 1 :]
        if any(child.type in (";&", ";;&") for child in body):
            raise NotUnderstood
        bodies.append(_script(body))
    return Choice(tuple(bodies))


def _for(node: Node) -> Command:
    if node.children[0].type != "for":
        raise NotUnderstood
    kinds = [child.type for child in node.children]
    words = [child for child in node.children if child.type in _WORDS][1:]
    found = _joined(words) if "in" in kinds else None
    return For(_text(node.children[1]), found, _done(node.children[-1]))


def _while(node: Node) -> Command:
    return While(_script(node.children[1:-1]), _done(node.children[-1]))


def _done(node: Node) -> Script:
    if node.type != "do_group":
        raise NotUnderstood
    return _script(node.children[1:-1])


def _definition(node: Node) -> Command:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        raise NotUnderstood
    return Definition(_text(name), _command(body))


def _test(node: Node) -> Command:
    return Test(tuple(_outputs(node)))


def _unset(node: Node) -> Command:
    words = [Word((Literal(each.type, False),), each.type) for each in node.children[:1]]
    return Simple((), (*words, *(_word([each]) for each in node.children[1:])), (), _text(node))


def _outputs(node: Node) -> Iterator[Script]:
    """The scripts whose output is used somewhere inside."""
    for child in node.children:
        if child.type in ("command_substitution", "process_substitution"):
            yield _script(child.children[1:-1])
        else:
            yield from _outputs(child)


_READERS: dict[str, Any] = {
    "command": _simple,
    "test_command": _test,
    "declaration_command": _declaration,
    "unset_command": _unset,
    "variable_assignment": _assignments,
    "variable_assignments": _assignments,
    "redirected_statement": _redirected,
    "list": _list,
    "negated_command": _negation,
    "pipeline": _pipeline,
    "subshell": _group,
    "compound_statement": _group,
    "if_statement": _if,
    "case_statement": _case,
    "for_statement": _for,
    "while_statement": _while,
    "function_definition": _definition,
}


# -- words -------------------------------------------------------------------------------------------------------------


def _joined(nodes: list[Node]) -> tuple[Word, ...]:
    """Words: what stands without a blank between is one, though the grammar may have divided it."""
    groups: list[list[Node]] = []
    for node in nodes:
        if groups and groups[-1][-1].end_byte == node.start_byte:
            groups[-1].append(node)
        else:
            groups.append([node])
    return tuple(_word(each) for each in groups)


def _word(nodes: list[Node]) -> Word:
    parts = tuple(part for node in nodes for part in _parts(node))
    return Word(parts, "".join(map(_text, nodes)))


_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)


def _parts(node: Node) -> Iterator[Part]:
    text = _text(node)
    match node.type:
        case "concatenation":
            yield from _brace_or_parts(node)
        case "raw_string":
            yield Literal(text[1:-1], True)
        case "string":
            yield from _string(node)
        case "simple_expansion" | "expansion":
            yield _expansion(node, quoted=False)
        case "command_substitution":
            yield _output(node, quoted=False)
        case "word" | "number" | "variable_name" | "special_variable_name" | "test_operator" | "extglob_pattern":
            if node.children or _BRACES.search(text):
                yield Dark(False)
            else:
                yield from _bare(text)
        case "ansi_c_string" if "\\" not in text:
            yield Literal(text[2:-1], True)
        case "regex" | "ansi_c_string" | "translated_string" | "process_substitution" | _:
            if node.type == "process_substitution":
                yield Output(_script(node.children[1:-1]), False)
            yield Dark(True)


_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")


def _brace_or_parts(node: Node) -> Iterator[Part]:
    """The parts of a word that the grammar has cut up; with braces in it that would be expanded it is not followed."""
    if _BRACES.search(_text(node)) and any(c.type == "word" and "{" in _text(c) for c in node.children):
        yield Dark(False)
        return
    at = node.start_byte
    for child in node.children:
        if child.start_byte != at:
            raise NotUnderstood
        yield from _parts(child)
        at = child.end_byte


def _bare(text: str) -> Iterator[Part]:
    """Unquoted text: a backslash quotes the character behind it, and joins lines."""
    at = 0
    for found in _ESCAPE.finditer(text):
        if found.start() > at:
            yield Literal(text[at : found.start()], False)
        if found[1] != "\n":
            yield Literal(found[1], True)
        at = found.end()
    if text[at:].endswith("\\"):
        raise NotUnderstood
    if text[at:] or not text:
        yield Literal(text[at:], False)


def _string(node: Node) -> Iterator[Part]:
    """A double-quoted string. What is between its expansions is taken from the source: the grammar drops blanks."""
    whole = (node.text or b"")[:-1]
    at = 1
    yield Literal("", True)  # even an empty string is a word
    for child in node.children:
        if child.type in ('"', "string_content"):
            continue
        begin = child.start_byte - node.start_byte
        if child.type == "$":
            continue
        yield Literal(_unescaped(whole[at:begin]), True)
        yield _quoted(child)
        at = child.end_byte - node.start_byte
    yield Literal(_unescaped(whole[at:]), True)


def _unescaped(source: bytes) -> str:
    return re.sub(r"\\([$`\"\\\n])", lambda m: m[1].strip("\n"), source.decode("utf-8", "surrogateescape"))


def _quoted(node: Node) -> Part:
    if node.type in ("simple_expansion", "expansion"):
        return _expansion(node, quoted=True)
    if node.type == "command_substitution":
        return _output(node, quoted=True)
    return Dark(True)


def _output(node: Node, *, quoted: bool) -> Part:
    if node.children[0].type == "`" and b"\\" in (node.text or b""):
        raise NotUnderstood  # backslashes have rules of their own there
    return Output(_script(node.children[1:-1]), quoted)


_SIMPLE_NAME = re.compile(r"\w+|[@*#?$!-]")


def _expansion(node: Node, *, quoted: bool) -> Part:
    """`$name`, `${name}`, `${name:-word}`; any other form is not followed."""
    inside = [child for child in node.children if child.type not in ("$", "${", "}")]
    if any(True for _ in _outputs(node)):
        raise NotUnderstood
    if len(inside) == 1 and _SIMPLE_NAME.fullmatch(_text(inside[0])):
        return Parameter(_text(inside[0]), quoted)
    if len(inside) in (2, 3) and inside[0].type == "variable_name" and inside[1].type == ":-":
        if len(inside) == 2:
            return Parameter(_text(inside[0]), quoted, Word((), ""))
        return Parameter(_text(inside[0]), quoted, _word(inside[2:]))
    return Dark(quoted)
