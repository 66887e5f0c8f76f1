"""The text of a shell script as values, by way of tree-sitter's grammar of bash: the one file that knows that library.

The grammar was made for editors: it guesses where a shell would refuse, and has its own idea of some corners. So only
what is understood for certain passes; everything else raises `NotUnderstood`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from .arithmetic import read_arithmetic
from .script import (
    Arithmetic,
    Assignment,
    Branches,
    Case,
    Chain,
    Command,
    Definition,
    For,
    Group,
    Item,
    Literal,
    Negation,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Simple,
    Test,
    While,
    Word,
)
from .word_syntax import WORDS, NotUnderstood, WordReader, tested, text_of

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LIMIT = 40_000
"""Characters of a script that is looked into: a longer one was made by a program."""

_NODES = 12_000
"""Parts of a script that is looked into, its signs among them."""


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
    if root.has_error or root.descendant_count > _NODES:
        raise NotUnderstood
    _check(root, is_bash=is_bash)
    return _script(root.children)


_BASH_NODES = frozenset(
    "test_command array ansi_c_string translated_string process_substitution herestring_redirect "
    "&> &>> |& function (( += select c_style_for_statement subscript".split()
)
_DEEPEST = 100


def _check(root: Node, *, is_bash: bool) -> None:
    """Nothing in it means another thing to the shell, or is nested deeper than is followed."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if not is_bash and node.type in _BASH_NODES and not _is_single_test(node):
            raise NotUnderstood
        if depth > _DEEPEST:
            raise NotUnderstood
        if node.type in _HOLDING:
            _check_between(node)
        depth += node.type != "list"  # `a && b && c` is nested to the left
        waiting += [(child, depth) for child in node.children]


def _is_single_test(node: Node) -> bool:
    return node.type == "test_command" and node.children[0].type == "["


def _check_gaps(node: Node) -> None:
    """Nothing but blanks stands between the parts of a command: the grammar has left nothing out."""
    whole, at = node.text or b"", node.start_byte
    for child in node.children:
        between = whole[at - node.start_byte : child.start_byte - node.start_byte]
        blanks = between.replace(b"\\\n", b"")
        if blanks.strip(b" \t") or (between and not blanks):
            raise NotUnderstood  # the second: a word that goes on in the next line
        at = child.end_byte


_HOLDING = frozenset(
    "program list pipeline compound_statement subshell do_group if_statement elif_clause else_clause while_statement "
    "for_statement case_statement case_item command_substitution process_substitution negated_command".split()
)


def _check_between(node: Node) -> None:
    """Nothing but blanks stands between commands: the grammar drops a word that is an escaped blank."""
    whole, at = node.text or b"", node.start_byte
    for child in node.children:
        if whole[at - node.start_byte : child.start_byte - node.start_byte].replace(b"\\\n", b"").strip():
            raise NotUnderstood
        at = child.end_byte


_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SEPARATORS = (";", "\n", "&")
_KEYWORDS = frozenset("if then else elif fi for while until do done case esac select function { } [[ ]]".split())
"""What a shell takes for more than a word at the beginning of a command; the grammar does not always."""


# -- commands ----------------------------------------------------------------------------------------------------------


def _script(nodes: Iterable[Node]) -> Script:
    items: list[Item] = []
    may_end = False
    for node in nodes:
        if node.type in (";", "&") and not may_end:  # `;;`, or nothing before it
            raise NotUnderstood
        may_end = node.type not in ("comment", "\n", *_SEPARATORS)
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
            if text_of(child) == "!" or text_of(child) in _KEYWORDS:  # `! !`, `ls; fi`
                raise NotUnderstood
            pieces += child.children
        elif child.type in WORDS:
            if text_of(child) in ("{", "}"):  # a word to most shells, and an end to zsh
                raise NotUnderstood
            pieces.append(child)
        elif child.type.endswith("_redirect"):
            redirects.append(child)
        else:
            raise NotUnderstood
    simple = Simple(tuple(assignments), _READ.joined(pieces), (), text_of(node))
    return _spelled(_with_redirects(simple, redirects), node)


