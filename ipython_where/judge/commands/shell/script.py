"""What a shell script consists of, as far as it matters here: plain values that don't depend on the parser.

Tested in `tests/judge/commands/shell/test_syntax.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class Literal(NamedTuple):
    """Literal text; unless it is ``quoted``, `*`, `?`, `[` and a leading `~` keep their special meaning."""

    text: str
    quoted: bool


class Parameter(NamedTuple):
    """`$name`, or with an ``operator`` and its ``word``: `${name:-word}`, `${name=word}`, `${name?word}`, `${name:+word}`."""

    name: str
    quoted: bool
    operator: str = ""
    word: Word | None = None


class Output(NamedTuple):
    """`$(script)`: the output of a script."""

    script: Script
    quoted: bool


class Dark(NamedTuple):
    """An expansion that isn't followed: arithmetic, `${x%y}`, `<(…)`, brace expansion.

    ``reads`` and ``sets`` are the variables that it reads and changes; ``sets`` is None if it may change any.
    ``may_end``: some shell exits if it can't expand this.
    """

    quoted: bool
    reads: tuple[str, ...] = ()
    sets: tuple[str, ...] | None = ()
    may_end: bool = False


class Arithmetic(NamedTuple):
    """`$(( text ))`, and its side effects."""

    text: str
    effect: Dark


Part = Literal | Parameter | Output | Dark | Arithmetic


class Word(NamedTuple):
    """One word of a command before expansion, and its source text."""

    parts: tuple[Part, ...]
    text: str


class Assignment(NamedTuple):
    """`name=word` or `name+=word`; if ``word`` is None, it sets an array to ``items``, or one element of it."""

    name: str
    word: Word | None
    appends: bool = False
    items: tuple[Word, ...] = ()


class Redirect(NamedTuple):
    """`>file`, `2>&1`, `<<word`. ``adjacent``: no blank separates it from the word before, as in `numpy>=1.0`.

    ``body`` is the text of a here-document.
    """

    operator: str
    descriptor: str | None
    word: Word | None
    text: str
    adjacent: bool
    body: Word | None = None


class Simple(NamedTuple):
    """A simple command: assignments, words, redirections and its source ``text``. ``declared``: those of `export a=b`."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    text: str
    declared: tuple[Assignment, ...] = ()


class Chain(NamedTuple):
    """`first && second || third`: each operator with the command after it."""

    first: Command
    rest: tuple[tuple[str, Command], ...]


class Negation(NamedTuple):
    """`! command`."""

    command: Command


class Pipeline(NamedTuple):
    """`a | b`: each command runs in a process of its own."""

    commands: tuple[Command, ...]


class Group(NamedTuple):
    """`{ …; }`, or a subshell `( … )`, whose changes are lost when it ends."""

    body: Script
    is_subshell: bool


class Branches(NamedTuple):
    """`if`: conditions with their bodies, and what follows `else`."""

    arms: tuple[tuple[Script, Script], ...]
    otherwise: Script | None


class Case(NamedTuple):
    """`case word in`: the body of the first arm with a matching pattern runs."""

    word: Word
    arms: tuple[tuple[tuple[Word, ...], Script], ...]


class For(NamedTuple):
    """`for name in words`; if ``words`` is None, over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script


class While(NamedTuple):
    """`while` and `until`: the condition runs at least once."""

    condition: Script
    body: Script
    is_until: bool


class Definition(NamedTuple):
    """A function: its body runs when it is called."""

    name: str
    body: Command


class Test(NamedTuple):
    """`[ … ]`, `[[ … ]]` and `(( … ))`: they start nothing, and succeed or fail. ``parts`` are expanded inside."""

    parts: tuple[Part, ...]


class Redirected(NamedTuple):
    """A compound command with redirections around it: if they fail, none of it runs."""

    command: Command
    redirects: tuple[Redirect, ...]


Command = Simple | Chain | Negation | Pipeline | Group | Branches | Case | For | While | Definition | Test | Redirected


class Item(NamedTuple):
    """A command of a script; ``is_background`` if `&` follows it. ``line`` counts from 0."""

    command: Command
    is_background: bool
    line: int


Script = tuple[Item, ...]
