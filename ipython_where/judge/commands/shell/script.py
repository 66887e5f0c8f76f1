"""What a shell script is made of, as far as it matters here: plain values, whichever parser made them.

Tested in `tests/judge/commands/shell/test_syntax.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class Literal(NamedTuple):
    """Text that stands as it is. Where it is not ``quoted``, `*`, `?`, `[` and a leading `~` have their meaning."""

    text: str
    quoted: bool


class Parameter(NamedTuple):
    """`$name`, or with an ``operator`` and its ``word``: `${name:-word}`, `${name=word}`, `${name?word}`, `${name:+word}`."""

    name: str
    quoted: bool
    operator: str = ""
    word: Word | None = None


class Output(NamedTuple):
    """`$(script)`: what a script prints."""

    script: Script
    quoted: bool


class Dark(NamedTuple):
    """What is not followed: arithmetic, `${x%y}`, `<(…)`, brace expansion.

    ``reads`` and ``sets`` are the variables that it looks at and changes, ``sets`` None where it may change any. ``may_end``:
    a shell or another ends where it cannot expand it.
    """

    quoted: bool
    reads: tuple[str, ...] = ()
    sets: tuple[str, ...] | None = ()
    may_end: bool = False


class Arithmetic(NamedTuple):
    """`$(( text ))`, and what that does besides having a value."""

    text: str
    effect: Dark


Part = Literal | Parameter | Output | Dark | Arithmetic


class Word(NamedTuple):
    """One word of a command before its expansion, and its source text."""

    parts: tuple[Part, ...]
    text: str


class Assignment(NamedTuple):
    """`name=word`, or `name+=word`; ``word`` None: an array of ``items``, or one element of it."""

    name: str
    word: Word | None
    appends: bool = False
    items: tuple[Word, ...] = ()


class Redirect(NamedTuple):
    """`>file`, `2>&1`, `<<word`. ``adjacent``: no blank divides it from the word before, as in `numpy>=1.0`.

    ``body`` is the text of a here-document.
    """

    operator: str
    descriptor: str | None
    word: Word | None
    text: str
    adjacent: bool
    body: Word | None = None


class Simple(NamedTuple):
    """A simple command: assignments, words, redirections; ``text`` is its source. ``declared`` are those of `export a=b`."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    text: str
    declared: tuple[Assignment, ...] = ()


class Chain(NamedTuple):
    """`first && second || third`: each operator with the command behind it."""

    first: Command
    rest: tuple[tuple[str, Command], ...]


class Negation(NamedTuple):
    """`! command`."""

    command: Command


class Pipeline(NamedTuple):
    """`a | b`: each in a process of its own."""

    commands: tuple[Command, ...]


class Group(NamedTuple):
    """`{ …; }`, or a subshell `( … )`, whose changes end with it."""

    body: Script
    is_subshell: bool


class Branches(NamedTuple):
    """`if`, as conditions with their bodies, and what stands behind `else`."""

    arms: tuple[tuple[Script, Script], ...]
    otherwise: Script | None


class Case(NamedTuple):
    """`case word in`: the body of the first arm is run that has a pattern which matches."""

    word: Word
    arms: tuple[tuple[tuple[Word, ...], Script], ...]


class For(NamedTuple):
    """`for name in words`; ``words`` None: the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script


class While(NamedTuple):
    """`while` and `until`: the condition is run at least once."""

    condition: Script
    body: Script
    is_until: bool


class Definition(NamedTuple):
    """A function: its body is run where it is called."""

    name: str
    body: Command


class Test(NamedTuple):
    """`[ … ]`, `[[ … ]]` and `(( … ))`: they start nothing, and end well or not. ``parts`` are expanded inside."""

    parts: tuple[Part, ...]


class Redirected(NamedTuple):
    """A command of several with redirections around it: none of it is run where they fail."""

    command: Command
    redirects: tuple[Redirect, ...]


Command = Simple | Chain | Negation | Pipeline | Group | Branches | Case | For | While | Definition | Test | Redirected


class Item(NamedTuple):
    """A command of a script; ``is_background`` where `&` follows it. ``line`` counts from 0."""

    command: Command
    is_background: bool
    line: int


Script = tuple[Item, ...]