def _declaration(node: Node) -> Command:
    """`export A=b C`: its words are those of a command whose assignments are expanded like assignments."""
    words = [Word((Literal(node.children[0].type, False),), node.children[0].type)]
    assignments = []
    for child in node.children[1:]:
        if child.type == "variable_assignment":
            assignments.append(_assignment(child))
        elif child.type in WORDS:
            words.append(_READ.word([child]))
        else:
            raise NotUnderstood
    return Simple((), tuple(words), (), text_of(node), tuple(assignments))


def _assignments(node: Node) -> Command:
    each = [node] if node.type == "variable_assignment" else node.children
    return Simple(tuple(map(_assignment, each)), (), (), text_of(node))


def _assignment(node: Node) -> Assignment:
    name, operator, *value = node.children
    if len(value) > 1:
        raise NotUnderstood
    if name.type == "subscript":
        return Assignment(_subscripted(name), None)
    if name.type != "variable_name" or not _NAME.fullmatch(text_of(name)):  # `1=2` is a command
        raise NotUnderstood
    followed = [each for each in value if each.type in WORDS]
    word = _READ.word(followed) if followed or not value else None
    items = tuple(_READ.joined([c for c in value[0].children if c.type in WORDS])) if value and word is None else ()
    return Assignment(text_of(name), word, operator.type == "+=", items)


def _subscripted(node: Node) -> str:
    """The array that an element of is set; its index may be a plain number or name."""
    found = re.fullmatch(r"(\w+)\[\w+\]", text_of(node))
    if found is None:
        raise NotUnderstood
    return found[1]


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
    return command._replace(text=text_of(node)) if is_simple and isinstance(command, Simple) else command


def _redirected_last(command: Command, redirect: Redirect, more: tuple[Word, ...]) -> Command:
    """The command with the redirection, and the words behind it, at its last simple command: where the shell has it.

    The grammar puts it around a whole chain.
    """
    if isinstance(command, Simple):
        if redirect.adjacent and command.words and re.fullmatch(r"\{\w+\}", command.words[-1].text):
            raise NotUnderstood  # `exec {fd}> file`
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
    if isinstance(command, Redirected):
        return Redirected(command.command, (*command.redirects, redirect))
    return Redirected(command, (redirect,))


class _Behind(NamedTuple):
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


def _redirect(node: Node) -> _Behind:
    descriptor, operator, pending = None, "", ""
    is_quoted, body = False, None
    words: list[Node] = []
    found = _Behind((), (), (), ())
    for child in node.children:
        if child.type == "file_descriptor":
            descriptor = text_of(child)
        elif child.type == "heredoc_start":
            is_quoted = bool(set(text_of(child)) & set("'\"\\"))
        elif child.type == "heredoc_end":
            continue
        elif child.type == "heredoc_body":
            body = _READ.here_document(child, is_quoted=is_quoted)
        elif child.type in ("&&", "||"):
            pending = child.type
        elif child.type == "pipeline":
            found = found._replace(piped=tuple(_command(c) for c in child.children if c.type not in ("|", "|&")))
        elif child.type == "file_redirect":
            inner = _redirect(child)
            found = found._replace(redirects=found.redirects + inner.redirects, words=found.words + inner.words)
        elif child.type in WORDS:
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
    read = _READ.joined(words)
    own, more = (read[:1], read[1:]) if not operator.startswith("<<") or operator == "<<<" else ((), read)
    adjacent = node.start_byte > 0 and not _byte_before(node).isspace()
    redirect = Redirect(operator, descriptor, own[0] if own else None, text_of(node), adjacent, body)
    return found._replace(redirects=(redirect, *found.redirects), words=(*more, *found.words))


def _byte_before(node: Node) -> str:
    previous = node.prev_sibling
    return "x" if previous is not None and previous.end_byte == node.start_byte else " "


