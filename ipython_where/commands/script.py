"""What a shell script is made of, as far as it matters here: plain values, whichever parser made them."""

from __future__ import annotations

from typing import NamedTuple


class Literal(NamedTuple):
    """Text that stands as it is. Where it is not ``quoted``, `*`, `?`, `[` and a leading `~` have their meaning."""

    text: str
    quoted: bool


class Parameter(NamedTuple):
    """`$name`, or `${name:-default}`; ``default`` counts where the variable is unset or empty."""

    name: str
    quoted: bool
    default: Word | None = None


class Output(NamedTuple):
    """`$(script)`: what a script prints."""

    script: Script
    quoted: bool


class Dark(NamedTuple):
    """What is not followed: arithmetic, `${x%y}`, `<(…)`, brace expansion."""

    quoted: bool


Part = Literal | Parameter | Output | Dark


class Word(NamedTuple):
    """One word of a command before its expansion, and its source text."""

    parts: tuple[Part, ...]
    text: str


class Assignment(NamedTuple):
    """`name=word`, or `name+=word`; ``word`` None: an array, which is not followed."""

    name: str
    word: Word | None
    appends: bool = False


class Redirect(NamedTuple):
    """`>file`, `2>&1`, `<<word`. ``adjacent``: no blank divides it from the word before, as in `numpy>=1.0`."""

    operator: str
    descriptor: str | None
    word: Word | None
    text: str
    adjacent: bool


class Simple(NamedTuple):
    """A simple command: assignments, words, redirections; ``text`` is its source."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    text: str


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


class Choice(NamedTuple):
    """`case`: at most one of the bodies is run."""

    bodies: tuple[Script, ...]


class For(NamedTuple):
    """`for name in words`; ``words`` None: the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Script


class While(NamedTuple):
    """`while` and `until`: the condition is run at least once."""

    condition: Script
    body: Script


class Definition(NamedTuple):
    """A function: its body is run where it is called."""

    name: str
    body: Command


class Test(NamedTuple):
    """`[[ … ]]` and `(( … ))`: they start nothing, and end well or not. ``outputs`` are the scripts inside."""

    outputs: tuple[Script, ...]


Command = Simple | Chain | Negation | Pipeline | Group | Branches | Choice | For | While | Definition | Test


class Item(NamedTuple):
    """A command of a script; ``is_background`` where `&` follows it. ``line`` counts from 0."""

    command: Command
    is_background: bool
    line: int


Script = tuple[Item, ...]
