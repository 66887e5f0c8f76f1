"""A script's text becomes the commands that a shell reads in it, or is said not to be understood."""

from __future__ import annotations

import pytest

from ipython_where.judge.commands.shell.script import (
    Assignment,
    Chain,
    Dark,
    For,
    Group,
    Item,
    Literal,
    Negation,
    Output,
    Parameter,
    Pipeline,
    Redirect,
    Simple,
    Word,
)
from ipython_where.judge.commands.shell.syntax import parse_script
from ipython_where.judge.commands.shell.word_syntax import NotUnderstood


def word(text: str) -> Word:
    return Word((Literal(text, False),), text)


def simple(text: str) -> Simple:
    return Simple((), tuple(map(word, text.split())), (), text)


def only(text: str, *, is_bash: bool = True) -> object:
    (item,) = parse_script(text, is_bash=is_bash)
    return item.command


def parts(text: str) -> tuple[object, ...]:
    command = only(f"x {text}")
    assert isinstance(command, Simple)
    return tuple(part for each in command.words[1:] for part in each.parts)


def test_commands_stand_in_their_order() -> None:
    assert parse_script("pip list; pip check &\n# a comment\npip show x", is_bash=True) == (
        Item(simple("pip list"), False, 0),
        Item(simple("pip check"), True, 0),
        Item(simple("pip show x"), False, 2),
    )


def test_chains_pipes_and_groups() -> None:
    assert only("a && b || c") == Chain(simple("a"), (("&&", simple("b")), ("||", simple("c"))))
    assert only("! a | b") == Negation(Pipeline((simple("a"), simple("b"))))
    assert only("(a)") == Group((Item(simple("a"), False, 0),), True)
    assert only("for i in a b; do c; done") == For("i", (word("a"), word("b")), (Item(simple("c"), False, 0),))


def test_a_version_behind_a_bare_operator_is_a_redirection() -> None:
    """It stands close to the word before it, which no redirection that is meant does."""
    command = only("cd x && pip install numpy>=1.0 y")
    assert isinstance(command, Chain)
    ((_, install),) = command.rest
    assert isinstance(install, Simple)
    assert install.redirects == (Redirect(">", None, word("=1.0"), ">=1.0 y", True),)
    assert [each.text for each in install.words] == ["pip", "install", "numpy", "y"]
    assert install.text == "pip install numpy>=1.0 y"


def test_an_operator_of_a_test_is_a_word_of_any_other_command() -> None:
    """The grammar has a node of its own for a bare `==`, which POSIX does not know."""
    for text in ("pip install numpy == 1.2 six", "pip install numpy =~ 1.2"):
        assert only(text) == only(text, is_bash=False) == simple(text)


def test_quotes_are_told_from_what_they_protect() -> None:
    assert parts("'a>1'") == (Literal("a>1", True),)
    assert parts('"a  $b"') == (Literal("", True), Literal("a  ", True), Parameter("b", True), Literal("", True))
    assert parts(r"a\ b") == (Literal("a", False), Literal(" ", True), Literal("b", False))
    assert parts("$x${y:-z}") == (Parameter("x", False), Parameter("y", False, ":-", word("z")))
    assert parts("$(which pip)") == (Output((Item(simple("which pip"), False, 0),), False),)
    assert parts("{a,b}") == (Dark(False),)
    assert parts("$'a b'") == (Literal("a b", True),)
    assert parts(r"$'a\tb'") == (Dark(True),)


def test_a_here_document_may_be_written_to_a_file() -> None:
    command = only("cat <<EOF > install.sh\npip install x\nEOF")
    assert isinstance(command, Simple)
    assert [each.text for each in command.words] == ["cat"]
    assert [(each.operator, each.word and each.word.text) for each in command.redirects] == [
        ("<<", None),
        (">", "install.sh"),
    ]


def test_what_stands_together_is_one_word_though_the_grammar_divides_it() -> None:
    command = only("x a`b`c")
    assert isinstance(command, Simple)
    assert [each.text for each in command.words] == ["x", "a`b`c"]


def test_assignments_before_a_command_and_in_an_export() -> None:
    assert only("A=1 pip list") == Simple(
        (Assignment("A", word("1")),), (word("pip"), word("list")), (), "A=1 pip list"
    )
    assert only("export A=1 B") == Simple(
        (), (word("export"), word("B")), (), "export A=1 B", (Assignment("A", word("1")),)
    )


@pytest.mark.parametrize(
    "text", ['echo "open', "pip install )", "a ; ; b", "x " * 60_000, "a\0b", "select a in b; do c; done"]
)
def test_what_is_no_script_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse_script(text, is_bash=True)


@pytest.mark.parametrize(
    "text",
    [
        "if a; then fi",
        "if a; then # b\nfi",
        "if a; then b; else fi",
        "if a; then b; elif c; then fi",
        "for i in a; do done",
        "while a; do # b\ndone",
        "{ # a\n}",
        "( # a\n)",
        "case x in; esac",
    ],
)
def test_a_body_without_a_command_is_not_understood(text: str) -> None:
    """A syntax error in bash and dash, before which nothing runs; the grammar and zsh take it for one that does nothing."""
    with pytest.raises(NotUnderstood):
        parse_script(f"pip install six; {text}", is_bash=True)


def test_what_may_be_empty_is_understood() -> None:
    for text in (
        "case x in esac",
        "case x in\n# a\nesac",
        "case x in a) ;; esac",
        "if a; then b; fi # c",
        "f() { a; }",
    ):
        assert parse_script(text, is_bash=True)


@pytest.mark.parametrize("text", ["[[ -f x ]] && a", "a &> b", "a <<< b", "function f { a; }", "a=(1 2)", "a <(b)"])
def test_what_bash_alone_knows_is_not_understood_for_another_shell(text: str) -> None:
    parse_script(text, is_bash=True)
    with pytest.raises(NotUnderstood):
        parse_script(text, is_bash=False)


def test_a_character_at_which_the_parser_crashes_is_not_given_to_it() -> None:
    """The whole kernel would be gone. Emoji are read."""
    with pytest.raises(NotUnderstood):
        parse_script("\xb5\f\xa9\xce\x11\U000ef1fb{\U000cc559", is_bash=True)
    assert len(parse_script("echo {\U0001f389", is_bash=True)) == 1