def _list(node: Node) -> Command:
    """`a && b || c`, which the grammar nests to the left."""
    rest: list[tuple[str, Command]] = []
    while node.type == "list":
        node, operator, right = node.children
        if operator.type not in ("&&", "||"):
            raise NotUnderstood
        rest.append((operator.type, _command(right)))
    first = _command(node)
    return Chain(first, tuple(reversed(rest)))


def _negation(node: Node) -> Command:
    if len(node.children) != 2:
        raise NotUnderstood
    return Negation(_command(node.children[1]))


def _pipeline(node: Node) -> Command:
    """The grammar takes the whole of `a && b > file` for the first command of `a && b > file | c`; a shell takes `b`."""
    groups: list[tuple[str, list[Command]]] = [("", [])]
    for child in node.children:
        if child.type not in ("|", "|&"):
            part = _command(child)
            groups[-1][1].append(part.first if isinstance(part, Chain) else part)
            groups += [(operator, [each]) for operator, each in part.rest] if isinstance(part, Chain) else []
    (_, first), *rest = groups
    return Chain(_piped(first), tuple((operator, _piped(each)) for operator, each in rest)) if rest else _piped(first)


def _piped(commands: list[Command]) -> Command:
    first, *others = commands
    if not others:
        return first
    if isinstance(first, Negation):  # `!` is the whole pipeline's
        return Negation(Pipeline((first.command, *others)))
    return Pipeline(tuple(commands))


def _group(node: Node) -> Command:
    if node.children[0].type == "((":
        inner = text_of(node)[2:-2]
        return Test((Arithmetic(inner, read_arithmetic(inner)), *_READ.inside(node)))
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
    word = _READ.joined([child for child in node.children if child.type in WORDS])
    arms = tuple(_case_item(child) for child in node.children if child.type == "case_item")
    if len(word) != 1:
        raise NotUnderstood
    return Case(word[0], arms)


def _case_item(node: Node) -> tuple[tuple[Word, ...], Script]:
    kinds = [child.type for child in node.children]
    if {";&", ";;&"} & set(kinds):
        raise NotUnderstood
    at = kinds.index(")")
    patterns = tuple(_READ.word([child]) for child in node.children[:at] if child.type not in ("(", "|"))
    return patterns, _script(child for child in node.children[at + 1 :] if child.type != ";;")


def _for(node: Node) -> Command:
    if node.children[0].type != "for" or not _NAME.fullmatch(text_of(node.children[1])):
        raise NotUnderstood
    kinds = [child.type for child in node.children]
    words = [child for child in node.children if child.type in WORDS][1:]
    found = _READ.joined(words) if "in" in kinds else None
    return For(text_of(node.children[1]), found, _done(node.children[-1]))


def _while(node: Node) -> Command:
    return While(_script(node.children[1:-1]), _done(node.children[-1]), node.children[0].type == "until")


def _done(node: Node) -> Script:
    if node.type != "do_group":
        raise NotUnderstood
    return _script(node.children[1:-1])


def _definition(node: Node) -> Command:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        raise NotUnderstood
    after = [child for child in node.children if child.type.endswith("_redirect")]
    return Definition(text_of(name), _with_redirects(_command(body), after))


def _test(node: Node) -> Command:
    text = text_of(node)
    if node.children[0].type == "[[":
        return Test((*_READ.inside(node), tested(text)))
    is_odd = re.search(r"(?<!\S)=[^\s=]|(?<!\S)==(?=\s)|[*?^#~<(]|\[(?!\s)", text)  # what zsh expands, or refuses
    return Test((*_READ.inside(node), *((Literal(text, False),) if is_odd else ())))


def _unset(node: Node) -> Command:
    words = [Word((Literal(each.type, False),), each.type) for each in node.children[:1]]
    return Simple((), (*words, *(_READ.word([each]) for each in node.children[1:])), (), text_of(node))


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

_READ = WordReader(_script)
